//! A rule as a plain sentence, derived from what it says, never from what it says of itself.

use crate::condition::{Comparison, Condition, TagTest};
use crate::ruleset::Rule;
use crate::schema::{Action, GROUPS};
use crate::{dates, words};

/// The sentence of a rule.
pub(crate) fn of(rule: &Rule) -> String {
    let mut sentence = level(rule);
    sentence.push_str(": ");
    sentence.push_str(&subject(rule));
    let when: Vec<String> =
        rule.conditions.iter().filter(|condition| !is_level(condition) && !is_guard(condition, &rule.conditions)).map(clause).collect();
    if !when.is_empty() {
        sentence.push_str(", when ");
        sentence.push_str(&listed(&when, "and"));
    }
    if let Some(until) = rule.until {
        sentence.push_str(&format!(", until the end of {}", dates::day(until.saturating_sub(86_400_000))));
    }
    sentence.push('.');
    sentence
}

fn level(rule: &Rule) -> String {
    let text = if rule.permits {
        match rule.lowest_level() {
            Some(0) => "Allowed without asking",
            Some(1) => "Allowed with a click",
            Some(2) => "Allowed with the password",
            Some(_) => "Allowed with a hardware key",
            None => "Never in effect",
        }
    } else {
        let forbidden: Vec<bool> = (0..=3).map(|level| rule.holds_at(level)).collect();
        match forbidden.as_slice() {
            [true, true, true, true] => "Never",
            [true, true, true, false] => "Never without a hardware key",
            [true, true, false, false] => "Never without the password",
            [true, false, false, false] => "Never without asking",
            [false, false, false, false] => "Never in effect",
            _ => "Forbidden at some levels of approval only",
        }
    };
    text.to_owned()
}

fn subject(rule: &Rule) -> String {
    let mut subject = match &rule.scope.actions {
        None if rule.permits => "everything but borrowing".to_owned(),
        None => "everything".to_owned(),
        Some(names) => {
            let names: Vec<String> = names.iter().map(|name| action(name)).collect();
            listed(&names, "and")
        }
    };
    match &rule.scope.resource {
        Some(Condition::Entity { id, kind, .. }) if kind == "Symbol" => subject.push_str(&format!(" of {}", words::clean(id))),
        Some(Condition::Entity { id, kind, .. }) => {
            subject.push_str(&format!(" of {} {}", kind.to_lowercase(), words::clean(id)));
        }
        Some(Condition::Other(text)) => subject.push_str(&format!(" where {}", words::clean(text))),
        _ => {}
    }
    if let Some(Condition::Entity { id, .. }) = &rule.scope.principal {
        subject.push_str(&format!(" from account {}", words::clean(id)));
    }
    subject
}

fn action(name: &str) -> String {
    let group = GROUPS.iter().find(|(group, _)| *group == name).map(|(_, words)| *words);
    Action::named(name).map(Action::words).or(group).unwrap_or(name).to_owned()
}

fn is_level(condition: &Condition) -> bool {
    matches!(condition, Condition::Compare { path, .. } if path == "context.approval")
}

/// `context has recipient` says nothing beside a condition on the recipient, nor does `hasTag` beside `getTag`.
fn is_guard(condition: &Condition, all: &[Condition]) -> bool {
    if let Condition::Tag { of, name, test: TagTest::Present } = condition {
        return all.iter().any(|other| match other {
            Condition::Tag { of: o, name: n, test } => o == of && n == name && *test != TagTest::Present,
            _ => false,
        });
    }
    let Condition::Has(guarded) = condition else {
        return false;
    };
    let below = format!("{guarded}.");
    all.iter().any(|other| {
        let mut paths = Vec::new();
        other.paths(&mut paths);
        !std::ptr::eq(other, condition)
            && paths.iter().any(|path| path.starts_with(&below) || (path == guarded && !matches!(other, Condition::Has(_))))
    })
}

