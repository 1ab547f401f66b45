//! A vault's life: made, locked, opened again, changed, exported.

use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::{Address, address};
use parlance_signer_core::SignerError;
use parlance_signer_core::clock::SystemClock;
use parlance_signer_core::keyring::KeyringSecret;
use parlance_signer_core::keys::keystore::{self, ScryptCost};
use parlance_signer_core::keys::{AccountSource, NewPhrase, PrivateKey, Purpose, SecretText, WordCount};
use parlance_signer_core::vault::{DataFolder, KdfParameters, KeyringUse, Protection, Vault};

use super::{PASSWORD, TEST_PHRASE, label, manual_clock, password, phrase, secret, vault_in};

const FIRST: Address = address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
const SECOND: Address = address!("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
const AGENTS: Address = address!("0x8C8d35429F74ec245F8Ef2f4Fd1e551cFF97d650");

#[test]
fn accounts_of_every_kind_survive_a_restart() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("data");
    let clock = manual_clock();
    let mut vault = vault_in(&path, &clock, Protection::Keyring(secret()));
    assert_eq!(vault.add_next_account(0, label("Savings")).unwrap().address, SECOND);
    let agents = vault.add_agents_account(0, label("Agents")).unwrap();
    assert_eq!((agents.address, agents.purpose), (AGENTS, Purpose::Agents));
    let imported = PrivateKey::from_hex(&"4c".repeat(32)).unwrap();
    let imported = vault.import_key(imported, label("Old key")).unwrap().address;
    let watched = Address::repeat_byte(7);
    vault.watch(watched, label("Treasury")).unwrap();
    vault.rename(FIRST, label("Everyday")).unwrap();
    let second_phrase = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
    let trezor = vault.add_phrase(phrase(second_phrase), Some(password("TREZOR")), label("With passphrase")).unwrap();
    assert!(matches!(trezor.source, AccountSource::Derived { phrase: 1, .. }));
    let accounts = vault.accounts().to_vec();
    assert_eq!(accounts.len(), 6);
    let generation = vault.generation();
    drop(vault);

    let folder = Arc::new(DataFolder::open(&path).unwrap());
    let mut vault = Vault::open(folder, clock, Some(secret())).unwrap();
    // Known while locked; the keys are not.
    assert_eq!(vault.accounts(), accounts);
    assert!(matches!(vault.key(FIRST), Err(SignerError::Locked)));
    vault.unlock(&password(PASSWORD)).unwrap();
    assert_eq!(vault.accounts(), accounts);
    assert_eq!(vault.generation(), generation);
    for account in [FIRST, SECOND, AGENTS, imported, trezor.address] {
        assert_eq!(vault.key(account).unwrap().address(), account);
    }
    assert!(matches!(vault.key(watched), Err(SignerError::WatchOnly { .. })));
    assert!(matches!(vault.key(Address::ZERO), Err(SignerError::UnknownAccount { .. })));
    let status = vault.status();
    assert!(status.unlocked && status.keyring == KeyringUse::Keyring && !status.keyring_missing);
    assert!(status.memory_locked.is_some());

    vault.lock();
    assert!(matches!(vault.key(FIRST), Err(SignerError::Locked)));
    assert!(matches!(vault.rename(FIRST, label("x")), Err(SignerError::Locked)));
    assert_eq!(vault.status().memory_locked, None);
}

#[test]
fn nothing_is_there_twice() {
    let parent = tempfile::tempdir().unwrap();
    let mut vault = vault_in(&parent.path().join("data"), &manual_clock(), Protection::PasswordOnly);
    let again = vault.add_phrase(phrase(TEST_PHRASE), None, label("Again")).unwrap_err();
    assert!(matches!(again, SignerError::AccountExists { .. }), "{again}");
    assert!(vault.watch(FIRST, label("Again")).is_err());
    vault.add_agents_account(0, label("Agents")).unwrap();
    assert!(vault.add_agents_account(0, label("Agents")).is_err());
    assert!(matches!(vault.add_next_account(1, label("x")), Err(SignerError::UnknownAccount { .. })));
    // The next number is taken by an imported key: it goes on to the one after it.
    let taken = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
    assert_eq!(vault.import_key(PrivateKey::from_hex(taken).unwrap(), label("Taken")).unwrap().address, SECOND);
    let next = vault.add_next_account(0, label("Next")).unwrap();
    assert_eq!(next.address, address!("0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"));
    let folder = Arc::clone(vault.folder());
    let cheap = KdfParameters::cheap_for_tests();
    let another = Vault::create(folder, manual_clock(), Protection::PasswordOnly, &password(PASSWORD), cheap, 0).unwrap_err();
    assert!(matches!(another, SignerError::VaultExists { .. }));
}

