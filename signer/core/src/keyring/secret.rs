//! The 32 bytes.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::SignerError;
use crate::keys::LockedBuffer;
use crate::vault::random;

/// 32 random bytes that live in the OS keyring.
pub struct KeyringSecret(LockedBuffer);

impl KeyringSecret {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// A new one.
    ///
    /// # Errors
    /// [`SignerError::NoRandomness`].
    pub fn generate() -> Result<Self, SignerError> {
        let mut buffer = LockedBuffer::zeroed(Self::LEN);
        random::fill(buffer.as_mut_slice())?;
        Ok(Self(buffer))
    }

    /// From exactly 32 bytes; the caller wipes them.
    ///
    /// # Errors
    /// [`SignerError::KeyringSecret`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SignerError> {
        if bytes.len() != Self::LEN {
            return Err(SignerError::KeyringSecret { got: bytes.len(), expected: Self::LEN });
        }
        Ok(Self(LockedBuffer::copy_of(bytes)))
    }

    /// Reads the bare secret from a descriptor up to its end, and closes it.
    ///
    /// # Errors
    /// [`SignerError::KeyringSecret`] unless exactly 32 bytes come; [`SignerError::Keyring`].
    pub fn from_fd(fd: OwnedFd) -> Result<Self, SignerError> {
        let mut bytes = Zeroizing::new([0u8; Self::LEN + 1]);
        let got = read_up_to(&mut File::from(fd), bytes.as_mut_slice())?;
        Self::from_bytes(bytes.get(..got).unwrap_or_default())
    }

    pub(crate) fn expose(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl PartialEq for KeyringSecret {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
    }
}

impl std::fmt::Debug for KeyringSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyringSecret(..)")
    }
}

/// Reads until the buffer is full or the writer has closed its end.
pub(super) fn read_up_to(file: &mut File, buffer: &mut [u8]) -> Result<usize, SignerError> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                return Err(SignerError::Keyring { reason: format!("the inherited descriptor: {error}") });
            }
        }
    }
    Ok(filled)
}
