//! WETH9 and its kin.

use alloy_sol_types::SolCall;

use super::abi::Weth9;
use super::call::{Call, NotUnderstood, Outcome, strict};
use crate::Effect;

/// `deposit` and `withdraw`; `None` for other functions, which are the token's.
pub(super) fn decode(call: &Call<'_>, selector: [u8; 4]) -> Option<Result<Outcome, NotUnderstood>> {
    match selector {
        Weth9::depositCall::SELECTOR => Some(deposit(call)),
        Weth9::withdrawCall::SELECTOR => Some(withdraw(call)),
        _ => None,
    }
}

fn deposit(call: &Call<'_>) -> Result<Outcome, NotUnderstood> {
    let Weth9::depositCall {} = strict(call.data)?;
    Ok(Outcome::of(Effect::Wrap { asset: call.place.token(call.to), amount: call.value }))
}

fn withdraw(call: &Call<'_>) -> Result<Outcome, NotUnderstood> {
    call.without_value()?;
    let Weth9::withdrawCall { amount } = strict(call.data)?;
    let recipient = call.place.account;
    Ok(Outcome::of(Effect::Unwrap { asset: call.place.token(call.to), amount, recipient }))
}
