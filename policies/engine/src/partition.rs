//! Rules sorted by what they can concern, so that a decision looks at few of them.
//!
//! A rule is left out only where it can't hold: another action; a level that one of its own conditions excludes; an
//! entity (contact, asset, client, host) that one of its own conditions demands and the request does not have.
//! Everything else is evaluated by Cedar.

use std::collections::HashMap;

use cedar_policy::{Policy, PolicySet};

use crate::PolicyError;
use crate::condition::Condition;
use crate::request::{EntityRef, Value, View};
use crate::ruleset::Rule;
use crate::schema::{Action, compiled_actions};

/// The rules that can concern one action.
#[derive(Debug, Default)]
pub(crate) struct ForAction {
    /// Into the rule set's rules, in order of source.
    pub rules: Vec<usize>,
    sets: HashMap<Option<Key>, Sets>,
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
    pub always: PolicySet,
    /// The others that can hold at levels 0 to 3.
    pub at: [PolicySet; 4],
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
            None => true,
            Some(names) => names.iter().any(|name| name == action.name() || groups.contains(name)),
        };
        let mut part = ForAction::default();
        for (i, (rule, policy)) in rules.iter().zip(compiled).enumerate().filter(|(_, (rule, _))| concerned(rule)) {
            part.rules.push(i);
            let sets = part.sets.entry(demand(rule)).or_default();
            if !rule.permits && !rule.conditions.iter().any(|condition| condition.mentions("context.approval")) {
                add(&mut sets.always, policy)?;
                continue;
            }
            for (level, set) in (0..).zip(&mut sets.at) {
                if rule.holds_at(level) {
                    add(set, policy)?;
                }
            }
        }
        by_action.insert(*action, part);
    }
    Ok(by_action)
}

fn add(set: &mut PolicySet, policy: &Policy) -> Result<(), PolicyError> {
    set.add(policy.clone()).map_err(|error| PolicyError::Engine(error.to_string()))
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
    let keys = rule.conditions.iter().chain(&rule.scope.resource).filter_map(demanded);
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
}

/// Ids of an entity and of what it is in. Kinds are left out: an id of another kind only makes one look at more rules.
fn names(view: &View, uid: &EntityRef) -> Vec<String> {
    view.lineage(uid).into_iter().map(|uid| uid.id).collect()
}
