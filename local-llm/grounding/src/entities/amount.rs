//! How much: digits, words, fractions, currencies, multipliers, units.

mod share;
mod unit;

use share::{part, whole};
use unit::{currency_prefix, currency_suffix, exponent, multiplier, no_amount, percent_word};

use super::{Scene, numbers, token};
use crate::decimal;
use crate::entity::{Derivation, Kind};
use crate::text::Shape;

/// Numbers that could be read two ways, as word indices; [`crate::Grounding`] reports them.
pub(crate) type TwoWays = Vec<usize>;

pub(crate) fn find(scene: &mut Scene<'_>) -> TwoWays {
    let mut two_ways = Vec::new();
    let mut i = 0;
    while i < scene.words.len() {
        match read(scene, i) {
            Some(read) => {
                let end = read.end;
                if read.two_ways {
                    two_ways.push(i);
                }
                match read.what {
                    What::Amount(value, how) => scene.take(i..end, Kind::Amount, value, how),
                    What::Of(value, unit) => {
                        scene.take(i..end - 1, Kind::Amount, value, Derivation::Converted);
                        scene.take(end - 1..end, Kind::Token, unit, Derivation::Converted);
                    }
                    What::Relative(value) => scene.take(i..end, Kind::Relative, value, Derivation::Typed),
                    What::Nothing => scene.hide(i..end),
                }
                i = end;
            }
            None => i += 1,
        }
    }
    two_ways
}

struct Read {
    what: What,
    end: usize,
    two_ways: bool,
}

