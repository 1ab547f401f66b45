//! A second start of the program shows the window that is open: a socket in the wallet's folder, on which a connection is
//! all there is to say.

use std::{
    io::ErrorKind,
    os::unix::{fs::PermissionsExt, net::UnixListener},
    path::Path,
};

use tauri::AppHandle;

use crate::{error::DesktopError, window};

const SOCKET: &str = "show.sock";

/// Listen in the data folder, whose lock the launcher holds: what lies there from an earlier run is nobody's.
pub fn listen(data: &Path) -> Result<UnixListener, DesktopError> {
    let path = data.join("wallet").join(SOCKET);
    let trying = |what: &str| {
        let what = format!("{what} {}", path.display());
        move |why| DesktopError::System { what, why }
    };
    match std::fs::remove_file(&path) {
        Ok(()) => {}
        Err(e) if e.kind() == ErrorKind::NotFound => {}
        Err(e) => return Err(trying("removing")(e)),
    }
    let listener = UnixListener::bind(&path).map_err(trying("listening on"))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(trying("closing to others"))?;
    Ok(listener)
}

/// Show the window at each connection.
pub fn serve(listener: UnixListener, app: AppHandle) {
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            match connection {
                Ok(_) => window::show(&app, None),
                Err(e) => {
                    tracing::warn!("the window can't be shown from outside any more: {e}");
                    return;
                }
            }
        }
    });
}
