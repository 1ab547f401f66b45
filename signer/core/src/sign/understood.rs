//! What was decoded from the bytes that shall be signed.

use alloy_consensus::{SignableTransaction, TypedTransaction};
use alloy_eips::eip7702::Authorization;
use alloy_primitives::{Address, B256, eip191_hash_message};
use parlance_effects::{ChainId, Decoded, Effects, Registry, decode_authorization, decode_message, decode_transaction, decode_typed_data};

use crate::SignerError;

/// A request to sign, decoded here: the effects, on which rules and owner decide, and what will be signed, tied
/// together for good.
#[derive(Clone, Debug)]
pub struct Understood {
    effects: Effects,
    pub(super) payload: Payload,
}

/// What is signed, of the kinds that can be.
#[derive(Clone, Debug)]
pub(super) enum Payload {
    Transaction(Box<TypedTransaction>),
    TypedData,
    Message,
    Authorization(Authorization),
}

impl Understood {
    /// Decodes an unsigned EIP-2718 payload: legacy with chain id, EIP-2930, EIP-1559 or EIP-7702.
    ///
    /// # Errors
    /// [`SignerError::NotDecoded`], [`SignerError::Unsupported`], [`SignerError::Signing`] where two ways of hashing
    /// disagree.
    pub fn transaction(registry: &Registry, account: Address, unsigned: &[u8]) -> Result<Self, SignerError> {
        let Decoded { effects, parsed, digest } = decode_transaction(registry, account, unsigned)?;
        let again = match &parsed {
            TypedTransaction::Legacy(tx) => tx.signature_hash(),
            TypedTransaction::Eip2930(tx) => tx.signature_hash(),
            TypedTransaction::Eip1559(tx) => tx.signature_hash(),
            TypedTransaction::Eip7702(tx) => tx.signature_hash(),
            TypedTransaction::Eip4844(_) => {
                return Err(SignerError::Unsupported { reason: "blob transactions are never signed".into() });
            }
        };
        Self::tie(effects, Payload::Transaction(Box::new(parsed)), digest, again)
    }

    /// Decodes EIP-712 typed data, as `eth_signTypedData_v4` takes it.
    ///
    /// # Errors
    /// As [`Self::transaction`].
    pub fn typed_data(registry: &Registry, account: Address, json: &str) -> Result<Self, SignerError> {
        let Decoded { effects, parsed, digest } = decode_typed_data(registry, account, json)?;
        let again =
            parsed.eip712_signing_hash().map_err(|error| SignerError::Signing { reason: format!("hashing typed data: {error}") })?;
        Self::tie(effects, Payload::TypedData, digest, again)
    }

    /// Decodes an EIP-191 message of version 0x45 (`personal_sign`).
    ///
    /// # Errors
    /// As [`Self::transaction`].
    pub fn message(account: Address, bytes: &[u8]) -> Result<Self, SignerError> {
        let Decoded { effects, parsed, digest } = decode_message(account, bytes)?;
        Self::tie(effects, Payload::Message, digest, eip191_hash_message(&parsed))
    }

    /// An EIP-7702 authorization on its own: with it, `account` would run the code at `address` on `chain` (0: on
    /// every chain).
    ///
    /// # Errors
    /// As [`Self::transaction`].
    pub fn authorization(account: Address, chain: ChainId, address: Address, nonce: u64) -> Result<Self, SignerError> {
        let Decoded { effects, parsed, digest } = decode_authorization(account, chain, address, nonce);
        let again = parsed.signature_hash();
        Self::tie(effects, Payload::Authorization(parsed), digest, again)
    }

    /// What a signature would let happen.
    #[must_use]
    pub fn effects(&self) -> &Effects {
        &self.effects
    }

    /// The digest that will be signed, for logs and for binding an approval to it.
    #[must_use]
    pub fn digest(&self) -> B256 {
        self.effects.digest()
    }

    /// The digest that the decoder shows, the one of the bytes, and the one of the parsed payload from which the
    /// signature's carrier is made must be the same: else somebody could approve one thing and sign another.
    fn tie(effects: Effects, payload: Payload, digest: B256, again: B256) -> Result<Self, SignerError> {
        if effects.digest() != digest || digest != again {
            return Err(SignerError::Signing { reason: "two ways of hashing the request disagree".into() });
        }
        Ok(Self { effects, payload })
    }
}
