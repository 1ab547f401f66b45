//! Where things lie on the disk.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{Wallet, error::Result};

/// Where this wallet's data lies.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct DataView {
    /// The data folder.
    pub folder: String,
    /// Its parts.
    pub parts: Vec<DataPart>,
    /// Where exports go.
    pub downloads: String,
}

/// A part of the data folder.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct DataPart {
    /// Name of the folder or file.
    pub name: String,
    /// Size.
    pub bytes: u64,
    /// What it holds.
    pub note: String,
}

/// The parts of the data folder and what they hold. The signer's part is only measured.
///
/// # Errors
/// None at present; kept for what may come to need it.
pub fn data(wallet: &Wallet) -> Result<DataView> {
    let folder = wallet.data();
    let parts = [
        ("wallet", "Chats, history, transactions and settings, encrypted."),
        ("signer", "Keys (encrypted), rules, contacts, spend ledger and audit log: the signer's own folder."),
        ("chain", "The local chain of play money."),
    ];
    let parts = parts
        .iter()
        .map(|(name, note)| (folder.join(name), *name, *note))
        .filter(|(path, ..)| path.exists())
        .map(|(path, name, note)| DataPart { name: name.into(), bytes: size(&path, 0), note: note.into() })
        .collect();
    Ok(DataView { folder: folder.display().to_string(), parts, downloads: downloads().display().to_string() })
}

/// The person's download folder: as the desktop has it, else `Downloads` in the home folder, else the home folder.
#[must_use]
pub fn downloads() -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_else(std::env::temp_dir);
    let config = std::env::var_os("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
    let named = std::fs::read_to_string(config.join("user-dirs.dirs")).ok().and_then(|text| named(&text, &home));
    let usual = home.join("Downloads");
    named.unwrap_or(if usual.is_dir() { usual } else { home })
}

/// `XDG_DOWNLOAD_DIR` of `user-dirs.dirs`: absolute, or below `$HOME`.
fn named(text: &str, home: &Path) -> Option<PathBuf> {
    let value = text.lines().find_map(|line| line.trim().strip_prefix("XDG_DOWNLOAD_DIR="))?.trim().trim_matches('"');
    match value.strip_prefix("$HOME") {
        Some(rest) => Some(home.join(rest.trim_start_matches('/'))),
        None if value.starts_with('/') => Some(value.into()),
        None => None,
    }
}

/// Bytes of all files below, at most eight folders deep; what can't be read counts as nothing.
fn size(path: &Path, depth: u32) -> u64 {
    let Ok(meta) = std::fs::symlink_metadata(path) else {
        return 0;
    };
    if !meta.is_dir() || depth > 8 {
        return if meta.is_file() { meta.len() } else { 0 };
    }
    std::fs::read_dir(path).map_or(0, |entries| entries.flatten().map(|e| size(&e.path(), depth + 1)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desktops_own_download_folder_is_taken() {
        let home = Path::new("/home/ada");
        let text = "# a comment\nXDG_DESKTOP_DIR=\"$HOME/Desktop\"\nXDG_DOWNLOAD_DIR=\"$HOME/Descargas\"\n";
        assert_eq!(named(text, home), Some("/home/ada/Descargas".into()));
        assert_eq!(named("XDG_DOWNLOAD_DIR=\"/srv/down\"", home), Some("/srv/down".into()));
        assert_eq!(named("XDG_DOWNLOAD_DIR=\"relative\"", home), None);
        assert_eq!(named("", home), None);
    }
}
