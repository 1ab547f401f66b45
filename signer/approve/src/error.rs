//! What can go wrong in the approver.

use parlance_signer_protocol::ProtocolError;

/// What can go wrong in the approver.
#[derive(Debug, thiserror::Error)]
pub enum ApproveError {
    /// No controlling terminal.
    #[error("there is no terminal to ask on ({0})")]
    NoTerminal(std::io::Error),
    /// No display, or one that windows can't be drawn on.
    #[error("no window can be opened ({0})")]
    NoWindow(String),
    /// The terminal failed in the middle of a question.
    #[error("terminal: {0}")]
    Terminal(#[from] std::io::Error),
    /// The pipe to the signer failed.
    #[error("signer: {0}")]
    Signer(#[from] ProtocolError),
}

impl ApproveError {
    /// What a person can do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NoTerminal(_) => "Start Parlance from a terminal, so that it can ask you before it signs.",
            Self::NoWindow(_) => "Start Parlance in a desktop session, or use `parlance chat` in a terminal.",
            Self::Terminal(_) => "Nothing was approved. Start Parlance again.",
            Self::Signer(e) => e.remedy(),
        }
    }
}

impl From<rustix::io::Errno> for ApproveError {
    fn from(e: rustix::io::Errno) -> Self {
        Self::Terminal(e.into())
    }
}
