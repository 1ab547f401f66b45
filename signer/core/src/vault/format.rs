//! The vault file.
//!
//! ```text
//! header   magic "PARLVLT\n" · version u32 · protection u8 · kdf u8 (1 = Argon2id v1.3) · memory KiB u32 · passes u32
//!          · lanes u32 · generation u64 · salt 32
//! list     nonce 24 · length u32 · ciphertext     accounts, under the keyring's secret; empty where there is none
//! secrets  nonce 24 · length u32 · ciphertext     under password and keyring's secret
//! ```
//! Numbers are little-endian. The list authenticates the header; the secrets authenticate header and list. Nothing
//! follows. A file of another version is refused before anything else is read.

use super::seal::{KdfParameters, NONCE, SALT, TAG};
use crate::SignerError;

const MAGIC: &[u8; 8] = b"PARLVLT\n";
/// The newest format that this program reads, and the one it writes.
pub(crate) const VERSION: u32 = 1;
const ARGON2ID: u8 = 1;
/// Longest vault file, in bytes. Thousands of accounts fit.
pub(crate) const LIMIT: usize = 4 * 1024 * 1024;

/// What protects a vault besides its password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyringUse {
    /// A secret in the OS keyring.
    Keyring,
    /// Nothing: the owner asked for that and chose a longer password.
    None,
    /// Nothing, and the password is public: a demo wallet with play money, confined to local chains.
    Play,
}

impl KeyringUse {
    fn to_byte(self) -> u8 {
        match self {
            Self::Keyring => 1,
            Self::None => 2,
            Self::Play => 3,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Keyring, Self::None, Self::Play].into_iter().find(|k| k.to_byte() == byte)
    }
}

/// The part that can be read without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) keyring: KeyringUse,
    pub(crate) kdf: KdfParameters,
    /// Rises by one with every write.
    pub(crate) generation: u64,
    pub(crate) salt: [u8; SALT],
}

impl Header {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let (memory_kib, passes, lanes) = self.kdf.parts();
        let mut bytes = Vec::with_capacity(66);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.push(self.keyring.to_byte());
        bytes.push(ARGON2ID);
        for number in [memory_kib, passes, lanes] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.generation.to_le_bytes());
        bytes.extend_from_slice(&self.salt);
        bytes
    }
}

/// Nonce and ciphertext with tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub(crate) nonce: [u8; NONCE],
    pub(crate) ciphertext: Vec<u8>,
}

impl Sealed {
    pub(crate) fn encode_to(&self, bytes: &mut Vec<u8>) -> Result<(), SignerError> {
        let length = u32::try_from(self.ciphertext.len())
            .map_err(|_| SignerError::Damaged { what: "vault", reason: "a section is too long".into() })?;
        bytes.extend_from_slice(&self.nonce);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&self.ciphertext);
        Ok(())
    }
}

/// A vault file, taken apart but not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VaultFile {
    pub(crate) header: Header,
    pub(crate) list: Sealed,
    pub(crate) secrets: Sealed,
}

impl VaultFile {
    pub(crate) fn encode(&self) -> Result<Vec<u8>, SignerError> {
        let mut bytes = self.secrets_context()?;
        self.secrets.encode_to(&mut bytes)?;
        Ok(bytes)
    }

