//! AES-128 in counter mode, by lookups.
//!
//! A byte of the state enters a round as eight bits. The S-box is a table that gives its output in *spread form*, bit i at 16^i,
//! so that ShiftRows, MixColumns and AddRoundKey together are one sum a byte in which nothing carries from digit to digit, and
//! the parity of each digit is a bit of the next state. With `s` the four substitutes of a column and `k` the round key's byte:
//!
//! ```text
//! sbox:     xⱼ + 2^16 sⱼ                                   is a row of (x, spread(S(x)))
//! sum:      16 s₀ + 17 s₁ + s₂ + s₃ + spread(k)            (for byte i, from byte i on)
//! reduce:   sum + odd · spread(0x1b) = spread(p) + odd · 16⁸ + low + 16⁴ high
//! carry:    low and high                                   are rows of even digits
//! bits:     p's bits and odd                               are 0 or 1
//! ```
//!
//! `low` is no variable: it is what is left. Doubling moves a byte by a digit, so digit 8 counts the bits that overflow; its
//! parity `odd` says whether the polynomial is added, once for the whole sum. Round 10 and the key schedule have no MixColumns:
//! sums of three, in which one row of carries is enough. In counter mode the ciphertext is one more addend of the last sum, so
//! the plaintext costs nothing more than the key stream. Round 0 and the rest of the key schedule xor bit by bit.
//!
//! # Why this holds
//!
//! Given that values asked are rows ([`crate::lookup`]) and that each `x`, `k` and ciphertext is of bits, all are in a range but
//! `s`, of which we only know that `x + 2^16 s` is a row. Claim: there is exactly one `p`, that of AES. (`low` and `high` may share
//! digit 4 in more than one way; nothing depends on how.)
//!
//! 1. For some byte rⱼ, `xⱼ + 2^16 sⱼ = rⱼ + 2^16 spread(S(rⱼ))`. So `sⱼ = spread(S(rⱼ)) + δⱼ / 2^16` in the field, with
//!    δⱼ = rⱼ - xⱼ, a whole number between -255 and 255.
//! 2. Put that into the equations of a column (`reduce`) and multiply by 2^16: `(M δ)ᵢ = 2^16 Eᵢ`, where M = circ(16, 17, 1, 1)
//!    and Eᵢ is a sum of numbers in known ranges: spread bytes (below 2^29), `odd`, `low` and `high` (rows, below 2^30). So
//!    |Eᵢ| < 2^47 and |(M δ)ᵢ| ≤ 35 · 255 = 8,925 < 2^16. In a field of more than 2^65 elements both sides are then equal as
//!    whole numbers; the left is below 2^16 and the right a multiple of it, so **both are 0**.
//! 3. M is invertible over the rationals: det M = 35 · (-1) · (15² + 16²) = -16,835 (a circulant's determinant is the product of
//!    16 + 17 w + w² + w³ over the fourth roots w of 1). So M δ = 0 gives **δ = 0**: the row is x's own, and `s` is what it
//!    should be. In round 10 and in the key schedule M is the identity.
//! 4. Now E = 0 is an equation of whole numbers. On the left digits 0 to 7 are at most 7 and digit 8 at most 2. On the right,
//!    with all rows there are: digits 0 to 3 at most 1 + 6, digits 4 to 7 at most 1 + 2 + 6, digit 8 at most 1 + 2, digits 9 to
//!    11 at most 2. None reaches 16, so the equation holds digit by digit. Rows have even digits: digit 8 says that `odd` is the
//!    parity of what overflowed; the others, that p's bits are the parities of their digits. That is MixColumns and AddRoundKey.
//! 5. So p is of bits and the only one possible, and the next round begins as this one did. ∎
//!
//! A substitute must therefore never be used but in sums whose results become bits, a full column of them where they are mixed.
//! It is private to this module. Every value allocated here is below 2^33.

mod digits;
mod native;
mod round;
mod schedule;

#[cfg(test)]
mod cheating;
#[cfg(test)]
mod soundness;
#[cfg(test)]
mod tests;

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use self::digits::Digits;
pub use self::schedule::{RoundKeys, expand};
use crate::bytes::Byte;
use crate::lookup::Lookups;

