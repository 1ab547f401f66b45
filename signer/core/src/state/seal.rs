//! The generation seal: the journal's last row number, kept outside of the database.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::MacKey;
use crate::SignerError;

const SLOT: usize = 8 + 32;
/// Slots lie this far apart, so that one torn sector can't take both.
const STRIDE: u64 = 4096;

/// A file with two slots that are written in turn, each `generation (u64 LE) || MAC`.
///
/// Written after the journal's commit and before the signature, without waiting for the disk: that survives a kill of
/// the process; after a power cut it may be a little behind the journal, which is harmless.
#[derive(Debug)]
pub struct Seal {
    file: File,
    path: PathBuf,
}

impl Seal {
    /// Open or create the file.
    ///
    /// # Errors
    /// [`SignerError::Io`].
    pub fn open(path: &Path) -> Result<Self, SignerError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(SignerError::io("opening", path))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// The highest generation that was sealed under `key`; `None` where neither slot holds.
    #[must_use]
    pub fn read(&self, key: &MacKey) -> Option<u64> {
        (0..2u64)
            .filter_map(|slot| {
                let mut buf = [0u8; SLOT];
                self.file.read_exact_at(&mut buf, slot * STRIDE).ok()?;
                let (number, mac) = buf.split_at(8);
                let number: [u8; 8] = number.try_into().ok()?;
                let generation = u64::from_le_bytes(number);
                key.check(&[b"seal", &number], mac).then_some(generation)
            })
            .max()
    }

    /// True where nothing was ever written.
    ///
    /// # Errors
    /// [`SignerError::Io`].
    pub fn is_new(&self) -> Result<bool, SignerError> {
        Ok(self.file.metadata().map_err(SignerError::io("reading", &self.path))?.len() == 0)
    }

    /// Seal `generation`.
    ///
    /// # Errors
    /// [`SignerError::Io`].
    pub fn write(&self, key: &MacKey, generation: u64) -> Result<(), SignerError> {
        let number = generation.to_le_bytes();
        let mut buf = [0u8; SLOT];
        buf[..8].copy_from_slice(&number);
        buf[8..].copy_from_slice(&key.mac(&[b"seal", &number]));
        self.file.write_all_at(&buf, (generation % 2) * STRIDE).map_err(SignerError::io("writing", &self.path))
    }

    /// Wait until the disk has it.
    ///
    /// # Errors
    /// [`SignerError::Io`].
    pub fn sync(&self) -> Result<(), SignerError> {
        self.file.sync_data().map_err(SignerError::io("syncing", &self.path))
    }
}
