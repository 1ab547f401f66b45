//! How 256-bit amounts meet Cedar's 64-bit numbers: said here, and nowhere else.
//!
//! Cedar has signed 64-bit integers only, so rules never see wei.
//! - Money is counted in **micro-USD** (10^-6 dollar): [`Usd`].
//! - Amounts of an asset are counted in **micro-units** (10^-6 of one whole unit, whatever its decimals): [`Units`].
//! - What is spent is rounded **up**, what comes back is rounded **down**: a limit is never exceeded by rounding.
//! - `i64::MAX` is reserved: [`Usd::BOUNDLESS`] and [`Units::BOUNDLESS`] stand for "no bound, or not known". A permit
//!   that asks for at most so much never holds for it, a forbid that asks for more than so much always does.
//! - A known amount that does not fit below that is an [`Overflow`], and an overflow is a refusal: never a wrap, never
//!   a saturated number that passes for a real one.

use std::fmt;

use alloy_primitives::{U256, U512};
use serde::{Deserialize, Deserializer, Serialize};

/// Micro-units in one whole unit.
pub const MICRO: u64 = 1_000_000;

/// The largest number that a known amount may have, in micro-USD or micro-units.
pub const MOST: u64 = i64::MAX as u64 - 1;

/// A number that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {got}, more than the {MOST} millionths that rules can count")]
pub struct Overflow {
    /// What was counted: `amount`, `value in dollars`, `spent a day`...
    pub what: &'static str,
    /// What it came to, as far as it could be computed.
    pub got: String,
}

impl Overflow {
    fn new(what: &'static str, got: impl fmt::Display) -> Self {
        Self { what, got: got.to_string() }
    }

    /// What a person can do.
    pub fn remedy(&self) -> String {
        "Sign a smaller amount. Numbers this large are refused whatever the rules say.".to_owned()
    }
}

macro_rules! micro {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);
            /// No bound, or not known. See the module's text.
            pub const BOUNDLESS: Self = Self(i64::MAX);

            /// From millionths; an error above [`MOST`].
            pub fn from_micro(micro: u64) -> Result<Self, Overflow> {
                if micro > MOST { Err(Overflow::new($what, micro)) } else { Ok(Self(micro as i64)) }
            }

            /// In millionths; `i64::MAX` for [`Self::BOUNDLESS`].
            pub fn micro(self) -> u64 {
                self.0.unsigned_abs()
            }

            /// The number that rules see.
            pub(crate) fn cedar(self) -> i64 {
                self.0
            }

            /// True for [`Self::BOUNDLESS`].
            pub fn is_boundless(self) -> bool {
                self.0 == i64::MAX
            }

            /// The sum; boundless where either is, an error where it does not fit.
            pub fn plus(self, other: Self) -> Result<Self, Overflow> {
                if self.is_boundless() || other.is_boundless() {
                    return Ok(Self::BOUNDLESS);
                }
                Self::from_micro(self.micro() + other.micro())
            }

            /// The difference, never below zero. Boundless stays boundless.
            pub fn minus(self, other: Self) -> Self {
                if self.is_boundless() { self } else { Self(self.0.saturating_sub(other.0).max(0)) }
            }

            fn from_wide(wide: U512) -> Result<Self, Overflow> {
                if wide > U512::from(MOST) { Err(Overflow::new($what, wide)) } else { Ok(Self(wide.to::<u64>() as i64)) }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let micro = u64::deserialize(from)?;
                if micro == i64::MAX as u64 { return Ok(Self::BOUNDLESS); }
                Self::from_micro(micro).map_err(serde::de::Error::custom)
            }
        }
    };
}

micro! {
    /// US dollars, in micro-USD. Never negative, never wrapping.
    Usd, "value in dollars"
}
micro! {
    /// An amount of some asset, in micro-units. Never negative, never wrapping.
    Units, "amount"
}

impl Units {
    /// An on-chain `amount` of an asset with so many `decimals`, rounded up.
    pub fn of(amount: U256, decimals: u8) -> Result<Self, Overflow> {
        Self::from_wide(scaled(amount, MICRO, decimals, Round::Up))
    }
}

impl Usd {
    /// The price of an on-chain `amount` at `price` micro-USD a whole unit.
    pub fn of(amount: U256, decimals: u8, price: u64, round: Round) -> Result<Self, Overflow> {
        Self::from_wide(scaled(amount, price, decimals, round))
    }
}

/// Which way a division goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// For what is spent.
    Up,
    /// For what comes back.
    Down,
}

/// `amount * factor / 10^decimals`, exactly rounded. The product of 256 and 64 bits fits 512.
fn scaled(amount: U256, factor: u64, decimals: u8, round: Round) -> U512 {
    let product = U512::from(amount) * U512::from(factor);
    let Some(divisor) = U512::from(10).checked_pow(U512::from(decimals)) else {
        // 10^155 and more exceeds every product.
        return if round == Round::Up && !product.is_zero() { U512::ONE } else { U512::ZERO };
    };
    let (whole, rest) = product.div_rem(divisor);
    if round == Round::Up && !rest.is_zero() { whole + U512::ONE } else { whole }
}

impl fmt::Display for Usd {
    /// `$200`, `$0.04`, `$1,250.50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_boundless() { f.write_str("an unknown value") } else { write!(f, "${}", decimal(self.micro(), 2)) }
    }
}

impl fmt::Display for Units {
    /// `50`, `0.015`, `1,250`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_boundless() { f.write_str("an unlimited amount") } else { f.write_str(&decimal(self.micro(), 0)) }
    }
}

/// Millionths as a decimal with grouped thousands, no trailing zeros beyond `at_least` digits (none where whole).
fn decimal(micro: u64, at_least: usize) -> String {
    let (whole, rest) = (micro / MICRO, micro % MICRO);
    let mut out = grouped(whole);
    if rest > 0 {
        let digits = format!("{rest:06}");
        let shown = digits.trim_end_matches('0').len().max(at_least);
        out.push('.');
        out.push_str(digits.get(..shown).unwrap_or(&digits));
    }
    out
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}
