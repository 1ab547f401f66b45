//! Calls to Permit2.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;

use super::abi::{Permit2, Permit2Batch, PermitDetails, SignatureTransferDetails, TokenPermissions};
use super::call::{Call, NotUnderstood, Outcome, strict, unknown_function};
use super::erc20::transfer;
use super::unix_seconds;
use crate::{AllowanceChange, AllowanceVia, Effect};

pub(super) fn decode(call: &Call<'_>, selector: [u8; 4]) -> Result<Outcome, NotUnderstood> {
    call.without_value()?;
    match selector {
        Permit2::approveCall::SELECTOR => {
            let Permit2::approveCall { token, spender, amount, expiration } = strict(call.data)?;
            Ok(Outcome::of(allowance(call, token, spender, U256::from(amount), U256::from(expiration))))
        }
        Permit2::permitCall::SELECTOR => {
            let Permit2::permitCall { owner, permitSingle, .. } = strict(call.data)?;
            permits(call, owner, permitSingle.spender, &[permitSingle.details])
        }
        Permit2Batch::permitCall::SELECTOR => {
            let Permit2Batch::permitCall { owner, permitBatch, .. } = strict(call.data)?;
            permits(call, owner, permitBatch.spender, &permitBatch.details)
        }
        Permit2::transferFromCall::SELECTOR => {
            let Permit2::transferFromCall { from, to, amount, token } = strict(call.data)?;
            let asset = call.place.token(token);
            Ok(Outcome::all(transfer(asset, U256::from(amount), from, to, call.place.account)))
        }
        Permit2Batch::transferFromCall::SELECTOR => {
            let Permit2Batch::transferFromCall { transferDetails } = strict(call.data)?;
            let effects = transferDetails.iter().flat_map(|one| {
                let asset = call.place.token(one.token);
                transfer(asset, U256::from(one.amount), one.from, one.to, call.place.account)
            });
            batch(effects.collect(), transferDetails.len())
        }
        Permit2::permitTransferFromCall::SELECTOR => {
            let Permit2::permitTransferFromCall { permit, transferDetails, owner, .. } = strict(call.data)?;
            signed_transfers(call, owner, &[permit.permitted], &[transferDetails])
        }
        Permit2::permitWitnessTransferFromCall::SELECTOR => {
            let Permit2::permitWitnessTransferFromCall { permit, transferDetails, owner, .. } = strict(call.data)?;
            signed_transfers(call, owner, &[permit.permitted], &[transferDetails])
        }
        Permit2Batch::permitTransferFromCall::SELECTOR => {
            let Permit2Batch::permitTransferFromCall { permit, transferDetails, owner, .. } = strict(call.data)?;
            signed_transfers(call, owner, &permit.permitted, &transferDetails)
        }
        Permit2Batch::permitWitnessTransferFromCall::SELECTOR => {
            let Permit2Batch::permitWitnessTransferFromCall { permit, transferDetails, owner, .. } = strict(call.data)?;
            signed_transfers(call, owner, &permit.permitted, &transferDetails)
        }
        Permit2::lockdownCall::SELECTOR => {
            let Permit2::lockdownCall { approvals } = strict(call.data)?;
            let revoked = approvals.iter().map(|pair| Effect::Allowance {
                asset: call.place.token(pair.token),
                spender: pair.spender,
                change: AllowanceChange::Set(U256::ZERO),
                expires: None,
                via: AllowanceVia::Permit2,
            });
            batch(revoked.collect(), approvals.len())
        }
        _ => Err(unknown_function("Permit2", selector)),
    }
}

fn allowance(call: &Call<'_>, token: Address, spender: Address, amount: U256, expiration: U256) -> Effect {
    Effect::Allowance {
        asset: call.place.token(token),
        spender,
        change: AllowanceChange::Set(amount),
        expires: expires(expiration),
        via: AllowanceVia::Permit2,
    }
}

/// When a Permit2 allowance ends. Zero means "in this block only" to Permit2; the largest `uint48` means never.
pub(super) fn expires(expiration: U256) -> Option<u64> {
    const NEVER: u64 = (1 << 48) - 1;
    unix_seconds(expiration).filter(|at| *at < NEVER)
}

fn permits(call: &Call<'_>, owner: Address, spender: Address, details: &[PermitDetails]) -> Result<Outcome, NotUnderstood> {
    if owner != call.place.account {
        return Err(format!("the permit is one of {owner}, not of the signing account"));
    }
    let effects = details.iter().map(|one| allowance(call, one.token, spender, U256::from(one.amount), U256::from(one.expiration)));
    batch(effects.collect(), details.len())
}

/// The amounts that are requested move, if each is within what its owner signed.
fn signed_transfers(
    call: &Call<'_>,
    owner: Address,
    permitted: &[TokenPermissions],
    details: &[SignatureTransferDetails],
) -> Result<Outcome, NotUnderstood> {
    if permitted.len() != details.len() {
        return Err(format!("{} permitted tokens but {} transfers", permitted.len(), details.len()));
    }
    let effects = permitted.iter().zip(details).flat_map(|(permitted, detail)| {
        let asset = call.place.token(permitted.token);
        transfer(asset, detail.requestedAmount, owner, detail.to, call.place.account)
    });
    batch(effects.collect(), details.len())
}

fn batch(effects: Vec<Effect>, count: usize) -> Result<Outcome, NotUnderstood> {
    if effects.is_empty() {
        return Err("the list of what to do is empty".into());
    }
    let batch = (count > 1).then_some(count);
    Ok(Outcome { effects, batch, one_block: false })
}
