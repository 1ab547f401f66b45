//! What can be asked of decoded effects.

use alloy_primitives::B256;

use crate::{Effect, Effects, Subject, TypedNode};

impl Effects {
    /// The digest that the key would sign.
    pub fn digest(&self) -> B256 {
        match &self.subject {
            Subject::Transaction { digest, .. }
            | Subject::TypedData { digest, .. }
            | Subject::Message { digest, .. }
            | Subject::Authorization { digest } => *digest,
        }
    }

    /// True where part of it is not understood: an unknown call, unknown typed data, or code that is deployed.
    pub fn has_unknown(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Effect::UnknownCall { .. } | Effect::UnknownTypedData { .. } | Effect::Deploy { .. }))
    }

    /// True where it leads to debt: credit that is applied for, opened or drawn.
    pub fn owes(&self) -> bool {
        let owes = |item: &Effect| matches!(item, Effect::CreditLine { .. } | Effect::Borrow { .. } | Effect::CreditApplication { .. });
        self.items.iter().any(owes)
    }

    /// Until when the signature can be used, Unix seconds; `None` where nothing ends it, or it is not understood.
    ///
    /// This is the deadline of swaps, of EIP-3009 authorizations, and of permits, and the end of an offer or of a credit
    /// line's terms. (An allowance that a permit gives lives on after the permit's deadline.)
    pub fn usable_until(&self) -> Option<u64> {
        if self.has_unknown() {
            return None;
        }
        let deadlines = self.items.iter().filter_map(|item| match item {
            Effect::Swap { deadline, .. } => *deadline,
            Effect::CreditLine { expiry, .. } | Effect::CreditApplication { expiry, .. } => Some(*expiry).filter(|at| *at != u64::MAX),
            _ => None,
        });
        match &self.subject {
            Subject::TypedData { tree, .. } => deadlines.min().or_else(|| permit_deadline(tree)),
            _ => deadlines.min(),
        }
    }
}

/// The deadline among the fields of the typed data that is understood. DAI takes an expiry of zero for none.
fn permit_deadline(tree: &TypedNode) -> Option<u64> {
    let field = tree.children.iter().find(|field| matches!(field.name.as_str(), "deadline" | "sigDeadline" | "validBefore" | "expiry"))?;
    let seconds: u64 = field.value.as_ref()?.parse().ok()?;
    let none = seconds == u64::MAX || (field.name == "expiry" && seconds == 0);
    (!none).then_some(seconds)
}
