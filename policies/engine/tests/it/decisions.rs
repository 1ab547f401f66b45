//! Properties of decisions: default deny, forbid wins, monotone, floors, caps.

use alloy_primitives::{Address, B256, Bytes, U256};
use parlance_effects::{AllowanceChange, Effect, Subject, Warning};
use parlance_policy::{Facts, Floor, Outcome, PACKS, Party, RuleSet, SpendKind, Usd, Windows, decide};
use proptest::prelude::*;

use crate::support::{all_cases, cautious, decided, facts};

/// Permits everything without asking that the linter lets through: only floors stand above it.
const WIDE: &str = "@id(\"wide\") permit (principal, action, resource)
  when { context.approval >= 0 && context.spent.day <= 9223372036854775806 };
@id(\"wider\") permit (principal, action, resource) when { context.approval >= 2 };";

fn wide() -> RuleSet {
    RuleSet::load(WIDE, "").unwrap()
}

#[test]
fn a_forbid_wins_over_every_permit() {
    let rules = RuleSet::load(WIDE, "@id(\"no\") forbid (principal, action == Action::\"send\", resource);").unwrap();
    let explained = decided(&rules, "do = { action = \"send\", amount = \"1\", to = \"alice\" }");
    assert_eq!((explained.outcome, explained.rules[0].id.as_str()), (Outcome::Refused, "no"));
    assert_eq!(decided(&rules, "do = { action = \"wrap\" }").outcome, Outcome::Allow, "what it does not name");
}

#[test]
fn one_refused_effect_refuses_the_signature() {
    let rules = RuleSet::load(WIDE, "@id(\"no\") forbid (principal, action == Action::\"approve\", resource);").unwrap();
    let batch = "do = { action = \"send\", amount = \"1\", to = \"alice\" }\n\
                 also = [{ action = \"approve\", amount = \"1\", to = \"router\" }]";
    assert_eq!(decided(&rules, batch).outcome, Outcome::Refused);
}

/// Invariant 5, with rules that permit everything: not understood, unlimited, EIP-7702 and endless permits are never
/// below the password.
#[test]
fn floors_hold_whatever_the_rules_say() {
    let rules = wide();
    for (case, expected) in [
        ("do = { action = \"send\", amount = \"1\", to = \"alice\" }", Outcome::Allow),
        ("do = { action = \"call\", to = \"contract\" }", Outcome::Password),
        ("do = { action = \"sign_typed\" }", Outcome::Password),
        ("do = { action = \"approve\", amount = \"unlimited\", to = \"router\" }", Outcome::Password),
        ("do = { action = \"approve\", asset = \"FAKE\", amount = \"1\", to = \"router\" }", Outcome::Password),
        ("do = { action = \"approve\", amount = \"1\", to = \"router\" }", Outcome::Allow),
        ("do = { action = \"permit\", amount = \"unlimited\", to = \"router\", lasts = \"1h\" }", Outcome::Password),
        ("do = { action = \"permit\", amount = \"1\", to = \"router\" }", Outcome::Password),
        ("do = { action = \"permit\", amount = \"1\", to = \"router\", lasts = \"999d\" }", Outcome::Password),
        ("do = { action = \"permit\", amount = \"1\", to = \"router\", lasts = \"1h\" }", Outcome::Click),
        ("do = { action = \"delegate\", to = \"contract\" }", Outcome::Password),
        ("do = { action = \"deploy\" }", Outcome::Click),
        ("do = { action = \"repay\", amount = \"1\" }", Outcome::Allow),
        ("do = { action = \"close_credit\" }", Outcome::Allow),
        ("do = { action = \"pay_by_signature\", amount = \"1\", to = \"stranger\" }", Outcome::Click),
        ("do = { action = \"pay_by_signature\", amount = \"1\", to = \"stranger\", lasts = \"1h\" }", Outcome::Allow),
        ("do = { action = \"send\", asset = \"PEPE\", amount = \"1\", to = \"alice\" }", Outcome::Password),
        ("do = { action = \"send\", amount = \"1\", to = \"bob\" }", Outcome::Click),
        ("do = { action = \"send\", amount = \"1\", to = \"lookalike\" }", Outcome::Click),
        ("do = { action = \"sign_message\" }", Outcome::Click),
        ("stale = true\ndo = { action = \"send\", asset = \"ETH\", amount = \"0.001\", to = \"alice\" }", Outcome::Click),
    ] {
        assert_eq!(decided(&rules, case).outcome, expected, "{case}");
    }
}

/// What can't be priced is never level 0, also under a rule without any limit in dollars.
#[test]
fn unpriced_is_never_silent() {
    let rules = RuleSet::load(
        "@id(\"by-number\") permit (principal, action, resource)
           when { context.approval >= 0 && (context.approval >= 0 || context.spent.day <= 1) && context.number.day <= 9 &&
                  context.without_asking.day <= 9223372036854775806 };
         @id(\"click\") permit (principal, action, resource) when { context.approval >= 2 };",
        "",
    )
    .unwrap();
    let explained = decided(&rules, "do = { action = \"send\", asset = \"PEPE\", amount = \"1\", to = \"alice\" }");
    assert!(explained.outcome > Outcome::Allow, "{explained:?}");
    let fee = "prices = { ETH = \"none\" }\ndo = { action = \"send\", amount = \"1\", to = \"alice\" }";
    assert!(decided(&rules, fee).outcome > Outcome::Allow, "the fee has no price");
}

#[test]
fn what_is_never_signed_is_never_signed() {
    let rules = wide();
    let mut message = facts("do = { action = \"sign_message\" }");
    message.effects.items = vec![Effect::Message { looks_like_hash: true }];
    assert_eq!(decide(&rules, &message).outcome, Outcome::Refused);
    let mut warned = facts("do = { action = \"sign_message\" }");
    warned.effects.warnings.push(Warning::LooksLikeHash);
    assert_eq!(decide(&rules, &warned).outcome, Outcome::Refused);
    let mut empty = facts("do = { action = \"cancel\" }");
    empty.effects.items.clear();
    empty.appraisal.items.clear();
    assert_eq!(decide(&rules, &empty).outcome, Outcome::Refused);
    let mut unappraised = facts("do = { action = \"send\", amount = \"1\", to = \"alice\" }");
    unappraised.appraisal.items.clear();
    assert_eq!(decide(&rules, &unappraised).outcome, Outcome::Refused);
    let mut binary = facts("do = { action = \"sign_message\" }");
    binary.effects.subject = Subject::Message { text: None, bytes: Bytes::from(vec![0xff]), digest: B256::ZERO };
    assert_eq!(decide(&rules, &binary).outcome, Outcome::Password);
}

#[test]
fn the_signers_own_floors_count() {
    let mut facts = facts("do = { action = \"send\", amount = \"1\", to = \"alice\" }");
    for (level, outcome) in [
        (Outcome::Allow, Outcome::Allow),
        (Outcome::Click, Outcome::Click),
        (Outcome::Password, Outcome::Password),
        (Outcome::Refused, Outcome::Refused),
    ] {
        facts.floors = vec![Floor { level, reason: "the ledger was rolled back".to_owned() }];
        let explained = decide(&cautious(), &facts);
        assert_eq!(explained.outcome, outcome);
        let said = explained.why.iter().any(|why| why.contains("rolled back"));
        assert_eq!(said, level != Outcome::Allow, "{explained:?}");
    }
}

#[test]
fn an_address_that_the_signer_does_not_know_is_a_stranger() {
    let mut facts = facts("do = { action = \"send\", amount = \"1\", to = \"alice\" }");
    facts.parties.clear();
    assert_eq!(decide(&cautious(), &facts).outcome, Outcome::Click);
    facts.parties.insert(Address::ZERO, Party::default());
    assert_eq!(decide(&cautious(), &facts).outcome, Outcome::Click);
}

/// Every pack caps what goes without the password, and what goes without asking, a day: with the cap spent, nothing
/// that adds to it passes at that level.
#[test]
fn every_pack_caps_levels_0_and_1_a_day() {
    for pack in PACKS {
        let rules = RuleSet::with_pack(pack.name, "").unwrap();
        for (suite, case) in all_cases() {
            let mut facts = suite.facts(&case).unwrap();
            let adds = facts.adds.iter().any(|spend| spend.usd > Usd::ZERO);
            let full = Usd::from_micro(5_000_000_000).unwrap();
            facts.before.without_password.usd = Windows { hour: full, day: full, week: full, month: full };
            facts.before.without_asking.usd.day = Usd::from_micro(200_000_000).unwrap();
            let outcome = decide(&rules, &facts).outcome;
            assert!(!adds || outcome > Outcome::Click, "{}: {}: {outcome:?}", pack.name, case.name);
        }
    }
}

/// The same for what is borrowed, which is not spent.
#[test]
fn every_pack_caps_draws_at_levels_0_and_1_a_day() {
    for pack in PACKS {
        let rules = RuleSet::with_pack(pack.name, "").unwrap();
        let mut draws = 0;
        for (suite, case) in all_cases() {
            let mut facts = suite.facts(&case).unwrap();
            if !facts.effects.items.iter().any(|item| matches!(item, Effect::Borrow { .. })) {
                continue;
            }
            draws += 1;
            assert_ne!(decide(&rules, &facts).outcome, Outcome::Allow, "{}: {}", pack.name, case.name);
            facts.before.borrowed.usd.day = Usd::from_micro(5_000_000_000).unwrap();
            assert!(decide(&rules, &facts).outcome > Outcome::Click, "{}: {}", pack.name, case.name);
        }
        assert!(draws > 10);
    }
}

/// A wallet that was taken over and clicks as it likes gets no more in a day than what clicks allow and what goes
/// without asking, whatever it signs and in whatever order.
#[test]
fn a_days_clicks_are_bounded() {
    let caps = [
        ("cautious", 500, 50, 500),
        ("everyday", 2_000, 150, 2_000),
        ("agent-micropayments", 50, 5, 0),
        ("savings", 50, 10, 0),
        ("paranoid", 20, 0, 0),
    ];
    for (name, clicks, silent, credit) in caps {
        let rules = RuleSet::with_pack(name, "").unwrap();
        let cases = all_cases();
        let (mut taken, mut silently, mut borrowed) = (Usd::ZERO, Usd::ZERO, Usd::ZERO);
        for _ in 0..80 {
            for (suite, case) in &cases {
                let mut facts = suite.facts(case).unwrap();
                facts.before = Default::default();
                facts.before.without_password.usd.day = taken;
                facts.before.without_asking.usd.day = silently;
                facts.before.all.usd.day = taken;
                facts.before.borrowed.usd.day = borrowed;
                let outcome = decide(&rules, &facts).outcome;
                for spend in facts.adds.iter().filter(|_| outcome <= Outcome::Click) {
                    taken = taken.plus(spend.usd).unwrap();
                    if spend.kind == SpendKind::Borrow {
                        borrowed = borrowed.plus(spend.gross).unwrap();
                    }
                    if outcome == Outcome::Allow {
                        silently = silently.plus(spend.usd).unwrap();
                    }
                }
            }
        }
        let cap = (clicks + silent) * 1_000_000;
        assert!(borrowed.micro() <= credit * 1_000_000 && borrowed.micro() >= credit * 500_000, "{name}: {borrowed} borrowed");
        assert!(silently.micro() <= silent * 1_000_000, "{name}: {silently} without asking");
        assert!(!taken.is_boundless() && taken.micro() <= cap, "{name}: {taken} of {cap}");
        assert!(taken.micro() > clicks * 800_000, "{name}: the test must come near the cap, got {taken}");
    }
}

/// What is spent more, dearer, for longer or to somebody less known is never decided at a lower level.
fn worse(facts: &Facts, how: &Worse) -> Facts {
    let mut worse = facts.clone();
    let more = |usd: &mut Usd| *usd = usd.plus(Usd::from_micro(how.more).unwrap()).unwrap();
    let all = |windows: &mut Windows<Usd>| {
        [&mut windows.hour, &mut windows.day, &mut windows.week, &mut windows.month].into_iter().for_each(more);
    };
    match how.what {
        0 => all(&mut worse.before.all.usd),
        1 => all(&mut worse.before.without_asking.usd),
        2 => all(&mut worse.before.without_password.usd),
        3 => all(&mut worse.before.swaps.usd),
        4 => worse.before.recipients.values_mut().for_each(|tally| all(&mut tally.usd)),
        5 => worse.before.without_asking.number.day += how.more,
        6 => {
            more(&mut worse.appraisal.fee.usd);
            worse.appraisal.items.iter_mut().for_each(|item| more(&mut item.usd));
            worse.appraisal.spends.iter_mut().chain(&mut worse.adds).for_each(|spend| {
                more(&mut spend.usd);
                more(&mut spend.gross);
            });
        }
        7 => worse.appraisal.items.iter_mut().for_each(|item| item.slippage = (item.slippage + how.more as u32 % 10_000).min(10_000)),
        8 => worse.parties.retain(|_, party| party.own.is_some() || party.lookalike_of.is_some()),
        9 => worse.parties.values_mut().for_each(|party| {
            party.paid = 0;
            if let Some(contact) = &mut party.contact {
                contact.added += (how.more % 10_000_000) as i64;
            }
        }),
        10 => worse.effects.items.iter_mut().for_each(|item| match item {
            Effect::Allowance { expires: Some(until), .. }
            | Effect::DeferredTransfer { valid_before: Some(until), .. }
            | Effect::Swap { deadline: Some(until), .. } => *until += how.more,
            Effect::Allowance { change: AllowanceChange::Set(amount), .. } if !amount.is_zero() => *amount = U256::MAX,
            _ => {}
        }),
        11 => all(&mut worse.before.borrowed.usd),
        12 => more(&mut worse.before.owed),
        13 => worse.effects.items.iter_mut().for_each(|item| match item {
            Effect::CreditLine { rate, .. } | Effect::CreditApplication { rate, .. } => *rate += how.more as u32 % 10_000,
            Effect::Borrow { to, .. } => *to = Address::repeat_byte(9),
            _ => {}
        }),
        14 => worse.effects.warnings.push(Warning::LikelyLost { to: Address::ZERO }),
        _ => worse.floors.push(Floor { level: Outcome::Password, reason: "the ledger was rolled back".to_owned() }),
    }
    worse
}

#[derive(Clone, Debug)]
struct Worse {
    what: u8,
    more: u64,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if std::env::var_os("PARLANCE_SOAK").is_some() { 50_000 } else { 300 }, ..ProptestConfig::default() })]

    #[test]
    fn decisions_are_monotone(
        pack in 0..PACKS.len(),
        pick in any::<prop::sample::Index>(),
        start in 0_u64..3_000_000_000,
        how in (0_u8..=15, prop_oneof![0_u64..100, 0_u64..100_000_000, 0_u64..20_000_000_000]).prop_map(|(what, more)| Worse { what, more }),
    ) {
        let rules = RuleSet::with_pack(PACKS[pack].name, "").unwrap();
        let cases = all_cases();
        let (suite, case) = pick.get(&cases);
        let mut facts = suite.facts(case).unwrap();
        facts.before.all.usd.day = Usd::from_micro(start).unwrap();
        let before = decide(&rules, &facts);
        let after = decide(&rules, &worse(&facts, &how));
        prop_assert!(after.outcome >= before.outcome, "{:?} {}: {:?} -> {:?}", how, case.name, before, after);
    }

    /// A forbid of the owner never loosens anything, and no rule of the owner gets below a floor.
    #[test]
    fn a_further_forbid_only_tightens(pick in any::<prop::sample::Index>(), pack in 0..PACKS.len(), limit in 0_u64..1_000_000_000, level in 0..4) {
        let own = format!("@id(\"own-limit\") forbid (principal, action, resource) when {{ context.approval < {level} && context.total > {limit} }};");
        let with = RuleSet::with_pack(PACKS[pack].name, &own).unwrap();
        let without = RuleSet::with_pack(PACKS[pack].name, "").unwrap();
        let cases = all_cases();
        let (suite, case) = pick.get(&cases);
        let facts = suite.facts(case).unwrap();
        prop_assert!(decide(&with, &facts).outcome >= decide(&without, &facts).outcome);
    }
}
