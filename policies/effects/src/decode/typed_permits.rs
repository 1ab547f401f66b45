//! Typed data that moves money later: EIP-2612, DAI's permit, EIP-3009 and Permit2. (Applications for credit: `typed_credit`.)

use alloy_dyn_abi::DynSolValue;
use alloy_primitives::{Address, U256};

use super::{Place, typed_credit, unix_seconds};
use crate::{AllowanceChange, AllowanceVia, DeferredVia, Effect, Role, TypedDomain};

/// What recognised typed data does, and until when its signature can be used.
pub(super) struct Recognised {
    pub effects: Vec<Effect>,
    /// Unix seconds; `None` for never. Not for deferred transfers, which carry theirs.
    pub deadline: Option<u64>,
    /// True where `deadline` says something.
    pub timed: bool,
}

const EIP_2612: &str = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)";
const DAI_PERMIT: &str = "Permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed)";
const TRANSFER_WITH_AUTHORIZATION: &str =
    "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)";
const RECEIVE_WITH_AUTHORIZATION: &str =
    "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)";
const PERMIT_SINGLE: &str = "PermitSingle(PermitDetails details,address spender,uint256 sigDeadline)PermitDetails(address token,uint160 amount,uint48 expiration,uint48 nonce)";
const PERMIT_BATCH: &str = "PermitBatch(PermitDetails[] details,address spender,uint256 sigDeadline)PermitDetails(address token,uint160 amount,uint48 expiration,uint48 nonce)";
const PERMIT_TRANSFER_FROM: &str = "PermitTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline)TokenPermissions(address token,uint256 amount)";
const PERMIT_BATCH_TRANSFER_FROM: &str = "PermitBatchTransferFrom(TokenPermissions[] permitted,address spender,uint256 nonce,uint256 deadline)TokenPermissions(address token,uint256 amount)";
// With a witness the rest of the type is the spender's own; the data has one word more.
const PERMIT_WITNESS: &str = "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,";
const PERMIT_BATCH_WITNESS: &str =
    "PermitBatchWitnessTransferFrom(TokenPermissions[] permitted,address spender,uint256 nonce,uint256 deadline,";
const TOKEN_PERMISSIONS: &str = ")TokenPermissions(address token,uint256 amount)";

/// Recognises typed data by its exact `encodeType` and the contract that would verify it.
///
/// # Errors
///
/// Why it is not understood, in a sentence without capital and full stop.
pub(super) fn recognise(
    place: Option<Place<'_>>,
    domain: &TypedDomain,
    encode_type: &str,
    message: &DynSolValue,
) -> Result<Recognised, String> {
    let form = Form::of(encode_type).ok_or("it is none of the kinds that the signer knows")?;
    let place = place.ok_or("its domain names no chain")?;
    let contract = domain.verifying_contract.ok_or("its domain names no contract")?;
    if domain.salt.is_some() {
        return Err("its domain has a salt".into());
    }
    let role = place.registry.contract(place.chain, contract).map(|contract| &contract.role);
    match (form, role) {
        (Form::CreditApplication, Some(Role::CreditPool { .. })) => typed_credit::check_domain(domain)?,
        (Form::CreditApplication, _) => return Err(format!("{contract} is no credit pool of the registry")),
        (form, Some(Role::Permit2)) if form.is_permit2() => {}
        (form, _) if form.is_permit2() => return Err(format!("{contract} is not Permit2")),
        (_, Some(Role::Token(_) | Role::WrappedNative(_))) => {}
        _ => return Err(format!("{contract} is no token of the registry")),
    }
    let DynSolValue::CustomStruct { tuple: fields, .. } = message else {
        return Err("its message is no struct".into());
    };
    form.read(place, contract, fields).ok_or_else(|| "its fields are not those of its type".to_owned())?
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Eip2612,
    Dai,
    Eip3009(DeferredVia),
    PermitSingle,
    PermitBatch,
    SignatureTransfer { batch: bool },
    CreditApplication,
}

impl Form {
    fn of(encode_type: &str) -> Option<Self> {
        let witness = |head: &str| encode_type.starts_with(head) && encode_type.contains(TOKEN_PERMISSIONS);
        Some(match encode_type {
            EIP_2612 => Self::Eip2612,
            DAI_PERMIT => Self::Dai,
            TRANSFER_WITH_AUTHORIZATION => Self::Eip3009(DeferredVia::Eip3009Transfer),
            RECEIVE_WITH_AUTHORIZATION => Self::Eip3009(DeferredVia::Eip3009Receive),
            PERMIT_SINGLE => Self::PermitSingle,
            PERMIT_BATCH => Self::PermitBatch,
            PERMIT_TRANSFER_FROM => Self::SignatureTransfer { batch: false },
            PERMIT_BATCH_TRANSFER_FROM => Self::SignatureTransfer { batch: true },
            typed_credit::APPLICATION => Self::CreditApplication,
            _ if witness(PERMIT_WITNESS) => Self::SignatureTransfer { batch: false },
            _ if witness(PERMIT_BATCH_WITNESS) => Self::SignatureTransfer { batch: true },
            _ => return None,
        })
    }

    fn is_permit2(self) -> bool {
        matches!(self, Self::PermitSingle | Self::PermitBatch | Self::SignatureTransfer { .. })
    }

