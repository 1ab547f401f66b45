//! Exact decimal amounts: no floating point, no rounding, no grouping.

use alloy_primitives::U256;

use crate::EffectsError;

/// The most decimals that a token may have. 10^77 is the largest power of ten below 2^256.
pub const MAX_DECIMALS: u8 = 77;

/// Writes `amount` smallest units as whole units with all digits that matter and no others:
/// `1500000` with 6 decimals is `1.5`.
///
/// Decimals above [`MAX_DECIMALS`] are written all the same, with leading zeros.
pub fn format_units(amount: U256, decimals: u8) -> String {
    let digits = amount.to_string();
    let decimals = usize::from(decimals);
    if decimals == 0 {
        return digits;
    }
    let padded = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, fraction) = padded.split_at(padded.len() - decimals);
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

/// Reads whole units into smallest units, exactly: `1.5` with 6 decimals is `1500000`.
///
/// Takes ASCII digits with at most one point between or before them (`.5` is taken, `5.` is not).
///
/// # Errors
///
/// [`EffectsError::Amount`] for signs, exponents, grouping, other scripts' digits, more digits after the point than
/// the unit has (unless they are zeros), and what does not fit into 256 bits.
pub fn parse_units(text: &str, decimals: u8) -> Result<U256, EffectsError> {
    let refuse = |expected: String| EffectsError::Amount { got: text.chars().take(80).collect(), expected };
    let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());

    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(refuse("digits after the point".into())),
        None => (text, ""),
    };
    if (whole.is_empty() && fraction.is_empty()) || !digits_only(whole) || !digits_only(fraction) {
        return Err(refuse("digits with at most one point".into()));
    }
    let fraction = fraction.trim_end_matches('0');
    let Some(missing) = usize::from(decimals).checked_sub(fraction.len()) else {
        return Err(refuse(format!("at most {decimals} digits after the point")));
    };

    let mut amount = U256::ZERO;
    let zeros = std::iter::repeat_n(b'0', missing);
    for digit in whole.bytes().chain(fraction.bytes()).chain(zeros) {
        amount = amount
            .checked_mul(U256::from(10))
            .and_then(|shifted| shifted.checked_add(U256::from(digit - b'0')))
            .ok_or_else(|| refuse("less than 2^256 of the smallest unit".into()))?;
    }
    Ok(amount)
}

/// 10^`decimals`, one whole unit; `None` above [`MAX_DECIMALS`].
pub fn one_unit(decimals: u8) -> Option<U256> {
    U256::from(10).checked_pow(U256::from(decimals))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formats_exactly() {
        for (amount, decimals, text) in [
            (0u64, 6, "0"),
            (1, 6, "0.000001"),
            (1_500_000, 6, "1.5"),
            (50_000_000, 6, "50"),
            (123, 0, "123"),
            (10, 1, "1"),
            (1, 18, "0.000000000000000001"),
        ] {
            assert_eq!(format_units(U256::from(amount), decimals), text);
        }
        assert_eq!(format_units(U256::MAX, 0), U256::MAX.to_string());
        assert_eq!(format_units(U256::MAX, 18), "115792089237316195423570985008687907853269984665640564039457.584007913129639935");
    }

    #[test]
    fn parses_exactly() {
        for (text, decimals, amount) in [("0", 6, 0u64), ("1.5", 6, 1_500_000), (".5", 1, 5), ("007", 0, 7), ("1.500000000", 6, 1_500_000)]
        {
            assert_eq!(parse_units(text, decimals), Ok(U256::from(amount)), "{text}");
        }
        assert_eq!(parse_units(&U256::MAX.to_string(), 0), Ok(U256::MAX));
    }

    #[test]
    fn refuses_what_is_not_exact() {
        let overflow = format!("{}0", U256::MAX);
        for text in ["", ".", "5.", "-1", "+1", "1e3", "1,000", "1 000", "1.2.3", "0x10", "١", "1.0000001", &overflow] {
            assert!(matches!(parse_units(text, 6), Err(EffectsError::Amount { .. })), "{text}");
        }
    }

    proptest! {
        #[test]
        fn format_then_parse_is_identity(limbs: [u64; 4], decimals in 0u8..=77) {
            let amount = U256::from_limbs(limbs);
            prop_assert_eq!(parse_units(&format_units(amount, decimals), decimals), Ok(amount));
        }

        #[test]
        fn parse_never_panics(text in ".*", decimals: u8) {
            let _ = parse_units(&text, decimals);
        }
    }
}
