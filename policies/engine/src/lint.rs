//! What Cedar accepts and a wallet must not.

use std::collections::HashSet;
use std::sync::Arc;

use cedar_policy::pst::{Clause, Expr, Literal, Var};

use crate::condition::{Comparison, Condition};
use crate::diagnose;
use crate::error::{Finding, Severity};
use crate::ruleset::Rule;
use crate::words::{self, Measure};

/// Windows in dollars that bound what leaves, whoever it goes to.
const CAPS: [&str; 3] = ["context.spent.day", "context.without_asking.day", "context.without_password.day"];

/// What bounds what is borrowed.
const BORROWING_CAP: &str = "context.borrowed.day";

/// Looks one rule over.
pub(crate) fn rule(rule: &Rule, source: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let place = text.find(&format!("@id(\"{}\")", rule.id)).map(|offset| diagnose::place(text, offset));
    let mut say = |severity: Severity, message: &str, help: &str| {
        findings.push(Finding {
            severity,
            source: source.to_owned(),
            rule: Some(rule.id.clone()),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            length: None,
            message: message.to_owned(),
            help: Some(help.to_owned()),
        });
    };
    if rule.permits {
        permit(rule, &mut say);
    } else {
        forbid(rule, &mut say);
    }
    if rule.lowest_level().is_none() {
        say(Severity::Warning, "no level of approval fits it, so it never counts", "levels are 0, 1, 2 and 3");
    }
    findings
}

fn permit(rule: &Rule, say: &mut impl FnMut(Severity, &str, &str)) {
    if rule.body.clauses().iter().any(|clause| rests_on_claims(of(clause))) {
        say(
            Severity::Error,
            "a permit that rests on what the wallet claims; a wallet that was taken over can claim anything",
            "use `context.claimed` in forbids only, and name its fields directly",
        );
    }
    let level = rule.conditions.iter().any(|one| matches!(one, Condition::Compare { path, .. } if path == "context.approval"));
    if !level {
        say(
            Severity::Error,
            "a permit that does not say at which level of approval it counts",
            "add `context.approval >= 1` as a condition of its own: 0 nobody is asked, 1 a click, 2 the password, 3 a hardware key",
        );
    }
    let silent = level && rule.lowest_level().is_some_and(|level| level <= 1);
    if silent && borrows(rule) && !rule.conditions.iter().any(|one| caps(one, &[BORROWING_CAP])) {
        say(
            Severity::Error,
            "a permit to borrow at level 0 or 1 without a limit a day on what is borrowed; draws do not count as spent",
            "add `context.borrowed.day <= 500000000` (that is $500) as a condition of its own",
        );
    }
    if silent && !only_messages(rule) && !rule.conditions.iter().any(|one| caps(one, &CAPS)) {
        say(
            Severity::Error,
            "a permit at level 0 or 1 without a limit a day; whoever takes the wallet over could use it again and again",
            "add `context.without_password.day <= 500000000` (that is $500) as a condition of its own",
        );
    }
    for condition in &rule.conditions {
        if let Condition::Compare { path, is: Comparison::AtLeast | Comparison::Above, .. } = condition
            && words::quantity(path).is_some_and(|(quantity, _)| quantity.measure == Measure::Money)
        {
            say(
                Severity::Warning,
                "a permit that holds for more but not for less, also for what can't be priced",
                "permits name upper limits, forbids name what exceeds them",
            );
        }
    }
}

