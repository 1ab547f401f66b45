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

/// Rule tests can fail: a wrong level, a missing rule, a missing reason, a case that can't be built, no tests at all.
#[test]
fn wrong_expectations_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    assert!(suite::test_dir(dir.path()).unwrap_err().to_string().contains("expected rule tests"));
    std::fs::write(dir.path().join("mine.cedar"), PACKS[0].source).unwrap();
    let case = |rest: &str| {
        let text = format!("[[case]]\nname = \"a case\"\ndo = {{ action = \"send\", amount = \"50\", to = \"alice\" }}\n{rest}");
        std::fs::write(dir.path().join("mine.tests.toml"), text).unwrap();
        suite::test_dir(dir.path())
    };
    let good = case("expect = \"click\"\nrules = [\"click-contacts\"]\nwhy = \"$20 each\"").unwrap();
    assert_eq!((good.passed, good.failures.len()), (1, 0));
    for (rest, problem) in [
        ("expect = \"allow\"", "expected allow, got click"),
        ("expect = \"click\"\nrules = [\"upkeep\"]", "`upkeep`"),
        ("expect = \"click\"\nwhy = \"$21 each\"", "$21 each"),
    ] {
        let report = case(rest).unwrap();
        assert_eq!(report.passed, 0);
        assert!(report.failures[0].to_string().contains(problem), "{}", report.failures[0]);
    }
    assert!(case("expect = \"click\"\nalso = [{ action = \"steal\" }]").unwrap_err().to_string().contains("steal"));
    assert!(case("expect = \"perhaps\"").is_err());
}
