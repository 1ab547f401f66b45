//! A TLS 1.3 session through a notary's relay, and the proof about its response.
//!
//! [`open`] logs in at the bank as a [`Plan`] says and gives a [`BankSession`]: the notary's recording, what was asked and
//! answered, and the handshake secret from which all keys follow. The session is checked by the lender's own code
//! ([`parlance_zktls_verify::examine`]) before it is handed over. [`prove`] makes the file for the lender of it.
//!
//! ```text
//! request (template + values) -> link (WebSocket to the notary) -> tls (rustls, secrets kept) -> answer (complete?) -> session
//! ```

mod answer;
mod error;
mod kept;
mod link;
mod proof;
mod request;
mod secrets;
mod session;
mod tls;

pub use error::ProveError;
pub use link::Notary;
pub use parlance_zktls_circuit::response::native::Refusal;
pub use proof::{Terms, prove};
pub use request::Values;
pub use secrets::HandshakeSecret;
pub use session::{BankSession, Plan, Stage, open};
pub use tls::{Group, Offer, Roots};