/// A condition as a clause: "at most $20 leaves at once".
pub(crate) fn clause(condition: &Condition) -> String {
    match condition {
        Condition::Always(true) => "always".to_owned(),
        Condition::Always(false) => "never".to_owned(),
        Condition::All(all) => {
            let parts: Vec<String> = all.iter().filter(|one| !is_guard(one, all)).map(clause).collect();
            listed(&parts, "and")
        }
        Condition::Any(any) => listed(&any.iter().map(clause).collect::<Vec<_>>(), "or"),
        Condition::Not(inner) => denied(inner),
        Condition::Compare { path, is, bound } => compare(path, *is, *bound),
        Condition::Time { is, at } => match is {
            Comparison::Below => format!("it is before {}", dates::day(*at)),
            Comparison::AtMost => format!("it is not after {}", dates::day(*at)),
            Comparison::AtLeast => format!("it is {} or later", dates::day(*at)),
            Comparison::Above => format!("it is after {}", dates::day(*at)),
            Comparison::Equal => format!("it is exactly {}", dates::day(*at)),
            Comparison::Unequal => format!("it is not exactly {}", dates::day(*at)),
        },
        Condition::Flag(path) => words::flag(path).map_or_else(|| format!("`{path}` holds"), |(yes, _)| yes.to_owned()),
        Condition::Text { path, value } => format!("{} is {}", named(path), quoted(path, value)),
        Condition::Like { path, pattern } => {
            format!("{} looks like \"{}\"", named(path), words::clean(pattern))
        }
        Condition::OneOf { path, values } => {
            let values: Vec<String> = values.iter().map(|value| quoted(path, value)).collect();
            format!("{} is {}", named(path), listed(&values, "or"))
        }
        Condition::Has(path) => match path.as_str() {
            "context.recipient" => "there is a recipient".to_owned(),
            "context.recipient.contact" => "the recipient is in your contacts".to_owned(),
            "context.buy" => "something comes back".to_owned(),
            "context.typed" => "it is typed data".to_owned(),
            "context.claimed.host" => "the wallet names a host".to_owned(),
            other => format!("`{other}` is known"),
        },
        Condition::Entity { path, within: _, kind, id } => match kind.as_str() {
            "Contact" => format!("{} is your contact {}", named(path), words::clean(id)),
            _ => format!("{} is {}", named(path), words::clean(id)),
        },
        Condition::Tag { name, test, .. } => match test {
            TagTest::Present => format!("there is an argument \"{}\"", words::clean(name)),
            TagTest::Text(text) => format!("the argument \"{}\" is \"{}\"", words::clean(name), words::clean(text)),
            TagTest::Number(is, bound) => format!("the argument \"{}\" is {}{bound}", words::clean(name), bounded(*is)),
        },
        Condition::Other(text) => format!("`{}`", words::clean(text)),
    }
}

fn denied(inner: &Condition) -> String {
    match inner {
        Condition::Flag(path) => words::flag(path).map_or_else(|| format!("`{path}` does not hold"), |(_, no)| no.to_owned()),
        Condition::Has(path) => match path.as_str() {
            "context.recipient" => "there is no recipient".to_owned(),
            "context.recipient.contact" => "the recipient is not in your contacts".to_owned(),
            "context.buy" => "nothing comes back".to_owned(),
            "context.typed" => "it is no typed data".to_owned(),
            "context.claimed.host" => "the wallet names no host".to_owned(),
            other => format!("`{other}` is not known"),
        },
        Condition::Entity { path, kind, id, .. } if kind == "Contact" => {
            format!("{} is not your contact {}", named(path), words::clean(id))
        }
        Condition::Entity { path, id, .. } => {
            format!("{} is not {}", named(path), words::clean(id))
        }
        Condition::Text { path, value } => {
            format!("{} is not {}", named(path), quoted(path, value))
        }
        Condition::OneOf { path, values } => {
            let values: Vec<String> = values.iter().map(|value| quoted(path, value)).collect();
            format!("{} is neither {}", named(path), listed(&values, "nor"))
        }
        other => format!("not ({})", clause(other)),
    }
}

fn compare(path: &str, is: Comparison, bound: i64) -> String {
    let Some((quantity, window)) = words::quantity(path) else {
        return format!("`{path}` is {}{bound}", bounded(is));
    };
    let bound = format!("{}{}", bounded(is), words::amount(quantity.measure, bound));
    let clause = quantity.clause.replace("{}", &bound).replace("{window}", window.map_or("", words::window));
    clause.replace(" 1 times ", " once ").replace(" 1 things ", " 1 thing ").replace(" 1 signatures ", " 1 signature ")
}

fn bounded(is: Comparison) -> &'static str {
    match is {
        Comparison::AtMost => "at most ",
        Comparison::Below => "less than ",
        Comparison::AtLeast => "at least ",
        Comparison::Above => "more than ",
        Comparison::Equal => "exactly ",
        Comparison::Unequal => "anything but ",
    }
}

fn named(path: &str) -> String {
    words::noun(path).map_or_else(|| format!("`{path}`"), str::to_owned)
}

fn quoted(path: &str, value: &str) -> String {
    match (path, value) {
        (_, "") => "not stated".to_owned(),
        ("context.weekday", day) => {
            let mut letters = day.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        }
        (_, value) => format!("\"{}\"", words::clean(value)),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(parts: &[String], word: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} {word} {last}", rest.join(", ")),
    }
}
