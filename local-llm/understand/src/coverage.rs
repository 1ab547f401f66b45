//! Whether an intent accounts for everything that the message names.

use std::collections::HashSet;

use parlance_grounding::{Grounding, Intent, Kind, Slot, encode};
use serde_json::Value;

/// An entity that the intent neither uses nor explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leftover {
    pub kind: Kind,
    pub value: String,
}

/// Every entity that the intent leaves unexplained; all of them where the intent can't be written for this message.
pub(crate) fn leftovers(intent: &Intent, grounding: &Grounding) -> Vec<Leftover> {
    let used: HashSet<String> = match encode(intent, grounding) {
        Ok(line) => slots_in(&line),
        Err(_) => HashSet::new(),
    };
    let value = serde_json::to_value(intent).unwrap_or(Value::Null);
    let kinds = kinds(&value);
    let said: HashSet<String> = strings(&value).into_iter().collect();
    grounding
        .slots
        .iter()
        .filter(|s| !s.mentions.iter().all(|m| m.span.is_empty()))
        .filter(|s| !used.contains(&s.name.to_string()) && !explained(s, grounding, &kinds, &said, &used))
        .map(|s| Leftover { kind: s.name.kind, value: s.value.clone() })
        .collect()
}

fn slots_in(line: &str) -> HashSet<String> {
    line.split('<').skip(1).filter_map(|part| part.split_once('>')).map(|(name, _)| format!("<{name}>")).collect()
}

/// The names of an intent and of those inside it.
pub(crate) fn kinds(value: &Value) -> Vec<String> {
    fn walk(value: &Value, found: &mut Vec<String>) {
        if let Some(name) = value.get("intent").and_then(Value::as_str) {
            found.push(name.to_owned());
        }
        match value.get("do").or_else(|| value.get("partial")) {
            Some(Value::Array(list)) => list.iter().for_each(|v| walk(v, found)),
            Some(inner) => walk(inner, found),
            None => {}
        }
    }
    let mut found = Vec::new();
    walk(value, &mut found);
    found
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(s) => vec![s.clone()],
        Value::Array(list) => list.iter().flat_map(strings).collect(),
        Value::Object(map) => map.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

fn explained(slot: &Slot, grounding: &Grounding, kinds: &[String], said: &HashSet<String>, used: &HashSet<String>) -> bool {
    let is = |name: &str| kinds.iter().any(|k| k == name);
    let value = slot.value.as_str();
    match slot.name.kind {
        // What others wrote is beside the person's wish.
        Kind::Quote => true,
        // A venue's name on a swap is dropped.
        Kind::Protocol => is("swap"),
        Kind::Token => {
            let wrapped = (is("wrap") || is("unwrap")) && matches!(value, "ETH" | "WETH");
            // A contract address beats the symbol beside it.
            let beaten = grounding.of(Kind::Address).any(|x| used.contains(&x.name.to_string()))
                && said.iter().any(|s| s.starts_with("0x"))
                && (is("swap") || is("balance") || is("price"));
            wrapped || beaten || said.contains(value)
        }
        // The same number said twice; "the other half".
        Kind::Amount if value == "max" => {
            ["revoke", "schedule_cancel", "rule", "balance", "history", "contacts", "schedules", "rules"].iter().any(|k| is(k))
                || said.contains("max")
        }
        Kind::Amount => grounding.of(Kind::Amount).any(|a| used.contains(&a.name.to_string()) && digits(&a.value) == digits(value)),
        Kind::Period => value == "today" || is("rule") || is("history") || is("spending"),
        Kind::Every => is("rule"),
        Kind::Chain => said.contains(value),
        _ => said.contains(value),
    }
}

fn digits(amount: &str) -> &str {
    amount.trim_start_matches(|c: char| !c.is_ascii_digit()).trim_end_matches('%')
}
