//! Backups: what goes in comes out, on another computer, under other protection.

use std::sync::Arc;

use alloy_primitives::address;
use parlance_signer_core::SignerError;
use parlance_signer_core::backup::{Blob, OpenBackup};
use parlance_signer_core::keys::PrivateKey;
use parlance_signer_core::vault::{DataFolder, KdfParameters, KeyringUse, Protection, Vault};

use super::{PASSWORD, label, manual_clock, password, secret, vault_in};

#[test]
fn a_backup_restores_keys_accounts_rules_and_contacts() {
    let parent = tempfile::tempdir().unwrap();
    let clock = manual_clock();
    let mut vault = vault_in(&parent.path().join("data"), &clock, Protection::Keyring(secret()));
    vault.add_agents_account(0, label("Agents")).unwrap();
    vault.import_key(PrivateKey::from_hex(&"4c".repeat(32)).unwrap(), label("Old key")).unwrap();
    vault.watch(address!("0x0707070707070707070707070707070707070707"), label("Treasury")).unwrap();
    let blobs = [
        Blob { name: "rules.cedar".into(), bytes: b"permit(principal, action, resource);".to_vec() },
        Blob { name: "contacts.json".into(), bytes: vec![0, 255, 7] },
        Blob { name: "empty".into(), bytes: Vec::new() },
    ];
    let cheap = KdfParameters::cheap_for_tests();
    let own = password("of this backup only");
    let file = vault.back_up(&password(PASSWORD), &own, cheap, &blobs, 1_800_000_000).unwrap();
    let readable = String::from_utf8_lossy(&file);
    for word in ["Agents", "rules.cedar", "permit", "Treasury"] {
        assert!(!readable.contains(word), "{word} can be read");
    }

    let backup = OpenBackup::open(&file, &own).unwrap();
    assert_eq!(backup.accounts(), vault.accounts());
    assert_eq!(backup.blobs(), blobs);
    assert_eq!(backup.blob("contacts.json"), Some([0, 255, 7].as_slice()));
    assert_eq!(backup.blob("nothing"), None);
    assert_eq!((backup.made_at(), backup.generation()), (1_800_000_000, vault.generation()));

    let folder = Arc::new(DataFolder::open(parent.path().join("restored")).unwrap());
    let new = password("a wholly new password");
    let restored = Vault::restore(folder, clock.clone(), Protection::PasswordOnly, &new, cheap, 3, &backup).unwrap();
    assert_eq!(restored.accounts(), vault.accounts());
    assert!(restored.generation() > vault.generation());
    assert_eq!(restored.status().keyring, KeyringUse::None);
    for account in vault.accounts() {
        match vault.key(account.address) {
            Ok(key) => assert_eq!(restored.key(account.address).unwrap(), key),
            Err(error) => assert!(matches!(error, SignerError::WatchOnly { .. })),
        }
    }

    // It can be opened again, and a vault that is there is never overwritten.
    let path = restored.folder().path().to_owned();
    drop(restored);
    let folder = Arc::new(DataFolder::open(&path).unwrap());
    let mut again = Vault::open(Arc::clone(&folder), clock.clone(), None).unwrap();
    again.unlock(&new).unwrap();
    assert_eq!(again.accounts(), vault.accounts());
    let refused = Vault::restore(folder, clock, Protection::PasswordOnly, &new, cheap, 0, &backup).unwrap_err();
    assert!(matches!(refused, SignerError::VaultExists { .. }));
}

#[test]
fn a_backup_asks_for_the_vaults_password_and_a_long_one_of_its_own() {
    let parent = tempfile::tempdir().unwrap();
    let mut vault = vault_in(&parent.path().join("data"), &manual_clock(), Protection::Keyring(secret()));
    let cheap = KdfParameters::cheap_for_tests();
    let own = password("of this backup only");
    assert!(matches!(
        vault.back_up(&password(PASSWORD), &password("only thirteen"), cheap, &[], 0),
        Err(SignerError::PasswordTooShort { got: 13, expected: 14 })
    ));
    assert!(matches!(vault.back_up(&password("wrong password"), &own, cheap, &[], 0), Err(SignerError::WrongPassword { .. })));
}
