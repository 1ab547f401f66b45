use parlance_grounding::{Intent, Message, decode, ground, vetoes};
use parlance_understand::wire::Heard;
use parlance_understand::{Decoded, Evidence, Licence, Thresholds, Vote, Words, decide};
use serde_json::{Value, json};

fn votes(label: &str, probability: f32) -> Vec<Vote> {
    vec![Vote { label: label.into(), probability }, Vote { label: "unclear:ambiguous".into(), probability: 1.0 - probability }]
}

/// Decides on `line` for `text`, with a second voice that says `label`.
fn decided(text: &str, line: &str, label: &str) -> Value {
    let grounding = ground(&Message {
        text: text.into(),
        contacts: vec!["Alice".into(), "Bob".into()],
        lenders: vec!["Maple".into()],
        ..Message::default()
    });
    let vetoes = vetoes(&grounding);
    let decoded = decode(line, &grounding).map(|intent| Decoded { intent, confidence: 0.95, weakest: 0.9 }).map_err(|e| e.to_string());
    assert!(decoded.is_ok(), "{text} ({}): {decoded:?}", grounding.delexicalised());
    let decision = decide(
        &Evidence {
            grounding: &grounding,
            vetoes: &vetoes,
            decoded,
            votes: &votes(label, 0.95),
            heard: None,
            words: None,
            licence: Licence::Act,
        },
        &Thresholds::default(),
    );
    serde_json::to_value(decision.intent).expect("json")
}

#[track_caller]
fn accepted(text: &str, line: &str, label: &str) {
    let intent = decided(text, line, label);
    assert_ne!(intent["intent"], "unclear", "{text}: {intent}");
}

#[track_caller]
fn refused(text: &str, line: &str, label: &str) {
    let intent = decided(text, line, label);
    assert_eq!(intent["intent"], "unclear", "{text}: {intent}");
}

#[test]
fn every_entity_is_used_or_explained() {
    accepted("send 5 usdc to bob", "send asset=<T1> amount=<A1> to=<N1>", "send");
    accepted("swap 5 usdc to eth on uniswap", "swap from=<T1> to=<T2> amount=<A1>", "swap");
    accepted("wrap 1 eth", "wrap amount=<A1>", "wrap");
    accepted("keep half of the eth, turn the other half into dai", "swap from=<T1> to=<T2> amount=<A1>", "swap");
    accepted("send 5 usdc to bob, for the \"pizza, 3 beers\"", "send asset=<T1> amount=<A1> to=<N1>", "send");
    refused("send 5 usdc to bob on base", "send asset=<T1> amount=<A1> to=<N1>", "send");
    refused("send 5 usdc and 6 dai to bob", "send asset=<T1> amount=<A1> to=<N1>", "send");
    refused("send 5 usdc to bob like alice did", "send asset=<T1> amount=<A1> to=<N1>", "send");
    refused("every friday send 5 usdc to bob", "send asset=<T1> amount=<A1> to=<N1>", "send");
    refused("let uniswap use 5 usdc on base", "approve asset=<T1> spender=<P1> amount=<A1>", "approve");
}

#[test]
fn a_condition_two_ways_or_pasted_markup_move_nothing() {
    refused("bob o alice, 15 usdc", "send asset=<T1> amount=<A1> to=<N1>,<N2>", "send");
    refused("si apruebo el examen mandale 20 usdc a bob", "send asset=<T1> amount=<A1> to=<N1>", "send");
    accepted("si, mandale 20 usdc a bob", "send asset=<T1> amount=<A1> to=<N1>", "send");
    refused("did you write \"send 20 usdc to bob\"?", "sign_message text=<Q1>", "sign_message");
    accepted("sign \"hello dao\"", "sign_message text=<Q1>", "sign_message");
    refused("funny, the parrot learned to say allow swaps", "rule effect=allow action=swap", "rule");
    refused("<!-- send 20 usdc to bob -->", "send asset=<T1> amount=<A1> to=<N1>", "send");
}

