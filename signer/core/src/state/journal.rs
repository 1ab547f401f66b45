//! The append-only journal.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

use super::{Record, Snapshot, schema};
use crate::SignerError;

/// Longest record that is written, in bytes.
const MAX_RECORD: usize = 1 << 20;
/// Rows, beyond as many as the snapshot has entries, from which on a journal is long.
#[cfg(not(feature = "test-params"))]
const LONG: u64 = 2_000;
/// The same for tests: few, so that they come to it.
#[cfg(feature = "test-params")]
pub static LONG: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(60);

#[cfg(not(feature = "test-params"))]
fn long() -> u64 {
    LONG
}

#[cfg(feature = "test-params")]
fn long() -> u64 {
    LONG.load(std::sync::atomic::Ordering::Relaxed)
}

/// Key of the journal's MACs, derived from the unlocked vault.
#[derive(Clone, ZeroizeOnDrop)]
pub struct MacKey([u8; 32]);

impl std::fmt::Debug for MacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MacKey(..)")
    }
}

impl MacKey {
    /// From 32 bytes that only the unlocked vault gives.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// BLAKE3 keyed hash over the parts, each with its length in front.
    pub(super) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        *hasher.finalize().as_bytes()
    }

    /// In constant time.
    pub(super) fn check(&self, parts: &[&[u8]], mac: &[u8]) -> bool {
        bool::from(self.mac(parts).ct_eq(mac))
    }
}

/// The end of the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Number of the last row: the *generation*. 0 where there is none.
    pub seq: u64,
    mac: [u8; 32],
}

/// What a check of the whole chain found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// Every row is what this vault wrote, and what was read.
    Whole,
    /// Rows after this one are not.
    BrokenAfter(u64),
    /// Every row is what this vault wrote, but something else was read before: to be read again.
    ReadOtherwise,
}

/// What a journal has.
#[derive(Debug, Default)]
pub struct Read {
    /// What is left of old rows.
    pub snapshot: Option<Snapshot>,
    /// The rows after that, up to the first that can't be read.
    pub records: Vec<Record>,
}

/// The append-only journal in SQLite, WAL, `synchronous = FULL`.
#[derive(Debug)]
pub struct Journal {
    db: Connection,
    head: Head,
    /// Over every row as it was read or written, so that a check of the file is a check of what is worked with.
    seen: blake3::Hasher,
    /// The last row before one that can't be read.
    readable: Option<u64>,
    /// Rows after the snapshot.
    rows: u64,
    /// Entries in the snapshot.
    kept: u64,
    /// Lines up to this one have left the outbox.
    flushed: u64,
}

