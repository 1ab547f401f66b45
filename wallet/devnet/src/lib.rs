//! A whole local world for trying Parlance and for testing it: an anvil chain (id 31337) with real contracts at constant
//! addresses, a funded demo wallet and some people to pay.
//!
//! - [`LocalWorld`] is what `parlance dev up / down / status` keep in a folder: one chain that outlives the command.
//! - [`DevChain`] is a private chain for one test: `DevChain::spawn()`, gone when dropped.
//! - [`addresses`] lists every contract as a constant; [`interfaces`] has their functions.
//!
//! The money here is play money: the demo wallet's phrase is printed in every tutorial.

pub mod addresses;
mod anvil;
mod artifacts;
mod chain;
mod credit;
mod deploy;
mod error;
pub mod interfaces;
mod local;
mod maple;
mod names;
mod process;
mod world;

pub use anvil::Anvil;
pub use chain::{DevChain, Mining, Snapshot};
pub use deploy::{ETH_PRICE_USD, deploy, missing_contracts};
pub use error::DevnetError;
pub use local::{Down, LocalWorld, Status, Up, UpOptions};
pub use world::{BankLogin, Contact, Credit, DemoWallet, DevWorld, Lender};
