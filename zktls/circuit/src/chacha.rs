//! ChaCha20 (RFC 8439) as constraints.
//!
//! Sums are those of [`Word`]; a rotation only renames bits. A block costs 336 sums of 34 constraints and 320 exclusive ors of 32:
//! 21,664 constraints and 21,328 variables, a little less where counter or nonce are constants.

use bellpepper_core::boolean::Boolean;
use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use crate::bytes::Byte;
use crate::schedule::sha256::exactly;
use crate::schedule::word::Word;

/// "expand 32-byte k".
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

/// The quarter rounds of a double round: columns, then diagonals.
const QUARTER_ROUNDS: [[usize; 4]; 8] =
    [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15], [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]];

fn quarter_round<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    state: &mut [Word; 16],
    [a, b, c, d]: [usize; 4],
) -> Result<(), SynthesisError> {
    for (i, (to, from, target, by)) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)].into_iter().enumerate() {
        let cs = &mut cs.namespace(|| format!("step {i}"));
        state[to] = state[to].add(cs, &state[from])?;
        state[target] = state[target].xor(cs, &state[to])?.rotate_right(32 - by);
    }
    Ok(())
}

/// The 64 bytes of keystream of one block; `counter` comes least significant byte first.
///
/// # Errors
/// As the constraint system's; [`SynthesisError::IncompatibleLengthVector`] where `key` has not 32 bytes, `counter` not 4 or
/// `nonce` not 12.
pub fn keystream_block<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    key: &[Byte],
    counter: &[Byte],
    nonce: &[Byte],
) -> Result<Vec<Byte>, SynthesisError> {
    let key = exactly::<32>("ChaCha20 key", key)?;
    let counter = exactly::<4>("ChaCha20 counter", counter)?;
    let nonce = exactly::<12>("ChaCha20 nonce", nonce)?;
    let words = [key.as_slice(), counter, nonce].concat();
    let (words, _) = words.as_chunks::<4>();
    let start: [Word; 16] = std::array::from_fn(|i| match CONSTANTS.get(i) {
        Some(&constant) => Word::constant(constant),
        None => Word::from_le_bytes(&words[i - 4]),
    });
    let mut state = start.clone();
    for round in 0..10 {
        for (i, words) in QUARTER_ROUNDS.into_iter().enumerate() {
            quarter_round(&mut cs.namespace(|| format!("round {round}, quarter {i}")), &mut state, words)?;
        }
    }
    let mut keystream = Vec::with_capacity(64);
    for (i, (word, start)) in state.iter().zip(&start).enumerate() {
        let word = word.add(&mut cs.namespace(|| format!("word {i} and its start")), start)?;
        keystream.extend(word.to_le_bytes());
    }
    Ok(keystream)
}

/// The exclusive or of two texts of one length: eight constraints a byte.
///
/// # Errors
/// As the constraint system's; [`SynthesisError::IncompatibleLengthVector`] where one is longer.
pub fn xor_bytes<F: PrimeField, CS: ConstraintSystem<F>>(cs: &mut CS, a: &[Byte], b: &[Byte]) -> Result<Vec<Byte>, SynthesisError> {
    if a.len() != b.len() {
        let lengths = format!("exclusive or of {} and of {} bytes: give both the same length", a.len(), b.len());
        return Err(SynthesisError::IncompatibleLengthVector(lengths));
    }
    let mut out = a.to_vec();
    for (i, (a, b)) in out.iter_mut().zip(b).enumerate() {
        for (j, (a, b)) in a.bits.iter_mut().zip(&b.bits).enumerate() {
            *a = Boolean::xor(cs.namespace(|| format!("byte {i}, bit {j}")), a, b)?;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
