//! What a lender says of itself, checked before anything of it is kept or shown.

use alloy_primitives::{Address, U256};
use parlance_credit::{api::Lender, pool::Pool};
use parlance_effects::AssetKind;

use crate::{
    Wallet,
    error::{Result, WalletError},
    tokens::{MAX_SYMBOL, Token, clean},
};

/// Longest name.
const MAX_NAME: usize = 32;
/// Most notaries, templates, tiers.
const MAX_LIST: usize = 64;
/// The pool's own bounds: basis points a year, seconds in a cycle.
const MAX_RATE: u32 = 10_000;
const CYCLES: std::ops::RangeInclusive<u32> = 86_400..=366 * 86_400;

/// The same, where it is well-formed and within bounds; `called` is who is asked.
pub(super) fn checked(info: Lender, called: &str) -> Result<Lender> {
    let wrong = |what: &'static str, got: String, expected: &str| WalletError::LenderAnswer {
        lender: clean(called, 80),
        what,
        got: clean(&got, 80),
        expected: expected.to_owned(),
    };
    if !is_name(&info.name) {
        return Err(wrong("its name", info.name, "up to 32 letters, digits, spaces and .&'-, beginning with a letter"));
    }
    let pool = &info.pool;
    if [pool.address, pool.asset, pool.registry].contains(&Address::ZERO) {
        return Err(wrong("its pool", "the zero address".into(), "addresses of contracts"));
    }
    if pool.symbol.is_empty() || clean(&pool.symbol, MAX_SYMBOL) != pool.symbol || pool.decimals > 36 {
        return Err(wrong("its asset", format!("{} with {} decimals", pool.symbol, pool.decimals), "a token's symbol and decimals"));
    }
    for (what, count) in [("its notaries", info.notaries.len()), ("its banks", info.templates.len()), ("its tiers", info.tiers.len())] {
        if !(1..=MAX_LIST).contains(&count) {
            return Err(wrong(what, count.to_string(), "1 to 64 of them"));
        }
    }
    if let Some(notary) = info.notaries.iter().find(|n| n.address.len() > 300 || n.operator.len() > 300) {
        return Err(wrong("a notary", notary.operator.clone(), "an address and a name"));
    }
    if let Some(template) = info.templates.iter().find(|t| t.id.len() > 32 || t.name.len() > 64 || t.domain.len() > 253) {
        return Err(wrong("a bank", template.name.clone(), "an id, a name and a host"));
    }
    for tier in &info.tiers {
        let currency = tier.currency.len() == 3 && tier.currency.bytes().all(|b| b.is_ascii_uppercase());
        let terms = tier.rate <= MAX_RATE && CYCLES.contains(&tier.cycle) && tier.limit <= U256::from(u128::MAX);
        if !currency || !terms || tier.at_least == 0 {
            let got = format!("{} {} at {} basis points and {} seconds", tier.at_least, tier.currency, tier.rate, tier.cycle);
            return Err(wrong("a tier", got, "a balance, a currency, and terms that a pool can have"));
        }
    }
    // Several currencies may be listed, each by itself.
    let rising = |currency: &str| info.tiers.iter().filter(|tier| tier.currency == currency).is_sorted_by_key(|tier| tier.at_least);
    if !info.tiers.iter().all(|tier| rising(&tier.currency)) {
        return Err(wrong("its tiers", "out of order".into(), "rising thresholds"));
    }
    Ok(info)
}

fn is_name(name: &str) -> bool {
    name.chars().count() <= MAX_NAME
        && clean(name, MAX_NAME) == name
        && name.chars().next().is_some_and(char::is_alphabetic)
        && name.chars().all(|c| c.is_alphanumeric() || " .&'-".contains(c))
}

/// The pool is a contract that lends this asset, and the asset is the token that it is said to be.
pub(super) async fn on_chain(wallet: &Wallet, info: &Lender) -> Result<Token> {
    let client = wallet.client_of(info.pool.chain)?;
    let wrong = |what: &'static str, got: String, expected: String| WalletError::LenderAnswer {
        lender: info.name.clone(),
        what,
        got: clean(&got, 120),
        expected,
    };
    let asset = match client.call_sol(info.pool.address, Pool::assetCall {}).await {
        Ok(asset) => asset,
        Err(e) if e.is_transient() && !matches!(e, WalletError::BadAnswer { .. }) => return Err(e),
        Err(_) => return Err(wrong("its pool", info.pool.address.to_checksum(None), "a credit pool on that network".into())),
    };
    if asset != info.pool.asset {
        return Err(wrong("its asset", info.pool.asset.to_checksum(None), format!("{}, which the pool lends", asset.to_checksum(None))));
    }
    let token = match wallet.tokens.at(info.pool.chain, AssetKind::Token(asset)) {
        Some(token) => token,
        None => wallet.token(&client, &asset.to_checksum(None)).await?,
    };
    if token.decimals != info.pool.decimals || token.symbol != info.pool.symbol {
        let got = format!("{} with {} decimals", info.pool.symbol, info.pool.decimals);
        return Err(wrong("its asset", got, format!("{} with {} decimals", token.symbol, token.decimals)));
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credit::tests::maple;

    #[test]
    fn a_sound_answer_is_taken_as_it_is() {
        assert_eq!(checked(maple(), "host").ok(), Some(maple()));
    }

    #[test]
    fn names_and_sizes_and_terms_are_bounded() {
        let change = |change: &dyn Fn(&mut Lender)| {
            let mut info = maple();
            change(&mut info);
            checked(info, "host").err().map(|e| e.to_string())
        };
        for name in ["", "Ma\u{202e}ple", "Maple\n", " Maple", "0x1234", "<b>Maple", "Maple 🍁", &"M".repeat(33)] {
            assert!(change(&|i| i.name = name.into()).is_some_and(|e| e.contains("name")), "{name:?}");
        }
        let tier = |change_tier: &dyn Fn(&mut parlance_credit::api::Tier)| change(&|i| i.tiers.iter_mut().for_each(change_tier));
        assert!(tier(&|t| t.currency = "usd".into()).is_some());
        assert!(tier(&|t| t.rate = 10_001).is_some());
        assert!(tier(&|t| t.cycle = 60).is_some());
        assert!(tier(&|t| t.limit = U256::MAX).is_some());
        assert!(tier(&|t| t.at_least = 0).is_some());
        assert!(change(&|i| i.tiers.reverse()).is_some());
        assert!(change(&|i| i.tiers.clear()).is_some());
        assert!(change(&|i| i.notaries.clear()).is_some());
        assert!(change(&|i| i.templates = vec![i.templates[0].clone(); 65]).is_some());
        assert!(change(&|i| i.pool.address = Address::ZERO).is_some());
        assert!(change(&|i| i.pool.symbol = "US\u{200b}DC".into()).is_some());
        assert!(change(&|i| i.pool.decimals = 200).is_some());
        assert!(change(&|i| i.notaries[0].address = "w".repeat(301)).is_some());
    }
}
