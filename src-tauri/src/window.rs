//! The one window: its pages, its place, closing and coming back, and its web process when that dies.

use tauri::{AppHandle, Manager, RunEvent, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};
use tauri_plugin_window_state::StateFlags;
use tauri_specta::Event as _;

use crate::{api::GoTo, session::Session};

/// Label of the window.
pub const MAIN: &str = "main";

/// What of the window's state is kept between runs.
pub fn kept() -> StateFlags {
    StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED
}

/// Open it.
pub fn open(app: &tauri::App) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Parlance")
        .inner_size(1180.0, 800.0)
        .min_inner_size(620.0, 480.0)
        // Pages are part of the program: nothing else is ever loaded into this window.
        .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
        .build()?;
    survive(&window)
}

/// Load the pages again when their process dies; the wallet itself lives in this process and has lost nothing.
fn survive(window: &WebviewWindow) -> tauri::Result<()> {
    #[cfg(target_os = "linux")]
    window.with_webview(|view| {
        use webkit2gtk::WebViewExt;
        view.inner().connect_web_process_terminated(|view, reason| {
            tracing::warn!("the web process ended ({reason:?}); its pages are loaded again");
            view.reload();
        });
    })?;
    #[cfg(not(target_os = "linux"))]
    let _ = window;
    Ok(())
}

/// Bring it to the front, on a screen if one is named.
pub fn show(app: &AppHandle, screen: Option<&str>) {
    let Some(window) = app.get_webview_window(MAIN) else {
        return;
    };
    let shown = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(e) = shown {
        tracing::warn!("the window can't be shown: {e}");
    }
    if let Some(screen) = screen {
        let told = GoTo { screen: screen.to_owned() }.emit(app);
        if let Err(e) = told {
            tracing::warn!("the pages can't be told which screen to show: {e}");
        }
    }
}

/// Closing hides the window where the person wants it to go on in the tray, else it ends the program.
pub fn on_event(app: &AppHandle, event: RunEvent) {
    let RunEvent::WindowEvent { event: WindowEvent::CloseRequested { api, .. }, label, .. } = event else {
        return;
    };
    if label != MAIN || !app.state::<Session>().stays_in_tray() {
        return;
    }
    if let Some(window) = app.get_webview_window(MAIN) {
        match window.hide() {
            Ok(()) => api.prevent_close(),
            Err(e) => tracing::warn!("the window can't be hidden, so it is closed: {e}"),
        }
    }
}
