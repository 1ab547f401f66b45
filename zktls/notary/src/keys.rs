//! Ed25519 keys with their validity, and the public log of them.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use parlance_zktls_protocol::{KeyId, NotaryKey};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::NotaryError;

/// A signing key and what is public about it.
#[derive(Clone)]
pub struct Key {
    signing: SigningKey,
    public: NotaryKey,
}

/// The keys of a notary; those of the future are published before they count.
#[derive(Debug, Clone)]
pub struct Keys(Vec<Key>);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    /// 64 hexadecimal digits.
    secret: String,
    public: NotaryKey,
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl Key {
    /// A new key, valid for these Unix seconds.
    pub fn generate(operator: &str, from: u64, until: u64) -> Result<Self, NotaryError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut()).map_err(NotaryError::Random)?;
        let signing = SigningKey::from_bytes(&seed);
        let public = NotaryKey { key: signing.verifying_key(), operator: operator.to_owned(), from, until, revoked: None };
        Ok(Self { signing, public })
    }

    /// What is public about it.
    #[must_use]
    pub fn public(&self) -> &NotaryKey {
        &self.public
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// From the file that [`Key::write`] made.
    pub fn read(path: &Path) -> Result<Self, NotaryError> {
        let text = Zeroizing::new(fs::read_to_string(path).map_err(NotaryError::file(path))?);
        let expected = "a key as parlance-notary key makes it";
        // The parser's own words could quote the secret.
        let file: KeyFile = serde_json::from_str(&text).map_err(|_| NotaryError::content(path, "something else", expected))?;
        let mut seed = Zeroizing::new([0; 32]);
        hex::decode_to_slice(&file.secret, seed.as_mut())
            .map_err(|_| NotaryError::content(path, "a secret that is not 64 hexadecimal digits", expected))?;
        let signing = SigningKey::from_bytes(&seed);
        if signing.verifying_key() != file.public.key {
            return Err(NotaryError::content(path, "a secret and a public key that do not belong together", expected));
        }
        Ok(Self { signing, public: file.public.clone() })
    }

    /// Writes a new file that only its owner reads. There must be none.
    pub fn write(&self, path: &Path) -> Result<(), NotaryError> {
        let file = KeyFile { secret: hex::encode(Zeroizing::new(self.signing.to_bytes())), public: self.public.clone() };
        let text = serde_json::to_string_pretty(&file).map(Zeroizing::new);
        let text = text.map_err(|error| NotaryError::content(path, error, "a key"))?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(path).map_err(NotaryError::file(path))?;
        out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(NotaryError::file(path))
    }
}

// Not the secret.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Key").field(&self.public).finish()
    }
}

impl Keys {
    /// These.
    #[must_use]
    pub fn new(keys: Vec<Key>) -> Self {
        Self(keys)
    }

    /// From key files.
    pub fn read(paths: &[PathBuf]) -> Result<Self, NotaryError> {
        paths.iter().map(|path| Key::read(path)).collect::<Result<_, _>>().map(Self)
    }

    /// The key that is valid all the time from `opened` to `closed`; the one that ends first, so that each is used up.
    pub(crate) fn spanning(&self, opened: u64, closed: u64) -> Option<&Key> {
        let spans = |key: &&Key| key.public.valid_at(opened) && key.public.valid_at(closed);
        self.0.iter().filter(spans).min_by_key(|key| key.public.until)
    }
}

/// The public log: one [`NotaryKey`] a line as JSON, only appended to. A key's last line counts.
#[derive(Debug, Clone)]
pub struct KeyLog(PathBuf);

impl KeyLog {
    /// In this file.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Every key, as it stands now.
    pub fn keys(&self) -> Result<Vec<NotaryKey>, NotaryError> {
        let text = fs::read_to_string(&self.0).map_err(NotaryError::file(&self.0))?;
        let mut keys: Vec<NotaryKey> = Vec::new();
        for line in text.lines() {
            let key: NotaryKey = serde_json::from_str(line).map_err(|error| NotaryError::content(&self.0, error, "a key a line"))?;
            match keys.iter_mut().find(|known| known.id() == key.id()) {
                Some(known) => *known = key,
                None => keys.push(key),
            }
        }
        Ok(keys)
    }

    /// Publishes a key.
    pub fn append(&self, key: &NotaryKey) -> Result<(), NotaryError> {
        let mut line = serde_json::to_string(key).map_err(|error| NotaryError::content(&self.0, error, "a key"))?;
        line.push('\n');
        let mut log = OpenOptions::new().append(true).create(true).open(&self.0).map_err(NotaryError::file(&self.0))?;
        log.write_all(line.as_bytes()).and_then(|()| log.sync_all()).map_err(NotaryError::file(&self.0))
    }

    /// Revokes a key: none of its signatures counts any more.
    pub fn revoke(&self, id: KeyId, time: u64) -> Result<(), NotaryError> {
        let key = self.keys()?.into_iter().find(|key| key.id() == id);
        let key = key.ok_or_else(|| NotaryError::content(&self.0, format!("no key {id}"), "the id of a key in the log"))?;
        self.append(&NotaryKey { revoked: Some(key.revoked.unwrap_or(time)), ..key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_published_and_revoked() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let (path, log) = (folder.path().join("key.json"), KeyLog::at(folder.path().join("keys.jsonl")));
        let key = Key::generate("Demo", 100, 200)?;
        key.write(&path)?;
        assert!(key.write(&path).is_err(), "a key is never overwritten");
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path)?.permissions()) & 0o777, 0o600);
        let read = Key::read(&path)?;
        assert_eq!(read.public(), key.public());
        assert_eq!(read.signing().to_bytes(), key.signing().to_bytes());
        assert!(!format!("{key:?}").contains(&hex::encode(key.signing().to_bytes())));

        log.append(key.public())?;
        log.revoke(key.public().id(), 150)?;
        log.revoke(key.public().id(), 170)?;
        assert_eq!(log.keys()?, [NotaryKey { revoked: Some(150), ..key.public().clone() }]);
        assert!(log.revoke(KeyId([0; 32]), 1).is_err());
        Ok(())
    }

    #[test]
    fn a_file_with_another_public_key_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("key.json");
        let (one, other) = (Key::generate("One", 0, 9)?, Key::generate("Other", 0, 9)?);
        Key { signing: one.signing.clone(), public: other.public.clone() }.write(&path)?;
        let error = Key::read(&path).err().ok_or("read")?;
        assert!(error.to_string().contains("do not belong together"), "{error}");
        fs::write(&path, format!("{{\"secret\":\"{}\",\"publik\":1}}", hex::encode(one.signing.to_bytes())))?;
        let error = Key::read(&path).err().ok_or("read")?;
        assert!(!error.to_string().contains(&hex::encode(one.signing.to_bytes())), "{error}");
        Ok(())
    }

    #[test]
    fn the_key_spans_the_whole_session() -> Result<(), NotaryError> {
        let keys = Keys::new(vec![Key::generate("later", 150, 300)?, Key::generate("sooner", 100, 200)?]);
        let operator = |opened, closed| keys.spanning(opened, closed).map(|key| key.public.operator.as_str());
        assert_eq!(operator(99, 120), None);
        assert_eq!(operator(100, 200), Some("sooner"));
        assert_eq!(operator(160, 200), Some("sooner"));
        assert_eq!(operator(160, 201), Some("later"));
        assert_eq!(operator(100, 201), None);
        Ok(())
    }
}
