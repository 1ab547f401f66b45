//! One way to lay out rules.

use cedar_policy::PolicySet;
use cedar_policy_formatter::{Config, policies_str_to_pretty};

use crate::{PolicyError, diagnose};

/// Lays out the rules of a file; comments stay, meaning stays. An error where the text is no Cedar.
pub fn format(source: &str) -> Result<String, PolicyError> {
    if let Err(errors) = source.parse::<PolicySet>() {
        return Err(PolicyError::Syntax(diagnose::syntax(&errors, "rules", source)));
    }
    let config = Config { line_width: 120, indent_width: 2 };
    let pretty = policies_str_to_pretty(source, &config).map_err(|error| PolicyError::Engine(error.to_string()))?;
    Ok(with_title(source, pretty))
}

/// A comment at the top that stands apart from the first rule stays apart.
fn with_title(source: &str, pretty: String) -> String {
    let comment = |line: &&str| line.trim_start().starts_with("//");
    let title = source.lines().take_while(comment).count();
    let apart = title > 0 && source.lines().nth(title).is_some_and(|line| line.trim().is_empty());
    if !apart {
        return pretty;
    }
    let mut lines: Vec<&str> = pretty.lines().collect();
    if lines.iter().take_while(|line| comment(line)).count() >= title {
        lines.insert(title, "");
    }
    let mut out = lines.join("\n");
    out.push('\n');
    out
}
