//! Linear sums with their values, and the few kinds of constraints that requests and responses are made of.
//!
//! What is allocated before the lookups' random point is drawn is committed with 64 bits a value, and cut to them in silence.
//! So no variable made here is negative or wide in an honest witness: no inverses, no differences. Sums may be anything.

use bellpepper_core::boolean::{AllocatedBit, Boolean};
use bellpepper_core::num::AllocatedNum;
use bellpepper_core::{ConstraintSystem, Index, LinearCombination, SynthesisError, Variable};
use ff::PrimeField;

use crate::bytes::Byte;
use crate::lookup::{Lookups, Table};

/// A linear sum of variables; it costs no constraint.
#[derive(Clone, Debug)]
pub struct Sum<F: PrimeField> {
    /// Of what it is made.
    pub lc: LinearCombination<F>,
    /// What it is, where a witness is there.
    pub value: Option<F>,
}

/// The variable that is one.
#[must_use]
pub const fn one() -> Variable {
    Variable(Index::Input(0))
}

impl<F: PrimeField> Sum<F> {
    /// Nothing.
    #[must_use]
    pub fn zero() -> Self {
        Self { lc: LinearCombination::zero(), value: Some(F::ZERO) }
    }

    /// A constant.
    #[must_use]
    pub fn constant(value: u64) -> Self {
        Self::zero().plus_constant(value)
    }

    /// A byte.
    #[must_use]
    pub fn byte(byte: &Byte) -> Self {
        Self { lc: byte.lc(one()), value: byte.value().map(|v| F::from(u64::from(v))) }
    }

    /// Some bits, least significant first.
    #[must_use]
    pub fn bits(bits: &[Boolean]) -> Self {
        let mut sum = Self::zero();
        let mut place = F::ONE;
        for bit in bits {
            let value = bit.get_value().map(|b| if b { F::ONE } else { F::ZERO });
            sum = sum.plus_times(place, &Self { lc: bit.lc(one(), F::ONE), value });
            place = place.double();
        }
        sum
    }

    /// This and a constant.
    #[must_use]
    pub fn plus_constant(self, value: u64) -> Self {
        let value = F::from(value);
        Self { lc: self.lc + (value, one()), value: self.value.map(|v| v + value) }
    }

    /// This and another.
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        Self { lc: self.lc + &other.lc, value: self.value.zip(other.value).map(|(a, b)| a + b) }
    }

    /// This without another.
    #[must_use]
    pub fn minus(self, other: &Self) -> Self {
        Self { lc: self.lc - &other.lc, value: self.value.zip(other.value).map(|(a, b)| a - b) }
    }

    /// This and `times` another.
    #[must_use]
    pub fn plus_times(self, times: F, other: &Self) -> Self {
        Self { lc: self.lc + (times, &other.lc), value: self.value.zip(other.value).map(|(a, b)| a + times * b) }
    }

    /// `times` this.
    #[must_use]
    pub fn times(&self, times: u64) -> Self {
        Self::zero().plus_times(F::from(times), self)
    }

    /// Its value's lowest 64 bits.
    #[must_use]
    pub fn low(&self) -> Option<u64> {
        let repr = self.value?.to_repr();
        Some(u64::from_le_bytes(repr.as_ref().get(..8)?.try_into().ok()?))
    }

    /// One without this: the opposite of a bit.
    #[must_use]
    pub fn not(&self) -> Self {
        Self::constant(1).minus(self)
    }
}

impl<F: PrimeField> From<&AllocatedNum<F>> for Sum<F> {
    fn from(number: &AllocatedNum<F>) -> Self {
        Self { lc: LinearCombination::from_variable(number.get_variable()), value: number.get_value() }
    }
}

/// A new variable.
///
/// # Errors
/// As the constraint system's.
pub fn number<F: PrimeField, CS: ConstraintSystem<F>>(cs: &mut CS, name: &str, value: Option<F>) -> Result<Sum<F>, SynthesisError> {
    let number = AllocatedNum::alloc(cs.namespace(|| name), || value.ok_or(SynthesisError::AssignmentMissing))?;
    Ok(Sum::from(&number))
}

/// A new bit.
///
/// # Errors
/// As the constraint system's.
pub fn bit<F: PrimeField, CS: ConstraintSystem<F>>(cs: &mut CS, name: &str, value: Option<bool>) -> Result<Sum<F>, SynthesisError> {
    let bit = AllocatedBit::alloc(cs.namespace(|| name), value)?;
    Ok(Sum::bits(&[Boolean::from(bit)]))
}

/// A new number of up to 64 bits, least significant first.
///
/// # Errors
/// As the constraint system's.
pub fn bits<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    name: &str,
    count: usize,
    value: Option<u64>,
) -> Result<Vec<Boolean>, SynthesisError> {
    let bit = |i: usize, cs: &mut CS| AllocatedBit::alloc(cs.namespace(|| format!("{name} {i}")), value.map(|v| v >> i & 1 == 1));
    (0..count).map(|i| Ok(Boolean::from(bit(i, cs)?))).collect()
}

/// `length` bits, the first of them set: `count` many.
///
/// # Errors
/// As the constraint system's.
pub fn first_bits<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    name: &str,
    length: usize,
    count: Option<usize>,
) -> Result<Vec<Sum<F>>, SynthesisError> {
    let mut bits: Vec<Sum<F>> = Vec::with_capacity(length);
    for i in 0..length {
        let bit = bit(cs, &format!("{name} {i}"), count.map(|c| i < c))?;
        if let Some(before) = bits.last() {
            zero_if(cs, &format!("{name} {i} comes after {name}"), &bit, &before.not());
        }
        bits.push(bit);
    }
    Ok(bits)
}

