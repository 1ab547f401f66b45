//! An amount as a person says it, in smallest units of an asset.

use alloy_primitives::U256;

use super::Produced;
use crate::{
    chain::Price,
    error::{Result, WalletError},
    tokens::{Share, Token, Usd, format_amount, parse_units},
};

/// What an amount can refer to.
#[derive(Clone, Debug)]
pub struct AmountContext<'a> {
    /// The asset.
    pub token: &'a Token,
    /// The account's balance of it, smallest units.
    pub balance: U256,
    /// What has to stay behind for inclusion where the asset is the native coin, wei.
    pub fee: U256,
    /// Price of one whole unit, where there is one.
    pub price: Option<&'a Price>,
    /// What the step before gave, where the amount refers to it.
    pub previous: Option<&'a Produced>,
}

/// `"50"`, `"$50"`, `"50%"` or `"max"` in smallest units: exact, above zero, and not more than there is.
///
/// # Errors
/// [`WalletError::Amount`], [`WalletError::NoPrice`], [`WalletError::Ask`] with code `insufficient_balance`.
pub fn resolve(text: &str, context: &AmountContext<'_>) -> Result<U256> {
    let token = context.token;
    let base = context.previous.map_or(context.balance, |p| p.amount.min(context.balance));
    let spendable = base.min(context.balance.saturating_sub(context.fee));
    let amount = if text == "max" {
        spendable
    } else if text.ends_with('%') {
        // A share is of the balance; what it leaves must still cover the fee.
        Share::parse(text)?.of(base)
    } else if text.starts_with('$') {
        let worth = Usd::parse(text)?;
        let price = context.price.ok_or_else(|| WalletError::NoPrice { asset: token.symbol.clone(), why: "no feed gives one".into() })?;
        if price.stale {
            return Err(WalletError::NoPrice { asset: token.symbol.clone(), why: "the feed has not moved for too long".into() });
        }
        price
            .usd
            .amount_for(worth, token.decimals)
            .ok_or_else(|| WalletError::NoPrice { asset: token.symbol.clone(), why: "the feed says zero".into() })?
    } else {
        parse_units(text, token.decimals)?
    };
    if amount.is_zero() {
        return Err(if text == "max" || text.ends_with('%') {
            short(token, context, "there is nothing to send after the fee")
        } else {
            WalletError::Amount { got: text.into(), why: "it is nothing".into() }
        });
    }
    if amount > context.balance {
        return Err(short(token, context, &format!("{} was asked for", format_amount(amount, token))));
    }
    if amount.saturating_add(context.fee) > context.balance {
        return Err(short(
            token,
            context,
            &format!("{} and up to {} for the fee were asked for", format_amount(amount, token), format_amount(context.fee, token)),
        ));
    }
    Ok(amount)
}

fn short(token: &Token, context: &AmountContext<'_>, asked: &str) -> WalletError {
    WalletError::Ask {
        code: "insufficient_balance",
        message: format!("This account has {}; {asked}.", format_amount(context.balance, token)),
        remedy: "Say a smaller amount, or \"max\" for all of it less the fee.".into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tokens::TokenBook;

    fn context<'a>(token: &'a Token, balance: u64, fee: u64, price: Option<&'a Price>) -> AmountContext<'a> {
        AmountContext { token, balance: U256::from(balance), fee: U256::from(fee), price, previous: None }
    }

    fn usdc() -> Token {
        TokenBook::builtin().resolve(1, "USDC").unwrap()
    }

    #[test]
    fn reads_units_shares_dollars_and_all() {
        let token = usdc();
        let c = context(&token, 200_000_000, 0, None);
        assert_eq!(resolve("50", &c).unwrap(), U256::from(50_000_000));
        assert_eq!(resolve("50%", &c).unwrap(), U256::from(100_000_000));
        assert_eq!(resolve("max", &c).unwrap(), U256::from(200_000_000));
        let native = context(&token, 200, 30, None);
        assert_eq!(resolve("max", &native).unwrap(), U256::from(170), "the fee stays behind");
    }

    #[test]
    fn refuses_nothing_too_much_and_what_has_no_price() {
        let token = usdc();
        let c = context(&token, 10_000_000, 0, None);
        assert_eq!(resolve("0", &c).unwrap_err().code(), "amount");
        assert_eq!(resolve("10.000001", &c).unwrap_err().code(), "insufficient_balance");
        assert_eq!(resolve("$5", &c).unwrap_err().code(), "no_price");
        assert_eq!(resolve("1.0000001", &c).unwrap_err().code(), "amount", "USDC has six digits");
        assert_eq!(resolve("max", &context(&token, 5, 5, None)).unwrap_err().code(), "insufficient_balance");
    }

    #[test]
    fn of_the_step_before_is_not_of_the_balance() {
        let token = usdc();
        let previous = Produced { symbol: "USDC".into(), amount: U256::from(40), decimals: 6 };
        let c = AmountContext { previous: Some(&previous), ..context(&token, 100, 0, None) };
        assert_eq!(resolve("max", &c).unwrap(), U256::from(40));
        assert_eq!(resolve("50%", &c).unwrap(), U256::from(20));
    }

    proptest! {
        #[test]
        fn never_more_than_there_is(balance in 0u64.., fee in 0u64.., text in "[0-9]{1,7}|[0-9]{1,3}%|max|[0-9]{1,4}\\.[0-9]{1,6}") {
            let token = usdc();
            if let Ok(amount) = resolve(&text, &context(&token, balance, fee, None)) {
                prop_assert!(!amount.is_zero());
                prop_assert!(amount + U256::from(fee) <= U256::from(balance));
            }
        }
    }
}