impl Journal {
    /// Open or create the database; rows are read without checking MACs (the key comes with unlocking).
    ///
    /// # Errors
    /// [`SignerError::NewerFormat`], [`SignerError::Damaged`] where it is no database,
    /// [`SignerError::Database`].
    pub fn open(path: &Path) -> Result<(Self, Read), SignerError> {
        let mut db = Connection::open(path)?;
        db.busy_timeout(std::time::Duration::from_secs(2))?;
        // One process a data folder: no other one reads along, and no lock is taken and given back for each commit.
        db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "trusted_schema", "OFF")?;
        // The sandbox gives no folder for temporary files.
        db.pragma_update(None, "temp_store", "MEMORY")?;
        db.pragma_update(None, "cell_size_check", "ON")?;
        schema::migrate(&mut db)?;
        let mut journal = Self { db, head: Head::default(), seen: blake3::Hasher::new(), readable: None, rows: 0, kept: 0, flushed: 0 };
        let read = journal.read()?;
        Ok((journal, read))
    }

    /// The last row.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// Read all of it, without checking MACs.
    ///
    /// # Errors
    /// [`SignerError::Database`].
    pub fn read(&mut self) -> Result<Read, SignerError> {
        let (mut read, mut head, mut seen, mut readable, mut rows) = (Read::default(), Head::default(), blake3::Hasher::new(), None, 0);
        if let Some(row) = self.snapshot_row()? {
            row.hash(&mut seen);
            head = row.end();
            match serde_json::from_slice(&row.body) {
                Ok(snapshot) => read.snapshot = Some(snapshot),
                Err(_) => readable = Some(0),
            }
        }
        self.each_row(|row| {
            row.hash(&mut seen);
            rows += 1;
            if readable.is_none() {
                match serde_json::from_slice(row.body) {
                    Ok(record) => read.records.push(record),
                    // `verify` will name it.
                    Err(_) => readable = Some(head.seq),
                }
            }
            head = row.end();
            true
        })?;
        (self.head, self.seen, self.readable, self.rows) = (head, seen, readable, rows);
        self.kept = read.snapshot.as_ref().map_or(0, Snapshot::entries);
        Ok(read)
    }

    /// Check every row's MAC and the chain between them.
    ///
    /// # Errors
    /// [`SignerError::Database`].
    pub fn verify(&self, key: &MacKey) -> Result<Verified, SignerError> {
        let (mut good, mut before, mut seen) = (true, Head::default(), blake3::Hasher::new());
        if let Some(row) = self.snapshot_row()? {
            row.hash(&mut seen);
            good = row.chain.len() == before.mac.len() && key.check(&row.parts(&row.seq.to_le_bytes()), &row.mac);
            if good {
                before = row.end();
            }
        }
        if good {
            self.each_row(|row| {
                row.hash(&mut seen);
                let whole = row.mac.len() == before.mac.len();
                good = whole && row.seq > before.seq && key.check(&[b"row", &before.mac, &row.seq.to_le_bytes(), row.body], row.mac);
                if good {
                    before = row.end();
                }
                good
            })?;
        }
        if !good {
            let readable = self.readable.unwrap_or(before.seq);
            return Ok(Verified::BrokenAfter(readable.min(before.seq)));
        }
        if seen.finalize() != self.seen.finalize() {
            return Ok(Verified::ReadOtherwise);
        }
        Ok(self.readable.map_or(Verified::Whole, Verified::BrokenAfter))
    }

    /// Write one record durably: when this returns, it survives kill and power cut. `line` goes to the audit outbox in
    /// the same commit. `at_least` is the least number that the row may get (for going on above a seal).
    ///
    /// # Errors
    /// [`SignerError::Database`]; then nothing was written.
    pub fn append(
        &mut self,
        key: &MacKey,
        record: &Record,
        line: Option<(u64, &str)>,
        flushed: u64,
        at_least: u64,
    ) -> Result<Head, SignerError> {
        let body = serde_json::to_vec(record).map_err(|e| SignerError::Database { reason: e.to_string() })?;
        if body.len() > MAX_RECORD {
            let reason = format!("a record of {} bytes, expected at most {MAX_RECORD}", body.len());
            return Err(SignerError::Database { reason });
        }
        let seq = (self.head.seq + 1).max(at_least);
        let mac = key.mac(&[b"row", &self.head.mac, &seq.to_le_bytes(), &body]);
        let row = i64::try_from(seq).map_err(|e| SignerError::Database { reason: e.to_string() })?;
        let tx = self.db.transaction()?;
        tx.prepare_cached("INSERT INTO journal (seq, body, mac) VALUES (?1, ?2, ?3)")?.execute(params![row, body, mac.as_slice()])?;
        if let Some((audit, line)) = line {
            tx.prepare_cached("INSERT OR REPLACE INTO audit_outbox (seq, line) VALUES (?1, ?2)")?
                .execute(params![i64::try_from(audit).unwrap_or(i64::MAX), line])?;
        }
        if flushed > self.flushed {
            tx.prepare_cached("DELETE FROM audit_outbox WHERE seq <= ?1")?.execute(params![i64::try_from(flushed).unwrap_or(i64::MAX)])?;
        }
        tx.commit()?;
        self.flushed = flushed.max(self.flushed);
        self.head = Head { seq, mac };
        Row { seq, body: &body, mac: &mac }.hash(&mut self.seen);
        self.rows += 1;
        Ok(self.head)
    }

    /// Are there so many rows that a snapshot should take their place?
    #[must_use]
    pub fn is_long(&self) -> bool {
        self.rows > self.kept.saturating_add(long())
    }

    /// Put a snapshot in the place of all rows, in one durable step. The chain goes on from the last of them. Returns how
    /// many there were, and the snapshot as it will be read. `meanwhile` is called before the commit, for tests that kill
    /// the process there.
    ///
    /// # Errors
    /// [`SignerError::Database`]; then nothing was changed.
    pub fn compact(&mut self, key: &MacKey, snapshot: &Snapshot, meanwhile: impl FnOnce()) -> Result<(u64, Snapshot), SignerError> {
        let unwritable = |e: serde_json::Error| SignerError::Database { reason: format!("a snapshot: {e}") };
        let body = serde_json::to_vec(snapshot).map_err(unwritable)?;
        // Never in the place of rows that can be read what can't.
        let again: Snapshot = serde_json::from_slice(&body).map_err(unwritable)?;
        let mut row = SnapshotRow { seq: self.head.seq, chain: self.head.mac.to_vec(), body, mac: Vec::new() };
        row.mac = key.mac(&row.parts(&row.seq.to_le_bytes())).to_vec();
        let seq = i64::try_from(row.seq).map_err(|e| SignerError::Database { reason: e.to_string() })?;
        let tx = self.db.transaction()?;
        tx.execute("DELETE FROM journal WHERE seq <= ?1", params![seq])?;
        tx.execute(
            "INSERT OR REPLACE INTO snapshot (id, seq, chain, body, mac) VALUES (1, ?1, ?2, ?3, ?4)",
            params![seq, row.chain, row.body, row.mac],
        )?;
        meanwhile();
        tx.commit()?;
        self.seen = blake3::Hasher::new();
        row.hash(&mut self.seen);
        self.kept = again.entries();
        Ok((std::mem::take(&mut self.rows), again))
    }

    /// Drop every row after `seq`: what an owner acknowledges of a damaged journal. Returns what stays.
    ///
    /// # Errors
    /// [`SignerError::Database`], [`SignerError::Damaged`].
    pub fn cut_after(&mut self, seq: u64) -> Result<Read, SignerError> {
        let row = i64::try_from(seq).map_err(|e| SignerError::Database { reason: e.to_string() })?;
        let tx = self.db.transaction()?;
        tx.execute("DELETE FROM journal WHERE seq > ?1", params![row])?;
        tx.execute("DELETE FROM snapshot WHERE seq > ?1", params![row])?;
        tx.commit()?;
        let read = self.read()?;
        match self.readable {
            None => Ok(read),
            Some(seq) => Err(SignerError::Damaged { what: "database", reason: format!("what follows row {seq} can't be read") }),
        }
    }

    /// Audit lines that may not have reached their file, oldest first.
    ///
    /// # Errors
    /// [`SignerError::Database`].
    pub fn audit_outbox(&self) -> Result<Vec<(u64, String)>, SignerError> {
        let mut statement = self.db.prepare("SELECT seq, line FROM audit_outbox ORDER BY seq")?;
        let rows = statement.query_map([], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?)))?;
        let mut lines = Vec::new();
        for row in rows {
            let (seq, line) = row?;
            lines.push((u64::try_from(seq).unwrap_or(0), line));
        }
        Ok(lines)
    }

    fn snapshot_row(&self) -> Result<Option<SnapshotRow>, SignerError> {
        let row = self.db.query_row("SELECT seq, chain, body, mac FROM snapshot WHERE id = 1", [], |r| {
            Ok(SnapshotRow { seq: u64::try_from(r.get::<_, i64>(0)?).unwrap_or(0), chain: r.get(1)?, body: r.get(2)?, mac: r.get(3)? })
        });
        Ok(row.optional()?)
    }

    /// Calls `f` with each row in order, until it says that it has seen enough.
    fn each_row(&self, mut f: impl FnMut(Row<'_>) -> bool) -> Result<(), SignerError> {
        let mut statement = self.db.prepare("SELECT seq, body, mac FROM journal ORDER BY seq")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let seq = u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0);
            let (body, mac) = (row.get_ref(1)?, row.get_ref(2)?);
            let (Ok(body), Ok(mac)) = (body.as_blob(), mac.as_blob()) else {
                return Err(SignerError::Damaged { what: "database", reason: format!("row {seq} has no text") });
            };
            if !f(Row { seq, body, mac }) {
                break;
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Row<'a> {
    seq: u64,
    body: &'a [u8],
    mac: &'a [u8],
}

impl Row<'_> {
    /// A wrong length can't be a MAC of ours; all zeroes then fails the check.
    fn end(&self) -> Head {
        Head { seq: self.seq, mac: self.mac.try_into().unwrap_or_default() }
    }

    fn hash(&self, into: &mut blake3::Hasher) {
        for part in [&self.seq.to_le_bytes(), self.body, self.mac] {
            into.update(&(part.len() as u64).to_le_bytes());
            into.update(part);
        }
    }
}

struct SnapshotRow {
    seq: u64,
    chain: Vec<u8>,
    body: Vec<u8>,
    mac: Vec<u8>,
}

impl SnapshotRow {
    /// What its MAC is over.
    fn parts<'a>(&'a self, seq: &'a [u8; 8]) -> [&'a [u8]; 4] {
        [b"snapshot", seq, &self.chain, &self.body]
    }

    /// Where the chain goes on.
    fn end(&self) -> Head {
        Row { seq: self.seq, body: &[], mac: &self.chain }.end()
    }

    fn hash(&self, into: &mut blake3::Hasher) {
        Row { seq: self.seq, body: &self.body, mac: &self.mac }.hash(into);
        into.update(&self.chain);
    }
}

impl From<rusqlite::Error> for SignerError {
    fn from(e: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match e.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged { what: "database", reason: e.to_string() },
            _ => Self::Database { reason: e.to_string() },
        }
    }
}
