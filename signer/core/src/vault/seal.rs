//! Sealing: Argon2id, a keyed derivation, XChaCha20-Poly1305.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chacha20poly1305::aead::AeadInPlace;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::SignerError;
use crate::keyring::KeyringSecret;
use crate::keys::{LockedBuffer, Password};

/// Length of the Poly1305 tag, in bytes.
pub(crate) const TAG: usize = 16;
/// Length of an XChaCha20 nonce, in bytes.
pub(crate) const NONCE: usize = 24;
/// Length of the salt, in bytes.
pub(crate) const SALT: usize = 32;

/// Argon2id (RFC 9106, version 0x13) parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KdfParameters {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl KdfParameters {
    /// 64 MiB, 3 passes, 1 lane: about a third of a second on a modest laptop.
    pub const DEFAULT: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

    /// The least that a vault may be made or opened with.
    pub const LEAST: Self = Self::DEFAULT;

    /// The most that is followed, so that a changed file can't exhaust memory: 1 GiB, 32 passes, 8 lanes.
    pub const MOST: Self = Self { memory_kib: 1024 * 1024, passes: 32, lanes: 8 };

    /// Stronger parameters than the default.
    ///
    /// # Errors
    /// [`SignerError::KdfParameters`] outside of [`Self::LEAST`] to [`Self::MOST`].
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, SignerError> {
        let parameters = Self { memory_kib, passes, lanes };
        parameters.check()?;
        Ok(parameters)
    }

    /// Next to nothing, for tests.
    #[cfg(any(test, feature = "test-params"))]
    #[must_use]
    pub fn cheap_for_tests() -> Self {
        Self { memory_kib: 8, passes: 1, lanes: 1 }
    }

    /// From a file, where anything may stand.
    pub(crate) fn from_file(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, SignerError> {
        #[cfg(any(test, feature = "test-params"))]
        if (Self { memory_kib, passes, lanes }) == Self::cheap_for_tests() {
            return Ok(Self::cheap_for_tests());
        }
        Self::new(memory_kib, passes, lanes)
    }

    /// Memory in KiB, passes, lanes.
    #[must_use]
    pub fn parts(&self) -> (u32, u32, u32) {
        (self.memory_kib, self.passes, self.lanes)
    }

    fn check(self) -> Result<(), SignerError> {
        let within = |name, got: u32, least: u32, most: u32| {
            if (least..=most).contains(&got) {
                Ok(())
            } else {
                Err(SignerError::KdfParameters { reason: format!("{name} is {got}; expected {least} to {most}") })
            }
        };
        within("memory in KiB", self.memory_kib, Self::LEAST.memory_kib, Self::MOST.memory_kib)?;
        within("number of passes", self.passes, Self::LEAST.passes, Self::MOST.passes)?;
        within("number of lanes", self.lanes, Self::LEAST.lanes, Self::MOST.lanes)
    }
}

/// What the key is bound to, besides the password. Part of the derivation, so no two kinds of file share a key.
#[derive(Clone, Copy)]
pub(crate) enum KeyUse<'a> {
    /// The vault's secrets, with the keyring's secret where there is one.
    Vault(Option<&'a KeyringSecret>),
    /// A backup file: password only, since it must open on another machine.
    Backup,
}

/// A 32-byte key in locked memory.
pub(crate) struct SealKey(LockedBuffer);

impl SealKey {
    /// Argon2id of the password, then BLAKE3's key derivation over it and the keyring's secret.
    pub(crate) fn derive(password: &Password, salt: &[u8; SALT], kdf: KdfParameters, usage: KeyUse<'_>) -> Result<Self, SignerError> {
        let stretched = stretch(password, salt, kdf)?;
        let (context, keyring) = match usage {
            KeyUse::Vault(keyring) => ("Parlance signer 2026-11 vault secrets v1", keyring),
            KeyUse::Backup => ("Parlance signer 2026-11 backup v1", None),
        };
        let mut hasher = blake3::Hasher::new_derive_key(context);
        hasher.update(stretched.as_slice());
        // A marker byte before an input of fixed length: with and without keyring never coincide.
        match keyring {
            Some(secret) => hasher.update(&[1]).update(secret.expose()),
            None => hasher.update(&[0]),
        };
        Ok(Self::finish(hasher))
    }

    /// The key of the account list, which is readable while the vault is locked: from the keyring's secret alone.
    pub(crate) fn of_account_list(secret: &KeyringSecret, salt: &[u8; SALT]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("Parlance signer 2026-11 vault account list v1");
        hasher.update(secret.expose()).update(salt);
        Self::finish(hasher)
    }

    fn finish(mut hasher: blake3::Hasher) -> Self {
        let mut key = LockedBuffer::zeroed(32);
        hasher.finalize_xof().fill(key.as_mut_slice());
        hasher.zeroize();
        Self(key)
    }

