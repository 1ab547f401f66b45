//! Tests across crates, with the real programs. `make build` builds them first.

mod chat;
mod crash;
mod credit;
mod desktop;
mod invariants;
mod red_team;
