//! Rule tests as data: `NAME.tests.toml` beside `NAME.cedar`, a table of cases each.
//!
//! The world of a case is small and fixed, see [`world`]; a file can add contacts and prices. `policies/README.md`
//! shows the format.

mod case;
mod world;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

pub use case::{Case, Step, Suite};

use crate::{Outcome, PolicyError, RuleSet, decide};

/// What came of the tests of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Cases that came out as expected.
    pub passed: usize,
    /// The others.
    pub failures: Vec<Failure>,
}

/// A case that did not come out as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The file.
    pub file: PathBuf,
    /// The case's name.
    pub case: String,
    /// What was expected, what was got.
    pub problem: String,
    /// The reasons that the engine gave.
    pub why: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.file.display(), self.case, self.problem)?;
        self.why.iter().try_for_each(|why| write!(f, "\n  {why}"))
    }
}

/// Runs every `*.tests.toml` of a folder against the rules beside it. A rule file that is not valid, or a folder
/// without tests, is an error.
pub fn test_dir(dir: &Path) -> Result<Report, PolicyError> {
    let fail = |path: &Path, reason: String| PolicyError::Suite { path: path.to_owned(), reason };
    let entries = fs::read_dir(dir).map_err(|error| fail(dir, error.to_string()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| fail(dir, error.to_string()))?.path();
        if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(".tests.toml")) {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(fail(dir, "no `*.tests.toml` here, expected rule tests".to_owned()));
    }
    let mut report = Report::default();
    for file in files {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let rules = file.with_file_name(format!("{}.cedar", name.trim_end_matches(".tests.toml")));
        let read = |path: &Path| fs::read_to_string(path).map_err(|error| fail(path, error.to_string()));
        let (source, tests) = (read(&rules)?, read(&file)?);
        let suite = Suite::parse(&tests).map_err(|reason| fail(&file, reason))?;
        let rules = RuleSet::check(&rules.display().to_string(), &source)?;
        let one = test(&rules, &suite).map_err(|reason| fail(&file, reason))?;
        report.passed += one.passed;
        report.failures.extend(one.failures.into_iter().map(|failure| Failure { file: file.clone(), ..failure }));
    }
    Ok(report)
}

/// Runs one suite against rules. An error where a case can't be built.
pub fn test(rules: &RuleSet, suite: &Suite) -> Result<Report, String> {
    let mut report = Report::default();
    for case in &suite.case {
        let facts = suite.facts(case).map_err(|reason| format!("case `{}`: {reason}", case.name))?;
        let explained = decide(rules, &facts);
        let mut problems = Vec::new();
        if explained.outcome != case.expect {
            problems.push(format!("expected {}, got {}", name(case.expect), name(explained.outcome)));
        }
        let ids: Vec<&str> = explained.rules.iter().map(|rule| rule.id.as_str()).collect();
        for rule in case.rules.iter().filter(|rule| !ids.contains(&rule.as_str())) {
            problems.push(format!("expected the rule `{rule}` among those that decided, got {ids:?}"));
        }
        if let Some(why) = &case.why
            && !explained.why.iter().any(|reason| reason.contains(why.as_str()))
        {
            problems.push(format!("expected a reason with `{why}`"));
        }
        if problems.is_empty() {
            report.passed += 1;
        } else {
            let problem = problems.join("; ");
            report.failures.push(Failure { file: PathBuf::new(), case: case.name.clone(), problem, why: explained.why });
        }
    }
    Ok(report)
}

fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allow => "allow",
        Outcome::Click => "click",
        Outcome::Password => "password",
        Outcome::Hardware => "hardware",
        Outcome::Refused => "refused",
    }
}
