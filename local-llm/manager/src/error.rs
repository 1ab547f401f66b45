//! What can go wrong with a model of the owner.

use std::path::{Path, PathBuf};

use parlance_understand::UnderstandError;
use thiserror::Error;

/// What can go wrong with a model of the owner.
#[derive(Debug, Error)]
pub enum ModelsError {
    /// A file or folder can't be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// The file is of another kind.
    #[error("expected a GGUF model, got {got}")]
    NotGguf {
        /// What it is.
        got: String,
    },
    /// The file ends too early.
    #[error("the model file is cut off in {what}: it has {got} bytes, and {needed} are needed")]
    Truncated {
        /// Where.
        what: String,
        /// Bytes needed up to there.
        needed: u64,
        /// Bytes that are there.
        got: u64,
    },
    /// The file contradicts its format.
    #[error("the model file is damaged: {what} is {got}, expected {expected}")]
    Corrupt {
        /// Which part.
        what: String,
        /// What stands there.
        got: String,
        /// What the format asks for.
        expected: String,
    },
    /// A model that can't be talked to.
    #[error(
        "{name} has no chat template and was not trained for Parlance: expected an instruct model, got a base model, an encoder, or a part of one"
    )]
    NoTemplate {
        /// Its name.
        name: String,
    },
    /// A model that looks back on too little.
    #[error("the model looks back on {got} tokens, and {needed} are needed")]
    ShortContext {
        /// Tokens that it was trained on.
        got: u64,
        /// Tokens of the prompt and a message.
        needed: u64,
    },
    /// It would not fit in memory.
    #[error("the model needs about {} of memory ({} weights, {} cache, {} for computing), and {} is free", size(*needed), size(*weights), size(*cache), size(*compute), size(*free))]
    TooLarge {
        /// Bytes in all.
        needed: u64,
        /// Bytes of weights.
        weights: u64,
        /// Bytes of the cache.
        cache: u64,
        /// Bytes for computing.
        compute: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The disk has no room for it.
    #[error("the model takes {}, and the disk of {folder} has {} left", size(*needed), size(*free))]
    NoRoom {
        /// The folder.
        folder: PathBuf,
        /// Bytes needed.
        needed: u64,
        /// Bytes free.
        free: u64,
    },
    /// No such model.
    #[error("there is no model called {name:?}")]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// It is there already.
    #[error("this model is there already, as {name:?}")]
    Known {
        /// Its name.
        name: String,
    },
    /// A record that can't be read.
    #[error("the record {path} can't be read: {why}")]
    Record {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Not the file that was promised.
    #[error("the file's SHA-256 is {got}, expected {expected}")]
    WrongHash {
        /// Of the file.
        got: String,
        /// As promised.
        expected: String,
    },
    /// No SHA-256.
    #[error("{got:?} is no SHA-256: expected 64 hexadecimal digits")]
    NoHash {
        /// What was given.
        got: String,
    },
    /// An address that is not fetched from.
    #[error("{url} can't be downloaded from: {why}")]
    Url {
        /// As given.
        url: String,
        /// Why.
        why: String,
    },
    /// The server refused, or speaks nonsense.
    #[error("{host} did not give the model: {why}")]
    Refused {
        /// Host of the address.
        host: String,
        /// Why.
        why: String,
    },
    /// The connection broke too often.
    #[error("the connection to {host} broke {times} times without bringing anything new: {why}")]
    Lost {
        /// Host of the address.
        host: String,
        /// Tries in a row.
        times: u32,
        /// The last one's failure.
        why: String,
    },
    /// It is larger than permitted.
    #[error("the download is larger than {}", size(*most))]
    TooMuch {
        /// Most bytes.
        most: u64,
    },
    /// An entry of the catalogue that no release has filled in yet.
    #[error("{name} has no address or hash in the catalogue yet")]
    NotFilledIn {
        /// Its name.
        name: String,
    },
    /// Stopped by the person.
    #[error("stopped")]
    Stopped,
    /// The exam could not be held.
    #[error("the exam could not be held: {0}")]
    Exam(String),
    /// Work beside this one broke off.
    #[error("reading the file broke off: {0}")]
    BrokeOff(String),
    /// The worker or its voices.
    #[error("{0}")]
    Understand(#[from] UnderstandError),
}

impl ModelsError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::File { .. } => "Check that the file is there and that you may read it, and that the wallet's folder can be written.",
            Self::NotGguf { .. } => "Choose a file that ends in .gguf; other formats have to be converted first.",
            Self::Truncated { .. } => {
                "Download or copy the file again: it is not whole. Of a model in several parts, merge the parts first."
            }
            Self::Corrupt { .. } => {
                "Download the file again and compare its SHA-256 with its publisher's; a newer kind of model may need a newer Parlance."
            }
            Self::NoTemplate { .. } => "Choose a model whose name says instruct or chat, and a file that carries its chat template.",
            Self::ShortContext { .. } => "Choose a model with a longer context.",
            Self::TooLarge { .. } => "Close other programs, or choose a smaller model or one with fewer bits a weight (Q4 instead of Q8).",
            Self::NoRoom { .. } => "Free some space on that disk, or choose a smaller model.",
            Self::Unknown { .. } => "`parlance models list` says which there are.",
            Self::Known { .. } => "Nothing has to be done: use the one that is there, or remove it first.",
            Self::Record { .. } => "Remove the model and add it again; its exam has to be taken again.",
            Self::WrongHash { .. } => "Do not use the file. Check the hash at its publisher's own page and download it again.",
            Self::NoHash { .. } => "Copy the SHA-256 from the publisher's page: 64 digits and letters a to f.",
            Self::Url { .. } => "Give an address that begins with https:// and names a .gguf file.",
            Self::Refused { .. } => "Check the address in a browser; some publishers ask you to sign in first.",
            Self::Lost { .. } => "Check the connection and start it again: what has arrived is kept.",
            Self::TooMuch { .. } => "Check the address: models that run on a computer are smaller.",
            Self::NotFilledIn { .. } => "Download the model from its publisher and add the file, with its SHA-256.",
            Self::Stopped => "Start it again when you like: what was downloaded is kept.",
            Self::BrokeOff(_) => "Start it again; if it happens each time, report it.",
            Self::Exam(_) => "`parlance models check` says whether the model loads; then hold the exam again.",
            Self::Understand(e) => e.remedy(),
        }
    }
}

/// Bytes for people: `12.3 MB`, `4.2 GB`.
pub(crate) fn size(bytes: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let megabytes = bytes as f64 / 1e6;
    if megabytes < 1000.0 { format!("{megabytes:.1} MB") } else { format!("{:.1} GB", megabytes / 1000.0) }
}
