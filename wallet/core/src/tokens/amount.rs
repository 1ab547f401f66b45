//! Amounts: exact decimal text to smallest units and back, shares, and US dollars.

use std::fmt;

use alloy_primitives::{U256, U512};
use serde::{Deserialize, Serialize};

use crate::error::{Result, WalletError};

/// Decimals beyond which no power of ten fits 256 bits.
const MAX_DECIMALS: u8 = 77;

/// Reads `"12.5"` as an amount in the smallest unit of an asset with that many decimals. Exact: more fractional digits than
/// the asset has (zeros aside) are an error, as are signs, exponents and separators.
pub fn parse_units(text: &str, decimals: u8) -> Result<U256> {
    let bad = |why: String| WalletError::Amount { got: text.to_owned(), why };
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(bad("there are no digits after the point".into())),
        None => (text, ""),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(bad("it is empty".into()));
    }
    if let Some(c) = whole.chars().chain(fraction.chars()).find(|c| !c.is_ascii_digit()) {
        return Err(bad(format!("{c:?} is not a digit")));
    }
    let kept = fraction.trim_end_matches('0');
    if kept.len() > usize::from(decimals) {
        return Err(bad(format!("it has {} digits after the point, the asset has {decimals}", kept.len())));
    }
    let missing = usize::from(decimals) - kept.len();
    let digits = format!("{}{kept}{}", whole.trim_start_matches('0'), "0".repeat(missing));
    if digits.is_empty() {
        return Ok(U256::ZERO);
    }
    // 2^256 has 78 decimal digits.
    if digits.trim_start_matches('0').len() > 78 {
        return Err(bad("it is too large".into()));
    }
    U256::from_str_radix(&digits, 10).map_err(|_| bad("it is too large".into()))
}

/// Writes an amount in the smallest unit as exact decimal text without trailing zeros: the inverse of [`parse_units`].
pub fn format_units(amount: U256, decimals: u8) -> String {
    let digits = amount.to_string();
    let decimals = usize::from(decimals);
    let (whole, fraction) = if digits.len() > decimals {
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        (whole.to_owned(), fraction.to_owned())
    } else {
        ("0".to_owned(), format!("{}{digits}", "0".repeat(decimals - digits.len())))
    };
    match fraction.trim_end_matches('0') {
        "" => whole,
        fraction => format!("{whole}.{fraction}"),
    }
}

/// Like [`format_units`], for reading: thousands separated, and at most six significant digits after the point where the
/// amount is below one (at most six digits after the point otherwise), rounded down; `~` marks what was cut.
pub fn format_short(amount: U256, decimals: u8) -> String {
    let exact = format_units(amount, decimals);
    let (whole, fraction) = exact.split_once('.').unwrap_or((&exact, ""));
    let leading = if whole == "0" { fraction.len() - fraction.trim_start_matches('0').len() } else { 0 };
    let keep = (leading + 6).min(fraction.len());
    let cut = fraction.len() > keep;
    let shown = fraction.get(..keep).unwrap_or(fraction).trim_end_matches('0');
    let mark = if cut { "~" } else { "" };
    if shown.is_empty() { format!("{mark}{}", group(whole)) } else { format!("{mark}{}.{shown}", group(whole)) }
}

/// Thousands separators.
fn group(whole: &str) -> String {
    let mut out = String::with_capacity(whole.len() + whole.len() / 3);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A part of a balance, in millionths; above nothing and at most everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Share(u32);

impl Share {
    /// All of it.
    pub const ALL: Self = Self(1_000_000);

    /// Reads `"50%"`, `"12.5%"`: above 0 and at most 100, with at most four digits after the point.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = |why: &str| WalletError::Amount { got: text.to_owned(), why: why.to_owned() };
        let number = text.strip_suffix('%').ok_or_else(|| bad("a share ends in %"))?;
        let millionths = parse_units(number.trim_end(), 4)?;
        if millionths.is_zero() {
            return Err(bad("it is nothing"));
        }
        match u32::try_from(millionths) {
            Ok(m) if m <= Self::ALL.0 => Ok(Self(m)),
            _ => Err(bad("it is more than all of it")),
        }
    }

    /// That part of an amount, rounded down.
    pub fn of(self, amount: U256) -> U256 {
        mul_div(amount, U256::from(self.0), U256::from(Self::ALL.0)).unwrap_or(amount)
    }
}

