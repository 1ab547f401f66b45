//! The headless wallet: what a person's words need of chains, tokens and a durable memory.
//!
//! Read [`chain::ChainClient`] first, then [`store::Store`] and [`tokens::TokenBook`]. This crate never sees a private
//! key: it builds unsigned bytes, asks the signer through `parlance-signer-protocol`, and broadcasts what comes back.

pub mod chain;
pub mod conversation;
pub mod credit;
mod error;
pub mod intents;
pub mod plan;
pub mod receive;
pub mod shapes;
pub mod signer;
pub mod store;
pub mod tokens;
pub mod view;
mod wallet;
mod world;

pub use error::{Result, WalletError};
pub use wallet::Wallet;
pub use world::{World, WorldBank, WorldCredit, WorldLender};
