//! The signer's data folder: private to one user, used by one process at a time, written atomically.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags};

use crate::SignerError;

const LOCK: &str = "lock";

/// How long a lock is waited for: a child that is just being started holds its parent's files until it is its own program.
const SOON: Duration = Duration::from_millis(500);

/// Take an exclusive lock that is free now or in a moment.
///
/// # Errors
/// `WOULDBLOCK` where somebody else keeps it.
pub fn lock_soon(file: impl AsFd) -> rustix::io::Result<()> {
    let until = Instant::now() + SOON;
    loop {
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::WOULDBLOCK) if Instant::now() < until => std::thread::sleep(Duration::from_millis(10)),
            other => return other,
        }
    }
}

/// A data folder, held exclusively as long as this value lives.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    dir: OwnedFd,
    // Closing it gives the lock back; the kernel does so too when the process is killed.
    _lock: OwnedFd,
}

impl DataFolder {
    /// Opens the folder, making it (mode 0700) where it is missing, and locks it.
    ///
    /// # Errors
    /// [`SignerError::Permissions`] where others may use the folder or it is not this user's,
    /// [`SignerError::VaultBusy`] where another process holds it, [`SignerError::Io`].
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, SignerError> {
        let path = path.into();
        if !path.exists() {
            make_private_folder(&path)?;
        }
        let dir = rustix::fs::open(&path, OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty())
            .map_err(|error| SignerError::io("opening", &path)(error.into()))?;
        check_private(&dir, &path, 0o700)?;

        let lock_path = path.join(LOCK);
        let lock =
            rustix::fs::openat(&dir, LOCK, OFlags::CREATE | OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::RUSR | Mode::WUSR)
                .map_err(|error| SignerError::io("opening", &lock_path)(error.into()))?;
        match lock_soon(&lock) {
            Ok(()) => Ok(Self { path, dir, _lock: lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(SignerError::VaultBusy { path: lock_path }),
            Err(error) => Err(SignerError::io("locking", &lock_path)(error.into())),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Reads a private file of at most `limit` bytes; `None` where there is none.
    ///
    /// # Errors
    /// [`SignerError::Permissions`], [`SignerError::Damaged`] where it is longer than `limit`, [`SignerError::Io`].
    pub fn read(&self, name: &str, what: &'static str, limit: usize) -> Result<Option<Vec<u8>>, SignerError> {
        let path = self.file(name);
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let file = match rustix::fs::openat(&self.dir, name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            Err(error) => return Err(SignerError::io("opening", path)(error.into())),
        };
        check_private(&file, &path, 0o600)?;
        let mut bytes = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        File::from(file).take(most).read_to_end(&mut bytes).map_err(SignerError::io("reading", path))?;
        if bytes.len() > limit {
            return Err(SignerError::Damaged { what, reason: format!("it is longer than {limit} bytes") });
        }
        Ok(Some(bytes))
    }

    /// Replaces (or makes) a file so that after a crash at any moment either the old or the new content is there,
    /// whole; when this returns, the new one is on the disk.
    ///
    /// # Errors
    /// [`SignerError::Io`]; the old content is then still there.
    pub fn replace(&self, name: &str, content: &[u8]) -> Result<(), SignerError> {
        self.stage(name, content)?.commit()
    }

    /// First half of [`Self::replace`]: the new content in a file beside the old one, flushed to disk.
    fn stage<'a>(&'a self, name: &'a str, content: &[u8]) -> Result<Staged<'a>, SignerError> {
        let temporary = format!("{name}.new");
        let path = self.file(&temporary);
        // Left over from a crash; the folder's lock says that nobody is writing it now.
        match rustix::fs::unlinkat(&self.dir, &temporary, AtFlags::empty()) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => {}
            Err(error) => return Err(SignerError::io("removing", path)(error.into())),
        }
        let file = rustix::fs::openat(
            &self.dir,
            &temporary,
            OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW,
            Mode::RUSR | Mode::WUSR,
        )
        .map_err(|error| SignerError::io("creating", &path)(error.into()))?;
        let mut file = File::from(file);
        file.write_all(content).map_err(SignerError::io("writing", &path))?;
        file.sync_all().map_err(SignerError::io("flushing", &path))?;
        Ok(Staged { folder: self, name, temporary })
    }
}

/// New content that waits to take a file's name.
#[must_use]
struct Staged<'a> {
    folder: &'a DataFolder,
    name: &'a str,
    temporary: String,
}

impl Staged<'_> {
    fn commit(self) -> Result<(), SignerError> {
        let folder = self.folder;
        rustix::fs::renameat(&folder.dir, &self.temporary, &folder.dir, self.name)
            .map_err(|error| SignerError::io("renaming", folder.file(self.name))(error.into()))?;
        rustix::fs::fsync(&folder.dir).map_err(|error| SignerError::io("flushing", folder.path())(error.into()))
    }
}

fn make_private_folder(path: &Path) -> Result<(), SignerError> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(SignerError::io("creating", path))
}

