//! Rules made from forms: always valid, always linted, and they do what their sentence says.

use alloy_primitives::Address;
use parlance_policy::propose::{FormAction, FormAsset, FormEffect, FormOver, FormPer, FormTo, RuleForm, add};
use parlance_policy::{Outcome, PolicyError, RuleSet, Units, Usd};
use proptest::prelude::*;

use crate::support::decided;

fn form(effect: &str, action: &str, asset: Option<&str>, to: Option<&str>, over: Option<&str>, per: Option<&str>) -> RuleForm {
    RuleForm::from_words(effect, action, asset, to, over, per, |symbol| symbol == "USDC").unwrap()
}

fn with(form: &RuleForm) -> (RuleSet, String) {
    let proposal = form.propose().unwrap();
    (RuleSet::with_pack("cautious", &proposal.source).unwrap(), proposal.sentence)
}

#[test]
fn never_more_than_200_dollars_a_day_without_asking() {
    let (rules, sentence) = with(&form("ask", "any", None, None, Some("$10"), Some("day")));
    assert_eq!(sentence, "Never without asking: everything that moves or grants something, when more than $10 leaves in a day.");
    let small = "do = { action = \"send\", amount = \"5\", to = \"alice\" }";
    assert_eq!(decided(&rules, small).outcome, Outcome::Allow);
    let explained = decided(&rules, &format!("before = {{ spent = {{ day = \"6\" }} }}\n{small}"));
    assert_eq!(explained.outcome, Outcome::Click);
    assert_eq!(explained.why, ["a click is needed: $10 a day, already $6, this adds $5.06"]);
    assert_eq!(explained.rules[0].id, "ask-any-usd10000000-day");
}

#[test]
fn forbids_refuse_and_what_can_not_be_priced_does_not_escape() {
    let (rules, sentence) = with(&form("forbid", "any", None, None, Some("$200"), Some("day")));
    assert!(sentence.starts_with("Never: everything"), "{sentence}");
    assert_eq!(decided(&rules, "do = { action = \"send\", amount = \"199\", to = \"alice\" }").outcome, Outcome::Click);
    assert_eq!(decided(&rules, "do = { action = \"send\", amount = \"200\", to = \"alice\" }").outcome, Outcome::Refused);
    for unpriced in [
        "do = { action = \"send\", asset = \"PEPE\", amount = \"1\", to = \"alice\" }",
        "do = { action = \"approve\", amount = \"unlimited\", to = \"router\" }",
        "prices = { ETH = \"none\" }\ndo = { action = \"send\", amount = \"1\", to = \"alice\" }",
    ] {
        assert_eq!(decided(&rules, unpriced).outcome, Outcome::Refused, "{unpriced}");
    }
    assert_eq!(decided(&rules, "do = { action = \"revoke\", to = \"router\" }").outcome, Outcome::Allow);
}

#[test]
fn an_allowance_for_a_contact() {
    let (rules, sentence) = with(&form("allow", "send", Some("USDC"), Some("carol"), Some("$60"), Some("week")));
    assert_eq!(
        sentence,
        "Allowed without asking: transfers of USDC, when the recipient is your contact carol, at most $60 goes to this \
         recipient in a week and at most $60 goes without asking in a day."
    );
    let pay =
        |to: &str, rest: &str| decided(&rules, &format!("{rest}\ndo = {{ action = \"send\", amount = \"45\", to = \"{to}\" }}")).outcome;
    assert_eq!(pay("carol", ""), Outcome::Allow);
    assert_eq!(pay("alice", ""), Outcome::Click);
    assert_eq!(pay("carol", "before = { recipient_spent = { week = \"20\" } }"), Outcome::Click);
    assert_eq!(pay("carol", "before = { without_asking = { day = \"20\" } }"), Outcome::Click);
}

