//! Lenders, bank logins, proofs and credit lines. Proving, applying, drawing and paying back are intents, like a payment.

use std::path::{Path, PathBuf};

use parlance_wallet_core::view::{self, CreditView, LenderView, LoginView, Problem};
use tauri::State;
use zeroize::Zeroizing;

use crate::session::Session;

/// All of it, with the lenders asked and the chains read just now.
#[tauri::command]
#[specta::specta]
pub async fn credit(session: State<'_, Session>) -> Result<CreditView, Problem> {
    Ok(view::credit(&*session.wallet()?).await?)
}

/// Ask a lender who it is, and add it.
#[tauri::command]
#[specta::specta]
pub async fn add_lender(session: State<'_, Session>, url: String) -> Result<LenderView, Problem> {
    Ok(view::add_lender(&*session.wallet()?, &url).await?)
}

/// Forget a lender; its proofs and lines stay.
#[tauri::command]
#[specta::specta]
pub async fn remove_lender(session: State<'_, Session>, name: String) -> Result<(), Problem> {
    Ok(view::remove_lender(&*session.wallet()?, &name)?)
}

/// Put a bank login into the system's keyring. The token goes there and never comes back to the pages.
#[tauri::command]
#[specta::specta]
pub async fn add_login(session: State<'_, Session>, template: String, account: String, token: String) -> Result<LoginView, Problem> {
    let token = Zeroizing::new(token);
    Ok(view::add_login(&*session.wallet()?, &template, &account, token).await?)
}

/// Forget a bank login, in the keyring too.
#[tauri::command]
#[specta::specta]
pub async fn remove_login(session: State<'_, Session>, template: String) -> Result<(), Problem> {
    Ok(view::remove_login(&*session.wallet()?, &template).await?)
}

/// Forget a proof and its file.
#[tauri::command]
#[specta::specta]
pub async fn forget_proof(session: State<'_, Session>, id: String) -> Result<(), Problem> {
    Ok(view::forget_proof(&*session.wallet()?, &id)?)
}

/// A proof's file in the download folder; gives the path.
#[tauri::command]
#[specta::specta]
pub async fn export_proof(session: State<'_, Session>, id: String) -> Result<String, Problem> {
    let path = free(&view::downloads(), &id, Path::exists);
    view::export_proof(&*session.wallet()?, &id, &path)?;
    Ok(path.display().to_string())
}

/// A name that is not taken, of the beginning of the proof's hash. That nothing is written over is seen to where the file is made.
fn free(folder: &Path, id: &str, taken: impl Fn(&Path) -> bool) -> PathBuf {
    let hash: String = id.trim_start_matches("0x").chars().filter(char::is_ascii_hexdigit).take(8).collect();
    let named = |n: u32| folder.join(if n == 1 { format!("parlance-{hash}.proof") } else { format!("parlance-{hash} ({n}).proof") });
    (1..1000).map(named).find(|path| !taken(path)).unwrap_or_else(|| named(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_takes_a_name_that_is_free_and_stays_in_its_folder() {
        let folder = Path::new("/home/ada/Downloads");
        let id = format!("0x{}", "3f".repeat(32));
        let first = folder.join("parlance-3f3f3f3f.proof");
        assert_eq!(free(folder, &id, |_| false), first);
        assert_eq!(free(folder, &id, |path| path == first), folder.join("parlance-3f3f3f3f (2).proof"));
        assert_eq!(free(folder, "../../etc/0xg", |_| false), folder.join("parlance-ec0.proof"));
    }
}