/// The sum of some sums.
#[must_use]
pub fn total<F: PrimeField>(sums: &[Sum<F>]) -> Sum<F> {
    sums.iter().fold(Sum::zero(), |all, sum| all.plus(sum))
}

/// a · b, as a new variable.
///
/// # Errors
/// As the constraint system's.
pub fn product<F: PrimeField, CS: ConstraintSystem<F>>(cs: &mut CS, name: &str, a: &Sum<F>, b: &Sum<F>) -> Result<Sum<F>, SynthesisError> {
    let product = number(cs, name, a.value.zip(b.value).map(|(a, b)| a * b))?;
    cs.enforce(|| format!("{name}: product"), |_| a.lc.clone(), |_| b.lc.clone(), |_| product.lc.clone());
    Ok(product)
}

/// Where `flag` is not zero, `sum` is.
pub fn zero_if<F: PrimeField, CS: ConstraintSystem<F>>(cs: &mut CS, name: &str, flag: &Sum<F>, sum: &Sum<F>) {
    cs.enforce(|| name, |_| flag.lc.clone(), |_| sum.lc.clone(), |lc| lc);
}

/// Both are the same.
pub fn equal<F: PrimeField, CS: ConstraintSystem<F>>(cs: &mut CS, name: &str, a: &Sum<F>, b: &Sum<F>) {
    zero_if(cs, name, &Sum::constant(1), &a.clone().minus(b));
}

/// A number of at most `length` bits, as the sum of them.
///
/// # Errors
/// As the constraint system's.
pub fn small<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    name: &str,
    length: usize,
    value: Option<u64>,
) -> Result<Sum<F>, SynthesisError> {
    Ok(Sum::bits(&bits(cs, name, length, value)?))
}

/// A new number from 0 to 255, by lookup.
///
/// # Errors
/// As the constraint system's.
pub fn octet<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    name: &str,
    value: Option<u8>,
) -> Result<Sum<F>, SynthesisError> {
    lookups.fixed(Table::Range, one(), || (0..256).map(F::from).collect());
    let octet = number(cs, name, value.map(|v| F::from(u64::from(v))))?;
    ask(lookups, Table::Range, &octet);
    Ok(octet)
}

/// A new number of 16 bits, by lookup.
///
/// # Errors
/// As the constraint system's.
pub fn position<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    name: &str,
    value: Option<usize>,
) -> Result<Sum<F>, SynthesisError> {
    let bytes = value.map(|v| u16::try_from(v).map(u16::to_le_bytes).map_err(|_| SynthesisError::Unsatisfiable)).transpose()?;
    let low = octet(cs, lookups, &format!("{name}: low"), bytes.map(|b| b[0]))?;
    let high = octet(cs, lookups, &format!("{name}: high"), bytes.map(|b| b[1]))?;
    Ok(low.plus_times(F::from(256), &high))
}

/// `wanted` is among the rows.
pub fn ask<F: PrimeField>(lookups: &mut Lookups<F>, table: Table, wanted: &Sum<F>) {
    lookups.ask(table, wanted.lc.clone(), wanted.value);
}

/// Where the bit `flag` is set, `wanted` is among the rows; where not, `any` row is asked.
///
/// # Errors
/// As the constraint system's.
pub fn ask_if<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    table: Table,
    name: &str,
    flag: &Sum<F>,
    wanted: &Sum<F>,
    any: Option<F>,
) -> Result<(), SynthesisError> {
    let value = flag.value.and_then(|f| if f.is_zero_vartime() { any } else { wanted.value });
    let asked = number(cs, name, value)?;
    zero_if(cs, &format!("{name}: as wanted"), flag, &asked.clone().minus(wanted));
    ask(lookups, table, &asked);
    Ok(())
}

#[cfg(test)]
mod tests {
    use bellpepper_core::test_cs::TestConstraintSystem;
    use vega_prover::provider::T256HyraxEngine;
    use vega_prover::traits::Engine;

    use super::*;

    type F = <T256HyraxEngine as Engine>::Scalar;

    #[test]
    fn sums_are_what_they_say() {
        assert_eq!(one(), TestConstraintSystem::<F>::one());
        let mut cs = TestConstraintSystem::<F>::new();
        let a = number(&mut cs, "a", Some(F::from(5))).unwrap();
        let b = bit(&mut cs, "b", Some(true)).unwrap();
        let sum = a.times(3).plus(&b).minus(&Sum::constant(2)).plus_times(F::from(10), &b.not());
        assert_eq!(sum.value, Some(F::from(14)));
        equal(&mut cs, "sum", &sum, &Sum::constant(14));
        zero_if(&mut cs, "none", &b.not(), &a);
        let seven = small(&mut cs, "seven", 3, Some(7)).unwrap();
        let product = product(&mut cs, "35", &a, &seven).unwrap();
        equal(&mut cs, "product", &product, &Sum::constant(35));
        let first = first_bits(&mut cs, "first", 4, Some(2)).unwrap();
        equal(&mut cs, "two", &total(&first), &Sum::constant(2));
        assert!(cs.is_satisfied());
        for (path, value) in [("a/num", 6), ("b/boolean", 0), ("b/boolean", 2), ("seven 0/boolean", 0), ("first 3/boolean", 1)] {
            let was = cs.get(path);
            cs.set(path, F::from(value));
            assert!(!cs.is_satisfied(), "{path}");
            cs.set(path, was);
        }
        // Two of four, but not the first two.
        cs.set("first 0/boolean", F::from(0));
        cs.set("first 2/boolean", F::from(1));
        assert!(!cs.is_satisfied());
    }
}
