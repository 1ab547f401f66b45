//! Opening the wallet behind the window, which is shown at once.

use std::{io::Read, os::unix::net::UnixStream, path::PathBuf, sync::Arc};

use parlance_mind::Mind;
use parlance_wallet_core::{Wallet, signer::Signer, store::Store, view::Problem};
use tauri::{AppHandle, Manager};

use crate::{
    pulse,
    session::{Open, Session},
    talk::Talks,
};

/// Open wallet and model, take up what was under way, and begin to watch.
pub async fn wallet(app: AppHandle, signer: UnixStream, look: UnixStream) {
    let session = app.state::<Session>();
    let opened = opened(&app, session.data().to_owned(), Signer::with_second(signer, look)).await;
    if let Err(problem) = &opened {
        tracing::error!("the wallet can't be opened: {}", problem.message);
    }
    session.settle(opened);
    if let Ok(open) = session.opened() {
        open.talks.take_up();
    }
    pulse::start(&app);
}

async fn opened(app: &AppHandle, data: PathBuf, signer: Signer) -> Result<Open, Problem> {
    let folder = data.clone();
    // The keyring may ask over D-Bus and take its time.
    let (wallet, warning) = tokio::task::spawn_blocking(move || -> Result<_, Problem> {
        let (store, warning) = Store::of_folder(&data)?;
        Ok((Wallet::open(&data, signer, store)?, warning))
    })
    .await
    .map_err(|e| Problem { code: "task".into(), message: e.to_string(), remedy: "Start Parlance again.".into() })??;
    let wallet = Arc::new(wallet);
    let problem = |e: parlance_mind::MindError| Problem { code: "model".into(), message: e.to_string(), remedy: e.remedy().into() };
    let mind = Arc::new(Mind::start(&folder, None).await.map_err(problem)?);
    let talks = Talks::new(app.clone(), Arc::clone(&wallet), Arc::clone(&mind));
    Ok(Open { wallet, mind, talks, warning })
}

/// The window ends with the launcher, which holds the wallet's lock.
pub fn ends_with(mut launcher: UnixStream, app: AppHandle) {
    std::thread::spawn(move || {
        let mut nothing = [0u8; 1];
        // Nothing is ever said on it: it returns when the other side is gone.
        if let Err(e) = launcher.read(&mut nothing) {
            tracing::warn!("the launcher's socket failed: {e}");
        }
        app.exit(0);
    });
}
