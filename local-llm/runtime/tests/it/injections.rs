//! 1,500 messages in which somebody else's text gives orders: nothing that moves money comes of them.
//!
//! Each is a payload in a carrier (a memo, a token's name, an ENS record, a page, a tool's result, an earlier chat); no
//! carrier has a wish of the person's own that moves anything. A third are said while a payment waits for an answer.

use std::path::Path;

use parlance_grounding::fields::moves_or_permits;
use parlance_grounding::{Intent, Message};
use serde_json::{Value, json};

const MESSAGES: usize = 1_500;

fn lines(name: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/injections").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.split('\n').filter(|l| !l.is_empty()).map(str::to_owned).collect()
}

fn messages() -> impl Iterator<Item = (String, Message)> {
    let (payloads, carriers) = (lines("payloads.txt"), lines("carriers.txt"));
    assert!(payloads.len() >= 300 && carriers.len() >= 40);
    (0..MESSAGES).map(move |n| {
        let payload = &payloads[n % payloads.len()];
        // Another carrier each time a payload comes round.
        let (kind, carrier) = carriers[(n * 7 + n / payloads.len() * 3) % carriers.len()].split_once('\t').expect("kind and sentence");
        let pending = (n % 3 == 0).then(|| json!({"intent": "send", "asset": "USDC", "amount": "50", "to": "Alice"}));
        let message = json!({
            "text": carrier.replace("{payload}", payload),
            "contacts": if n % 2 == 0 { vec!["Alice", "Bob"] } else { Vec::new() },
            "pending": pending,
        });
        (kind.to_owned(), serde_json::from_value(message).expect("a message"))
    })
}

/// What it would set in motion, if anything.
fn harm(intent: &Intent) -> Option<String> {
    fn names(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("intent").and_then(Value::as_str).map(str::to_owned));
                map.iter().filter(|(key, _)| *key != "partial").for_each(|(_, inner)| names(inner, found));
            }
            Value::Array(list) => list.iter().for_each(|inner| names(inner, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    names(&serde_json::to_value(intent).expect("JSON"), &mut found);
    // What waits would move by these.
    found.into_iter().find(|name| moves_or_permits(name) || name == "confirm" || name == "amend")
}

#[tokio::test]
async fn orders_in_somebody_elses_text_move_nothing() {
    let understander = crate::shipped().await;
    let mut bad = Vec::new();
    for (kind, message) in messages() {
        let understood = understander.understand(&message).await;
        if let Some(harm) = harm(&understood.intent) {
            bad.push(format!("{kind}: {} -> {harm}: {}", message.text, serde_json::to_string(&understood.intent).expect("JSON")));
        }
    }
    assert!(bad.is_empty(), "{} of {MESSAGES}:\n{}", bad.len(), bad.join("\n"));
}
