//! Why the bank could not open.

use std::path::PathBuf;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// A file can't be read or written.
    #[error("{path}: {source}; check that it is there and may be opened")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key or certificate could not be made or read.
    #[error("certificate: {0}; give a PEM chain and its key, or delete the folder so that a new root is made")]
    Certificate(#[from] rcgen::Error),
    /// rustls refused the certificate, the suites or the groups.
    #[error("TLS: {0}; the key must belong to the chain's first certificate, and a suite and a group must be left")]
    Tls(#[from] rustls::Error),
    /// The accounts are no book.
    #[error("accounts: {0}; compare them with zktls/bank/demo.json")]
    Accounts(#[from] serde_json::Error),
    /// The socket could not be opened.
    #[error("can't listen: {0}; choose a free port")]
    Listen(#[source] std::io::Error),
}

impl BankError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { path: path.into(), source }
    }
}
