//! The audit log: append-only JSON Lines, chained by BLAKE3.
//!
//! Each line is `{"seq", "at", "prev", "entry", "hash"}` where `hash = BLAKE3(["seq", "at", "prev", "entry"] as a JSON
//! array)` and `prev` is the line before's `hash`. Anybody can verify the chain. That nobody cut or rewrote all of it,
//! the signer knows from its journal, which keeps the last line's number and hash under a MAC.
//!
//! A line is durable when the journal's commit is (it stands in an outbox there); the file follows, and is completed
//! from the outbox after a crash.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::SignerError;
use crate::state::AuditHead;

/// Longest line that is read, in bytes.
const MAX_LINE: u64 = 1 << 20;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// From 1, without gaps.
    pub seq: u64,
    /// Ledger time, Unix seconds.
    pub at: u64,
    /// Hash of the line before; zeroes for the first.
    pub prev: B256,
    /// What happened.
    pub entry: Value,
    /// Hash of all that.
    pub hash: B256,
}

impl Line {
    /// The line after `head`.
    #[must_use]
    pub fn after(head: AuditHead, at: u64, entry: Value) -> Self {
        let seq = head.seq + 1;
        let hash = Self::hash_of(seq, at, head.hash, &entry);
        Self { seq, at, prev: head.hash, entry, hash }
    }

    /// Where the log stands after this line.
    #[must_use]
    pub fn head(&self) -> AuditHead {
        AuditHead { seq: self.seq, hash: self.hash }
    }

    /// As it stands in the file, without the line break.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    fn hash_of(seq: u64, at: u64, prev: B256, entry: &Value) -> B256 {
        let text = serde_json::to_vec(&(seq, at, prev, entry)).unwrap_or_default();
        B256::from(*blake3::hash(&text).as_bytes())
    }

    fn follows(&self, head: AuditHead) -> Result<(), String> {
        if self.seq != head.seq + 1 {
            return Err(format!("line {} follows line {}", self.seq, head.seq));
        }
        if self.prev != head.hash {
            return Err(format!("line {} does not continue line {}", self.seq, head.seq));
        }
        if self.hash != Self::hash_of(self.seq, self.at, self.prev, &self.entry) {
            return Err(format!("line {} was changed", self.seq));
        }
        Ok(())
    }
}

/// What a look through the whole file found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// End of the part whose chain holds.
    pub head: AuditHead,
    /// Where it breaks and why, if it does.
    pub broken: Option<String>,
}

/// The log's file.
#[derive(Debug)]
pub struct AuditLog {
    file: File,
    path: PathBuf,
    last: AuditHead,
    synced: u64,
    recovered: Option<String>,
}

