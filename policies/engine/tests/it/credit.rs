//! Credit: applying, opening, borrowing, paying back.

use parlance_policy::propose::RuleForm;
use parlance_policy::{Outcome, PACKS, PolicyError, RuleSet, Usd, decide};

use crate::support::{decided, facts};

const OPEN: &str =
    "@id(\"open\") permit (principal, action in [Action::\"spend\", Action::\"credit\"], resource) when { context.approval >= 2 };\n";

const DRAW: &str = "do = { action = \"borrow\", amount = \"500\" }";

fn borrow(when: &str) -> String {
    format!("@id(\"a\")\npermit (principal, action == Action::\"borrow\", resource)\nwhen {{ {when} }};\n")
}

/// Every condition that speaks of credit can be written, decides, and has words.
#[test]
fn every_condition_of_credit_decides() {
    let application = "do = { action = \"apply_credit\", amount = \"2000\", rate = 1250, cycle = \"30d\", lasts = \"1h\", fields = { lender = \"Maple\" } }";
    let line = "do = { action = \"open_credit\", amount = \"2000\", rate = 1250, cycle = \"30d\", lasts = \"90d\" }";
    let draw = "before = { borrowed = { hour = \"10\", day = \"20\", week = \"30\", month = \"40\" } }\nowed = \"700\"\n\
                do = { action = \"borrow\", amount = \"500\", to = \"alice\" }";
    let repay = "owed = \"700\"\ndo = { action = \"repay\", amount = \"200\" }";
    let close = "do = { action = \"close_credit\" }";
    for (case, action, holds) in [
        (application, "apply_credit", "context.limit == 2000000000 && context.usd == 2000000000 && context.amount == 2000000000"),
        (application, "apply_credit", "context.rate == 1250 && context.cycle == 2592000 && context.lasts == 3600"),
        (application, "apply_credit", "context has typed && !(context has recipient) && context.borrowed_total == 0"),
        (application, "apply_credit", "context.arguments.hasTag(\"lender\") && context.arguments.getTag(\"lender\") == \"Maple\""),
        (
            line,
            "open_credit",
            "context.limit == 2000000000 && context.rate == 1250 && context.cycle == 2592000 && context.lasts == 7776000",
        ),
        (line, "open_credit", "resource in Symbol::\"USDC\" && resource.stable && resource.registered"),
        (draw, "borrow", "context.borrowed.hour == 510000000 && context.borrowed.day == 520000000"),
        (draw, "borrow", "context.borrowed.week == 530000000 && context.borrowed.month == 540000000"),
        (draw, "borrow", "context.borrowed_total == 1200000000"),
        (draw, "borrow", "context.usd == 500000000 && context.amount == 500000000 && context.spent.day == 500060000"),
        // On which terms the line stands, the signer does not know: no limit can be shown to hold.
        (draw, "borrow", "context.limit > 9000000000000000000 && context.rate > 9000000000000000000 && context.cycle == 0"),
        (draw, "borrow", "context has recipient && context.recipient.known && !context.recipient.own && context.recipient.paid == 5"),
        (draw, "borrow", "context.numbers.hasTag(\"line\") && context.numbers.getTag(\"line\") == 1"),
        (draw, "send", "context.usd == 500000000 && context.limit == 0 && context.rate == 0 && context.recipient_spent.day == 500000000"),
        (repay, "repay", "context.usd == 200000000 && context.recipient_spent.day == 200000000 && context.asset_spent.day == 200000000"),
        (repay, "repay", "context.borrowed.day == 0 && context.borrowed_total == 700000000"),
        (repay, "repay", "context has recipient && context.recipient.registered && !context.recipient.known"),
        (close, "close_credit", "context.usd == 0 && context.limit == 0 && context.rate == 0 && context.cycle == 0"),
    ] {
        let outcome = |forbid: &str| {
            let source = format!("{OPEN}@id(\"rule\") forbid (principal, action == Action::\"{action}\", resource) {forbid};");
            let rules = RuleSet::load("", &source).unwrap_or_else(|error| panic!("{forbid}: {error}"));
            let sentence = rules.sentences()[1].sentence.clone();
            assert!(sentence.ends_with('.') && !sentence.contains("context") && !sentence.contains('`'), "{forbid}: {sentence}");
            decided(&rules, case).outcome
        };
        assert_eq!(outcome(&format!("when {{ {holds} }}")), Outcome::Refused, "{action}: {holds}");
        assert_eq!(outcome(&format!("unless {{ {holds} }}")), Outcome::Password, "{action}: {holds}");
    }
}

