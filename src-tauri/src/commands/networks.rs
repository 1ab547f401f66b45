//! Networks.

use parlance_wallet_core::view::{self, NetworkForm, NetworkRow, Problem};
use tauri::State;

use crate::session::Session;

/// All networks.
#[tauri::command]
#[specta::specta]
pub async fn networks(session: State<'_, Session>) -> Result<Vec<NetworkRow>, Problem> {
    Ok(view::networks(&*session.wallet()?)?)
}

/// One network, each of its endpoints asked now.
#[tauri::command]
#[specta::specta]
pub async fn network_check(session: State<'_, Session>, name: String) -> Result<NetworkRow, Problem> {
    Ok(view::network_check(&*session.wallet()?, &name).await?)
}

/// From now on this network is meant where none is named.
#[tauri::command]
#[specta::specta]
pub async fn network_use(session: State<'_, Session>, name: String) -> Result<NetworkRow, Problem> {
    let row = view::network_use(&*session.wallet()?, &name)?;
    session.nudge.notify_one();
    Ok(row)
}

/// Add or change a network of the person's own.
#[tauri::command]
#[specta::specta]
pub async fn network_save(session: State<'_, Session>, network: NetworkForm) -> Result<NetworkRow, Problem> {
    Ok(view::network_save(&*session.wallet()?, &network)?)
}

/// Remove it.
#[tauri::command]
#[specta::specta]
pub async fn network_remove(session: State<'_, Session>, name: String) -> Result<(), Problem> {
    Ok(view::network_remove(&*session.wallet()?, &name)?)
}
