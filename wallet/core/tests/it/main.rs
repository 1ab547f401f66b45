//! The crate against a real anvil with real contracts, and against nodes that misbehave.

mod assets;
mod common;
mod credit;
mod endpoints;
mod ens;
mod fees;
mod nonces;
mod outbox;
mod simulate;
mod store;
mod views;
mod watch;