/// A block of counter mode.
pub struct Block<'a> {
    /// The nonce of 12 bytes and the counter of 4, most significant byte first (the data of AES-GCM begin at 2).
    pub counter: &'a [Byte],
    /// The ciphertext.
    pub ciphertext: &'a [Byte],
}

/// The plaintexts of some blocks. All of them go through a round together: numbers beside numbers and bits beside bits are
/// committed faster than both among each other.
///
/// # Errors
/// [`SynthesisError::IncompatibleLengthVector`] where a block has not 16 bytes; else as the constraint system's.
pub fn ctr_blocks<F, CS>(
    cs: &mut CS,
    keys: &RoundKeys<F>,
    blocks: &[Block<'_>],
    lookups: &mut Lookups<F>,
) -> Result<Vec<Vec<Byte>>, SynthesisError>
where
    F: PrimeField,
    CS: ConstraintSystem<F>,
{
    let mut states = Vec::with_capacity(blocks.len());
    for (number, block) in blocks.iter().enumerate() {
        sixteen("a counter block", block.counter)?;
        sixteen("a block of ciphertext", block.ciphertext)?;
        let start = |(i, (a, b)): (_, (&Byte, &Byte))| round::xor(&mut cs.namespace(|| format!("round 0: block {number}, byte {i}")), a, b);
        states.push(block.counter.iter().zip(&keys.first).enumerate().map(start).collect::<Result<Vec<_>, _>>()?);
    }
    for (i, key) in (1..).zip(&keys.middle) {
        let mut cs = cs.namespace(|| format!("round {i}"));
        let substitutes = substitutes(&mut cs, &states, lookups)?;
        let mut sums = Vec::with_capacity(16 * blocks.len());
        for (b, substitutes) in substitutes.iter().enumerate() {
            for (at, key) in key.iter().enumerate() {
                let sum = round::mixed(substitutes, key, (at / 4, at % 4))?;
                sums.push(round::carries(&mut cs.namespace(|| format!("carries {b}, {at}")), sum)?);
            }
        }
        let mut sums = sums.into_iter();
        for (b, state) in states.iter_mut().enumerate() {
            let byte = |(at, sum)| round::reduce(&mut cs.namespace(|| format!("mixed {b}, {at}")), sum, lookups);
            *state = sums.by_ref().take(16).enumerate().map(byte).collect::<Result<_, _>>()?;
        }
    }
    let mut cs = cs.namespace(|| "round 10");
    let substitutes = substitutes(&mut cs, &states, lookups)?;
    let plaintext = |(b, (substitutes, block)): (usize, (&Vec<Digits<F>>, &Block<'_>))| {
        let byte = |(at, (key, ciphertext)): (usize, (&Digits<F>, &Byte))| {
            let stream = key.clone().plus(1, round::shifted(substitutes, at / 4, at % 4)?);
            let sum = stream.plus(1, &Digits::of(&cs, ciphertext));
            round::settle(&mut cs.namespace(|| format!("plaintext {b}, {at}")), sum, lookups)
        };
        keys.last.iter().zip(block.ciphertext).enumerate().map(byte).collect()
    };
    substitutes.iter().zip(blocks).enumerate().map(plaintext).collect()
}

/// SubBytes of some states.
fn substitutes<F, CS>(cs: &mut CS, states: &[Vec<Byte>], lookups: &mut Lookups<F>) -> Result<Vec<Vec<Digits<F>>>, SynthesisError>
where
    F: PrimeField,
    CS: ConstraintSystem<F>,
{
    let block = |(b, state): (usize, &Vec<Byte>)| round::substitute_all(&mut cs.namespace(|| format!("block {b}")), state, lookups);
    states.iter().enumerate().map(block).collect()
}

/// An error unless there are 16 bytes.
fn sixteen(what: &str, bytes: &[Byte]) -> Result<(), SynthesisError> {
    if bytes.len() == 16 {
        return Ok(());
    }
    Err(SynthesisError::IncompatibleLengthVector(format!("got {} bytes for {what}, expected 16; pass a whole block", bytes.len())))
}
