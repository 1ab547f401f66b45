//! From an amount as it was said to the amount as a field carries it ("Amounts" and "Canonical readings").

use serde_json::{Map, Value};

use crate::entities::token::facts;
use crate::error::GroundingError;

/// The amount `raw` (as a slot holds it) in the field `key` of the intent `item`.
///
/// # Errors
/// [`GroundingError::Currency`] for a currency that the field can't carry, [`GroundingError::Shape`] for a kind of amount that makes no sense there.
pub fn carried(key: &str, raw: &str, item: &Map<String, Value>) -> Result<String, GroundingError> {
    let (mark, digits) = split(raw);
    let share = raw == "max" || raw.ends_with('%');
    let wrong = |why: &str| Err(GroundingError::Shape { why: format!("{key} = {raw}: {why}") });
    let foreign = || Err(GroundingError::Currency { field: key.to_owned(), value: raw.to_owned() });
    match key {
        "below" | "above" if share => wrong("a price is needed"),
        "below" | "above" => match mark {
            None | Some('$') => Ok(digits.to_owned()),
            Some(_) => foreign(),
        },
        "at_least" if share => wrong("a sum is needed"),
        "at_least" => Ok(digits.to_owned()),
        "slippage" if raw.ends_with('%') => Ok(raw.to_owned()),
        "slippage" if mark.is_none() && !share => Ok(format!("{raw}%")),
        "slippage" => wrong("a percentage is needed"),
        "over" | "max" if share => wrong("a sum is needed"),
        _ => match (mark, unit(item)) {
            (None, _) => Ok(raw.to_owned()),
            (Some('$'), Some(asset)) if facts(asset).usd => Ok(digits.to_owned()),
            (Some('$'), _) => Ok(raw.to_owned()),
            (Some('€'), Some(asset)) if facts(asset).eur => Ok(digits.to_owned()),
            (Some(_), _) => foreign(),
        },
    }
}

fn split(raw: &str) -> (Option<char>, &str) {
    match raw.chars().next() {
        Some(c) if !c.is_ascii_digit() && raw != "max" => (Some(c), &raw[c.len_utf8()..]),
        _ => (None, raw),
    }
}

/// The asset whose units the intent's amount counts.
fn unit(item: &Map<String, Value>) -> Option<&str> {
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    match text("intent") {
        Some("swap") if text("side") == Some("out") => text("to"),
        Some("swap") => text("from"),
        _ => text("asset"),
    }
}
