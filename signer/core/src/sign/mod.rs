//! Signatures over what was decoded here, and over nothing else.
//!
//! [`Understood`] is the only thing that [`sign`] takes. It is made from the very bytes (or the typed data, or the
//! message) that shall be signed, by the decoder of `parlance-effects`, and its parts can't be put together by anyone
//! else. So no caller, however it is tricked, can have a bare hash signed:
//!
//! ```compile_fail
//! # fn f(key: &parlance_signer_core::keys::PrivateKey) {
//! let hash = alloy_primitives::B256::ZERO;
//! parlance_signer_core::sign::sign(key, &hash);
//! # }
//! ```
//! ```compile_fail
//! # fn f(key: &parlance_signer_core::keys::PrivateKey, effects: parlance_effects::Effects) {
//! parlance_signer_core::sign::Understood { effects, payload: panic!() };
//! # }
//! ```
//!
//! | constructor | signs | digest |
//! |---|---|---|
//! | [`Understood::transaction`] | legacy with chain id (EIP-155), EIP-2930, EIP-1559, EIP-7702 | keccak256 of the unsigned EIP-2718 payload |
//! | [`Understood::typed_data`] | EIP-712 | keccak256(0x1901 ‖ domain separator ‖ struct hash) |
//! | [`Understood::message`] | EIP-191, version 0x45 | keccak256("\x19Ethereum Signed Message:\n" ‖ length ‖ message) |
//! | [`Understood::authorization`] | EIP-7702 authorization | keccak256(0x05 ‖ rlp([chain, address, nonce])) |

mod ecdsa;
mod understood;

use alloy_consensus::{EthereumTxEnvelope, SignableTransaction, TxEip4844Variant, TypedTransaction};
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::eip7702::SignedAuthorization;
use alloy_primitives::{B256, Bytes, Signature};
use parlance_effects::Effect;

use crate::SignerError;
use crate::keys::{PrivateKey, Realm};
use understood::Payload;
pub use understood::Understood;

/// What a signature comes back as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signed {
    /// A transaction, ready for `eth_sendRawTransaction`.
    Transaction {
        /// EIP-2718 bytes.
        raw: Bytes,
        /// Their keccak256, under which the network knows the transaction.
        hash: B256,
    },
    /// A signature over typed data or a message.
    Signature(SignatureBytes),
    /// A signed EIP-7702 authorization, to be put into somebody's transaction.
    Authorization(SignedAuthorization),
}

/// `r ‖ s ‖ v`, with `s` in the lower half (EIP-2) and `v` 27 or 28.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureBytes(pub [u8; 65]);

/// Signs what was understood, with the key of the account that it was decoded for.
///
/// Deterministic (RFC 6979), low-s (EIP-2), and checked: a signature that does not recover to the account's address,
/// as after a fault in memory, is not given out.
///
/// Whether to sign at all is decided before, by rules and owner. What is refused even here, whatever they say:
/// messages that could be the digest of something else, blob transactions, and everything off the local chains with
/// a key that is [for play](Realm::Play).
///
/// # Errors
/// [`SignerError::WrongKey`], [`SignerError::Unsupported`], [`SignerError::Signing`].
pub fn sign(key: &PrivateKey, understood: &Understood) -> Result<Signed, SignerError> {
    check(key, understood)?;
    let digest = understood.digest();
    let signature = ecdsa::sign_digest(key, digest)?;
    match &understood.payload {
        Payload::Transaction(transaction) => signed_transaction(transaction.as_ref().clone(), signature),
        Payload::TypedData | Payload::Message => Ok(Signed::Signature(SignatureBytes(signature.as_bytes()))),
        Payload::Authorization(authorization) => Ok(Signed::Authorization(authorization.clone().into_signed(signature))),
    }
}

fn check(key: &PrivateKey, understood: &Understood) -> Result<(), SignerError> {
    let account = understood.effects().account;
    if key.address() != account {
        return Err(SignerError::WrongKey { got: key.address().to_checksum(None), expected: account.to_checksum(None) });
    }
    for item in &understood.effects().items {
        if let Effect::Message { looks_like_hash: true } = item {
            return Err(SignerError::Unsupported {
                reason: "a message that looks like a hash could be the digest of a transaction".into(),
            });
        }
    }
    check_realm(key.realm(), understood)
}

/// A key of a demo wallet, whose password is public, signs for local chains and nothing that is valid elsewhere.
fn check_realm(realm: Realm, understood: &Understood) -> Result<(), SignerError> {
    let confined = match (&understood.payload, understood.effects().chain) {
        (_, Some(chain)) => realm.allows(chain),
        // A message moves nothing; anything else without a chain is valid on every chain.
        (Payload::Message, None) => true,
        (_, None) => realm == Realm::Real,
    };
    if confined {
        return Ok(());
    }
    let chain = understood.effects().chain.map_or("every chain".to_owned(), |chain| format!("chain {chain}"));
    Err(SignerError::Unsupported { reason: format!("this is a play-money wallet for local chains, and the request is for {chain}") })
}

fn signed_transaction(transaction: TypedTransaction, signature: Signature) -> Result<Signed, SignerError> {
    let envelope: EthereumTxEnvelope<TxEip4844Variant> = match transaction {
        TypedTransaction::Legacy(tx) => tx.into_signed(signature).into(),
        TypedTransaction::Eip2930(tx) => tx.into_signed(signature).into(),
        TypedTransaction::Eip1559(tx) => tx.into_signed(signature).into(),
        TypedTransaction::Eip7702(tx) => tx.into_signed(signature).into(),
        TypedTransaction::Eip4844(_) => {
            return Err(SignerError::Unsupported { reason: "blob transactions are never signed".into() });
        }
    };
    Ok(Signed::Transaction { raw: envelope.encoded_2718().into(), hash: *envelope.tx_hash() })
}
