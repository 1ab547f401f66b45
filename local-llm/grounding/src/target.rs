//! The compact language that the model writes, and its two directions: [`encode`] for training, [`decode`] for use.
//!
//! `README.md` beside this crate gives the grammar. Slots stand for entities, so that a model never spells a value.

mod read;
mod write;

pub use read::decode;
pub use write::encode;

use serde_json::{Map, Value};

use crate::fields::{self, Field};

/// What the step before leaves in the wallet, where its intent says so.
pub(crate) fn output(previous: &Value) -> Option<String> {
    let text = |key: &str| previous.get(key).and_then(Value::as_str).map(str::to_owned);
    match text("intent").as_deref() {
        Some("swap") => text("to"),
        Some("wrap") => Some("WETH".to_owned()),
        Some("unwrap") => Some("ETH".to_owned()),
        Some("bridge" | "loan_draw" | "loan_apply") => text("asset"),
        _ => None,
    }
}

/// The pending intent's own fields, those of the intent inside it, and those that are missing.
pub(crate) fn pending_fields(pending: Option<&Value>) -> Vec<&'static Field> {
    let mut unique: Vec<&'static Field> = Vec::new();
    let mut add = |fields: Vec<&'static Field>| {
        for field in fields {
            if !unique.iter().any(|u| u.key == field.key) {
                unique.push(field);
            }
        }
    };
    let mut layer = pending;
    for _ in 0..4 {
        let Some(value) = layer else { break };
        if let Some(spec) = value.get("intent").and_then(Value::as_str).and_then(fields::intent) {
            add(spec.fields.iter().filter(|f| f.key != "of").collect());
        }
        layer = value.get("partial").or_else(|| value.get("do")).map(|v| v.as_array().and_then(|a| a.first()).unwrap_or(v));
    }
    if unique.is_empty() {
        return fields::amendable(None);
    }
    unique
}

/// The pending intent with its inner intent's fields on one level, for reading amounts in its terms.
pub(crate) fn flattened(pending: Option<&Value>) -> Map<String, Value> {
    let mut flat = Map::new();
    let mut layer = pending;
    for _ in 0..4 {
        let Some(map) = layer.and_then(Value::as_object) else {
            break;
        };
        for (key, value) in map {
            if !matches!(key.as_str(), "do" | "partial" | "missing" | "reason") {
                flat.insert(key.clone(), value.clone());
            }
        }
        layer = map.get("partial").or_else(|| map.get("do"));
    }
    flat
}
