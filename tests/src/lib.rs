//! Support for tests across crates; the tests themselves live in `tests/`.

pub mod programs;
pub mod pty;
