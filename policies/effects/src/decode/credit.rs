//! Credit pools: what borrowers call. Deposits and redemptions, and what keepers and owners call, are not understood.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;

use super::abi::CreditPool;
use super::call::{Call, NotUnderstood, Outcome, strict, unknown_function};
use crate::{Asset, Effect};

/// Bounds that every pool has: a rate of 100 % a year, cycles of a day to 366 days, limits of 128 bits.
const MOST_RATE: u32 = 10_000;
const DAY: u32 = 86_400;
const LONGEST_CYCLE: u32 = 366 * DAY;

/// A call to a registered pool that lends `asset`.
pub(super) fn decode(call: &Call<'_>, selector: [u8; 4], asset: Asset) -> Result<Outcome, NotUnderstood> {
    call.without_value()?;
    let pool = call.to;
    let effect = match selector {
        CreditPool::openCall::SELECTOR => {
            let CreditPool::openCall { attestation, .. } = strict(call.data)?;
            line(call, asset, &attestation, None)?
        }
        CreditPool::renewCall::SELECTOR => {
            let CreditPool::renewCall { id, attestation, .. } = strict(call.data)?;
            line(call, asset, &attestation, Some(id))?
        }
        CreditPool::drawCall::SELECTOR => {
            let CreditPool::drawCall { id, amount, to } = strict(call.data)?;
            Effect::Borrow { pool, asset, amount, to, line: id }
        }
        CreditPool::repayCall::SELECTOR => {
            let CreditPool::repayCall { id, amount } = strict(call.data)?;
            Effect::Repay { pool, asset, most: amount, line: id }
        }
        CreditPool::repayAllCall::SELECTOR => {
            let CreditPool::repayAllCall { id, atMost } = strict(call.data)?;
            Effect::Repay { pool, asset, most: atMost, line: id }
        }
        CreditPool::closeCall::SELECTOR => {
            let CreditPool::closeCall { id } = strict(call.data)?;
            Effect::CreditClose { pool, asset, line: id }
        }
        _ => return Err(unknown_function("the credit pool", selector)),
    };
    Ok(Outcome::of(effect))
}

fn line(call: &Call<'_>, asset: Asset, terms: &CreditPool::Attestation, renews: Option<U256>) -> Result<Effect, NotUnderstood> {
    for_account(terms.borrower, call.place.account)?;
    let rate = checked(terms.limit, terms.rate, terms.cycle)?;
    Ok(Effect::CreditLine {
        pool: call.to,
        asset,
        limit: terms.limit,
        rate,
        cycle: terms.cycle,
        expiry: terms.expiry,
        borrower: terms.borrower,
        renews,
    })
}

/// Terms are for the account that signs.
pub(super) fn for_account(borrower: Address, account: Address) -> Result<(), NotUnderstood> {
    if borrower == account { Ok(()) } else { Err(format!("it is for the borrower {borrower}, not for the signing account")) }
}

/// The rate, where no pool would refuse the terms.
pub(super) fn checked(limit: U256, rate: U256, cycle: u32) -> Result<u32, NotUnderstood> {
    if limit.is_zero() || limit > U256::from(u128::MAX) {
        return Err("its limit is one that no pool takes".into());
    }
    if !(DAY..=LONGEST_CYCLE).contains(&cycle) {
        return Err(format!("got a repayment cycle of {cycle} seconds, expected one of 1 to 366 days"));
    }
    let rate = u32::try_from(rate).ok().filter(|rate| *rate <= MOST_RATE);
    rate.ok_or_else(|| "its interest is more than 100 % a year".into())
}
