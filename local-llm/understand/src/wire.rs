//! What the wallet and the model worker say to each other: one JSON object a line, at most [`MAX_LINE`] bytes.
//!
//! The worker is not trusted: its answers are parsed, bounded and checked against the grammar's own reading.

use serde::{Deserialize, Serialize};

/// Longest line in either direction, in bytes.
pub const MAX_LINE: usize = 64 * 1024;

/// Version of this protocol, said in [`Hello`].
pub const VERSION: u32 = 3;

/// Tokens of prompt and answer together that a model trained for Parlance gets.
pub const CONTEXT: usize = 1024;

/// The same for a chat model, whose prompt explains the vocabulary.
pub const CHAT_CONTEXT: usize = 4096;

/// Tokens of a chat model's prompt that are computed at once.
pub const CHAT_BATCH: usize = 256;

/// How a model is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Trained on Parlance's own prompts.
    Parlance,
    /// An instruct model: it needs [`Request::system`], and its own chat template around it.
    Chat,
}

/// A graphics card that the worker could use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// In its driver's words.
    pub name: String,
    /// Bytes of memory.
    pub total: u64,
    /// Bytes of it that are free.
    pub free: u64,
}

/// The first line that the worker says, once its model is loaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`].
    pub version: u32,
    /// `general.name` of the GGUF file.
    pub model: String,
    /// BLAKE3 of the model file, hex.
    pub hash: String,
    /// How it is spoken to.
    pub kind: ModelKind,
    /// Back end in words, e.g. `CPU`.
    pub backend: String,
    /// What the sandbox holds on this kernel, in one sentence.
    pub sandbox: String,
    /// How long loading took, in milliseconds.
    pub load_ms: f64,
}

/// Complete `prompt`, under `grammar` where there is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Chosen by the caller, echoed in the reply.
    pub id: u64,
    /// The delexicalised message with its context; slots such as `<A1>` are single tokens.
    pub prompt: String,
    /// GBNF with the start symbol `root`. Without it, free words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grammar: Option<String>,
    /// Most tokens to produce.
    pub max_tokens: u32,
    /// What a chat model is told before the message; the same each time, so that it is computed once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reply {
    /// The grammar was completed.
    Done {
        /// Of the request.
        id: u64,
        /// What the model wrote.
        text: String,
        /// Product of the probabilities of the tokens where the grammar left a choice, each among the permitted ones. 0 to 1.
        confidence: f64,
        /// Smallest of these probabilities. 0 to 1.
        weakest: f64,
        /// What the encoder reads in the same prompt, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        voice: Option<Heard>,
        /// Milliseconds.
        ms: f64,
        /// What was computed for it.
        #[serde(default)]
        work: Work,
    },
    /// It could not be.
    Failed {
        /// Of the request; 0 where the line could not be read.
        id: u64,
        /// What went wrong.
        error: Failure,
    },
}

/// What one answer took to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// Tokens of the prompt that were computed; those that stood in the cache are not counted.
    pub prompt_tokens: u32,
    /// Milliseconds for them.
    pub prompt_ms: f64,
    /// Tokens that were written.
    pub written_tokens: u32,
    /// Milliseconds for them.
    pub written_ms: f64,
}

/// What the encoder reads in a prompt. Probabilities are 0 to 1; of each list only the likeliest are there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// Intents by the second voice's names (`send`, `schedule:swap`, `unclear:unsafe`), likeliest first.
    pub intents: Vec<(String, f32)>,
    /// For each slot of the prompt, the fields that it may belong in (`-`: none), likeliest first.
    pub fields: Vec<(String, Vec<(String, f32)>)>,
}

/// Why the worker could not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// `bad_request`, `too_long`, `bad_grammar`, `unfinished` or `internal`.
    pub code: String,
    /// In words.
    pub message: String,
}
