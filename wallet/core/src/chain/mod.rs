//! Chains: how they are reached, what they say, what is sent to them.
//!
//! Nothing that a node answers is trusted further than it must be: ids are checked, texts cleaned, sizes bounded, and the
//! signer decides without any of it. Read [`ChainClient`] first.

pub mod abi;
pub mod allowances;
mod catalogue;
mod client;
mod endpoints;
pub mod ens;
mod fees;
mod multicall;
mod nonce;
mod outbox;
pub mod portfolio;
mod price;
mod replay;
mod revert;
mod scan;
mod simulate;
mod watch;
mod wire;

pub(crate) use catalogue::check_url;
pub use catalogue::{CONFIG_FILE, Catalogue, Chain, Feed};
pub use client::{ChainClient, NonceAt, TokenMeta};
pub use endpoints::{EndpointHealth, EndpointProbe};
pub(crate) use fees::decimal;
pub use fees::{FeeQuotes, Fees, Speed};
pub use nonce::{NonceState, Nonces};
pub use outbox::{Outbox, Route, Sent};
pub use price::{Price, PriceSource, Prices};
pub use revert::Revert;
pub use scan::{Scan, ScanLimits};
pub use simulate::{AllowanceAfter, BalanceChange, Delta, Outcome, SimulatedBy, Simulation};
pub use watch::Watcher;
pub use wire::{Call, Head, Receipt, SeenTx};
