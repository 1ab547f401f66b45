//! Wallet, notary and bank in one process.

mod attacks;
mod common;
mod elsewhere;
#[path = "../../../vectors/format.rs"]
#[allow(dead_code, reason = "a part of it is enough here")]
mod format;
mod refusals;
mod sessions;
mod vectors;
mod whole;
