//! What can stop the window.

use parlance_signer_protocol::ProtocolError;
use parlance_wallet_core::WalletError;

/// What can stop the window.
#[derive(Debug, thiserror::Error)]
pub enum DesktopError {
    /// Started without the launcher.
    #[error("there is no connection to the signer")]
    NoSigner,
    /// The window or its pages.
    #[error("the window: {0}")]
    Window(#[from] tauri::Error),
    /// An inherited socket.
    #[error("signer: {0}")]
    Protocol(#[from] ProtocolError),
    /// The wallet.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// A file or socket of the data folder.
    #[error("{what}: {why}")]
    System {
        /// What was tried.
        what: String,
        /// The system's words.
        why: std::io::Error,
    },
}

impl DesktopError {
    /// What a person can do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::NoSigner => "Start it by the launcher: parlance instead of parlance-desktop.".into(),
            Self::Window(_) => "Check that a display is there; without one, `parlance chat` talks in the terminal.".into(),
            Self::Protocol(e) => e.remedy().into(),
            Self::Wallet(e) => e.remedy(),
            Self::System { .. } => "Check that the data folder is yours and has room, then start Parlance again.".into(),
        }
    }
}
