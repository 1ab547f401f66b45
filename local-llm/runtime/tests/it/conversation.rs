//! In a conversation something waits nearly always: a whole message means the same then as it does alone.

use parlance_grounding::Message;
use serde_json::{Value, json};

fn waiting() -> Vec<Value> {
    vec![
        Value::Null,
        json!({"intent": "send", "asset": "USDC", "amount": "30", "to": "Bob"}),
        json!({"intent": "swap", "from": "USDC", "to": "ETH", "amount": "200"}),
        json!({"intent": "approve", "asset": "DAI", "spender": "Uniswap", "amount": "75"}),
        json!({"intent": "rule", "effect": "forbid", "action": "any", "over": "$200", "per": "day"}),
        json!({"intent": "unclear", "reason": "incomplete", "missing": ["amount"], "partial": {"intent": "send", "asset": "USDC", "to": "Bob"}}),
    ]
}

#[tokio::test]
async fn a_whole_message_means_the_same_while_something_waits() {
    let messages = [
        ("send 5 usdc to bob", json!({"intent": "send", "asset": "USDC", "amount": "5", "to": "Bob"})),
        ("pay alice 600 dai", json!({"intent": "send", "asset": "DAI", "amount": "600", "to": "Alice"})),
        ("swap 100 usdc for eth", json!({"intent": "swap", "from": "USDC", "to": "ETH", "amount": "100"})),
        ("what's my balance", json!({"intent": "balance"})),
        ("alice already paid me 20 usdc", json!({"intent": "unclear"})),
        ("should i send bob 20 usdc?", json!({"intent": "unclear"})),
    ];
    let understander = crate::shipped().await;
    for (text, label) in messages {
        for pending in waiting() {
            let message = json!({"text": text, "contacts": ["Alice", "Bob"], "pending": pending});
            let message: Message = serde_json::from_value(message).expect("a message");
            let understood = understander.understand(&message).await;
            let mut got = serde_json::to_value(&understood.intent).expect("JSON");
            if label["intent"] == "unclear" {
                got = json!({"intent": got["intent"]});
            }
            assert_eq!(got, label, "{text:?} while {pending} waits: {:?}", understood.explanation);
        }
    }
}
