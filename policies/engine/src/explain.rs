//! Why a decision is not a milder one, in plain sentences with numbers.

use std::cmp::Reverse;

use crate::condition::{Comparison, Condition, negate};
use crate::decide::{Verdict, lifting};
use crate::facts::Floor;
use crate::request::{Value, View};
use crate::ruleset::{Rule, RuleSet};
use crate::words::{self, Measure};
use crate::{Explained, Outcome, RuleRef, sentence};

/// Sentences and rules that are shown at most.
const MOST: usize = 8;

/// Reasons that are named at most for one rule that almost permits.
const MOST_REASONS: usize = 3;

/// Permitted at `level`; `below` are the verdicts one level lower, where that was asked.
pub(crate) fn permitted(
    rules: &RuleSet,
    level: Outcome,
    views: &[View],
    verdicts: &[Verdict<'_>],
    below: Option<&[Verdict<'_>]>,
    floors: &[Floor],
) -> Explained {
    let mut account = Account::new(level);
    for floor in lifting(floors, level).filter(|floor| floor.level > Outcome::Allow) {
        account.floor(floor);
    }
    let under = level.level().map_or(0, |level| level - 1);
    for (view, verdict) in views.iter().zip(below.unwrap_or_default()) {
        account.forbidden(view, verdict);
        if verdict.forbids.is_empty() && verdict.permits.is_empty() {
            account.not_permitted(rules, view, under, Named::No);
        }
    }
    for rule in verdicts.iter().flat_map(|verdict| &verdict.permits) {
        account.rule(rule);
    }
    account.explained()
}

/// Not permitted at any level; `verdicts` are those of the highest.
pub(crate) fn refused(rules: &RuleSet, views: &[View], verdicts: &[Verdict<'_>], floors: &[Floor]) -> Explained {
    let mut account = Account::new(Outcome::Refused);
    for (view, verdict) in views.iter().zip(verdicts) {
        account.forbidden(view, verdict);
        if verdict.forbids.is_empty() && verdict.permits.is_empty() {
            account.not_permitted(rules, view, 3, Named::Yes);
        }
    }
    if account.why.is_empty() {
        floors.iter().for_each(|floor| account.floor(floor));
    }
    account.explained()
}

/// Decided by the signer's own floors.
pub(crate) fn floored(outcome: Outcome, floors: &[Floor]) -> Explained {
    let mut account = Account::new(outcome);
    lifting(floors, outcome).for_each(|floor| account.floor(floor));
    account.explained()
}

/// Whether a rule that almost permits is among those that decided.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Yes,
    No,
}

struct Account {
    outcome: Outcome,
    rules: Vec<RuleRef>,
    why: Vec<String>,
}

impl Account {
    fn new(outcome: Outcome) -> Self {
        Self { outcome, rules: Vec::new(), why: Vec::new() }
    }

    fn explained(self) -> Explained {
        Explained { outcome: self.outcome, rules: self.rules, why: self.why }
    }

    fn rule(&mut self, rule: &Rule) {
        let reference = rule.reference();
        if self.rules.len() < MOST && !self.rules.contains(&reference) {
            self.rules.push(reference);
        }
    }

    fn say(&mut self, reason: &str) {
        let prefix = match self.outcome {
            Outcome::Allow => "allowed",
            Outcome::Click => "a click is needed",
            Outcome::Password => "the password is needed",
            Outcome::Hardware => "a hardware key is needed",
            Outcome::Refused => "refused",
        };
        let sentence = format!("{prefix}: {reason}");
        if self.why.len() < MOST && !self.why.contains(&sentence) {
            self.why.push(sentence);
        }
    }

    fn floor(&mut self, floor: &Floor) {
        self.say(&floor.reason);
        let mut reason = floor.reason.chars();
        let capital = reason.next().map_or_else(String::new, |first| first.to_uppercase().chain(reason).collect());
        let reference = RuleRef { id: "signer".to_owned(), sentence: format!("{capital}.") };
        if self.rules.len() < MOST && !self.rules.contains(&reference) {
            self.rules.push(reference);
        }
    }

    fn forbidden(&mut self, view: &View, verdict: &Verdict<'_>) {
        for rule in &verdict.forbids {
            self.rule(rule);
            let limits: Vec<String> = rule.conditions.iter().filter_map(|condition| limit(&negate(condition.clone()), view)).collect();
            if limits.is_empty() {
                self.say(&uncapital(rule.sentence.trim_end_matches('.')));
            } else {
                self.say(&limits.join(", and "));
            }
        }
    }

    /// Names what the nearest permit misses.
    fn not_permitted(&mut self, rules: &RuleSet, view: &View, approval: i64, named: Named) {
        let part = rules.for_action(view.action);
        let candidates = part.iter().flat_map(|part| &part.rules).filter_map(|i| rules.rules().get(*i));
        let nearest = candidates
            .filter(|rule| rule.permits && rule.holds_at(approval) && concerns(rule, view, approval))
            .map(|rule| (rule, missing(rule, view, approval)))
            .filter(|(_, missing)| !missing.is_empty())
            // The rule that is meant for this level, then the one that misses least, limits before other conditions.
            .min_by_key(|(rule, missing)| {
                let other = missing.iter().filter(|one| limit(one, view).is_none()).count();
                (Reverse(rule.lowest_level()), missing.len(), other)
            });
        match nearest {
            None => {
                let how = match self.outcome {
                    Outcome::Refused => "at any level",
                    Outcome::Click => "without asking",
                    Outcome::Password => "with a click",
                    _ => "with the password",
                };
                self.say(&format!("no rule permits {} {how}", view.action.words()));
            }
            Some((rule, missing)) => {
                if named == Named::Yes {
                    self.rule(rule);
                }
                let reasons: Vec<String> = missing.iter().take(MOST_REASONS).map(|one| reason(one, view, approval)).collect();
                self.say(&reasons.join(", and "));
            }
        }
    }
}

/// As the rest of a sentence.
fn uncapital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Whether a rule's scope fits; its actions do, by the partition.
fn concerns(rule: &Rule, view: &View, approval: i64) -> bool {
    let fits = |condition: &Option<Condition>| condition.as_ref().is_none_or(|one| one.holds(view, approval) != Some(false));
    fits(&rule.scope.principal) && fits(&rule.scope.resource)
}

/// The conditions that do not hold. What only follows from another one of them is left out.
fn missing<'r>(rule: &'r Rule, view: &View, approval: i64) -> Vec<&'r Condition> {
    let missing: Vec<&Condition> = rule.conditions.iter().filter(|condition| condition.holds(view, approval) != Some(true)).collect();
    let has = |path: &str| missing.iter().any(|one| matches!(one, Condition::Flag(p) | Condition::Has(p) if p == path));
    let stranger = has("context.recipient.known");
    let nobody = has("context.recipient");
    let follows = |condition: &Condition| match condition {
        Condition::Compare { path, .. } if path == "context.recipient.age" || path == "context.recipient.paid" => stranger || nobody,
        Condition::Flag(path) => nobody && path.starts_with("context.recipient."),
        _ => false,
    };
    missing.iter().copied().filter(|condition| !follows(condition)).collect()
}

