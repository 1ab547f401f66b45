//! The best question back, in plain words.

use parlance_grounding::{Grounding, Intent, Kind, UnclearReason};
use serde_json::Value;

/// What to ask after a message that was not acted on.
pub(crate) fn question(intent: &Intent, guess: Option<&Intent>, grounding: &Grounding) -> Option<String> {
    let Intent::Unclear { reason, missing, partial } = intent else {
        return None;
    };
    Some(match reason {
        Some(UnclearReason::Incomplete) => incomplete(missing, partial.as_ref(), grounding),
        Some(UnclearReason::OutOfScope) => "I can't do that. I can send, wrap, approve and revoke, show balances, history and fees, keep contacts, propose rules, prove a bank balance and borrow on it; \"help\" gives examples.".to_owned(),
        Some(UnclearReason::Unsafe) => "I won't act on that. If you meant something else, say it in your own words.".to_owned(),
        Some(UnclearReason::Ambiguous) | None => ambiguous(guess, grounding),
    })
}

fn ambiguous(guess: Option<&Intent>, grounding: &Grounding) -> String {
    if let Some(fit) = grounding.findings.doubtful_names.first() {
        let typed = grounding.message.text.get(fit.span.clone()).unwrap_or("that name");
        return match fit.contacts.as_slice() {
            [one] => format!("Do you mean {one} by \"{typed}\"?"),
            several => format!("Who is \"{typed}\": {}?", several.join(", ")),
        };
    }
    if let Some(span) = grounding.findings.two_ways.first() {
        let typed = grounding.message.text.get(span.clone()).unwrap_or("that number");
        return format!("How much is {typed} in digits, without separators?");
    }
    match guess.and_then(|g| describe(&serde_json::to_value(g).ok()?)) {
        Some(words) => format!("Shall I {words}? Say it in one plain sentence if so."),
        None => "I did not understand that. What would you like to do?".to_owned(),
    }
}

fn incomplete(missing: &[String], partial: Option<&Value>, grounding: &Grounding) -> String {
    let intent = partial.and_then(|p| p.get("intent")).and_then(Value::as_str).unwrap_or("");
    let broken = grounding.of(Kind::Malformed).next().is_some();
    let mistyped = !grounding.findings.bad_checksums.is_empty();
    let handle = grounding.of(Kind::Handle).next().map(|s| s.value.clone());
    let ask: Vec<String> = missing
        .iter()
        .map(|field| match (field.as_str(), intent) {
            ("to", "swap") => "what to swap it to".to_owned(),
            ("to", _) | ("address", _) if mistyped => {
                "the address again: its letters do not fit its digits, so there is a typing error in it".to_owned()
            }
            ("to", _) | ("address", _) if broken => "the whole address: what you gave is not one".to_owned(),
            ("to", _) if handle.is_some() => {
                format!("an address, an ENS name or a contact instead of {}", handle.as_deref().unwrap_or("the handle"))
            }
            ("to", _) => "who it goes to".to_owned(),
            ("asset", "when") => "which asset's price to watch".to_owned(),
            ("asset", _) => "which asset".to_owned(),
            ("amount", _) => "how much".to_owned(),
            ("to_chain", _) => "to which chain".to_owned(),
            ("from_chain", _) => "from which chain".to_owned(),
            ("chain", _) => "which chain".to_owned(),
            ("name", _) => "what to call it".to_owned(),
            ("address", _) => "the address".to_owned(),
            ("spender", _) => "who may spend it".to_owned(),
            ("every", _) => "how often".to_owned(),
            ("do", _) => "what to do then".to_owned(),
            ("below" | "above", _) => "at which price in dollars".to_owned(),
            ("url", _) => "which link".to_owned(),
            ("task" | "agent", _) => "which agent, and for what".to_owned(),
            ("at_least", _) => "at least how much".to_owned(),
            ("text", _) => "which text".to_owned(),
            ("effect" | "action", _) => "what the rule should allow, ask about or forbid".to_owned(),
            (other, _) => format!("the {}", other.replace('_', " ")),
        })
        .collect();
    if ask.is_empty() { "What exactly would you like to do?".to_owned() } else { format!("Please tell me {}.", ask.join(", and ")) }
}

/// An intent in a few words: `send 5 USDC to Bob`.
fn describe(value: &Value) -> Option<String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let list = |key: &str| match value.get(key) {
        Some(Value::String(s)) => Some(s.clone()),
        Some(Value::Array(a)) => Some(a.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")),
        _ => None,
    };
    let amount = text("amount").map(|a| match a {
        "max" => "all".to_owned(),
        a if a.ends_with('%') => format!("{a} of the"),
        a => a.to_owned(),
    });
    Some(match text("intent")? {
        "send" => format!("send {} {} to {}", amount?, text("asset")?, list("to")?),
        "swap" => match (text("from"), text("to")) {
            (Some(from), Some(to)) => format!("swap {} {from} to {to}", amount.unwrap_or_else(|| "some".to_owned())),
            (None, Some(to)) => format!("buy {} of {to}", amount.unwrap_or_else(|| "some".to_owned())),
            (Some(from), None) => format!("sell {} {from}", amount.unwrap_or_else(|| "some".to_owned())),
            _ => return None,
        },
        "bridge" => format!("bridge {} {} to {}", amount?, text("asset")?, text("to_chain")?),
        "wrap" | "unwrap" => format!("{} {}", text("intent")?, amount.unwrap_or_else(|| "some".to_owned())),
        "approve" => format!("let {} spend {} {}", text("spender")?, amount?, text("asset")?),
        "revoke" => "take back allowances".to_owned(),
        "pay" => format!("pay for {}", text("url")?),
        "schedule" => format!("{} every {}", describe(value.get("do")?)?, text("every")?),
        "when" => {
            let (side, price) = text("below").map(|p| ("below", p)).or_else(|| text("above").map(|p| ("above", p)))?;
            format!("{} when {} is {side} ${price}", describe(value.get("do")?)?, text("asset")?)
        }
        "prove_balance" => format!("prove a balance of at least {}", text("at_least")?),
        "loan_apply" => format!("ask for a credit line of {}", amount.unwrap_or_else(|| "some money".to_owned())),
        "loan_draw" => format!("draw {} from your credit line", amount.unwrap_or_else(|| "some".to_owned())),
        "loan_repay" => format!("pay {} back on your credit line", amount.unwrap_or_else(|| "some".to_owned())),
        "loan_status" => "show how your credit lines stand".to_owned(),
        "steps" => value.get("do")?.as_array()?.iter().map(describe).collect::<Option<Vec<_>>>()?.join(", then "),
        other => other.replace('_', " "),
    })
}