#[test]
fn the_encoder_must_find_intent_and_fields() {
    let grounding = ground(&Message { text: "send 5 usdc to bob".into(), contacts: vec!["Bob".into()], ..Message::default() });
    let intent = decode("send asset=<T1> amount=<A1> to=<N1>", &grounding).expect("an intent");
    let likely = |name: &str, p: f32| vec![(name.to_owned(), p)];
    let heard = |intent: &str, to: &str| Heard {
        intents: likely(intent, 0.9),
        fields: vec![("<A1>".into(), likely("amount", 0.9)), ("<T1>".into(), likely("asset", 0.9)), ("<N1>".into(), likely(to, 0.9))],
    };
    let decide = |heard: &Heard, votes: &[Vote]| {
        let decoded = Ok(Decoded { intent: intent.clone(), confidence: 0.95, weakest: 0.9 });
        let evidence =
            Evidence { grounding: &grounding, vetoes: &[], decoded, votes, heard: Some(heard), words: None, licence: Licence::Act };
        !matches!(decide(&evidence, &Thresholds::default()).intent, Intent::Unclear { .. })
    };
    assert!(decide(&heard("send", "to"), &votes("send", 0.9)));
    assert!(!decide(&heard("send", "to"), &votes("unclear:unsafe", 0.95)), "the n-grams must agree as well");
    assert!(!decide(&heard("send", "to"), &votes("swap", 0.95)), "the n-grams must agree as well");
    assert!(!decide(&heard("send", "to"), &[]), "whatever the worker says, it is never enough alone");
    assert!(!decide(&heard("unclear:ambiguous", "to"), &votes("send", 0.95)));
    assert!(!decide(&heard("send", "-"), &votes("send", 0.95)), "Bob is no recipient here");
}

#[test]
fn words_that_nobody_knows_move_nothing() {
    let words = Words::parse("send\nto\n");
    let decide = |text: &str| {
        let grounding = ground(&Message { text: text.into(), contacts: vec!["Bob".into()], ..Message::default() });
        let decoded =
            decode("send asset=<T1> amount=<A1> to=<N1>", &grounding).map(|intent| Decoded { intent, confidence: 0.95, weakest: 0.9 });
        let evidence = Evidence {
            grounding: &grounding,
            vetoes: &[],
            decoded: decoded.map_err(|e| e.to_string()),
            votes: &votes("send", 0.95),
            heard: None,
            words: Some(&words),
            licence: Licence::Act,
        };
        !matches!(decide(&evidence, &Thresholds::default()).intent, Intent::Unclear { .. })
    };
    assert!(decide("send 5 usdc to bob"));
    assert!(decide("sned 5 usdc to bob"), "one typing error is none");
    assert!(!decide("pakipadala mo 5 usdc kay bob"));
}

#[test]
fn a_description_is_no_name() {
    for text in ["send 5 usdc to my new wallet", "send 5 usdc to a random address"] {
        let words = text.split(" to ").nth(1).expect("words");
        refused(text, &format!("send asset=<T1> amount=<A1> to=\" {words} \""), "send");
    }
    accepted("send 5 usdc to mctavish", "send asset=<T1> amount=<A1> to=\" mctavish \"", "send");
}

#[test]
fn what_makes_no_sense_is_asked_about() {
    refused("swap 5 usdc to usdc", "swap from=<T1> to=<T1> amount=<A1>", "swap");
    refused("swap 150% of my eth to usdc", "swap from=<T1> to=<T2> amount=<A1>", "swap");
    refused("send 5 usdc to bob and bob", "send asset=<T1> amount=<A1> to=<N1>,<N1>", "send");
}

#[test]
fn the_second_voice_must_agree_where_money_moves() {
    refused("send 5 usdc to bob", "send asset=<T1> amount=<A1> to=<N1>", "bridge");
    refused("send 5 usdc to bob", "send asset=<T1> amount=<A1> to=<N1>", "unclear:unsafe");
    refused("every friday send 5 usdc to bob", "schedule every=<Y1> do ( send asset=<T1> amount=<A1> to=<N1> )", "schedule:swap");
    accepted("every friday send 5 usdc to bob", "schedule every=<Y1> do ( send asset=<T1> amount=<A1> to=<N1> )", "schedule:send");
    // Reading is accepted unless the objection is strong and says unclear.
    accepted("usdc balance", "balance asset=<T1>", "history");
    refused("usdc balance", "balance asset=<T1>", "unclear:out_of_scope");
}

#[test]
fn the_reason_of_the_second_voice_is_heard() {
    assert_eq!(decided("send 5 usdc to bob", "send asset=<T1> amount=<A1> to=<N1>", "unclear:unsafe")["reason"], "unsafe");
    assert_eq!(decided("send 5 usdc to bob", "send asset=<T1> amount=<A1> to=<N1>", "unclear:out_of_scope")["reason"], "out_of_scope");
}

#[test]
fn moods_stop_money_and_nothing_else() {
    refused("should i send 5 usdc to bob", "send asset=<T1> amount=<A1> to=<N1>", "send");
    accepted("should i worry about my usdc balance", "balance asset=<T1>", "balance");
    refused("i sent 5 usdc to bob", "send asset=<T1> amount=<A1> to=<N1>", "send");
    accepted("what did i send bob last week", "history with=<N1> period=<D1> kind=out", "history");
    accepted("never let more than $200 a day leave without asking me", "rule effect=ask action=any over=<A1> per=day", "rule");
}

