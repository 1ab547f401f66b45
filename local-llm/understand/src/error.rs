//! What can go wrong between a message and its intent.

use std::path::PathBuf;

use thiserror::Error;

/// Why the understander could not be started, or a file not be read.
#[derive(Debug, Error)]
pub enum UnderstandError {
    /// The n-gram file leaves its format.
    #[error("n-gram file: expected {expected}, got {got}")]
    Ngram {
        /// What the format asks for.
        expected: String,
        /// What stands there.
        got: String,
    },
    /// A file could not be read.
    #[error("can't read {path}: {source}")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The worker could not be started.
    #[error("can't start the model worker {program}: {why}")]
    Start {
        /// Its path.
        program: PathBuf,
        /// Why.
        why: String,
    },
    /// The worker said something that is not of the protocol.
    #[error("the model worker broke the protocol: expected {expected}, got {got}")]
    Protocol {
        /// What was expected.
        expected: String,
        /// What came.
        got: String,
    },
    /// The worker ended, or was ended because it did not answer in time.
    #[error("the model worker stopped: {why}")]
    Stopped {
        /// How.
        why: String,
    },
    /// The worker answered that it could not.
    #[error("the model worker failed: {code}: {message}")]
    Failed {
        /// As in the protocol.
        code: String,
        /// In words.
        message: String,
    },
    /// An answer in free words said something that no tool result says.
    #[error("the model's answer is not used: {0}")]
    Unfounded(String),
    /// The model has no free words: it was trained for Parlance's own language only.
    #[error("this model does not answer in free words")]
    NoChat,
    /// Started again too often; the next try is later.
    #[error("the model worker failed {times} times in a row; the next start is in {seconds} s")]
    Resting {
        /// Failures in a row.
        times: u32,
        /// Until the next start.
        seconds: u64,
    },
    /// Reading or writing JSON Lines failed.
    #[error("input or output: {0}")]
    Io(#[from] std::io::Error),
}

impl UnderstandError {
    /// What a person can do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            UnderstandError::Ngram { .. } => "Install the model again: `parlance models check` says which file is damaged.",
            UnderstandError::File { .. } => "Check that the file is there and may be read, or name another with --model.",
            UnderstandError::Start { .. } => "Install Parlance again: the program parlance-llm belongs beside parlance.",
            UnderstandError::Protocol { .. } => "Update Parlance: the model worker and the wallet are of different versions.",
            UnderstandError::Stopped { .. } | UnderstandError::Failed { .. } => {
                "Say it again. If it happens each time, choose another model: `parlance models list`."
            }
            UnderstandError::Unfounded(_) | UnderstandError::NoChat => "Nothing: the plain answer stands.",
            UnderstandError::Resting { .. } => "Wait a moment, or choose another model: `parlance models list`.",
            UnderstandError::Io(_) => "Check the file or pipe that is read or written.",
        }
    }
}
