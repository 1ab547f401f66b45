//! Why the notary could not start. What a client hears is a [`Refusal`](parlance_zktls_protocol::relay::Refusal).

use std::path::PathBuf;

use parlance_zktls_protocol::ProtocolError;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum NotaryError {
    /// A file can't be read or written.
    #[error("{path}: {source}; check that it is there and may be opened")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}: got {got}, expected {expected}; correct the file")]
    Content {
        /// Which one.
        path: PathBuf,
        /// What is wrong.
        got: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {0}; try again")]
    Random(getrandom::Error),
    /// A recording could not be signed.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// The certificate was refused.
    #[error("TLS: {0}; the key must belong to the chain's first certificate")]
    Tls(#[from] rustls::Error),
    /// The socket could not be opened.
    #[error("can't listen: {0}; choose a free port")]
    Listen(#[source] std::io::Error),
    /// The clock is before 1970.
    #[error("the clock shows a time before 1970; set it")]
    Clock,
}

impl NotaryError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { path: path.into(), source }
    }

    pub(crate) fn content(path: impl Into<PathBuf>, got: impl ToString, expected: &'static str) -> Self {
        Self::Content { path: path.into(), got: got.to_string(), expected }
    }
}
