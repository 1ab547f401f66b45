//! Credit in words.

use alloy_primitives::U256;

use super::{asset_amount, quoted, utc};
use crate::units::format_units;
use crate::{Effect, Effects};

/// The terms of a credit line, side by side as a person compares them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditTerms {
    /// What and how much: `Interest`, `12 % a year`.
    pub rows: Vec<(&'static str, String)>,
    /// The lender's terms in its own words, whole; `None` where it has none.
    pub quote: Option<String>,
}

impl Effects {
    /// The terms of each credit line that is opened, renewed or applied for.
    pub fn credit_terms(&self) -> Vec<CreditTerms> {
        self.items.iter().filter_map(of).collect()
    }
}

fn of(effect: &Effect) -> Option<CreditTerms> {
    let common = |asset, limit, rate, cycle| {
        [
            ("Limit", asset_amount(asset, limit)),
            ("Interest", format!("{} a year", percent(rate))),
            ("Repaid", format!("every {}", span(cycle))),
        ]
    };
    match effect {
        Effect::CreditLine { asset, limit, rate, cycle, expiry, .. } => {
            let mut rows = Vec::from(common(asset, *limit, *rate, *cycle));
            rows.push(("Drawn until", utc(*expiry)));
            Some(CreditTerms { rows, quote: None })
        }
        Effect::CreditApplication { asset, lender, limit, rate, cycle, at_least, currency, expiry, terms, .. } => {
            let mut rows = vec![("Lender", format!("{}, as it calls itself", quoted(lender)))];
            rows.extend(common(asset, *limit, *rate, *cycle));
            rows.push(("Proved", format!("a balance of at least {}", balance(*at_least, currency))));
            rows.push(("Offer ends", utc(*expiry)));
            Some(CreditTerms { rows, quote: Some(terms.clone()).filter(|terms| !terms.is_empty()) })
        }
        _ => None,
    }
}

/// `12 % a year, repaid every 30 days`.
pub(super) fn terms(rate: u32, cycle: u32) -> String {
    format!("{} a year, repaid every {}", percent(rate), span(cycle))
}

/// Basis points: `12 %`, `0.5 %`.
pub(super) fn percent(basis_points: u32) -> String {
    format!("{} %", format_units(U256::from(basis_points), 2))
}

/// Seconds in the largest unit that leaves no rest: `30 days`.
pub(super) fn span(seconds: u32) -> String {
    let (number, unit) = [(86_400, "day"), (3_600, "hour"), (60, "minute")]
        .into_iter()
        .find(|(size, _)| seconds > 0 && seconds.is_multiple_of(*size))
        .map_or((seconds, "second"), |(size, unit)| (seconds / size, unit));
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

/// Minor units of a currency: `10000.50 USD`.
pub(super) fn balance(minor: U256, currency: &str) -> String {
    let scale = scale(currency);
    let text = format_units(minor, scale);
    let missing = match text.split_once('.') {
        Some((_, fraction)) => usize::from(scale) - fraction.len().min(usize::from(scale)),
        None => 0,
    };
    format!("{text}{} {currency}", "0".repeat(missing))
}

/// Digits of a currency's minor unit (ISO 4217).
fn scale(currency: &str) -> u8 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND" | "VUV" | "XAF" | "XOF"
        | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!([0, 1, 50, 1_200, 1_250, 10_000].map(percent), ["0 %", "0.01 %", "0.5 %", "12 %", "12.5 %", "100 %"]);
        assert_eq!(
            [0, 1, 60, 86_400, 90_000, 604_800, 2_592_000, 2_592_001].map(span),
            ["0 seconds", "1 second", "1 minute", "1 day", "25 hours", "7 days", "30 days", "2592001 seconds"]
        );
        for (minor, currency, text) in
            [(1_000_000, "USD", "10000 USD"), (1_000_050, "EUR", "10000.50 EUR"), (7, "GBP", "0.07 GBP"), (98_000, "JPY", "98000 JPY")]
        {
            assert_eq!(balance(U256::from(minor), currency), text);
        }
        assert_eq!(balance(U256::from(1_500), "KWD"), "1.500 KWD");
    }
}
