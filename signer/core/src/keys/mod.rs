//! Keys, phrases and accounts.
//!
//! Secrets live in [`LockedBuffer`]s; their types print nothing, serialize to nothing, compare in constant time and
//! are wiped on drop. Standards: BIP-32, BIP-39 (English), BIP-44, Web3 Secret Storage version 3.

mod account;
mod derive;
pub mod keystore;
mod locked;
mod phrase;
mod romix;
mod secret;
#[cfg(test)]
mod vectors;

pub use account::{Account, AccountSource, Label, Purpose};
pub use derive::AccountPath;
pub(crate) use derive::Root;
pub use locked::LockedBuffer;
pub use phrase::{NewPhrase, Phrase, WordCount};
pub(crate) use secret::address_of;
pub use secret::{Password, PrivateKey, Realm, SecretText};
