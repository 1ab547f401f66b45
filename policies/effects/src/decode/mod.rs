//! From bytes to effects. One file for each kind of payload and for each protocol.

mod abi;
mod call;
mod credit;
mod erc20;
mod message;
mod permit2;
mod router;
mod transaction;
mod typed_credit;
mod typed_data;
mod typed_permits;
mod uniswap_v2;
mod wrapped;

use alloy_primitives::{Address, B256};

use crate::Effects;

pub use message::{MAX_MESSAGE_BYTES, decode_authorization, decode_message};
pub use transaction::{MAX_TRANSACTION_BYTES, decode_transaction};
pub use typed_data::{MAX_TYPED_DATA_BYTES, decode_typed_data};

/// What was decoded, together with the parsed payload from which a signature is made.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded<T> {
    /// What a signature would let happen.
    pub effects: Effects,
    /// The parsed payload.
    pub parsed: T,
    /// keccak256 of the exact bytes to be signed; the same as [`Effects::digest`].
    pub digest: B256,
}

/// Where a call goes, or typed data belongs: what all protocol decoders need.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub registry: &'a crate::Registry,
    pub chain: crate::ChainId,
    pub account: Address,
}

impl Place<'_> {
    pub fn token(&self, address: Address) -> crate::Asset {
        self.registry.token_asset(self.chain, address)
    }

    pub fn native(&self) -> crate::Asset {
        self.registry.native(self.chain)
    }

    pub fn is_registered_token(&self, address: Address) -> bool {
        self.registry.token(self.chain, address).is_some()
    }
}

/// Unix seconds out of a 256-bit field: what does not fit into 64 bits never comes.
pub(crate) fn unix_seconds(value: alloy_primitives::U256) -> Option<u64> {
    u64::try_from(value).ok().filter(|seconds| *seconds != u64::MAX)
}
