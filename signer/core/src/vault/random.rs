//! Random bytes of the operating system.

use crate::SignerError;

/// Fills `bytes`.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), SignerError> {
    getrandom::fill(bytes).map_err(|error| SignerError::NoRandomness(error.to_string()))
}

/// `N` random bytes that are not secret (salts, nonces).
pub(crate) fn array<const N: usize>() -> Result<[u8; N], SignerError> {
    let mut bytes = [0u8; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// A number in `0..bound`, all equally likely. `bound` is small and not zero.
pub(crate) fn below(bound: usize) -> Result<usize, SignerError> {
    let bound = bound.max(1);
    // Rejection: the highest multiple of `bound` within a byte pair.
    let limit = usize::from(u16::MAX) / bound * bound;
    loop {
        let drawn = usize::from(u16::from_le_bytes(array()?));
        if drawn < limit {
            return Ok(drawn % bound);
        }
    }
}
