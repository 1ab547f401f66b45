use parlance_grounding::{Intent, Message, decode, encode, grammar, ground, validate};
use serde_json::{Value, json};

use crate::gbnf::Gbnf;

/// Text, context, intent, and the line that says it.
fn cases() -> Vec<(Value, Value, &'static str)> {
    let x = "0x52908400098527886E0F7030069857D2E4169EE7";
    let tx = format!("0x{}", "ab".repeat(32));
    vec![
        (
            json!({"text": "shoot alice fifty bucks in usdc"}),
            json!({"intent": "send", "asset": "USDC", "amount": "50", "to": "Alice"}),
            "send asset=<T1> amount=<A1> to=<N1>",
        ),
        (
            json!({"text": "alice and bob get 10 dai each on base"}),
            json!({"intent": "send", "asset": "DAI", "amount": "10", "to": ["Alice", "Bob"], "chain": "base"}),
            "send asset=<T1> amount=<A1> to=<N1>,<N2> chain=<C1>",
        ),
        (
            json!({"text": "split 90 usdc between alice, bob and zed"}),
            json!({"intent": "send", "asset": "USDC", "amount": "90", "to": ["Alice", "Bob", "zed"], "split": true}),
            "send asset=<T1> amount=<A1> to=<N1>,<N2>,\" zed \" split",
        ),
        (
            json!({"text": "dump half my eth for dai"}),
            json!({"intent": "swap", "from": "ETH", "to": "DAI", "amount": "50%"}),
            "swap from=<T1> to=<T2> amount=<A1>",
        ),
        (
            json!({"text": "get me exactly 1000 dai, pay with eth, slippage 1%"}),
            json!({"intent": "swap", "from": "ETH", "to": "DAI", "amount": "1000", "side": "out", "slippage": "1%"}),
            "swap from=<T2> to=<T1> amount=<A1> side=out slippage=<A2>",
        ),
        (
            json!({"text": "buy $50 of eth with usdc"}),
            json!({"intent": "swap", "from": "USDC", "to": "ETH", "amount": "50"}),
            "swap from=<T2> to=<T1> amount=<A1>",
        ),
        (json!({"text": "buy $50 of eth"}), json!({"intent": "swap", "to": "ETH", "amount": "$50"}), "swap to=<T1> amount=<A1>"),
        (
            json!({"text": "sell $400 of eth for usdc"}),
            json!({"intent": "swap", "from": "ETH", "to": "USDC", "amount": "$400"}),
            "swap from=<T1> to=<T2> amount=<A1>",
        ),
        (
            json!({"text": "bridge 2 eth from base to op mainnet"}),
            json!({"intent": "bridge", "asset": "ETH", "amount": "2", "from_chain": "base", "to_chain": "optimism"}),
            "bridge asset=<T1> amount=<A1> from_chain=<C1> to_chain=<C2>",
        ),
        (json!({"text": "wrap 1 eth on base"}), json!({"intent": "wrap", "amount": "1", "chain": "base"}), "wrap amount=<A1> chain=<C1>"),
        (json!({"text": "unwrap all my weth"}), json!({"intent": "unwrap", "amount": "max"}), "unwrap amount=<A1>"),
        (
            json!({"text": "dai balance on base"}),
            json!({"intent": "balance", "asset": "DAI", "chain": "base"}),
            "balance asset=<T1> chain=<C1>",
        ),
        (json!({"text": "my address for usdc"}), json!({"intent": "receive", "asset": "USDC"}), "receive asset=<T1>"),
        (
            json!({"text": "usdc to bob last week"}),
            json!({"intent": "history", "asset": "USDC", "with": "Bob", "period": "last_week", "kind": "out"}),
            "history asset=<T1> with=<N1> period=<D1> kind=out",
        ),
        (
            json!({"text": "gas spend this month"}),
            json!({"intent": "spending", "of": "gas", "period": "this_month"}),
            "spending of=gas period=<D1>",
        ),
        (json!({"text": "price of eth"}), json!({"intent": "price", "asset": "ETH"}), "price asset=<T1>"),
        (json!({"text": "fees on base"}), json!({"intent": "fees", "chain": "base"}), "fees chain=<C1>"),
        (json!({"text": format!("where is {tx}")}), json!({"intent": "status", "tx": tx}), "status tx=<H1>"),
        (json!({"text": "faster"}), json!({"intent": "speed_up"}), "speed_up"),
        (json!({"text": "drop that tx"}), json!({"intent": "cancel_tx"}), "cancel_tx"),
        (
            json!({"text": "let uniswap use 40 link"}),
            json!({"intent": "approve", "asset": "LINK", "spender": "uniswap", "amount": "40"}),
            "approve asset=<T1> spender=<P1> amount=<A1>",
        ),
        (
            json!({"text": "revoke my usdc from uniswap"}),
            json!({"intent": "revoke", "asset": "USDC", "spender": "uniswap"}),
            "revoke asset=<T1> spender=<P1>",
        ),
        (
            json!({"text": format!("save {x} as Zed Smith")}),
            json!({"intent": "contact_add", "name": "Zed Smith", "address": x}),
            "contact_add name=\" zed smith \" address=<X1>",
        ),
        (json!({"text": "forget bob"}), json!({"intent": "contact_remove", "name": "Bob"}), "contact_remove name=<N1>"),
        (json!({"text": "contacts"}), json!({"intent": "contacts"}), "contacts"),
        (
            json!({"text": "never let more than 200 dollars a day leave without asking me"}),
            json!({"intent": "rule", "effect": "ask", "action": "any", "over": "$200", "per": "day"}),
            "rule effect=ask action=any over=<A1> per=day",
        ),
        (
            json!({"text": "forbid sending over 100 usdc to bob"}),
            json!({"intent": "rule", "effect": "forbid", "action": "send", "asset": "USDC", "to": "Bob", "over": "100"}),
            "rule effect=forbid action=send asset=<T1> to=<N1> over=<A1>",
        ),
        (json!({"text": "my rules"}), json!({"intent": "rules"}), "rules"),
        (
            json!({"text": "pay https://a.example/b, at most 5 cents"}),
            json!({"intent": "pay", "url": "https://a.example/b", "max": "$0.05"}),
            "pay url=<U1> max=<A1>",
        ),
        (
            json!({"text": "find an agent who edits videos"}),
            json!({"intent": "agent_find", "task": "edits videos"}),
            "agent_find task=\" edits videos \"",
        ),
        (
            json!({"text": "pay agent 12 for 3 logos, up to $20"}),
            json!({"intent": "agent_hire", "agent": "12", "task": "3 logos", "max": "$20"}),
            "agent_hire agent=<G1> task=\" <A1> logos \" max=<A2>",
        ),
        (json!({"text": "register as \"Tea Bot\""}), json!({"intent": "agent_register", "name": "Tea Bot"}), "agent_register name=<Q1>"),
        (
            json!({"text": "show Maple i have ten grand at Big Bank"}),
            json!({"intent": "prove_balance", "at_least": "10000", "bank": "Big Bank", "lender": "Maple"}),
            "prove_balance at_least=<A1> bank=\" big bank \" lender=<L1>",
        ),
        (json!({"text": "prove 5000 euros"}), json!({"intent": "prove_balance", "at_least": "5000"}), "prove_balance at_least=<A1>"),
        (
            json!({"text": "borrow 2k usdc from aspen"}),
            json!({"intent": "loan_apply", "amount": "2000", "asset": "USDC", "lender": "Aspen"}),
            "loan_apply amount=<A1> asset=<T1> lender=<L1>",
        ),
        (json!({"text": "draw 20 bucks"}), json!({"intent": "loan_draw", "amount": "$20"}), "loan_draw amount=<A1>"),
        (
            json!({"text": "repay 20 dai"}),
            json!({"intent": "loan_repay", "amount": "20", "asset": "DAI"}),
            "loan_repay amount=<A1> asset=<T1>",
        ),
        (json!({"text": "my loan?"}), json!({"intent": "loan_status"}), "loan_status"),
        (
            json!({"text": "every friday at 9 buy 25 bucks of bitcoin with usdc"}),
            json!({"intent": "schedule", "every": "friday", "at": "09:00", "do": {"intent": "swap", "from": "USDC", "to": "BTC", "amount": "25"}}),
            "schedule every=<Y1> at=<O1> do ( swap from=<T2> to=<T1> amount=<A1> )",
        ),
        (
            json!({"text": "each monday swap 10 usdc to eth and send it to bob"}),
            json!({"intent": "schedule", "every": "monday", "do": {"intent": "steps", "do": [{"intent": "swap", "from": "USDC", "to": "ETH", "amount": "10"}, {"intent": "send", "asset": "ETH", "amount": "max", "to": "Bob", "of": "previous"}]}}),
            "schedule every=<Y1> do ( swap from=<T1> to=<T2> amount=<A1> ; send asset=<T2> amount=it to=<N1> )",
        ),
        (
            json!({"text": "if eth drops under $2k buy 1"}),
            json!({"intent": "when", "asset": "ETH", "below": "2000", "do": {"intent": "swap", "to": "ETH", "amount": "1", "side": "out"}}),
            "when asset=<T1> below=<A1> do ( swap to=<T1> amount=<A2> side=out )",
        ),
        (json!({"text": "automations"}), json!({"intent": "schedules"}), "schedules"),
        (json!({"text": "stop automation 3"}), json!({"intent": "schedule_cancel", "id": "3"}), "schedule_cancel id=<I1>"),
        (json!({"text": "switch to base"}), json!({"intent": "chain_switch", "chain": "base"}), "chain_switch chain=<C1>"),
        (json!({"text": "sign 'gm to all'"}), json!({"intent": "sign_message", "text": "gm to all"}), "sign_message text=<Q1>"),
        (json!({"text": "lock"}), json!({"intent": "lock"}), "lock"),
        (json!({"text": "how do backups work"}), json!({"intent": "help", "topic": "backup"}), "help topic=backup"),
        (json!({"text": "yes", "pending": {"intent": "lock"}}), json!({"intent": "confirm"}), "confirm"),
        (json!({"text": "no"}), json!({"intent": "cancel"}), "cancel"),
        (
            json!({"text": "make it 20 bucks", "pending": {"intent": "send", "asset": "USDC", "amount": "50", "to": "Alice"}}),
            json!({"intent": "amend", "set": {"amount": "20"}}),
            "amend amount=<A1>",
        ),
        (
            json!({"text": "rather bob and on base", "pending": {"intent": "send", "asset": "USDC", "amount": "50", "to": "Alice"}}),
            json!({"intent": "amend", "set": {"to": "Bob", "chain": "base"}}),
            "amend to=<N1> chain=<C1>",
        ),
        (
            json!({"text": "usdc", "pending": {"intent": "unclear", "reason": "incomplete", "missing": ["asset"], "partial": {"intent": "send", "amount": "5", "to": "Bob"}}}),
            json!({"intent": "amend", "set": {"asset": "USDC"}}),
            "amend asset=<T1>",
        ),
        (
            json!({"text": "swap 100 usdc to eth and send half of it to bob"}),
            json!({"intent": "steps", "do": [{"intent": "swap", "from": "USDC", "to": "ETH", "amount": "100"}, {"intent": "send", "asset": "ETH", "amount": "50%", "to": "Bob", "of": "previous"}]}),
            "swap from=<T1> to=<T2> amount=<A1> ; send asset=<T2> amount=<A2> to=<N1> of=previous",
        ),
        (
            json!({"text": "wrap 2 eth then send it to bob"}),
            json!({"intent": "steps", "do": [{"intent": "wrap", "amount": "2"}, {"intent": "send", "asset": "WETH", "amount": "max", "to": "Bob", "of": "previous"}]}),
            "wrap amount=<A1> ; send asset=it amount=it to=<N1>",
        ),
        (json!({"text": "hm"}), json!({"intent": "unclear", "reason": "ambiguous"}), "unclear ambiguous"),
        (json!({"text": "stake my eth"}), json!({"intent": "unclear", "reason": "out_of_scope"}), "unclear out_of_scope"),
        (
            json!({"text": "send 5 to bob"}),
            json!({"intent": "unclear", "reason": "incomplete", "missing": ["asset"], "partial": {"intent": "send", "amount": "5", "to": "Bob"}}),
            "unclear incomplete missing=asset ( send amount=<A1> to=<N1> )",
        ),
        (
            json!({"text": "sell 25% at $4,500"}),
            json!({"intent": "unclear", "reason": "incomplete", "missing": ["asset"], "partial": {"intent": "when", "above": "4500", "do": {"intent": "swap", "amount": "25%"}}}),
            "unclear incomplete missing=asset ( when above=<A2> do ( swap amount=<A1> ) )",
        ),
    ]
}

