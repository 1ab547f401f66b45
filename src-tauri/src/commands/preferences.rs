//! How the person wants things shown.

use parlance_wallet_core::view::{self, CurrencyRow, Preferences, Problem};
use tauri::State;

use crate::{session::Session, tray};

/// As stored.
#[tauri::command]
#[specta::specta]
pub async fn preferences(session: State<'_, Session>) -> Result<Preferences, Problem> {
    Ok(view::preferences(&session.wallet()?.store)?)
}

/// Store them; gives back what holds now.
#[tauri::command]
#[specta::specta]
pub async fn set_preferences(session: State<'_, Session>, preferences: Preferences) -> Result<Preferences, Problem> {
    Ok(view::set_preferences(&session.wallet()?.store, preferences)?)
}

/// Currencies that worth can be shown in.
#[tauri::command]
#[specta::specta]
pub async fn currencies(session: State<'_, Session>) -> Result<Vec<CurrencyRow>, Problem> {
    Ok(view::currencies(&*session.wallet()?).await?)
}

impl Session {
    /// True where closing the window hides it: wanted, and there is a tray to come back from.
    pub(crate) fn stays_in_tray(&self) -> bool {
        tray::is_there() && self.chosen().tray
    }

    /// True where the desktop's notifications are wanted.
    pub(crate) fn notifies(&self) -> bool {
        self.chosen().notifications
    }

    fn chosen(&self) -> Preferences {
        self.wallet().ok().and_then(|wallet| view::preferences(&wallet.store).ok()).unwrap_or_default()
    }
}
