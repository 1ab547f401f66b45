//! What can go wrong while starting.

use std::path::PathBuf;

use parlance_signer_core::SignerError;

/// What can go wrong while starting.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// Wrong arguments.
    #[error("{0}")]
    Usage(String),
    /// A program of this release is missing.
    #[error("{0:?} is missing; expected beside this program")]
    Missing(PathBuf),
    /// The local world is no part of packages.
    #[error("the local world with play money is left out of packages; it comes with Parlance's source")]
    LeftOut,
    /// The signer's service can't be reached.
    #[error("the signer's service can't be reached: {0}")]
    Service(std::io::Error),
    /// A program of an installed package could be replaced by another user.
    #[error("{path:?} {why}; expected a file of root that nobody else may write")]
    Untrusted {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another wallet runs in the folder.
    #[error("another Parlance is open in {0:?}")]
    InUse(PathBuf),
    /// There is no folder for data.
    #[error("no folder for the wallet's data: neither XDG_DATA_HOME nor HOME is set")]
    NoHome,
    /// A folder or program can't be used.
    #[error("{what}: {why}")]
    System {
        /// What was tried.
        what: String,
        /// The system's words.
        why: std::io::Error,
    },
    /// The keyring or the vault.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// The local world could not be set up.
    #[error("the local world: {0}")]
    Dev(String),
}

impl LaunchError {
    /// What a person can do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Usage(_) => "See `parlance --help`.".into(),
            Self::Missing(_) => "Run `make build`, or install the package again.".into(),
            Self::LeftOut => {
                "In a folder with the source: `make run`. To try this one without money, choose a test network in the settings.".into()
            }
            Self::Service(_) => {
                "`systemctl status parlance-signer.socket` says why; it comes with the package parlance-hardened. Your keys stay where they are.".into()
            }
            Self::Untrusted { .. } => "Install the package again; do not run this copy.".into(),
            Self::InUse(_) => "Use the window that is open, close it first, or choose another folder with --data DIR.".into(),
            Self::NoHome => "Say where: --data DIR.".into(),
            Self::System { .. } => "Check that the folder exists, belongs to you and has room, then try again.".into(),
            Self::Signer(e) => e.remedy().to_string(),
            Self::Dev(_) => "`parlance dev status` says what runs; `parlance dev down` and `parlance dev up` start it anew.".into(),
        }
    }

    /// 2 for wrong usage, else 1.
    pub fn exit_code(&self) -> u8 {
        if matches!(self, Self::Usage(_)) { 2 } else { 1 }
    }
}

/// Say what was tried when the system refuses.
pub trait Trying<T> {
    fn trying(self, what: impl Into<String>) -> Result<T, LaunchError>;
}

impl<T, E: Into<std::io::Error>> Trying<T> for Result<T, E> {
    fn trying(self, what: impl Into<String>) -> Result<T, LaunchError> {
        self.map_err(|e| LaunchError::System { what: what.into(), why: e.into() })
    }
}
