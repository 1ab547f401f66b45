//! The secret that the OS keyring adds to the vault's password, and how it reaches the signer.
//!
//! The keyring protects a stolen disk only: every program of the same session can read it. The signer itself has no
//! D-Bus: the launcher, built with the feature `keyring`, reads the secret from the keyring (`KeyringStore`) and hands
//! it over on an inherited descriptor ([`Handover`]).

mod account;
mod handover;
mod secret;
#[cfg(feature = "keyring")]
mod store;

pub use account::account_of;
pub use handover::Handover;
pub use secret::KeyringSecret;
#[cfg(feature = "keyring")]
pub use store::{Backend, BackendReport, KeyringStore, survey};
