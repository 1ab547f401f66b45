//! Where things lie on the disk.

use parlance_wallet_core::view::{self, DataView, Problem};
use tauri::State;

use crate::session::Session;

/// The data folder and its parts.
#[tauri::command]
#[specta::specta]
pub async fn data(session: State<'_, Session>) -> Result<DataView, Problem> {
    Ok(view::data(&*session.wallet()?)?)
}
