//! The steps of a round: SubBytes; ShiftRows and MixColumns with AddRoundKey as one sum; back to bits.

use bellpepper_core::boolean::{AllocatedBit, Boolean};
use bellpepper_core::{ConstraintSystem, LinearCombination, SynthesisError};
use ff::PrimeField;

use super::digits::Digits;
use super::native::{OUTPUT, POLYNOMIAL, SBOX, parities, spread};
use crate::bytes::Byte;
use crate::lookup::{Lookups, Table};

/// MixColumns in spread form before anything is reduced: byte i of a column is 2 · byte i + 3 · byte i+1 + byte i+2 + byte i+3,
/// where to double is to move by one digit.
pub(super) const MIX: [u64; 4] = [16, 17, 1, 1];

/// Bytes of one state, or of a key, xored. Free where one of them is a constant.
pub(super) fn xor<F, CS>(cs: &mut CS, a: &Byte, b: &Byte) -> Result<Byte, SynthesisError>
where
    F: PrimeField,
    CS: ConstraintSystem<F>,
{
    let mut bits = [const { Boolean::Constant(false) }; 8];
    for (i, (bit, (a, b))) in bits.iter_mut().zip(a.bits.iter().zip(&b.bits)).enumerate() {
        *bit = Boolean::xor(cs.namespace(|| format!("bit {i}")), a, b)?;
    }
    Ok(Byte { bits })
}

/// The byte's substitute in spread form. By itself in no range: only a sum with it that becomes bits again pins it down.
pub(super) fn substitute<F, CS>(cs: &mut CS, byte: &Byte, lookups: &mut Lookups<F>) -> Result<Digits<F>, SynthesisError>
where
    F: PrimeField,
    CS: ConstraintSystem<F>,
{
    let value = byte.value();
    let output = Digits::alloc(cs, "substitute", value.and_then(|x| SBOX.get(usize::from(x))).copied().map(spread))?;
    Digits::new(cs, value.map(u64::from), || byte.lc(CS::one())).plus(OUTPUT, &output).ask(cs, Table::Sbox, lookups)?;
    Ok(output)
}

/// SubBytes of a state.
pub(super) fn substitute_all<F, CS>(cs: &mut CS, state: &[Byte], lookups: &mut Lookups<F>) -> Result<Vec<Digits<F>>, SynthesisError>
where
    F: PrimeField,
    CS: ConstraintSystem<F>,
{
    let byte = |(i, byte)| substitute(&mut cs.namespace(|| format!("byte {i}")), byte, lookups);
    state.iter().enumerate().map(byte).collect()
}

/// ShiftRows: what stands in this row of this column afterwards.
pub(super) fn shifted<T>(state: &[T], column: usize, row: usize) -> Result<&T, SynthesisError> {
    state.get((column + row) % 4 * 4 + row % 4).ok_or(SynthesisError::Unsatisfiable)
}

/// One byte of MixColumns and AddRoundKey, before anything is reduced: nine digits, the first eight up to 6, the last up to 2.
pub(super) fn mixed<F: PrimeField>(
    state: &[Digits<F>],
    key: &Digits<F>,
    (column, row): (usize, usize),
) -> Result<Digits<F>, SynthesisError> {
    MIX.iter().enumerate().try_fold(key.clone(), |sum, (i, weight)| {
        let row = (row + i) % 4;
        Ok(sum.plus(*weight, shifted(state, column, row)?))
    })
}

/// The byte of each digit's parity where no digit is above 3.
pub(super) fn settle<F, CS>(cs: &mut CS, sum: Digits<F>, lookups: &mut Lookups<F>) -> Result<Byte, SynthesisError>
where
    F: PrimeField,
    CS: ConstraintSystem<F>,
{
    let byte = Byte::alloc(cs, sum.value().map(parities))?;
    sum.minus(1, &Digits::of(cs, &byte)).ask(cs, Table::Carry, lookups)?;
    Ok(byte)
}

/// A sum of [`mixed`] and a fresh variable for the upper half of its carries, in no range yet.
pub(super) struct Carried<F: PrimeField> {
    sum: Digits<F>,
    high: Digits<F>,
}

/// Whether the ninth digit is odd, and the sum with the polynomial where it is (at most 7 a digit now).
fn overflow(sum: u64) -> (bool, u64) {
    let odd = sum >> 32 & 1 == 1;
    (odd, if odd { sum.wrapping_add(spread(POLYNOMIAL)) } else { sum })
}

/// Allocates the upper half of a sum's carries.
pub(super) fn carries<F, CS>(cs: &mut CS, sum: Digits<F>) -> Result<Carried<F>, SynthesisError>
where
    F: PrimeField,
    CS: ConstraintSystem<F>,
{
    let value = sum.value().map(|sum| {
        let (odd, sum) = overflow(sum);
        sum.wrapping_sub(spread(parities(sum))).wrapping_sub(u64::from(odd) << 32) >> 16
    });
    let high = Digits::alloc(cs, "high carries", value)?;
    Ok(Carried { sum, high })
}

/// The same as [`settle`] for [`mixed`]: where the ninth digit is odd, the polynomial is added.
pub(super) fn reduce<F, CS>(cs: &mut CS, carried: Carried<F>, lookups: &mut Lookups<F>) -> Result<Byte, SynthesisError>
where
    F: PrimeField,
    CS: ConstraintSystem<F>,
{
    let Carried { sum, high } = carried;
    let odd = AllocatedBit::alloc(cs.namespace(|| "odd"), sum.value().map(|sum| overflow(sum).0))?;
    let odd = Digits::new(cs, odd.get_value().map(u64::from), || LinearCombination::zero() + odd.get_variable());
    let sum = sum.plus(spread(POLYNOMIAL), &odd);

    let byte = Byte::alloc(cs, sum.value().map(parities))?;
    let carries = sum.minus(1, &Digits::of(cs, &byte)).minus(1 << 32, &odd);
    carries.minus(1 << 16, &high).ask(cs, Table::Carry, lookups)?;
    high.ask(cs, Table::Carry, lookups)?;
    Ok(byte)
}
