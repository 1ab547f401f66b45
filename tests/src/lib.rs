//! Support for tests across crates; the tests themselves live in `tests/`.

pub mod desktop;
pub mod programs;
pub mod pty;
pub mod screen;
pub mod signer;
pub mod tx;
pub mod world;
