//! The nullifier of an account: SHA-256 of scope, length and identifier, in one block.
//!
//! The identifier is padded with zeros to 46 bytes and its length is hashed before it, so two identifiers never share a message.
//! It hides the identifier only where that has enough random bits: see the template linter.

use std::fmt;

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use super::sha256::{IV, compress_bytes, constant_state, exactly, finish, last_block, state_bytes};
use crate::bytes::Byte;

/// The most bytes an identifier may have.
pub const ID_MAX: usize = 46;

/// An identifier that can't have a nullifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the account's identifier has {0} bytes where 1 to 46 are expected; choose another field in the template")]
pub struct IdLength(pub usize);

/// An account's identifier as it is hashed.
#[derive(Clone, PartialEq, Eq)]
pub struct PaddedId {
    bytes: [u8; ID_MAX],
    len: u8,
}

impl fmt::Debug for PaddedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PaddedId(..)")
    }
}

impl PaddedId {
    /// # Errors
    /// [`IdLength`] where it is empty or longer than 46 bytes.
    pub fn new(id: &[u8]) -> Result<Self, IdLength> {
        if id.is_empty() || id.len() > ID_MAX {
            return Err(IdLength(id.len()));
        }
        let mut bytes = [0; ID_MAX];
        bytes[..id.len()].copy_from_slice(id);
        Ok(Self { bytes, len: id.len() as u8 })
    }

    /// The bytes, zeros after the identifier.
    #[must_use]
    pub fn bytes(&self) -> &[u8; ID_MAX] {
        &self.bytes
    }

    /// How many of them are the identifier's.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> u8 {
        self.len
    }

    /// Its nullifier in a scope.
    #[must_use]
    pub fn nullifier(&self, scope: &[u8; 8]) -> [u8; 32] {
        finish(IV, 0, &[scope.as_slice(), &[self.len], &self.bytes].concat())
    }
}

/// The nullifier as constraints. That `id` has `len` bytes, at least one, and zeros after them is for the caller to enforce: bytes
/// of the prover's choice in either would give one account many nullifiers.
///
/// # Errors
/// As the constraint system's; [`SynthesisError::IncompatibleLengthVector`] where `scope` has not 8 bytes or `id` not 46.
pub fn nullifier<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    scope: &[Byte],
    len: &Byte,
    id: &[Byte],
) -> Result<Vec<Byte>, SynthesisError> {
    let (scope, id) = (exactly::<8>("scope", scope)?, exactly::<ID_MAX>("identifier", id)?);
    let message: Vec<Byte> = scope.iter().chain([len]).chain(id).cloned().collect();
    let hash = compress_bytes(&mut cs.namespace(|| "nullifier"), &constant_state(&IV), &last_block(&message, 0)?)?;
    Ok(state_bytes(&hash).to_vec())
}