#[test]
fn without_a_keyring_it_takes_an_explicit_choice_and_a_longer_password() {
    let parent = tempfile::tempdir().unwrap();
    let folder = Arc::new(DataFolder::open(parent.path().join("data")).unwrap());
    let cheap = KdfParameters::cheap_for_tests();
    for (protection, text, least) in
        [(Protection::Keyring(secret()), "seven77", 8), (Protection::PasswordOnly, "only thirteen", 14), (Protection::PlayMoney, "", 1)]
    {
        let refused = Vault::create(Arc::clone(&folder), manual_clock(), protection, &password(text), cheap, 0);
        match refused.unwrap_err() {
            SignerError::PasswordTooShort { expected, .. } => assert_eq!(expected, least),
            other => panic!("{other}"),
        }
        assert!(!Vault::exists(&folder));
    }
    let vault = Vault::create(folder, manual_clock(), Protection::PasswordOnly, &password("fourteen chars"), cheap, 0).unwrap();
    assert_eq!(vault.status().keyring, KeyringUse::None);
}

#[test]
fn a_vault_with_keyring_needs_its_own_secret() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("data");
    drop(vault_in(&path, &manual_clock(), Protection::Keyring(secret())));

    let folder = Arc::new(DataFolder::open(&path).unwrap());
    let mut without = Vault::open(Arc::clone(&folder), manual_clock(), None).unwrap();
    assert!(without.status().keyring_missing);
    assert!(without.accounts().is_empty());
    assert!(matches!(without.unlock(&password(PASSWORD)), Err(SignerError::KeyringSecretMissing)));
    // Nobody guessed at anything.
    assert_eq!(without.status().failures, 0);

    let other = KeyringSecret::from_bytes(&[43; 32]).unwrap();
    let mismatch = Vault::open(Arc::clone(&folder), manual_clock(), Some(other)).unwrap_err();
    assert!(matches!(mismatch, SignerError::KeyringMismatch), "{mismatch}");

    // And one without keyring never takes one in silently.
    let plain = parent.path().join("plain");
    drop(vault_in(&plain, &manual_clock(), Protection::PasswordOnly));
    let folder = Arc::new(DataFolder::open(&plain).unwrap());
    let mut vault = Vault::open(folder, manual_clock(), Some(secret())).unwrap();
    vault.unlock(&password(PASSWORD)).unwrap();
    assert_eq!(vault.status().keyring, KeyringUse::None);
}

#[test]
fn wrong_passwords_wait_longer_each_time_and_across_restarts() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("data");
    let clock = manual_clock();
    let mut vault = vault_in(&path, &clock, Protection::Keyring(secret()));
    vault.lock();
    for seconds in [1, 2, 4] {
        assert!(matches!(vault.unlock(&password("wrong password")), Err(SignerError::WrongPassword { .. })));
        match vault.unlock(&password(PASSWORD)) {
            Err(SignerError::TooSoon { seconds: wait, .. }) => assert_eq!(wait, seconds),
            other => panic!("{other:?}"),
        }
        assert_eq!(vault.status().wait, Duration::from_secs(seconds));
        clock.pass(seconds);
    }
    assert!(vault.unlock(&password("wrong password")).is_err());
    drop(vault);
    let folder = Arc::new(DataFolder::open(&path).unwrap());
    let mut vault = Vault::open(folder, clock.clone(), Some(secret())).unwrap();
    clock.set_wall(1_900_000_000);
    assert!(matches!(vault.unlock(&password(PASSWORD)), Err(SignerError::TooSoon { seconds: 8, failures: 4 })));
    clock.pass(8);
    vault.unlock(&password(PASSWORD)).unwrap();
    assert_eq!((vault.status().failures, vault.status().wait), (0, Duration::ZERO));

    // Exports count wrong passwords just the same.
    assert!(vault.export_phrase(&password("wrong password"), 0).is_err());
    assert!(matches!(vault.export_phrase(&password(PASSWORD), 0), Err(SignerError::TooSoon { .. })));
}

