//! What of a request a rule can see, so that no more of it is made for Cedar.

use std::sync::Arc;

use cedar_policy::pst::{Clause, Expr, Literal, Template, Var};

use crate::condition::named;
use crate::ruleset::Rule;

/// Attributes of the context that rules look at. What is not listed here is needed by whatever names it together with
/// everything else, so that a new attribute of the schema can't be forgotten.
const NAMES: [&str; 45] = [
    "amount",
    "usd",
    "decoded",
    "priced",
    "slippage",
    "unlimited",
    "lasts",
    "selector",
    "arguments",
    "numbers",
    "total",
    "gross",
    "asset_total",
    "effects",
    "chain",
    "fee",
    "fee_units",
    "origin",
    "claimed",
    "now",
    "hour",
    "minute",
    "weekday",
    "typed",
    "buy",
    "recipient",
    "spent",
    "number",
    "without_asking",
    "without_asking_number",
    "without_password",
    "without_password_number",
    "asset_spent",
    "asset_units",
    "asset_number",
    "recipient_spent",
    "recipient_number",
    "origin_spent",
    "origin_number",
    "swapped",
    "limit",
    "rate",
    "cycle",
    "borrowed",
    "borrowed_total",
];

/// Entities that are made only where something can see them: their types and the attributes that lead to them.
const SELDOM: [(&str, &str); 2] = [("Arguments", "arguments"), ("Numbers", "numbers")];

/// A set of attributes of the context: a bit each, or all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs(u64);

impl Needs {
    /// Everything.
    pub const ALL: Self = Self(u64::MAX);

    /// What a rule can see.
    pub fn of(rule: &Rule) -> Self {
        let expiry = if rule.until.is_some() { Self::attribute("now") } else { Self::default() };
        expiry.and(Self::of_body(&rule.body))
    }

    fn of_body(body: &Template) -> Self {
        let mut needs = Self::default();
        for clause in body.clauses() {
            let (Clause::When(expr) | Clause::Unless(expr)) = clause;
            needs = needs.and(Self::of_expression(expr));
        }
        needs
    }

    fn of_expression(expr: &Arc<Expr>) -> Self {
        match expr.as_ref() {
            Expr::GetAttr { expr, attr } if matches!(expr.as_ref(), Expr::Var(Var::Context)) => Self::attribute(attr),
            Expr::HasAttr { expr, attrs } if matches!(expr.as_ref(), Expr::Var(Var::Context)) => Self::attribute(attrs.first()),
            Expr::Var(Var::Principal | Var::Action | Var::Resource) => Self::default(),
            Expr::Literal(Literal::EntityUID(uid)) => {
                let (kind, _) = named(uid);
                if SELDOM.iter().any(|(seldom, _)| *seldom == kind) { Self::ALL } else { Self::default() }
            }
            Expr::Literal(_) => Self::default(),
            Expr::UnaryOp { expr, .. } | Expr::GetAttr { expr, .. } | Expr::HasAttr { expr, .. } | Expr::Like { expr, .. } => {
                Self::of_expression(expr)
            }
            Expr::BinaryOp { left, right, .. } => Self::of_expression(left).and(Self::of_expression(right)),
            Expr::IfThenElse { cond, then_expr, else_expr } => {
                Self::of_expression(cond).and(Self::of_expression(then_expr)).and(Self::of_expression(else_expr))
            }
            Expr::Set(values) => values.iter().fold(Self::default(), |needs, value| needs.and(Self::of_expression(value))),
            // The context as a whole, and whatever Cedar may have beyond that.
            _ => Self::ALL,
        }
    }

    fn attribute(name: &str) -> Self {
        match NAMES.iter().position(|known| *known == name) {
            Some(bit) => Self(1 << bit),
            // Always there.
            None if name == "approval" => Self::default(),
            None => Self::ALL,
        }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Is an attribute among it?
    pub fn has(self, name: &str) -> bool {
        self == Self::ALL || NAMES.iter().position(|known| *known == name).is_some_and(|bit| self.0 & (1 << bit) != 0)
    }

    /// Can an entity of this type be seen?
    pub fn sees(self, kind: &str) -> bool {
        SELDOM.iter().all(|(seldom, attribute)| *seldom != kind || self.has(attribute))
    }
}
