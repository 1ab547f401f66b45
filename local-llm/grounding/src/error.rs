//! What can be wrong with a line that a model wrote, or with an intent that should be grounded.

use thiserror::Error;

/// Why an intent could not be written, read or accepted.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum GroundingError {
    /// A value does not occur in the message, the pending intent or the referents.
    #[error("{field} = {value:?} is not in the message")]
    Ungrounded {
        /// The field that holds it.
        field: String,
        /// What it holds.
        value: String,
    },
    /// The line does not follow the target language.
    #[error("expected {expected} at {at:?}")]
    Syntax {
        /// What was expected.
        expected: String,
        /// The rest of the line.
        at: String,
    },
    /// A slot that this message does not have, or of a kind that the field does not take.
    #[error("{slot} can't be the {field} of this message")]
    Slot {
        /// The slot as written.
        slot: String,
        /// The field.
        field: String,
    },
    /// The parts do not make an intent.
    #[error("not an intent: {why}")]
    Shape {
        /// What is wrong with it.
        why: String,
    },
    /// An amount in a currency that no field carries.
    #[error("{value} is in a currency that {field} can't carry; expected US dollars or units of the asset")]
    Currency {
        /// The field.
        field: String,
        /// The amount.
        value: String,
    },
}

impl GroundingError {
    /// What a person can do about it.
    pub fn remedy(&self) -> String {
        match self {
            GroundingError::Ungrounded { field, .. } => {
                format!("Say the {} in your message.", field.replace('_', " "))
            }
            GroundingError::Currency { .. } => "Say the amount in US dollars or in units of the asset.".to_owned(),
            GroundingError::Syntax { .. } | GroundingError::Slot { .. } | GroundingError::Shape { .. } => {
                "Say it in other words, one thing at a time.".to_owned()
            }
        }
    }
}
