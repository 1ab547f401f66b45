//! Why the worker could not start, or could not answer.

use std::path::PathBuf;

use thiserror::Error;

/// What went wrong.
#[derive(Debug, Error)]
pub enum WorkerError {
    /// The command line, or a request, is not one for this model.
    #[error("expected what `parlance-llm --help` says; got {got}")]
    Usage {
        /// What was given.
        got: String,
    },
    /// The model file can't be read.
    #[error("can't read the model {path}: {source}")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// llama.cpp does not take the file.
    #[error("expected a GGUF model that this llama.cpp reads in {path}, got: {why}")]
    Model {
        /// Which file.
        path: PathBuf,
        /// What was wrong with it.
        why: String,
    },
    /// A chat model whose template can't be used.
    #[error("the model's chat template can't be used: {why}")]
    Template {
        /// Why.
        why: String,
    },
    /// The sandbox could not be entered at all.
    #[error("the sandbox could not be entered: {0}")]
    Sandbox(#[from] parlance_sandbox::SandboxError),
    /// Standard input or output broke.
    #[error("the pipe to the wallet broke: {0}")]
    Pipe(#[from] std::io::Error),
    /// The prompt does not fit.
    #[error("expected at most {most} tokens of prompt and answer, got {got}")]
    TooLong {
        /// Tokens asked for.
        got: usize,
        /// Tokens that fit.
        most: usize,
    },
    /// The grammar is not GBNF, or has no `root`.
    #[error("expected a GBNF grammar with the start symbol root, got: {why}")]
    Grammar {
        /// What llama.cpp said.
        why: String,
    },
    /// The answer did not end within the tokens given.
    #[error("expected the grammar to end within {most} tokens; it had come to {text:?}")]
    Unfinished {
        /// Most tokens.
        most: usize,
        /// What was written by then.
        text: String,
    },
    /// The grammar left no token at all.
    #[error("the grammar permits no token after {text:?}")]
    DeadEnd {
        /// What was written by then.
        text: String,
    },
    /// llama.cpp failed while computing.
    #[error("llama.cpp: {why}")]
    Compute {
        /// What it said.
        why: String,
    },
}

impl WorkerError {
    /// The protocol's word for it: `bad_request`, `too_long`, `bad_grammar`, `unfinished` or `internal`.
    pub fn code(&self) -> &'static str {
        match self {
            WorkerError::TooLong { .. } => "too_long",
            WorkerError::Grammar { .. } => "bad_grammar",
            WorkerError::Unfinished { .. } | WorkerError::DeadEnd { .. } => "unfinished",
            WorkerError::Usage { .. } => "bad_request",
            _ => "internal",
        }
    }

    /// What a person can do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            WorkerError::Usage { .. } => "Give the path of one model file: parlance-llm model.gguf.",
            WorkerError::File { .. } => "Check that the file is there and may be read.",
            WorkerError::Model { .. } => "Add the model again: `parlance models check` says what is wrong with it.",
            WorkerError::Template { .. } => "Choose an instruct model of a usual family (Llama, Mistral, Qwen, Gemma, Phi...).",
            WorkerError::Sandbox(_) => "Check that the model file may be opened; the worker does not run outside its sandbox.",
            WorkerError::Pipe(_) => "Nothing: the wallet starts the worker again by itself.",
            WorkerError::TooLong { .. } => "Say it in fewer words.",
            WorkerError::Grammar { .. } | WorkerError::Unfinished { .. } | WorkerError::DeadEnd { .. } | WorkerError::Compute { .. } => {
                "Say it in other words; if it happens each time, choose another model."
            }
        }
    }
}
