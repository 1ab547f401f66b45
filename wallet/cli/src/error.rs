//! What can go wrong on the command line.

use std::path::PathBuf;

use parlance_mind::MindError;
use parlance_models::ModelsError;
use parlance_policy::PolicyError;
use parlance_signer_protocol::ProtocolError;
use parlance_wallet_core::WalletError;

/// What can go wrong on the command line.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Started without the launcher.
    #[error("this command needs the signer")]
    NoSigner,
    /// A file can't be read or written.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: std::io::Error,
    },
    /// Standard input or output.
    #[error("standard input or output: {0}")]
    Stream(#[from] std::io::Error),
    /// The terminal's line editor.
    #[error("terminal: {0}")]
    Terminal(String),
    /// A rule file.
    #[error("{0}")]
    Rules(#[from] PolicyError),
    /// The pipe to the signer.
    #[error("signer: {0}")]
    Protocol(#[from] ProtocolError),
    /// The wallet.
    #[error("{0}")]
    Wallet(#[from] WalletError),
    /// Starting the model.
    #[error("{0}")]
    Mind(#[from] MindError),
    /// A model of the owner.
    #[error("{0}")]
    Models(#[from] ModelsError),
    /// The exam was held, and not passed.
    #[error("the model may only answer questions")]
    Failed,
    /// Understanding.
    #[error("understanding: {0}")]
    Understanding(String),
    /// A secret was to be typed and there is no terminal.
    #[error("there is no terminal to type the token on")]
    NoTerminal,
    /// A secret from standard input.
    #[error("standard input has no token: got {0}, expected one line of text")]
    Token(&'static str),
}

impl CliError {
    /// What a person can do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::NoSigner => "Start it by the launcher: parlance instead of parlance-wallet.".into(),
            Self::File { .. } => "Check the path, and that you may read and write there.".into(),
            Self::Stream(_) => "Check what it is connected to.".into(),
            Self::Terminal(_) => "Use `parlance chat --json` where there is no usable terminal.".into(),
            Self::Rules(e) => e.remedy(),
            Self::Protocol(e) => e.remedy().into(),
            Self::Wallet(e) => e.remedy(),
            Self::Mind(e) => e.remedy().into(),
            Self::Models(e) => e.remedy().into(),
            Self::Failed => "Choose another model, or go back to the shipped one: parlance models use shipped.".into(),
            Self::NoTerminal | Self::Token(_) => "Type it on a terminal, or pipe it in with --token-stdin.".into(),
            Self::Understanding(_) => "`parlance models check` says whether the model loads; `make build` builds the worker.".into(),
        }
    }

    /// Always 1: wrong usage never gets this far.
    #[allow(clippy::unused_self, reason = "the kinds may come to differ")]
    pub fn exit_code(&self) -> u8 {
        1
    }
}

impl CliError {
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |why| Self::File { path, why }
    }
}
