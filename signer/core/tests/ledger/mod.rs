//! Ledger, decision, service: each through [`Service::handle`], with a scripted person at the other end of the approver's
//! socket.
//!
//! [`Service::handle`]: parlance_signer_core::service::Service::handle

mod audit;
mod ceremonies;
mod compaction;
mod credit;
mod interleavings;
mod races;
mod rollback;
mod signing;
mod time;
mod world;
