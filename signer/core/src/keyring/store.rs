//! The OS keyring itself. Only the launcher links this.

use std::sync::Arc;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use super::KeyringSecret;
use crate::SignerError;

/// A kind of keyring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// freedesktop.org Secret Service on D-Bus: GNOME Keyring, KWallet, KeePassXC.
    SecretService,
    /// The kernel's key retention service. It forgets everything at reboot, so a vault must not depend on it; named
    /// so that a person is told what there is.
    Keyutils,
}

impl Backend {
    /// Whether what is stored there is still there after a reboot.
    #[must_use]
    pub fn survives_reboot(self) -> bool {
        self == Self::SecretService
    }

    /// For people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SecretService => "Secret Service",
            Self::Keyutils => "kernel keyring",
        }
    }
}

/// What became of looking for a keyring.
#[derive(Debug)]
pub struct BackendReport {
    /// Which.
    pub backend: Backend,
    /// `Err` says why it can't be used.
    pub usable: Result<(), SignerError>,
}

/// Looks for every kind of keyring. Only one that [survives a reboot](Backend::survives_reboot) is fit for a vault.
#[must_use]
pub fn survey() -> Vec<BackendReport> {
    [Backend::SecretService, Backend::Keyutils]
        .map(|backend| BackendReport { backend, usable: KeyringStore::open(backend).map(|_| ()) })
        .into()
}

/// A connection to one keyring. Calls block; Secret Service may ask the person to unlock it.
pub struct KeyringStore {
    backend: Backend,
    store: Arc<dyn CredentialStoreApi + Send + Sync>,
}

impl KeyringStore {
    /// Connects.
    ///
    /// # Errors
    /// [`SignerError::Keyring`] where it is not there.
    pub fn open(backend: Backend) -> Result<Self, SignerError> {
        let store: Arc<dyn CredentialStoreApi + Send + Sync> = match backend {
            Backend::SecretService => zbus_secret_service_keyring_store::Store::new().map_err(keyring_error)?,
            Backend::Keyutils => linux_keyutils_keyring_store::Store::new().map_err(keyring_error)?,
        };
        Ok(Self { backend, store })
    }

    /// Which keyring this is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The secret under (service, account), e.g. (`parlance`, the data folder's id).
    ///
    /// # Errors
    /// [`SignerError::Keyring`]; [`SignerError::KeyringSecret`] where what is stored there is something else.
    pub fn load(&self, service: &str, account: &str) -> Result<Option<KeyringSecret>, SignerError> {
        match self.entry(service, account)?.get_secret().map(Zeroizing::new) {
            Ok(bytes) => KeyringSecret::from_bytes(&bytes).map(Some),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(keyring_error(error)),
        }
    }

    /// The secret, made now where there is none.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_or_create(&self, service: &str, account: &str) -> Result<KeyringSecret, SignerError> {
        if let Some(secret) = self.load(service, account)? {
            return Ok(secret);
        }
        let secret = KeyringSecret::generate()?;
        self.entry(service, account)?.set_secret(secret.expose()).map_err(keyring_error)?;
        // Read back: what counts is what is stored, if two launchers came at once or the keyring dropped it.
        self.load(service, account)?.ok_or_else(|| SignerError::Keyring { reason: "it did not keep what was stored".into() })
    }

    /// The generation last stored for (service, account); 0 where there is none.
    ///
    /// # Errors
    /// [`SignerError::Keyring`], also where what is stored there is no number.
    pub fn load_generation(&self, service: &str, account: &str) -> Result<u64, SignerError> {
        match self.entry(service, &generation_account(account))?.get_secret() {
            Ok(bytes) => <[u8; 8]>::try_from(bytes.as_slice())
                .map(u64::from_le_bytes)
                .map_err(|_| SignerError::Keyring { reason: "the generation stored there is not 8 bytes".into() }),
            Err(Error::NoEntry) => Ok(0),
            Err(error) => Err(keyring_error(error)),
        }
    }

    /// Stores a generation. It never goes back: a lower one than the stored one is left out.
    ///
    /// # Errors
    /// [`SignerError::Keyring`].
    pub fn store_generation(&self, service: &str, account: &str, generation: u64) -> Result<(), SignerError> {
        if generation <= self.load_generation(service, account)? {
            return Ok(());
        }
        self.entry(service, &generation_account(account))?.set_secret(&generation.to_le_bytes()).map_err(keyring_error)
    }

    /// Removes secret and generation: the vault that needs them can't be opened any more.
    ///
    /// # Errors
    /// [`SignerError::Keyring`].
    pub fn forget(&self, service: &str, account: &str) -> Result<(), SignerError> {
        for name in [account.to_owned(), generation_account(account)] {
            match self.entry(service, &name)?.delete_credential() {
                Ok(()) | Err(Error::NoEntry) => {}
                Err(error) => return Err(keyring_error(error)),
            }
        }
        Ok(())
    }

    fn entry(&self, service: &str, account: &str) -> Result<Entry, SignerError> {
        self.store.build(service, account, None).map_err(keyring_error)
    }
}

impl std::fmt::Debug for KeyringStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyringStore({})", self.backend.name())
    }
}

fn generation_account(account: &str) -> String {
    format!("{account}.generation")
}

fn keyring_error(error: Error) -> SignerError {
    let reason = match error {
        // These two carry what is stored in the keyring.
        Error::BadEncoding(_) => "what is stored there is not text".to_owned(),
        Error::BadDataFormat(..) => "what is stored there has another format".to_owned(),
        other => other.to_string(),
    };
    SignerError::Keyring { reason }
}
