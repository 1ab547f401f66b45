//! The decision without any shortcut: every rule of an action, all together, with everything that a request has. What
//! [`crate::decide()`] says must be the same, for any rules and any request.

use std::collections::BTreeSet;
use std::path::Path;

use cedar_policy::{Authorizer, PolicySet};
use proptest::prelude::*;

use crate::decide::Question;
use crate::needs::Needs;
use crate::request::{Signature, View};
use crate::suite::{Case, Suite};
use crate::units::Usd;
use crate::{Facts, Outcome, PACKS, RuleSet, Windows, decide, floors};

/// Ids of the rules that permit and of those that forbid one effect at one level.
type Said = Result<(BTreeSet<String>, BTreeSet<String>), ()>;

fn plainly(rules: &RuleSet, view: &View, level: i64) -> Said {
    let part = rules.for_action(view.action).unwrap();
    let all = part.rules.iter().map(|i| rules.rules()[*i].compile().unwrap());
    let all = PolicySet::from_policies(all).unwrap();
    let question = Question::new(rules, view).map_err(|_| ())?;
    let (request, entities) = (question.request(Needs::ALL, level).unwrap(), question.entities(Needs::ALL).unwrap());
    let response = Authorizer::new().is_authorized(&request, &all, &entities);
    if response.diagnostics().errors().next().is_some() {
        return Err(());
    }
    let (mut permits, mut forbids) = (BTreeSet::new(), BTreeSet::new());
    for id in response.diagnostics().reason() {
        let rule = rules.named(id.as_ref()).unwrap();
        if rule.permits {
            permits.insert(rule.id.clone())
        } else {
            forbids.insert(rule.id.clone())
        };
    }
    Ok((permits, forbids))
}

fn plain_outcome(rules: &RuleSet, facts: &Facts) -> Outcome {
    let floor = floors::under(facts).iter().map(|floor| floor.level).max().unwrap_or(Outcome::Allow);
    let views = Signature::new(facts).unwrap().views();
    if floor == Outcome::Refused || views.is_empty() {
        return Outcome::Refused;
    }
    for level in Outcome::LEVELS.into_iter().filter(|level| *level >= floor) {
        let said: Vec<Said> = views.iter().map(|view| plainly(rules, view, level.level().unwrap())).collect();
        if said.iter().any(Result::is_err) {
            return Outcome::Refused;
        }
        if said.iter().flatten().all(|(permits, forbids)| forbids.is_empty() && !permits.is_empty()) {
            return level;
        }
    }
    Outcome::Refused
}

fn compare(rules: &RuleSet, facts: &Facts) -> Result<(), TestCaseError> {
    prop_assert_eq!(decide(rules, facts).outcome, plain_outcome(rules, facts));
    for view in &Signature::new(facts).unwrap().views() {
        let question = Question::new(rules, view).unwrap();
        for level in Outcome::LEVELS {
            let ids = |rules: &[&crate::ruleset::Rule]| rules.iter().map(|rule| rule.id.clone()).collect::<BTreeSet<_>>();
            let said = question.at(level).map(|verdict| (ids(&verdict.permits), ids(&verdict.forbids))).map_err(|_| ());
            match (said, plainly(rules, view, level.level().unwrap())) {
                // Where something forbids, Cedar does not say what permits.
                (Ok((_, forbids)), Ok((_, plain))) if !plain.is_empty() => prop_assert_eq!(forbids, plain),
                (said, plain) => prop_assert_eq!(said, plain),
            }
        }
    }
    Ok(())
}

fn suites() -> Vec<(Suite, Case)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs");
    let read = |name: &str| std::fs::read_to_string(dir.join(format!("{name}.tests.toml"))).unwrap();
    let suites = PACKS.iter().map(|pack| Suite::parse(&read(pack.name)).unwrap());
    suites.flat_map(|suite| suite.case.clone().into_iter().map(move |case| (suite.clone(), case))).collect()
}

