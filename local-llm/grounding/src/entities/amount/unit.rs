//! What stands beside a number: currencies, percent, multipliers, and the units that make it no amount at all.

use crate::decimal;
use crate::entities::{Scene, numbers};
use crate::text::Shape;

pub(super) fn currency_prefix(scene: &Scene<'_>, i: usize) -> Option<(&'static str, usize)> {
    let mark = match scene.word(i) {
        "$" => "$",
        "€" => "€",
        "£" => "£",
        "₹" => "₹",
        "¥" | "￥" => "¥",
        "us" | "usd" if scene.word(i + 1) == "$" => return Some(("$", 2)),
        "usd" | "eur" | "gbp" | "inr" | "rs" if scene.shape(i + 1) == Some(Shape::Number) => {
            return Some((
                if scene.word(i) == "usd" {
                    "$"
                } else if scene.word(i) == "eur" {
                    "€"
                } else if scene.word(i) == "gbp" {
                    "£"
                } else {
                    "₹"
                },
                1,
            ));
        }
        _ => return None,
    };
    Some((mark, 1))
}

pub(super) fn currency_suffix(scene: &Scene<'_>, i: usize) -> Option<(&'static str, usize)> {
    if !scene.is_free(i) {
        return None;
    }
    if scene.word(i) == "usd" && matches!(scene.word(i + 1), "coin" | "coins") {
        return None;
    }
    let mark = match scene.word(i) {
        "$" | "usd" | "dollar" | "dollars" | "buck" | "bucks" | "bux" | "dólares" | "dolares" | "dólar" | "刀" | "smackers"
        | "greenbacks" => "$",
        "us" if matches!(scene.word(i + 1), "dollars" | "dollar" | "$") => return Some(("$", 2)),
        "美" if matches!(scene.word(i + 1), "元" | "金" | "刀") => return Some(("$", 2)),
        "cent" | "cents" | "¢" | "centavos" | "céntimos" | "pennies" if !(scene.languages.french && scene.word(i) == "cent") => "c",
        "€" | "eur" | "euro" | "euros" => "€",
        "£" | "gbp" | "quid" | "pound" | "pounds" => "£",
        "₹" | "inr" | "rupees" | "rupee" | "rupaye" | "rupay" | "rs" => "₹",
        "¥" | "yen" | "jpy" | "yuan" | "rmb" | "cny" | "块" | "元" => "¥",
        "ars" | "brl" | "reais" | "pesos" | "naira" | "ngn" | "chf" | "francs" | "franken" | "sgd" | "aud" | "cad" => "¤",
        _ => return None,
    };
    Some((mark, 1))
}

pub(super) fn percent_word(scene: &Scene<'_>, i: usize) -> Option<usize> {
    match scene.word(i) {
        "%" | "percent" | "pct" | "prozent" | "percentage" | "pc" => Some(1),
        "per" if scene.word(i + 1) == "cent" => Some(2),
        "por" if matches!(scene.word(i + 1), "ciento" | "cento") => Some(2),
        "pour" if scene.word(i + 1) == "cent" => Some(2),
        _ => None,
    }
}

/// `k`, `m`, `grand`, `million` after digits.
pub(super) fn multiplier(scene: &Scene<'_>, i: usize) -> Option<(i32, usize)> {
    if !scene.is_free(i) {
        return None;
    }
    match scene.word(i) {
        "k" => Some((3, 1)),
        "m" | "mm" | "mil" if scene.glued(i) && !matches!(scene.word(i), "mil") => Some((6, 1)),
        "b" | "bn" if scene.glued(i) => Some((9, 1)),
        "kk" if scene.glued(i) => Some((6, 1)),
        _ => numbers::scale(scene, i).map(|p| (p, 1)),
    }
}

/// `1e18`.
pub(super) fn exponent(scene: &Scene<'_>, i: usize) -> Option<(String, usize)> {
    let tail = scene.word(i + 1).strip_prefix('e')?;
    let power: i32 = tail.parse().ok().filter(|p| (0..=30).contains(p))?;
    scene
        .glued(i + 1)
        .then(|| (numbers::scaled(&decimal::parse(scene.word(i), false).map(|r| r.digits).unwrap_or_default(), power), i + 2))
        .filter(|(n, _)| !n.is_empty())
}

const DURATIONS: &[&str] = &[
    "second", "seconds", "sec", "secs", "minute", "minutes", "min", "mins", "hour", "hours", "hr", "hrs", "day", "days", "week", "weeks",
    "month", "months", "year", "years", "yr", "yrs", "días", "dias", "tage", "tagen", "jours", "semanas", "wochen", "meses", "mois",
    "monate", "horas", "stunden", "heures", "times", "veces", "mal", "fois", "vezes",
];

/// Digits that are no amount: how many more words belong to them.
pub(super) fn no_amount(scene: &Scene<'_>, i: usize, end: usize) -> Option<usize> {
    let next = scene.word(end);
    if scene.glued(end)
        && matches!(next, "st" | "nd" | "rd" | "th" | "x" | "h" | "d" | "hr" | "hrs" | "min" | "mins" | "w" | "y" | "am" | "pm" | "º" | "ª")
    {
        return Some(1);
    }
    if DURATIONS.contains(&next) || matches!(next, "天" | "周" | "月" | "年" | "号" | "点" | "次") {
        return Some(1);
    }
    if next == "-" && DURATIONS.contains(&scene.word(end + 1)) {
        return Some(2);
    }
    // 12:30, 12/05/2026, 2026-02-14
    if matches!(next, ":" | "/" | "-") && scene.glued(end) && scene.glued(end + 1) && scene.shape(end + 1) == Some(Shape::Number) {
        let dated = matches!(scene.word(end + 2), "/" | "-") && scene.glued(end + 2) && scene.shape(end + 3) == Some(Shape::Number);
        if next == ":" {
            return Some(2);
        }
        if dated {
            return Some(4);
        }
    }
    if scene.before(i) == "#" || scene.before(i) == "×" {
        return Some(0);
    }
    None
}
