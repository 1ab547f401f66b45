//! What can stop the signer.

use parlance_sandbox::SandboxError;
use parlance_signer_core::SignerError;
use parlance_signer_protocol::ProtocolError;

/// What can stop the signer.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// Neither a folder to serve nor a command.
    #[error("got neither --data with --clients-fd and --approver-fd nor a command")]
    Usage,
    /// A client's descriptor or capability.
    #[error("client {got:?}: {reason}")]
    Client {
        /// As it was given.
        got: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What a program that connected to the service handed over.
    #[error("what was handed over by the program that connected is refused: {0}")]
    Handover(String),
    /// The description of the local world.
    #[error("the description of the local world can't be read: {0}")]
    World(String),
    /// The signer's core.
    #[error(transparent)]
    Core(#[from] SignerError),
    /// The sandbox.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// An inherited socket.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// Reading, writing, threads.
    #[error("the operating system: {0}")]
    Io(#[from] std::io::Error),
}

impl DaemonError {
    /// What a person can do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Usage | Self::Client { .. } | Self::Handover(_) | Self::Io(_) => "Start it through `parlance`.".into(),
            Self::World(_) => "Run `parlance dev up` again.".into(),
            Self::Core(e) => e.remedy().to_string(),
            Self::Sandbox(e) => e.remedy().to_string(),
            Self::Protocol(e) => e.remedy().to_string(),
        }
    }
}
