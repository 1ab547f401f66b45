//! ERC-20 with the permits of EIP-2612 and DAI, and EIP-3009.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;

use super::abi::{DaiPermit, Eip2612, Eip2612Bytes, Eip3009, Eip3009Bytes, Erc20};
use super::call::{Call, NotUnderstood, Outcome, strict, unknown_function};
use crate::{AllowanceChange, AllowanceVia, Effect};

/// The name of a token function, for contracts that are not in the registry.
pub(super) fn name_of(selector: [u8; 4]) -> Option<&'static str> {
    Some(match selector {
        Erc20::transferCall::SELECTOR => "transfer",
        Erc20::transferFromCall::SELECTOR => "transferFrom",
        Erc20::approveCall::SELECTOR => "approve",
        Erc20::increaseAllowanceCall::SELECTOR => "increaseAllowance",
        Erc20::decreaseAllowanceCall::SELECTOR => "decreaseAllowance",
        Eip2612::permitCall::SELECTOR | Eip2612Bytes::permitCall::SELECTOR | DaiPermit::permitCall::SELECTOR => "permit",
        Eip3009::transferWithAuthorizationCall::SELECTOR | Eip3009Bytes::transferWithAuthorizationCall::SELECTOR => {
            "transferWithAuthorization"
        }
        Eip3009::receiveWithAuthorizationCall::SELECTOR | Eip3009Bytes::receiveWithAuthorizationCall::SELECTOR => {
            "receiveWithAuthorization"
        }
        _ => return None,
    })
}

/// A call to a registered token.
pub(super) fn decode(call: &Call<'_>, selector: [u8; 4]) -> Result<Outcome, NotUnderstood> {
    call.without_value()?;
    let account = call.place.account;
    match selector {
        Erc20::transferCall::SELECTOR => {
            let Erc20::transferCall { to, amount } = strict(call.data)?;
            Ok(moved(call, account, to, amount))
        }
        Erc20::transferFromCall::SELECTOR => {
            let Erc20::transferFromCall { from, to, amount } = strict(call.data)?;
            Ok(moved(call, from, to, amount))
        }
        Erc20::approveCall::SELECTOR => {
            let Erc20::approveCall { spender, amount } = strict(call.data)?;
            Ok(allowed(call, spender, AllowanceChange::Set(amount), AllowanceVia::Erc20))
        }
        Erc20::increaseAllowanceCall::SELECTOR => {
            let Erc20::increaseAllowanceCall { spender, addedValue } = strict(call.data)?;
            Ok(allowed(call, spender, AllowanceChange::Increase(addedValue), AllowanceVia::Erc20))
        }
        Erc20::decreaseAllowanceCall::SELECTOR => {
            let Erc20::decreaseAllowanceCall { spender, subtractedValue } = strict(call.data)?;
            Ok(allowed(call, spender, AllowanceChange::Decrease(subtractedValue), AllowanceVia::Erc20))
        }
        Eip2612::permitCall::SELECTOR => {
            let Eip2612::permitCall { owner, spender, value, .. } = strict(call.data)?;
            permitted(call, owner, spender, value)
        }
        Eip2612Bytes::permitCall::SELECTOR => {
            let Eip2612Bytes::permitCall { owner, spender, value, .. } = strict(call.data)?;
            permitted(call, owner, spender, value)
        }
        DaiPermit::permitCall::SELECTOR => {
            let DaiPermit::permitCall { holder, spender, allowed, .. } = strict(call.data)?;
            permitted(call, holder, spender, if allowed { U256::MAX } else { U256::ZERO })
        }
        Eip3009::transferWithAuthorizationCall::SELECTOR => {
            let Eip3009::transferWithAuthorizationCall { from, to, value, .. } = strict(call.data)?;
            Ok(moved(call, from, to, value))
        }
        Eip3009Bytes::transferWithAuthorizationCall::SELECTOR => {
            let Eip3009Bytes::transferWithAuthorizationCall { from, to, value, .. } = strict(call.data)?;
            Ok(moved(call, from, to, value))
        }
        Eip3009::receiveWithAuthorizationCall::SELECTOR => {
            let Eip3009::receiveWithAuthorizationCall { from, to, value, .. } = strict(call.data)?;
            Ok(moved(call, from, to, value))
        }
        Eip3009Bytes::receiveWithAuthorizationCall::SELECTOR => {
            let Eip3009Bytes::receiveWithAuthorizationCall { from, to, value, .. } = strict(call.data)?;
            Ok(moved(call, from, to, value))
        }
        _ => Err(unknown_function("the token", selector)),
    }
}

fn moved(call: &Call<'_>, from: Address, to: Address, amount: U256) -> Outcome {
    let asset = call.place.token(call.to);
    Outcome::all(transfer(asset, amount, from, to, call.place.account))
}

/// The effects of a token movement: what leaves, and what arrives where the account receives from another.
pub(super) fn transfer(asset: crate::Asset, amount: U256, from: Address, to: Address, account: Address) -> Vec<Effect> {
    let mut effects = vec![Effect::TransferOut { asset: asset.clone(), amount, from, to }];
    if to == account && from != account {
        effects.push(Effect::TransferIn { asset, at_least: amount, from: Some(from) });
    }
    effects
}

fn allowed(call: &Call<'_>, spender: Address, change: AllowanceChange, via: AllowanceVia) -> Outcome {
    let asset = call.place.token(call.to);
    Outcome::of(Effect::Allowance { asset, spender, change, expires: None, via })
}

/// A permit that is handed in: its deadline ends the signature, not the allowance.
fn permitted(call: &Call<'_>, owner: Address, spender: Address, value: U256) -> Result<Outcome, NotUnderstood> {
    if owner != call.place.account {
        return Err(format!("the permit is one of {owner}, not of the signing account"));
    }
    Ok(allowed(call, spender, AllowanceChange::Set(value), AllowanceVia::Eip2612))
}