#[test]
fn it_locks_when_idle_suspend_included() {
    let parent = tempfile::tempdir().unwrap();
    let clock = manual_clock();
    let mut vault = vault_in(&parent.path().join("data"), &clock, Protection::Keyring(secret()));
    vault.set_idle_limit(Duration::from_secs(600));
    clock.pass(599);
    assert!(vault.is_unlocked() && !vault.lock_if_idle());
    assert_eq!(vault.status().locks_in, Some(Duration::from_secs(1)));
    vault.touch();
    clock.suspend(601);
    // Even where nobody called `lock_if_idle`, and nobody can revive it.
    vault.touch();
    assert!(!vault.is_unlocked());
    assert!(matches!(vault.key(FIRST), Err(SignerError::Locked)));
    assert!(matches!(vault.watch(Address::ZERO, label("x")), Err(SignerError::Locked)));
    assert!(vault.lock_if_idle());
    assert!(!vault.lock_if_idle());
    vault.unlock(&password(PASSWORD)).unwrap();
    assert!(vault.key(FIRST).is_ok());
}

#[test]
fn the_password_can_be_changed() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("data");
    let clock = manual_clock();
    let mut vault = vault_in(&path, &clock, Protection::Keyring(secret()));
    let cheap = KdfParameters::cheap_for_tests();
    let new = password("another good one");
    assert!(matches!(vault.change_password(&password(PASSWORD), &password("short"), cheap), Err(SignerError::PasswordTooShort { .. })));
    assert!(matches!(vault.change_password(&password("wrong password"), &new, cheap), Err(SignerError::WrongPassword { .. })));
    clock.pass(10);
    let before = vault.generation();
    vault.change_password(&password(PASSWORD), &new, cheap).unwrap();
    assert_eq!(vault.generation(), before + 1);
    // It stays unlocked, and further changes are sealed with the new key.
    vault.rename(FIRST, label("After")).unwrap();
    drop(vault);

    let folder = Arc::new(DataFolder::open(&path).unwrap());
    let mut vault = Vault::open(folder, clock.clone(), Some(secret())).unwrap();
    assert!(vault.unlock(&password(PASSWORD)).is_err());
    clock.pass(10);
    vault.unlock(&new).unwrap();
    assert_eq!(vault.account(FIRST).unwrap().label, label("After"));
}

