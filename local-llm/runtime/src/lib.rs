//! The model worker's parts: a loaded model, decoding under a grammar, and the line protocol around them.
//!
//! The worker holds a model and nothing else. It is not trusted: what it says is parsed and checked by
//! `parlance-understand`, and the sandbox of the program leaves it no network and no file but its model.
//! Read [`Model`] first, then [`serve`].

mod chat;
mod choice;
mod error;
mod lines;
mod model;
mod serve;
mod voice;

pub use error::WorkerError;
pub use lines::{Line, Lines};
pub use model::{CONTEXT, Completion, MAX_TOKENS, Model, Session, Settings};
pub use serve::serve;
pub use voice::Voice;
