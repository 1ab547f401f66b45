//! What is told while the window is not looked at.

use parlance_wallet_core::conversation::Event;
use tauri::{AppHandle, Manager};
use tauri_plugin_notification::NotificationExt;

use crate::{session::Session, window::MAIN};

/// A receipt, a failure, a lender's verdict: as the desktop's notification, where the person wants them and does not look at the window.
pub fn of(app: &AppHandle, event: &Event) {
    let (title, text) = match event {
        Event::Receipt { success: true, text, .. } => ("Done", text),
        Event::Receipt { success: false, text, .. } => ("It failed", text),
        Event::Proof { proof } if proof.accepted => ("The proof is accepted", &proof.statement),
        Event::Proof { proof } => ("The proof is not accepted", &proof.statement),
        _ => return,
    };
    let looked_at = app.get_webview_window(MAIN).is_some_and(|w| w.is_focused().unwrap_or(false));
    if looked_at || !app.state::<Session>().notifies() {
        return;
    }
    if let Err(e) = app.notification().builder().title(title).body(text).show() {
        tracing::warn!("no notification: {e}");
    }
}
