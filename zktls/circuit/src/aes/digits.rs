//! Sums of bits, digit by digit.

use bellpepper_core::{ConstraintSystem, LinearCombination, SynthesisError};
use ff::PrimeField;

use super::native::spread;
use crate::bytes::Byte;
use crate::lookup::{Lookups, Table};

/// A number whose hexadecimal digits count bits: of which variables it is made, and what it is where a witness is there.
///
/// Of which variables is not kept where only a witness is made: no constraint is, and most of the time would go there.
#[derive(Clone)]
pub(super) struct Digits<F: PrimeField> {
    lc: Option<LinearCombination<F>>,
    value: Option<u64>,
}

impl<F: PrimeField> Digits<F> {
    /// A number of this value; `lc` is called where it will matter.
    pub(super) fn new<CS: ConstraintSystem<F>>(cs: &CS, value: Option<u64>, lc: impl FnOnce() -> LinearCombination<F>) -> Self {
        Self { lc: (!cs.is_witness_generator()).then(lc), value }
    }

    /// A byte in spread form.
    pub(super) fn of<CS: ConstraintSystem<F>>(cs: &CS, byte: &Byte) -> Self {
        Self::new(cs, byte.value().map(spread), || {
            let places = (0..8).map(|i| F::from(1 << (4 * i)));
            byte.bits.iter().zip(places).fold(LinearCombination::zero(), |sum, (bit, place)| sum + &bit.lc(CS::one(), place))
        })
    }

    /// A fresh variable, in no range.
    pub(super) fn alloc<CS: ConstraintSystem<F>>(cs: &mut CS, name: &str, value: Option<u64>) -> Result<Self, SynthesisError> {
        let variable = cs.alloc(|| name, || value.map(F::from).ok_or(SynthesisError::AssignmentMissing))?;
        Ok(Self::new(cs, value, || LinearCombination::zero() + variable))
    }

    /// A byte in spread form as one variable, for sums that would else have all its bits.
    pub(super) fn whole<CS: ConstraintSystem<F>>(cs: &mut CS, byte: &Byte) -> Result<Self, SynthesisError> {
        let bits = Self::of(cs, byte);
        let whole = Self::alloc(cs, "digits", bits.value)?;
        let rest = bits.minus(1, &whole);
        if let Some(lc) = rest.lc {
            cs.enforce(|| "the digits are its bits", |_| lc, |lc| lc + CS::one(), |lc| lc);
        }
        Ok(whole)
    }

    /// What it is.
    pub(super) fn value(&self) -> Option<u64> {
        self.value
    }

    /// The sum with another one, `weight` times.
    pub(super) fn plus(self, weight: u64, other: &Self) -> Self {
        let value = self.value.zip(other.value).map(|(a, b)| a.wrapping_add(weight.wrapping_mul(b)));
        let lc = self.lc.zip(other.lc.as_ref()).map(|(a, b)| if weight == 1 { a + b } else { a + (F::from(weight), b) });
        Self { lc, value }
    }

    /// What is left without another one, `weight` times.
    pub(super) fn minus(self, weight: u64, other: &Self) -> Self {
        let value = self.value.zip(other.value).map(|(a, b)| a.wrapping_sub(weight.wrapping_mul(b)));
        let lc = self.lc.zip(other.lc.as_ref()).map(|(a, b)| if weight == 1 { a - b } else { a - (F::from(weight), b) });
        Self { lc, value }
    }

    /// Ask for it. An error where it was made for a witness only and is now to be constrained.
    pub(super) fn ask<CS: ConstraintSystem<F>>(self, cs: &CS, table: Table, lookups: &mut Lookups<F>) -> Result<(), SynthesisError> {
        let lc = match self.lc {
            Some(lc) => lc,
            None if cs.is_witness_generator() => LinearCombination::zero(),
            None => return Err(SynthesisError::Unsatisfiable),
        };
        lookups.ask(table, lc, self.value.map(F::from));
        Ok(())
    }
}
