//! What bytes to be signed would do.
//!
//! The signer decides on the effects that this crate decodes from the very bytes it would sign, never on what a
//! caller says about them. No I/O, no clock, no allocation driven by a length field that was not checked.
//!
//! Read [`Effects`] first, then [`decode_transaction`]. There is no way in for a bare hash.

mod decode;
mod effects;
mod error;
mod registry;
mod sentences;
mod types;
pub mod units;
mod warnings;

pub use decode::{
    Decoded, MAX_MESSAGE_BYTES, MAX_TRANSACTION_BYTES, MAX_TYPED_DATA_BYTES, decode_authorization, decode_message, decode_transaction,
    decode_typed_data,
};
pub use error::EffectsError;
pub use registry::{Chain, Contract, Registry, Role, TokenAddition};
pub use sentences::{CreditTerms, asset_amount};
pub use types::*;
pub use warnings::{FAR_DEADLINE, is_unlimited};

/// What a signature of EIP-712 data names in [`decode_typed_data`]; re-exported so that signers need no other version.
pub use alloy_dyn_abi::TypedData;

/// What [`decode_transaction`] parses to; re-exported so that signers need no other version.
pub use alloy_consensus::TypedTransaction;
