//! What is looked at again and again: signer, model and network for the status line, and transactions on their way.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use parlance_wallet_core::{
    Wallet,
    chain::Watcher,
    store::{TxFilter, TxId, TxState},
    view::transaction_row,
};
use tauri::{AppHandle, Manager};
use tauri_specta::Event as _;

use crate::{
    api::{StatusChanged, TransactionChanged},
    commands::session::{NetworkStatus, StatusView, network_status, status_view},
    session::Session,
};

/// How often signer and model are looked at.
const SOON: Duration = Duration::from_secs(1);
/// How often a network is asked for its block: the local one, and others.
const BLOCK_LOCAL: Duration = Duration::from_secs(2);
const BLOCK: Duration = Duration::from_secs(12);

/// Begin.
pub fn start(app: &AppHandle) {
    tauri::async_runtime::spawn(status(app.clone()));
    tauri::async_runtime::spawn(transactions(app.clone()));
}

async fn status(app: AppHandle) {
    let session = app.state::<Session>();
    let mut network: Option<(Instant, NetworkStatus)> = None;
    loop {
        let Ok(open) = session.opened() else {
            return;
        };
        let chain = open.wallet.current_chain().map(|c| c.name.clone()).unwrap_or_default();
        let every = if open.wallet.world.is_some() { BLOCK_LOCAL } else { BLOCK };
        let fresh = network.as_ref().is_some_and(|(at, known)| at.elapsed() < every && known.name == chain);
        if !fresh {
            network = Some((Instant::now(), network_status(&open.wallet).await));
        }
        let known = network.as_ref().map(|(_, known)| known.clone()).unwrap_or_default();
        let now: StatusView = status_view(&open, known).await;
        if session.tell(&now)
            && let Err(e) = StatusChanged(now).emit(&app)
        {
            tracing::warn!("the pages can't be told the status: {e}");
        }
        tokio::select! {
            () = tokio::time::sleep(SOON) => {}
            () = session.nudge.notified() => {}
        }
    }
}

async fn transactions(app: AppHandle) {
    let session = app.state::<Session>();
    let mut known: HashMap<TxId, TxState> = HashMap::new();
    loop {
        tokio::time::sleep(SOON).await;
        let Ok(open) = session.opened() else {
            return;
        };
        if let Err(e) = look(&app, &open.wallet, &mut known).await {
            tracing::warn!("looking for transactions: {e}");
        }
    }
}

/// Look at each unsettled transaction once; tell of those that moved.
async fn look(app: &AppHandle, wallet: &Wallet, known: &mut HashMap<TxId, TxState>) -> parlance_wallet_core::Result<()> {
    let mut open: Vec<TxId> =
        wallet.store.transactions(&TxFilter { unsettled: true, ..TxFilter::default() })?.iter().map(|t| t.id).collect();
    // Those that settled since the last look are told a last time.
    open.extend(known.keys().filter(|id| !open.contains(id)).copied().collect::<Vec<_>>());
    for id in open {
        let record = wallet.store.transaction(id)?;
        if !record.state.is_settled() && record.sent.is_some() {
            match Watcher::new(wallet.store.clone(), wallet.client_of(record.chain)?).poll(id).await {
                Ok(_) => {}
                Err(e) if e.is_transient() => {}
                Err(e) => return Err(e),
            }
        }
        let record = wallet.store.transaction(id)?;
        if known.get(&id) != Some(&record.state)
            && let Err(e) = TransactionChanged(transaction_row(wallet, &record)).emit(app)
        {
            tracing::warn!("the pages can't be told of a transaction: {e}");
        }
        if record.state.is_settled() {
            known.remove(&id);
        } else {
            known.insert(id, record.state);
        }
    }
    Ok(())
}
