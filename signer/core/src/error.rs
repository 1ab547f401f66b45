//! The one error type of this crate.

use std::io;
use std::path::PathBuf;

/// What can go wrong in the signer's core.
///
/// No variant ever carries a password, a phrase, a key or a part of one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    // ---- files -------------------------------------------------------------------------------------------------
    /// A file or folder of the data folder could not be used.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb: `reading`, `writing`, ...
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file or folder that holds secrets can be read by others.
    #[error("{} has mode {got:o}; expected {expected:o} and the owner to be this user", path.display())]
    Permissions {
        /// Which file.
        path: PathBuf,
        /// Its mode bits.
        got: u32,
        /// What they must be.
        expected: u32,
    },

    /// The signer's database could not be read or written.
    #[error("the signer's database: {reason}")]
    Database {
        /// What SQLite said.
        reason: String,
    },

    // ---- vault -------------------------------------------------------------------------------------------------
    /// There is no vault in the data folder.
    #[error("there is no vault at {}", path.display())]
    NoVault {
        /// Where one was looked for.
        path: PathBuf,
    },
    /// There is a vault already; it is never overwritten.
    #[error("there is a vault at {} already", path.display())]
    VaultExists {
        /// Where it is.
        path: PathBuf,
    },
    /// Another process holds the vault's lock.
    #[error("the vault at {} is in use by another process", path.display())]
    VaultBusy {
        /// The lock file.
        path: PathBuf,
    },
    /// The file was written by a newer version of the program.
    #[error("{what} has format version {got}; this program reads up to {expected}")]
    NewerFormat {
        /// `vault`, `backup`, `database`, ...
        what: &'static str,
        /// The version found.
        got: u32,
        /// The newest that is understood.
        expected: u32,
    },
    /// The file is not what it should be: cut off, changed, or another kind of file.
    #[error("the {what} file is damaged: {reason}")]
    Damaged {
        /// `vault`, `backup`, `keystore`, ...
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The password is wrong, or the file was changed: the seal can't tell which.
    #[error("wrong password, or the {what} was changed")]
    WrongPassword {
        /// `vault`, `backup`, `keystore`.
        what: &'static str,
    },
    /// Too many wrong passwords: wait.
    #[error("wait {seconds} s before the next try ({failures} wrong passwords so far)")]
    TooSoon {
        /// Seconds left.
        seconds: u64,
        /// Wrong passwords since the last right one.
        failures: u32,
    },
    /// The password is too short for what it has to protect.
    #[error("the password has {got} characters; expected at least {expected}")]
    PasswordTooShort {
        /// Characters that it has.
        got: usize,
        /// The least number.
        expected: usize,
    },
    /// A secret is longer than any that this program makes or accepts.
    #[error("the {what} has {got} bytes; expected at most {limit}")]
    SecretTooLong {
        /// `password`, `phrase`, ...
        what: &'static str,
        /// Bytes that it has.
        got: usize,
        /// The most that fit.
        limit: usize,
    },
    /// The vault needs the secret of the OS keyring and it was not handed over.
    #[error("this vault needs the secret in the OS keyring, and there is none")]
    KeyringSecretMissing,
    /// The keyring's secret is not the one that this vault was made with, or the file was changed.
    #[error("the secret in the OS keyring is not the one of this vault, or the vault was changed")]
    KeyringMismatch,
    /// The vault is older than one that was already seen: somebody put an old copy back.
    #[error("the vault is of generation {got}; generation {expected} was seen before")]
    RolledBack {
        /// The vault's counter.
        got: u64,
        /// The least that it must be.
        expected: u64,
    },
    /// The session is locked.
    #[error("the vault is locked")]
    Locked,
    /// The key derivation parameters lie outside of what is safe or sane.
    #[error("key derivation parameters refused: {reason}")]
    KdfParameters {
        /// Which, and the bounds.
        reason: String,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes from the operating system: {0}")]
    NoRandomness(String),

    // ---- keys --------------------------------------------------------------------------------------------------
    /// Not a valid BIP-39 phrase.
    #[error("not a valid recovery phrase: {reason}")]
    Phrase {
        /// What is wrong, without repeating the phrase.
        reason: String,
    },
    /// The words asked for in the backup check were not the right ones.
    #[error("the word at position {position} is not the one of the phrase")]
    QuizFailed {
        /// 1-based position of the first wrong word.
        position: usize,
    },
    /// Not a valid secp256k1 private key.
    #[error("not a valid private key: {reason}")]
    PrivateKey {
        /// What is wrong, without repeating the key.
        reason: &'static str,
    },
    /// A derivation path that can't be followed.
    #[error("derivation failed: {reason}")]
    Derivation {
        /// Why.
        reason: String,
    },
    /// A keystore v3 file that can't be read.
    #[error("not a usable keystore v3 file: {reason}")]
    Keystore {
        /// What is wrong.
        reason: String,
    },
    /// No such account.
    #[error("there is no account {account}")]
    UnknownAccount {
        /// What was asked for.
        account: String,
    },
    /// The account is there already.
    #[error("the account {address} is there already")]
    AccountExists {
        /// Checksummed address.
        address: String,
    },
    /// A watch-only account has no key.
    #[error("the account {address} is watch-only: there is no key for it here")]
    WatchOnly {
        /// Checksummed address.
        address: String,
    },
    /// A label that can't be shown safely.
    #[error("the label is refused: {reason}")]
    Label {
        /// What is wrong with it.
        reason: &'static str,
    },

    // ---- keyring -----------------------------------------------------------------------------------------------
    /// The OS keyring could not be used.
    #[error("the OS keyring: {reason}")]
    Keyring {
        /// What it said.
        reason: String,
    },
    /// What came over the inherited descriptor is not a keyring secret.
    #[error("the keyring secret that was handed over has {got} bytes; expected {expected}")]
    KeyringSecret {
        /// Bytes read.
        got: usize,
        /// Bytes that a secret has.
        expected: usize,
    },

    // ---- signing -----------------------------------------------------------------------------------------------
    /// What was to be signed could not be decoded, so it is not signed.
    #[error("not signed, since it could not be decoded: {0}")]
    NotDecoded(#[from] parlance_effects::EffectsError),
    /// A kind of transaction or message that this signer never signs.
    #[error("not signed: {reason}")]
    Unsupported {
        /// Which kind, and why not.
        reason: String,
    },
    /// The key is not the one of the account that the effects were decoded for.
    #[error("the key belongs to {got}; the request was decoded for {expected}")]
    WrongKey {
        /// The key's address.
        got: String,
        /// The account in the decoded request.
        expected: String,
    },
    /// Signing or checking the signature failed.
    #[error("signing failed: {reason}")]
    Signing {
        /// What failed.
        reason: String,
    },
}

impl SignerError {
    /// An [`SignerError::Io`] for `map_err`.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn remedy(&self) -> &str {
        match self {
            Self::Io { .. } => "Check that the disk is not full and that the folder belongs to you, then try again.",
            Self::Permissions { .. } => "Run `chmod 700` on the folder and `chmod 600` on the file, and find out who else could read it.",
            Self::Database { .. } => "Check that the disk is not full and close other programs that use the data folder, then start again.",
            Self::NoVault { .. } => "Create a wallet or restore one from its phrase or backup.",
            Self::VaultExists { .. } => "Open the wallet that is there, or choose another data folder for a new one.",
            Self::VaultBusy { .. } => "Close the other Parlance that uses this data folder, then try again.",
            Self::NewerFormat { .. } => "Install the version of Parlance that wrote the file, or a later one.",
            Self::Damaged { .. } => "Restore the file from a backup, or the accounts from their recovery phrase.",
            Self::WrongPassword { .. } => {
                "Type the password again, minding the keyboard layout and caps lock; without it, restore from the phrase."
            }
            Self::TooSoon { .. } => "Wait for the time shown, then type the password once more.",
            Self::PasswordTooShort { .. } => "Choose a longer password; four or five unrelated words are good.",
            Self::SecretTooLong { .. } => "Check what was pasted: it is longer than any valid input here.",
            Self::KeyringSecretMissing => "Log in so that the keyring is unlocked, or restore the wallet from its phrase or backup.",
            Self::KeyringMismatch => {
                "Log in as the user who made the vault, put the right data folder in place, or restore from phrase or backup."
            }
            Self::RolledBack { .. } => {
                "If you did not put an old copy back yourself, somebody else did: check the audit log before going on."
            }
            Self::Locked => "Unlock with the password in the signer's own window.",
            Self::KdfParameters { .. } => "Restore the vault from a backup: its header was changed.",
            Self::NoRandomness(_) => "Restart the computer; without random bytes no key can be made safely.",
            Self::Phrase { .. } => "Check spelling and order of the words against your paper copy.",
            Self::QuizFailed { .. } => "Compare with what you wrote down, correct it, and take the check again.",
            Self::PrivateKey { .. } => "Paste the 64 hexadecimal digits of the key, with or without 0x.",
            Self::Derivation { .. } => "Choose another account number.",
            Self::Keystore { .. } => "Export the keystore file again as version 3 (Web3 Secret Storage).",
            Self::UnknownAccount { .. } => "List the accounts and choose one of them.",
            Self::AccountExists { .. } => "Use the account that is there; rename it if you want another label.",
            Self::WatchOnly { .. } => "Import this account's key or phrase to sign with it.",
            Self::Label { .. } => "Use 1 to 64 ordinary letters, digits, spaces and punctuation.",
            Self::Keyring { .. } => "Unlock the keyring of your desktop session, then start again.",
            Self::KeyringSecret { .. } => "Start through the `parlance` launcher, which hands the secret over.",
            Self::NotDecoded(error) => error.remedy(),
            Self::Unsupported { .. } => "Ask for an EIP-1559 transaction, EIP-712 typed data or a text message instead.",
            Self::WrongKey { .. } => "Send the request again for the account that shall sign it.",
            Self::Signing { .. } => "Try again; if it fails again, check the memory of the computer.",
        }
    }
}
