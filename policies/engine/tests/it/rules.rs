//! What the reader, the validator and the linter take, and what they say otherwise.

use parlance_policy::{Finding, Outcome, PACKS, PolicyError, RuleSet, Severity, format};
use proptest::prelude::*;

use crate::support::{cautious, decided, facts};

fn error(source: &str) -> Finding {
    let error = RuleSet::check("rules.cedar", source).expect_err(source);
    assert!(!error.remedy().is_empty());
    error.findings().first().unwrap_or_else(|| panic!("no finding in {error}")).clone()
}

fn permit(id: &str, when: &str) -> String {
    format!("@id(\"{id}\")\npermit (principal, action == Action::\"send\", resource)\nwhen {{ {when} }};\n")
}

const CAPPED: &str = "context.approval >= 1 && context.without_password.day <= 500000000";

#[test]
fn syntax_errors_have_a_place() {
    let finding = error("@id(\"a\")\npermit (principal, action, resource)\nwhen { context.approval >=  };\n");
    assert_eq!((finding.line, finding.severity), (Some(3), Severity::Error));
    assert!(finding.to_string().starts_with("rules.cedar:3:"), "{finding}");
}

#[test]
fn unknown_names_are_pointed_out() {
    let finding = error(&permit("a", &format!("{CAPPED} && context.spend.day <= 5")));
    assert_eq!((finding.line, finding.rule.as_deref()), (Some(3), Some("a")));
    let text = finding.to_string();
    assert!(text.contains("spend") && text.contains("did you mean `spent`"), "{text}");
    assert!(!text.contains("policy0"), "a number that nobody wrote: {text}");

    let finding = error("@id(\"a\") forbid (principal, action == Action::\"sent\", resource);");
    assert!(finding.to_string().contains("did you mean `Action::\"send\"`"), "{finding}");

    let finding = error(&permit("a", &format!("{CAPPED} && context.usd <= \"5\"")));
    assert!(finding.to_string().contains("Long"), "{finding}");

    let finding = error(&permit("a", &format!("{CAPPED} && context.recipient.known")));
    assert!(finding.to_string().contains("recipient"), "an optional fact without `has`: {finding}");
}

#[test]
fn rules_have_names_of_their_own() {
    let rule = |id: &str| format!("@id(\"{id}\") forbid (principal, action == Action::\"call\", resource);\n");
    assert!(error("forbid (principal, action == Action::\"call\", resource);").message.contains("without a name"));
    for wrong in ["", "Capital", "two words", "signer", &"x".repeat(65)] {
        let finding = error(&rule(wrong));
        assert!(finding.message.contains("name"), "{wrong}: {finding}");
    }
    assert!(error(&(rule("a") + &rule("a"))).message.contains("twice"));
    let clash = RuleSet::with_pack("cautious", &rule("upkeep")).expect_err("a name of the pack");
    assert!(clash.to_string().contains("twice"), "{clash}");
    assert!(error("@id(\"a\") @sais(\"x\") forbid (principal, action, resource);").message.contains("@sais"));
    assert!(error("@id(\"a\") @until(\"soon\") forbid (principal, action, resource);").message.contains("soon"));
    assert!(error("@id(\"a\") permit (principal == ?principal, action, resource);").message.contains("template"));
}

