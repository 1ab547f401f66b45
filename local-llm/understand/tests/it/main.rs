//! Tests of the whole crate through its public face, with real child processes that speak the wire.

#![cfg(unix)]

mod decisions;
mod jsonl;
mod scores;
mod scripted;
mod understanding;
mod worker;