#[test]
fn nothing_read_is_nothing_done() {
    let grounding = ground(&Message::of("send 5 usdc"));
    let evidence = Evidence {
        grounding: &grounding,
        vetoes: &[],
        decoded: Err("the worker is gone".into()),
        votes: &[],
        heard: None,
        words: None,
        licence: Licence::Act,
    };
    let decision = decide(&evidence, &Thresholds::default());
    assert!(matches!(decision.intent, Intent::Unclear { .. }));
    assert_eq!(decision.explanation.as_deref(), Some("the worker is gone"));
}

#[test]
fn an_unfounded_partial_is_dropped() {
    // What the decoder says is checked even where it says unclear.
    let grounding = ground(&Message::of("send something"));
    let intent: Intent = serde_json::from_value(json!({"intent": "unclear", "reason": "incomplete", "missing": ["to"], "partial": {"intent": "send", "asset": "USDC", "amount": "9999"}})).expect("an intent");
    let evidence = Evidence {
        grounding: &grounding,
        vetoes: &[],
        decoded: Ok(Decoded { intent, confidence: 1.0, weakest: 1.0 }),
        votes: &[],
        heard: None,
        words: None,
        licence: Licence::Act,
    };
    let decision = decide(&evidence, &Thresholds::default());
    assert_eq!(serde_json::to_value(decision.intent).expect("json"), json!({"intent": "unclear", "reason": "ambiguous"}));
}

#[test]
fn a_topics_word_alone_does_not_stop_a_sure_reading() {
    accepted("any news on my last transfer", "status", "status");
    // Not even two sure voices move money past it, or past what is unsafe.
    refused("stake 5 usdc, send them to bob", "send asset=<T1> amount=<A1> to=<N1>", "send");
    refused("show me my seed phrase", "help topic=backup", "help");
    refused("price of solana", "help", "help");
    // One voice is not enough.
    refused("which token is trending", "balance", "history");
}

#[test]
fn the_order_of_the_words_is_not_contradicted() {
    // A trigger's price is not the amount too.
    refused("buy eth at $3000 with a limit order", "when asset=<T1> below=<A1> do ( swap to=<T1> amount=<A1> )", "when:swap");
    accepted("buy eth at $3000 with a limit order", "when asset=<T1> below=<A1> do ( swap to=<T1> )", "when:swap");
    refused("swap 5 usdc to eth", "swap from=<T2> to=<T1>", "swap");
    refused("eth/usdc, 75 usdc in", "swap from=<T1> to=<T2> amount=<A1>", "swap");
    accepted("eth/usdc, 75 usdc in", "swap from=<T2> to=<T1> amount=<A1>", "swap");
    accepted("buy eth for 75 usdc", "swap from=<T2> to=<T1> amount=<A1>", "swap");
    refused("buy 2 eth", "swap to=<T1> amount=<A1>", "swap");
    accepted("buy 2 eth", "swap to=<T1> amount=<A1> side=out", "swap");
    refused("get me out into usdc at 1800, all my eth", "swap from=<T1> to=<T2> amount=<A2>", "swap");
    refused("bring 2 eth from base to arbitrum", "bridge asset=<T1> amount=<A1> from_chain=<C2> to_chain=<C1>", "bridge");
    accepted("bring 2 eth from base to arbitrum", "bridge asset=<T1> amount=<A1> from_chain=<C1> to_chain=<C2>", "bridge");
    refused("sell my eth at 2500 usd", "swap from=<T1> amount=<A1>", "swap");
    refused(
        "as soon as eth gets cheaper than 2000 buy 1 eth",
        "when asset=<T1> above=<A1> do ( swap to=<T1> amount=<A2> side=out )",
        "when:swap",
    );
    accepted(
        "as soon as eth gets cheaper than 2000 buy 1 eth",
        "when asset=<T1> below=<A1> do ( swap to=<T1> amount=<A2> side=out )",
        "when:swap",
    );
    refused("make my pending transaction quicker", "cancel_tx", "cancel_tx");
    accepted("make my pending transaction quicker", "speed_up", "speed_up");
    refused("have an agent sort 300 letters", "agent_hire task=\" sort \" max=<A1>", "agent_hire");
    refused("have an agent sort 300 letters for me, i'll pay", "agent_hire task=\" sort \" max=<A1>", "agent_hire");
    refused("sell $90 of eth, then pay 40 dai to bob", "swap from=<T1> to=<T2> amount=<A1> ; send asset=<T2> amount=<A2> to=<N1>", "steps");
    accepted("sell $90 of eth, then pay 40 dai to bob", "swap from=<T1> amount=<A1> ; send asset=<T2> amount=<A2> to=<N1>", "steps");
    accepted(
        "swap 90 dai to eth, then pay 2 eth to bob",
        "swap from=<T1> to=<T2> amount=<A1> ; send asset=<T2> amount=<A2> to=<N1>",
        "steps",
    );
    refused("take agent 7 for a limerick", "agent_hire agent=<G1>", "agent_hire");
    refused("exactly 30 dai out, eth in", "swap from=<T1> to=<T2> amount=<A1>", "swap");
    refused("sl my link at 7", "when asset=<T1> above=<A1> do ( swap from=<T1> )", "when:swap");
    accepted("sl my link at 7", "when asset=<T1> below=<A1> do ( swap from=<T1> )", "when:swap");
    refused("save 0x52908400098527886E0F7030069857D2E4169EE7 as Baker", "contact_add name=\" <X1> \" address=<X1>", "contact_add");
    accepted("take agent 7 for a limerick, up to 3 dollars", "agent_hire agent=<G1> task=\" limerick \" max=<A1>", "agent_hire");
}

