//! The tray: show, lock, end. Where there is no tray, there is none, and closing the window ends the program.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
};

use tauri::{
    AppHandle, Manager,
    menu::{Menu, MenuItem},
    tray::{TrayIconBuilder, TrayIconEvent},
};

use crate::{session::Session, window};

static BUILT: AtomicBool = AtomicBool::new(false);

/// True where there is a tray icon.
pub fn is_there() -> bool {
    BUILT.load(Ordering::Relaxed)
}

/// Build it where the desktop has a place for it.
pub fn build(app: &AppHandle) {
    // The indicator library is loaded at run time, and its binding panics where it is not installed.
    let built = catch_unwind(AssertUnwindSafe(|| icon(app)));
    match built {
        Ok(Ok(())) => BUILT.store(true, Ordering::Relaxed),
        Ok(Err(e)) => tracing::warn!("no tray: {e}"),
        Err(_) => tracing::warn!("no tray: the indicator library is not installed"),
    }
}

fn icon(app: &AppHandle) -> tauri::Result<()> {
    let menu = Menu::with_items(
        app,
        &[
            &MenuItem::with_id(app, "show", "Show Parlance", true, None::<&str>)?,
            &MenuItem::with_id(app, "lock", "Lock the wallet", true, None::<&str>)?,
            &MenuItem::with_id(app, "quit", "Quit", true, None::<&str>)?,
        ],
    )?;
    let mut tray = TrayIconBuilder::with_id("main")
        .menu(&menu)
        .tooltip("Parlance")
        .on_menu_event(|app, event| match event.id().as_ref() {
            "show" => window::show(app, None),
            "lock" => lock(app.clone()),
            "quit" => app.exit(0),
            _ => {}
        })
        .on_tray_icon_event(|tray, event| {
            if matches!(event, TrayIconEvent::DoubleClick { .. }) {
                window::show(tray.app_handle(), None);
            }
        });
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.build(app)?;
    Ok(())
}

fn lock(app: AppHandle) {
    tauri::async_runtime::spawn(async move {
        let session = app.state::<Session>();
        let locked = match session.wallet() {
            Ok(wallet) => wallet.signer.lock().await.map_err(|e| e.to_string()),
            Err(problem) => Err(problem.message),
        };
        session.nudge.notify_one();
        if let Err(e) = locked {
            tracing::error!("the wallet could not be locked from the tray: {e}");
            window::show(&app, Some("settings"));
        }
    });
}