    /// Whether two derivations gave the same key; constant time.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.0.is_locked()
    }

    /// Ciphertext and tag of `plain`; `context` is authenticated with it.
    pub(crate) fn seal(&self, nonce: &[u8; NONCE], context: &[u8], plain: &[u8]) -> Result<Vec<u8>, SignerError> {
        let mut buffer = LockedBuffer::copy_of(plain);
        let tag = self
            .cipher()?
            .encrypt_in_place_detached(nonce.into(), context, buffer.as_mut_slice())
            .map_err(|_| SignerError::Damaged { what: "vault", reason: "too long to be sealed".into() })?;
        let mut sealed = Vec::with_capacity(plain.len() + TAG);
        sealed.extend_from_slice(buffer.as_slice());
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// The plain text, or `None` where key, context or ciphertext are not the ones that were sealed.
    pub(crate) fn unseal(&self, nonce: &[u8; NONCE], context: &[u8], sealed: &[u8]) -> Result<Option<LockedBuffer>, SignerError> {
        let Some(split) = sealed.len().checked_sub(TAG) else {
            return Ok(None);
        };
        let (ciphertext, tag) = sealed.split_at(split);
        let mut buffer = LockedBuffer::copy_of(ciphertext);
        let opened = self.cipher()?.decrypt_in_place_detached(nonce.into(), context, buffer.as_mut_slice(), tag.into());
        Ok(opened.is_ok().then_some(buffer))
    }

    fn cipher(&self) -> Result<XChaCha20Poly1305, SignerError> {
        XChaCha20Poly1305::new_from_slice(self.0.as_slice())
            .map_err(|_| SignerError::KdfParameters { reason: "the key does not have 32 bytes".into() })
    }
}

fn stretch(password: &Password, salt: &[u8; SALT], kdf: KdfParameters) -> Result<Zeroizing<[u8; 32]>, SignerError> {
    let refused = |error: argon2::Error| SignerError::KdfParameters { reason: error.to_string() };
    let params = Params::new(kdf.memory_kib, kdf.passes, kdf.lanes, Some(32)).map_err(refused)?;
    let mut blocks = vec![Block::default(); params.block_count()];
    let mut stretched = Zeroizing::new([0u8; 32]);
    let outcome = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        password.normalized().as_bytes(),
        salt,
        stretched.as_mut_slice(),
        &mut blocks,
    );
    blocks.iter_mut().for_each(Zeroize::zeroize);
    outcome.map_err(refused)?;
    Ok(stretched)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(password: &str, keyring: Option<&KeyringSecret>) -> SealKey {
        let password = Password::new(password.into()).unwrap();
        SealKey::derive(&password, &[7; SALT], KdfParameters::cheap_for_tests(), KeyUse::Vault(keyring)).unwrap()
    }

    #[test]
    fn each_input_changes_the_key() {
        let zero = KeyringSecret::from_bytes(&[0; 32]).unwrap();
        let one = KeyringSecret::from_bytes(&[1; 32]).unwrap();
        let password = Password::new("a".into()).unwrap();
        let backup = SealKey::derive(&password, &[7; SALT], KdfParameters::cheap_for_tests(), KeyUse::Backup).unwrap();
        let keys = [key("a", None), key("b", None), key("a", Some(&zero)), key("a", Some(&one)), backup];
        for (i, left) in keys.iter().enumerate() {
            for (j, right) in keys.iter().enumerate() {
                assert_eq!(left.equals(right), i == j, "{i} {j}");
            }
        }
        assert!(key("a", Some(&one)).equals(&keys[3]));
    }

    #[test]
    fn what_was_sealed_opens_in_its_context_only() {
        let key = key("a", None);
        let sealed = key.seal(&[1; NONCE], b"header", b"secret").unwrap();
        assert_eq!(key.unseal(&[1; NONCE], b"header", &sealed).unwrap().unwrap().as_slice(), b"secret");
        assert!(key.unseal(&[2; NONCE], b"header", &sealed).unwrap().is_none());
        assert!(key.unseal(&[1; NONCE], b"heades", &sealed).unwrap().is_none());
        for cut in 0..sealed.len() {
            assert!(key.unseal(&[1; NONCE], b"header", &sealed[..cut]).unwrap().is_none());
        }
    }

    #[test]
    fn weak_and_absurd_parameters_are_refused() {
        for (memory, passes, lanes) in
            [(64 * 1024 - 1, 3, 1), (64 * 1024, 2, 1), (64 * 1024, 3, 0), (u32::MAX, 3, 1), (64 * 1024, u32::MAX, 1)]
        {
            assert!(KdfParameters::from_file(memory, passes, lanes).is_err(), "{memory} {passes} {lanes}");
        }
        assert!(KdfParameters::new(128 * 1024, 4, 2).is_ok());
    }
}
