//! What a person should be told beside the effects.

use alloy_primitives::{Address, U256};

use crate::units::one_unit;
use crate::{AllowanceChange, Asset, ChainId, Effect, Registry, Warning};

/// A deadline from the year 2100 on (Unix seconds) is as good as none. This crate has no clock; rules with one can be
/// stricter.
pub const FAR_DEADLINE: u64 = 4_102_444_800;

/// Basis points a year above which interest is named: 30 %.
const HIGH_RATE: u32 = 3_000;

/// A repayment cycle shorter than this is named: a week. Seconds.
const SHORT_CYCLE: u32 = 604_800;

/// What warnings depend on beside the effects.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub registry: &'a Registry,
    pub account: Address,
    pub chain: Option<ChainId>,
    pub batch: Option<usize>,
    pub one_block: bool,
}

/// True for an allowance without meaningful bound: at least 2^159 (half of Permit2's range, which is the smaller one),
/// or 10^12 whole units of a known token, or 2^96 - 1 of an unknown one; and for 2^96 - 1 and 2^128 - 1, which some
/// tokens read as "unlimited".
pub fn is_unlimited(asset: &Asset, amount: U256) -> bool {
    let all_ones = |bits: usize| (U256::from(1) << bits) - U256::from(1);
    if amount >= U256::from(1) << 159 || amount == all_ones(96) || amount == all_ones(128) {
        return true;
    }
    match &asset.known {
        Some(known) => {
            let plenty = known.decimals.checked_add(12).and_then(one_unit);
            plenty.is_some_and(|plenty| amount >= plenty)
        }
        None => amount >= all_ones(96),
    }
}

/// Warnings that follow from effects, each once.
pub(crate) fn of(effects: &[Effect], context: Context<'_>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |warning: Warning| {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    };
    let lost = |to: Address| to.is_zero() || context.chain.is_some_and(|chain| context.registry.contract(chain, to).is_some());
    let timeless = |deadline: Option<u64>| !context.one_block && deadline.is_none_or(|at| at >= FAR_DEADLINE);

    for effect in effects {
        match effect {
            Effect::TransferOut { to, .. } | Effect::Unwrap { recipient: to, .. } if lost(*to) => {
                warn(Warning::LikelyLost { to: *to });
            }
            Effect::Allowance { asset, spender, change: AllowanceChange::Set(amount) | AllowanceChange::Increase(amount), .. }
                if is_unlimited(asset, *amount) =>
            {
                warn(Warning::UnlimitedAllowance { spender: *spender })
            }
            Effect::Swap { least_out, recipient, deadline, .. } => {
                if least_out.is_zero() {
                    warn(Warning::NoMinimumOut);
                }
                if timeless(*deadline) {
                    warn(Warning::NoDeadline);
                }
                if lost(*recipient) {
                    warn(Warning::LikelyLost { to: *recipient });
                }
            }
            Effect::DeferredTransfer { to, valid_before, .. } => {
                if timeless(*valid_before) {
                    warn(Warning::NoDeadline);
                }
                if let Some(to) = to.filter(|to| lost(*to)) {
                    warn(Warning::LikelyLost { to });
                }
            }
            Effect::Borrow { to, .. } if *to != context.account => {
                warn(Warning::BorrowedFor { to: *to });
                if lost(*to) {
                    warn(Warning::LikelyLost { to: *to });
                }
            }
            Effect::CreditLine { rate, cycle, .. } | Effect::CreditApplication { rate, cycle, .. } => {
                if *rate > HIGH_RATE {
                    warn(Warning::HighRate { rate: *rate });
                }
                if *cycle < SHORT_CYCLE {
                    warn(Warning::ShortCycle { cycle: *cycle });
                }
            }
            _ => {}
        }
    }
    if let Some(count) = context.batch {
        warn(Warning::Batch { count });
    }
    warnings
}

/// The text with everything that a screen would hide or reorder written out as `\u{..}`.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

/// The text in one line: without invisible characters, white space run together.
pub(crate) fn one_line(text: &str) -> String {
    let shown: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Control characters but newline and tab, bidirectional controls, zero-width and tag characters, blank fillers.
pub(crate) fn is_invisible(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' => true,
        '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' => true,
        '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' => true,
        '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => c.is_control(),
    }
}

/// True for text with invisible characters, or with a word that mixes Latin letters with others that look like them.
pub(crate) fn is_deceptive(text: &str) -> bool {
    text.chars().any(is_invisible) || text.split(|c: char| !c.is_alphanumeric()).any(mixes_scripts)
}

fn mixes_scripts(word: &str) -> bool {
    let latin = word.chars().any(|c| c.is_ascii_alphabetic());
    latin && word.chars().any(looks_latin)
}

/// Letters of the scripts whose letters pass for Latin ones: Greek, Cyrillic, Armenian, Cherokee, Lisu, and the
/// mathematical and full-width alphabets.
fn looks_latin(c: char) -> bool {
    matches!(c,
        '\u{370}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}' | '\u{1c80}'..='\u{1c8f}' | '\u{1f00}'..='\u{1fff}'
        | '\u{2c80}'..='\u{2cff}' | '\u{2de0}'..='\u{2dff}' | '\u{a4d0}'..='\u{a4ff}' | '\u{a640}'..='\u{a69f}'
        | '\u{ab70}'..='\u{abbf}' | '\u{ff21}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}')
        && c.is_alphabetic()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AssetKind, KnownToken};

    fn asset(decimals: Option<u8>) -> Asset {
        let known = decimals.map(|decimals| KnownToken { symbol: "T".into(), decimals, usd_stable: false });
        Asset { chain: 1, kind: AssetKind::Token(Address::repeat_byte(1)), known }
    }

    #[test]
    fn unlimited_is_told_from_large() {
        let one = U256::from(1);
        for bits in [96, 128, 160, 255, 256] {
            let all_ones = if bits == 256 { U256::MAX } else { (one << bits) - one };
            for decimals in [None, Some(0), Some(6), Some(18), Some(24), Some(36)] {
                assert!(is_unlimited(&asset(decimals), all_ones), "2^{bits} - 1, {decimals:?}");
            }
        }
        let million_million = one_unit(18).expect("small");
        assert!(is_unlimited(&asset(Some(6)), million_million));
        assert!(!is_unlimited(&asset(Some(6)), million_million - one));
        assert!(!is_unlimited(&asset(Some(18)), million_million));
        assert!(!is_unlimited(&asset(None), million_million));
        // Decimals that leave no room for a threshold still have the general one.
        assert!(!is_unlimited(&asset(Some(255)), one));
        assert!(is_unlimited(&asset(Some(255)), one << 159));
    }

    #[test]
    fn deceptive_text_is_found_and_shown() {
        for text in ["pay \u{202e}ecila", "a\u{200b}b", "p\u{430}ypal", "\u{ff50}aypal", "\u{1d429}aypal", "x\ry", "\0"] {
            assert!(is_deceptive(text), "{text:?}");
        }
        for text in ["hello\n\tworld", "Привет, мир", "Γειά σου 5", "naïve café", "日本語 text", "🙂 ok", "5 \u{b5}m"]
        {
            assert!(!is_deceptive(text), "{text:?}");
        }
        assert_eq!(one_line(" a\u{202e}b\r\n\tc\u{200b} \u{3000}d \0"), "ab c d");
        assert_eq!(visible("a\u{202e}b\nc\r"), "a\\u{202e}b\nc\\u{d}");
    }
}
