//! Signs that a token exists to advertise or to defraud. Heuristics: they fold a token away, they never delete it.

use super::text::looks_like;

/// Words that real tokens do not carry in their names.
const BAIT: [&str; 14] = [
    "visit",
    "claim",
    "airdrop",
    "reward",
    "voucher",
    "redeem",
    "bonus",
    "giveaway",
    "free",
    "eligible",
    "winner",
    "ticket",
    "distribution",
    "activate",
];

/// Endings that make a word a web address.
const DOMAINS: [&str; 28] = [
    "com", "org", "net", "io", "xyz", "app", "fi", "finance", "site", "online", "live", "top", "info", "me", "gift", "gifts", "events",
    "vip", "pro", "club", "link", "cc", "co", "us", "ru", "cash", "fund", "claims",
];

/// Why a token with that name and symbol looks like spam; `None` where nothing speaks for it.
pub fn reason(name: &str, symbol: &str) -> Option<String> {
    for text in [name, symbol] {
        if let Some(address) = web_address(text) {
            return Some(format!("its name carries a web address ({address})"));
        }
        let lower = text.to_lowercase();
        if let Some(word) = BAIT.iter().find(|bait| lower.split(|c: char| !c.is_alphanumeric()).any(|w| w == **bait)) {
            return Some(format!("its name is an offer (\"{word}\")"));
        }
        if text.chars().any(|c| matches!(c, '✅' | '🎁' | '💰' | '🏆' | '🚨' | '👉' | '🔗' | '⚠')) {
            return Some("its name is decorated like an advertisement".into());
        }
    }
    // `$1000 USDC` as a name.
    let money = name.contains('$') && name.chars().any(|c| c.is_ascii_digit());
    (money && name.split_whitespace().any(|w| ["USDC", "USDT", "ETH", "DAI"].iter().any(|k| looks_like(w, k))))
        .then(|| "its name promises money".into())
}

/// The first word that is a web address.
fn web_address(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    for word in lower.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '|' | ',' | '!' | '"')) {
        if word.contains("://") || word.starts_with("www.") || word.starts_with("t.me") || word.starts_with("t.ly") {
            return Some(word.to_owned());
        }
        let host = word.split('/').next().unwrap_or(word).trim_end_matches('.');
        if let Some((left, ending)) = host.rsplit_once('.')
            && left.chars().filter(char::is_ascii_alphabetic).count() >= 2
            && DOMAINS.contains(&ending)
        {
            return Some(host.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_spam_from_tokens() {
        for (name, symbol) in [
            ("Visit usdc-claim.xyz to claim", "CLAIM"),
            ("ETH Reward", "R"),
            ("https://a.b", "X"),
            ("$5000 USDC", "GIFT"),
            ("A token", "get-aave.com"),
            ("🎁 Prize", "P"),
            ("t.me/s_drop", "TG"),
        ] {
            assert!(reason(name, symbol).is_some(), "{name}");
        }
        for (name, symbol) in [
            ("USD Coin", "USDC"),
            ("Dai Stablecoin", "DAI"),
            ("Curve.fi DAI/USDC", "crv3"),
            ("yearn.finance", "YFI"),
            ("Bridged USDC", "USDC.e"),
            ("Freedom", "FRE"),
        ] {
            let spam = reason(name, symbol);
            // Two honest projects carry their domain in the name: known tokens are never judged (see `TokenBook::judge`).
            assert_eq!(spam.is_some(), name.contains(".fi"), "{name}: {spam:?}");
        }
    }
}
