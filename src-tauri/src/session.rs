//! What the commands work on: the opened wallet, or why it is not open.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use parlance_mind::Mind;
use parlance_wallet_core::{Wallet, view::Problem};
use tokio_util::sync::CancellationToken;

use crate::{commands::session::StatusView, talk::Talks};

/// The state behind all commands.
pub struct Session {
    data: PathBuf,
    stage: RwLock<Stage>,
    /// What was told last about signer, model and network.
    last: Mutex<Option<StatusView>>,
    /// Stops what is done with a model at present: a download, an exam.
    work: Mutex<Option<CancellationToken>>,
    /// Wakes the pulse: something changed by a command.
    pub(crate) nudge: Arc<tokio::sync::Notify>,
}

/// Something long that is done with a model, until this is dropped.
pub(crate) struct Work<'s> {
    session: &'s Session,
    pub(crate) stop: CancellationToken,
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        self.stop.cancel();
        *self.session.work.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

enum Stage {
    Opening,
    Open(Arc<Open>),
    Failed(Problem),
}

/// An opened wallet.
pub struct Open {
    /// The wallet.
    pub wallet: Arc<Wallet>,
    /// What understands messages.
    pub mind: Arc<Mind>,
    /// Conversations that are under way.
    pub(crate) talks: Talks,
    /// What has to be said once about the chats' key.
    pub warning: Option<String>,
}

impl Session {
    /// Of a data folder that is still to be opened.
    #[must_use]
    pub fn new(data: PathBuf) -> Self {
        Self { data, stage: RwLock::new(Stage::Opening), last: Mutex::default(), work: Mutex::default(), nudge: Arc::default() }
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The wallet.
    ///
    /// # Errors
    /// A [`Problem`] while it is not open, or where it can't be opened.
    pub fn wallet(&self) -> Result<Arc<Wallet>, Problem> {
        self.opened().map(|open| Arc::clone(&open.wallet))
    }

    /// All of it.
    ///
    /// # Errors
    /// As [`Session::wallet`].
    pub fn opened(&self) -> Result<Arc<Open>, Problem> {
        match &*self.stage.read().unwrap_or_else(PoisonError::into_inner) {
            Stage::Open(open) => Ok(Arc::clone(open)),
            Stage::Failed(problem) => Err(problem.clone()),
            Stage::Opening => Err(Problem {
                code: "opening".into(),
                message: "The wallet is still being opened.".into(),
                remedy: "It takes a moment.".into(),
            }),
        }
    }

    /// Why it could not be opened; `None` while that is not known.
    #[must_use]
    pub fn failure(&self) -> Option<Problem> {
        match &*self.stage.read().unwrap_or_else(PoisonError::into_inner) {
            Stage::Failed(problem) => Some(problem.clone()),
            Stage::Opening | Stage::Open(_) => None,
        }
    }

    /// Begin something long with a model; one at a time.
    pub(crate) fn begin(&self) -> Result<Work<'_>, Problem> {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        if work.is_some() {
            return Err(Problem {
                code: "busy".into(),
                message: "A model is being added or examined already.".into(),
                remedy: "Wait for it, or stop it.".into(),
            });
        }
        let stop = CancellationToken::new();
        *work = Some(stop.clone());
        Ok(Work { session: self, stop })
    }

    /// Stop it.
    pub(crate) fn stop(&self) {
        if let Some(stop) = &*self.work.lock().unwrap_or_else(PoisonError::into_inner) {
            stop.cancel();
        }
    }

    pub(crate) fn settle(&self, opened: Result<Open, Problem>) {
        let stage = match opened {
            Ok(open) => Stage::Open(Arc::new(open)),
            Err(problem) => Stage::Failed(problem),
        };
        *self.stage.write().unwrap_or_else(PoisonError::into_inner) = stage;
    }

    pub(crate) fn last_status(&self) -> Option<StatusView> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// True where it differs from what was told before.
    pub(crate) fn tell(&self, status: &StatusView) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let news = last.as_ref() != Some(status);
        if news {
            *last = Some(status.clone());
        }
        news
    }
}