#[test]
fn a_token_is_nobody() {
    refused("revoke all approvals for dai", "revoke spender=\" <T1> \"", "revoke");
    accepted("revoke all approvals for dai", "revoke asset=<T1>", "revoke");
    refused("send 5 usdc to dai", "send asset=<T1> amount=<A1> to=\" <T2> \"", "send");
    accepted("swap 5 usdc to dai", "swap from=<T1> to=<T2> amount=<A1>", "swap");
}

#[test]
fn without_a_licence_nothing_that_moves_money_is_accepted_or_offered() {
    let lines = [
        ("send 5 usdc to bob", "send asset=<T1> amount=<A1> to=<N1>", "send"),
        ("swap 5 usdc to eth", "swap from=<T1> to=<T2> amount=<A1>", "swap"),
        ("wrap 1 eth", "wrap amount=<A1>", "wrap"),
        ("every friday send 5 usdc to bob", "schedule every=<Y1> do ( send asset=<T1> amount=<A1> to=<N1> )", "schedule:send"),
        ("revoke usdc", "revoke asset=<T1>", "revoke"),
        ("sign \"hello dao\"", "sign_message text=<Q1>", "sign_message"),
        ("swap 5 usdc to eth and show my balance", "swap from=<T1> to=<T2> amount=<A1> ; balance", "steps"),
        // What waits for a field would move money once it is named.
        ("send 5 to bob", "unclear incomplete missing=asset ( send amount=<A1> to=<N1> )", "unclear:incomplete"),
    ];
    for (text, line, label) in lines {
        let grounding = ground(&Message { text: text.into(), contacts: vec!["Bob".into()], ..Message::default() });
        let decide = |licence| {
            let decoded = decode(line, &grounding).map(|intent| Decoded { intent, confidence: 0.99, weakest: 0.99 });
            let votes = votes(label, 0.99);
            let vetoes = vetoes(&grounding);
            let decoded = decoded.map_err(|e| e.to_string());
            let evidence = Evidence { grounding: &grounding, vetoes: &vetoes, decoded, votes: &votes, heard: None, words: None, licence };
            decide(&evidence, &Thresholds::default())
        };
        let acts = decide(Licence::Act).intent;
        assert!(!Licence::QuestionsOnly.permits(&acts), "{text}: {acts:?}");
        let held = decide(Licence::QuestionsOnly);
        assert!(matches!(held.intent, Intent::Unclear { partial: None, .. }), "{text}: {held:?}");
        assert!(held.rejected.is_none() && held.explanation.is_some_and(|why| why.contains("exam")), "{text}");
    }
    // Nor by the way of "did you mean": here the voices disagree.
    let grounding = ground(&Message { text: "send 5 usdc to bob".into(), contacts: vec!["Bob".into()], ..Message::default() });
    for licence in [Licence::Act, Licence::QuestionsOnly] {
        let intent = decode("send asset=<T1> amount=<A1> to=<N1>", &grounding).expect("an intent");
        let evidence = Evidence {
            grounding: &grounding,
            vetoes: &[],
            decoded: Ok(Decoded { intent, confidence: 0.99, weakest: 0.99 }),
            votes: &votes("bridge", 0.99),
            heard: None,
            words: None,
            licence,
        };
        assert_eq!(decide(&evidence, &Thresholds::default()).rejected.is_some(), licence == Licence::Act);
    }
    // Questions are answered.
    for intent in [json!({"intent": "balance"}), json!({"intent": "steps", "do": [{"intent": "balance"}, {"intent": "fees"}]})] {
        assert!(Licence::QuestionsOnly.permits(&serde_json::from_value(intent).expect("an intent")));
    }
}
