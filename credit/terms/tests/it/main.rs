//! The Rust side against the compiler's interface and ethers' digests.

mod abi;
mod vectors;
