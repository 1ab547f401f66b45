//! Amounts and times, for people and by people.

use alloy_primitives::U256;
use alloy_primitives::utils::{format_units, parse_units};
use time::OffsetDateTime;
use time::macros::format_description;

/// Digits of a minor unit of a bank's currency: thresholds are in hundredths, whatever the currency.
pub const MINOR_DIGITS: u8 = 2;

/// `12,345.67 EUR` for minor units.
#[must_use]
pub fn money(minor: u64, currency: &str) -> String {
    format!("{} {currency}", asset_number(U256::from(minor), MINOR_DIGITS, 2))
}

/// `1,500 USDC` for smallest units.
#[must_use]
pub fn asset(amount: U256, decimals: u8, symbol: &str) -> String {
    format!("{} {symbol}", asset_number(amount, decimals, 0))
}

/// `2026-11-28 14:05 UTC`.
#[must_use]
pub fn time(unix: u64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    let known = i64::try_from(unix).ok().and_then(|unix| OffsetDateTime::from_unix_timestamp(unix).ok());
    known.and_then(|moment| moment.format(&format).ok()).unwrap_or_else(|| format!("Unix time {unix}"))
}

/// `12 %` or `12.5 %` for basis points.
#[must_use]
pub fn percent(basis_points: u32) -> String {
    format!("{} %", trim(&format!("{}.{:02}", basis_points / 100, basis_points % 100), 0))
}

/// `30 days`, or hours where it is less than two days.
#[must_use]
pub fn span(seconds: u64) -> String {
    let (count, unit) = match seconds {
        172_800.. => (seconds / 86_400, "day"),
        7_200.. => (seconds / 3_600, "hour"),
        _ => (seconds / 60, "minute"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Plain decimals (`1500`, `0.5`) as whole smallest units.
pub fn parse_amount(text: &str, decimals: u8) -> Result<U256, String> {
    let plain = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.starts_with(|c: char| c.is_ascii_digit());
    let digits = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    if !plain || digits > usize::from(decimals) {
        return Err(format!("{text:?} should be a number such as 1500 or 0.50, with at most {decimals} digits after the point."));
    }
    parse_units(text, decimals).map(Into::into).map_err(|_| format!("{text:?} is too large a number."))
}

/// Whether these are three capital letters.
#[must_use]
pub fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn asset_number(amount: U256, decimals: u8, least_digits: usize) -> String {
    let plain = format_units(amount, decimals).unwrap_or_else(|_| amount.to_string());
    let plain = trim(&plain, least_digits);
    let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), None), |(whole, fraction)| (whole, Some(fraction)));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    fraction.map_or(grouped.clone(), |fraction| format!("{grouped}.{fraction}"))
}

/// Without zeros at the end of the fraction, save the first `keep` digits.
fn trim(number: &str, keep: usize) -> String {
    let Some((whole, fraction)) = number.split_once('.') else { return number.to_owned() };
    let significant = fraction.trim_end_matches('0').len().max(keep.min(fraction.len()));
    match fraction.get(..significant) {
        Some(fraction) if !fraction.is_empty() => format!("{whole}.{fraction}"),
        _ => whole.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_people_write_them() {
        assert_eq!(money(1_234_567, "EUR"), "12,345.67 EUR");
        assert_eq!(money(1_000_000, "USD"), "10,000.00 USD");
        assert_eq!(money(5, "USD"), "0.05 USD");
        assert_eq!(asset(U256::from(1_500_000_000_u64), 6, "USDC"), "1,500 USDC");
        assert_eq!(asset(U256::from(123_450_000), 6, "USDC"), "123.45 USDC");
        assert_eq!(asset(U256::ZERO, 6, "USDC"), "0 USDC");
        assert_eq!(asset(U256::from(7), 0, "X"), "7 X");
        assert_eq!(time(1_795_874_700), "2026-11-28 14:05 UTC");
        assert!(time(u64::MAX).contains("Unix time"));
        assert_eq!((percent(1200), percent(1250), percent(5)), ("12 %".into(), "12.5 %".into(), "0.05 %".into()));
        assert_eq!((span(2_592_000), span(90_000), span(60)), ("30 days".into(), "25 hours".into(), "1 minute".into()));
    }

    #[test]
    fn amounts_are_plain_decimals() {
        assert_eq!(parse_amount("1500", 6), Ok(U256::from(1_500_000_000_u64)));
        assert_eq!(parse_amount("0.5", 6), Ok(U256::from(500_000)));
        for wrong in ["", "-1", "1e3", "1,500", ".5", "0.0000001", "1.2.3", "0x10", " 1", "١"] {
            assert!(parse_amount(wrong, 6).is_err(), "{wrong}");
        }
    }
}
