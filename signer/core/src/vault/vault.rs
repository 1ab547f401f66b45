//! Creating, opening, unlocking and locking.

use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::Address;

use super::format::{self, Header, KeyringUse, Sealed, VaultFile};
use super::seal::{KeyUse, SealKey};
use super::tries::Tries;
use super::unlocked::Unlocked;
use super::{Contents, DataFolder, KdfParameters, random};
use crate::SignerError;
use crate::clock::Clock;
use crate::keyring::KeyringSecret;
use crate::keys::{Account, Password, PrivateKey, Realm};

pub(super) const FILE: &str = "vault.parlance";

/// What shall protect a new vault besides its password. There is no default and no fallback.
#[derive(Debug)]
pub enum Protection {
    /// The secret of the OS keyring; password of at least 8 characters.
    Keyring(KeyringSecret),
    /// Nothing, asked for explicitly; password of at least 14 characters.
    PasswordOnly,
    /// A demo wallet whose password is public. Its keys sign for local chains only ([`Realm::Play`]).
    PlayMoney,
}

impl Protection {
    /// The shortest password, in characters.
    #[must_use]
    pub fn least_chars(&self) -> usize {
        match self {
            Self::Keyring(_) => 8,
            Self::PasswordOnly => 14,
            Self::PlayMoney => 1,
        }
    }

    fn split(self) -> (KeyringUse, Option<KeyringSecret>) {
        match self {
            Self::Keyring(secret) => (KeyringUse::Keyring, Some(secret)),
            Self::PasswordOnly => (KeyringUse::None, None),
            Self::PlayMoney => (KeyringUse::Play, None),
        }
    }
}

/// The vault of one data folder: locked, or unlocked until it is locked by hand or for idleness.
///
/// If a change can't be written, the vault locks itself, so that memory never differs from the disk.
pub struct Vault {
    pub(super) folder: Arc<DataFolder>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) header: Header,
    pub(super) keyring: Option<KeyringSecret>,
    pub(super) tries: Tries,
    /// What the last opened account list said; not secret, and known while locked.
    pub(super) accounts: Vec<Account>,
    pub(super) unlocked: Option<Unlocked>,
    idle_limit: Duration,
}

/// What may be told of a vault to anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultStatus {
    /// Whether keys are in memory.
    pub unlocked: bool,
    /// What protects the file besides the password.
    pub keyring: KeyringUse,
    /// True where the file needs a keyring secret that was not handed over.
    pub keyring_missing: bool,
    /// Counts the writes of the file.
    pub generation: u64,
    /// Argon2id memory in KiB, passes, lanes.
    pub kdf: KdfParameters,
    /// `None` while locked; else whether all secrets' pages are kept out of swap.
    pub memory_locked: Option<bool>,
    /// Wrong passwords since the last right one.
    pub failures: u32,
    /// Until the next try.
    pub wait: Duration,
    /// Until it locks for idleness; `None` while locked.
    pub locks_in: Option<Duration>,
}

impl Vault {
    /// Idle time after which an unlocked vault locks, unless set otherwise: 15 minutes.
    pub const IDLE: Duration = Duration::from_secs(15 * 60);

    /// Whether the folder has a vault.
    #[must_use]
    pub fn exists(folder: &DataFolder) -> bool {
        // Anything of that name counts, also what can't be read: nothing shall ever be overwritten.
        std::fs::symlink_metadata(folder.file(FILE)).is_ok()
    }

    /// Makes an empty vault, unlocked, in memory: the file is written with the first account, so that a crash in
    /// between leaves no vault without accounts.
    ///
    /// `after_generation` is the highest generation seen before (in the keyring, in a backup), 0 for none.
    ///
    /// # Errors
    /// [`SignerError::VaultExists`], [`SignerError::PasswordTooShort`], [`SignerError::NoRandomness`].
    pub fn create(
        folder: Arc<DataFolder>,
        clock: Arc<dyn Clock>,
        protection: Protection,
        password: &Password,
        kdf: KdfParameters,
        after_generation: u64,
    ) -> Result<Self, SignerError> {
        if Self::exists(&folder) {
            return Err(SignerError::VaultExists { path: folder.file(FILE) });
        }
        check_length(password, protection.least_chars())?;
        let (keyring_use, keyring) = protection.split();
        let salt = random::array()?;
        let header = Header { keyring: keyring_use, kdf, generation: after_generation, salt };
        let key = SealKey::derive(password, &salt, kdf, KeyUse::Vault(keyring.as_ref()))?;
        let contents = Contents::empty(realm(keyring_use));
        let tries = Tries::load(&folder, clock.as_ref())?;
        let unlocked = Some(Unlocked { contents, key, last_use_ms: clock.boot_ms() });
        Ok(Self { folder, clock, header, keyring, tries, accounts: Vec::new(), unlocked, idle_limit: Self::IDLE })
    }

