//! The shipped packs: valid, formatted, tested by their own data, and capped.

use std::path::Path;

use parlance_policy::{PACKS, RuleSet, format, suite};

#[test]
fn every_pack_is_valid_without_a_warning_and_formatted() {
    for pack in PACKS {
        let rules = RuleSet::with_pack(pack.name, "").unwrap_or_else(|e| panic!("{}: {:#?}", pack.name, e));
        assert!(rules.warnings().is_empty(), "{}: {:#?}", pack.name, rules.warnings());
        assert_eq!(format(pack.source).unwrap(), pack.source, "{}: not formatted", pack.name);
    }
}

#[test]
fn the_packs_own_tests_pass() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs");
    let report = suite::test_dir(&dir).unwrap();
    let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    assert!(report.passed >= 60, "only {} cases", report.passed);
}
