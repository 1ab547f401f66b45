//! Support for tests across crates; the tests themselves live in `tests/`.

pub mod programs;
pub mod pty;
pub mod signer;
pub mod tx;
