//! What a decision says.

use serde::{Deserialize, Serialize};

/// The outcome of a decision. Levels 0 to 3, or not at all; ordered by weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Level 0: signed without asking.
    Allow,
    /// Level 1: a click.
    Click,
    /// Level 2: the password.
    Password,
    /// Level 3: a hardware key.
    Hardware,
    /// Not at any level.
    #[default]
    Refused,
}

impl Outcome {
    /// The levels at which something can be signed, rising.
    pub const LEVELS: [Self; 4] = [Self::Allow, Self::Click, Self::Password, Self::Hardware];

    /// `context.approval`; `None` for [`Self::Refused`].
    pub fn level(self) -> Option<i64> {
        match self {
            Self::Allow => Some(0),
            Self::Click => Some(1),
            Self::Password => Some(2),
            Self::Hardware => Some(3),
            Self::Refused => None,
        }
    }
}

/// A rule, by name and in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRef {
    /// `@id` of the policy; `signer` for what no rule can loosen.
    pub id: String,
    /// Plain sentence.
    pub sentence: String,
}

/// A decision with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The lowest level at which every effect is permitted.
    pub outcome: Outcome,
    /// The rules that decided, in order of weight.
    pub rules: Vec<RuleRef>,
    /// Why not less, in plain sentences: `refused: $200 a day, already $180`.
    pub why: Vec<String>,
}
