//! The intent vocabulary, and the entities that a message grounds.
//!
//! Knows nothing of models, keys or networks. Read [`Intent`] first, then [`ground`], then [`decode`].

mod canonical;
mod decimal;
mod entities;
mod entity;
mod error;
pub mod fields;
mod grammar;
mod ground;
mod instructions;
mod intent;
mod script;
mod target;
mod text;
mod validate;
mod veto;

pub use canonical::carried;
pub use entities::hex::Hex;
pub use entities::party::Fit;
pub use entities::token::{TokenFacts, facts as token_facts};
pub use entity::{Derivation, Grounded, Kind, MAX_SLOTS, Slot, SlotName};
pub use error::GroundingError;
pub use grammar::grammar;
pub use ground::{DelexWord, Findings, Grounding, Message, Referent, ground};
pub use instructions::instructions;
pub use intent::*;
pub use script::{Deception, Trick};
pub use target::{decode, encode};
pub use text::{MAX_TEXT, MAX_WORDS, Shape, Word};
pub use validate::validate;
pub use veto::{Stops, Veto, vetoes};
