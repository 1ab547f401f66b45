//! What protects the wallet, as it holds on this computer.

use std::path::Path;

use parlance_wallet_core::view::Problem;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;

use crate::session::Session;

/// What protects the wallet here.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct SecurityView {
    /// What the signer's sandbox holds on this kernel, a sentence each.
    pub sandbox: Vec<String>,
    /// Where the vault's second secret comes from.
    pub keyring: String,
    /// `window`, `terminal` or `none`.
    pub approver: String,
    /// Why everything asks for the password.
    pub rollback: Option<String>,
    /// What the model worker's sandbox holds, a sentence each.
    pub worker: Vec<String>,
    /// How the chats' key is kept.
    pub store_key: String,
}

/// The verified audit log.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct AuditView {
    /// Entries whose chain holds.
    pub entries: u64,
    /// Hash of the last one, hex.
    pub head: String,
}

/// What protects the wallet here.
#[tauri::command]
#[specta::specta]
pub async fn security(session: State<'_, Session>) -> Result<SecurityView, Problem> {
    let open = session.opened()?;
    let status = open.wallet.signer.status().await?;
    let worker = match open.mind.standing().await {
        Ok(hello) => vec![hello.sandbox],
        Err(why) => vec![format!("The model worker does not run: {why}")],
    };
    Ok(SecurityView {
        sandbox: status.sandbox,
        keyring: status.keyring,
        approver: status.approver,
        rollback: status.rollback,
        worker,
        store_key: store_key(open.wallet.data()),
    })
}

/// Check the hash chain of the signer's log.
#[tauri::command]
#[specta::specta]
pub async fn audit_verify(session: State<'_, Session>) -> Result<AuditView, Problem> {
    let (entries, head) = session.wallet()?.signer.audit_verify().await?;
    Ok(AuditView { entries, head })
}

fn store_key(data: &Path) -> String {
    if data.join("wallet").join("store.key").exists() {
        "There is no keyring: the key of chats and history lies in a file beside them. Encrypt the disk.".into()
    } else {
        "The keyring of your session keeps the key of chats and history.".into()
    }
}
