//! Who may take what. Taking it back is an intent, like a payment.

use parlance_wallet_core::view::{self, AllowancesView, Problem};
use tauri::State;

use crate::session::Session;

/// Open allowances of the account that pays.
#[tauri::command]
#[specta::specta]
pub async fn allowances(session: State<'_, Session>, chain: Option<String>) -> Result<AllowancesView, Problem> {
    Ok(view::allowances(&*session.wallet()?, chain.as_deref()).await?)
}