/// The owner is this user, and nobody else may do anything.
fn check_private(file: &OwnedFd, path: &Path, expected: u32) -> Result<(), SignerError> {
    let stat = rustix::fs::fstat(file).map_err(|error| SignerError::io("examining", path)(io::Error::from(error)))?;
    let mode = stat.st_mode & 0o7777;
    if mode & 0o077 != 0 || stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(SignerError::Permissions { path: path.to_owned(), got: mode, expected });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder() -> (tempfile::TempDir, DataFolder) {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(parent.path().join("data")).unwrap();
        (parent, folder)
    }

    #[test]
    fn folder_and_files_are_private() {
        let (_parent, folder) = folder();
        folder.replace("secret", b"x").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(folder.path()), 0o700);
        assert_eq!(mode(&folder.file("secret")), 0o600);
    }

    #[test]
    fn what_others_can_read_is_refused() {
        let (parent, folder) = folder();
        folder.replace("secret", b"x").unwrap();
        std::fs::set_permissions(folder.file("secret"), PermissionsExt::from_mode(0o640)).unwrap();
        assert!(matches!(folder.read("secret", "vault", 10), Err(SignerError::Permissions { got: 0o640, .. })));
        drop(folder);
        std::fs::set_permissions(parent.path().join("data"), PermissionsExt::from_mode(0o755)).unwrap();
        assert!(matches!(DataFolder::open(parent.path().join("data")), Err(SignerError::Permissions { got: 0o755, .. })));
    }

    #[test]
    fn links_are_not_followed() {
        let (parent, folder) = folder();
        std::fs::write(parent.path().join("elsewhere"), b"x").unwrap();
        std::os::unix::fs::symlink(parent.path().join("elsewhere"), folder.file("secret")).unwrap();
        assert!(folder.read("secret", "vault", 10).is_err());
        // Replacing puts a file in place of the link and leaves its target alone.
        folder.replace("secret", b"new").unwrap();
        assert_eq!(folder.read("secret", "vault", 10).unwrap().unwrap(), b"new");
        assert_eq!(std::fs::read(parent.path().join("elsewhere")).unwrap(), b"x");
    }

    #[test]
    fn one_process_at_a_time() {
        let (parent, folder) = folder();
        assert!(matches!(DataFolder::open(parent.path().join("data")), Err(SignerError::VaultBusy { .. })));
        drop(folder);
        assert!(DataFolder::open(parent.path().join("data")).is_ok());
    }

    #[test]
    fn a_crash_between_write_and_rename_leaves_the_old_content() {
        let (_parent, folder) = folder();
        folder.replace("secret", b"old").unwrap();
        let staged = folder.stage("secret", b"new").unwrap();
        // The crash: nothing after the write happens.
        std::mem::forget(staged);
        assert_eq!(folder.read("secret", "vault", 10).unwrap().unwrap(), b"old");
        // What was left over is in nobody's way.
        folder.replace("secret", b"newer").unwrap();
        assert_eq!(folder.read("secret", "vault", 10).unwrap().unwrap(), b"newer");
        assert!(!folder.file("secret.new").exists());
    }

    #[test]
    fn a_file_that_is_too_long_is_refused() {
        let (_parent, folder) = folder();
        folder.replace("secret", b"0123456789").unwrap();
        assert!(folder.read("secret", "vault", 10).is_ok());
        assert!(matches!(folder.read("secret", "vault", 9), Err(SignerError::Damaged { .. })));
        assert!(folder.read("nothing", "vault", 9).unwrap().is_none());
    }
}
