//! Rules sorted by what they can concern, so that a decision asks Cedar about few of them.
//!
//! A rule is left out only where it can't hold: another action; a level that one of its own conditions excludes; an
//! entity (contact, asset, client, host) that one of its own conditions demands and the request does not have; a first
//! condition that fails and is simple enough to be sure of it ([`Check`]). Everything else is evaluated by Cedar: no rule
//! ever holds because this file says so.

use std::cell::OnceCell;
use std::collections::HashMap;

use cedar_policy::{Policy, PolicySet};

use crate::PolicyError;
use crate::condition::{Comparison, Condition};
use crate::needs::Needs;
use crate::request::{EntityRef, Value, View};
use crate::ruleset::Rule;
use crate::schema::{Action, compiled_actions};

/// The rules that can concern one action.
#[derive(Debug, Default)]
pub(crate) struct ForAction {
    /// Into the rule set's rules, in order of source.
    pub rules: Vec<usize>,
    sets: HashMap<Option<Key>, Sets>,
    /// Numbers that first conditions look at, each once.
    paths: Vec<String>,
}

/// What a rule demands of a request: this entity or text at this path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    path: &'static str,
    id: String,
}

/// Rules with the same demand.
#[derive(Debug, Default)]
pub(crate) struct Sets {
    /// Forbids that do not ask for approval: the same at every level.
    pub always: Asked,
    /// The others that can hold at levels 0 to 3.
    pub at: [Asked; 4],
}

/// Rules that Cedar is asked about.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// In any case, and together.
    pub together: PolicySet,
    /// What those look at.
    pub needs: Needs,
    /// Only where the checks do not fail, each alone.
    pub checked: Vec<Checked>,
}

/// A rule that begins with simple conditions.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    checks: Vec<Check>,
    /// Nothing but this rule.
    pub alone: PolicySet,
    /// What it looks at.
    pub needs: Needs,
}

/// A condition whose failure is certain: a number against a bound, a yes or no, or whether there is something at a path.
#[derive(Clone, Debug)]
enum Check {
    Number {
        slot: usize,
        is: Comparison,
        bound: i64,
    },
    Flag {
        slot: usize,
        expected: bool,
    },
    /// `within` is what it is looked for in, where that itself might not be there.
    Has {
        slot: usize,
        within: Option<usize>,
        expected: bool,
    },
}

/// The values at a part's paths, each looked up once where it is needed.
#[derive(Debug)]
pub(crate) struct Looked<'a> {
    view: &'a View,
    paths: &'a [String],
    values: Vec<OnceCell<Option<&'a Value>>>,
}

/// Paths by which rules are sorted, the most selective first.
const PATHS: [&str; 5] = ["context.recipient.contact", "context.recipient.address", "context.claimed.host", "context.origin", "resource"];

/// Sorts rules with their compiled policies.
pub(crate) fn partition(rules: &[Rule], compiled: &[Policy]) -> Result<HashMap<Action, ForAction>, PolicyError> {
    let actions = compiled_actions()?;
    let mut by_action: HashMap<Action, ForAction> = HashMap::new();
    for action in Action::ALL {
        let groups = actions.get(action).map(|compiled| compiled.groups.as_slice()).unwrap_or_default();
        let concerned = |rule: &Rule| match &rule.scope.actions {
            None => !(rule.permits && action.owes()),
            Some(names) => names.iter().any(|name| name == action.name() || groups.contains(name)),
        };
        let mut part = ForAction::default();
        for (i, (rule, policy)) in rules.iter().zip(compiled).enumerate().filter(|(_, (rule, _))| concerned(rule)) {
            part.rules.push(i);
            let checks = part.checks(rule);
            let sets = part.sets.entry(demand(rule)).or_default();
            if !rule.permits && !rule.conditions.iter().any(|condition| condition.mentions("context.approval")) {
                sets.always.add(policy, rule, &checks)?;
                continue;
            }
            for (level, asked) in (0..).zip(&mut sets.at) {
                if may_hold_at(rule, level) {
                    asked.add(policy, rule, &checks)?;
                }
            }
        }
        by_action.insert(*action, part);
    }
    Ok(by_action)
}

/// The conditions that Cedar is certain to evaluate, or to stop before because one of them fails: those before the first
/// that could be an error, such as a sum that does not fit. An error is a refusal, so a rule is left out on what stands
/// before it, and never on what stands behind.
fn certain(rule: &Rule) -> impl Iterator<Item = &Condition> {
    rule.conditions.iter().take_while(|condition| !condition.may_fail())
}

/// Whether the conditions on approval let a rule hold at a level.
fn may_hold_at(rule: &Rule, level: i64) -> bool {
    certain(rule).all(|condition| match condition {
        Condition::Compare { path, is, bound } if path == "context.approval" => is.holds(level, *bound),
        _ => true,
    })
}

