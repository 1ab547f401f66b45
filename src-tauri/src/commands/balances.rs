//! What an account has, what it was worth, and how it is paid.

use alloy_primitives::Address;
use parlance_wallet_core::{
    plan::resolve_address,
    view::{self, BalancesView, Problem, ReceiveView, WorthPoint},
};
use tauri::State;

use crate::session::Session;

/// Balances of an account, or of the one that pays.
#[tauri::command]
#[specta::specta]
pub async fn balances(session: State<'_, Session>, chain: Option<String>, account: Option<String>) -> Result<BalancesView, Problem> {
    Ok(view::balances(&*session.wallet()?, chain.as_deref(), address(account)?).await?)
}

/// What the account that pays was worth over the last days.
#[tauri::command]
#[specta::specta]
pub async fn worth_over_time(session: State<'_, Session>, chain: Option<String>, days: u32) -> Result<Vec<WorthPoint>, Problem> {
    Ok(view::worth_over_time(&*session.wallet()?, chain.as_deref(), days).await?)
}

/// What to show somebody who wants to pay.
#[tauri::command]
#[specta::specta]
pub async fn receive(
    session: State<'_, Session>,
    chain: Option<String>,
    asset: Option<String>,
    amount: Option<String>,
    account: Option<String>,
) -> Result<ReceiveView, Problem> {
    let account = address(account)?;
    Ok(view::receive(&*session.wallet()?, chain.as_deref(), asset.as_deref(), amount.as_deref(), account).await?)
}

fn address(account: Option<String>) -> Result<Option<Address>, Problem> {
    Ok(account.map(|text| resolve_address(&text)).transpose()?)
}