    /// Opens the file, locked. Where the keyring's secret is at hand, the accounts are known already.
    ///
    /// # Errors
    /// [`SignerError::NoVault`], [`SignerError::NewerFormat`], [`SignerError::Damaged`], [`SignerError::Permissions`],
    /// [`SignerError::KeyringMismatch`] where the secret is not this vault's.
    pub fn open(folder: Arc<DataFolder>, clock: Arc<dyn Clock>, keyring: Option<KeyringSecret>) -> Result<Self, SignerError> {
        let file = read(&folder)?;
        // A vault that was made without the keyring stays without it.
        let keyring = keyring.filter(|_| file.header.keyring == KeyringUse::Keyring);
        let accounts = match &keyring {
            Some(secret) => open_list(&file, secret)?,
            None => Vec::new(),
        };
        let tries = Tries::load(&folder, clock.as_ref())?;
        let header = file.header;
        Ok(Self { folder, clock, header, keyring, tries, accounts, unlocked: None, idle_limit: Self::IDLE })
    }

    /// Opens the seal. Wrong passwords make the next try wait, longer each time, across restarts.
    ///
    /// # Errors
    /// [`SignerError::TooSoon`], [`SignerError::WrongPassword`], [`SignerError::KeyringSecretMissing`],
    /// [`SignerError::Damaged`].
    pub fn unlock(&mut self, password: &Password) -> Result<(), SignerError> {
        if self.keyring_missing() {
            return Err(SignerError::KeyringSecretMissing);
        }
        let file = read(&self.folder)?;
        self.tries.begin(&self.folder, self.clock.as_ref())?;
        let key = self.derive(password, &file.header)?;
        let Some(plain) = key.unseal(&file.secrets.nonce, &file.secrets_context()?, &file.secrets.ciphertext)? else {
            return Err(SignerError::WrongPassword { what: "vault" });
        };
        self.tries.succeeded(&self.folder)?;
        let contents = Contents::decode(plain.as_slice(), realm(file.header.keyring))?;
        self.header = file.header;
        self.accounts.clone_from(&contents.accounts);
        self.unlocked = Some(Unlocked { contents, key, last_use_ms: self.clock.boot_ms() });
        Ok(())
    }

    /// Wipes all secrets from memory.
    pub fn lock(&mut self) {
        self.unlocked = None;
    }

    /// Whether keys are in memory, and not idle for too long.
    #[must_use]
    pub fn is_unlocked(&self) -> bool {
        self.unlocked.is_some() && !self.is_idle()
    }

    /// Locks where nothing was signed, shown or changed for [the idle time](Self::set_idle_limit), suspend included.
    /// Returns whether it did. To be called now and then; keys are refused after that time even where it was not.
    pub fn lock_if_idle(&mut self) -> bool {
        let idle = self.is_idle();
        if idle {
            self.lock();
        }
        idle
    }

    /// The owner is there: idle time starts anew.
    pub fn touch(&mut self) {
        let now = self.clock.boot_ms();
        // What is idle for too long stays so: only the password ends that.
        let idle = self.is_idle_at(now);
        if let Some(unlocked) = self.unlocked.as_mut().filter(|_| !idle) {
            unlocked.last_use_ms = now;
        }
    }

    /// Sets the idle time after which the vault locks.
    pub fn set_idle_limit(&mut self, limit: Duration) {
        self.idle_limit = limit;
    }