/// The most selective thing that a rule demands by a condition of its own.
fn demand(rule: &Rule) -> Option<Key> {
    let demanded = |condition: &Condition| match condition {
        Condition::Entity { path, id, .. } | Condition::Text { path, value: id } => {
            let path = PATHS.into_iter().find(|known| known == path)?;
            Some(Key { path, id: id.clone() })
        }
        _ => None,
    };
    let keys = rule.scope.resource.iter().chain(certain(rule)).filter_map(demanded);
    keys.min_by_key(|key| PATHS.iter().position(|path| *path == key.path))
}

impl ForAction {
    /// The sets of rules that can hold for a request.
    pub fn concerning(&self, view: &View) -> Vec<&Sets> {
        let mut keys = vec![None];
        let mut at = |path: &'static str, ids: Vec<String>| keys.extend(ids.into_iter().map(|id| Some(Key { path, id })));
        for path in PATHS {
            match (path, view.value(path)) {
                ("resource", _) => at(path, names(view, &view.resource.uid)),
                (_, Some(Value::Entity(uid))) => at(path, names(view, uid)),
                (_, Some(Value::Text(text))) => at(path, vec![text.clone()]),
                _ => {}
            }
        }
        keys.iter().filter_map(|key| self.sets.get(key)).collect()
    }

    /// The values of a request that checks look at.
    pub fn look<'a>(&'a self, view: &'a View) -> Looked<'a> {
        Looked { view, paths: &self.paths, values: vec![OnceCell::new(); self.paths.len()] }
    }

    /// The simple conditions that a rule begins with. Cedar evaluates a rule's conditions in this order and stops at the
    /// first that fails, so that nothing after it can be an error either. The first condition of another kind ends the
    /// list: it could be an error, or hold where this program believes that it does not.
    fn checks(&mut self, rule: &Rule) -> Vec<Check> {
        let mut checks = Vec::new();
        for condition in &rule.conditions {
            match condition {
                // The sets by level have seen to that.
                Condition::Compare { path, .. } if path == "context.approval" => {}
                Condition::Compare { path, is, bound } => {
                    checks.push(Check::Number { slot: self.slot(path), is: *is, bound: *bound });
                }
                Condition::Flag(path) => checks.push(Check::Flag { slot: self.slot(path), expected: true }),
                Condition::Has(path) => checks.push(self.has(path, true)),
                Condition::Not(inner) => match inner.as_ref() {
                    Condition::Flag(path) => checks.push(Check::Flag { slot: self.slot(path), expected: false }),
                    Condition::Has(path) => checks.push(self.has(path, false)),
                    _ => break,
                },
                _ => break,
            }
        }
        checks
    }

    fn has(&mut self, path: &str, expected: bool) -> Check {
        let within = path.rsplit_once('.').map(|(within, _)| within).filter(|within| within.contains('.'));
        Check::Has { slot: self.slot(path), within: within.map(|within| self.slot(within)), expected }
    }

    fn slot(&mut self, path: &str) -> usize {
        match self.paths.iter().position(|known| known == path) {
            Some(slot) => slot,
            None => {
                self.paths.push(path.to_owned());
                self.paths.len() - 1
            }
        }
    }
}

impl Asked {
    fn add(&mut self, policy: &Policy, rule: &Rule, checks: &[Check]) -> Result<(), PolicyError> {
        let failed = |error: &dyn std::fmt::Display| PolicyError::Engine(error.to_string());
        let needs = Needs::of(rule);
        if checks.is_empty() {
            self.needs = self.needs.and(needs);
            return self.together.add(policy.clone()).map_err(|error| failed(&error));
        }
        let alone = PolicySet::from_policies([policy.clone()]).map_err(|error| failed(&error))?;
        self.checked.push(Checked { checks: checks.to_vec(), alone, needs });
        Ok(())
    }
}

impl Checked {
    /// False where the rule is certain not to hold.
    pub fn may_hold(&self, looked: &Looked<'_>) -> bool {
        for check in &self.checks {
            let holds = match check {
                Check::Number { slot, is, bound } => match looked.at(*slot) {
                    Some(Value::Long(number)) => Some(is.holds(*number, *bound)),
                    _ => None,
                },
                Check::Flag { slot, expected } => match looked.at(*slot) {
                    Some(Value::Bool(flag)) => Some(flag == expected),
                    _ => None,
                },
                Check::Has { slot, within, expected } => {
                    let there = within.is_none_or(|within| looked.at(within).is_some());
                    there.then(|| looked.at(*slot).is_some() == *expected)
                }
            };
            match holds {
                Some(true) => {}
                Some(false) => return false,
                // Cedar knows what it is.
                None => return true,
            }
        }
        true
    }
}

impl Looked<'_> {
    fn at(&self, slot: usize) -> Option<&Value> {
        let path = self.paths.get(slot)?;
        *self.values.get(slot)?.get_or_init(|| self.view.value(path))
    }
}

/// Ids of an entity and of what it is in. Kinds are left out: an id of another kind only makes one look at more rules.
fn names(view: &View, uid: &EntityRef) -> Vec<String> {
    view.lineage(uid).into_iter().map(|uid| uid.id).collect()
}
