//! What can be wrong with rules.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth a look; the rules load.
    Warning,
    /// The rules are not taken.
    Error,
}

/// One thing that is wrong with a rule, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// In which source: `pack`, `own` or a file's name.
    pub source: String,
    /// `@id` of the rule, where it has one.
    pub rule: Option<String>,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// How many characters from there are meant; `None` where only the place is known.
    pub length: Option<usize>,
    /// What is wrong: what was got, what was expected.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, ":{line}:{column}")?;
        }
        f.write_str(match self.severity {
            Severity::Warning => ": warning: ",
            Severity::Error => ": error: ",
        })?;
        if let Some(rule) = &self.rule {
            write!(f, "rule `{rule}`: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(help) = &self.help {
            write!(f, " ({help})")?;
        }
        Ok(())
    }
}

/// Why rules were not taken.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The text is no Cedar.
    #[error("the rules can't be read: {}", first(.0))]
    Syntax(Vec<Finding>),
    /// The text is Cedar, but does not fit the schema.
    #[error("the rules don't fit the schema: {}", first(.0))]
    Invalid(Vec<Finding>),
    /// The rules fit the schema, but the linter refuses them.
    #[error("the rules are not safe to take: {}", first(.0))]
    Unsafe(Vec<Finding>),
    /// No such pack.
    #[error("there is no rule pack `{got}`: expected one of {expected}")]
    NoPack {
        /// The name that was asked for.
        got: String,
        /// The names that there are.
        expected: String,
    },
    /// A form asks for what rules can't say or would be without a limit.
    #[error("no rule can be made of this: {0}")]
    Form(String),
    /// A file of rule tests can't be read.
    #[error("{path}: {reason}", path = .path.display())]
    Suite {
        /// The file.
        path: PathBuf,
        /// What was got, what was expected.
        reason: String,
    },
    /// The built-in schema or Cedar itself failed: a defect of this program.
    #[error("the rule engine failed: {0}")]
    Engine(String),
}

fn first(findings: &[Finding]) -> String {
    match findings {
        [] => "no finding".to_owned(),
        [one] => one.to_string(),
        [one, rest @ ..] => format!("{one}; and {} more", rest.len()),
    }
}

impl PolicyError {
    /// What was found, where the rules' text was at fault.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Syntax(findings) | Self::Invalid(findings) | Self::Unsafe(findings) => findings,
            _ => &[],
        }
    }

    /// What a person can do.
    pub fn remedy(&self) -> String {
        match self {
            Self::Syntax(_) | Self::Invalid(_) | Self::Unsafe(_) => {
                "Correct the lines named above; `parlance rules check FILE` checks a file without enacting it.".to_owned()
            }
            Self::NoPack { expected, .. } => format!("Name one of {expected}."),
            Self::Form(_) => "Say what may leave, up to how much, and per transaction, day, week or month.".to_owned(),
            Self::Suite { .. } => "Correct the file; policies/README.md shows the format.".to_owned(),
            Self::Engine(_) => "Report this: it should not happen whatever the rules say.".to_owned(),
        }
    }
}