#[test]
fn forms_about_swaps_approvals_payments_and_addresses() {
    let (rules, _) = with(&form("forbid", "swap", Some("PEPE"), None, None, None));
    let buy = "do = { action = \"swap\", amount = \"10\", buy = \"PEPE\", least = \"1\" }";
    assert_eq!(decided(&rules, buy).outcome, Outcome::Refused, "neither side may be PEPE");

    let (rules, sentence) = with(&form("forbid", "swap", None, None, Some("$500"), Some("tx")));
    assert!(sentence.contains("more than $500 moves at once"), "{sentence}");
    let swap = |eth: &str, least: &str| {
        let case = format!("do = {{ action = \"swap\", asset = \"ETH\", amount = \"{eth}\", buy = \"USDC\", least = \"{least}\" }}");
        decided(&rules, &case).outcome
    };
    assert_eq!(swap("0.1", "299"), Outcome::Click);
    assert_eq!(swap("0.2", "599"), Outcome::Refused);

    let (rules, _) = with(&form("forbid", "swap", None, None, Some("$500"), Some("day")));
    let swapped = "before = { swapped = { day = \"400\" } }\ndo = { action = \"swap\", asset = \"ETH\", amount = \"0.1\", buy = \"USDC\", least = \"299\" }";
    assert_eq!(decided(&rules, swapped).outcome, Outcome::Refused);

    let (rules, _) = with(&form("forbid", "approve", None, None, None, None));
    assert_eq!(decided(&rules, "do = { action = \"permit\", amount = \"1\", to = \"router\", lasts = \"1h\" }").outcome, Outcome::Refused);

    let (rules, _) = with(&form("allow", "x402", None, None, Some("$0.05"), Some("tx")));
    let pay = |amount: &str| {
        decided(&rules, &format!("do = {{ action = \"pay_by_signature\", amount = \"{amount}\", to = \"stranger\", lasts = \"5m\" }}"))
            .outcome
    };
    assert_eq!((pay("0.05"), pay("0.06")), (Outcome::Allow, Outcome::Click));

    let alice = alloy_primitives::keccak256("alice");
    let address = Address::from_word(alice).to_string();
    let (rules, sentence) = with(&form("forbid", "send", None, Some(&address), None, None));
    assert!(sentence.contains(&address), "{sentence}");
    assert_eq!(decided(&rules, "do = { action = \"send\", amount = \"1\", to = \"alice\" }").outcome, Outcome::Refused);
    assert_eq!(decided(&rules, "do = { action = \"send\", amount = \"1\", to = \"carol\" }").outcome, Outcome::Click);
}

#[test]
fn units_of_a_token() {
    let (rules, sentence) = with(&form("forbid", "send", Some("ETH"), None, Some("0.5"), Some("day")));
    assert!(sentence.contains("more than 0.5 of this asset leaves in a day"), "{sentence}");
    let send =
        |rest: &str| decided(&rules, &format!("{rest}\ndo = {{ action = \"send\", asset = \"ETH\", amount = \"0.1\", to = \"alice\" }}"));
    assert_eq!(send("").outcome, Outcome::Click);
    let explained = send("before = { asset_units = { day = \"0.45\" } }");
    assert_eq!(explained.outcome, Outcome::Refused);
    assert_eq!(explained.why, ["refused: 0.5 ETH a day, already 0.45, this adds 0.10002"]);
    let (rules, _) = with(&form("forbid", "send", Some("ETH"), None, Some("0.15"), Some("tx")));
    let batch = "do = { action = \"send\", asset = \"ETH\", amount = \"0.1\", to = \"alice\" }\nalso = [{ action = \"send\", asset = \"ETH\", amount = \"0.1\", to = \"alice\" }]";
    assert_eq!(decided(&rules, batch).outcome, Outcome::Refused, "two halves in one signature are one");
}

