//! Where a conversation stands. Written down before every step that has an effect, so that a restart finds it.

use parlance_grounding::Intent;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use specta::Type;

use crate::{
    plan::{Plan, Produced},
    shapes::{AnyIntent, StateName},
    store::TxId,
};

/// Where a conversation stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Nothing is pending.
    #[default]
    Idle,
    /// A field is missing; the question was asked.
    Asking {
        /// The intent so far, as a JSON object.
        partial: Map<String, Value>,
        /// Fields to be filled.
        missing: Vec<String>,
        /// The question.
        question: String,
        /// Steps that wait behind it.
        then: Vec<Intent>,
    },
    /// The wallet wants a yes before it goes on.
    Hesitating {
        /// What it would do.
        plan: Box<Plan>,
        /// The question.
        question: String,
        /// Steps that wait behind it.
        then: Vec<Intent>,
    },
    /// The public mempool is asked for: a signed transaction waits.
    AskingPublic {
        /// Row in the store.
        id: TxId,
        /// The question.
        question: String,
        /// What it was made from.
        plan: Box<Plan>,
        /// Which of the plan's transactions it is.
        step: usize,
        /// Steps that wait behind it.
        then: Vec<Intent>,
    },
    /// Steps wait for a yes after a restart or a refusal.
    Resuming {
        /// The steps.
        then: Vec<Intent>,
        /// What the last finished step gave.
        previous: Option<Produced>,
        /// The question.
        question: String,
    },
    /// The signer was asked; its answer is not known yet.
    Signing {
        /// What is done.
        plan: Box<Plan>,
        /// Which of the plan's transactions.
        step: usize,
        /// Row in the store.
        id: TxId,
        /// Steps that wait behind it.
        then: Vec<Intent>,
    },
    /// A transaction is on its way and more is to come after it.
    Waiting {
        /// What is done.
        plan: Box<Plan>,
        /// Which of the plan's transactions.
        step: usize,
        /// Row in the store.
        id: TxId,
        /// Steps that wait behind it.
        then: Vec<Intent>,
    },
    /// A bank-balance proof is being made or sent.
    Proving {
        /// What is done.
        intent: Box<Intent>,
        /// Steps that wait behind it.
        then: Vec<Intent>,
    },
    /// An application for a loan is being signed or sent.
    Applying {
        /// What is done.
        intent: Box<Intent>,
        /// Steps that wait behind it.
        then: Vec<Intent>,
    },
    /// Refused or rejected: it can still be amended.
    Refused {
        /// What was refused.
        intent: Box<Intent>,
    },
}

/// Where a conversation stands, for whoever shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct Standing {
    /// As in [`StateName`].
    #[specta(type = StateName)]
    pub name: String,
    /// The question that stands.
    pub question: Option<String>,
    /// Fields that the question is about.
    pub missing: Vec<String>,
    /// What can be amended, as an intent.
    #[specta(type = Option<AnyIntent>)]
    pub pending: Option<Value>,
}

impl Standing {
    /// Of a state.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let missing = match state {
            State::Asking { missing, .. } => missing.clone(),
            _ => Vec::new(),
        };
        let pending = match state {
            State::Asking { partial, .. } => Some(Value::Object(partial.clone())),
            other => other.pending(),
        };
        Self { name: state.name().to_owned(), question: state.question().map(str::to_owned), missing, pending }
    }
}

impl State {
    /// What is pending, as the understanding wants to know it.
    #[must_use]
    pub fn pending(&self) -> Option<Value> {
        match self {
            Self::Asking { partial, missing, .. } => {
                Some(json!({"intent": "unclear", "reason": "incomplete", "missing": missing, "partial": partial}))
            }
            Self::Hesitating { plan, .. } | Self::AskingPublic { plan, .. } => serde_json::to_value(&plan.intent).ok(),
            Self::Resuming { then, .. } => serde_json::to_value(Intent::Steps { r#do: then.clone() }).ok(),
            Self::Refused { intent } => serde_json::to_value(intent).ok(),
            Self::Idle | Self::Signing { .. } | Self::Waiting { .. } | Self::Proving { .. } | Self::Applying { .. } => None,
        }
    }

    /// Short name for the store.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Asking { .. } => "asking",
            Self::Hesitating { .. } => "hesitating",
            Self::AskingPublic { .. } => "asking_public",
            Self::Resuming { .. } => "resuming",
            Self::Signing { .. } => "signing",
            Self::Waiting { .. } => "waiting",
            Self::Proving { .. } => "proving",
            Self::Applying { .. } => "applying",
            Self::Refused { .. } => "refused",
        }
    }

