//! Taking secrets out again: each time with the password, however unlocked the vault is.

use alloy_primitives::Address;

use super::Vault;
use super::vault::check_length;
use crate::SignerError;
use crate::backup::{self, Blob};
use crate::keys::keystore::{self, ScryptCost};
use crate::keys::{Password, SecretText};
use crate::vault::KdfParameters;

/// A phrase, as its owner must write it down.
#[derive(Debug)]
pub struct ExportedPhrase {
    /// The words, separated by single blanks.
    pub words: SecretText,
    /// The BIP-39 passphrase, without which the words open other accounts.
    pub passphrase: Option<SecretText>,
}

impl Vault {
    /// The words of a phrase.
    ///
    /// # Errors
    /// As [`Vault::verify_password`]; [`SignerError::UnknownAccount`] where there is no such phrase.
    pub fn export_phrase(&mut self, password: &Password, phrase: u32) -> Result<ExportedPhrase, SignerError> {
        self.verify_password(password)?;
        let contents = &self.open_contents()?.contents;
        let stored = usize::try_from(phrase)
            .ok()
            .and_then(|index| contents.phrases.get(index))
            .ok_or_else(|| SignerError::UnknownAccount { account: format!("of phrase {phrase}") })?;
        Ok(ExportedPhrase {
            words: stored.phrase.words()?,
            passphrase: stored.passphrase.as_ref().map(|p| SecretText::new(p.as_typed().to_owned())),
        })
    }

    /// An account's key, as `0x` and 64 digits.
    ///
    /// # Errors
    /// As [`Vault::verify_password`] and [`Vault::key`].
    pub fn export_key(&mut self, password: &Password, address: Address) -> Result<SecretText, SignerError> {
        self.verify_password(password)?;
        Ok(self.key(address)?.to_hex())
    }

    /// An account's key as a keystore v3 file under a password of its own, of at least 14 characters: the file leaves
    /// this computer's keyring behind.
    ///
    /// # Errors
    /// As [`Vault::verify_password`] and [`Vault::key`]; [`SignerError::PasswordTooShort`].
    pub fn export_keystore(
        &mut self,
        password: &Password,
        address: Address,
        file_password: &Password,
        cost: ScryptCost,
    ) -> Result<String, SignerError> {
        check_length(file_password, backup::LEAST_CHARS)?;
        self.verify_password(password)?;
        keystore::encrypt(self.key(address)?, file_password, cost)
    }

    /// An encrypted backup of phrases, keys, accounts and what else the caller wants to keep (rules, contacts), under
    /// a password of its own, of at least 14 characters. `made_at` is shown when it is restored, Unix seconds.
    ///
    /// # Errors
    /// As [`Vault::verify_password`]; [`SignerError::PasswordTooShort`].
    pub fn back_up(
        &mut self,
        password: &Password,
        backup_password: &Password,
        kdf: KdfParameters,
        blobs: &[Blob],
        made_at: u64,
    ) -> Result<Vec<u8>, SignerError> {
        check_length(backup_password, backup::LEAST_CHARS)?;
        self.verify_password(password)?;
        let generation = self.generation();
        let contents = self.open_contents()?.contents.encode()?;
        backup::seal(&contents, generation, made_at, blobs, backup_password, kdf)
    }
}