/// "Only from Maple's pool": the pool is the resource.
#[test]
fn an_owner_can_list_the_pools_to_borrow_from() {
    let pool = alloy_primitives::Address::from_word(alloy_primitives::keccak256("pool"));
    let only = |pool: String| {
        format!(
            "@id(\"only-maple\") forbid (principal, action in [Action::\"apply_credit\", Action::\"open_credit\", Action::\"borrow\"], resource)\n\
             unless {{ resource == Pool::\"{pool}\" }};"
        )
    };
    let with = |own: &str| RuleSet::with_pack("cautious", own).unwrap();
    let rules = with(&only(format!("1:{pool}")));
    assert_eq!(decided(&rules, DRAW).outcome, Outcome::Click);
    let sentence = rules.sentences().last().unwrap().sentence.clone();
    assert!(sentence.contains(&format!("the asset, pool or contract is not 1:{pool}")), "{sentence}");
    // Any other one, also at the same address of another chain.
    for other in [format!("8453:{pool}"), format!("1:{}", alloy_primitives::Address::ZERO)] {
        let rules = with(&only(other));
        assert_eq!(decided(&rules, DRAW).outcome, Outcome::Refused);
        assert_eq!(decided(&rules, "do = { action = \"apply_credit\", amount = \"2000\", lasts = \"1h\" }").outcome, Outcome::Refused);
        assert_eq!(decided(&rules, "do = { action = \"repay\", amount = \"200\" }").outcome, Outcome::Click, "paying back stays possible");
    }
}

fn form(effect: &str, over: Option<&str>, per: &str) -> Result<(RuleSet, String), PolicyError> {
    let form = RuleForm::from_words(effect, "borrow", None, None, over, Some(per), |_| false)?;
    let proposal = form.propose()?;
    Ok((RuleSet::with_pack("cautious", &proposal.source)?, proposal.sentence))
}

#[test]
fn never_borrow_more_than_1000_dollars_a_week() {
    let (rules, sentence) = form("forbid", Some("$1000"), "week").unwrap();
    assert_eq!(sentence, "Never: borrowing, when more than $1,000 is borrowed in a week.");
    assert_eq!(decided(&rules, DRAW).outcome, Outcome::Click);
    let explained = decided(&rules, &format!("before = {{ borrowed = {{ week = \"600\" }} }}\n{DRAW}"));
    assert_eq!(explained.outcome, Outcome::Refused);
    assert_eq!(explained.why, ["refused: $1,000 a week borrowed, already $600, this adds $500"]);
    let (rules, sentence) = form("ask", Some("$100"), "tx").unwrap();
    assert_eq!(sentence, "Never without asking: borrowing, when it is worth more than $100.");
    assert_eq!(decided(&rules, DRAW).outcome, Outcome::Click);
    let (rules, sentence) = form("forbid", None, "tx").unwrap();
    assert_eq!(sentence, "Never: borrowing.");
    assert_eq!(decided(&rules, DRAW).outcome, Outcome::Refused);
}

