//! Bytes of a witness as bits.

use bellpepper_core::boolean::{AllocatedBit, Boolean};
use bellpepper_core::{ConstraintSystem, LinearCombination, SynthesisError, Variable};
use ff::PrimeField;

/// A byte as eight bits, least significant first.
#[derive(Clone, Debug)]
pub struct Byte {
    /// The bits.
    pub bits: [Boolean; 8],
}

impl Byte {
    /// Eight fresh bits.
    ///
    /// # Errors
    /// As the constraint system's.
    pub fn alloc<F: PrimeField, CS: ConstraintSystem<F>>(cs: &mut CS, value: Option<u8>) -> Result<Self, SynthesisError> {
        let mut bits = [const { Boolean::Constant(false) }; 8];
        for (i, bit) in bits.iter_mut().enumerate() {
            let value = value.map(|v| v >> i & 1 == 1);
            *bit = Boolean::from(AllocatedBit::alloc(cs.namespace(|| format!("bit {i}")), value)?);
        }
        Ok(Self { bits })
    }

    /// A constant.
    #[must_use]
    pub fn constant(value: u8) -> Self {
        Self { bits: std::array::from_fn(|i| Boolean::constant(value >> i & 1 == 1)) }
    }

    /// Its value, where a witness is there.
    #[must_use]
    pub fn value(&self) -> Option<u8> {
        self.bits.iter().rev().try_fold(0, |sum, bit| Some(sum << 1 | u8::from(bit.get_value()?)))
    }

    /// The sum of its bits, each times its place.
    pub fn lc<F: PrimeField>(&self, one: Variable) -> LinearCombination<F> {
        self.weighted(one, F::ONE)
    }

    /// The same times `weight`.
    pub fn weighted<F: PrimeField>(&self, one: Variable, weight: F) -> LinearCombination<F> {
        let mut place = weight;
        let mut sum = LinearCombination::zero();
        for bit in &self.bits {
            sum = sum + &bit.lc(one, place);
            place = place.double();
        }
        sum
    }

    /// The bits of some bytes, most significant first, as SHA-256 counts them.
    #[must_use]
    pub fn big_endian_bits(bytes: &[Self]) -> Vec<Boolean> {
        bytes.iter().flat_map(|b| b.bits.iter().rev().cloned()).collect()
    }

    /// Bytes of bits that come most significant first.
    #[must_use]
    pub fn from_big_endian_bits(bits: &[Boolean]) -> Vec<Self> {
        let byte = |chunk: &[Boolean]| Self { bits: std::array::from_fn(|i| chunk[7 - i].clone()) };
        bits.chunks_exact(8).map(byte).collect()
    }
}