#[test]
fn exports_ask_for_the_password_and_give_back_what_went_in() {
    let parent = tempfile::tempdir().unwrap();
    let clock = manual_clock();
    let mut vault = vault_in(&parent.path().join("data"), &clock, Protection::Keyring(secret()));
    let right = password(PASSWORD);
    let exported = vault.export_phrase(&right, 0).unwrap();
    assert_eq!(exported.words.as_str(), TEST_PHRASE);
    assert!(exported.passphrase.is_none());
    assert!(vault.export_phrase(&right, 1).is_err());
    let key = vault.export_key(&right, FIRST).unwrap();
    assert_eq!(key.as_str(), "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
    let file_password = password("of this file only");
    let cost = ScryptCost::cheap_for_tests();
    let file = vault.export_keystore(&right, FIRST, &file_password, cost).unwrap();
    assert_eq!(keystore::decrypt(&file, &file_password).unwrap().address(), FIRST);
    assert!(matches!(vault.export_keystore(&right, FIRST, &password("short"), cost), Err(SignerError::PasswordTooShort { .. })));
    vault.watch(Address::ZERO, label("Watched")).unwrap();
    assert!(matches!(vault.export_key(&right, Address::ZERO), Err(SignerError::WatchOnly { .. })));
    vault.lock();
    assert!(matches!(vault.export_key(&right, FIRST), Err(SignerError::Locked)));
}

#[test]
fn a_new_phrase_goes_in_only_after_its_check() {
    let parent = tempfile::tempdir().unwrap();
    let mut vault = vault_in(&parent.path().join("data"), &manual_clock(), Protection::Keyring(secret()));
    let new = NewPhrase::generate(WordCount::TwentyFour).unwrap();
    let words = new.words().unwrap();
    let answers: Vec<SecretText> = new
        .quiz_positions()
        .iter()
        .map(|position| SecretText::new(words.as_str().split(' ').nth(position - 1).unwrap().to_owned()))
        .collect();
    let phrase = new.verify_quiz(&answers).unwrap();
    vault.add_phrase(phrase, None, label("New")).unwrap();
    assert_eq!(vault.export_phrase(&password(PASSWORD), 1).unwrap().words.as_str(), words.as_str());
}

#[test]
fn generations_rise_and_tell_old_copies() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("data");
    let mut vault = vault_in(&path, &manual_clock(), Protection::Keyring(secret()));
    let old = std::fs::read(path.join("vault.parlance")).unwrap();
    let before = vault.generation();
    vault.rename(FIRST, label("Later")).unwrap();
    assert_eq!(vault.generation(), before + 1);
    let seen = vault.generation();
    assert!(vault.check_generation(seen).is_ok());
    drop(vault);

    let folder = Arc::new(DataFolder::open(&path).unwrap());
    folder.replace("vault.parlance", &old).unwrap();
    let vault = Vault::open(folder, manual_clock(), Some(secret())).unwrap();
    assert!(matches!(vault.check_generation(seen), Err(SignerError::RolledBack { .. })));
}

/// The real parameters, once, with the machine's clock: the others use cheap ones.
#[test]
fn the_default_parameters_work() {
    let parent = tempfile::tempdir().unwrap();
    let folder = Arc::new(DataFolder::open(parent.path().join("data")).unwrap());
    let clock = Arc::new(SystemClock::new());
    let default = KdfParameters::DEFAULT;
    let mut vault =
        Vault::create(Arc::clone(&folder), clock.clone(), Protection::Keyring(secret()), &password(PASSWORD), default, 7).unwrap();
    assert_eq!(vault.status().kdf.parts(), (64 * 1024, 3, 1));
    // Nothing is written before there is something to keep.
    assert!(!Vault::exists(&folder));
    vault.add_phrase(phrase(TEST_PHRASE), None, label("Main")).unwrap();
    assert_eq!(vault.generation(), 8);
    drop(vault);
    let mut vault = Vault::open(folder, clock, Some(secret())).unwrap();
    vault.unlock(&password(PASSWORD)).unwrap();
    assert_eq!(vault.key(FIRST).unwrap().address(), FIRST);
}

#[test]
fn no_vault_is_said_so() {
    let parent = tempfile::tempdir().unwrap();
    let folder = Arc::new(DataFolder::open(parent.path().join("data")).unwrap());
    let error = Vault::open(folder, manual_clock(), None).unwrap_err();
    assert!(matches!(error, SignerError::NoVault { .. }));
    assert!(!error.remedy().is_empty());
}

/// A change that can't be written locks the vault: memory never says what the disk does not.
#[test]
fn a_change_that_cannot_be_written_locks() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("data");
    let mut vault = vault_in(&path, &manual_clock(), Protection::Keyring(secret()));
    // A folder in the place of the temporary file: it can be neither removed nor written.
    std::fs::create_dir(path.join("vault.parlance.new")).unwrap();
    assert!(matches!(vault.rename(FIRST, label("Lost")), Err(SignerError::Io { .. })));
    assert!(!vault.is_unlocked());
    assert_eq!(vault.account(FIRST).unwrap().label, label("Main"));
    std::fs::remove_dir(path.join("vault.parlance.new")).unwrap();
    vault.unlock(&password(PASSWORD)).unwrap();
    assert_eq!(vault.account(FIRST).unwrap().label, label("Main"));
}
