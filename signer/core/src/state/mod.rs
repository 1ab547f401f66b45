//! What the signer remembers besides keys: rules, contacts, prices, tokens, the ledger.
//!
//! The truth is an append-only journal of [`Event`]s in SQLite ([`Journal`]). Each row carries a MAC over itself and
//! the row before it, under a key that only the unlocked vault gives; the last row's number is also kept beside the
//! database ([`Seal`]) and in the OS keyring. So an edited, reordered or deleted row breaks the chain, and a database
//! that is older than the seal is known to be old. **While the vault is locked** the chain can't be checked: what is
//! shown then is as good as the file, and nothing is signed or changed.
//!
//! When it is long, a [`Snapshot`] takes the place of its rows: one row, with a MAC, from which the chain goes on.

mod book;
mod event;
mod journal;
mod kept;
mod schema;
mod seal;
mod snapshot;

pub use book::{Book, ContactRecord, RulesRecord, TokenRecord};
pub use event::{AuditHead, Event, Record};
#[cfg(feature = "test-params")]
pub use journal::LONG;
pub use journal::{Head, Journal, MacKey, Read, Verified};
pub use kept::Kept;
pub use seal::Seal;
pub use snapshot::Snapshot;
