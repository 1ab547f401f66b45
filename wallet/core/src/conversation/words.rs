//! An intent as a short sentence: for a button that offers a reading, a heading, a notification.

use parlance_grounding::Intent;
use serde_json::{Map, Value};

use crate::tokens::clean;

/// Longest sentence, in characters.
const LONGEST: usize = 160;

/// The intent in words: `Send 50 USDC to Alice`.
#[must_use]
pub fn words(intent: &Intent) -> String {
    let Ok(Value::Object(fields)) = serde_json::to_value(intent) else {
        return String::new();
    };
    let mut text = sentence(&fields);
    if let Some(first) = text.get(..1) {
        text.replace_range(..1, &first.to_uppercase());
    }
    clean(&text, LONGEST)
}

fn sentence(fields: &Map<String, Value>) -> String {
    let get = |name: &str| fields.get(name).map(plain).filter(|v| !v.is_empty());
    let with = |lead: &str, name: &str| get(name).map(|v| format!("{lead} {v}")).unwrap_or_default();
    let amount = || match (get("amount"), get("asset")) {
        (Some(amount), Some(asset)) if amount.starts_with('$') => format!(" {amount} of {asset}"),
        (Some(amount), Some(asset)) if amount == "max" => format!(" all {asset}"),
        (Some(amount), Some(asset)) if amount.ends_with('%') => format!(" {amount} of the {asset}"),
        (Some(amount), Some(asset)) => format!(" {amount} {asset}"),
        (Some(one), None) | (None, Some(one)) => format!(" {one}"),
        (None, None) => String::new(),
    };
    let on = || with(" on", "chain");
    match get("intent").unwrap_or_default().as_str() {
        "send" => format!("send{}{}{}", amount(), with(" to", "to"), on()),
        "swap" => format!("swap{}{}{}{}", with("", "amount"), with(" from", "from"), with(" to", "to"), on()),
        "bridge" => format!("move{}{}{}", amount(), with(" from", "from_chain"), with(" to", "to_chain")),
        "wrap" => format!("wrap{} ETH{}", with("", "amount"), on()),
        "unwrap" => format!("unwrap{} WETH{}", with("", "amount"), on()),
        "approve" => format!("allow{}{}{}", with("", "spender"), with(" to take", "amount"), with("", "asset")),
        "revoke" => format!("take back the allowance{}{}", with(" of", "asset"), with(" for", "spender")),
        "balance" => format!("show the balance{}{}", with(" of", "asset"), on()),
        "receive" => format!("show the address to receive{}", with("", "asset")),
        "history" => format!("show what happened{}{}", with(" with", "with"), with(" in", "period")),
        "spending" => format!("show what was spent{}{}", with(" on", "of"), with(" in", "period")),
        "price" => format!("show the price{}", with(" of", "asset")),
        "contact_add" => format!("add the contact{}{}", with("", "name"), with(" at", "address")),
        "contact_remove" => format!("remove the contact{}", with("", "name")),
        "rule" => format!(
            "propose the rule: {}{}{}{}{}{}",
            get("effect").unwrap_or_default(),
            with("", "action"),
            with(" of", "asset"),
            with(" to", "to"),
            with(" over", "over"),
            with(" per", "per")
        ),
        "prove_balance" => {
            format!("prove a bank balance of at least{}{}{}", with("", "at_least"), with(" at", "bank"), with(" to", "lender"))
        }
        "loan_apply" if get("amount").as_deref() == Some("max") => format!("ask for a credit line{}", with(" from", "lender")),
        "loan_apply" => format!("ask for a credit line of{}{}", amount(), with(" from", "lender")),
        "loan_draw" => format!("draw{} from the credit line", amount()),
        "loan_repay" if get("amount").as_deref() == Some("max") => "repay all of the loan".into(),
        "loan_repay" => format!("repay{} of the loan", amount()),
        "loan_status" => "show how the loans stand".into(),
        "sign_message" => format!("sign the message{}", with("", "text")),
        "chain_switch" => format!("switch to{}", with("", "chain")),
        "speed_up" => "speed the transaction up".into(),
        "cancel_tx" => "cancel the transaction".into(),
        "steps" => match fields.get("do") {
            Some(Value::Array(steps)) => steps.iter().filter_map(Value::as_object).map(sentence).collect::<Vec<_>>().join(", then "),
            _ => "several steps".into(),
        },
        "schedule" => format!("every {}: {}", get("every").unwrap_or_default(), inner(fields)),
        "when" => format!(
            "when {}{}{}: {}",
            get("asset").unwrap_or_default(),
            with(" is below", "below"),
            with(" is above", "above"),
            inner(fields)
        ),
        other => {
            let name = other.replace('_', " ");
            let rest: Vec<String> =
                fields.iter().filter(|(k, _)| *k != "intent").map(|(k, v)| format!("{} {}", k.replace('_', " "), plain(v))).collect();
            if rest.is_empty() { name } else { format!("{name}: {}", rest.join(", ")) }
        }
    }
}

fn inner(fields: &Map<String, Value>) -> String {
    fields.get("do").and_then(Value::as_object).map(sentence).unwrap_or_default()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(many) => many.iter().map(plain).collect::<Vec<_>>().join(" and "),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(intent: Value) -> String {
        words(&serde_json::from_value(intent).expect("an intent"))
    }

    #[test]
    fn intents_are_said_as_a_person_would() {
        assert_eq!(said(json!({"intent": "send", "asset": "USDC", "amount": "50", "to": "Alice"})), "Send 50 USDC to Alice");
        assert_eq!(
            said(json!({"intent": "send", "asset": "ETH", "amount": "$5", "to": ["Bob", "Carol"]})),
            "Send $5 of ETH to Bob and Carol"
        );
        assert_eq!(said(json!({"intent": "wrap", "amount": "0.5"})), "Wrap 0.5 ETH");
        assert_eq!(said(json!({"intent": "balance"})), "Show the balance");
        assert_eq!(
            said(json!({"intent": "steps", "do": [{"intent": "wrap", "amount": "1"}, {"intent": "lock"}]})),
            "Wrap 1 ETH, then lock"
        );
        assert_eq!(said(json!({"intent": "loan_draw", "amount": "500"})), "Draw 500 from the credit line");
        assert_eq!(said(json!({"intent": "loan_repay", "amount": "max", "asset": "USDC"})), "Repay all of the loan");
        assert_eq!(
            said(json!({"intent": "prove_balance", "at_least": "10000", "lender": "Maple"})),
            "Prove a bank balance of at least 10000 to Maple"
        );
        assert_eq!(said(json!({"intent": "agent_find", "task": "maps"})), "Agent find: task maps");
    }

    #[test]
    fn text_of_strangers_is_cleaned_and_cut() {
        let long = said(json!({"intent": "sign_message", "text": "x\u{202e}".repeat(500)}));
        assert!(long.chars().count() <= LONGEST && !long.contains('\u{202e}'));
    }
}
