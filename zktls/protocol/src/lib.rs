//! Wire formats of zkTLS: session commitment, recorded session, template, statement, proof file.
//!
//! No TLS and no circuits here: this crate only says which bytes mean what, so that wallet, notary and lender agree.
//!
//! | type | made by | read by |
//! |---|---|---|
//! | [`Session`], [`Salt`] | wallet and lender | lender; the notary sees only their [`Commitment`] |
//! | [`Notarized`] [`Recording`] | notary | lender |
//! | [`Template`] | a file in `zktls/templates` | wallet, notary, lender |
//! | [`Claim`], [`ProofFile`] | wallet | lender |
//!
//! Every document is `PZKT`, version, kind, body (see [`codec`]); there is one way to write each value, and anything
//! else is refused.

mod address;
pub mod codec;
mod error;
mod key;
mod proof;
mod recording;
pub mod relay;
mod session;
mod suite;
pub mod template;

pub use address::is_public;
pub use codec::{MAX_DOCUMENT, VERSION};
pub use error::ProtocolError;
pub use key::{KeyId, NotaryKey};
pub use proof::{Claim, Hole, InnerHashes, MAX_HOLES, MAX_ID, MAX_PROOF, ProofFile, nullifier, scope_at};
pub use recording::{Chunk, Direction, Notarized, Recording};
pub use session::{Commitment, Salt, Session};
pub use suite::Suite;
pub use template::{Finding, Shape, Slot, Template};
