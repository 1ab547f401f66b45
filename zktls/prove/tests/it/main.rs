//! Wallet, notary and bank in one process.

mod common;
mod elsewhere;
mod refusals;
mod sessions;
mod whole;