#[test]
fn forms_without_a_limit_that_they_need_are_refused() {
    let fails = |form: RuleForm, part: &str| match form.propose() {
        Err(PolicyError::Form(message)) => assert!(message.contains(part), "{message}"),
        other => panic!("{other:?}"),
    };
    fails(form("allow", "send", None, Some("alice"), None, None), "needs a limit");
    fails(form("forbid", "send", None, None, Some("5"), Some("day")), "of which token");
    fails(form("allow", "send", Some("ETH"), None, Some("5"), Some("day")), "in dollars");
    let wrong = |effect: &str, action: &str, over: &str, per: &str| {
        RuleForm::from_words(effect, action, None, None, Some(over), Some(per), |_| false).is_err()
    };
    assert!(wrong("maybe", "send", "$1", "day") && wrong("ask", "steal", "$1", "day"));
    assert!(wrong("ask", "send", "$-1", "day") && wrong("ask", "send", "$1.0000001", "day"));
    assert!(wrong("ask", "send", "$", "day") && wrong("ask", "send", "$1", "decade"));
    assert!(wrong("ask", "send", "$99999999999999999999", "day"));
}

#[test]
fn proposals_are_added_once() {
    let proposal = form("ask", "any", None, None, Some("$200"), Some("day")).propose().unwrap();
    let once = add("", &proposal);
    assert_eq!(add(&once, &proposal), once);
    let other = form("forbid", "any", None, Some("Bob"), None, None).propose().unwrap();
    let both = add(&once, &other);
    assert_eq!(RuleSet::load("", &both).unwrap().sentences().len(), 2);
}

fn forms() -> impl Strategy<Value = RuleForm> {
    let effect = prop_oneof![Just(FormEffect::Allow), Just(FormEffect::Ask), Just(FormEffect::Forbid)];
    let action = prop_oneof![
        Just(FormAction::Send),
        Just(FormAction::Swap),
        Just(FormAction::Approve),
        Just(FormAction::X402),
        Just(FormAction::Borrow),
        Just(FormAction::Any)
    ];
    let asset =
        prop::option::of(("[A-Za-z0-9.]{1,12}|\\PC{1,8}", any::<bool>()).prop_map(|(symbol, usd_stable)| FormAsset { symbol, usd_stable }));
    let to = prop::option::of(prop_oneof![
        any::<[u8; 20]>().prop_map(|bytes| FormTo::Address(Address::from(bytes))),
        any::<String>().prop_map(FormTo::Contact),
        "[A-Za-z ]{1,80}".prop_map(FormTo::Contact),
    ]);
    let over = prop::option::of((any::<bool>(), 0_u64..=parlance_policy::units::MOST).prop_map(|(dollars, micro)| {
        if dollars { FormOver::Usd(Usd::from_micro(micro).unwrap()) } else { FormOver::Units(Units::from_micro(micro).unwrap()) }
    }));
    let per = prop_oneof![Just(FormPer::Tx), Just(FormPer::Hour), Just(FormPer::Day), Just(FormPer::Week), Just(FormPer::Month)];
    (effect, action, asset, to, over, per).prop_map(|(effect, action, asset, to, over, per)| RuleForm {
        effect,
        action,
        asset,
        to,
        over,
        per,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if std::env::var_os("PARLANCE_SOAK").is_some() { 20_000 } else { 200 }, ..ProptestConfig::default() })]

    /// Whatever is in a form, its text passes reader, validator and linter without a warning, or there is a reason why
    /// there is none; its sentence has no code in it.
    #[test]
    fn every_form_makes_a_rule_or_a_reason(form in forms()) {
        match form.propose() {
            Ok(proposal) => {
                let rules = RuleSet::with_pack("cautious", &proposal.source).map_err(|e| TestCaseError::fail(e.to_string()))?;
                // Cedar warns of every name that is not plain ASCII, without help; the linter's warnings all have some.
                prop_assert!(rules.warnings().iter().all(|warning| warning.help.is_none()), "{:?}", rules.warnings());
                prop_assert!(!proposal.sentence.contains("context."), "{}", proposal.sentence);
                prop_assert!(proposal.id.len() <= 64);
                let pretty = parlance_policy::format(&proposal.source).unwrap();
                prop_assert_eq!(&RuleSet::check("pretty", &pretty).unwrap().sentences()[0].sentence, &proposal.sentence);
            }
            Err(PolicyError::Form(reason)) => prop_assert!(!reason.is_empty()),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}
