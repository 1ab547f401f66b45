//! The lender's program: it verifies proofs of bank balances, attests credit lines and keeps their book.
//!
//! ```text
//! POST /v1/offers        offers  what is asked, against the tiers -> Offer with a random nonce, stored
//! POST /v1/proofs        judge   the file, against the offer its session names -> Verdict; an accepted proof takes the offer
//! POST /v1/applications  attest  the borrower's signature, the chain's caps -> Attestation, signed, stored, then answered
//! /book                  staff   lines from store and chain; stop a line, revoke an attestation
//! ```
//! [`offline`] checks a file without a server; the command line and the page `/verify` show what it finds.
//! Every call goes down: `api`, `staff` and `pages` know [`app::App`], which knows `store`, `chain` and `judge`.

pub mod api;
pub mod app;
pub mod attest;
pub mod book;
pub mod chain;
pub mod check;
pub mod config;
pub mod error;
pub mod http;
pub mod judge;
pub mod keys;
pub mod metrics;
pub mod multipart;
pub mod offers;
pub mod offline;
pub mod pages;
pub mod staff;
pub mod store;
pub mod trust;
pub mod visitors;
pub mod words;

pub use config::Config;
pub use error::{LenderError, Refusal};
