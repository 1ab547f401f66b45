//! What Cedar says is wrong, with line and column.

use cedar_policy::{ParseErrors, PolicySet, ValidationResult};
use miette::Diagnostic;

use crate::error::{Finding, Severity};

/// Text that is no Cedar.
pub(crate) fn syntax(errors: &ParseErrors, name: &str, text: &str) -> Vec<Finding> {
    errors.iter().map(|error| finding(error, Severity::Error, name, text, None, error.to_string())).collect()
}

/// Cedar that does not fit the schema.
pub(crate) fn validation(result: &ValidationResult, name: &str, text: &str, policies: &PolicySet) -> Vec<Finding> {
    let rule = |id: &cedar_policy::PolicyId| policies.annotation(id, "id").map(str::to_owned);
    let errors = result.validation_errors().map(|error| {
        let message = without_prefix(&error.to_string());
        finding(error, Severity::Error, name, text, rule(error.policy_id()), message)
    });
    let warnings = result.validation_warnings().map(|warning| {
        let message = without_prefix(&warning.to_string());
        finding(warning, Severity::Warning, name, text, rule(warning.policy_id()), message)
    });
    errors.chain(warnings).collect()
}

/// Something that is wrong with the policy whose own text is `policy`.
pub(crate) fn at(policy: &str, name: &str, text: &str, message: &str) -> Finding {
    let place = text.find(policy.trim()).map(|offset| place(text, offset));
    Finding {
        severity: Severity::Error,
        source: name.to_owned(),
        rule: None,
        line: place.map(|(line, _)| line),
        column: place.map(|(_, column)| column),
        length: None,
        message: message.to_owned(),
        help: None,
    }
}

fn finding(error: &dyn Diagnostic, severity: Severity, source: &str, text: &str, rule: Option<String>, message: String) -> Finding {
    let label = error.labels().and_then(|mut labels| labels.next());
    let place = label.as_ref().map(|label| place(text, label.offset()));
    let expected = label.as_ref().and_then(|label| label.label()).map(str::to_owned);
    Finding {
        severity,
        source: source.to_owned(),
        rule,
        line: place.map(|(line, _)| line),
        column: place.map(|(_, column)| column),
        length: label.as_ref().map(|label| length(text, label.offset(), label.len())).filter(|length| *length > 0),
        message,
        help: error.help().map(|help| help.to_string()).or(expected),
    }
}

/// "for policy `policy3`, ..." names a number that nobody wrote.
fn without_prefix(message: &str) -> String {
    let rest = message.strip_prefix("for policy `").and_then(|rest| rest.split_once("`, "));
    rest.map_or(message, |(_, rest)| rest).to_owned()
}

/// Characters of a span of bytes.
fn length(text: &str, offset: usize, bytes: usize) -> usize {
    let span = offset..offset.saturating_add(bytes);
    text.char_indices().filter(|(at, _)| span.contains(at)).count()
}

/// Line and column of a byte offset, from 1, in characters.
pub(crate) fn place(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