#[test]
fn permits_need_a_level_and_a_limit_a_day() {
    assert!(RuleSet::check("r", &permit("a", CAPPED)).is_ok());
    for (when, message) in [
        ("context.without_password.day <= 5", "does not say at which level"),
        ("(context.approval >= 1 || context.fee <= 1) && context.without_password.day <= 5", "does not say at which level"),
        ("context.approval >= 1", "without a limit a day"),
        ("context.approval >= 0 && context.usd <= 5", "without a limit a day"),
        ("context.approval <= 2 && context.usd <= 5", "without a limit a day"),
        ("context.approval == 1 && context.spent.week <= 5", "without a limit a day"),
        ("context.approval >= 1 && context.recipient_spent.day <= 5", "without a limit a day"),
        ("context.approval >= 1 && context.spent.day >= 5", "without a limit a day"),
        ("context.approval >= 1 && context.spent.day <= 9223372036854775807", "without a limit a day"),
        ("context.approval >= 1 && (context.spent.day <= 5 || context.fee <= 5)", "without a limit a day"),
    ] {
        let finding = error(&permit("a", when));
        assert!(finding.message.contains(message), "{when}: {finding}");
        assert_eq!(finding.line, Some(1));
        assert!(finding.help.is_some());
    }
    assert!(RuleSet::check("r", &permit("a", "context.approval >= 2")).is_ok(), "the password may go without");
    assert!(RuleSet::check("r", &permit("a", "context.approval >= 1").replace("when", "unless { context.spent.day > 5 } when")).is_ok());
}

/// Invariant 7: claims may tighten, never permit, however the mention is wrapped.
#[test]
fn permits_never_rest_on_claims() {
    for claim in [
        "context.claimed.via == \"chat\"",
        "!(context.claimed.via == \"x402\")",
        "(if context.claimed.via == \"chat\" then true else false)",
        "context.claimed has host && context.claimed.host in Host::\"example.com\"",
        "[context.claimed.to].contains(\"typed\")",
        "{a: context}.a.claimed.via == \"chat\"",
        "context.claimed.quote like \"*yes*\"",
        "(context.fee <= 5 || context.claimed.via == \"chat\")",
        "context has claimed",
    ] {
        let findings = match RuleSet::check("r", &permit("a", &format!("{CAPPED} && {claim}"))) {
            Ok(_) => panic!("a permit that rests on {claim} was taken"),
            Err(error) => error.findings().to_vec(),
        };
        assert!(findings.iter().any(|finding| finding.message.contains("claims")), "{claim}: {findings:?}");
    }
    let unless = permit("a", CAPPED).replace("};", "} unless { context.claimed.via == \"x402\" };");
    assert!(error(&unless).message.contains("claims"));
    let forbid = "@id(\"a\") forbid (principal, action, resource) when { context.claimed.via == \"x402\" };";
    assert!(RuleSet::check("r", forbid).is_ok(), "forbids may");
}

#[test]
fn odd_rules_are_warned_about() {
    let warnings = |source: &str| RuleSet::check("r", source).unwrap().warnings().to_vec();
    let one = |source: &str| warnings(source).first().unwrap_or_else(|| panic!("no warning: {source}")).message.clone();
    assert!(one("@id(\"a\") forbid (principal, action, resource);").contains("nothing can be signed"));
    assert!(one("@id(\"a\") forbid (principal, action, resource) when { context.approval >= 2 };").contains("higher level"));
    assert!(one("@id(\"a\") forbid (principal, action, resource) when { context.usd <= 5 };").contains("escapes"));
    assert!(one(&permit("a", &format!("{CAPPED} && context.usd > 5"))).contains("can't be priced"));
    assert!(one(&permit("a", "context.approval >= 4")).contains("never counts"));
    assert!(warnings(&permit("a", CAPPED)).is_empty());
}

#[test]
fn a_rule_ends() {
    let own = "@id(\"holiday\")\n@until(\"2026-11-24\")\n\
               permit (principal, action == Action::\"send\", resource)\n\
               when { context.approval >= 0 && context.without_asking.day <= 100000000 };";
    let rules = RuleSet::with_pack("cautious", own).unwrap();
    let at =
        |time: &str| decided(&rules, &format!("at = \"{time}\"\ndo = {{ action = \"send\", amount = \"50\", to = \"alice\" }}")).outcome;
    assert_eq!(at("2026-11-23T12:00:00Z"), Outcome::Allow);
    assert_eq!(at("2026-11-24T23:59:59Z"), Outcome::Allow);
    assert_eq!(at("2026-11-25T00:00:00Z"), Outcome::Click);
    let sentence = rules.sentences().last().unwrap().sentence.clone();
    assert!(sentence.contains("until the end of 2026-11-24"), "{sentence}");
}

