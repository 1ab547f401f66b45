//! The 32-byte key of the database, and where it is kept.
//!
//! The operating system's keyring keeps it from whoever steals the disk. Where there is none it stands in `store.key` beside
//! the database, readable for the owner only: that keeps nobody from reading it who has the disk, and the caller is given a
//! sentence to say so once. Which of the two was chosen stands in `store.source`: a keyring that is locked today does not
//! silently become a new key file.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::Path;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::{Result, WalletError};

const KEY_FILE: &str = "store.key";
const SOURCE_FILE: &str = "store.source";

/// The key of the wallet's database. Wiped from memory when dropped; never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct StoreKey([u8; 32]);

/// Where the key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKeySource {
    /// As before; for a new data folder the keyring, else a file (with a warning).
    Auto,
    /// An inherited file descriptor that gives 32 bytes or 64 hex digits and ends: how the launcher hands it on.
    Fd(i32),
    /// The keyring and nothing else.
    Keyring,
    /// `store.key` in the data folder and nothing else.
    File,
}

impl StoreKey {
    /// From bytes that somebody else keeps.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A fresh one.
    pub fn random() -> Result<Self> {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| WalletError::KeySource { why: format!("no entropy: {error}") })?;
        Ok(Self(bytes))
    }

    /// The key for a data folder, made on first use; and a warning for the person, to be said once, where it is kept in a file.
    ///
    /// # Errors
    ///
    /// [`WalletError::KeySource`] where the source that was used before does not give the key; [`WalletError::Io`].
    pub fn open(data_dir: &Path, source: StoreKeySource) -> Result<(Self, Option<String>)> {
        make_private_dir(data_dir)?;
        match source {
            StoreKeySource::Fd(fd) => Ok((Self::from_fd(fd)?, None)),
            StoreKeySource::Keyring => Ok((from_keyring(data_dir)?, None)),
            StoreKeySource::File => from_file(data_dir),
            StoreKeySource::Auto => Self::auto(data_dir),
        }
    }

    fn auto(data_dir: &Path) -> Result<(Self, Option<String>)> {
        let chosen = match std::fs::read_to_string(data_dir.join(SOURCE_FILE)) {
            Ok(text) => Some(text.trim().to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(WalletError::io(data_dir.join(SOURCE_FILE))(error)),
        };
        match chosen.as_deref() {
            Some("keyring") => Ok((from_keyring(data_dir)?, None)),
            Some("file") => from_file(data_dir),
            Some(other) => Err(WalletError::KeySource { why: format!("{SOURCE_FILE} says {other:?}, expected keyring or file") }),
            None => {
                let made = match from_keyring(data_dir) {
                    Ok(key) => (key, None, "keyring"),
                    Err(error) => {
                        tracing::warn!(%error, "no keyring: the database key goes to a file");
                        let (key, warning) = from_file(data_dir)?;
                        (key, warning, "file")
                    }
                };
                write_private(&data_dir.join(SOURCE_FILE), made.2.as_bytes())?;
                Ok((made.0, made.1))
            }
        }
    }

    /// Reads the key from an inherited descriptor.
    pub fn from_fd(fd: i32) -> Result<Self> {
        let path = format!("/dev/fd/{fd}");
        let file = std::fs::File::open(&path).map_err(WalletError::io(&path))?;
        Self::read(file)
    }

    /// Reads 32 bytes, or 64 hex digits with an optional line end.
    pub fn read(source: impl Read) -> Result<Self> {
        let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(80));
        source
            .take(80)
            .read_to_end(&mut bytes)
            .map_err(|error| WalletError::KeySource { why: format!("the descriptor can't be read: {error}") })?;
        if let Ok(key) = <[u8; 32]>::try_from(bytes.as_slice()) {
            return Ok(Self(key));
        }
        let mut key = [0u8; 32];
        hex::decode_to_slice(bytes.trim_ascii(), &mut key)
            .map_err(|_| WalletError::KeySource { why: format!("got {} bytes, expected 32 or 64 hex digits", bytes.len()) })?;
        Ok(Self(key))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreKey(..)")
    }
}

fn from_file(data_dir: &Path) -> Result<(StoreKey, Option<String>)> {
    let path = data_dir.join(KEY_FILE);
    match std::fs::File::open(&path) {
        Ok(file) => {
            refuse_readable_by_others(&path, &file)?;
            Ok((StoreKey::read(file)?, None))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = StoreKey::random()?;
            let text = zeroize::Zeroizing::new(hex::encode(key.0));
            write_private(&path, text.as_bytes())?;
            let warning = format!(
                "There is no keyring here, so the key of your chats and history is kept in {}. Whoever gets your disk can read them. \
                 Your money is not affected: its keys are with the signer.",
                path.display()
            );
            Ok((key, Some(warning)))
        }
        Err(error) => Err(WalletError::io(&path)(error)),
    }
}

