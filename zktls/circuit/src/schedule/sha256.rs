//! SHA-256's compression function on bytes, natively and as constraints.

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;
use zeroize::Zeroizing;

use super::word::Function::{Choice, Majority, Xor};
use super::word::Word;
use crate::bytes::Byte;

#[rustfmt::skip]
const ROUND_CONSTANTS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// The state from which SHA-256 begins.
pub const IV: [u32; 8] = [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// A block's length in bytes.
pub const BLOCK: usize = 64;

/// One compression.
#[must_use]
pub fn compress(mut state: [u32; 8], block: &[u8; BLOCK]) -> [u32; 8] {
    sha2::compress256(&mut state, &[(*block).into()]);
    state
}

/// A state as bytes.
#[must_use]
pub fn to_bytes(state: &[u32; 8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (four, word) in bytes.chunks_exact_mut(4).zip(state) {
        four.copy_from_slice(&word.to_be_bytes());
    }
    bytes
}

/// Bytes as a state.
#[must_use]
pub fn from_bytes(bytes: &[u8; 32]) -> [u32; 8] {
    let (words, _) = bytes.as_chunks::<4>();
    std::array::from_fn(|i| u32::from_be_bytes(words[i]))
}

/// The hash of `blocks` whole blocks that led to `state`, and `message` after them.
#[must_use]
pub fn finish(mut state: [u32; 8], blocks: u64, message: &[u8]) -> [u8; 32] {
    let (whole, rest) = message.as_chunks::<BLOCK>();
    for block in whole {
        state = compress(state, block);
    }
    // The bit after the message and its length go into the last block where they fit, else into one more.
    let mut tail = Zeroizing::new([0; 2 * BLOCK]);
    let len = if rest.len() + 9 <= BLOCK { BLOCK } else { 2 * BLOCK };
    tail[..rest.len()].copy_from_slice(rest);
    tail[rest.len()] = 0x80;
    let bits = (blocks * BLOCK as u64 + message.len() as u64) * 8;
    tail[len - 8..len].copy_from_slice(&bits.to_be_bytes());
    for block in tail[..len].as_chunks::<BLOCK>().0 {
        state = compress(state, block);
    }
    to_bytes(&state)
}

/// A state as constraints have it.
pub type State = [Word; 8];

/// A state that everybody knows.
#[must_use]
pub fn constant_state(state: &[u32; 8]) -> State {
    state.map(Word::constant)
}

/// One compression as constraints: 17,760, with 17,576 variables. Bits of `block` and `state` that are constants save some.
///
/// # Errors
/// As the constraint system's.
pub fn compress_bytes<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    state: &State,
    block: &[Byte; BLOCK],
) -> Result<State, SynthesisError> {
    let mut schedule: Vec<Word> = block.as_chunks::<4>().0.iter().map(Word::from_be_bytes).collect();
    for i in 16..64 {
        let cs = &mut cs.namespace(|| format!("word {i}"));
        let (old, new) = (&schedule[i - 15], &schedule[i - 2]);
        let old = Xor.apply(&mut cs.namespace(|| "σ0"), [&old.rotate_right(7), &old.rotate_right(18), &old.shift_right(3)])?;
        let new = Xor.apply(&mut cs.namespace(|| "σ1"), [&new.rotate_right(17), &new.rotate_right(19), &new.shift_right(10)])?;
        let sum = old.plus_sum(&new).plus(&schedule[i - 16]).plus(&schedule[i - 7]);
        schedule.push(sum.word(cs, 0, 2)?);
    }
    let mut working = state.clone();
    for (i, (word, constant)) in schedule.iter().zip(ROUND_CONSTANTS).enumerate() {
        let cs = &mut cs.namespace(|| format!("round {i}"));
        let [a, b, c, d, e, f, g, h] = &working;
        let rotated = |word: &Word, by: [usize; 3]| by.map(|by| word.rotate_right(by));
        let sum1 = Xor.apply(&mut cs.namespace(|| "Σ1"), rotated(e, [6, 11, 25]).each_ref())?;
        let choice = Choice.apply(&mut cs.namespace(|| "choice"), [e, f, g])?;
        let sum0 = Xor.apply(&mut cs.namespace(|| "Σ0"), rotated(a, [2, 13, 22]).each_ref())?;
        let majority = Majority.apply(&mut cs.namespace(|| "majority"), [a, b, c])?;
        // The six addends are less than 2^32 each.
        let next_e = sum1.plus_sum(&choice).plus(d).plus(h).plus(word).plus_number(constant);
        let next_e = next_e.word(&mut cs.namespace(|| "e"), 0, 3)?;
        // T1 is the new e less d: from more than -2^32 to less than 3 times 2^32.
        let next_a = sum0.plus_sum(&majority).plus(&next_e).minus(d);
        let next_a = next_a.word(&mut cs.namespace(|| "a"), 1, 2)?;
        working.rotate_right(1);
        working[0] = next_a;
        working[4] = next_e;
    }
    for (i, (word, before)) in working.iter_mut().zip(state).enumerate() {
        *word = word.add(&mut cs.namespace(|| format!("state {i}")), before)?;
    }
    Ok(working)
}

/// The last block of a hash: `message`, then its padding, where `before` whole blocks came first.
///
/// # Errors
/// [`SynthesisError::IncompatibleLengthVector`] where the message leaves no room for the padding.
pub fn last_block(message: &[Byte], before: u64) -> Result<[Byte; BLOCK], SynthesisError> {
    if message.len() + 9 > BLOCK {
        return Err(SynthesisError::IncompatibleLengthVector(format!(
            "the last block of a hash holds at most {} bytes of message, here are {}",
            BLOCK - 9,
            message.len()
        )));
    }
    let bits = ((before * BLOCK as u64 + message.len() as u64) * 8).to_be_bytes();
    Ok(std::array::from_fn(|i| match i {
        _ if i < message.len() => message[i].clone(),
        _ if i == message.len() => Byte::constant(0x80),
        _ if i < BLOCK - 8 => Byte::constant(0),
        _ => Byte::constant(bits[i + 8 - BLOCK]),
    }))
}

/// A state as bytes, without constraints.
#[must_use]
pub fn state_bytes(state: &State) -> [Byte; 32] {
    let words = state.each_ref().map(Word::to_be_bytes);
    std::array::from_fn(|i| words[i / 4][i % 4].clone())
}

/// As many bytes as there have to be.
///
/// # Errors
/// [`SynthesisError::IncompatibleLengthVector`] where there are more or fewer.
pub fn exactly<'a, const N: usize>(what: &str, bytes: &'a [Byte]) -> Result<&'a [Byte; N], SynthesisError> {
    bytes
        .try_into()
        .map_err(|_| SynthesisError::IncompatibleLengthVector(format!("{what}: {} bytes were given, {N} are needed", bytes.len())))
}

/// Both are the same bytes: one constraint for each 16 of them, which no field of more than 128 bits can wrap.
pub fn enforce_equal<F: PrimeField, CS: ConstraintSystem<F>>(cs: &mut CS, a: &[Byte; 32], b: &[Byte; 32]) {
    const { assert!(F::CAPACITY > 128, "16 bytes wrap in this field") };
    let packed = |bytes: &[Byte]| {
        let mut place = F::ONE;
        bytes.iter().fold(bellpepper_core::LinearCombination::zero(), |sum, byte| {
            let sum = sum + &byte.weighted(CS::one(), place);
            place *= F::from(256);
            sum
        })
    };
    for (i, (a, b)) in a.chunks_exact(16).zip(b.chunks_exact(16)).enumerate() {
        cs.enforce(|| format!("half {i} is the same"), |_| packed(a), |lc| lc + CS::one(), |_| packed(b));
    }
}