/// The wallet proposes rules, so what a rule says of itself is a claim.
#[test]
fn own_rules_are_described_by_what_they_do_not_by_what_they_say() {
    let own = "@id(\"a\") @says(\"Never send more than $5.\")\n\
               permit (principal, action == Action::\"send\", resource)\n\
               when { context.approval >= 0 && context.without_asking.day <= 900000000000 };";
    let rules = RuleSet::load("", own).unwrap();
    assert_eq!(rules.sentences()[0].sentence, "Allowed without asking: transfers, when at most $900,000 goes without asking in a day.");
}

/// Every kind of condition that the schema offers can be written, decides, and has words.
#[test]
fn every_condition_of_the_schema_decides() {
    let holds = [
        "context.amount == 50000000",
        "context.usd == 50000000",
        "resource in Symbol::\"USDC\"",
        "resource.stable && !resource.native && resource.registered && resource.chain == 1",
        "context has recipient && context.recipient has contact && context.recipient.contact == Contact::\"alice\"",
        "context has recipient && !context.recipient.first && context.recipient.paid == 5",
        "context has recipient && context.recipient.age >= 2592000 && context.recipient.age < 2592001",
        "context has recipient && context.recipient.address like \"0x*\"",
        "context.spent.hour > 50000000 && context.number.month == 1",
        "context.asset_spent.day > 0 && context.asset_units.week > 0 && context.asset_number.day == 1",
        "context.recipient_spent.day == 50000000 && context.recipient_number.hour == 1",
        "context.origin_spent.day > 0 && context.origin_number.day == 1",
        "context.without_asking.day > 0 && context.without_asking_number.day == 1",
        "context.without_password.day > 0 && context.without_password_number.day == 1",
        "context.swapped.day == 0",
        "context.fee == 60000 && context.fee_units == 20",
        "context.total == 50060000 && context.gross == 50060000 && context.effects == 1",
        "context.asset_total == 50000000",
        "context.slippage == 0 && !context.unlimited && context.lasts == 0",
        "context.chain == 1",
        "context.selector == \"0xa9059cbb\"",
        "context.arguments.hasTag(\"amount\") && context.arguments.getTag(\"amount\") == \"50000000\"",
        "context.numbers.hasTag(\"amount\") && context.numbers.getTag(\"amount\") <= 50000000",
        "context.hour == 12 && context.minute == 0 && context.weekday == \"monday\"",
        "context.now < datetime(\"2026-12-31\") && context.now >= datetime(\"2026-11-23T12:00:00Z\")",
        "context.origin == Origin::\"agent:groceries\" && context.origin in Origin::\"agent\"",
        "context.claimed.to == \"typed\" && context.claimed has host && context.claimed.host in Host::\"example.com\"",
        "context.claimed.quote like \"*fifty*\" && context.claimed.via == \"chat\"",
        "context.decoded && context.priced",
        "principal.label == \"main\"",
        "!(context has buy) && !(context has typed)",
    ];
    let case = "origin = \"agent:groceries\"\n\
                claimed = { provenance = { to = \"typed\" }, host = \"api.example.com\", quote = \"send fifty\", via = \"chat\" }\n\
                do = { action = \"send\", amount = \"50\", to = \"alice\" }";
    for (i, condition) in holds.iter().enumerate() {
        let source = |forbid: &str| {
            format!(
                "@id(\"open\") permit (principal, action, resource) when {{ context.approval >= 2 }};\n\
                 @id(\"rule-{i}\") forbid (principal, action == Action::\"send\", resource) {forbid};"
            )
        };
        let outcome = |forbid: &str| {
            let rules = RuleSet::load("", &source(forbid)).unwrap_or_else(|error| panic!("{forbid}: {error}"));
            let sentence = rules.sentences()[1].sentence.clone();
            assert!(sentence.ends_with('.') && !sentence.contains("context"), "{forbid}: {sentence}");
            decided(&rules, case).outcome
        };
        assert_eq!(outcome(&format!("when {{ {condition} }}")), Outcome::Refused, "{condition}");
        assert_eq!(outcome(&format!("unless {{ {condition} }}")), Outcome::Password, "{condition}");
    }
}

