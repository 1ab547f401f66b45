//! What can go wrong on the wire.

/// What can go wrong on the wire.
#[derive(Debug, thiserror::Error)]
pub enum ProtocolError {
    /// The other side closed the pipe.
    #[error("the other process closed the connection")]
    Closed,
    /// A frame announced more than the limit.
    #[error("frame of {got} bytes, expected at most {limit}")]
    TooLong {
        /// Announced length, bytes.
        got: usize,
        /// [`crate::MAX_FRAME`].
        limit: usize,
    },
    /// Another protocol version.
    #[error("protocol version {got}, expected {expected}")]
    Version {
        /// Of the frame.
        got: u16,
        /// [`crate::VERSION`].
        expected: u16,
    },
    /// The body is not the JSON that was expected.
    #[error("malformed message: {0}")]
    Malformed(String),
    /// The reply belongs to another request.
    #[error("reply to request {got}, expected {expected}")]
    WrongId {
        /// Of the reply.
        got: u64,
        /// Of the request in flight.
        expected: u64,
    },
    /// Reading or writing failed.
    #[error("connection: {0}")]
    Io(#[from] std::io::Error),
}

impl ProtocolError {
    /// What a person can do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Closed => "The signer has stopped. Start Parlance again; nothing was signed that you were not shown.",
            Self::TooLong { .. } => "Split the request: one transaction or message at a time.",
            Self::Version { .. } => "Wallet and signer are of different releases. Reinstall Parlance, so that both match.",
            Self::Malformed(_) | Self::WrongId { .. } => "Start Parlance again. If it comes back, report it.",
            Self::Io(_) => "Start Parlance again.",
        }
    }
}