fn forbid(rule: &Rule, say: &mut impl FnMut(Severity, &str, &str)) {
    let everything = rule.scope.actions.is_none() && rule.scope.principal.is_none() && rule.scope.resource.is_none();
    let always = rule.conditions.iter().all(|condition| *condition == Condition::Always(true));
    if everything && always {
        say(Severity::Warning, "a forbid that always holds: nothing can be signed at all", "name an action or a condition");
    }
    let levels: Vec<bool> = (0..=3).map(|level| rule.holds_at(level)).collect();
    if levels.windows(2).any(|pair| matches!(pair, [false, true])) {
        say(
            Severity::Warning,
            "a forbid that holds at a higher level of approval but not at a lower one",
            "use `context.approval < 2` to demand more approval",
        );
    }
    for condition in &rule.conditions {
        if let Condition::Compare { path, is: Comparison::AtMost | Comparison::Below, .. } = condition
            && words::quantity(path).is_some_and(|(quantity, _)| quantity.measure == Measure::Money)
        {
            say(
                Severity::Warning,
                "a forbid of less but not of more: what can't be priced escapes it",
                "forbids name what exceeds a limit: `context.usd > 20000000`",
            );
        }
    }
}

/// Ids must be unique over pack and own rules together.
pub(crate) fn duplicates(rules: &[Rule], source: &str, text: &str) -> Vec<Finding> {
    let mut seen = HashSet::new();
    let twice = rules.iter().filter(|rule| !seen.insert(rule.id.as_str()));
    let finding = |rule: &Rule| {
        let id = format!("@id(\"{}\")", rule.id);
        let place = text.rfind(&id).map(|offset| diagnose::place(text, offset));
        Finding {
            severity: Severity::Error,
            source: source.to_owned(),
            rule: Some(rule.id.clone()),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            length: place.map(|_| id.chars().count()),
            message: "the name is used twice, in the pack or in the owner's own rules".to_owned(),
            help: Some("every rule has a name of its own".to_owned()),
        }
    };
    twice.map(finding).collect()
}

fn caps(condition: &Condition, paths: &[&str]) -> bool {
    let Condition::Compare { path, is: Comparison::AtMost | Comparison::Below, bound } = condition else {
        return false;
    };
    paths.contains(&path.as_str()) && *bound < i64::MAX
}

fn borrows(rule: &Rule) -> bool {
    rule.action_names().is_some_and(|names| names.contains("borrow") || names.contains("credit"))
}

fn only_messages(rule: &Rule) -> bool {
    rule.action_names().is_some_and(|names| names.iter().all(|name| *name == "sign_message"))
}

fn of(clause: &Clause) -> &Arc<Expr> {
    match clause {
        Clause::When(expr) | Clause::Unless(expr) => expr,
    }
}

/// Any mention of `claimed` counts, and so does the context as a whole, through which it could be reached.
fn rests_on_claims(expr: &Arc<Expr>) -> bool {
    match expr.as_ref() {
        Expr::Var(Var::Context) => true,
        Expr::GetAttr { expr, attr } => attr == "claimed" || below(expr),
        Expr::HasAttr { expr, attrs } => attrs.iter().any(|attr| attr == "claimed") || below(expr),
        Expr::UnaryOp { expr, .. } | Expr::Like { expr, .. } => rests_on_claims(expr),
        Expr::BinaryOp { left, right, .. } => rests_on_claims(left) || rests_on_claims(right),
        Expr::Is { expr, in_expr, .. } => rests_on_claims(expr) || in_expr.as_ref().is_some_and(rests_on_claims),
        Expr::IfThenElse { cond, then_expr, else_expr } => [cond, then_expr, else_expr].into_iter().any(rests_on_claims),
        Expr::Set(items) => items.iter().any(rests_on_claims),
        Expr::Record(fields) => fields.values().any(rests_on_claims),
        Expr::Var(_) | Expr::Slot(_) => false,
        Expr::Literal(Literal::EntityUID(uid)) => uid.ty.0.to_string() == "Host",
        Expr::Literal(_) => false,
        // Kinds of expression that this program does not know can't be shown to be safe.
        _ => true,
    }
}

/// The base of an attribute: naming the context there is how its other fields are reached.
fn below(expr: &Arc<Expr>) -> bool {
    !matches!(expr.as_ref(), Expr::Var(Var::Context)) && rests_on_claims(expr)
}
