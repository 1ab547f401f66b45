use parlance_grounding::{GroundingError, decode, grammar, ground, validate};
use proptest::prelude::*;

use crate::gbnf::Gbnf;
use crate::{message, read};

#[test]
fn only_what_the_message_can_fill() {
    let grammar = grammar(&read("hello there"));
    for absent in [
        "\nsend ::=",
        "\nswap ::=",
        "\nbridge ::=",
        "\npay ::=",
        "\nschedule ::=",
        "\nwhen ::=",
        "\namend ::=",
        "\"confirm\"",
        "<A1>",
        "<T1>",
    ] {
        assert!(!grammar.contains(absent), "{absent} in\n{grammar}");
    }
    for present in ["balance ::=", "help ::=", "unclear ::="] {
        assert!(grammar.contains(present), "{present} missing in\n{grammar}");
    }
}

#[test]
fn it_stays_short() {
    let text = "send 5 usdc, 6 dai, 7 eth and 8 uni to alice, bob, carol and 0x52908400098527886E0F7030069857D2E4169EE7 on base, arbitrum and polygon, every friday at 9, or pay https://a.example/b up to 3 dollars ".repeat(3);
    let grammar = grammar(&read(&text));
    assert!(grammar.len() < 24_000, "{}", grammar.len());
    assert!(!grammar.contains('{'), "no counted repetitions");
    assert!(Gbnf::parse(&grammar).accepts("unclear ambiguous"));
}

#[test]
fn words_that_need_escapes() {
    let grounding = read("find an agent who can \\ escape \"quoted words here please\" and | pipes");
    let grammar = Gbnf::parse(&grammar(&grounding));
    assert!(grammar.accepts("agent_find task=\" can \\ escape \""));
}

const TEXTS: &[&str] = &[
    "swap 100 usdc to eth and send half of it to bob on base",
    "every friday at 9 buy $25 of bitcoin with dai, else ask zed",
    "if eth falls under 2000 or over 4000 sell 25% of it",
    "let uniswap spend 5 usdc, save 0x52908400098527886E0F7030069857D2E4169EE7 as \"Cold store\" and pay https://a.example/b at most 5 cents",
    "prove i have 5000 euros at Big Bank to maple, borrow 2k, agent 44 for 3 haikus",
    "split 90 € between alice, bob.eth and carol",
    "给 alice 转五十 usdc，谢谢",
    "history with carol for march 2026, automation #3",
];

proptest! {
    /// Whatever the grammar lets a model write is in the decoder's language, and what comes of it is grounded.
    #[test]
    fn what_the_grammar_permits_is_read_and_grounded(seed in any::<u64>(), pick in 0..TEXTS.len(), pending in any::<bool>()) {
        let mut message = message(TEXTS[pick]);
        if pending {
            message.pending = Some(serde_json::json!({"intent": "send", "asset": "USDC", "amount": "50", "to": "Alice"}));
        }
        let grounding = ground(&message);
        let mut state = seed;
        let mut dice = |n: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap_or(0) % n
        };
        let rules = Gbnf::parse(&grammar(&grounding));
        let line = rules.sample(&mut dice);
        match decode(&line, &grounding) {
            Ok(intent) => prop_assert_eq!(validate(&intent, &grounding), Ok(()), "{}", line),
            // What a grammar can't count or compare: too many steps, both or neither of two fields, a currency.
            Err(GroundingError::Shape { .. } | GroundingError::Currency { .. } | GroundingError::Ungrounded { .. }) => {}
            Err(GroundingError::Syntax { expected, .. }) => prop_assert!(["fewer", "of only once", "a field to change", "a shorter line"].iter().any(|e| expected.contains(e)), "{}: expected {}", line, expected),
            Err(error) => prop_assert!(false, "{}: {}", line, error),
        }
    }
}
