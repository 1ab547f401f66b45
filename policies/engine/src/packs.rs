//! The rule packs that are shipped, compiled in from `policies/packs/`.

use crate::{PolicyError, RuleSet};

/// A rule pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Its name.
    pub name: &'static str,
    /// For whom it is, in a sentence.
    pub about: &'static str,
    /// Cedar source.
    pub source: &'static str,
}

/// Every pack; the first is the default.
pub const PACKS: &[Pack] = &[
    Pack {
        name: "cautious",
        about: "Small payments to people you know go through, the rest asks.",
        source: include_str!("../../packs/cautious.cedar"),
    },
    Pack {
        name: "everyday",
        about: "As cautious, with limits for somebody who pays often.",
        source: include_str!("../../packs/everyday.cedar"),
    },
    Pack {
        name: "agent-micropayments",
        about: "For a small account that a program pays from: cents without asking, little with a click.",
        source: include_str!("../../packs/agent-micropayments.cedar"),
    },
    Pack {
        name: "savings",
        about: "Money that rests: little leaves with a click, most only with the password, to known people.",
        source: include_str!("../../packs/savings.cedar"),
    },
    Pack {
        name: "paranoid",
        about: "Nothing leaves without asking, and nothing that the signer does not understand is signed at all.",
        source: include_str!("../../packs/paranoid.cedar"),
    },
];

/// A pack by name.
pub fn pack(name: &str) -> Result<&'static Pack, PolicyError> {
    PACKS.iter().find(|pack| pack.name == name).ok_or_else(|| PolicyError::NoPack {
        got: name.chars().filter(|c| !c.is_control()).take(40).collect(),
        expected: PACKS.iter().map(|pack| pack.name).collect::<Vec<_>>().join(", "),
    })
}

impl RuleSet {
    /// A pack by name, with the owner's own rules.
    pub fn with_pack(name: &str, own_source: &str) -> Result<Self, PolicyError> {
        Self::load(pack(name)?.source, own_source)
    }
}
