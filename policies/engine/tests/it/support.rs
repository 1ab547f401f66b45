//! Facts in few words: the cases of rule tests.

use parlance_policy::suite::{Case, Suite};
use parlance_policy::{Explained, Facts, RuleSet, decide};

/// The facts of one case, without its expectation: `do = {...}` and whatever else a case has.
pub fn facts(case: &str) -> Facts {
    let suite = Suite::parse(&format!("[[case]]\nname = \"a case\"\nexpect = \"refused\"\n{case}")).unwrap();
    suite.facts(&suite.case[0]).unwrap()
}

pub fn decided(rules: &RuleSet, case: &str) -> Explained {
    decide(rules, &facts(case))
}

pub fn cautious() -> RuleSet {
    RuleSet::with_pack("cautious", "").unwrap()
}

/// Every case of every pack's tests.
pub fn all_cases() -> Vec<(Suite, Case)> {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs");
    let read = |name: &str| std::fs::read_to_string(dir.join(format!("{name}.tests.toml"))).unwrap();
    let suites = parlance_policy::PACKS.iter().map(|pack| Suite::parse(&read(pack.name)).unwrap());
    suites.flat_map(|suite| suite.case.clone().into_iter().map(move |case| (suite.clone(), case))).collect()
}
