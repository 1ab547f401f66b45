//! A balance to be proved, as a person says it: `10000`, `$10000`, `10000 eur`.

use parlance_zktls_protocol::{Template, template::Source};

use crate::{
    error::{Result, WalletError},
    tokens::{clean, format_units, parse_units},
};

/// Most digits before the point that a proof carries.
const MAX_WHOLE: usize = 15;
/// Signs that stand for one currency.
const SIGNS: [(char, &str); 3] = [('$', "USD"), ('€', "EUR"), ('£', "GBP")];

/// A balance to be proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Minor units at the template's scale.
    pub minor: u64,
    /// ISO 4217.
    pub currency: String,
}

/// Read it exactly, in the scale of the bank's template. Without a currency in the words it is `usual`.
///
/// # Errors
/// [`WalletError::Amount`]; [`WalletError::Ask`] with code `currency`.
pub fn threshold(text: &str, template: &Template, usual: Option<&str>) -> Result<Threshold> {
    let (digits, named) = split(text)?;
    let fixed = match &template.response.currency {
        Source::Fixed(currency) => Some(currency.as_str()),
        _ => None,
    };
    if let (Some(named), Some(fixed)) = (&named, fixed)
        && named != fixed
    {
        return Err(WalletError::Ask {
            code: "currency",
            message: format!("{} keeps {fixed} only, not {named}.", template.name),
            remedy: format!("Say the amount in {fixed}."),
        });
    }
    let currency = named.as_deref().or(fixed).or(usual).ok_or_else(|| WalletError::Ask {
        code: "currency",
        message: "In which currency?".into(),
        remedy: "Say it with the amount, for example 10000 EUR.".into(),
    })?;
    let wrong = |why: &str| WalletError::Amount { got: clean(text, 60), why: why.into() };
    if digits.split('.').next().unwrap_or_default().trim_start_matches('0').len() > MAX_WHOLE {
        return Err(wrong("a balance has at most 15 digits before the point"));
    }
    let minor = parse_units(digits, template.response.balance.scale)?;
    if minor.is_zero() {
        return Err(wrong("it is nothing"));
    }
    let minor = u64::try_from(minor).map_err(|_| wrong("it is too large"))?;
    Ok(Threshold { minor, currency: currency.to_owned() })
}

/// Digits, and the currency where one is said.
fn split(text: &str) -> Result<(&str, Option<String>)> {
    let wrong = |why: &str| WalletError::Amount { got: clean(text, 60), why: why.into() };
    let text = text.trim();
    let sign_of = |c: char| SIGNS.iter().find(|(sign, _)| *sign == c).map(|(_, currency)| (*currency).to_owned());
    let mut currencies = Vec::new();
    let mut rest = text;
    if let Some(first) = rest.chars().next()
        && let Some(currency) = sign_of(first)
    {
        currencies.push(currency);
        rest = rest.get(first.len_utf8()..).unwrap_or_default().trim_start();
    }
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (digits, word) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let word = word.trim();
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (None, _) => {}
        (Some(c), None) if sign_of(c).is_some() => currencies.extend(sign_of(c)),
        _ if word.len() == 3 && word.bytes().all(|b| b.is_ascii_alphabetic()) => currencies.push(word.to_ascii_uppercase()),
        _ => return Err(wrong("after the digits only a currency may stand, such as USD")),
    }
    currencies.dedup();
    match currencies.len() {
        0 => Ok((digits, None)),
        1 => Ok((digits, currencies.pop())),
        _ => Err(wrong("it names two currencies")),
    }
}

/// For people: `$10,000`, `€250.50`, `10,000 CHF`. `scale` is the number of digits of a minor unit.
#[must_use]
pub fn money(minor: u64, currency: &str, scale: u8) -> String {
    let exact = format_units(alloy_primitives::U256::from(minor), scale);
    let (whole, fraction) = exact.split_once('.').unwrap_or((&exact, ""));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !fraction.is_empty() {
        grouped = format!("{grouped}.{fraction:0<2}");
    }
    match SIGNS.iter().find(|(_, known)| *known == currency) {
        Some((sign, _)) => format!("{sign}{grouped}"),
        None => format!("{grouped} {}", clean(currency, 8)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::credit::bank;

    fn read(text: &str, id: &str, usual: Option<&str>) -> Result<(u64, String)> {
        threshold(text, &bank(id)?.template, usual).map(|t| (t.minor, t.currency))
    }

    #[test]
    fn the_currency_is_the_words_own_else_the_banks_else_the_lenders() {
        for (text, minor, currency) in [
            ("10000", 1_000_000, "USD"),
            ("$10000", 1_000_000, "USD"),
            ("10000 eur", 1_000_000, "EUR"),
            ("10000EUR", 1_000_000, "EUR"),
            ("€ 10000.5", 1_000_050, "EUR"),
            ("10000.50 £", 1_000_050, "GBP"),
            ("$10 usd", 1_000, "USD"),
            ("0.01", 1, "USD"),
            ("12.340", 1_234, "USD"),
        ] {
            assert_eq!(read(text, "demo", Some("USD")).ok(), Some((minor, currency.to_owned())), "{text}");
        }
        assert_eq!(read("5", "mercury", Some("EUR")).ok(), Some((500, "USD".into())), "the bank has one currency");
        assert!(read("5 eur", "mercury", None).is_err_and(|e| e.code() == "currency"));
        assert!(read("5", "demo", None).is_err_and(|e| e.code() == "currency"));
    }

    #[test]
    fn what_is_no_exact_sum_is_refused() {
        for text in [
            "",
            "$",
            "eur",
            "0",
            "0.00",
            "-5",
            "1e4",
            "10,000",
            "10 000",
            "0.001",
            "10000 euros",
            "$5 eur",
            "€5 $",
            "half",
            "max",
            "5%",
            "1.2.3",
            "99999999999999999999",
            "1000000000000000",
            "5 us",
            "5 €€",
            "٣",
        ] {
            assert!(read(text, "demo", Some("USD")).is_err_and(|e| e.code() == "amount"), "{text:?}");
        }
        assert!(read("999999999999999.99", "demo", Some("USD")).is_ok());
    }

    #[test]
    fn money_is_written_as_people_write_it() {
        assert_eq!(money(1_000_000, "USD", 2), "$10,000");
        assert_eq!(money(25_050, "EUR", 2), "€250.50");
        assert_eq!(money(123_456_789, "CHF", 2), "1,234,567.89 CHF");
        assert_eq!(money(5, "JPY", 0), "5 JPY");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(minor in 1u64..100_000_000_000_000_000) {
            let text = format_units(alloy_primitives::U256::from(minor), 2);
            prop_assert_eq!(read(&text, "demo", Some("USD")).ok(), Some((minor, "USD".to_owned())));
        }

        #[test]
        fn no_words_make_it_panic(text in "\\PC{0,40}") {
            let _ = read(&text, "demo", None);
            let _ = money(7, &text, 2);
        }
    }
}
