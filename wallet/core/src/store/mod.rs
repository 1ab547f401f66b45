//! What the wallet remembers: conversations, pending steps, transactions, history, settings, nonces.
//!
//! One SQLite file, `wallet.db`. What a row says is sealed (see `seal.rs`); plain are row ids, which message belongs to which
//! conversation, nonces as numbers, times of history entries, and names of settings. Each call is one short transaction that
//! is on disk when the call returns (`synchronous = FULL`), so the state is written *before* the side effect that it
//! announces. Sealing protects a stolen disk and notices tampered or moved rows; putting back a whole old file goes unnoticed.

mod conversations;
mod csv_export;
mod history;
mod key;
mod nonces;
mod proofs;
mod schema;
mod seal;
mod settings;
mod transactions;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};
use serde::Serialize;

pub use conversations::{Conversation, ConversationId, Message, Pending, Role};
pub use history::{Direction, Entry, HistoryFilter, Kind, Leg, NewEntry, Spending, Spent};
pub use key::{StoreKey, StoreKeySource};
pub use nonces::Reservation;
pub use proofs::{ProofId, ProofRecord};
pub use transactions::{NewTx, Purpose, Stuck, TxFilter, TxId, TxRecord, TxState};

use self::seal::Seal;
use crate::error::{Result, WalletError};

/// Name of the database inside the data folder.
pub const DATABASE_FILE: &str = "wallet.db";
const LOCK_FILE: &str = "wallet.lock";
const KEY_CHECK: &str = "parlance wallet store";

/// The wallet's memory. Cheap to clone; clones share one connection. Calls block for the time of one disk write.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    db: Mutex<Connection>,
    seal: Seal,
    /// `None` in memory.
    folder: Option<PathBuf>,
    /// Locked while this store owns the folder.
    owner: Mutex<Option<std::fs::File>>,
}

impl Store {
    /// Opens the database of a data folder, making both where they are missing.
    ///
    /// # Errors
    ///
    /// [`WalletError::StoreKey`] where the key is another's, [`WalletError::NewerSchema`], [`WalletError::Database`].
    pub fn open(data_dir: &Path, key: &StoreKey) -> Result<Self> {
        key::make_private_dir(data_dir)?;
        let path = data_dir.join(DATABASE_FILE);
        touch_private(&path)?;
        let db = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        Self::prepare(db, key, Some(data_dir.to_owned()))
    }

    /// The wallet's own part of a data folder, with the key from the keyring or, where there is none, from a file beside it; then
    /// with what has to be said once about that.
    pub fn of_folder(data: &Path) -> Result<(Self, Option<String>)> {
        let own = data.join("wallet");
        key::make_private_dir(&own)?;
        let (key, warning) = StoreKey::open(&own, StoreKeySource::Auto)?;
        Ok((Self::open(&own, &key)?, warning))
    }

    /// A store that is gone when dropped, with a random key: for tests and for dry runs.
    pub fn in_memory() -> Result<Self> {
        Self::prepare(Connection::open_in_memory()?, &StoreKey::random()?, None)
    }

    fn prepare(mut db: Connection, key: &StoreKey, folder: Option<PathBuf>) -> Result<Self> {
        db.busy_timeout(Duration::from_secs(10))?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "foreign_keys", true)?;
        db.pragma_update(None, "secure_delete", true)?;
        db.pragma_update(None, "trusted_schema", false)?;
        schema::migrate(&mut db)?;
        let store = Self { inner: Arc::new(Inner { db: Mutex::new(db), seal: Seal::new(key), folder, owner: Mutex::default() }) };
        store.check_key()?;
        Ok(store)
    }

    /// True where this store is the first of its data folder, and stays so until it is dropped. Others may read and write
    /// beside it, but clean up nothing that could still be in use.
    pub fn own(&self) -> Result<bool> {
        let Some(folder) = &self.inner.folder else {
            return Ok(true);
        };
        let mut owner = self.inner.owner.lock().unwrap_or_else(PoisonError::into_inner);
        if owner.is_some() {
            return Ok(true);
        }
        let path = folder.join(LOCK_FILE);
        touch_private(&path)?;
        let file = std::fs::File::open(&path).map_err(WalletError::io(&path))?;
        match file.try_lock() {
            Ok(()) => {
                *owner = Some(file);
                Ok(true)
            }
            Err(std::fs::TryLockError::WouldBlock) => Ok(false),
            Err(std::fs::TryLockError::Error(error)) => Err(WalletError::io(&path)(error)),
        }
    }

    fn check_key(&self) -> Result<()> {
        self.write(|tx, seal| {
            let found: Option<Vec<u8>> = tx.query_row("SELECT body FROM meta WHERE key = 'key_check'", [], |row| row.get(0)).optional()?;
            match found {
                Some(blob) => match seal.open::<String>("meta", 0, &blob) {
                    Ok(text) if text == KEY_CHECK => Ok(()),
                    _ => Err(WalletError::StoreKey),
                },
                None => {
                    let blob = seal.seal("meta", 0, &KEY_CHECK)?;
                    tx.execute("INSERT INTO meta (key, body) VALUES ('key_check', ?1)", [blob])?;
                    Ok(())
                }
            }
        })
    }

    /// One transaction that is durable when this returns `Ok`, and never happened when it returns `Err`.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>, &Seal) -> Result<T>) -> Result<T> {
        let mut db = self.db();
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&tx, &self.inner.seal)?;
        tx.commit()?;
        Ok(value)
    }

    fn read<T>(&self, work: impl FnOnce(&Connection, &Seal) -> Result<T>) -> Result<T> {
        work(&self.db(), &self.inner.seal)
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        // A panic inside a transaction rolls it back when it unwinds: the connection stays good.
        self.inner.db.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store(..)")
    }
}

/// Seals a new row's body under the id that the row got. The row must have been inserted with an empty body just before.
fn fill_body<T: Serialize>(tx: &Transaction<'_>, seal: &Seal, table: &'static str, value: &T) -> Result<i64> {
    let id = tx.last_insert_rowid();
    let blob = seal.seal(table, id, value)?;
    tx.execute(&format!("UPDATE {table} SET body = ?1 WHERE id = ?2"), rusqlite::params![blob, id])?;
    Ok(id)
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// SQLite would make the file readable for everybody whom the umask allows.
fn touch_private(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(WalletError::io(path))
}