impl AuditLog {
    /// Open or create; cuts off a half-written last line, which a crash leaves behind, and says so in
    /// [`AuditLog::recovered`].
    ///
    /// # Errors
    /// [`SignerError::Io`].
    pub fn open(path: &Path) -> Result<Self, SignerError> {
        let mut file =
            OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path).map_err(SignerError::io("opening", path))?;
        let (whole, last, torn) = scan_end(&mut file).map_err(SignerError::io("reading", path))?;
        let recovered = if torn > 0 {
            file.set_len(whole).map_err(SignerError::io("cutting", path))?;
            Some(format!("{torn} bytes of a half-written line were cut off"))
        } else {
            None
        };
        let last = last.unwrap_or(AuditHead { seq: 0, hash: B256::ZERO });
        Ok(Self { file, path: path.to_owned(), last, synced: last.seq, recovered })
    }

    /// The last line of the file.
    #[must_use]
    pub fn last(&self) -> AuditHead {
        self.last
    }

    /// What was cut off when it was opened.
    pub fn recovered(&mut self) -> Option<String> {
        self.recovered.take()
    }

    /// Append lines that the journal has and the file has not.
    ///
    /// # Errors
    /// [`SignerError::Io`], [`SignerError::Damaged`] for an outbox that holds no lines.
    pub fn complete(&mut self, outbox: &[(u64, String)]) -> Result<(), SignerError> {
        let last = self.last.seq;
        for (seq, text) in outbox.iter().filter(|(seq, _)| *seq > last) {
            let line: Line = serde_json::from_str(text)
                .map_err(|e| SignerError::Damaged { what: "audit outbox", reason: format!("line {seq}: {e}") })?;
            // As this program writes it, whatever the database says.
            self.append(&line, &line.text())?;
        }
        self.sync()
    }

    /// Go on after `head`, where the file has lost lines that the journal knows of.
    pub fn continue_from(&mut self, head: AuditHead) {
        self.last = head;
    }

    /// Append a line, without waiting for the disk. `text` is [`Line::text`] of it.
    ///
    /// # Errors
    /// [`SignerError::Io`]; the line then stays in the journal's outbox.
    pub fn append(&mut self, line: &Line, text: &str) -> Result<(), SignerError> {
        let mut whole = String::with_capacity(text.len() + 1);
        whole.push_str(text);
        whole.push('\n');
        self.file.write_all(whole.as_bytes()).map_err(SignerError::io("writing", &self.path))?;
        self.last = line.head();
        Ok(())
    }

    /// Wait until the disk has all lines.
    ///
    /// # Errors
    /// [`SignerError::Io`].
    pub fn sync(&mut self) -> Result<(), SignerError> {
        if self.synced < self.last.seq {
            self.file.sync_data().map_err(SignerError::io("syncing", &self.path))?;
            self.synced = self.last.seq;
        }
        Ok(())
    }

    /// Number of the last line that the disk is known to have.
    #[must_use]
    pub fn synced(&self) -> u64 {
        self.synced
    }

    /// Lines `from`, `from + 1`... at most `limit`.
    ///
    /// # Errors
    /// [`SignerError::Io`].
    pub fn read(&self, from: u64, limit: usize) -> Result<Vec<Value>, SignerError> {
        let mut out = Vec::new();
        for line in self.lines()?.take_while(|_| limit > 0) {
            let line = line.map_err(SignerError::io("reading", &self.path))?;
            // A line that can't be read is shown as it stands: `verify` names it.
            let value = serde_json::from_str::<Value>(&line).unwrap_or(Value::String(line));
            if value.get("seq").and_then(Value::as_u64).is_none_or(|seq| seq >= from) {
                out.push(value);
                if out.len() >= limit {
                    break;
                }
            }
        }
        Ok(out)
    }

    /// Check the whole chain.
    ///
    /// # Errors
    /// [`SignerError::Io`].
    pub fn verify(&self) -> Result<Checked, SignerError> {
        let mut head = AuditHead { seq: 0, hash: B256::ZERO };
        for line in self.lines()? {
            let line = line.map_err(SignerError::io("reading", &self.path))?;
            let broken = match serde_json::from_str::<Line>(&line) {
                Ok(line) => match line.follows(head) {
                    Ok(()) => {
                        head = line.head();
                        continue;
                    }
                    Err(reason) => reason,
                },
                Err(e) => format!("the line after {} can't be read: {e}", head.seq),
            };
            return Ok(Checked { head, broken: Some(broken) });
        }
        Ok(Checked { head, broken: None })
    }

    fn lines(&self) -> Result<impl Iterator<Item = std::io::Result<String>>, SignerError> {
        let mut file = File::open(&self.path).map_err(SignerError::io("opening", &self.path))?;
        file.seek(SeekFrom::Start(0)).map_err(SignerError::io("reading", &self.path))?;
        let mut reader = BufReader::new(file);
        Ok(std::iter::from_fn(move || {
            let mut line = Vec::new();
            match reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
                Ok(0) => None,
                Ok(_) => Some(Ok(String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned())),
                Err(e) => Some(Err(e)),
            }
        }))
    }
}

/// Length of the whole lines, the last one of them, and the bytes after it.
fn scan_end(file: &mut File) -> std::io::Result<(u64, Option<AuditHead>, u64)> {
    let length = file.metadata()?.len();
    let from = length.saturating_sub(2 * MAX_LINE);
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    file.take(2 * MAX_LINE).read_to_end(&mut end)?;
    let whole = end.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let last = end.get(..whole.saturating_sub(1)).and_then(|body| {
        let start = body.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        serde_json::from_slice::<Line>(body.get(start..)?).ok()
    });
    Ok((from + whole as u64, last.map(|l| l.head()), (end.len() - whole) as u64))
}
