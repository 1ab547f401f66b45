//! The append-only journal.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

use super::{Record, schema};
use crate::SignerError;

/// Longest record that is written or read, in bytes.
const MAX_RECORD: usize = 1 << 20;

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
    /// Every row is what this vault wrote.
    Whole,
    /// Rows after this one are not.
    BrokenAfter(u64),
}

/// The append-only journal in SQLite, WAL, `synchronous = FULL`.
#[derive(Debug)]
pub struct Journal {
    db: Connection,
    head: Head,
}

impl Journal {
    /// Open or create the database; rows are read without checking MACs (the key comes with unlocking).
    ///
    /// # Errors
    /// [`SignerError::NewerFormat`], [`SignerError::Damaged`] where it is no database,
    /// [`SignerError::Database`].
    pub fn open(path: &Path) -> Result<(Self, Vec<Record>), SignerError> {
        let mut db = Connection::open(path)?;
        db.busy_timeout(std::time::Duration::from_secs(2))?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "trusted_schema", "OFF")?;
        // The sandbox gives no folder for temporary files.
        db.pragma_update(None, "temp_store", "MEMORY")?;
        db.pragma_update(None, "cell_size_check", "ON")?;
        schema::migrate(&mut db)?;
        let mut journal = Self { db, head: Head::default() };
        // Up to the first row that can't be read: `verify` will name it.
        let records = journal.rows()?.into_iter().map_while(|row| row.record.ok()).collect();
        journal.head = journal.read_head()?;
        Ok((journal, records))
    }

    /// The last row.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// Check every row's MAC and the chain between them.
    ///
    /// # Errors
    /// [`SignerError::Database`].
    pub fn verify(&self, key: &MacKey) -> Result<Verified, SignerError> {
        let mut before = Head::default();
        for row in self.rows()? {
            let good = row.seq > before.seq
                && row.record.is_ok()
                && key.check(&[b"row", &before.mac, &row.seq.to_le_bytes(), &row.body], &row.mac);
            let Ok(mac) = <[u8; 32]>::try_from(row.mac.as_slice()) else {
                return Ok(Verified::BrokenAfter(before.seq));
            };
            if !good {
                return Ok(Verified::BrokenAfter(before.seq));
            }
            before = Head { seq: row.seq, mac };
        }
        Ok(Verified::Whole)
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
        if flushed > 0 {
            tx.prepare_cached("DELETE FROM audit_outbox WHERE seq <= ?1")?.execute(params![i64::try_from(flushed).unwrap_or(i64::MAX)])?;
        }
        tx.commit()?;
        self.head = Head { seq, mac };
        Ok(self.head)
    }

    /// Drop every row after `seq`: what an owner acknowledges of a damaged journal. Returns the records that stay.
    ///
    /// # Errors
    /// [`SignerError::Database`], [`SignerError::Damaged`].
    pub fn cut_after(&mut self, seq: u64) -> Result<Vec<Record>, SignerError> {
        let row = i64::try_from(seq).map_err(|e| SignerError::Database { reason: e.to_string() })?;
        self.db.execute("DELETE FROM journal WHERE seq > ?1", params![row])?;
        self.head = self.read_head()?;
        let records = self.rows()?.into_iter().map(|row| row.record).collect::<Result<Vec<_>, _>>();
        records.map_err(|reason| SignerError::Damaged { what: "database", reason })
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

    fn read_head(&self) -> Result<Head, SignerError> {
        let last = self
            .db
            .query_row("SELECT seq, mac FROM journal ORDER BY seq DESC LIMIT 1", [], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, Vec<u8>>(1)?)))
            .optional()?;
        let Some((seq, mac)) = last else {
            return Ok(Head::default());
        };
        // A wrong length can't be a MAC of ours; all zeroes then fails the check.
        Ok(Head { seq: u64::try_from(seq).unwrap_or(0), mac: mac.try_into().unwrap_or_default() })
    }

    fn rows(&self) -> Result<Vec<Row>, SignerError> {
        let mut statement = self.db.prepare("SELECT seq, body, mac FROM journal ORDER BY seq")?;
        let rows = statement.query_map([], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, Vec<u8>>(1)?, r.get::<_, Vec<u8>>(2)?)))?;
        let mut out = Vec::new();
        for row in rows {
            let (seq, body, mac) = row?;
            let seq = u64::try_from(seq).unwrap_or(0);
            let record = serde_json::from_slice(&body).map_err(|e| format!("row {seq}: {e}"));
            out.push(Row { seq, body, mac, record });
        }
        Ok(out)
    }
}

struct Row {
    seq: u64,
    body: Vec<u8>,
    mac: Vec<u8>,
    record: Result<Record, String>,
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