    /// All accounts, also while locked; empty before the first unlocking where there is no keyring.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// One account.
    ///
    /// # Errors
    /// [`SignerError::UnknownAccount`].
    pub fn account(&self, address: Address) -> Result<&Account, SignerError> {
        self.accounts
            .iter()
            .find(|account| account.address == address)
            .ok_or_else(|| SignerError::UnknownAccount { account: address.to_checksum(None) })
    }

    /// The key of an account, to sign with.
    ///
    /// # Errors
    /// [`SignerError::Locked`], [`SignerError::UnknownAccount`], [`SignerError::WatchOnly`].
    pub fn key(&self, address: Address) -> Result<&PrivateKey, SignerError> {
        let unlocked = self.open_contents()?;
        self.account(address)?;
        unlocked.contents.keys.get(&address).ok_or_else(|| SignerError::WatchOnly { address: address.to_checksum(None) })
    }

    /// True for a demo wallet, whose keys sign for local chains only.
    #[must_use]
    pub fn is_play_money(&self) -> bool {
        self.header.keyring == KeyringUse::Play
    }

    /// The file's generation: one more with each write.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.header.generation
    }

    /// Compares with the highest generation seen elsewhere.
    ///
    /// # Errors
    /// [`SignerError::RolledBack`] where this file is older.
    pub fn check_generation(&self, seen: u64) -> Result<(), SignerError> {
        if self.header.generation < seen {
            return Err(SignerError::RolledBack { got: self.header.generation, expected: seen });
        }
        Ok(())
    }

    /// For anybody to see.
    #[must_use]
    pub fn status(&self) -> VaultStatus {
        let unlocked = self.unlocked.as_ref().filter(|_| !self.is_idle());
        VaultStatus {
            unlocked: unlocked.is_some(),
            keyring: self.header.keyring,
            keyring_missing: self.keyring_missing(),
            generation: self.header.generation,
            kdf: self.header.kdf,
            memory_locked: unlocked.map(|u| u.key.is_locked() && u.contents.all_locked()),
            failures: self.tries.failures(),
            wait: Duration::from_millis(self.tries.wait_ms(self.clock.as_ref())),
            locks_in: unlocked.map(|u| {
                let idle = Duration::from_millis(self.clock.boot_ms().saturating_sub(u.last_use_ms));
                self.idle_limit.saturating_sub(idle)
            }),
        }
    }

    /// The folder that the vault lies in.
    #[must_use]
    pub fn folder(&self) -> &Arc<DataFolder> {
        &self.folder
    }

    /// Checks the password of an unlocked vault once more, for exports and other grave things. Wrong ones count as
    /// they do for [`Self::unlock`].
    ///
    /// # Errors
    /// [`SignerError::Locked`], [`SignerError::TooSoon`], [`SignerError::WrongPassword`].
    pub fn verify_password(&mut self, password: &Password) -> Result<(), SignerError> {
        self.open_contents()?;
        self.tries.begin(&self.folder, self.clock.as_ref())?;
        let key = self.derive(password, &self.header)?;
        if !self.open_contents()?.key.equals(&key) {
            return Err(SignerError::WrongPassword { what: "vault" });
        }
        self.touch();
        self.tries.succeeded(&self.folder)
    }

    /// Changes the password, with a new salt; `kdf` may be raised at the same time.
    ///
    /// An old copy of the file, and every old backup, still opens with the old password.
    ///
    /// # Errors
    /// As [`Self::verify_password`]; [`SignerError::PasswordTooShort`]; [`SignerError::Io`].
    pub fn change_password(&mut self, old: &Password, new: &Password, kdf: KdfParameters) -> Result<(), SignerError> {
        check_length(new, least_chars(self.header.keyring))?;
        self.verify_password(old)?;
        let header = Header { salt: random::array()?, kdf, ..self.header.clone() };
        let key = self.derive(new, &header)?;
        self.header = header;
        if let Some(unlocked) = self.unlocked.as_mut() {
            unlocked.key = key;
        }
        self.save()
    }

    /// What is unlocked and not idle.
    pub(super) fn open_contents(&self) -> Result<&Unlocked, SignerError> {
        self.unlocked.as_ref().filter(|_| !self.is_idle()).ok_or(SignerError::Locked)
    }

    /// Applies a change and writes it. Where it can't be written the vault locks, and the file stays as it was.
    pub(super) fn change<T>(&mut self, change: impl FnOnce(&mut Contents) -> Result<T, SignerError>) -> Result<T, SignerError> {
        self.open_contents()?;
        let now = self.clock.boot_ms();
        let unlocked = self.unlocked.as_mut().ok_or(SignerError::Locked)?;
        unlocked.last_use_ms = now;
        // `change` itself leaves the contents alone where it fails.
        let outcome = change(&mut unlocked.contents)?;
        self.save()?;
        Ok(outcome)
    }

    fn save(&mut self) -> Result<(), SignerError> {
        let written = self.write();
        if written.is_err() {
            self.lock();
        }
        written
    }

    fn write(&mut self) -> Result<(), SignerError> {
        let unlocked = self.unlocked.as_ref().ok_or(SignerError::Locked)?;
        let generation = self
            .header
            .generation
            .checked_add(1)
            .ok_or_else(|| SignerError::Damaged { what: "vault", reason: "its generation can't rise".into() })?;
        let header = Header { generation, ..self.header.clone() };
        let list = match &self.keyring {
            Some(secret) => {
                let json = Contents::accounts_json(&unlocked.contents.accounts)?;
                let nonce = random::array()?;
                let key = SealKey::of_account_list(secret, &header.salt);
                Sealed { nonce, ciphertext: key.seal(&nonce, &header.encode(), &json)? }
            }
            None => Sealed { nonce: random::array()?, ciphertext: Vec::new() },
        };
        let nonce = random::array()?;
        let context = format::secrets_context(&header, &list)?;
        let ciphertext = unlocked.key.seal(&nonce, &context, unlocked.contents.encode()?.as_slice())?;
        let bytes = VaultFile { header: header.clone(), list, secrets: Sealed { nonce, ciphertext } }.encode()?;
        if bytes.len() > format::LIMIT {
            return Err(SignerError::Damaged { what: "vault", reason: "too many accounts for one vault".into() });
        }
        self.folder.replace(FILE, &bytes)?;
        self.accounts.clone_from(&unlocked.contents.accounts);
        self.header = header;
        Ok(())
    }

    fn derive(&self, password: &Password, header: &Header) -> Result<SealKey, SignerError> {
        SealKey::derive(password, &header.salt, header.kdf, KeyUse::Vault(self.keyring.as_ref()))
    }

    fn keyring_missing(&self) -> bool {
        self.header.keyring == KeyringUse::Keyring && self.keyring.is_none()
    }

    fn is_idle(&self) -> bool {
        self.is_idle_at(self.clock.boot_ms())
    }

    fn is_idle_at(&self, now_ms: u64) -> bool {
        self.unlocked.as_ref().is_some_and(|u| Duration::from_millis(now_ms.saturating_sub(u.last_use_ms)) >= self.idle_limit)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("status", &self.status()).finish_non_exhaustive()
    }
}

