//! Why something was not accepted.

use parlance_zktls_protocol::ProtocolError;

/// Errors of this crate, each with what was got, what was expected and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// A record that does not belong where it stands.
    #[error("{side}'s record {number}: got {got}, expected {expected}; open a new session with the wallet's own client")]
    Record {
        /// Whose: "client" or "server".
        side: &'static str,
        /// Counted from 0 in its direction.
        number: usize,
        /// What was got.
        got: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A handshake message that is not as it should be.
    #[error("{message}: got {got}, expected {expected}; open a new session with the wallet's own client")]
    Message {
        /// The message.
        message: &'static str,
        /// What was got.
        got: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A record of the server's handshake does not decrypt.
    #[error("server's protected record {0} does not decrypt under the given secret; the secret is another session's or bytes were altered")]
    Tag(u64),
    /// The certificate is not the bank's.
    #[error("certificate: got {got}, expected {expected}; don't lend on this, the other side may not be the bank")]
    Certificate {
        /// What was got.
        got: String,
        /// What was expected.
        expected: String,
    },
    /// The lender's own conditions are not met.
    #[error("{what}: got {got}, expected {expected}; ask the borrower for a proof that fits the offer")]
    Condition {
        /// What was compared.
        what: &'static str,
        /// What was got.
        got: String,
        /// What was expected.
        expected: String,
    },
    /// A document or template is malformed.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// The proof does not hold.
    #[error("the proof does not hold: {0}; don't lend on it")]
    Proof(String),
}

impl VerifyError {
    pub(crate) fn message(message: &'static str, got: impl Into<String>, expected: &'static str) -> Self {
        Self::Message { message, got: got.into(), expected }
    }

    pub(crate) fn condition(what: &'static str, got: impl ToString, expected: impl ToString) -> Self {
        Self::Condition { what, got: got.to_string(), expected: expected.to_string() }
    }
}
