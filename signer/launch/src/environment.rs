//! What of the environment each process may see. Everything else, LD_* and GTK_* and PYTHON* among it, is dropped.

use std::process::Command;

/// Who is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Nothing but the time zone, for rules about the time of day.
    Signer,
    /// What a terminal or a window needs.
    Approver,
    /// What a user program needs.
    Wallet,
    /// The same for the window; and where it is not an installed one, what lets WebDriver drive its pages in tests.
    Desktop {
        /// Below `/usr` or `/opt`.
        installed: bool,
    },
}

const SIGNER: &[&str] = &["TZ"];
const APPROVER: &[&str] = &["TZ", "TERM", "LANG", "LC_ALL", "LC_CTYPE", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR"];
const WALLET: &[&str] = &[
    "TZ",
    "TERM",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
    "XDG_DATA_HOME",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "HOME",
    "PATH",
    "USER",
    "LOGNAME",
    "NO_COLOR",
    "COLUMNS",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "RUST_LOG",
    "RUST_BACKTRACE",
    "PARLANCE_DEVNET_ASSETS",
    "PARLANCE_MODEL",
];

const AUTOMATION: &[&str] = &["TAURI_AUTOMATION", "TAURI_WEBVIEW_AUTOMATION", "WEBKIT_INSPECTOR_SERVER"];

/// Leave `command` with what `profile` may see.
pub fn clean(command: &mut Command, profile: Profile) {
    command.env_clear();
    for name in kept(profile) {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
}

fn kept(profile: Profile) -> impl Iterator<Item = &'static str> {
    let (keep, more): (&[_], &[_]) = match profile {
        Profile::Signer => (SIGNER, &[]),
        Profile::Approver => (APPROVER, &[]),
        Profile::Wallet | Profile::Desktop { installed: true } => (WALLET, &[]),
        Profile::Desktop { installed: false } => (WALLET, AUTOMATION),
    };
    keep.iter().chain(more).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installed_window_can_not_be_driven_from_outside() {
        assert!(kept(Profile::Desktop { installed: true }).eq(kept(Profile::Wallet)));
        assert!(kept(Profile::Desktop { installed: true }).all(|n| !AUTOMATION.contains(&n)));
        assert!(kept(Profile::Desktop { installed: false }).any(|n| n == "WEBKIT_INSPECTOR_SERVER"));
    }

    #[test]
    fn nothing_that_loads_code_passes() {
        for name in SIGNER.iter().chain(APPROVER).chain(WALLET) {
            assert!(
                !["LD_", "GTK_", "PYTHON", "GIO_", "QT_", "NODE_", "GCONV_", "MALLOC_"].iter().any(|bad| name.starts_with(bad)),
                "{name}"
            );
        }
        assert!(SIGNER.iter().all(|n| !n.starts_with("DBUS") && *n != "HOME"));
    }
}
