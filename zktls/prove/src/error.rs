//! Why there is no session.

use parlance_zktls_protocol::ProtocolError;
use parlance_zktls_protocol::relay::Refusal;
use tokio_tungstenite::tungstenite;

/// What went wrong. Nothing here holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The answer does not prove what is claimed.
    #[error(transparent)]
    Claim(#[from] parlance_zktls_circuit::response::native::Refusal),
    /// The session is not one that the lender would accept.
    #[error(transparent)]
    Session(#[from] parlance_zktls_verify::VerifyError),
    /// No proof came of it.
    #[error(transparent)]
    Proof(#[from] parlance_zktls_circuit::error::CircuitError),
    /// The request could not be made from the template, or a document is malformed.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// The notary's address.
    #[error("notary: got {got:?}, expected wss://host/ (or ws:// for one on this computer); correct it in the settings")]
    Address {
        /// What was given.
        got: String,
    },
    /// The notary can't be reached, or broke off.
    #[error("the notary can't be reached: {0}; try again, or choose another notary")]
    Notary(#[source] Box<tungstenite::Error>),
    /// The connection to the notary could not be opened.
    #[error("the notary can't be reached: {0}; try again, or choose another notary")]
    Connect(#[source] std::io::Error),
    /// The notary said no.
    #[error("the notary refused: {0}")]
    Refused(Refusal),
    /// The notary said something unexpected.
    #[error("notary: got {got}, expected {expected}; choose another notary")]
    Unexpected {
        /// What it said.
        got: String,
        /// What it should have said.
        expected: &'static str,
    },
    /// TLS with the bank failed.
    #[error("the bank's TLS: {0}; if it happens again, this bank can't be asked from here")]
    Tls(#[from] rustls::Error),
    /// A root could not be read.
    #[error("a trusted root is no certificate: {0}; correct it in the settings")]
    Root(#[source] rustls::Error),
    /// The bank closed before its answer was complete.
    #[error("the bank closed the connection {during}; try again")]
    Closed {
        /// When.
        during: &'static str,
    },
    /// The bank answered with another status than 200.
    #[error("the bank answered {status}; {}", remedy(*.status))]
    Status {
        /// Of the response.
        status: u16,
    },
    /// The answer is not one that can be proved.
    #[error("the bank's answer: got {got}, expected {expected}; this bank can't be asked with this template")]
    Answer {
        /// What was wrong.
        got: String,
        /// What can be proved.
        expected: &'static str,
    },
    /// The session does not pass the checks that a lender makes.
    #[error("this session can't be proved: {0}; try again, or choose another notary")]
    Unprovable(String),
    /// It took too long.
    #[error("no complete session within {0} seconds; try again")]
    TooLong(u64),
    /// The person stopped it.
    #[error("stopped; nothing was sent to a lender")]
    Cancelled,
}

fn remedy(status: u16) -> &'static str {
    match status {
        401 | 403 => "check the token and what it permits",
        404 => "check the account's id",
        429 => "wait a minute and try again",
        _ => "try again later",
    }
}

impl ProveError {
    pub(crate) fn answer(got: impl Into<String>, expected: &'static str) -> Self {
        Self::Answer { got: got.into(), expected }
    }
}

impl From<tungstenite::Error> for ProveError {
    fn from(error: tungstenite::Error) -> Self {
        Self::Notary(Box::new(error))
    }
}
