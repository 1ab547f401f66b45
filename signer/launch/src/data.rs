//! The folder of a wallet: who may read it, and one Parlance in it at a time.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use parlance_signer_core::vault::lock_soon;

use crate::error::{LaunchError, Trying};

/// An open data folder; another Parlance is kept out until this is dropped.
pub struct DataFolder {
    root: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Open or create it, for this user only.
    pub fn open(root: PathBuf) -> Result<Self, LaunchError> {
        private_folder(&root)?;
        private_folder(&root.join("signer"))?;
        private_folder(&root.join("wallet"))?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(root.join("lock"))
            .trying(format!("opening {}", root.join("lock").display()))?;
        match lock_soon(&lock) {
            Ok(()) => Ok(Self { root, _lock: lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(LaunchError::InUse(root)),
            Err(e) => Err(LaunchError::System { what: "locking the data folder".into(), why: e.into() }),
        }
    }

    /// All of it.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// True where `parlance dev up` made it: nothing in it is worth anything.
    pub fn is_local_world(&self) -> bool {
        self.root.join("devworld.json").exists()
    }

    /// The signer's own part.
    pub fn signer(&self) -> PathBuf {
        self.root.join("signer")
    }
}

/// Where a wallet lives when nobody says where.
pub fn default_folder(name: &str) -> Result<PathBuf, LaunchError> {
    let base = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|p| p.is_absolute())
        .or_else(|| std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".local/share")))
        .ok_or(LaunchError::NoHome)?;
    Ok(base.join(name))
}

fn private_folder(path: &Path) -> Result<(), LaunchError> {
    if !path.exists() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).trying(format!("creating {}", path.display()))?;
    }
    let mode = fs::metadata(path).trying(format!("reading {}", path.display()))?.permissions().mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).trying(format!("closing {} to others", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_private_and_takes_one_wallet() {
        let dir = tempfile::tempdir().expect("tempdir");
        let root = dir.path().join("w");
        let open = DataFolder::open(root.clone()).expect("new");
        assert_eq!(fs::metadata(open.signer()).expect("made").permissions().mode() & 0o777, 0o700);
        assert!(matches!(DataFolder::open(root.clone()), Err(LaunchError::InUse(_))));
        drop(open);
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).expect("chmod");
        let again = DataFolder::open(root).expect("free again");
        assert_eq!(fs::metadata(again.root()).expect("there").permissions().mode() & 0o777, 0o700);
    }
}