    /// Outer `None`: the fields have other types than `encodeType` says (can't be, but is not assumed).
    fn read(self, place: Place<'_>, contract: Address, fields: &[DynSolValue]) -> Option<Result<Recognised, String>> {
        let others = |owner: Address| Err(format!("it is for {owner}, not for the signing account"));
        match self {
            Self::Eip2612 => {
                let [owner, spender, value, _nonce, deadline] = fields else {
                    return None;
                };
                let (owner, spender, value) = (owner.as_address()?, spender.as_address()?, uint(value)?);
                if owner != place.account {
                    return Some(others(owner));
                }
                Some(permit(place, contract, spender, value, uint(deadline)?))
            }
            Self::Dai => {
                let [holder, spender, _nonce, expiry, allowed] = fields else {
                    return None;
                };
                let (holder, spender) = (holder.as_address()?, spender.as_address()?);
                if holder != place.account {
                    return Some(others(holder));
                }
                let value = if allowed.as_bool()? { U256::MAX } else { U256::ZERO };
                // Zero means never to DAI.
                let expiry = Some(uint(expiry)?).filter(|expiry| !expiry.is_zero()).unwrap_or(U256::MAX);
                Some(permit(place, contract, spender, value, expiry))
            }
            Self::Eip3009(via) => {
                let [from, to, value, after, before, _nonce] = fields else {
                    return None;
                };
                let (from, to) = (from.as_address()?, to.as_address()?);
                if from != place.account {
                    return Some(others(from));
                }
                let effect = Effect::DeferredTransfer {
                    asset: place.token(contract),
                    amount: uint(value)?,
                    to: Some(to),
                    // Only the payee can hand in a ReceiveWithAuthorization.
                    spender: (via == DeferredVia::Eip3009Receive).then_some(to),
                    valid_after: unix_seconds(uint(after)?),
                    valid_before: unix_seconds(uint(before)?),
                    via,
                };
                Some(Ok(Recognised { effects: vec![effect], deadline: None, timed: false }))
            }
            Self::PermitSingle => {
                let [details, spender, deadline] = fields else {
                    return None;
                };
                let effects = vec![allowance(place, spender.as_address()?, details)?];
                Some(Ok(Recognised { effects, deadline: unix_seconds(uint(deadline)?), timed: true }))
            }
            Self::PermitBatch => {
                let [details, spender, deadline] = fields else {
                    return None;
                };
                let spender = spender.as_address()?;
                let details = details.as_array()?.iter();
                let effects: Vec<_> = details.map(|one| allowance(place, spender, one)).collect::<Option<_>>()?;
                let deadline = unix_seconds(uint(deadline)?);
                Some(not_empty(Recognised { effects, deadline, timed: true }))
            }
            Self::SignatureTransfer { batch } => {
                let [permitted, spender, _nonce, deadline, witness @ ..] = fields else {
                    return None;
                };
                if witness.len() > 1 {
                    return Some(Err("it has more than one witness".into()));
                }
                let (spender, before) = (spender.as_address()?, unix_seconds(uint(deadline)?));
                let permitted = if batch { permitted.as_array()? } else { std::slice::from_ref(permitted) };
                let effects: Vec<_> = permitted.iter().map(|one| signature_transfer(place, spender, before, one)).collect::<Option<_>>()?;
                Some(not_empty(Recognised { effects, deadline: None, timed: false }))
            }
            Self::CreditApplication => typed_credit::application(place, contract, fields),
        }
    }
}

fn permit(place: Place<'_>, token: Address, spender: Address, value: U256, deadline: U256) -> Result<Recognised, String> {
    // The deadline ends the signature; an allowance that was made of it stays.
    let effect = Effect::Allowance {
        asset: place.token(token),
        spender,
        change: AllowanceChange::Set(value),
        expires: None,
        via: AllowanceVia::Eip2612,
    };
    Ok(Recognised { effects: vec![effect], deadline: unix_seconds(deadline), timed: true })
}

fn allowance(place: Place<'_>, spender: Address, details: &DynSolValue) -> Option<Effect> {
    let [token, amount, expiration, _nonce] = struct_fields(details)? else {
        return None;
    };
    Some(Effect::Allowance {
        asset: place.token(token.as_address()?),
        spender,
        change: AllowanceChange::Set(uint(amount)?),
        expires: super::permit2::expires(uint(expiration)?),
        via: AllowanceVia::Permit2,
    })
}

fn signature_transfer(place: Place<'_>, spender: Address, valid_before: Option<u64>, permitted: &DynSolValue) -> Option<Effect> {
    let [token, amount] = struct_fields(permitted)? else {
        return None;
    };
    Some(Effect::DeferredTransfer {
        asset: place.token(token.as_address()?),
        amount: uint(amount)?,
        to: None,
        spender: Some(spender),
        valid_after: None,
        valid_before,
        via: DeferredVia::Permit2Transfer,
    })
}

fn not_empty(recognised: Recognised) -> Result<Recognised, String> {
    if recognised.effects.is_empty() { Err("its list of tokens is empty".into()) } else { Ok(recognised) }
}

pub(super) fn struct_fields(value: &DynSolValue) -> Option<&[DynSolValue]> {
    match value {
        DynSolValue::CustomStruct { tuple, .. } => Some(tuple),
        _ => None,
    }
}

pub(super) fn uint(value: &DynSolValue) -> Option<U256> {
    value.as_uint().map(|(value, _)| value)
}
