//! A relay that records a TLS session towards an allow-listed bank and signs what it saw.
//!
//! [`Notary::serve`] answers WebSockets as [`parlance_zktls_protocol::relay`] says: commitment and domain first, then the
//! notary itself resolves and dials the bank, relays both ways, and signs when both are closed. It sees no plaintext,
//! keeps nothing between sessions, and bounds what any client can make it do ([`Limits`]).

mod admission;
mod config;
mod dial;
mod error;
mod keys;
mod server;
mod session;

pub use config::{Config, Limits, Route, Settings};
pub use error::NotaryError;
pub use keys::{Key, KeyLog, Keys};
pub use server::Notary;
