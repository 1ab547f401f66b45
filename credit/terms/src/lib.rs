//! What borrower, lender and pool say to each other.
//!
//! - [`typed`]: what is signed (EIP-712): the lender's [`Attestation`], the borrower's [`Application`] for an [`Offer`].
//! - [`pool`]: the interface of `credit/contracts/src/CreditPool.sol` and of the nullifier registry.
//! - [`api`]: JSON of the lender's HTTP interface.
//!
//! Types only: no network, no keys, no checks. Wallet, signer, lender and the local world share them.

pub mod api;
pub mod pool;
pub mod typed;

pub use typed::{Application, Attestation, Offer, domain};
