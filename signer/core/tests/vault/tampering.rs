//! A vault or a backup never opens under another password, after a bit was flipped, or when it was cut.

use std::sync::{Arc, LazyLock};

use parlance_signer_core::SignerError;
use parlance_signer_core::backup::OpenBackup;
use parlance_signer_core::vault::{DataFolder, KdfParameters, Protection, Vault};
use proptest::prelude::*;

use super::{PASSWORD, manual_clock, password, secret, vault_in};

/// A vault file and a backup file.
static FILES: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("data");
    let mut vault = vault_in(&path, &manual_clock(), Protection::Keyring(secret()));
    let cheap = KdfParameters::cheap_for_tests();
    let backup = vault.back_up(&password(PASSWORD), &password("backup password"), cheap, &[], 1).unwrap();
    (std::fs::read(path.join("vault.parlance")).unwrap(), backup)
});

/// Puts a file in place, opens it and tries the password.
fn try_vault(file: &[u8], text: &str) -> Result<(), SignerError> {
    let parent = tempfile::tempdir().unwrap();
    let folder = Arc::new(DataFolder::open(parent.path().join("data")).unwrap());
    folder.replace("vault.parlance", file).unwrap();
    Vault::open(folder, manual_clock(), Some(secret()))?.unlock(&password(text))
}

fn try_backup(file: &[u8], text: &str) -> Result<(), SignerError> {
    OpenBackup::open(file, &password(text)).map(|_| ())
}

#[test]
fn unharmed_files_open() {
    try_vault(&FILES.0, PASSWORD).unwrap();
    try_backup(&FILES.1, "backup password").unwrap();
}

/// Every byte of the files, one bit each.
#[test]
fn every_flipped_byte_is_noticed() {
    for (index, _) in FILES.0.iter().enumerate() {
        let mut file = FILES.0.clone();
        file[index] ^= 1 << (index % 8);
        assert!(try_vault(&file, PASSWORD).is_err(), "byte {index} of the vault");
    }
    for (index, _) in FILES.1.iter().enumerate() {
        let mut file = FILES.1.clone();
        file[index] ^= 1 << (index % 8);
        assert!(try_backup(&file, "backup password").is_err(), "byte {index} of the backup");
    }
}

#[test]
fn every_truncation_is_noticed() {
    for cut in 0..FILES.0.len() {
        assert!(try_vault(&FILES.0[..cut], PASSWORD).is_err(), "vault cut at {cut}");
    }
    for cut in 0..FILES.1.len() {
        assert!(try_backup(&FILES.1[..cut], "backup password").is_err(), "backup cut at {cut}");
    }
}

#[test]
fn newer_formats_are_called_that() {
    for (file, what) in [(&FILES.0, "vault"), (&FILES.1, "backup")] {
        let mut file = file.clone();
        file[8] = 9;
        let error = if what == "vault" { try_vault(&file, PASSWORD) } else { try_backup(&file, "x") }.unwrap_err();
        assert!(matches!(error, SignerError::NewerFormat { got: 9, expected: 1, .. }), "{what}: {error}");
        assert!(error.remedy().contains("later"), "{}", error.remedy());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        if std::env::var_os("PARLANCE_SOAK").is_some() { 5_000 } else { 64 }
    ))]

    #[test]
    fn no_other_password_opens(text in "\\PC{0,40}") {
        prop_assume!(text != PASSWORD && text != "backup password");
        let refused = matches!(try_vault(&FILES.0, &text), Err(SignerError::WrongPassword { .. }));
        prop_assert!(refused);
        let refused = matches!(try_backup(&FILES.1, &text), Err(SignerError::WrongPassword { .. }));
        prop_assert!(refused);
    }

    #[test]
    fn no_damage_opens(
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..6),
        cut in any::<prop::sample::Index>(),
        cutting: bool,
    ) {
        for (original, is_vault) in [(&FILES.0, true), (&FILES.1, false)] {
            let mut file = original.clone();
            for (index, mask) in &flips {
                let index = index.index(file.len());
                file[index] ^= *mask;
            }
            if cutting {
                file.truncate(cut.index(file.len()));
            }
            prop_assume!(&file != original);
            let opened = if is_vault { try_vault(&file, PASSWORD) } else { try_backup(&file, "backup password") };
            prop_assert!(opened.is_err());
        }
    }

    #[test]
    fn parsers_take_anything(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(try_vault(&bytes, PASSWORD).is_err());
        prop_assert!(try_backup(&bytes, PASSWORD).is_err());
    }
}