pub(super) fn check_length(password: &Password, least: usize) -> Result<(), SignerError> {
    let got = password.chars();
    if got < least {
        return Err(SignerError::PasswordTooShort { got, expected: least });
    }
    Ok(())
}

fn least_chars(keyring: KeyringUse) -> usize {
    match keyring {
        KeyringUse::Keyring => 8,
        KeyringUse::None => Protection::PasswordOnly.least_chars(),
        KeyringUse::Play => Protection::PlayMoney.least_chars(),
    }
}

fn realm(keyring: KeyringUse) -> Realm {
    if keyring == KeyringUse::Play { Realm::Play } else { Realm::Real }
}

fn read(folder: &DataFolder) -> Result<VaultFile, SignerError> {
    let bytes = folder.read(FILE, "vault", format::LIMIT)?.ok_or_else(|| SignerError::NoVault { path: folder.file(FILE) })?;
    VaultFile::decode(&bytes)
}

fn open_list(file: &VaultFile, secret: &KeyringSecret) -> Result<Vec<Account>, SignerError> {
    let key = SealKey::of_account_list(secret, &file.header.salt);
    match key.unseal(&file.list.nonce, &file.header.encode(), &file.list.ciphertext)? {
        Some(json) => Contents::accounts_from_json(json.as_slice()),
        None => Err(SignerError::KeyringMismatch),
    }
}
