//! What can go wrong, and what a person can do about it.

use std::path::PathBuf;

use alloy_primitives::{Address, B256};
use alloy_transport::TransportError;

/// Every failure of the local world.
#[derive(Debug, thiserror::Error)]
pub enum DevnetError {
    /// The anvil program is nowhere to be found.
    #[error("anvil is not installed: looked for {}", list(.looked))]
    AnvilMissing {
        /// The paths that were tried, in order.
        looked: Vec<PathBuf>,
    },
    /// npm publishes no anvil for this machine.
    #[error("there is no anvil package for {os} on {arch}")]
    Platform {
        /// `std::env::consts::OS`.
        os: &'static str,
        /// `std::env::consts::ARCH`.
        arch: &'static str,
    },
    /// anvil could not be started at all.
    #[error("cannot start {}: {source}", .program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// anvil ended before it answered.
    #[error("the chain ended before it answered ({status}): {log}")]
    Ended {
        /// Exit status, in words.
        status: String,
        /// The last lines that it wrote.
        log: String,
    },
    /// anvil runs but did not answer in time.
    #[error("the chain did not answer within {seconds} s: {log}")]
    NotReady {
        /// How long was waited.
        seconds: u64,
        /// The last lines that it wrote.
        log: String,
    },
    /// Something else listens on the port that was asked for.
    #[error("port {port} of 127.0.0.1 is taken by another program")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The chain that answers is another one.
    #[error("{url} answers for chain {got}, expected chain {expected}")]
    WrongChain {
        /// The endpoint.
        url: String,
        /// `eth_chainId`.
        got: u64,
        /// 31337.
        expected: u64,
    },
    /// A saved chain lacks contracts.
    #[error("the chain has no code at {}", names(.missing))]
    Incomplete {
        /// Name and address of each.
        missing: Vec<(&'static str, Address)>,
    },
    /// A contract came to lie elsewhere than compiled in.
    #[error("{name} was deployed at {got}, expected {expected}")]
    Moved {
        /// Which contract.
        name: &'static str,
        /// Where it is.
        got: String,
        /// Where it should be.
        expected: Address,
    },
    /// A transaction of the deployment reverted.
    #[error("the step \"{step}\" reverted in transaction {transaction}")]
    Reverted {
        /// The step, in words.
        step: String,
        /// Its hash.
        transaction: B256,
    },
    /// A contract answered with something that its interface does not have.
    #[error("the answer to {call} cannot be decoded: {source}")]
    Answer {
        /// Function and contract.
        call: String,
        /// The decoder's reason.
        source: alloy_sol_types::Error,
    },
    /// A committed artefact is damaged.
    #[error("artifacts/{name}.json cannot be used: {reason}")]
    Artifact {
        /// File name without extension.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The process that the folder names runs but does not answer.
    #[error("anvil (process {pid}) runs but does not answer at {url}")]
    NotAnswering {
        /// Its process id.
        pid: i32,
        /// Where it should answer.
        url: String,
    },
    /// Another `up` or `down` holds the folder.
    #[error("another command is at work in {}", .folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// A program that had just been started is gone.
    #[error("{program} ended right after its start")]
    Gone {
        /// Which.
        program: &'static str,
    },
    /// There is no place for the data folder.
    #[error("neither XDG_DATA_HOME nor HOME is set")]
    NoHome,
    /// A file could not be read, written or understood.
    #[error("cannot {doing} {}: {source}", .path.display())]
    File {
        /// A verb.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The chain refused a call or could not be reached.
    #[error("{call} failed: {source}")]
    Rpc {
        /// The JSON-RPC method, or the step in words.
        call: String,
        /// The transport's reason.
        source: TransportError,
    },
    /// A process could not be signalled.
    #[error("cannot signal process {pid}: {source}")]
    Signal {
        /// Its process id.
        pid: i32,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl DevnetError {
    /// What a person can do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::AnvilMissing { .. } => "Install it with `npm ci --prefix wallet/devnet`, or set PARLANCE_DEVNET_ASSETS \
                 to the folder that holds node_modules (or to an anvil program itself)."
                .into(),
            Self::Platform { .. } => "Install Foundry and set PARLANCE_DEVNET_ASSETS to its anvil program.".into(),
            Self::Start { .. } => "Check that the file may be executed, and reinstall it with `npm ci --prefix wallet/devnet`.".into(),
            Self::Ended { log, .. } if log.contains("--state") => {
                "The saved chain cannot be read. Begin a new one with `parlance dev up --fresh`; the old file is kept beside it.".into()
            }
            Self::Ended { .. } => "Read the log above; try another port with `--port`.".into(),
            Self::NotReady { .. } => "The machine may be busy: try again. If it persists, begin a new chain with `--fresh`.".into(),
            Self::PortTaken { .. } => "Choose another with `--port`, or leave `--port` out to get a free one.".into(),
            Self::WrongChain { .. } => "Stop the other chain, or choose another port with `--port`.".into(),
            Self::Incomplete { .. } => "Begin a new chain with `parlance dev down` and `parlance dev up --fresh`.".into(),
            Self::Moved { .. } | Self::Artifact { .. } => {
                "The build is inconsistent: run `npm ci --ignore-scripts && npm run check` in wallet/devnet/contracts, then build again."
                    .into()
            }
            Self::Reverted { .. } | Self::Answer { .. } => {
                "This is a fault of the local world: report it with the step and the anvil version.".into()
            }
            Self::NotAnswering { .. } => "Stop it with `parlance dev down`, then run `parlance dev up`.".into(),
            Self::Busy { .. } => "Wait until it has finished, then try again.".into(),
            Self::NoHome => "Name a folder with `--data`.".into(),
            Self::File { .. } => "Check that the folder exists and belongs to you, or name another with `--data`.".into(),
            Self::Rpc { .. } => "Check with `parlance dev status` that the chain runs.".into(),
            Self::Gone { .. } => "Read its log in the folder `maple` of the local world, then run `parlance dev up` again.".into(),
            Self::Signal { .. } => "Check whose process it is; stop it yourself, then run the command again.".into(),
        }
    }
}

pub(crate) fn rpc(call: impl Into<String>) -> impl FnOnce(TransportError) -> DevnetError {
    move |source| DevnetError::Rpc { call: call.into(), source }
}

pub(crate) fn file(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> DevnetError {
    move |source| DevnetError::File { doing, path: path.into(), source }
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn names(missing: &[(&'static str, Address)]) -> String {
    missing.iter().map(|(name, at)| format!("{name} ({at})")).collect::<Vec<_>>().join(", ")
}
