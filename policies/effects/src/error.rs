//! Why bytes could not be decoded, and what a person can do about it.

use alloy_primitives::Address;

use crate::ChainId;

/// Why bytes could not be decoded into [`Effects`](crate::Effects), or a registry or amount was not acceptable.
///
/// A call that is *not understood* is no error: it decodes to [`Effect::UnknownCall`](crate::Effect::UnknownCall),
/// on which the rules decide. An error means that nothing may be signed at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EffectsError {
    /// No bytes at all.
    #[error("got no bytes, expected {expected}")]
    Empty {
        /// What belongs there.
        expected: &'static str,
    },
    /// More bytes than any honest payload has.
    #[error("got {got} bytes of {what}, expected at most {limit}")]
    TooLarge {
        /// What was too large.
        what: &'static str,
        /// Bytes.
        got: usize,
        /// Bytes.
        limit: usize,
    },
    /// An EIP-2718 type that is never signed.
    #[error("got transaction type 0x{got:02x}, expected legacy with chain id, 0x01, 0x02 or 0x04")]
    TransactionType {
        /// The first byte.
        got: u8,
    },
    /// A legacy transaction without EIP-155 chain id (valid on every chain), or with chain id 0.
    #[error("got a transaction without chain id, expected one that names its chain (EIP-155)")]
    NoChainId,
    /// Not RLP of the stated transaction type.
    #[error("got bytes that are no unsigned transaction of type 0x{tx_type:02x}: {detail}")]
    Rlp {
        /// EIP-2718 type.
        tx_type: u8,
        /// What the decoder says.
        detail: String,
    },
    /// The bytes decode, but not to what would be encoded again.
    #[error("got a transaction of {got} bytes whose canonical encoding has {expected} bytes or other content")]
    NotCanonical {
        /// Length that was given.
        got: usize,
        /// Length of the canonical encoding.
        expected: usize,
    },
    /// EIP-7702 asks for at least one authorization.
    #[error("got an EIP-7702 transaction without authorizations, expected at least one")]
    NoAuthorizations,
    /// A chain id that no chain can have.
    #[error("got chain id {got} in {place}, expected one below 2^64")]
    ChainIdRange {
        /// Decimal.
        got: String,
        /// Where it stood.
        place: &'static str,
    },
    /// Not JSON, or JSON with duplicate keys.
    #[error("got text that is no acceptable JSON: {detail}")]
    Json {
        /// What the parser says.
        detail: String,
    },
    /// JSON, but no acceptable `eth_signTypedData_v4` object.
    #[error("got typed data that is not well-formed at {place}: {detail}")]
    TypedData {
        /// Where in the object.
        place: String,
        /// What is wrong with it.
        detail: String,
    },
    /// Typed data deeper or larger than any honest one.
    #[error("got typed data with more than {limit} {what}")]
    TypedDataTooComplex {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Text that is no exact amount.
    #[error("got amount {got:?}, expected {expected}")]
    Amount {
        /// The text, cut at 80 characters.
        got: String,
        /// What an amount looks like.
        expected: String,
    },
    /// An entry that the registry does not take.
    #[error("got registry entry {address} on chain {chain}: {detail}")]
    Registry {
        /// Chain of the entry.
        chain: ChainId,
        /// Contract of the entry.
        address: Address,
        /// What is wrong with it.
        detail: String,
    },
    /// The registry's text is not what it should be.
    #[error("got a registry text that can't be read: {detail}")]
    RegistryText {
        /// What the parser says.
        detail: String,
    },
}

impl EffectsError {
    /// What a person can do about it, in a sentence.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "Ask the program that sent this to send the whole payload.",
            Self::TooLarge { .. } => "Split the action into smaller ones; nothing this large is signed.",
            Self::TransactionType { .. } => "Ask for an ordinary transaction (EIP-1559); blob and unknown types are never signed.",
            Self::NoChainId => "Ask for a transaction that names its chain; one without could be replayed on every chain.",
            Self::Rlp { .. } | Self::NotCanonical { .. } => "Do not sign this; the program that made it is faulty, or hides something.",
            Self::NoAuthorizations => "Ask for an EIP-1559 transaction instead.",
            Self::ChainIdRange { .. } => "Do not sign this; no chain has such an id.",
            Self::Json { .. } | Self::TypedData { .. } => {
                "Do not sign this; ask the site for well-formed EIP-712 data (eth_signTypedData_v4)."
            }
            Self::TypedDataTooComplex { .. } => "Do not sign this; no honest message is this large.",
            Self::Amount { .. } => "Write the amount with digits and at most one point, such as 12.5.",
            Self::Registry { .. } => "Check chain, address, symbol and decimals with the token's own site.",
            Self::RegistryText { .. } => "Restore the registry file from the release.",
        }
    }
}
