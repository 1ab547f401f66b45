//! Conditions of rules as a small tree that can be evaluated, put into words and looked through.
//!
//! Cedar decides; this tree explains. What it does not know stays [`Condition::Other`], as text, and is left to Cedar.

use std::sync::Arc;

use cedar_policy::pst::{BinaryOp, Clause, EntityUID, Expr, Literal, PatternElem, Template, UnaryOp, Var};

use crate::dates;
use crate::request::{Value, View};

/// A condition. Paths are dotted and start with `context`, `resource` or `principal`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Always(bool),
    /// A number against a bound.
    Compare {
        path: String,
        is: Comparison,
        bound: i64,
    },
    /// `context.now` against a moment in Unix milliseconds.
    Time {
        is: Comparison,
        at: i64,
    },
    Flag(String),
    Text {
        path: String,
        value: String,
    },
    Like {
        path: String,
        pattern: String,
    },
    OneOf {
        path: String,
        values: Vec<String>,
    },
    Has(String),
    /// Is, or is in, this entity.
    Entity {
        path: String,
        within: bool,
        kind: String,
        id: String,
    },
    /// `context.arguments.getTag("...")` and kin: present, or equal to a text, or compared with a number.
    Tag {
        of: String,
        name: String,
        test: TagTest,
    },
    /// As Cedar text.
    Other(String),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TagTest {
    Present,
    Text(String),
    Number(Comparison, i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    AtMost,
    Below,
    AtLeast,
    Above,
    Equal,
    Unequal,
}

impl Comparison {
    pub fn holds(self, value: i64, bound: i64) -> bool {
        match self {
            Self::AtMost => value <= bound,
            Self::Below => value < bound,
            Self::AtLeast => value >= bound,
            Self::Above => value > bound,
            Self::Equal => value == bound,
            Self::Unequal => value != bound,
        }
    }

    fn negated(self) -> Self {
        match self {
            Self::AtMost => Self::Above,
            Self::Below => Self::AtLeast,
            Self::AtLeast => Self::Below,
            Self::Above => Self::AtMost,
            Self::Equal => Self::Unequal,
            Self::Unequal => Self::Equal,
        }
    }

    /// As seen from the other side.
    fn mirrored(self) -> Self {
        match self {
            Self::AtMost => Self::AtLeast,
            Self::Below => Self::Above,
            Self::AtLeast => Self::AtMost,
            Self::Above => Self::Below,
            same => same,
        }
    }
}

/// The clauses of a policy as one list of conditions that must all hold.
pub(crate) fn of_policy(body: &Template) -> Vec<Condition> {
    let mut all = Vec::new();
    for clause in body.clauses() {
        match clause {
            Clause::When(expr) => flatten(lower(expr), &mut all),
            Clause::Unless(expr) => flatten(negate(lower(expr)), &mut all),
        }
    }
    all
}

fn flatten(condition: Condition, into: &mut Vec<Condition>) {
    match condition {
        Condition::All(inner) => inner.into_iter().for_each(|condition| flatten(condition, into)),
        Condition::Always(true) => {}
        one => into.push(one),
    }
}

fn lower(expr: &Arc<Expr>) -> Condition {
    known(expr).unwrap_or_else(|| Condition::Other(expr.to_string()))
}

fn known(expr: &Arc<Expr>) -> Option<Condition> {
    match expr.as_ref() {
        Expr::Literal(Literal::Bool(value)) => Some(Condition::Always(*value)),
        Expr::BinaryOp { op: BinaryOp::And, left, right } => {
            let mut all = Vec::new();
            flatten(lower(left), &mut all);
            flatten(lower(right), &mut all);
            Some(Condition::All(all))
        }
        Expr::BinaryOp { op: BinaryOp::Or, left, right } => {
            let mut any = Vec::new();
            for side in [lower(left), lower(right)] {
                match side {
                    Condition::Any(inner) => any.extend(inner),
                    one => any.push(one),
                }
            }
            Some(Condition::Any(any))
        }
        Expr::UnaryOp { op: UnaryOp::Not, expr } => Some(negate(lower(expr))),
        Expr::GetAttr { .. } => path_of(expr).map(Condition::Flag),
        Expr::HasAttr { expr, attrs } => {
            let base = path_of(expr)?;
            let attrs: Vec<&str> = attrs.iter().map(|attr| attr.as_str()).collect();
            Some(Condition::Has(format!("{base}.{}", attrs.join("."))))
        }
        Expr::Like { expr, pattern } => {
            let pattern = pattern.iter().map(|part| match part {
                PatternElem::Char(c) => *c,
                PatternElem::Wildcard => '*',
            });
            Some(Condition::Like { path: path_of(expr)?, pattern: pattern.collect() })
        }
        Expr::BinaryOp { op: BinaryOp::HasTag, left, right } => {
            Some(Condition::Tag { of: path_of(left)?, name: text_of(right)?, test: TagTest::Present })
        }
        Expr::BinaryOp { op: BinaryOp::Contains, left, right } => {
            let Expr::Set(values) = left.as_ref() else {
                return None;
            };
            let values = values.iter().map(text_of).collect::<Option<Vec<_>>>()?;
            Some(Condition::OneOf { path: path_of(right)?, values })
        }
        Expr::BinaryOp { op: BinaryOp::In, left, right } => {
            let (kind, id) = entity_of(right)?;
            Some(Condition::Entity { path: path_of(left)?, within: true, kind, id })
        }
        Expr::BinaryOp { op, left, right } => {
            let is = match op {
                BinaryOp::LessEq => Comparison::AtMost,
                BinaryOp::Less => Comparison::Below,
                BinaryOp::GreaterEq => Comparison::AtLeast,
                BinaryOp::Greater => Comparison::Above,
                BinaryOp::Eq => Comparison::Equal,
                BinaryOp::NotEq => Comparison::Unequal,
                _ => return None,
            };
            compare(left, is, right).or_else(|| compare(right, is.mirrored(), left))
        }
        _ => None,
    }
}

fn compare(left: &Arc<Expr>, is: Comparison, right: &Arc<Expr>) -> Option<Condition> {
    let plain = |condition| match is {
        Comparison::Equal => Some(condition),
        Comparison::Unequal => Some(negate(condition)),
        _ => None,
    };
    if let Expr::BinaryOp { op: BinaryOp::GetTag, left: of, right: name } = left.as_ref() {
        let (of, name) = (path_of(of)?, text_of(name)?);
        return match number_of(right) {
            Some(bound) => Some(Condition::Tag { of, name, test: TagTest::Number(is, bound) }),
            None => plain(Condition::Tag { of, name, test: TagTest::Text(text_of(right)?) }),
        };
    }
    let path = path_of(left)?;
    if let Some(bound) = number_of(right) {
        return Some(Condition::Compare { path, is, bound });
    }
    match right.as_ref() {
        Expr::Literal(Literal::Bool(true)) => plain(Condition::Flag(path)),
        Expr::Literal(Literal::Bool(false)) => plain(negate(Condition::Flag(path))),
        Expr::Literal(Literal::String(value)) => plain(Condition::Text { path, value: value.to_string() }),
        Expr::Literal(Literal::EntityUID(uid)) => {
            let (kind, id) = named(uid);
            plain(Condition::Entity { path, within: false, kind, id })
        }
        Expr::UnaryOp { op: UnaryOp::Datetime, expr } if path == "context.now" => {
            Some(Condition::Time { is, at: dates::parse(&text_of(expr)?)? })
        }
        _ => None,
    }
}

/// The same, the other way round: comparisons turn, "all" becomes "any".
pub(crate) fn negate(condition: Condition) -> Condition {
    match condition {
        Condition::All(all) => Condition::Any(all.into_iter().map(negate).collect()),
        Condition::Any(any) => Condition::All(any.into_iter().map(negate).collect()),
        Condition::Not(inner) => *inner,
        Condition::Always(value) => Condition::Always(!value),
        Condition::Compare { path, is, bound } => Condition::Compare { path, is: is.negated(), bound },
        Condition::Time { is, at } => Condition::Time { is: is.negated(), at },
        other => Condition::Not(Box::new(other)),
    }
}

fn path_of(expr: &Arc<Expr>) -> Option<String> {
    match expr.as_ref() {
        Expr::Var(Var::Context) => Some("context".to_owned()),
        Expr::Var(Var::Resource) => Some("resource".to_owned()),
        Expr::Var(Var::Principal) => Some("principal".to_owned()),
        Expr::GetAttr { expr, attr } => Some(format!("{}.{attr}", path_of(expr)?)),
        _ => None,
    }
}

fn number_of(expr: &Arc<Expr>) -> Option<i64> {
    match expr.as_ref() {
        Expr::Literal(Literal::Long(n)) => Some(*n),
        Expr::UnaryOp { op: UnaryOp::Neg, expr } => number_of(expr)?.checked_neg(),
        _ => None,
    }
}

fn text_of(expr: &Arc<Expr>) -> Option<String> {
    match expr.as_ref() {
        Expr::Literal(Literal::String(text)) => Some(text.to_string()),
        _ => None,
    }
}

fn entity_of(expr: &Arc<Expr>) -> Option<(String, String)> {
    match expr.as_ref() {
        Expr::Literal(Literal::EntityUID(uid)) => Some(named(uid)),
        _ => None,
    }
}

/// Type and id of an entity.
pub(crate) fn named(uid: &EntityUID) -> (String, String) {
    (uid.ty.0.to_string(), uid.eid.to_string())
}

impl Condition {
    /// Whether it holds, at a level of approval. `None` where Cedar would err or where this tree does not know.
    pub fn holds(&self, view: &View, approval: i64) -> Option<bool> {
        match self {
            Self::Always(value) => Some(*value),
            Self::All(all) => {
                // As in Cedar: the first that fails decides, an error before it is an error.
                for condition in all {
                    if !condition.holds(view, approval)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            Self::Any(any) => {
                for condition in any {
                    if condition.holds(view, approval)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
            Self::Not(inner) => inner.holds(view, approval).map(|holds| !holds),
            Self::Compare { path, is, bound } if path == "context.approval" => Some(is.holds(approval, *bound)),
            Self::Compare { path, is, bound } => match view.value(path)? {
                Value::Long(n) => Some(is.holds(*n, *bound)),
                _ => None,
            },
            Self::Time { is, at } => match view.value("context.now")? {
                Value::Time(now) => Some(is.holds(*now, *at)),
                _ => None,
            },
            Self::Flag(path) => match view.value(path)? {
                Value::Bool(value) => Some(*value),
                _ => None,
            },
            Self::Text { path, value } => match view.value(path)? {
                Value::Text(text) => Some(text == value),
                _ => None,
            },
            Self::OneOf { path, values } => match view.value(path)? {
                Value::Text(text) => Some(values.contains(text)),
                _ => None,
            },
            Self::Like { path, pattern } => match view.value(path)? {
                Value::Text(text) => Some(matches(pattern, text)),
                _ => None,
            },
            Self::Has(path) => Some(path == "context.approval" || view.value(path).is_some()),
            Self::Entity { path, within, kind, id } => {
                let uid = match (path.as_str(), view.value(path)) {
                    ("resource", _) => &view.resource.uid,
                    ("principal", _) => &view.principal.uid,
                    (_, Some(Value::Entity(uid))) => uid,
                    _ => return None,
                };
                let same = |uid: &crate::request::EntityRef| uid.kind == kind && uid.id == *id;
                Some(if *within { view.lineage(uid).iter().any(same) } else { same(uid) })
            }
            Self::Tag { of, name, test } => {
                let Some(Value::Entity(uid)) = view.value(of) else {
                    return None;
                };
                let known = view.entities().find(|known| known.uid == *uid)?;
                let tag = known.tags.iter().find(|(known, _)| known == name).map(|(_, value)| value);
                match (test, tag) {
                    (TagTest::Present, tag) => Some(tag.is_some()),
                    (TagTest::Text(text), Some(Value::Text(tag))) => Some(text == tag),
                    (TagTest::Number(is, bound), Some(Value::Long(tag))) => Some(is.holds(*tag, *bound)),
                    _ => None,
                }
            }
            Self::Other(_) => None,
        }
    }

    /// Every path that is mentioned, as far as the tree knows.
    pub fn paths<'a>(&'a self, into: &mut Vec<&'a str>) {
        match self {
            Self::All(inner) | Self::Any(inner) => inner.iter().for_each(|condition| condition.paths(into)),
            Self::Not(inner) => inner.paths(into),
            Self::Compare { path, .. }
            | Self::Flag(path)
            | Self::Text { path, .. }
            | Self::Like { path, .. }
            | Self::OneOf { path, .. }
            | Self::Has(path)
            | Self::Entity { path, .. }
            | Self::Tag { of: path, .. } => into.push(path),
            Self::Time { .. } => into.push("context.now"),
            Self::Always(_) | Self::Other(_) => {}
        }
    }

    /// Could evaluating it be an error? What the validator lets through of the kinds that this tree knows can't: what is
    /// looked at is there, and nothing is computed.
    pub fn may_fail(&self) -> bool {
        match self {
            Self::All(inner) | Self::Any(inner) => inner.iter().any(Self::may_fail),
            Self::Not(inner) => inner.may_fail(),
            Self::Other(_) => true,
            _ => false,
        }
    }

    pub fn mentions(&self, path: &str) -> bool {
        let mut paths = Vec::new();
        self.paths(&mut paths);
        paths.contains(&path) || matches!(self, Self::Other(text) if text.contains(path))
    }
}

/// `like`: `*` stands for any run of characters.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(first) = parts.next() else {
        return text.is_empty();
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use cedar_policy::{Authorizer, PolicySet};

    use super::*;
    use crate::decide::Question;
    use crate::needs::Needs;
    use crate::request::Signature;
    use crate::{PACKS, RuleSet, suite::Suite};

    /// What the tree says of a rule is what Cedar says: for every rule of every pack, every case of every pack, every
    /// level.
    #[test]
    fn the_tree_agrees_with_cedar() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs");
        let tests = |name: &str| std::fs::read_to_string(dir.join(format!("{name}.tests.toml"))).unwrap();
        let suites: Vec<Suite> = PACKS.iter().map(|pack| Suite::parse(&tests(pack.name)).unwrap()).collect();
        let mut held = 0;
        let mut failed = 0;
        for pack in PACKS {
            let rules = RuleSet::with_pack(pack.name, "").unwrap();
            for (suite, case) in suites.iter().flat_map(|suite| suite.case.iter().map(move |case| (suite, case))) {
                let facts = suite.facts(case).unwrap();
                for view in Signature::new(&facts).unwrap().views() {
                    let question = Question::new(&rules, &view).unwrap();
                    let part = rules.for_action(view.action).unwrap();
                    for rule in part.rules.iter().map(|i| &rules.rules()[*i]) {
                        let alone = PolicySet::from_policies([rule.compile().unwrap()]).unwrap();
                        for level in 0..=3 {
                            let request = question.request(Needs::ALL, level).unwrap();
                            let entities = question.entities(Needs::ALL).unwrap();
                            let response = Authorizer::new().is_authorized(&request, &alone, &entities);
                            assert_eq!(response.diagnostics().errors().count(), 0, "{}: {}", case.name, rule.id);
                            let cedar = response.diagnostics().reason().count() == 1;
                            let tree = rule.conditions.iter().all(|one| one.holds(&view, level) == Some(true));
                            assert_eq!(tree, cedar, "{}: {} at {level}", case.name, rule.id);
                            if cedar { held += 1 } else { failed += 1 }
                        }
                    }
                }
            }
        }
        assert!(held > 1_000 && failed > 1_000, "{held} held, {failed} did not");
    }

    #[test]
    fn patterns_match_as_cedar_says() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c", "abc", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXc", false),
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("a*a", "a", false),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