#[cfg(unix)]
fn refuse_readable_by_others(path: &Path, file: &std::fs::File) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    let mode = file.metadata().map_err(WalletError::io(path))?.mode();
    if mode & 0o077 != 0 {
        let why = format!("{} has mode {:o}: others could read it, expected 600", path.display(), mode & 0o777);
        return Err(WalletError::KeySource { why });
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_readable_by_others(_: &Path, _: &std::fs::File) -> Result<()> {
    Ok(())
}

/// Creates a new file, readable for the owner only, wholly or not at all.
fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let part = path.with_extension("part");
    // A part of an earlier, interrupted start is of no use.
    if let Err(error) = std::fs::remove_file(&part)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(WalletError::io(&part)(error));
    }
    let mut file = options.open(&part).map_err(WalletError::io(&part))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(WalletError::io(&part))?;
    std::fs::rename(&part, path).map_err(WalletError::io(path))
}

/// Makes the folder where it is missing, for the owner only.
pub(super) fn make_private_dir(dir: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(WalletError::io(dir))
}

/// The Secret Service asks over D-Bus, which can hang when its daemon does: it gets a thread and ten seconds.
#[cfg(target_os = "linux")]
fn from_keyring(data_dir: &Path) -> Result<StoreKey> {
    if std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_none() && std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        return Err(WalletError::KeySource { why: "there is no session bus, hence no keyring".into() });
    }
    let folder = std::fs::canonicalize(data_dir).map_err(WalletError::io(data_dir))?;
    let user = hex::encode(&blake3::hash(folder.as_os_str().as_encoded_bytes()).as_bytes()[..8]);
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        // The receiver is gone only after the time-out, when nobody waits for the answer.
        let _ = sender.send(ask_keyring(&user));
    });
    match receiver.recv_timeout(std::time::Duration::from_secs(10)) {
        Ok(answer) => answer,
        Err(_) => Err(WalletError::KeySource { why: "the keyring did not answer within ten seconds".into() }),
    }
}

#[cfg(target_os = "linux")]
fn ask_keyring(user: &str) -> Result<StoreKey> {
    use keyring_core::api::CredentialStoreApi;
    let failed = |error: keyring_core::Error| WalletError::KeySource { why: format!("keyring: {error}") };
    let store = zbus_secret_service_keyring_store::Store::new().map_err(failed)?;
    let entry = store.build("parlance-wallet", user, None).map_err(failed)?;
    match entry.get_secret() {
        Ok(secret) => {
            let secret = zeroize::Zeroizing::new(secret);
            StoreKey::read(secret.as_slice())
        }
        Err(keyring_core::Error::NoEntry) => {
            let key = StoreKey::random()?;
            entry.set_secret(&key.0).map_err(failed)?;
            // Some services accept and forget: what can't be read back must not seal anything.
            let back = zeroize::Zeroizing::new(entry.get_secret().map_err(failed)?);
            if back.as_slice() != key.0 {
                return Err(WalletError::KeySource { why: "keyring: it gave back another secret than it was given".into() });
            }
            Ok(key)
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(not(target_os = "linux"))]
fn from_keyring(_: &Path) -> Result<StoreKey> {
    Err(WalletError::KeySource { why: "no keyring is built in for this system".into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_key_is_made_once_and_warned_of_once() {
        let dir = tempfile::tempdir().unwrap();
        let (first, warning) = StoreKey::open(dir.path(), StoreKeySource::File).unwrap();
        assert!(warning.unwrap().contains("store.key"));
        let (again, warning) = StoreKey::open(dir.path(), StoreKeySource::File).unwrap();
        assert!(warning.is_none());
        assert_eq!(first.0, again.0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = dir.path().join(KEY_FILE);
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert!(matches!(StoreKey::open(dir.path(), StoreKeySource::File), Err(WalletError::KeySource { .. })));
        }
    }

    #[test]
    fn a_folder_with_a_keyring_key_gets_no_file_key() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(SOURCE_FILE), "vault of another age").unwrap();
        assert!(matches!(StoreKey::open(dir.path(), StoreKeySource::Auto), Err(WalletError::KeySource { .. })));
        assert!(!dir.path().join(KEY_FILE).exists());
    }

    #[test]
    fn reads_bytes_and_hex_only() {
        assert_eq!(StoreKey::read([7u8; 32].as_slice()).unwrap().0, [7; 32]);
        assert_eq!(StoreKey::read(format!("{}\n", "07".repeat(32)).as_bytes()).unwrap().0, [7; 32]);
        for bad in [&b""[..], b"short", &[1u8; 33], "0g".repeat(32).as_bytes()] {
            assert!(StoreKey::read(bad).is_err());
        }
        assert_eq!(format!("{:?}", StoreKey::new([9; 32])), "StoreKey(..)");
    }
}