/// `a × b ÷ c` with a 512-bit product, rounded down; `None` where `c` is zero or the result does not fit.
pub fn mul_div(a: U256, b: U256, c: U256) -> Option<U256> {
    if c.is_zero() {
        return None;
    }
    let product: U512 = a.widening_mul(b);
    let quotient = product / U512::from(c);
    let limbs = quotient.as_limbs();
    if limbs[4..].iter().any(|limb| *limb != 0) {
        return None;
    }
    Some(U256::from_limbs([limbs[0], limbs[1], limbs[2], limbs[3]]))
}

/// US dollars, in millionths. Never negative: directions are said by types and words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
pub struct Usd(u128);

impl From<u64> for Usd {
    fn from(micro: u64) -> Self {
        Self(micro.into())
    }
}

/// The serialized form, [`Usd::micro_u64`]: serde's tagged enums can't hold 128 bits.
impl From<Usd> for u64 {
    fn from(usd: Usd) -> Self {
        usd.micro_u64()
    }
}

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From micro-dollars.
    pub const fn from_micro(micro: u128) -> Self {
        Self(micro)
    }

    /// In micro-dollars.
    pub const fn micro(self) -> u128 {
        self.0
    }

    /// In micro-dollars as the signer's protocol has them; the largest value where it does not fit.
    pub fn micro_u64(self) -> u64 {
        u64::try_from(self.0).unwrap_or(u64::MAX)
    }

    /// Reads `"$12.50"` or `"12.50"`, with at most six digits after the point.
    pub fn parse(text: &str) -> Result<Self> {
        let number = text.strip_prefix('$').unwrap_or(text);
        let micro = parse_units(number, 6)?;
        u128::try_from(micro).map(Self).map_err(|_| WalletError::Amount { got: text.to_owned(), why: "it is too large".into() })
    }

    /// The worth of `amount` smallest units at `self` a whole unit, rounded down; the largest value where it does not fit.
    pub fn value_of(self, amount: U256, decimals: u8) -> Self {
        if decimals > MAX_DECIMALS {
            return Self::ZERO;
        }
        let unit = U256::from(10).pow(U256::from(decimals));
        match mul_div(amount, U256::from(self.0), unit) {
            Some(micro) => Self(u128::try_from(micro).unwrap_or(u128::MAX)),
            None => Self(u128::MAX),
        }
    }

    /// How many smallest units `worth` buys at `self` a whole unit, rounded down; `None` where the price is zero.
    pub fn amount_for(self, worth: Self, decimals: u8) -> Option<U256> {
        if decimals > MAX_DECIMALS {
            return None;
        }
        mul_div(U256::from(worth.0), U256::from(10).pow(U256::from(decimals)), U256::from(self.0))
    }

    /// Sum, stopping at the largest value.
    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Self::saturating_add)
    }
}

impl fmt::Display for Usd {
    /// `$1,250.00`; below a cent as many digits as it takes, `$0.0042`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = group(&(self.0 / 1_000_000).to_string());
        let micro = self.0 % 1_000_000;
        if self.0 > 0 && self.0 < 10_000 {
            let digits = format!("{micro:06}");
            return write!(f, "$0.{}", digits.trim_end_matches('0'));
        }
        write!(f, "${whole}.{:02}", micro / 10_000)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_u256() -> impl Strategy<Value = U256> {
        (any::<[u64; 4]>(), 0usize..=256).prop_map(|(limbs, shift)| U256::from_limbs(limbs).checked_shr(shift).unwrap_or_default())
    }