/// Level 0 only where the owner says so, for the own accounts, within a limit.
#[test]
fn only_the_owner_lets_somebody_borrow_without_asking() {
    let (rules, sentence) = form("allow", Some("$100"), "week").unwrap();
    assert_eq!(
        sentence,
        "Allowed without asking: borrowing, when the recipient is your own account, at most $100 is borrowed in a week, at most $100 is \
         borrowed in a day and at most $100 goes without asking in a day."
    );
    let draw = |amount: &str, rest: &str| decided(&rules, &format!("do = {{ action = \"borrow\", amount = \"{amount}\"{rest} }}")).outcome;
    assert_eq!(draw("100", ""), Outcome::Allow);
    assert_eq!(draw("100.01", ""), Outcome::Click);
    assert_eq!(draw("10", ", to = \"savings\""), Outcome::Allow);
    assert_eq!(draw("10", ", to = \"alice\""), Outcome::Password);
    assert!(matches!(form("allow", None, "day"), Err(PolicyError::Form(_))));
    let units = RuleForm::from_words("forbid", "borrow", Some("USDC"), None, Some("5"), Some("day"), |_| true).unwrap();
    assert!(matches!(units.propose(), Err(PolicyError::Form(reason)) if reason.contains("in dollars")));
}

/// A permit for everything was written for what leaves: it lets nobody run into debt.
#[test]
fn a_permit_for_everything_covers_no_debt() {
    let everything =
        "@id(\"wide\") permit (principal, action, resource) when { context.approval >= 0 && context.spent.day <= 9223372036854775806 };";
    let spending = everything.replace("action,", "action in Action::\"spend\",");
    for rules in [everything.to_owned(), spending] {
        let rules = RuleSet::load(&rules, "").unwrap();
        for step in ["apply_credit", "open_credit", "borrow"] {
            let explained = decided(&rules, &format!("do = {{ action = \"{step}\", amount = \"1\", lasts = \"1h\" }}"));
            assert_eq!(explained.outcome, Outcome::Refused, "{step}");
            assert!(explained.why[0].contains("no rule permits"), "{explained:?}");
        }
        assert_eq!(decided(&rules, "do = { action = \"repay\", amount = \"1\" }").outcome, Outcome::Allow, "paying back is spending");
    }
    let sentence = RuleSet::load(everything, "").unwrap().sentences()[0].sentence.clone();
    assert!(sentence.starts_with("Allowed without asking: everything but borrowing, when"), "{sentence}");
    // A forbid for everything covers it.
    let source = format!("{OPEN}@id(\"no\") forbid (principal, action, resource) when {{ context.usd > 100000000 }};");
    assert_eq!(decided(&RuleSet::load("", &source).unwrap(), DRAW).outcome, Outcome::Refused);
}

#[test]
fn permits_to_borrow_need_a_limit_of_their_own() {
    let capped = "context.approval >= 1 && context.without_password.day <= 500000000 && context.borrowed.day <= 500000000";
    assert!(RuleSet::check("r", &borrow(capped)).is_ok());
    for when in [
        "context.approval >= 1 && context.without_password.day <= 500000000",
        "context.approval >= 0 && context.spent.day <= 500000000 && context.borrowed.week <= 500000000",
        "context.approval >= 1 && context.spent.day <= 500000000 && context.borrowed_total <= 500000000",
        "context.approval >= 1 && context.spent.day <= 500000000 && context.borrowed.day <= 9223372036854775807",
        "context.approval >= 1 && context.spent.day <= 500000000 && (context.borrowed.day <= 5 || context.fee <= 5)",
    ] {
        for source in [borrow(when), borrow(when).replace("== Action::\"borrow\"", "in Action::\"credit\"")] {
            let error = RuleSet::check("r", &source).expect_err(when);
            assert!(error.findings().iter().any(|finding| finding.message.contains("permit to borrow")), "{when}: {error}");
        }
    }
    // The other limit still counts: draws for somebody else are spent, and fees are.
    let error = RuleSet::check("r", &borrow("context.approval >= 1 && context.borrowed.day <= 5")).expect_err("no cap on what is spent");
    assert!(error.findings()[0].message.contains("without a limit a day;"), "{error}");
    assert!(RuleSet::check("r", &borrow("context.approval >= 2")).is_ok(), "the password may go without");
}

