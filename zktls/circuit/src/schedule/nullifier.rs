//! The nullifier of an account as constraints: SHA-256 of scope, length and identifier, in one block. Natively it is
//! [`parlance_zktls_protocol::nullifier`].
//!
//! The identifier is padded with zeros to 46 bytes and its length is hashed before it, so two identifiers never share a message.
//! It hides the identifier only where that has enough random bits: see the template linter.

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;
use parlance_zktls_protocol::MAX_ID;

use super::sha256::{IV, compress_bytes, constant_state, exactly, last_block, state_bytes};
use crate::bytes::Byte;

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
    let (scope, id) = (exactly::<8>("scope", scope)?, exactly::<MAX_ID>("identifier", id)?);
    let message: Vec<Byte> = scope.iter().chain([len]).chain(id).cloned().collect();
    let hash = compress_bytes(&mut cs.namespace(|| "nullifier"), &constant_state(&IV), &last_block(&message, 0)?)?;
    Ok(state_bytes(&hash).to_vec())
}
