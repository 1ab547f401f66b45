//! A vault from a backup.

use std::sync::Arc;

use super::{Contents, DataFolder, KdfParameters, Protection, Vault};
use crate::SignerError;
use crate::backup::OpenBackup;
use crate::clock::Clock;
use crate::keys::{Password, Realm};

impl Vault {
    /// Makes a vault with a backup's phrases, keys and accounts. The blobs are the caller's to put back, before or
    /// after.
    ///
    /// `after_generation` is the highest generation seen (in the keyring), 0 for none; the new vault's is higher than
    /// that and than the backup's.
    ///
    /// # Errors
    /// As [`Vault::create`]; [`SignerError::Damaged`] where a key does not give its account's address.
    pub fn restore(
        folder: Arc<DataFolder>,
        clock: Arc<dyn Clock>,
        protection: Protection,
        password: &Password,
        kdf: KdfParameters,
        after_generation: u64,
        backup: &OpenBackup,
    ) -> Result<Self, SignerError> {
        let realm = if matches!(protection, Protection::PlayMoney) { Realm::Play } else { Realm::Real };
        // Before anything is written.
        let contents = Contents::decode(backup.contents(), realm)?;
        let generation = after_generation.max(backup.generation());
        let mut vault = Self::create(folder, clock, protection, password, kdf, generation)?;
        vault.change(|empty| {
            *empty = contents;
            Ok(())
        })?;
        Ok(vault)
    }
}