    /// What the seal of the secrets authenticates: everything before them.
    pub(crate) fn secrets_context(&self) -> Result<Vec<u8>, SignerError> {
        secrets_context(&self.header, &self.list)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, SignerError> {
        let mut reader = Reader::new(bytes, "vault");
        if reader.take(MAGIC.len())? != MAGIC {
            return Err(reader.damaged("it does not start like a vault"));
        }
        let version = reader.u32()?;
        if version > VERSION {
            return Err(SignerError::NewerFormat { what: "vault", got: version, expected: VERSION });
        }
        if version != VERSION {
            return Err(reader.damaged("unknown version"));
        }
        let keyring = KeyringUse::from_byte(reader.u8()?).ok_or_else(|| reader.damaged("unknown kind of protection"))?;
        if reader.u8()? != ARGON2ID {
            return Err(reader.damaged("unknown key derivation"));
        }
        let kdf = KdfParameters::from_file(reader.u32()?, reader.u32()?, reader.u32()?)?;
        let header = Header { keyring, kdf, generation: reader.u64()?, salt: reader.array()? };
        let file = Self { header, list: reader.sealed()?, secrets: reader.sealed()? };
        reader.finish()?;
        if file.secrets.ciphertext.len() < TAG {
            return Err(SignerError::Damaged { what: "vault", reason: "the secrets are missing".into() });
        }
        Ok(file)
    }
}

/// Header and list, as the seal of the secrets authenticates them.
pub(crate) fn secrets_context(header: &Header, list: &Sealed) -> Result<Vec<u8>, SignerError> {
    let mut bytes = header.encode();
    list.encode_to(&mut bytes)?;
    Ok(bytes)
}

/// Reads fields off untrusted bytes; never panics, never allocates by a length that was not checked.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    pub(crate) fn damaged(&self, reason: &str) -> SignerError {
        SignerError::Damaged { what: self.what, reason: reason.to_owned() }
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], SignerError> {
        let (head, rest) = self.rest.split_at_checked(len).ok_or_else(|| self.damaged("it is cut off"))?;
        self.rest = rest;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], SignerError> {
        let mut bytes = [0u8; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, SignerError> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, SignerError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, SignerError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// A field with its length, as a u32, before it.
    pub(crate) fn field(&mut self) -> Result<&'a [u8], SignerError> {
        let len = self.u32()?;
        self.take(usize::try_from(len).unwrap_or(usize::MAX))
    }

    pub(crate) fn sealed(&mut self) -> Result<Sealed, SignerError> {
        Ok(Sealed { nonce: self.array()?, ciphertext: self.field()?.to_vec() })
    }

    pub(crate) fn finish(self) -> Result<(), SignerError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.damaged("something follows its end")) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(list: Vec<u8>, secrets: Vec<u8>, generation: u64) -> VaultFile {
        let header = Header { keyring: KeyringUse::Keyring, kdf: KdfParameters::DEFAULT, generation, salt: [9; SALT] };
        VaultFile {
            header,
            list: Sealed { nonce: [1; NONCE], ciphertext: list },
            secrets: Sealed { nonce: [2; NONCE], ciphertext: secrets },
        }
    }

    #[test]
    fn a_newer_version_is_refused_as_such() {
        let mut bytes = file(vec![], vec![0; TAG], 1).encode().unwrap();
        bytes[8] = 2;
        let error = VaultFile::decode(&bytes).unwrap_err();
        assert!(matches!(error, SignerError::NewerFormat { got: 2, expected: 1, .. }), "{error}");
        // Even where the rest looks like nothing we know.
        let error = VaultFile::decode(&bytes[..12]).unwrap_err();
        assert!(matches!(error, SignerError::NewerFormat { .. }), "{error}");
    }

    proptest! {
        #[test]
        fn files_come_back_as_written(
            list in proptest::collection::vec(any::<u8>(), 0..200),
            secrets in proptest::collection::vec(any::<u8>(), TAG..200),
            generation: u64,
        ) {
            let file = file(list, secrets, generation);
            prop_assert_eq!(VaultFile::decode(&file.encode().unwrap()).unwrap(), file);
        }

        #[test]
        fn the_parser_takes_anything(bytes in proptest::collection::vec(any::<u8>(), 0..400), plausible: bool) {
            let mut bytes = bytes;
            if plausible {
                let head = file(vec![], vec![], 0).header.encode();
                bytes.splice(0..0, head);
            }
            // Whatever it says, it says it without a panic; what it accepts, it writes back byte for byte.
            if let Ok(file) = VaultFile::decode(&bytes) {
                prop_assert_eq!(file.encode().unwrap(), bytes);
            }
        }

        #[test]
        fn every_truncation_is_refused(cut in 0usize..200) {
            let bytes = file(vec![3; 40], vec![4; 40], 5).encode().unwrap();
            prop_assume!(cut < bytes.len());
            prop_assert!(VaultFile::decode(&bytes[..cut]).is_err());
        }
    }
}
