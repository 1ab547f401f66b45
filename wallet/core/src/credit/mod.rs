//! Bank-balance proofs and credit lines: lenders, bank logins, proofs, applications, lines.
//!
//! ```text
//! lenders (who) + logins (which account) -> prove (offer, session, proof, verdict) -> apply (signature, attestation)
//!     -> plan (open, draw, repay) -> lines (how they stand)
//! ```
//! A lender is a stranger: `lender_info` and `offer` check all that it answers before it is kept, shown or signed. What it
//! says reaches neither the model (but for its name, which the owner has seen) nor a rule.

mod apply;
mod banks;
mod lender_api;
mod lender_info;
mod lenders;
mod lines;
mod logins;
mod offer;
mod plan;
mod prove;
mod threshold;
mod words;

#[cfg(test)]
pub(crate) mod tests;

use alloy_primitives::U256;
use parlance_credit::api;

pub use apply::{application, fresh_proof, renews, send_application, typed_data, under_way};
pub use banks::{Bank, bank, banks};
pub use lenders::{KnownLender, add_lender, lender, lenders, refresh, remove_lender};
pub use lines::{CreditLine, LentAsset, LineState, LineStatus, Lines, lines};
pub use logins::{Keyring, KnownLogin, add_login, bank_for, logins, remove_login, values, values_given};
pub use offer::{Asked, check_attested, check_offer, check_verdict, tier, tier_for};
pub use plan::{draw, open, repay};
pub use prove::{Progress, Wish, make, prove, send, session, terms, unanswered, wish, wish_given};
pub use threshold::{Threshold, money, threshold};
pub use words::{claim, day, line as line_words, moment, rate};

use crate::{
    Wallet,
    error::Result,
    tokens::{Token, Usd, format_amount, format_units},
};

/// Digits of the minor unit in which lenders write their thresholds.
pub const TIER_SCALE: u8 = 2;

/// What a lender lends, as the chain says it.
///
/// # Errors
/// [`crate::WalletError::LenderAnswer`] where the lender says something else; chain errors.
pub async fn lent(wallet: &Wallet, info: &api::Lender) -> Result<Token> {
    lender_info::on_chain(wallet, info).await
}

/// An amount to borrow, as a person says it: units, dollars of a dollar stablecoin, or `max`, which is the most that is lent.
///
/// # Errors
/// [`crate::WalletError::Amount`].
pub fn borrowed(text: &str, token: &Token, most: U256) -> Result<U256> {
    let wrong = |why: &str| crate::WalletError::Amount { got: crate::tokens::clean(text, 60), why: why.into() };
    let amount = match text.strip_prefix('$') {
        _ if text == "max" => most,
        Some(_) if token.usd_stable => {
            Usd::from_micro(1_000_000).amount_for(Usd::parse(text)?, token.decimals).ok_or_else(|| wrong("it is too large"))?
        }
        Some(_) => return Err(wrong("the lender's asset is no dollar; say the amount in units of it")),
        None => crate::tokens::parse_units(text, token.decimals)?,
    };
    if amount.is_zero() { Err(wrong("it is nothing")) } else { Ok(amount) }
}

/// A tier in words: `Maple lends up to 1,500 USDC at 12% a year to who proves at least $10,000`.
#[must_use]
pub fn tier_words(lender: &str, tier: &api::Tier, token: &Token) -> String {
    format!(
        "{lender} lends up to {} at {} to who proves a balance of at least {}",
        format_amount(tier.limit, token),
        rate(tier.rate),
        money(tier.at_least, &tier.currency, TIER_SCALE)
    )
}

/// A tier's threshold as an intent takes it: `10000`, or `10000 EUR` where the lender has tiers in other currencies too.
#[must_use]
pub fn tier_at_least(tier: &api::Tier, info: &api::Lender) -> String {
    let units = format_units(U256::from(tier.at_least), TIER_SCALE);
    let one = info.tiers.iter().all(|t| t.currency == tier.currency);
    if one { units } else { format!("{units} {}", tier.currency) }
}