enum What {
    Amount(String, Derivation),
    /// Converted from a unit of this asset; the unit is the last word.
    Of(String, &'static str),
    Relative(String),
    /// Digits that are no amount: a duration, an ordinal, leverage.
    Nothing,
}

fn read(scene: &Scene<'_>, i: usize) -> Option<Read> {
    if !scene.is_free(i) {
        return None;
    }
    signed(scene, i).or_else(|| whole(scene, i)).or_else(|| part(scene, i)).or_else(|| slang(scene, i)).or_else(|| counted(scene, i))
}

/// `-30%`, `+10 %`.
fn signed(scene: &Scene<'_>, i: usize) -> Option<Read> {
    let sign = scene.word(i);
    if !matches!(sign, "-" | "+") || scene.glued(i) || scene.shape(i + 1) != Some(Shape::Number) || !scene.glued(i + 1) {
        return None;
    }
    let percent = percent_word(scene, i + 2);
    let end = i + 2 + percent.unwrap_or(0);
    Some(Read { what: What::Relative(scene.written(i..end).to_owned()), end, two_ways: false })
}

/// `a fiver`, `a tenner`, `a buck`, `a grand`.
fn slang(scene: &Scene<'_>, i: usize) -> Option<Read> {
    let (k, led) = if matches!(scene.word(i), "a" | "one") { (i + 1, true) } else { (i, false) };
    if !scene.is_free(k) {
        return None;
    }
    let value = match scene.word(k) {
        "fiver" => "5",
        "tenner" => "10",
        "buck" | "dollar" if led => "1",
        "grand" if led => "1000",
        "penny" | "cent" if led => "0.01",
        "nickel" if led => "0.05",
        "dime" if led => "0.1",
        _ => return None,
    };
    Some(money(scene, value, k + 1, "$"))
}

/// A number in digits or words, with what belongs to it.
fn counted(scene: &Scene<'_>, i: usize) -> Option<Read> {
    let mut k = i;
    let mut currency = None;
    if let Some((mark, len)) = currency_prefix(scene, k) {
        currency = Some(mark);
        k += len;
    }
    let (mut number, mut end, words, two_ways) = if scene.shape(k) == Some(Shape::Number) && scene.is_free(k) {
        let written = scene.word(k);
        match exponent(scene, k) {
            Some((number, end)) => (number, end, false, false),
            None => {
                let reading = decimal::parse(written, scene.languages.comma_decimal())?;
                // Nobody writes three decimals of a dollar, or three zeros after a decimal comma.
                let plain =
                    written.contains(',') && (written.ends_with("000") || currency.is_some() || currency_suffix(scene, k + 1).is_some());
                (reading.digits, k + 1, false, reading.two_ways && !plain)
            }
        }
    } else {
        let numbers::Spoken { digits, end, two_ways } = numbers::spoken(scene, k)?;
        (digits, end, true, two_ways)
    };
    let digits = !words;
    // 1INCH is a token.
    if digits && scene.word(k) == "1" && scene.word(end) == "inch" && scene.glued(end) {
        return None;
    }
    if words && ordinary_one(scene, k, end) {
        return None;
    }
    // "two and a half"
    if scene.word(end) == "and" && scene.word(end + 1) == "a" && scene.word(end + 2) == "half" {
        number = decimal::and_a_half(&number)?;
        end += 3;
    } else if digits && scene.word(end) == "½" {
        number = decimal::and_a_half(&number)?;
        end += 1;
    }
    if digits
        && currency.is_none()
        && let Some(len) = no_amount(scene, k, end)
    {
        return Some(Read { what: What::Nothing, end: end + len, two_ways: false });
    }
    let mut how = if words { Derivation::Words } else { Derivation::Typed };
    let mut grand = false;
    if digits || scene.word(end) == "k" {
        if let Some((power, len)) = multiplier(scene, end) {
            grand = scene.word(end) == "grand";
            number = numbers::scaled(&number, power);
            end += len;
            how = Derivation::Canonical;
        }
    } else {
        grand = (k..end).any(|w| scene.word(w) == "grand");
    }
    if digits && how == Derivation::Typed && scene.written(k..end) != number {
        how = Derivation::Canonical;
    }
    let mut read = match currency.or(grand.then_some("$")) {
        Some(mark) => money(scene, &number, end, mark),
        None => finish(scene, &number, end, how, two_ways),
    };
    read.two_ways = two_ways;
    Some(read)
}

/// What may follow a bare number: `%`, a currency, a unit of an asset.
fn finish(scene: &Scene<'_>, number: &str, end: usize, how: Derivation, two_ways: bool) -> Read {
    if let Some(len) = percent_word(scene, end) {
        return Read { what: What::Amount(format!("{number}%"), how), end: end + len, two_ways };
    }
    let (unit, amount): (Option<&'static str>, Option<String>) = match scene.word(end) {
        "gwei" | "gweis" => (Some("ETH"), Some(decimal::shift(number, -9))),
        "wei" => (Some("ETH"), Some(decimal::shift(number, -18))),
        "sat" | "sats" | "satoshi" | "satoshis" => (Some("BTC"), Some(decimal::shift(number, -8))),
        _ => (None, None),
    };
    if let (Some(unit), Some(amount)) = (unit, amount) {
        return Read { what: What::Of(amount, unit), end: end + 1, two_ways };
    }
    if let Some((mark, len)) = currency_suffix(scene, end) {
        let value = if mark == "c" { format!("${}", decimal::shift(number, -2)) } else { format!("{mark}{number}") };
        return Read { what: What::Amount(value, if mark == "c" { Derivation::Converted } else { how }), end: end + len, two_ways };
    }
    Read { what: What::Amount(number.to_owned(), how), end, two_ways }
}

/// A number whose currency is known already; a currency word after it is the same thing said twice.
fn money(scene: &Scene<'_>, number: &str, end: usize, mark: &str) -> Read {
    let (mark, extra) = match currency_suffix(scene, end) {
        Some((said, len)) if said == mark || mark == "$" && matches!(said, "£" | "€") => (said, len),
        _ => (mark, 0),
    };
    Read { what: What::Amount(format!("{mark}{number}"), Derivation::Canonical), end: end + extra, two_ways: false }
}

/// "this one", "no one", "one of them": not the number.
fn ordinary_one(scene: &Scene<'_>, i: usize, end: usize) -> bool {
    if end != i + 1 || !matches!(scene.word(i), "one" | "uno") {
        return false;
    }
    let next = scene.word(end);
    let unit = token::known(next).is_some()
        || percent_word(scene, end).is_some()
        || currency_suffix(scene, end).is_some()
        || matches!(next, "gwei" | "wei" | "sat" | "sats" | "whole" | "and");
    !unit
}
