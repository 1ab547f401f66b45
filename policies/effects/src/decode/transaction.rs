//! EIP-2718 signing payloads.

use alloy_consensus::{SignableTransaction, Transaction, TypedTransaction};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, Signature, TxKind, U256, keccak256};

use super::call::{Call, Outcome, decode_call};
use super::{Decoded, Place};
use crate::warnings::{self, Context};
use crate::{ChainId, Effect, Effects, EffectsError, FeeCeiling, Registry, Subject};

/// More than nodes relay (128 KiB), so nothing honest is larger.
pub const MAX_TRANSACTION_BYTES: usize = 128 * 1024;

/// Decodes the EIP-2718 *unsigned* payload whose keccak256 would be signed: for legacy the list of nine fields of
/// EIP-155, otherwise the type byte (0x01, 0x02 or 0x04) and the list of fields.
///
/// The chain comes from the bytes. `account` is the account whose key would sign.
///
/// # Errors
///
/// Whatever is not the canonical encoding of a transaction of these types: trailing bytes, other RLP, a legacy
/// transaction without chain id, chain id 0, blob and unknown types, EIP-7702 without authorizations.
/// A call that is not understood is no error but [`Effect::UnknownCall`].
pub fn decode_transaction(registry: &Registry, account: Address, unsigned: &[u8]) -> Result<Decoded<TypedTransaction>, EffectsError> {
    let transaction = parse(unsigned)?;
    let chain = transaction.chain_id().filter(|chain| *chain != 0).ok_or(EffectsError::NoChainId)?;
    let place = Place { registry, chain, account };
    let digest = keccak256(unsigned);

    let mut items = delegations(&transaction)?;
    let outcome = match transaction.kind() {
        TxKind::Create => Outcome::of(Effect::Deploy { init_code_hash: keccak256(transaction.input()), value: transaction.value() }),
        TxKind::Call(to) => decode_call(&Call { place, to, value: transaction.value(), data: transaction.input() }),
    };
    items.extend(outcome.effects);

    let context = Context { registry, account, chain: Some(chain), batch: outcome.batch, one_block: outcome.one_block };
    let warnings = warnings::of(&items, context);
    let fee = Some(fee_ceiling(registry, chain, &transaction));
    let subject = Subject::Transaction {
        tx_type: transaction.tx_type() as u8,
        nonce: transaction.nonce(),
        to: transaction.kind().into(),
        value: transaction.value(),
        selector: transaction.input().first_chunk().copied(),
        data_len: transaction.input().len(),
        digest,
    };
    let effects = Effects { subject, chain: Some(chain), account, items, fee, warnings };
    Ok(Decoded { effects, parsed: transaction, digest })
}

fn parse(unsigned: &[u8]) -> Result<TypedTransaction, EffectsError> {
    if unsigned.len() > MAX_TRANSACTION_BYTES {
        let (what, got, limit) = ("a transaction", unsigned.len(), MAX_TRANSACTION_BYTES);
        return Err(EffectsError::TooLarge { what, got, limit });
    }
    let tx_type = match unsigned.first() {
        None => {
            return Err(EffectsError::Empty { expected: "an unsigned transaction" });
        }
        Some(0xc0..) => 0,
        Some(&tx_type @ (0x01 | 0x02 | 0x04)) => tx_type,
        Some(&got) => return Err(EffectsError::TransactionType { got }),
    };
    let transaction =
        TypedTransaction::decode_unsigned(&mut &unsigned[..]).map_err(|error| EffectsError::Rlp { tx_type, detail: error.to_string() })?;
    // The decoder is lenient (trailing bytes, the two zeros of EIP-155); the encoder is not.
    let canonical = transaction.encoded_for_signing();
    if canonical != unsigned {
        return Err(EffectsError::NotCanonical { got: unsigned.len(), expected: canonical.len() });
    }
    Ok(transaction)
}

/// EIP-7702: the code that each authority would run from now on. Happens before the call.
fn delegations(transaction: &TypedTransaction) -> Result<Vec<Effect>, EffectsError> {
    let Some(authorizations) = transaction.authorization_list() else {
        return Ok(Vec::new());
    };
    if authorizations.is_empty() {
        return Err(EffectsError::NoAuthorizations);
    }
    authorizations
        .iter()
        .map(|authorization| {
            let chain = ChainId::try_from(authorization.chain_id)
                .map_err(|_| EffectsError::ChainIdRange { got: authorization.chain_id.to_string(), place: "an EIP-7702 authorization" })?;
            Ok(Effect::Delegation {
                to: authorization.address,
                chain,
                nonce: authorization.nonce,
                authority: authorization.recover_authority().ok(),
            })
        })
        .collect()
}

fn fee_ceiling(registry: &Registry, chain: ChainId, transaction: &TypedTransaction) -> FeeCeiling {
    let gas_limit = transaction.gas_limit();
    let max_fee_per_gas = transaction.max_fee_per_gas();
    // 64 + 128 bits: can't overflow.
    let execution = U256::from(gas_limit) * U256::from(max_fee_per_gas);
    // No signature encodes longer than this one.
    let longest = Signature::new(U256::MAX, U256::MAX, true);
    let data_bytes = transaction.clone().into_envelope(longest).encode_2718_len();
    // A chain that is not known may charge a data fee: say so.
    let data_fee_unbounded = registry.chain(chain).is_none_or(|chain| chain.data_fee);
    FeeCeiling { execution, gas_limit, max_fee_per_gas, data_bytes, data_fee_unbounded }
}
