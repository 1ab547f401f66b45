//! Both hashes of a file in one reading.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::{ModelsError, Progress};

/// Hashes of a file, in hex: SHA-256, which publishers state, and BLAKE3, by which Parlance knows a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashes {
    /// SHA-256.
    pub sha256: String,
    /// BLAKE3.
    pub blake3: String,
}

/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

impl Hashes {
    /// Reads the file, telling how far it has come.
    ///
    /// # Errors
    /// [`ModelsError::File`]; [`ModelsError::Stopped`].
    pub fn of(path: &Path, stop: &CancellationToken, mut progress: impl FnMut(Progress)) -> Result<Self, ModelsError> {
        let mut file = File::open(path).map_err(ModelsError::file(path))?;
        let total = file.metadata().map_err(ModelsError::file(path))?.len();
        let (mut sha, mut blake) = (Sha256::new(), blake3::Hasher::new());
        let mut buffer = vec![0; CHUNK];
        let mut done = 0;
        loop {
            if stop.is_cancelled() {
                return Err(ModelsError::Stopped);
            }
            let read = file.read(&mut buffer).map_err(ModelsError::file(path))?;
            let Some(chunk) = buffer.get(..read).filter(|c| !c.is_empty()) else { break };
            sha.update(chunk);
            blake.update(chunk);
            done += read as u64;
            progress(Progress { done, total: Some(total) });
        }
        Ok(Self { sha256: hex::encode(sha.finalize()), blake3: blake.finalize().to_hex().to_string() })
    }
}

/// BLAKE3 of a file, hex: by which a model is known.
pub(crate) fn blake3_of(path: &Path) -> Result<String, ModelsError> {
    let mut hasher = blake3::Hasher::new();
    let mut file = File::open(path).map_err(ModelsError::file(path))?;
    std::io::copy(&mut file, &mut hasher).map_err(ModelsError::file(path))?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// A SHA-256 as people copy it, in lower case.
pub(crate) fn sha256(text: &str) -> Result<String, ModelsError> {
    let hash = text.trim().trim_start_matches("sha256:").to_ascii_lowercase();
    let right = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    if right { Ok(hash) } else { Err(ModelsError::NoHash { got: text.chars().take(80).collect() }) }
}