    #[test]
    fn reads_and_writes() {
        assert_eq!(parse_units("1.5", 6).unwrap(), U256::from(1_500_000));
        assert_eq!(parse_units("0.000001", 6).unwrap(), U256::from(1));
        assert_eq!(parse_units(".5", 18).unwrap(), U256::from(500_000_000_000_000_000u64));
        assert_eq!(parse_units("007", 0).unwrap(), U256::from(7));
        assert_eq!(parse_units("1.50000000", 2).unwrap(), U256::from(150));
        assert_eq!(format_units(U256::from(1_500_000), 6), "1.5");
        assert_eq!(format_units(U256::ZERO, 18), "0");
        assert_eq!(format_units(U256::MAX, 0), U256::MAX.to_string());
        assert_eq!(parse_units(&U256::MAX.to_string(), 0).unwrap(), U256::MAX);
    }

    #[test]
    fn refuses_what_is_no_amount() {
        for bad in ["", ".", "1.", "-1", "+1", "1e3", "1,000", "0x10", " 1", "1 ", "١", "1.2.3", "NaN", "1_0"] {
            assert!(parse_units(bad, 6).is_err(), "{bad:?}");
        }
        assert!(parse_units("0.0000001", 6).is_err(), "a seventh digit");
        assert!(parse_units(&format!("{}0", U256::MAX), 0).is_err(), "overflow");
        assert!(parse_units("1", 78).is_err(), "10^78 does not fit");
    }

    #[test]
    fn reads_well() {
        assert_eq!(format_short(U256::from(1_234_567_891_234u64), 6), "1,234,567.891234");
        assert_eq!(format_short(U256::from(1_234_567_890_123_456_789u64), 18), "~1.234567");
        assert_eq!(format_short(U256::from(123_456_789_012u64), 18), "~0.000000123456");
        assert_eq!(Usd::from_micro(1_250_000_000).to_string(), "$1,250.00");
        assert_eq!(Usd::from_micro(4_200).to_string(), "$0.0042");
        assert_eq!(Usd::ZERO.to_string(), "$0.00");
        assert_eq!(Usd::parse("$0.05").unwrap().micro(), 50_000);
    }

    #[test]
    fn shares() {
        assert_eq!(Share::parse("50%").unwrap().of(U256::from(101)), U256::from(50));
        assert_eq!(Share::parse("100%").unwrap().of(U256::MAX), U256::MAX);
        assert_eq!(Share::parse("0.0001%").unwrap().of(U256::from(1_000_000)), U256::from(1));
        for bad in ["0%", "100.0001%", "50", "%", "-5%", "0.00001%"] {
            assert!(Share::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn formatting_is_the_inverse_of_parsing(amount in any_u256(), decimals in 0u8..=40) {
            prop_assert_eq!(parse_units(&format_units(amount, decimals), decimals).unwrap(), amount);
        }

        #[test]
        fn parsing_never_panics(text in "\\PC{0,90}", decimals in any::<u8>()) {
            let _ = parse_units(&text, decimals);
            let _ = Share::parse(&text);
            let _ = Usd::parse(&text);
        }

        #[test]
        fn writing_never_panics(amount in any_u256(), decimals in any::<u8>()) {
            let _ = format_units(amount, decimals);
            let _ = format_short(amount, decimals);
            let _ = Usd::from_micro(7).value_of(amount, decimals);
        }

        #[test]
        fn a_share_is_at_most_the_whole(amount in any_u256(), m in 1u32..=1_000_000) {
            let part = Share(m).of(amount);
            prop_assert!(part <= amount);
            // rounded down by less than one unit
            let back = part.widening_mul::<256, 4, 512, 8>(U256::from(1_000_000u64));
            let exact = amount.widening_mul::<256, 4, 512, 8>(U256::from(m));
            prop_assert!(back <= exact && exact - back < U512::from(1_000_000u64));
        }

        #[test]
        fn dollars_to_amount_and_back_never_gains(price in 1u64.., worth in any::<u64>(), decimals in 0u8..=24) {
            let price = Usd::from_micro(price.into());
            let worth = Usd::from_micro(worth.into());
            let amount = price.amount_for(worth, decimals).unwrap();
            prop_assert!(price.value_of(amount, decimals) <= worth);
            prop_assert!(price.value_of(amount + U256::from(1), decimals) >= price.value_of(amount, decimals));
        }
    }
}
