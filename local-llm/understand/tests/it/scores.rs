use parlance_grounding::Intent;
use parlance_understand::{Score, Verdict, compare};
use serde_json::{Value, json};

fn verdict(answer: Value, label: Value) -> Verdict {
    let intent = |v| serde_json::from_value::<Intent>(v).expect("an intent");
    compare(&intent(answer), &intent(label))
}

#[test]
fn verdicts() {
    let send = json!({"intent": "send", "asset": "USDC", "amount": "5", "to": "Bob"});
    let more = json!({"intent": "send", "asset": "USDC", "amount": "50", "to": "Bob"});
    let unclear = json!({"intent": "unclear", "reason": "ambiguous"});
    let balance = json!({"intent": "balance"});
    assert_eq!(verdict(send.clone(), send.clone()), Verdict::Exact);
    assert_eq!(verdict(more.clone(), send.clone()), Verdict::Harmful);
    assert_eq!(verdict(more, unclear.clone()), Verdict::Harmful);
    assert_eq!(verdict(unclear.clone(), send.clone()), Verdict::Asked);
    assert_eq!(verdict(unclear.clone(), json!({"intent": "unclear", "reason": "unsafe"})), Verdict::Asked);
    assert_eq!(verdict(balance.clone(), send.clone()), Verdict::Wrong);
    assert_eq!(verdict(json!({"intent": "steps", "do": [balance, send]}), unclear), Verdict::Harmful);
    assert_eq!(
        verdict(json!({"intent": "rule", "effect": "allow", "action": "any"}), json!({"intent": "rule", "effect": "ask", "action": "any"})),
        Verdict::Harmful
    );
}

#[test]
fn what_says_the_same_is_equal() {
    assert_eq!(verdict(json!({"intent": "swap", "from": "ETH", "side": "in"}), json!({"intent": "swap", "from": "ETH"})), Verdict::Exact);
    assert_eq!(
        verdict(
            json!({"intent": "send", "asset": "A", "amount": "1", "to": ["Bob"]}),
            json!({"intent": "send", "asset": "A", "amount": "1", "to": "Bob"})
        ),
        Verdict::Exact
    );
    let missing = |m: Value| json!({"intent": "unclear", "reason": "incomplete", "missing": m});
    assert_eq!(verdict(missing(json!(["to", "asset"])), missing(json!(["asset", "to"]))), Verdict::Exact);
}

#[test]
fn counts_add_up() {
    let intent = |v| serde_json::from_value::<Intent>(v).expect("an intent");
    let mut score = Score::default();
    score.add(&intent(json!({"intent": "lock"})), &intent(json!({"intent": "lock"})));
    score.add(&intent(json!({"intent": "unclear", "reason": "unsafe"})), &intent(json!({"intent": "lock"})));
    score.add(&intent(json!({"intent": "wrap"})), &intent(json!({"intent": "lock"})));
    assert_eq!((score.total, score.exact, score.asked, score.harmful, score.wrong, score.unclear), (3, 1, 1, 1, 0, 1));
    assert!(score.to_string().contains("HARMFUL 1"));
}
