//! What the commands work on: the opened wallet, or why it is not open.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use parlance_mind::Mind;
use parlance_wallet_core::{Wallet, view::Problem};

use crate::{commands::session::StatusView, talk::Talks};

/// The state behind all commands.
pub struct Session {
    data: PathBuf,
    stage: RwLock<Stage>,
    /// What was told last about signer, model and network.
    last: Mutex<Option<StatusView>>,
    /// Wakes the pulse: something changed by a command.
    pub(crate) nudge: Arc<tokio::sync::Notify>,
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
        Self { data, stage: RwLock::new(Stage::Opening), last: Mutex::default(), nudge: Arc::default() }
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