/// Why one condition of a permit does not hold.
fn reason(condition: &Condition, view: &View, approval: i64) -> String {
    if let Some(limit) = limit(condition, view) {
        return limit;
    }
    let name = view.recipient_name.as_deref().map(words::clean);
    match (condition, name) {
        (Condition::Flag(path), Some(name)) if path == "context.recipient.known" => {
            format!("{name} is not in your contacts")
        }
        (Condition::Flag(path), Some(name)) if path == "context.recipient.own" => {
            format!("{name} is not your own account")
        }
        (Condition::Any(all), _) => sentence::listed(&all.iter().map(|one| reason(one, view, approval)).collect::<Vec<_>>(), "and"),
        (Condition::All(all), _) => {
            let failing = all.iter().filter(|one| one.holds(view, approval) != Some(true));
            sentence::listed(&failing.map(|one| reason(one, view, approval)).collect::<Vec<_>>(), "and")
        }
        _ => sentence::clause(&negate(condition.clone())),
    }
}

/// A bound that does not hold, with what is there: `$200 a day, already $180`.
fn limit(condition: &Condition, view: &View) -> Option<String> {
    let Condition::Compare { path, is, bound } = condition else {
        return None;
    };
    let (quantity, window) = words::quantity(path)?;
    let Some(Value::Long(now)) = view.value(path) else {
        return None;
    };
    if is.holds(*now, *bound) {
        return None;
    }
    let allowed = words::amount(quantity.measure, *bound);
    let unknown = *now == i64::MAX;
    if let Some(window) = window {
        let already = i64::try_from(view.already(path)?).unwrap_or(i64::MAX);
        let each = words::window(window);
        let what = if quantity.measure == Measure::Asset {
            let asset = view.asset_name.as_deref().map_or_else(|| "of the asset".to_owned(), words::clean);
            format!("{allowed} {asset} {each}")
        } else if quantity.measure == Measure::Number {
            format!("{allowed}{} {each}", quantity.limit)
        } else {
            format!("{allowed} {each}{}", quantity.limit)
        };
        let adds = now.saturating_sub(already);
        return Some(match (unknown, already) {
            (true, _) if quantity.measure == Measure::Money => {
                format!("{what}, and this can't be priced")
            }
            (true, _) => format!("{what}, and this has no bound"),
            (false, 0) => format!("{what}, this alone is {}", words::amount(quantity.measure, adds)),
            (false, _) if adds == 0 => format!("{what}, already {}", words::amount(quantity.measure, already)),
            (false, _) => {
                let (already, adds) = (words::amount(quantity.measure, already), words::amount(quantity.measure, adds));
                format!("{what}, already {already}, this adds {adds}")
            }
        });
    }
    let what = quantity.limit.replace("{}", &allowed);
    let there = match (quantity.measure, unknown) {
        (Measure::Money, true) => "and this can't be priced".to_owned(),
        (Measure::Span, true) => "and this never ends".to_owned(),
        (_, true) => "and this has no bound".to_owned(),
        (Measure::Span, false) if path == "context.recipient.age" => {
            format!("so far {}", words::about(*now))
        }
        (Measure::Span, false) => format!("this takes {}", words::about(*now)),
        (measure, false) if path.starts_with("context.recipient.") => {
            format!("so far {}", words::amount(measure, *now))
        }
        (measure, false) => format!("this is {}", words::amount(measure, *now)),
    };
    let what = if allowed == "1" { what.replace("1 earlier payments", "1 earlier payment") } else { what };
    Some(match is {
        Comparison::AtMost => format!("{what}, {there}"),
        Comparison::Below => format!("less than {what}, {there}"),
        Comparison::AtLeast => format!("at least {what}, {there}"),
        Comparison::Above => format!("more than {what}, {there}"),
        Comparison::Equal => format!("exactly {what}, {there}"),
        Comparison::Unequal => format!("anything but {what}, {there}"),
    })
}
