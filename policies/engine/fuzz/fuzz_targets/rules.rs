//! Any text as rules: an error with findings, or rules that decide without a panic; formatting is idempotent.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use parlance_policy::suite::Suite;
use parlance_policy::{Facts, Outcome, RuleSet, Totals, decide, format, limits};

const CASES: &str = r#"
[[case]]
name = "a payment"
do = { action = "send", amount = "5", to = "alice" }
expect = "allow"

[[case]]
name = "typed data that is not understood"
do = { action = "sign_typed", domain = "Exchange", primary_type = "Order", fields = { price = "7" } }
expect = "password"
"#;

fuzz_target!(|text: &str| {
    static FACTS: OnceLock<Vec<Facts>> = OnceLock::new();
    let facts = FACTS.get_or_init(|| {
        let suite = Suite::parse(CASES).expect("the cases are valid");
        suite.case.iter().map(|case| suite.facts(case).expect("the case can be built")).collect()
    });
    match RuleSet::load("", text) {
        Ok(rules) => {
            for rule in rules.sentences() {
                assert!(!rule.sentence.is_empty());
            }
            let _ = limits(&rules, &Totals::default());
            let [payment, unknown] = facts.as_slice() else { unreachable!("two cases") };
            let _ = decide(&rules, payment);
            assert!(decide(&rules, unknown).outcome >= Outcome::Password, "never silent, whatever the rules say");
        }
        Err(error) => assert!(!error.findings().is_empty(), "{error}"),
    }
    if let Ok(pretty) = format(text) {
        assert_eq!(format(&pretty).expect("what was formatted is Cedar"), pretty);
    }
});
