//! What can go wrong while shutting a process in.

use std::path::PathBuf;

/// What can go wrong while shutting a process in.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A folder or file that the process needs can't be opened.
    #[error("cannot open {path:?} for the sandbox: {why}")]
    Path {
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
}

impl SandboxError {
    /// What a person can do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Path { .. } => "Check that the path exists and belongs to you, then start Parlance again.",
        }
    }
}