/// What a lender says and what can't be priced or counted is never signed in silence.
#[test]
fn floors_of_credit_hold_whatever_the_rules_say() {
    let wide = "@id(\"wide\") permit (principal, action in [Action::\"spend\", Action::\"credit\"], resource)
      when { context.approval >= 0 && context.spent.day <= 9223372036854775806 && context.borrowed.day <= 9223372036854775806 };
    @id(\"wider\") permit (principal, action, resource) when { context.approval >= 2 };";
    let rules = RuleSet::load(wide, "").unwrap();
    for (case, expected) in [
        (DRAW, Outcome::Allow),
        ("do = { action = \"borrow\", amount = \"1\", to = \"bob\" }", Outcome::Click),
        ("do = { action = \"borrow\", amount = \"1\", to = \"lookalike\" }", Outcome::Click),
        ("do = { action = \"borrow\", asset = \"PEPE\", amount = \"1\" }", Outcome::Refused),
        ("do = { action = \"apply_credit\", amount = \"1\", lasts = \"1h\" }", Outcome::Click),
        ("do = { action = \"open_credit\", amount = \"1\", lasts = \"1h\" }", Outcome::Click),
    ] {
        assert_eq!(decided(&rules, case).outcome, expected, "{case}");
    }
    // More than can be counted, in one draw or together with what was drawn before.
    let mut facts = facts(DRAW);
    facts.before.borrowed.usd.month = Usd::from_micro(parlance_policy::units::MOST).unwrap();
    assert_eq!(decide(&rules, &facts).outcome, Outcome::Refused);
    facts.before.borrowed.usd.month = Usd::ZERO;
    facts.before.owed = Usd::from_micro(parlance_policy::units::MOST).unwrap();
    assert_eq!(decide(&rules, &facts).outcome, Outcome::Refused);
}

/// No pack lets anybody apply, open or renew below the password.
#[test]
fn running_into_debt_takes_the_password_in_every_pack() {
    for pack in PACKS {
        let rules = RuleSet::with_pack(pack.name, "").unwrap();
        for (step, amount) in [("apply_credit", "1"), ("apply_credit", "2000"), ("open_credit", "1"), ("open_credit", "2000")] {
            let outcome = decided(&rules, &format!("do = {{ action = \"{step}\", amount = \"{amount}\", lasts = \"1h\" }}")).outcome;
            assert!(outcome >= Outcome::Password, "{}: {step}: {outcome:?}", pack.name);
        }
        for to in ["alice", "stranger", "lookalike", "router"] {
            let outcome = decided(&rules, &format!("do = {{ action = \"borrow\", amount = \"1\", to = \"{to}\" }}")).outcome;
            assert!(outcome >= Outcome::Password, "{}: {to}: {outcome:?}", pack.name);
        }
    }
}

/// A draw for somebody else is a transfer to them: what forbids the one forbids the other.
#[test]
fn limits_on_sending_hold_for_draws() {
    for own in [
        "@id(\"no-alice\") forbid (principal, action == Action::\"send\", resource) when { context has recipient && context.recipient has contact && context.recipient.contact == Contact::\"alice\" };",
        "@id(\"small\") forbid (principal, action == Action::\"send\", resource) when { context.usd > 10000000 };",
        "@id(\"day\") forbid (principal, action in Action::\"spend\", resource) when { context.spent.day > 100000000 };",
        "@id(\"each\") forbid (principal, action == Action::\"send\", resource) when { context.recipient_spent.week > 100000000 };",
        "@id(\"units\") forbid (principal, action == Action::\"send\", resource) when { context.asset_units.day > 100000000 };",
        "@id(\"total\") forbid (principal, action == Action::\"send\", resource) when { context.total > 100000000 };",
    ] {
        let rules = RuleSet::with_pack("cautious", own).unwrap();
        assert_eq!(decided(&rules, "do = { action = \"borrow\", amount = \"500\", to = \"alice\" }").outcome, Outcome::Refused, "{own}");
        assert_eq!(decided(&rules, DRAW).outcome, Outcome::Click, "{own}");
    }
}
