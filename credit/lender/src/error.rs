//! What can go wrong: for the person who runs the program ([`LenderError`]) and for who asks it something ([`Refusal`]).

use std::path::PathBuf;

use alloy_transport::TransportError;
use parlance_credit::api::Problem;
use parlance_zktls_notary::NotaryError;
use parlance_zktls_protocol::ProtocolError;

/// Errors of this crate, each with what was got, what was expected and what to do.
#[derive(Debug, thiserror::Error)]
pub enum LenderError {
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
    /// The configuration can't be used. One sentence a problem.
    #[error("the configuration can't be used:\n  {}", .0.join("\n  "))]
    Settings(Vec<String>),
    /// The attester's key can't be had.
    #[error("the attester's key: {0}")]
    Key(String),
    /// The chain's node did not answer.
    #[error("the chain's node did not answer {call}: {source}; check that it runs and that [chain] rpc is right")]
    Node {
        /// What was asked.
        call: &'static str,
        /// Why.
        source: Box<TransportError>,
    },
    /// The chain answered something else than a pool does.
    #[error("{call}: got {got}, expected {expected}; check [chain] pool and id")]
    Chain {
        /// What was asked.
        call: &'static str,
        /// What it answered.
        got: String,
        /// What it should have answered.
        expected: &'static str,
    },
    /// A transaction was refused, or is in no block yet.
    #[error("the transaction {call}: {got}; {remedy}")]
    Transaction {
        /// What it calls.
        call: &'static str,
        /// What happened.
        got: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The database.
    #[error("the database: {0}; check that it runs and that `database` is right")]
    Store(#[from] sqlx::Error),
    /// Its tables could not be made or brought up to date.
    #[error("the database's tables: {0}; use the release that wrote them, or a newer one")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row that this program did not write.
    #[error("the database holds a damaged {what}: {got}; restore the latest backup")]
    Damaged {
        /// Which kind of row.
        what: &'static str,
        /// What is wrong.
        got: String,
    },
    /// The built-in notary.
    #[error("the notary: {0}")]
    Notary(#[from] NotaryError),
    /// A document or template is malformed.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// A page could not be made.
    #[error("a page could not be made: {0}")]
    Page(#[from] askama::Error),
    /// A metric could not be registered or written.
    #[error("metrics: {0}")]
    Metrics(#[from] prometheus::Error),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {0}; try again")]
    Random(getrandom::Error),
    /// The port can't be listened at.
    #[error("can't listen: {0}; choose a free port")]
    Listen(#[source] std::io::Error),
    /// The clock is before 1970.
    #[error("the clock shows a time before 1970; set it")]
    Clock,
    /// A task of this program ended badly.
    #[error("a task ended badly: {0}; this is a mistake in the program, please report it")]
    Task(String),
    /// Who asked can't have it.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Why something that was asked for is not done: an HTTP status and a [`Problem`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}; {remedy}")]
pub struct Refusal {
    /// 400, 403, 404, 409, 413, 422 or 429.
    pub status: u16,
    /// Stable, for programs.
    pub code: &'static str,
    /// What was got and what was expected.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl Refusal {
    /// With this status and code.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), remedy: remedy.into() }
    }

    /// What was sent has not the form that it should have.
    pub fn malformed(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(400, "malformed", message, remedy)
    }
}

impl LenderError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { path: path.into(), source }
    }

    pub(crate) fn content(path: impl Into<PathBuf>, got: impl ToString, expected: &'static str) -> Self {
        Self::Content { path: path.into(), got: got.to_string(), expected }
    }

    pub(crate) fn node(call: &'static str) -> impl FnOnce(TransportError) -> Self {
        move |source| Self::Node { call, source: Box::new(source) }
    }

    /// What who asked is told: refusals in full, faults of this side in general words.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal.clone(),
            Self::Node { .. } | Self::Chain { .. } => {
                Refusal::new(500, "chain_unreachable", "the lender can't reach its chain at the moment", "try again in a minute")
            }
            _ => Refusal::new(500, "internal", "something went wrong at the lender's side; it was logged", "try again, or tell the lender"),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code.to_owned(), message: refusal.message, remedy: refusal.remedy }
    }
}

impl From<getrandom::Error> for LenderError {
    fn from(error: getrandom::Error) -> Self {
        Self::Random(error)
    }
}
