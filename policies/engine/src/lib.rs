//! The owner's rules in Cedar: facts in, an explained decision out.
//!
//! No I/O, no clock, no state: the signer says what the bytes would do ([`parlance_effects::Effects`]), what it knows
//! and what was spent so far ([`Facts`]), and hears at which level of approval the rules permit it ([`decide`]).
//!
//! Read [`Facts`] first, then [`RuleSet`] and [`decide`].

mod condition;
mod dates;
mod decide;
mod diagnose;
mod error;
mod explain;
mod facts;
mod floors;
mod format;
mod limits;
mod lint;
mod needs;
mod outcome;
mod packs;
mod partition;
#[cfg(test)]
mod plain;
pub mod propose;
mod request;
mod ruleset;
mod schema;
mod sentence;
pub mod suite;
pub mod units;
mod vocabulary;
mod words;
mod worth;

pub use decide::decide;
pub use error::{Finding, PolicyError, Severity};
pub use facts::{Claimed, Clock, ContactFact, Facts, Floor, Origin, Party, Record, Tally, Totals, WINDOW_SECONDS, Windows, parties_of};
pub use format::format;
pub use limits::{Gauge, limits};
pub use outcome::{Explained, Outcome, RuleRef};
pub use packs::{PACKS, Pack, pack};
pub use ruleset::RuleSet;
pub use schema::{Action, SCHEMA};
pub use units::{Overflow, Units, Usd};
pub use vocabulary::{SchemaKind, SchemaWord, schema_words};
pub use worth::{Appraisal, AssetId, Book, NoAsset, Price, Spend, SpendKind, Worth, appraise};
