//! Gauges: what is used of each limit of the rules.

use serde::{Deserialize, Serialize};

use crate::condition::{Comparison, Condition, negate};
use crate::facts::{Totals, Windows};
use crate::ruleset::RuleSet;
use crate::units::{MOST, Usd};
use crate::words;

/// A limit and what is used of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gauge {
    /// In words: `without asking, a day`.
    pub label: String,
    /// Used, micro-USD.
    pub used: u64,
    /// Limit, micro-USD.
    pub limit: u64,
}

/// The limits in dollars that hold whatever the asset, recipient and client; the widest that permits give, the
/// narrowest that forbids leave.
pub fn limits(rules: &RuleSet, totals: &Totals) -> Vec<Gauge> {
    let of = |windows: Windows<Usd>, window: &str| match window {
        "hour" => windows.hour.micro(),
        "day" => windows.day.micro(),
        "week" => windows.week.micro(),
        _ => windows.month.micro(),
    };
    let respects = [
        ("without_asking", "without asking", totals.without_asking.usd),
        ("without_password", "without your password", totals.without_password.usd),
        ("spent", "in all", totals.all.usd),
        ("swapped", "swapped", totals.swaps.usd),
        ("borrowed", "borrowed", totals.borrowed.usd),
    ];
    let mut gauges = Vec::new();
    for (name, label, used) in respects {
        for window in ["hour", "day", "week", "month"] {
            let path = format!("context.{name}.{window}");
            if let Some(limit) = limit_at(rules, &path) {
                let label = format!("{label}, {}", words::window(window));
                gauges.push(Gauge { label, used: of(used, window), limit });
            }
        }
    }
    gauges
}

fn limit_at(rules: &RuleSet, path: &str) -> Option<u64> {
    let mut permitted: Option<u64> = None;
    let mut left: Option<u64> = None;
    for rule in rules.rules() {
        // A limit of a forbid counts where nothing but approval stands beside it.
        let plain = rule.scope.principal.is_none()
            && rule.scope.resource.is_none()
            && rule.conditions.iter().all(|one| one.mentions(path) || one.mentions("context.approval"));
        for condition in &rule.conditions {
            let bound = if rule.permits { upper(condition, path) } else { upper(&negate(condition.clone()), path) };
            match bound {
                Some(bound) if rule.permits => permitted = Some(permitted.map_or(bound, |widest| widest.max(bound))),
                Some(bound) if plain => left = Some(left.map_or(bound, |narrowest| narrowest.min(bound))),
                _ => {}
            }
        }
    }
    match (permitted, left) {
        (Some(permitted), Some(left)) => Some(permitted.min(left)),
        (one, other) => one.or(other),
    }
}

fn upper(condition: &Condition, path: &str) -> Option<u64> {
    match condition {
        Condition::Compare { path: of, is: Comparison::AtMost, bound } if of == path => u64::try_from(*bound).ok(),
        Condition::Compare { path: of, is: Comparison::Below, bound } if of == path => u64::try_from(bound.checked_sub(1)?).ok(),
        _ => None,
    }
    .filter(|bound| *bound <= MOST)
}
