//! What can go wrong with a model.

use std::path::PathBuf;

use parlance_models::ModelsError;
use parlance_understand::UnderstandError;

/// What can go wrong with a model.
#[derive(Debug, thiserror::Error)]
pub enum MindError {
    /// The shipped model is not there.
    #[error("the model {name} is in none of {tried}")]
    NoModel {
        /// File name.
        name: &'static str,
        /// Folders that were looked at.
        tried: String,
    },
    /// The named file is not there.
    #[error("{0:?} is not a file; expected a GGUF model")]
    NoFile(PathBuf),
    /// This program's own place is not known.
    #[error("finding this program's own path: {0}")]
    Place(std::io::Error),
    /// The second voice, or the worker's program.
    #[error("understanding: {0}")]
    Understanding(#[from] UnderstandError),
    /// A model of the owner.
    #[error("{0}")]
    Models(#[from] ModelsError),
    /// The worker can't use the model.
    #[error("the model can't be used: {0}")]
    Worker(String),
}

impl MindError {
    /// What a person can do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NoModel { .. } | Self::Place(_) => "Install Parlance again, or name a model file.",
            Self::NoFile(_) => "Check the path: it must name a .gguf file that you may read.",
            Self::Models(e) => e.remedy(),
            Self::Understanding(_) | Self::Worker(_) => {
                "`parlance models check FILE` says whether a model loads; the shipped one goes on working."
            }
        }
    }
}
