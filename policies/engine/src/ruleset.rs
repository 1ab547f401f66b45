//! Rules, read, checked and compiled.

use std::collections::{HashMap, HashSet};

use cedar_policy::pst::{self, ActionConstraint, Clause, EntityOrSlot, PrincipalConstraint, ResourceConstraint};
use cedar_policy::{Policy, PolicyId, PolicySet, ValidationMode, Validator};

use crate::condition::{self, Condition};
use crate::error::{Finding, PolicyError, Severity};
use crate::partition::{ForAction, partition};
use crate::schema::{Action, schema};
use crate::{RuleRef, dates, diagnose, lint, sentence};

/// A pack and the owner's own rules: validated, linted, compiled and sorted by what they can concern.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    by_id: HashMap<String, usize>,
    warnings: Vec<Finding>,
    by_action: HashMap<Action, ForAction>,
}

/// One rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub id: String,
    pub from: Source,
    pub permits: bool,
    pub scope: Scope,
    pub conditions: Vec<Condition>,
    /// First moment at which it does not count any more, Unix milliseconds.
    pub until: Option<i64>,
    pub sentence: String,
    pub body: pst::Template,
}

/// Where a rule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Shipped with the program: its own words are trusted.
    Pack,
    /// The owner's, possibly proposed by the wallet: its words are a claim and are never shown.
    Own,
}

/// Whom and what a rule concerns.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scope {
    /// `None` for every action.
    pub actions: Option<Vec<String>>,
    pub principal: Option<Condition>,
    pub resource: Option<Condition>,
}

impl RuleSet {
    /// Reads, validates and lints a pack and the owner's own rules. Either may be empty.
    pub fn load(pack_source: &str, own_source: &str) -> Result<Self, PolicyError> {
        Self::read(&[(Source::Pack, "pack", pack_source), (Source::Own, "own", own_source)])
    }

    /// One file on its own, as `parlance rules check FILE` does. `name` is for findings.
    pub fn check(name: &str, source: &str) -> Result<Self, PolicyError> {
        Self::read(&[(Source::Own, name, source)])
    }

    fn read(sources: &[(Source, &str, &str)]) -> Result<Self, PolicyError> {
        let mut rules = Vec::new();
        let mut compiled = Vec::new();
        let mut warnings = Vec::new();
        for (from, name, text) in sources {
            let policies: PolicySet = text.parse().map_err(|errors| PolicyError::Syntax(diagnose::syntax(&errors, name, text)))?;
            let findings =
                diagnose::validation(&Validator::new(schema()?.clone()).validate(&policies, ValidationMode::Strict), name, text, &policies);
            let (errors, rest): (Vec<_>, Vec<_>) = findings.into_iter().partition(|f| f.severity == Severity::Error);
            if !errors.is_empty() {
                return Err(PolicyError::Invalid(errors));
            }
            warnings.extend(rest);
            let mut findings = Vec::new();
            if let Some(template) = policies.templates().next() {
                findings.push(diagnose::at(
                    &template.to_string(),
                    name,
                    text,
                    "a template, expected a rule without `?principal` and `?resource`",
                ));
            }
            for policy in in_order(&policies) {
                match Rule::read(policy, *from, name, text) {
                    Ok(rule) => {
                        compiled.push(rule.compile()?);
                        rules.push(rule);
                    }
                    Err(finding) => findings.push(*finding),
                }
            }
            findings.extend(rules.iter().filter(|rule| rule.from == *from).flat_map(|rule| lint::rule(rule, name, text)));
            let (errors, rest): (Vec<_>, Vec<_>) = findings.into_iter().partition(|f| f.severity == Severity::Error);
            warnings.extend(rest);
            if !errors.is_empty() {
                return Err(PolicyError::Unsafe(errors));
            }
        }
        let duplicates = {
            let (name, text) = sources.last().map_or(("", ""), |(_, name, text)| (*name, *text));
            lint::duplicates(&rules, name, text)
        };
        if !duplicates.is_empty() {
            return Err(PolicyError::Unsafe(duplicates));
        }
        let by_action = partition(&rules, &compiled)?;
        let by_id = rules.iter().enumerate().map(|(i, rule)| (rule.id.clone(), i)).collect();
        Ok(Self { rules, by_id, warnings, by_action })
    }

    /// Every rule in words, in order of source.
    pub fn sentences(&self) -> Vec<RuleRef> {
        self.rules.iter().map(Rule::reference).collect()
    }

    /// What the linter and the validator would have one look at.
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    pub(crate) fn for_action(&self, action: Action) -> Option<&ForAction> {
        self.by_action.get(&action)
    }

    pub(crate) fn named(&self, id: &str) -> Option<&Rule> {
        self.by_id.get(id).and_then(|i| self.rules.get(*i))
    }
}

/// Parsed policies are numbered `policy0`, `policy1`... in the order of the text.
pub(crate) fn in_order(policies: &PolicySet) -> Vec<&Policy> {
    let mut all: Vec<&Policy> = policies.policies().collect();
    all.sort_by_key(|policy| number_of(policy.id()));
    all
}

fn number_of(id: &PolicyId) -> usize {
    let id: &str = id.as_ref();
    id.strip_prefix("policy").and_then(|n| n.parse().ok()).unwrap_or(usize::MAX)
}

