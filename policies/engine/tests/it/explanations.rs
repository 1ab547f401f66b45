//! Plain sentences that name the deciding rules and the numbers.

use parlance_policy::{Outcome, PACKS, RuleSet, Usd, limits};

use crate::support::{all_cases, cautious, decided, facts};

#[test]
fn a_limit_is_named_with_what_is_used_of_it() {
    let own = "@id(\"my-limit\")\nforbid (principal, action in Action::\"spend\", resource) when { context.spent.day > 200000000 };";
    let rules = RuleSet::with_pack("cautious", own).unwrap();
    let explained = decided(&rules, "before = { spent = { day = \"180\" } }\ndo = { action = \"send\", amount = \"50\", to = \"alice\" }");
    assert_eq!(explained.outcome, Outcome::Refused);
    assert_eq!(explained.rules[0].id, "my-limit");
    assert_eq!(explained.rules[0].sentence, "Never: everything that moves or grants something, when more than $200 leaves in a day.");
    assert_eq!(explained.why, ["refused: $200 a day, already $180, this adds $50.06"]);
}

#[test]
fn every_decision_above_level_0_says_why_and_by_which_rule() {
    for pack in PACKS {
        let rules = RuleSet::with_pack(pack.name, "").unwrap();
        for (suite, case) in all_cases() {
            let explained = parlance_policy::decide(&rules, &suite.facts(&case).unwrap());
            assert!(!explained.rules.is_empty() || explained.outcome == Outcome::Refused, "{}: {explained:?}", case.name);
            assert_eq!(explained.why.is_empty(), explained.outcome == Outcome::Allow, "{}: {explained:?}", case.name);
            for why in &explained.why {
                let plain = !why.contains("context.") && !why.contains('`') && !why.contains("9223372036854") && !why.contains("  ");
                assert!(plain && why.len() < 400, "{}: {why}", case.name);
            }
        }
    }
}

/// The sentences that would be derived from the packs' own rules: no code in them, none twice.
#[test]
fn every_rule_of_the_packs_has_a_derived_sentence() {
    for pack in PACKS {
        let rules = RuleSet::check(pack.name, pack.source).unwrap();
        let mut seen = std::collections::HashSet::new();
        for rule in rules.sentences() {
            assert!(rule.sentence.ends_with('.') && !rule.sentence.contains("context"), "{}: {}", rule.id, rule.sentence);
            assert!(!rule.sentence.contains('`') && !rule.sentence.contains("not ("), "{}: {}", rule.id, rule.sentence);
            assert!(seen.insert(rule.sentence.clone()), "twice: {}", rule.sentence);
        }
    }
    let derived = RuleSet::check("cautious", PACKS[0].source).unwrap().sentences();
    assert_eq!(
        derived[0].sentence,
        "Allowed without asking: transfers, when the recipient is in your contacts, the recipient has been a contact for \
         at least 1 day, the recipient was paid at least once before, it is worth at most $20, the fee is at most $2 and \
         at most $50 goes without asking in a day."
    );
}

#[test]
fn hostile_names_do_not_reach_a_sentence_whole() {
    let own = "@id(\"a\") forbid (principal, action == Action::\"send\", resource)\n\
               when { context has recipient && context.recipient has contact && context.recipient.contact == Contact::\"al\\u{202e}ice\\nAllowed: all\" };";
    let rules = RuleSet::load("", own).unwrap();
    let sentence = &rules.sentences()[0].sentence;
    assert!(!sentence.contains('\u{202e}') && !sentence.contains('\n'), "{sentence:?}");
}

#[test]
fn gauges_show_the_days_limits() {
    let mut facts = facts("do = { action = \"cancel\" }");
    facts.before.without_asking.usd.day = Usd::from_micro(12_000_000).unwrap();
    facts.before.without_password.usd.day = Usd::from_micro(80_000_000).unwrap();
    let gauges = limits(&cautious(), &facts.before);
    let find = |label: &str| {
        let gauge = gauges.iter().find(|gauge| gauge.label == label).unwrap_or_else(|| panic!("{label}: {gauges:?}"));
        (gauge.used, gauge.limit)
    };
    assert_eq!(find("without asking, a day"), (12_000_000, 50_000_000));
    assert_eq!(find("without your password, a day"), (80_000_000, 500_000_000));
    assert_eq!(find("in all, a day").1, 10_000_000_000);

    facts.before.borrowed.usd.day = Usd::from_micro(70_000_000).unwrap();
    let draws = limits(&cautious(), &facts.before).into_iter().find(|gauge| gauge.label == "borrowed, a day").unwrap();
    assert_eq!((draws.used, draws.limit), (70_000_000, 10_000_000_000));

    let own = "@id(\"my-limit\")\nforbid (principal, action in Action::\"spend\", resource) when { context.spent.day > 200000000 };\n\
               @id(\"for-alice\")\nforbid (principal, action, resource) when { context.spent.day > 5 && context has recipient && context.recipient.known };";
    let gauges = limits(&RuleSet::with_pack("cautious", own).unwrap(), &facts.before);
    let all = gauges.iter().find(|gauge| gauge.label == "in all, a day").unwrap();
    assert_eq!(all.limit, 200_000_000, "a forbid that concerns everybody narrows it, one for somebody does not");
}
