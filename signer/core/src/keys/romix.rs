//! scrypt for n ≥ 2^(16 r), which RFC 7914 rules out and the crate `scrypt` refuses, but which early wallets wrote, and
//! which stands in the very definition of Web3 Secret Storage (n = 2^18, r = 1, p = 8).
//!
//! The function is the same; the bound only keeps `Integerify` within the bits that the RFC had in mind. Used for
//! opening such files, never for making them.

use sha2::Sha256;
use zeroize::Zeroizing;

use crate::SignerError;

/// A Salsa20 block: sixteen 32-bit words.
type Block = [u32; 16];

/// Derives `out.len()` bytes. `n` is a power of two; the caller has bounded the memory, 128 · r · n bytes.
pub(super) fn scrypt(password: &[u8], salt: &[u8], n: u64, r: u32, p: u32, out: &mut [u8]) -> Result<(), SignerError> {
    let refused = || SignerError::Keystore { reason: "scrypt parameters are too large for this computer".into() };
    let n = usize::try_from(n).map_err(|_| refused())?;
    let r = usize::try_from(r).map_err(|_| refused())?;
    let p = usize::try_from(p).map_err(|_| refused())?;
    let chunk = r.checked_mul(128).ok_or_else(refused)?;
    let mut bytes = Zeroizing::new(vec![0u8; chunk.checked_mul(p).ok_or_else(refused)?]);
    pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, 1, &mut bytes);
    for part in bytes.chunks_exact_mut(chunk) {
        mix(part, n, r);
    }
    pbkdf2::pbkdf2_hmac::<Sha256>(password, &bytes, 1, out);
    Ok(())
}

/// scryptROMix (RFC 7914, section 5) over 2r blocks.
fn mix(part: &mut [u8], n: usize, r: usize) {
    let width = 2 * r;
    let mut x = Zeroizing::new(vec![[0u32; 16]; width]);
    for (word, four) in x.as_flattened_mut().iter_mut().zip(part.chunks_exact(4)) {
        *word = four.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
    }
    let mut table = Zeroizing::new(Vec::with_capacity(n * width));
    let mut scratch = Zeroizing::new(vec![[0u32; 16]; width]);
    for _ in 0..n {
        table.extend_from_slice(&x);
        mix_blocks(&mut x, &mut scratch);
    }
    for _ in 0..n {
        // Integerify: the first 64 bits of the last block, modulo n, a power of two.
        let last = x.last().map_or(0, |block| u64::from(block[1]) << 32 | u64::from(block[0]));
        let row = usize::try_from(last & (n as u64 - 1)).unwrap_or_default() * width;
        for (block, other) in x.iter_mut().zip(table.iter().skip(row)) {
            xor(block, other);
        }
        mix_blocks(&mut x, &mut scratch);
    }
    for (word, four) in x.as_flattened().iter().zip(part.chunks_exact_mut(4)) {
        four.copy_from_slice(&word.to_le_bytes());
    }
}

/// scryptBlockMix (section 4): even blocks first, odd ones after them.
fn mix_blocks(blocks: &mut [Block], scratch: &mut [Block]) {
    let half = blocks.len() / 2;
    let mut x = blocks.last().copied().unwrap_or_default();
    for (index, block) in blocks.iter().enumerate() {
        xor(&mut x, block);
        salsa20_8(&mut x);
        if let Some(slot) = scratch.get_mut(index / 2 + (index % 2) * half) {
            *slot = x;
        }
    }
    blocks.copy_from_slice(scratch);
}

fn xor(block: &mut Block, other: &Block) {
    for (word, with) in block.iter_mut().zip(other) {
        *word ^= with;
    }
}

/// The Salsa20/8 core (section 3).
fn salsa20_8(block: &mut Block) {
    // Quarter rounds over columns, then over rows.
    const ROUNDS: [[usize; 4]; 8] =
        [[0, 4, 8, 12], [5, 9, 13, 1], [10, 14, 2, 6], [15, 3, 7, 11], [0, 1, 2, 3], [5, 6, 7, 4], [10, 11, 8, 9], [15, 12, 13, 14]];
    let mut x = *block;
    for _ in 0..4 {
        for [a, b, c, d] in ROUNDS {
            x[b] ^= x[a].wrapping_add(x[d]).rotate_left(7);
            x[c] ^= x[b].wrapping_add(x[a]).rotate_left(9);
            x[d] ^= x[c].wrapping_add(x[b]).rotate_left(13);
            x[a] ^= x[d].wrapping_add(x[c]).rotate_left(18);
        }
    }
    for (word, mixed) in block.iter_mut().zip(x) {
        *word = word.wrapping_add(mixed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7914, section 12.
    #[test]
    fn the_rfcs_vectors() {
        for (password, salt, n, r, p, expected) in [
            (
                "",
                "",
                16,
                1,
                1,
                "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
            ),
            (
                "password",
                "NaCl",
                1024,
                8,
                16,
                "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
            ),
        ] {
            let mut out = [0u8; 64];
            scrypt(password.as_bytes(), salt.as_bytes(), n, r, p, &mut out).unwrap();
            assert_eq!(hex::encode(out), expected);
        }
    }

    #[test]
    fn it_is_the_function_of_the_crate() {
        for (log_n, r, p) in [(1u8, 1u32, 1u32), (5, 2, 3), (9, 8, 1)] {
            let (mut own, mut theirs) = ([0u8; 48], [0u8; 48]);
            scrypt(b"pw", b"salt", 1 << log_n, r, p, &mut own).unwrap();
            let params = ::scrypt::Params::new(log_n, r, p, 32).unwrap();
            ::scrypt::scrypt(b"pw", b"salt", &params, &mut theirs).unwrap();
            assert_eq!(own, theirs);
        }
    }
}
