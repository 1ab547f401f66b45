//! The key schedule (FIPS-197, 5.2).

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use super::digits::Digits;
use super::native::{ROUND_CONSTANTS, carry_rows, sbox_rows};
use super::round::{settle, substitute, xor};
use super::sixteen;
use crate::bytes::Byte;
use crate::lookup::{Lookups, Table};

/// The round keys of one AES-128 key. Neither printed nor compared: they are the witness's secret.
pub struct RoundKeys<F: PrimeField> {
    /// The key itself.
    pub(super) first: Vec<Byte>,
    /// The keys of rounds 1 to 9.
    pub(super) middle: Vec<Vec<Digits<F>>>,
    /// The key of round 10.
    pub(super) last: Vec<Digits<F>>,
}

/// The round keys of a key of 16 bytes.
///
/// # Errors
/// [`SynthesisError::IncompatibleLengthVector`] where the key has another length; else as the constraint system's.
pub fn expand<F, CS>(cs: &mut CS, key: &[Byte], lookups: &mut Lookups<F>) -> Result<RoundKeys<F>, SynthesisError>
where
    F: PrimeField,
    CS: ConstraintSystem<F>,
{
    const { assert!(F::CAPACITY >= 65, "S-box outputs are pinned down only in a field of more than 65 bits") };
    sixteen("an AES-128 key", key)?;
    lookups.fixed(Table::Sbox, CS::one(), || sbox_rows().into_iter().map(F::from).collect());
    lookups.fixed(Table::Carry, CS::one(), || carry_rows().into_iter().map(F::from).collect());

    let first = key.to_vec();
    let mut all = vec![first.clone()];
    for (i, constant) in (1..).zip(ROUND_CONSTANTS) {
        let before = all.last().unwrap_or(&first);
        all.push(next(&mut cs.namespace(|| format!("key {i}")), before, constant, lookups)?);
    }
    let mut middle = Vec::with_capacity(10);
    for (i, key) in all.iter().enumerate().skip(1) {
        let whole = |(at, byte)| Digits::whole(&mut cs.namespace(|| format!("digits of key {i}, byte {at}")), byte);
        middle.push(key.iter().enumerate().map(whole).collect::<Result<Vec<_>, _>>()?);
    }
    let last = middle.pop().ok_or(SynthesisError::Unsatisfiable)?;
    Ok(RoundKeys { first, middle, last })
}

/// The round key after this one: its first word is xored with the last word's substitute, turned by one byte, and the constant;
/// each further word with the new one before it.
fn next<F, CS>(cs: &mut CS, key: &[Byte], constant: u8, lookups: &mut Lookups<F>) -> Result<Vec<Byte>, SynthesisError>
where
    F: PrimeField,
    CS: ConstraintSystem<F>,
{
    let mut out: Vec<Byte> = Vec::with_capacity(16);
    for (i, old) in key.iter().enumerate() {
        let mut cs = cs.namespace(|| format!("byte {i}"));
        let byte = if let Some(before) = i.checked_sub(4) {
            xor(&mut cs, old, out.get(before).ok_or(SynthesisError::Unsatisfiable)?)?
        } else {
            let turned = key.get(12 + (i + 1) % 4).ok_or(SynthesisError::Unsatisfiable)?;
            let constant = Byte::constant(if i == 0 { constant } else { 0 });
            let sum = Digits::of(&cs, old).plus(1, &Digits::of(&cs, &constant)).plus(1, &substitute(&mut cs, turned, lookups)?);
            settle(&mut cs, sum, lookups)?
        };
        out.push(byte);
    }
    Ok(out)
}
