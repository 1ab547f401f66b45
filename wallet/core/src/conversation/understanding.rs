//! What a conversation needs of whoever understands its messages.

use std::{collections::BTreeMap, future::Future, pin::Pin};

use parlance_grounding::{Intent, Message};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// A message, understood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Understood {
    /// What it means.
    pub intent: Intent,
    /// 0 to 1.
    pub confidence: f64,
    /// Milliseconds.
    pub ms: f64,
    /// Where each argument came from.
    #[serde(default)]
    pub provenance: BTreeMap<String, String>,
    /// The question to ask where it is unclear.
    #[serde(default)]
    pub question: Option<String>,
    /// Other readings, best first.
    #[serde(default)]
    pub alternatives: Vec<Intent>,
    /// BLAKE3 of the model file, hex.
    #[serde(default)]
    pub model_hash: Option<String>,
    /// BLAKE3 of the prompt, hex.
    #[serde(default)]
    pub prompt_hash: Option<String>,
}

/// Whoever understands messages: the model worker in the app, a person's typed intents in tests.
pub trait Understanding: Send + Sync {
    /// What does it mean? A worker that fails is an `unclear` with a question that says so, never a guess.
    fn understand<'a>(&'a self, message: &'a Message) -> Pin<Box<dyn Future<Output = Result<Understood>> + Send + 'a>>;
}