/// A condition that the validator lets through, of every kind that rules are made of, errors included.
fn condition() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        Just("context.usd"),
        Just("context.amount"),
        Just("context.fee"),
        Just("context.total"),
        Just("context.spent.day"),
        Just("context.without_asking.day"),
        Just("context.asset_units.week"),
        Just("context.recipient_spent.month"),
        Just("context.origin_number.hour"),
        Just("context.lasts"),
        Just("context.slippage"),
        Just("context.rate"),
        Just("context.cycle"),
        Just("context.borrowed.day"),
        Just("context.borrowed_total"),
        Just("context.chain"),
        Just("context.hour"),
    ];
    let is = prop_oneof![Just("<="), Just("<"), Just(">="), Just(">"), Just("=="), Just("!=")];
    let bound = prop_oneof![Just(0_i64), Just(1), 0_i64..3_000_000_000, Just(i64::MAX), Just(31_337), Just(1)];
    let simple = prop_oneof![
        (number.clone(), is.clone(), bound.clone()).prop_map(|(n, is, bound)| format!("{n} {is} {bound}")),
        (bound.clone(), is.clone(), number.clone()).prop_map(|(bound, is, n)| format!("{bound} {is} {n}")),
        (is.clone(), 0_i64..5).prop_map(|(is, level)| format!("context.approval {is} {level}")),
        Just("context.priced".to_owned()),
        Just("!context.unlimited".to_owned()),
        Just("context.decoded == false".to_owned()),
        Just("context has recipient".to_owned()),
        Just("!(context has recipient)".to_owned()),
        Just("context has recipient && context.recipient.known".to_owned()),
        Just("context has recipient && !context.recipient.own && context.recipient.paid >= 1".to_owned()),
        Just("context has recipient && context.recipient has contact && context.recipient.contact == Contact::\"Alice\"".to_owned()),
        Just("context has recipient && !(context.recipient has contact)".to_owned()),
        Just("context has typed && context.typed.chain == 1".to_owned()),
        Just("context has buy && context.buy.stable".to_owned()),
        Just("context.claimed.to == \"ens\"".to_owned()),
        Just("[\"ens\", \"typed\"].contains(context.claimed.to)".to_owned()),
        Just("context.claimed has host && context.claimed.host in Host::\"example.com\"".to_owned()),
        Just("context.origin in Origin::\"wallet\"".to_owned()),
        Just("context.arguments.hasTag(\"to\") && context.arguments.getTag(\"to\") like \"0x*\"".to_owned()),
        Just("context.numbers.hasTag(\"amount\") && context.numbers.getTag(\"amount\") <= 5000000".to_owned()),
        Just("principal.label == \"\"".to_owned()),
        Just("context.now < datetime(\"2027-01-01\")".to_owned()),
        Just("context.weekday == \"monday\"".to_owned()),
        // Both can overflow, and then the decision is a refusal.
        Just("context.amount + 9223372036854775000 > 5".to_owned()),
        Just("context.usd * 4611686018427387904 >= 0".to_owned()),
    ];
    prop_oneof![
        6 => simple.clone(),
        1 => (simple.clone(), simple.clone()).prop_map(|(a, b)| format!("(({a}) || ({b}))")),
        1 => simple.clone().prop_map(|a| format!("!({a})")),
        1 => (simple.clone(), simple).prop_map(|(a, b)| format!("(if {a} then {b} else true)")),
    ]
}

/// One rule: what it says, the scope, whether it permits, its conditions and its end.
fn rule() -> impl Strategy<Value = (bool, &'static str, Vec<String>, bool)> {
    let scope = prop_oneof![
        Just("principal, action, resource"),
        Just("principal, action == Action::\"send\", resource"),
        Just("principal, action in Action::\"spend\", resource"),
        Just("principal, action in Action::\"grant\", resource"),
        Just("principal, action in Action::\"credit\", resource"),
        Just("principal, action == Action::\"borrow\", resource in Symbol::\"USDC\""),
        Just("principal, action == Action::\"send\", resource in Symbol::\"USDC\""),
        Just("principal, action == Action::\"swap\", resource in Symbol::\"ETH\""),
    ];
    (any::<bool>(), scope, proptest::collection::vec(condition(), 0..5), proptest::bool::weighted(0.1))
}

fn source(rules: &[(bool, &'static str, Vec<String>, bool)]) -> String {
    let rules = rules.iter().enumerate().map(|(i, (permits, scope, conditions, ends))| {
        // So that the linter lets a permit through at low levels.
        let guard = if *permits {
            "context.approval >= 0 && context.without_asking.day <= 900000000000 && context.spent.day <= 900000000000 \
             && context.borrowed.day <= 900000000000"
        } else {
            "true"
        };
        let until = if *ends { "@until(\"2026-12-31\") " } else { "" };
        let all = conditions.iter().fold(guard.to_owned(), |all, one| format!("({one}) && {all}"));
        let effect = if *permits { "permit" } else { "forbid" };
        format!("@id(\"r-{i}\") {until}{effect} ({scope}) when {{ {all} }};\n")
    });
    rules.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if std::env::var_os("PARLANCE_SOAK").is_some() { 20_000 } else { 400 }, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn no_shortcut_changes_a_decision(
        pack in proptest::option::of(0..PACKS.len()),
        rules in proptest::collection::vec(rule(), 0..12),
        picks in proptest::collection::vec((any::<prop::sample::Index>(), 0_u64..3_000_000_000), 1..6),
    ) {
        let pack = pack.map_or("", |i| PACKS[i].source);
        // What the validator or the linter refuses, such as a permit on a claim, is no rule set.
        let own: Vec<_> = rules.into_iter().filter(|one| RuleSet::load("", &source(std::slice::from_ref(one))).is_ok()).collect();
        let Ok(rules) = RuleSet::load(pack, &source(&own)) else {
            return Err(TestCaseError::reject("rules that are refused together"));
        };
        let cases = suites();
        for (pick, spent) in picks {
            let (suite, case) = pick.get(&cases);
            let mut facts = suite.facts(case).unwrap();
            let spent = Usd::from_micro(spent).unwrap();
            facts.before.all.usd = Windows { hour: Usd::ZERO, day: spent, week: spent, month: spent };
            facts.before.without_asking.usd.day = Usd::from_micro(spent.micro() / 100).unwrap();
            compare(&rules, &facts)?;
        }
    }
}