impl Rule {
    fn read(policy: &Policy, from: Source, name: &str, text: &str) -> Result<Self, Box<Finding>> {
        let wrong = |message: &str| Box::new(diagnose::at(&policy.to_string(), name, text, message));
        let Some(id) = policy.annotation("id").filter(|id| !id.is_empty()) else {
            return Err(wrong("a rule without a name, expected `@id(\"...\")` before it"));
        };
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.len() > 64 || !id.chars().all(plain) || id == "signer" {
            return Err(wrong(&format!(
                "the name `{}`, expected at most 64 of a-z, 0-9 and `-`, and not `signer`",
                id.chars().filter(|c| !c.is_control()).take(80).collect::<String>()
            )));
        }
        let known = ["id", "says", "until"];
        if let Some((other, _)) = policy.annotations().find(|(key, _)| !known.contains(key)) {
            return Err(wrong(&format!("the annotation `@{other}`, expected `@id`, `@says` or `@until`")));
        }
        let until = match policy.annotation("until") {
            None => None,
            Some(date) => Some(
                dates::end_of(date)
                    .ok_or_else(|| wrong(&format!("`@until(\"{}\")`, expected a date such as `2026-12-31`", date.escape_debug())))?,
            ),
        };
        let body = policy.to_pst().map_err(|error| wrong(&format!("a policy that can't be read: {error}")))?.body().clone();
        let mut rule = Self {
            id: id.to_owned(),
            from,
            permits: body.effect == pst::Effect::Permit,
            scope: scope(&body),
            conditions: condition::of_policy(&body),
            until,
            sentence: String::new(),
            body,
        };
        let says = policy.annotation("says").filter(|says| from == Source::Pack && !says.is_empty());
        rule.sentence = says.map_or_else(|| sentence::of(&rule), str::to_owned);
        Ok(rule)
    }

    /// As Cedar evaluates it: named by its id, for any action (the partition has seen to that), with its expiry as a
    /// condition.
    pub fn compile(&self) -> Result<Policy, PolicyError> {
        let failed = |error: String| PolicyError::Engine(format!("rule `{}`: {error}", self.id));
        let mut body = self.body.clone().with_id(pst::PolicyID(self.id.as_str().into()));
        body.action = ActionConstraint::Any;
        if let Some(until) = self.until {
            let until = dates::iso(until).map_err(failed)?;
            let source = format!("permit(principal, action, resource) when {{ context.now < datetime(\"{until}\") }};");
            let expiry = Policy::parse(None, source).map_err(|error| failed(error.to_string()))?;
            let expiry = expiry.to_pst().map_err(|error| failed(error.to_string()))?;
            for clause in expiry.body().clauses() {
                body.try_add_clause(Clause::clone(clause)).map_err(|error| failed(error.to_string()))?;
            }
        }
        let body = pst::StaticPolicy::try_from(body).map_err(|error| failed(error.to_string()))?;
        Policy::from_pst(body.into()).map_err(|error| failed(error.to_string()))
    }

    pub fn reference(&self) -> RuleRef {
        RuleRef { id: self.id.clone(), sentence: self.sentence.clone() }
    }

    /// The lowest level of approval at which the conditions on approval hold; `None` where they never do.
    pub fn lowest_level(&self) -> Option<i64> {
        (0..=3).find(|level| self.holds_at(*level))
    }

    /// Whether the conditions that speak of nothing but approval hold at a level.
    pub fn holds_at(&self, level: i64) -> bool {
        self.conditions.iter().all(|condition| match condition {
            Condition::Compare { path, is, bound } if path == "context.approval" => is.holds(level, *bound),
            _ => true,
        })
    }

    /// The actions that it concerns, groups as they are named; `None` for all.
    pub fn action_names(&self) -> Option<HashSet<&str>> {
        self.scope.actions.as_ref().map(|names| names.iter().map(String::as_str).collect())
    }
}

fn scope(body: &pst::Template) -> Scope {
    let actions = match &body.action {
        ActionConstraint::Any => None,
        ActionConstraint::Eq(uid) => Some(vec![uid.eid.to_string()]),
        ActionConstraint::In(uids) => Some(uids.iter().map(|uid| uid.eid.to_string()).collect()),
    };
    let entity = |path: &str, within: bool, of: &EntityOrSlot| match of {
        EntityOrSlot::Entity(uid) => {
            let (kind, id) = condition::named(uid);
            Condition::Entity { path: path.to_owned(), within, kind, id }
        }
        EntityOrSlot::Slot(slot) => Condition::Other(slot.to_string()),
    };
    let principal = match &body.principal {
        PrincipalConstraint::Any | PrincipalConstraint::Is(_) => None,
        PrincipalConstraint::Eq(of) => Some(entity("principal", false, of)),
        PrincipalConstraint::In(of) | PrincipalConstraint::IsIn(_, of) => Some(entity("principal", true, of)),
    };
    let resource = match &body.resource {
        ResourceConstraint::Any => None,
        ResourceConstraint::Is(kind) => Some(Condition::Other(format!("resource is {kind}"))),
        ResourceConstraint::Eq(of) => Some(entity("resource", false, of)),
        ResourceConstraint::In(of) | ResourceConstraint::IsIn(_, of) => Some(entity("resource", true, of)),
    };
    Scope { actions, principal, resource }
}