fn message(case: &Value) -> Message {
    let mut message: Message = serde_json::from_value(case.clone()).expect("a message");
    message.contacts = ["Alice", "Bob", "Carol"].map(String::from).to_vec();
    message.lenders = ["Maple", "Aspen"].map(String::from).to_vec();
    message
}

#[test]
fn every_intent_is_written_and_read_back() {
    for (case, intent, line) in cases() {
        let grounding = ground(&message(&case));
        let intent: Intent = serde_json::from_value(intent).expect("an intent");
        assert_eq!(encode(&intent, &grounding).as_deref(), Ok(line), "{case}: {}", grounding.delexicalised());
        assert_eq!(decode(line, &grounding), Ok(intent.clone()), "{case}");
        assert_eq!(validate(&intent, &grounding), Ok(()), "{case}");
    }
}

#[test]
fn the_table_of_cases_covers_every_intent() {
    let seen: Vec<String> = cases().iter().map(|(_, i, _)| i["intent"].as_str().unwrap_or("").to_owned()).collect();
    for spec in parlance_grounding::fields::INTENTS {
        assert!(seen.iter().any(|s| s == spec.name), "{}", spec.name);
    }
}

#[test]
fn every_line_is_in_its_messages_grammar() {
    for (case, _, line) in cases() {
        let grounding = ground(&message(&case));
        let grammar = Gbnf::parse(&grammar(&grounding));
        assert!(grammar.accepts(line), "{case}: {line}");
    }
}

