//! The desktop shell: one window, a tray, typed commands and events over `wallet/core`. It decides nothing.
//!
//! Read [`session::Session`] first: what the commands work on. [`api::builder`] lists all commands and events.

pub mod api;
mod commands;
mod error;
mod names;
mod notify;
mod open;
mod pulse;
pub mod session;
mod show;
mod talk;
mod tray;
mod window;

use std::{os::fd::RawFd, path::PathBuf};

use clap::Parser;
use parlance_signer_protocol::inherited_socket;
use tauri::Manager;

pub use error::DesktopError;
pub use names::COMMANDS;
use session::Session;

/// Where the wallet lives; the launcher fills this in.
#[derive(Debug, Parser)]
#[command(name = "parlance-desktop", version, about = "The window of Parlance. Started by `parlance`, not by hand.")]
pub struct Place {
    /// Folder of this wallet.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Descriptor of the socket to the signer for what a person may take long over.
    #[arg(long)]
    pub signer_fd: RawFd,
    /// Descriptor of the socket to the signer for what is answered at once.
    #[arg(long)]
    pub look_fd: RawFd,
    /// Descriptor of a socket that closes when the launcher ends.
    #[arg(long)]
    pub launcher_fd: RawFd,
}

/// Open the window and serve it until it is closed.
///
/// # Errors
/// [`DesktopError`].
pub fn run(place: Place) -> Result<(), DesktopError> {
    let signer = inherited_socket(place.signer_fd)?;
    let look = inherited_socket(place.look_fd)?;
    let launcher = inherited_socket(place.launcher_fd)?;
    let shown = show::listen(&place.data)?;
    let api = api::builder();
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_window_state::Builder::default().with_state_flags(window::kept()).build())
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(api.invoke_handler())
        .setup(move |app| {
            api.mount_events(app);
            app.manage(Session::new(place.data.clone()));
            window::open(app)?;
            tray::build(app.handle());
            let handle = app.handle().clone();
            show::serve(shown, handle.clone());
            open::ends_with(launcher, handle.clone());
            tauri::async_runtime::spawn(open::wallet(handle, signer, look));
            Ok(())
        })
        .build(tauri::generate_context!())?;
    app.run(window::on_event);
    Ok(())
}