#[test]
fn typed_data_can_be_told_apart() {
    let own = "@id(\"orders\") forbid (principal, action == Action::\"sign_typed\", resource)\n\
               when { context has typed && context.typed.name == \"Exchange\" && context.typed.primary_type == \"Order\" &&\n\
               context.arguments.hasTag(\"side\") && context.arguments.getTag(\"side\") == \"sell\" &&\n\
               context.numbers.hasTag(\"price\") && context.numbers.getTag(\"price\") < 100 };";
    let rules = RuleSet::with_pack("cautious", own).unwrap();
    let order = |side: &str, price: &str| {
        let case = format!(
            "do = {{ action = \"sign_typed\", domain = \"Exchange\", primary_type = \"Order\", fields = {{ side = \"{side}\", price = \"{price}\" }} }}"
        );
        decided(&rules, &case).outcome
    };
    assert_eq!(order("sell", "99"), Outcome::Refused);
    assert_eq!(order("sell", "100"), Outcome::Password);
    assert_eq!(order("buy", "99"), Outcome::Password);
    assert_eq!(order("sell", "340282366920938463463374607431768211455"), Outcome::Password, "beyond 64 bits: no number");
}

#[test]
fn an_unknown_pack_is_named() {
    let error = RuleSet::with_pack("reckless", "").expect_err("no such pack");
    assert!(matches!(error, PolicyError::NoPack { .. }) && error.to_string().contains("cautious, everyday"), "{error}");
}

#[test]
fn formatting_keeps_meaning_and_comments() {
    let source = "// why\n@id(\"a\") forbid(principal,action,resource)when{context.usd>5};// tail\n";
    let pretty = format(source).unwrap();
    assert!(pretty.contains("// why") && pretty.contains("// tail"), "{pretty}");
    assert_eq!(format(&pretty).unwrap(), pretty);
    assert!(matches!(format("permit ("), Err(PolicyError::Syntax(_))));
}

#[test]
fn nothing_is_permitted_without_rules() {
    let rules = RuleSet::load("", "").unwrap();
    let explained = decided(&rules, "do = { action = \"send\", amount = \"1\", to = \"alice\" }");
    assert_eq!(explained.outcome, Outcome::Refused);
    assert_eq!(explained.why, ["refused: no rule permits transfers at any level"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if std::env::var_os("PARLANCE_SOAK").is_some() { 20_000 } else { 200 }, ..ProptestConfig::default() })]

    /// Damaged rules are an error with findings or load; they never panic.
    #[test]
    fn any_text_is_taken_or_explained(pack in 0..PACKS.len(), at in any::<prop::sample::Index>(), len in 0_usize..40, with in "[ -~]{0,12}") {
        let mut text: Vec<char> = PACKS[pack].source.chars().collect();
        let start = at.index(text.len());
        let end = (start + len).min(text.len());
        text.splice(start..end, with.chars());
        let text: String = text.into_iter().collect();
        match RuleSet::check("damaged", &text) {
            Ok(rules) => {
                let _ = parlance_policy::decide(&rules, &facts("do = { action = \"send\", amount = \"1\", to = \"alice\" }"));
            }
            Err(error) => prop_assert!(!error.findings().is_empty(), "{}", error),
        }
        if let Ok(pretty) = format(&text) {
            prop_assert_eq!(format(&pretty).unwrap(), pretty);
        }
    }
}

#[test]
fn the_default_pack_is_the_cautious_one() {
    assert_eq!(PACKS[0].name, "cautious");
    assert_eq!(cautious().sentences().len(), RuleSet::check("x", PACKS[0].source).unwrap().sentences().len());
}