#[test]
fn what_is_not_in_the_message_has_no_line() {
    let grounding = ground(&message(&json!({"text": "send 5 usdc to bob"})));
    for (intent, field) in [
        (json!({"intent": "send", "asset": "USDC", "amount": "6", "to": "Bob"}), "amount"),
        (json!({"intent": "send", "asset": "ETH", "amount": "5", "to": "Bob"}), "asset"),
        (json!({"intent": "send", "asset": "USDC", "amount": "5", "to": "Alice"}), "to"),
        (json!({"intent": "send", "asset": "USDC", "amount": "5", "to": "Bob", "chain": "base"}), "chain"),
        (json!({"intent": "send", "asset": "USDC", "amount": "5", "to": "0x52908400098527886E0F7030069857D2E4169EE7"}), "to"),
    ] {
        let intent: Intent = serde_json::from_value(intent).expect("an intent");
        for error in [encode(&intent, &grounding).err(), validate(&intent, &grounding).err()] {
            assert!(
                matches!(&error, Some(parlance_grounding::GroundingError::Ungrounded { field: f, .. }) if f == field),
                "{intent:?}: {error:?}"
            );
        }
    }
}

#[test]
fn lines_outside_the_language_are_refused() {
    let grounding = ground(&message(&json!({"text": "send 5 usdc to bob on base"})));
    for line in [
        "",
        "send",
        "send asset=<T1> amount=<A1>",
        "send asset=<T1> amount=<A1> to=<N2>",
        "send asset=<A1> amount=<T1> to=<N1>",
        "send amount=<A1> asset=<T1> to=<N1>",
        "send asset=<T1> asset=<T1> amount=<A1> to=<N1>",
        "send asset=USDC amount=5 to=Bob",
        "send asset=<T1> amount=<A1> to=\" mallory \"",
        "send asset=<T1> amount=it to=<N1> of=previous",
        "send asset=it amount=<A1> to=<N1>",
        "send asset=<T1> amount=<A1> to=<N1> ; ",
        "send asset=<T1> amount=<A1> to=<N1> trailing",
        "swap amount=<A1>",
        "schedule every=<Y1> do ( lock )",
        "when asset=<T1> below=<A1>",
        "when asset=<T1> below=<A1> do ( when asset=<T1> below=<A1> do ( lock ) )",
        "unclear",
        "unclear because",
        "unclear incomplete",
        "unclear incomplete missing=everything",
        "amend",
        "transfer asset=<T1>",
    ] {
        assert!(decode(line, &grounding).is_err(), "{line}");
    }
    let long = format!("send asset=<T1> amount=<A1> to=<N1>{}", " ; lock".repeat(500));
    assert!(decode(&long, &grounding).is_err());
}