    /// The question that stands, where one does.
    #[must_use]
    pub fn question(&self) -> Option<&str> {
        match self {
            Self::Asking { question, .. }
            | Self::Hesitating { question, .. }
            | Self::AskingPublic { question, .. }
            | Self::Resuming { question, .. } => Some(question),
            _ => None,
        }
    }
}

/// Put `set` into `pending`: the intent that results, or the fields that are still missing.
///
/// # Errors
/// A sentence about what does not fit.
pub fn amend(pending: &State, set: &Map<String, Value>) -> Result<Amended, String> {
    let (mut object, then) = match pending {
        State::Asking { partial, then, .. } => (partial.clone(), then.clone()),
        State::Hesitating { plan, then, .. } => (object_of(&plan.intent)?, then.clone()),
        State::Refused { intent } => (object_of(intent)?, Vec::new()),
        _ => return Err("there is nothing pending that could be changed".into()),
    };
    for (field, value) in set {
        if field == "intent" {
            return Err("what is done can't be changed, only how".into());
        }
        object.insert(field.clone(), value.clone());
    }
    let still: Vec<String> = match pending {
        State::Asking { missing, .. } => missing.iter().filter(|m| !object.contains_key(*m)).cloned().collect(),
        _ => Vec::new(),
    };
    if still.is_empty() {
        let intent = serde_json::from_value(Value::Object(object)).map_err(|e| format!("the change does not fit: {e}"))?;
        Ok(Amended::Whole { intent, then })
    } else {
        Ok(Amended::Partial { partial: object, missing: still, then })
    }
}

/// What an amendment gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Amended {
    /// Ready to be planned.
    Whole {
        /// The intent.
        intent: Intent,
        /// Steps that wait behind it.
        then: Vec<Intent>,
    },
    /// Something is still missing.
    Partial {
        /// The intent so far.
        partial: Map<String, Value>,
        /// Fields to be filled.
        missing: Vec<String>,
        /// Steps that wait behind it.
        then: Vec<Intent>,
    },
}

fn object_of(intent: &Intent) -> Result<Map<String, Value>, String> {
    match serde_json::to_value(intent) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("an intent is an object".into()),
        Err(e) => Err(e.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking() -> State {
        let Value::Object(partial) = json!({"intent": "send", "amount": "5", "to": "Bob"}) else { unreachable!() };
        State::Asking { partial, missing: vec!["asset".into()], question: "Which asset?".into(), then: vec![] }
    }

    fn set(v: Value) -> Map<String, Value> {
        let Value::Object(m) = v else { unreachable!() };
        m
    }

    #[test]
    fn an_answer_completes_the_intent() {
        let Amended::Whole { intent, .. } = amend(&asking(), &set(json!({"asset": "USDC"}))).unwrap() else { panic!("complete") };
        assert_eq!(serde_json::to_value(intent).unwrap(), json!({"intent": "send", "asset": "USDC", "amount": "5", "to": "Bob"}));
    }

    #[test]
    fn another_field_leaves_the_question_open() {
        let Amended::Partial { missing, partial, .. } = amend(&asking(), &set(json!({"amount": "6"}))).unwrap() else {
            panic!("incomplete")
        };
        assert_eq!(missing, ["asset"]);
        assert_eq!(partial["amount"], "6");
    }

    #[test]
    fn the_kind_of_intent_can_not_be_changed_and_unknown_fields_are_refused() {
        assert!(amend(&asking(), &set(json!({"intent": "approve"}))).is_err());
        assert!(amend(&asking(), &set(json!({"asset": "USDC", "calldata": "0x"}))).is_err());
        assert!(amend(&State::Idle, &set(json!({"amount": "6"}))).is_err());
    }

    #[test]
    fn pending_is_told_in_the_vocabularys_own_form() {
        let pending = asking().pending().unwrap();
        assert!(matches!(serde_json::from_value::<Intent>(pending).unwrap(), Intent::Unclear { .. }));
    }
}
