//! HMAC-SHA-256 as constraints, its messages outside: see [`super`].

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use super::sha256::{BLOCK, IV, State, compress_bytes, constant_state, enforce_equal, last_block, state_bytes};
use crate::bytes::Byte;

/// A key of HMAC that is ready for inner hashes.
pub struct Hmac {
    outer: State,
}

/// The key's block: 32 bytes of key and 32 zeros, each with `pad` on it.
fn padded(key: &[Byte; 32], pad: u8) -> [Byte; BLOCK] {
    let flip =
        |byte: &Byte| Byte { bits: std::array::from_fn(|i| if pad >> i & 1 == 1 { byte.bits[i].not() } else { byte.bits[i].clone() }) };
    std::array::from_fn(|i| key.get(i).map_or(Byte::constant(pad), flip))
}

impl Hmac {
    /// `key`'s inner midstate is `published`: two compressions.
    ///
    /// # Errors
    /// As the constraint system's.
    pub fn new<F: PrimeField, CS: ConstraintSystem<F>>(
        cs: &mut CS,
        key: &[Byte; 32],
        published: &[Byte; 32],
    ) -> Result<Self, SynthesisError> {
        let start = constant_state(&IV);
        let inner = compress_bytes(&mut cs.namespace(|| "inner midstate"), &start, &padded(key, 0x36))?;
        enforce_equal(&mut cs.namespace(|| "published midstate"), &state_bytes(&inner), published);
        let outer = compress_bytes(&mut cs.namespace(|| "outer midstate"), &start, &padded(key, 0x5c))?;
        Ok(Self { outer })
    }

    /// HMAC of the message that has this inner hash: one compression.
    ///
    /// # Errors
    /// As the constraint system's.
    pub fn output<F: PrimeField, CS: ConstraintSystem<F>>(
        &self,
        mut cs: CS,
        inner_hash: &[Byte; 32],
    ) -> Result<[Byte; 32], SynthesisError> {
        Ok(state_bytes(&compress_bytes(&mut cs, &self.outer, &last_block(inner_hash, 1)?)?))
    }
}
