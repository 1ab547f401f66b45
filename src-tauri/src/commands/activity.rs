//! What happened.

use parlance_wallet_core::view::{self, ActivityDetail, ActivityFilter, ActivityPage, Problem, TransactionRow};
use tauri::State;

use crate::session::Session;

/// A page of what happened.
#[tauri::command]
#[specta::specta]
pub async fn activity(session: State<'_, Session>, filter: ActivityFilter) -> Result<ActivityPage, Problem> {
    Ok(view::activity(&*session.wallet()?, &filter)?)
}

/// One entry.
#[tauri::command]
#[specta::specta]
pub async fn activity_detail(session: State<'_, Session>, id: i64) -> Result<ActivityDetail, Problem> {
    Ok(view::activity_detail(&*session.wallet()?, id)?)
}

/// Transactions that are on their way.
#[tauri::command]
#[specta::specta]
pub async fn outstanding(session: State<'_, Session>) -> Result<Vec<TransactionRow>, Problem> {
    Ok(view::outstanding(&*session.wallet()?)?)
}

/// What the filter admits, as CSV in the download folder; gives the path.
#[tauri::command]
#[specta::specta]
pub async fn activity_export(session: State<'_, Session>, filter: ActivityFilter) -> Result<String, Problem> {
    Ok(view::activity_export(&*session.wallet()?, &filter)?.display().to_string())
}
