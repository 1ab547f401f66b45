//! A demo bank: a TLS server with accounts, tokens, transactions and hostile memos.
//!
//! [`Bank::open`] serves a [`Config`] until the [`Bank`] is dropped. Everything that real banks do differently is a field
//! there: cipher suites, key exchange groups, record size, tickets, chunked or plain bodies, pretty or minified JSON, how an
//! amount is written. Money is invented: no lender may accept a proof about this bank.

mod accounts;
mod authority;
mod config;
mod error;
mod json;
mod server;

pub use accounts::{Account, Book, Customer, Transaction};
pub use authority::{Authority, Identity, Validity};
pub use config::{Amounts, Config, Layout, Transfer, groups, suites};
pub use error::BankError;
pub use server::Bank;
