//! From bytes to be signed to a decision.
//!
//! [`understand`] → [`judge`] → [`Judgement`]: what the bytes do, what that costs, what the rules say of it, and the
//! ledger entry that has to be durable before a signature exists. Nothing here has effects: the service acts on it.

mod judge;
mod words;

use parlance_effects::Registry;
use parlance_signer_protocol::Payload;

use crate::SignerError;
use crate::sign::Understood;

pub use judge::{Judgement, Knowledge, judge};
pub use words::{account_name, usd_words};

/// Decode a payload into what a signature can be made from.
///
/// # Errors
/// What is never signed: see [`Understood`].
pub fn understand(registry: &Registry, payload: &Payload) -> Result<Understood, SignerError> {
    match payload {
        Payload::Transaction { account, unsigned } => Understood::transaction(registry, *account, unsigned),
        Payload::TypedData { account, json } => Understood::typed_data(registry, *account, json),
        Payload::Message { account, bytes } => Understood::message(*account, bytes),
        Payload::Authorization { account, chain, address, nonce } => Understood::authorization(*account, *chain, *address, *nonce),
    }
}
