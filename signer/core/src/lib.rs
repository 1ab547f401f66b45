//! Vault, ledger, audit log and the decision to sign.

pub mod audit;
pub mod backup;
pub mod clock;
pub mod contacts;
pub mod decide;
mod error;
pub mod keyring;
pub mod keys;
pub mod ledger;
pub mod origins;
pub mod prices;
pub mod service;
pub mod sign;
pub mod state;
pub mod vault;

pub use error::SignerError;
