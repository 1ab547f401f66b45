//! What can go wrong.

/// Errors of this crate, each with what to do.
#[derive(Debug, thiserror::Error)]
pub enum CircuitError {
    /// The circuit could not be built from this witness.
    #[error("the circuit can't be built: {0}; the witness does not fit the statement")]
    Synthesis(#[from] bellpepper_core::SynthesisError),
    /// More than the size class holds.
    #[error("{got} {what}, at most {most} fit this size class; take a larger class or a shorter response")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// As many.
        got: usize,
        /// As many fit.
        most: usize,
    },
    /// A protected record has an inner type at least (RFC 8446, 5.2).
    #[error("record {sequence} is empty, an inner type was expected; the recording is broken")]
    EmptyRecord {
        /// Its sequence number.
        sequence: u64,
    },
    /// The account's id must come from one place.
    #[error("the id is in the request: {request}, in the response: {response}; it must be in one of both, by the template")]
    Id {
        /// In the request.
        request: bool,
        /// In the response.
        response: bool,
    },
    /// The request is not what the template makes of it.
    #[error(transparent)]
    Request(#[from] crate::request::RequestError),
    /// No proof came of it.
    #[error("the proof can't be made: {0}; the session does not show what is claimed, or memory ran out")]
    Proving(String),
    /// A proof that does not hold.
    #[error("the proof does not hold: {0}; ask for a new one")]
    Refused(String),
}
