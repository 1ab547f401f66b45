//! The statement about a TLS 1.3 session as a rank-1 constraint system, its prover and its verifier.

pub mod aes;
pub mod bytes;
pub mod chacha;
pub mod error;
pub mod lookup;
pub mod proof;
pub mod public;
#[cfg(test)]
mod record;
pub mod records;
pub mod request;
pub mod response;
pub mod schedule;
pub mod statement;
pub mod sum;
