//! Language models of the owner: what a GGUF file holds, whether it fits in memory, where it lies, how it is fetched, and
//! the exam that decides whether it may move money.
//!
//! Knows nothing of keys, and runs no model itself: that is the worker's, over `parlance-understand`. Read [`Gguf`] first,
//! then [`Store`], then [`Exam`].

mod catalogue;
mod choice;
mod error;
mod exam;
mod fetch;
mod fit;
mod gguf;
mod hashes;
mod quant;
mod store;

pub use catalogue::{Catalogue, Offer};
pub use choice::Choice;
pub use error::ModelsError;
pub use exam::{EXAM_VERSION, Exam, ExamResult, Question, Requirement, Verdicts};
pub use fetch::{Fetch, MOST_BYTES, name_in};
pub use fit::{Device, Layers, Memory, Need, check_fit, gpu_layers};
pub use gguf::{Gguf, Kind};
pub use hashes::Hashes;
pub use store::{Entry, Record, Source, Standing, Store};

/// How far something has come: done and, where that is known, all of it. Bytes or questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// So far.
    pub done: u64,
    /// In all.
    pub total: Option<u64>,
}
