//! The signer's backup file: what a recovery phrase does not restore.
//!
//! ```text
//! magic "PARLBAK\n" · version u32 · memory KiB u32 · passes u32 · lanes u32 · salt 32 · nonce 24    (authenticated)
//! · ciphertext of: generation u64 · made at u64 (Unix seconds) · contents (length u32, as in a vault)
//!   · blobs u32 × { name (length u32, UTF-8) · bytes (length u32) }
//! ```
//! It opens on any computer, so it is under its own password alone, of at least [`LEAST_CHARS`] characters.

use crate::SignerError;
use crate::keys::{Account, LockedBuffer, Password, Realm};
use crate::vault::seal::{KeyUse, NONCE, SALT, SealKey};
use crate::vault::{Contents, KdfParameters, Reader, random};

const MAGIC: &[u8; 8] = b"PARLBAK\n";
const VERSION: u32 = 1;

/// The shortest password of a backup, in characters.
pub const LEAST_CHARS: usize = 14;
/// The longest backup file, in bytes: 64 MiB.
pub const LIMIT: usize = 64 * 1024 * 1024;

/// Something else to keep with the keys: rules, contacts, price book. The caller knows its format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// E.g. `rules.cedar`.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A backup whose seal was opened and whose parts were checked.
pub struct OpenBackup {
    contents: LockedBuffer,
    accounts: Vec<Account>,
    generation: u64,
    made_at: u64,
    blobs: Vec<Blob>,
}

impl OpenBackup {
    /// Opens a file, and checks that every account's key is there and gives its address.
    ///
    /// # Errors
    /// [`SignerError::NewerFormat`], [`SignerError::WrongPassword`], [`SignerError::Damaged`],
    /// [`SignerError::KdfParameters`].
    pub fn open(file: &[u8], password: &Password) -> Result<Self, SignerError> {
        if file.len() > LIMIT {
            return Err(damaged(format!("it is longer than {LIMIT} bytes")));
        }
        let mut reader = Reader::new(file, "backup");
        if reader.take(MAGIC.len())? != MAGIC {
            return Err(reader.damaged("it does not start like a backup"));
        }
        let version = reader.u32()?;
        if version > VERSION {
            return Err(SignerError::NewerFormat { what: "backup", got: version, expected: VERSION });
        }
        if version != VERSION {
            return Err(reader.damaged("unknown version"));
        }
        let kdf = KdfParameters::from_file(reader.u32()?, reader.u32()?, reader.u32()?)?;
        let salt: [u8; SALT] = reader.array()?;
        let nonce: [u8; NONCE] = reader.array()?;
        let (header, ciphertext) = file.split_at_checked(HEADER).ok_or_else(|| damaged("it is cut off".into()))?;
        let key = SealKey::derive(password, &salt, kdf, KeyUse::Backup)?;
        let plain = key.unseal(&nonce, header, ciphertext)?.ok_or(SignerError::WrongPassword { what: "backup" })?;
        Self::parse(plain.as_slice())
    }

    fn parse(plain: &[u8]) -> Result<Self, SignerError> {
        let mut reader = Reader::new(plain, "backup");
        let generation = reader.u64()?;
        let made_at = reader.u64()?;
        let contents = LockedBuffer::copy_of(reader.field()?);
        let mut blobs = Vec::new();
        for _ in 0..reader.u32()? {
            let name = std::str::from_utf8(reader.field()?).map_err(|_| damaged("a name is not UTF-8".into()))?;
            blobs.push(Blob { name: name.to_owned(), bytes: reader.field()?.to_vec() });
        }
        reader.finish()?;
        let accounts = Contents::decode(contents.as_slice(), Realm::Real)?.accounts;
        Ok(Self { contents, accounts, generation, made_at, blobs })
    }

    /// The accounts in it.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The vault's generation when it was made.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// When it was made, Unix seconds, by that computer's clock.
    #[must_use]
    pub fn made_at(&self) -> u64 {
        self.made_at
    }

    /// What was kept with the keys.
    #[must_use]
    pub fn blobs(&self) -> &[Blob] {
        &self.blobs
    }

    /// One blob by its name.
    #[must_use]
    pub fn blob(&self, name: &str) -> Option<&[u8]> {
        self.blobs.iter().find(|blob| blob.name == name).map(|blob| blob.bytes.as_slice())
    }

    pub(crate) fn contents(&self) -> &[u8] {
        self.contents.as_slice()
    }
}

impl std::fmt::Debug for OpenBackup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenBackup")
            .field("accounts", &self.accounts.len())
            .field("generation", &self.generation)
            .field("blobs", &self.blobs.len())
            .finish_non_exhaustive()
    }
}

/// Length of everything before the ciphertext.
const HEADER: usize = 8 + 4 + 3 * 4 + SALT + NONCE;

/// Seals a backup; [`crate::vault::Vault::back_up`] checks the passwords before.
pub(crate) fn seal(
    contents: &LockedBuffer,
    generation: u64,
    made_at: u64,
    blobs: &[Blob],
    password: &Password,
    kdf: KdfParameters,
) -> Result<Vec<u8>, SignerError> {
    let salt: [u8; SALT] = random::array()?;
    let nonce: [u8; NONCE] = random::array()?;
    let (memory_kib, passes, lanes) = kdf.parts();
    let mut file = Vec::with_capacity(HEADER);
    file.extend_from_slice(MAGIC);
    for number in [VERSION, memory_kib, passes, lanes] {
        file.extend_from_slice(&number.to_le_bytes());
    }
    file.extend_from_slice(&salt);
    file.extend_from_slice(&nonce);

    let length = 8 + 8 + 4 + contents.as_slice().len() + 4 + blobs.iter().map(|blob| 8 + blob.name.len() + blob.bytes.len()).sum::<usize>();
    if HEADER + length > LIMIT - 64 {
        return Err(damaged(format!("it would be longer than {LIMIT} bytes")));
    }
    // Reserved once, so that no copy is left behind by growing.
    let mut plain = zeroize::Zeroizing::new(Vec::with_capacity(length));
    plain.extend_from_slice(&generation.to_le_bytes());
    plain.extend_from_slice(&made_at.to_le_bytes());
    put_field(&mut plain, contents.as_slice())?;
    plain.extend_from_slice(&count(blobs.len())?);
    for blob in blobs {
        put_field(&mut plain, blob.name.as_bytes())?;
        put_field(&mut plain, &blob.bytes)?;
    }
    let key = SealKey::derive(password, &salt, kdf, KeyUse::Backup)?;
    let sealed = key.seal(&nonce, &file, &plain)?;
    file.extend_from_slice(&sealed);
    Ok(file)
}

fn put_field(plain: &mut Vec<u8>, bytes: &[u8]) -> Result<(), SignerError> {
    plain.extend_from_slice(&count(bytes.len())?);
    plain.extend_from_slice(bytes);
    Ok(())
}

fn count(number: usize) -> Result<[u8; 4], SignerError> {
    u32::try_from(number).map(u32::to_le_bytes).map_err(|_| damaged("a part of it is too long".into()))
}

fn damaged(reason: String) -> SignerError {
    SignerError::Damaged { what: "backup", reason }
}
