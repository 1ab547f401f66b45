//! Invariant 8: every value in an intent is grounded in what the person typed.

use parlance_grounding::{Intent, Message, Recipients, decode, encode, ground, validate};
use proptest::prelude::*;
use serde_json::json;

use crate::message;

/// Whether a value of an accepted intent stands in the text, in the letters of the text.
fn stands_in(text: &str, value: &str) -> bool {
    text.to_lowercase().contains(&value.to_lowercase())
}

fn address() -> impl Strategy<Value = String> {
    prop::array::uniform20(any::<u8>()).prop_map(|b| alloy_primitives::Address::from(b).to_checksum(None))
}

proptest! {
    /// No address passes unless it was typed.
    #[test]
    fn no_address_is_invented(typed in address(), other in address(), amount in 1_u32..10_000) {
        prop_assume!(typed != other);
        let grounding = ground(&message(&format!("send {amount} usdc to {typed}")));
        let send = |to: &str| Intent::Send { asset: "USDC".into(), amount: amount.to_string(), to: Recipients::One(to.into()), split: false, chain: None, of: None };
        prop_assert!(validate(&send(&typed), &grounding).is_ok());
        prop_assert!(validate(&send(&other), &grounding).is_err());
        prop_assert!(validate(&send(&typed.to_lowercase()), &grounding).is_err() || typed == typed.to_lowercase());
        let many = Intent::Send { asset: "USDC".into(), amount: amount.to_string(), to: Recipients::Many(vec![typed.clone(), other.clone()]), split: false, chain: None, of: None };
        prop_assert!(validate(&many, &grounding).is_err());
        let hidden = Intent::Steps { r#do: vec![Intent::Lock {}, send(&other)] };
        prop_assert!(validate(&hidden, &grounding).is_err());
        let nested = Intent::Schedule { every: "day".into(), at: None, r#do: Box::new(send(&other)) };
        prop_assert!(validate(&nested, &grounding).is_err());
    }

    /// No amount passes unless it was typed, in any of its forms.
    #[test]
    fn no_amount_is_invented(typed in 1_u32..1_000_000, other in 1_u32..1_000_000) {
        prop_assume!(typed != other);
        let grounding = ground(&message(&format!("send {typed} usdc to bob")));
        let send = |amount: &str| Intent::Send { asset: "USDC".into(), amount: amount.into(), to: Recipients::One("Bob".into()), split: false, chain: None, of: None };
        prop_assert!(validate(&send(&typed.to_string()), &grounding).is_ok());
        for wrong in [other.to_string(), format!("{typed}0"), format!("{typed}.0"), format!("{typed}%"), "max".to_owned(), format!("-{typed}")] {
            prop_assert!(validate(&send(&wrong), &grounding).is_err(), "{}", wrong);
        }
    }

    /// Any intent made of arbitrary strings: what passes stands in the text.
    #[test]
    fn what_passes_was_typed(words in prop::collection::vec("[a-zA-Z0-9.]{1,8}", 1..10), asset in "[A-Z]{2,5}", to in "[a-zA-Z.]{1,8}", url in "https://[a-z]{1,5}\\.example/[a-z]{0,3}") {
        let text = words.join(" ");
        let grounding = ground(&message(&text));
        let pay = Intent::Pay { url: url.clone(), max: None };
        if validate(&pay, &grounding).is_ok() {
            prop_assert!(stands_in(&text, &url));
        }
        let remove = Intent::ContactRemove { name: to.clone() };
        if validate(&remove, &grounding).is_ok() {
            prop_assert!(stands_in(&text, &to), "{} in {}", to, text);
        }
        let price = Intent::Price { asset: asset.clone() };
        if validate(&price, &grounding).is_ok() {
            prop_assert!(grounding.slots.iter().any(|s| s.value == asset));
        }
    }

    /// Reading never panics, and every span is a piece of the text.
    #[test]
    fn any_text_is_read(text in "\\PC{0,120}", line in "\\PC{0,80}") {
        let grounding = ground(&Message { text: text.clone(), contacts: vec!["Bob".into(), "a b".into(), "".into(), "\u{202e}".into()], ..Message::default() });
        for slot in &grounding.slots {
            for mention in &slot.mentions {
                prop_assert!(text.get(mention.span.clone()).is_some_and(|s| !s.is_empty()), "{:?}", mention);
            }
        }
        for word in &grounding.delex {
            prop_assert!(text.get(word.span.clone()).is_some());
            prop_assert!(word.slot.is_some() || !word.text.contains(['<', '>']), "{}", word.text);
        }
        let _ = parlance_grounding::vetoes(&grounding);
        let _ = parlance_grounding::grammar(&grounding);
        if let Ok(intent) = decode(&line, &grounding) {
            prop_assert!(validate(&intent, &grounding).is_ok());
        }
    }

    /// The same for texts made of what recognisers look for.
    #[test]
    fn any_salad_of_words_is_read(words in prop::collection::vec(prop::sample::select(SALAD.to_vec()), 0..14)) {
        let text = words.join(" ");
        let grounding = ground(&message(&text));
        let _ = parlance_grounding::vetoes(&grounding);
        for slot in &grounding.slots {
            prop_assert!(!slot.mentions.is_empty());
        }
        let line = "send asset=<T1> amount=<A1> to=<N1>";
        if let Ok(intent) = decode(line, &grounding) {
            prop_assert!(validate(&intent, &grounding).is_ok());
            prop_assert!(encode(&intent, &grounding).is_ok());
        }
    }
}

const SALAD: &[&str] = &[
    "half", "a", "an", "of", "my", "eth", "$", "5", "%", "k", "and", "one", "hundred", "thousand", "mil", "quatre", "vingt", "dix",
    "point", "every", "month", "on", "the", "1st", "5th", "at", "9", ":", "30", "pm", "last", "7", "days", "march", "2026", "-", "03", "/",
    "0x", "0x12", "bob", "alice's", "\"", "'", "all", "max", "每", "周", "五", "百", "万", "一", "半", "und", "hundert", "fünf", "usdc",
    "to", "base", "from", "ethereum", "<A1>", "@x", "agent", "#", "44", "gwei", "1e9", "1.000,5", "e18", "½", "last", "two", "thirds",
    "quarter", "grand", "bucks", "til", "daily", "monthly", "har", "mahine",
];

#[test]
fn values_of_the_pending_intent_are_given() {
    let mut message = message("same again but to bob");
    message.pending = Some(json!({"intent": "send", "asset": "USDC", "amount": "50", "to": "Alice"}));
    let grounding = ground(&message);
    let again =
        Intent::Send { asset: "USDC".into(), amount: "50".into(), to: Recipients::One("Bob".into()), split: false, chain: None, of: None };
    assert_eq!(validate(&again, &grounding), Ok(()));
    let more =
        Intent::Send { asset: "USDC".into(), amount: "51".into(), to: Recipients::One("Bob".into()), split: false, chain: None, of: None };
    assert!(validate(&more, &grounding).is_err());
    // A pending value counts for its own field only.
    let crossed =
        Intent::Send { asset: "USDC".into(), amount: "50".into(), to: Recipients::One("USDC".into()), split: false, chain: None, of: None };
    assert!(validate(&crossed, &grounding).is_err());
}

#[test]
fn referents_are_given_where_the_message_refers() {
    let mut message = message("send 5 usdc to him too");
    message.referents = vec![parlance_grounding::Referent { field: "to".into(), value: "Dave".into() }];
    let grounding = ground(&message);
    assert!(grounding.prompt().starts_with("[last <N1>] "), "{}", grounding.prompt());
    let send =
        Intent::Send { asset: "USDC".into(), amount: "5".into(), to: Recipients::One("Dave".into()), split: false, chain: None, of: None };
    assert_eq!(validate(&send, &grounding), Ok(()));
    message.text = "send 5 usdc to bob".to_owned();
    assert!(validate(&send, &ground(&message)).is_err());
}

#[test]
fn only_a_message_that_points_back_gets_what_was_said_before() {
    let offered = |text: &str, pending: Option<serde_json::Value>| {
        let referents = vec![
            parlance_grounding::Referent { field: "to".into(), value: "Bob".into() },
            parlance_grounding::Referent { field: "asset".into(), value: "USDC".into() },
        ];
        parlance_grounding::ground(&parlance_grounding::Message {
            text: text.into(),
            contacts: vec!["Bob".into()],
            referents,
            pending,
            ..parlance_grounding::Message::default()
        })
        .slots
        .iter()
        .any(|s| s.value == "Bob" || s.value == "USDC")
    };
    assert!(offered("send him 5 dai", None));
    assert!(offered("the same again", None));
    for text in ["never let more than $200 a day leave", "send 5 dai to hermione", "what did i spend last week", "this one costs too much"]
    {
        assert!(!offered(text, None), "{text}");
    }
    let pending = serde_json::json!({"intent": "send", "asset": "DAI", "amount": "5", "to": "Alice"});
    assert!(!offered("make it 2 instead", Some(pending)));
}
