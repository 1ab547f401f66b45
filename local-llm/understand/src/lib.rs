//! From a message to an intent: grounding, the worker process, agreement, vetoes.
//!
//! Read [`Understander`] first, then [`decide`].

mod agreement;
mod answer;
mod bench;
mod consistency;
mod coverage;
mod decide;
mod error;
mod exact;
mod jsonl;
mod lines;
mod ngram;
mod question;
mod readings;
mod report;
mod score;
mod understander;
pub mod wire;
mod words;
mod worker;

pub use answer::unfounded;
pub use bench::Bench;
pub use decide::{Decision, Decoded, Evidence, Licence, Thresholds, decide};
pub use error::UnderstandError;
pub use jsonl::run_jsonl;
pub use ngram::{Ngram, Vote, features};
pub use report::Report;
pub use score::{Score, Verdict, compare};
pub use understander::{Config, Provenance, Understander, Understanding, worker_program};
pub use words::Words;
pub use worker::WorkerConfig;
