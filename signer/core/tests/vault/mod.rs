//! Vault, keys, signatures, keyring and backup, from outside of the crate.

mod backup;
mod interop;
mod keyring;
mod keystore;
mod kills;
mod lifecycle;
mod memory;
mod signatures;
mod tampering;

use std::path::Path;
use std::sync::Arc;

use parlance_signer_core::clock::ManualClock;
use parlance_signer_core::keyring::KeyringSecret;
use parlance_signer_core::keys::{Label, Password, Phrase, SecretText};
use parlance_signer_core::vault::{DataFolder, KdfParameters, Protection, Vault};

/// The phrase of every development chain.
const TEST_PHRASE: &str = "test test test test test test test test test test test junk";
const PASSWORD: &str = "correct horse battery staple";

fn password(text: &str) -> Password {
    Password::new(text.to_owned()).unwrap()
}

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

fn phrase(words: &str) -> Phrase {
    Phrase::import(&SecretText::new(words.to_owned())).unwrap()
}

fn secret() -> KeyringSecret {
    KeyringSecret::from_bytes(&[42; 32]).unwrap()
}

fn manual_clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(1_800_000_000, "boot a", 100_000))
}

/// A vault with the test phrase's first account, unlocked.
fn vault_in(path: &Path, clock: &Arc<ManualClock>, protection: Protection) -> Vault {
    let folder = Arc::new(DataFolder::open(path).unwrap());
    let cheap = KdfParameters::cheap_for_tests();
    let mut vault = Vault::create(folder, clock.clone(), protection, &password(PASSWORD), cheap, 0).unwrap();
    vault.add_phrase(phrase(TEST_PHRASE), None, label("Main")).unwrap();
    vault
}
