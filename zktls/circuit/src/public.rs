//! Public inputs: packed bits, tied to what the circuit computes with.
//!
//! The proving system allocates public inputs after the first part of the witness. [`Ties`] keeps their order meanwhile: what is
//! packed is allocated as witness, and tied to its input at the end. Each input is a sum of bits, at most [`BITS`] of them, or of
//! digits in range: one value, one way to take it apart.

use bellpepper_core::boolean::Boolean;
use bellpepper_core::num::AllocatedNum;
use bellpepper_core::{ConstraintSystem, LinearCombination, SynthesisError};
use ff::PrimeField;

use crate::sum::Sum;

/// Bits that fit one public input.
pub const BITS: usize = 248;

/// What is to equal a public input, in order.
pub struct Ties<F: PrimeField> {
    list: Vec<(LinearCombination<F>, Option<F>)>,
}

impl<F: PrimeField> Default for Ties<F> {
    fn default() -> Self {
        Self { list: Vec::new() }
    }
}

impl<F: PrimeField> Ties<F> {
    /// The next public input is this.
    pub fn tie(&mut self, lc: LinearCombination<F>, value: Option<F>) {
        self.list.push((lc, value));
    }

    /// The next public input is the number of these digits, the first one lowest, to the base `2^bits`.
    pub fn digits(&mut self, digits: &[AllocatedNum<F>], bits: u32) {
        let mut place = F::ONE;
        let (mut lc, mut value) = (LinearCombination::zero(), Some(F::ZERO));
        for digit in digits {
            lc = lc + (place, digit.get_variable());
            value = value.zip(digit.get_value()).map(|(sum, digit)| sum + place * digit);
            place *= F::from(1 << bits);
        }
        self.tie(lc, value);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// True where there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Their values, where a witness is there.
    #[must_use]
    pub fn values(&self) -> Option<Vec<F>> {
        self.list.iter().map(|(_, value)| *value).collect()
    }

    /// Allocate the public inputs and tie them.
    ///
    /// # Errors
    /// As the constraint system's.
    pub fn inputs<CS: ConstraintSystem<F>>(&self, cs: &mut CS) -> Result<(), SynthesisError> {
        for (i, (lc, value)) in self.list.iter().enumerate() {
            let input = cs.alloc_input(|| format!("public {i}"), || value.ok_or(SynthesisError::AssignmentMissing))?;
            cs.enforce(|| format!("public {i} is what is computed with"), |zero| zero + lc, |zero| zero + CS::one(), |zero| zero + input);
        }
        Ok(())
    }
}

/// Bits on their way into public inputs, least significant first.
#[derive(Default)]
pub struct Pack {
    bits: Vec<Boolean>,
}

impl Pack {
    /// More bits.
    pub fn bits(&mut self, bits: &[Boolean]) {
        self.bits.extend_from_slice(bits);
    }

    /// Tie them, [`BITS`] to a public input.
    pub fn tie<F: PrimeField>(self, ties: &mut Ties<F>) {
        for chunk in self.bits.chunks(BITS) {
            let Sum { lc, value } = Sum::bits(chunk);
            ties.tie(lc, value);
        }
    }
}

/// The same natively: bits of bytes and numbers, packed alike.
#[derive(Clone, Debug, Default)]
pub struct Packed<F> {
    values: Vec<F>,
    bits: Vec<bool>,
}

impl<F: PrimeField> Packed<F> {
    /// The lowest `count` bits of a number.
    pub fn number(&mut self, value: u64, count: usize) {
        self.bits.extend((0..count).map(|i| value >> i & 1 == 1));
    }

    /// Bytes, each least significant bit first.
    pub fn bytes(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.number(u64::from(*b), 8));
    }

    /// A field element of its own.
    pub fn element(&mut self, value: F) {
        self.end();
        self.values.push(value);
    }

    /// What follows begins a new public input.
    pub fn end(&mut self) {
        for chunk in self.bits.chunks(BITS) {
            self.values.push(chunk.iter().rev().fold(F::ZERO, |sum, bit| sum.double() + if *bit { F::ONE } else { F::ZERO }));
        }
        self.bits.clear();
    }

    /// All public inputs.
    #[must_use]
    pub fn finish(mut self) -> Vec<F> {
        self.end();
        self.values
    }
}
