//! EIP-712 typed data as `eth_signTypedData_v4` JSON.
//!
//! The digest is that of the values which alloy reads out of the JSON, and the tree that people and rules see is
//! made of these same values: what is shown is what is signed.

mod json;
mod schema;
mod tree;

use alloy_dyn_abi::{DynSolValue, TypedData};
use alloy_primitives::Address;
use alloy_sol_types::Eip712Domain;

use super::typed_permits::{Recognised, recognise};
use super::{Decoded, Place};
use crate::warnings::{self, Context, FAR_DEADLINE};
use crate::{ChainId, Effect, Effects, EffectsError, Registry, Subject, TypedDomain, Warning};

/// Larger typed data is never signed.
pub const MAX_TYPED_DATA_BYTES: usize = 128 * 1024;

/// Decodes EIP-712 typed data from `eth_signTypedData_v4` JSON: an object with exactly `types`, `primaryType`,
/// `domain` and `message`.
///
/// Recognised are EIP-2612 and DAI permits and EIP-3009 authorizations of registered tokens, the signatures of
/// Permit2, and applications for credit at registered pools. Everything else decodes to [`Effect::UnknownTypedData`], with its whole tree in the subject.
///
/// # Errors
///
/// Text that is not JSON, has duplicate keys, missing or additional fields, undefined, recursive or oddly named types,
/// an `EIP712Domain` type unlike the domain, values of the wrong type or range, or more than an honest message has.
pub fn decode_typed_data(registry: &Registry, account: Address, json: &str) -> Result<Decoded<TypedData>, EffectsError> {
    if json.len() > MAX_TYPED_DATA_BYTES {
        let (what, got, limit) = ("typed data", json.len(), MAX_TYPED_DATA_BYTES);
        return Err(EffectsError::TooLarge { what, got, limit });
    }
    let json = json::parse(json)?;
    let schema = schema::Schema::read(&json)?;
    schema.check_domain(&json)?;
    let typed: TypedData = serde_json::from_value(json).map_err(|error| malformed("the object", &error.to_string()))?;
    let message = typed.coerce().map_err(|error| malformed("message", &error.to_string()))?;
    let domain = stated(&typed.domain);
    let tree = tree::of(&schema, &typed.primary_type, &typed.message, &message)?;
    let encode_type = typed.encode_type().map_err(|error| malformed("types", &error.to_string()))?;
    let digest = typed.eip712_signing_hash().map_err(|error| malformed("message", &error.to_string()))?;

    let chain = chain_of(&domain)?;
    let place = chain.map(|chain| Place { registry, chain, account });
    let (items, mut warnings) = effects(place, registry, account, chain, &domain, &encode_type, &message);
    if chain.is_none() {
        warnings.push(Warning::DomainChain);
    }
    if tree::has_deceptive_text(&tree) || domain.name.as_deref().is_some_and(warnings::is_deceptive) {
        warnings.push(Warning::DeceptiveText);
    }
    let subject = Subject::TypedData { domain, primary_type: typed.primary_type.clone(), tree, digest };
    let effects = Effects { subject, chain, account, items, fee: None, warnings };
    Ok(Decoded { effects, parsed: typed, digest })
}

fn effects(
    place: Option<Place<'_>>,
    registry: &Registry,
    account: Address,
    chain: Option<ChainId>,
    domain: &TypedDomain,
    encode_type: &str,
    message: &DynSolValue,
) -> (Vec<Effect>, Vec<Warning>) {
    match recognise(place, domain, encode_type, message) {
        Ok(Recognised { effects, deadline, timed }) => {
            let batch = (effects.len() > 1).then_some(effects.len());
            let mut warnings = warnings::of(&effects, Context { registry, account, chain, batch, one_block: false });
            if timed && deadline.is_none_or(|at| at >= FAR_DEADLINE) {
                warnings.push(Warning::NoDeadline);
            }
            (effects, warnings)
        }
        Err(reason) => (vec![Effect::UnknownTypedData { reason }], Vec::new()),
    }
}

/// The domain as it is hashed.
fn stated(domain: &Eip712Domain) -> TypedDomain {
    TypedDomain {
        name: domain.name.as_deref().map(str::to_owned),
        version: domain.version.as_deref().map(str::to_owned),
        chain_id: domain.chain_id,
        verifying_contract: domain.verifying_contract,
        salt: domain.salt,
    }
}

/// The chain that the domain names; zero names none.
fn chain_of(domain: &TypedDomain) -> Result<Option<ChainId>, EffectsError> {
    let Some(stated) = domain.chain_id else {
        return Ok(None);
    };
    let chain =
        ChainId::try_from(stated).map_err(|_| EffectsError::ChainIdRange { got: stated.to_string(), place: "an EIP-712 domain" })?;
    Ok(Some(chain).filter(|chain| *chain != 0))
}

fn malformed(place: &str, detail: &str) -> EffectsError {
    // What went wrong may quote the message; a person needs no more than its beginning.
    EffectsError::TypedData { place: place.to_owned(), detail: detail.chars().take(300).collect() }
}
