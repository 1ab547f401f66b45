//! The address book, which is the signer's: changes end in its window.

use parlance_signer_protocol::Request;
use parlance_wallet_core::{
    plan::resolve_address,
    view::{self, ContactCheck, ContactRow, Problem},
};
use tauri::State;

use crate::session::Session;

/// The address book.
#[tauri::command]
#[specta::specta]
pub async fn contacts(session: State<'_, Session>) -> Result<Vec<ContactRow>, Problem> {
    Ok(view::contacts(&*session.wallet()?).await?)
}

/// Propose a contact; an ENS name is resolved first.
#[tauri::command]
#[specta::specta]
pub async fn contact_add(session: State<'_, Session>, name: String, address: String) -> Result<String, Problem> {
    let wallet = session.wallet()?;
    let checked = view::contact_check(&wallet, &name, &address).await?;
    let request = Request::ProposeContact { name: name.trim().to_owned(), address: resolve_address(&checked.address)?, quote: None };
    Ok(wallet.signer.propose(request).await?)
}

/// Propose removal of a contact.
#[tauri::command]
#[specta::specta]
pub async fn contact_remove(session: State<'_, Session>, name: String) -> Result<String, Problem> {
    Ok(session.wallet()?.signer.propose(Request::ProposeContactRemoval { name }).await?)
}

/// What an address or ENS name stands for.
#[tauri::command]
#[specta::specta]
pub async fn contact_check(session: State<'_, Session>, name: String, address: String) -> Result<ContactCheck, Problem> {
    Ok(view::contact_check(&*session.wallet()?, &name, &address).await?)
}
