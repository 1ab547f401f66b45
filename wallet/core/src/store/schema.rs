//! Tables and their migrations. A file that a newer release wrote is refused, not guessed at.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::error::{Result, WalletError};

/// What each version adds; the version of a file is how many of them it has.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE meta (key TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
    CREATE TABLE conversations (id INTEGER PRIMARY KEY AUTOINCREMENT, updated INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
        body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX messages_of ON messages (conversation, id);
    CREATE TABLE pending (
        id INTEGER PRIMARY KEY REFERENCES conversations(id) ON DELETE CASCADE,
        body BLOB NOT NULL
    ) STRICT;
    CREATE TABLE transactions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        settled INTEGER NOT NULL,
        account_tag BLOB NOT NULL,
        hash_tag BLOB,
        body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX transactions_open ON transactions (settled, account_tag);
    CREATE INDEX transactions_hash ON transactions (hash_tag);
    CREATE TABLE nonces (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account_tag BLOB NOT NULL,
        nonce INTEGER NOT NULL,
        tx INTEGER REFERENCES transactions(id),
        body BLOB NOT NULL,
        UNIQUE (account_tag, nonce)
    ) STRICT;
    CREATE TABLE history (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, once_tag BLOB UNIQUE, body BLOB NOT NULL) STRICT;
    CREATE INDEX history_at ON history (at);
    CREATE TABLE settings (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, body BLOB NOT NULL) STRICT;
",
    "
    CREATE TABLE proofs (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL) STRICT;
    CREATE TABLE proof_files (id INTEGER PRIMARY KEY REFERENCES proofs(id) ON DELETE CASCADE, body BLOB NOT NULL) STRICT;
",
];

/// Brings the file to the newest version.
pub(super) fn migrate(db: &mut Connection) -> Result<()> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied INTEGER NOT NULL) STRICT;")?;
    let found: Option<i64> = tx.query_row("SELECT max(version) FROM schema_version", [], |row| row.get(0)).optional()?.flatten();
    let found = found.unwrap_or(0);
    if found > known {
        return Err(WalletError::NewerSchema { found, known });
    }
    for (version, sql) in (1i64..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        tx.execute_batch(sql)?;
        tx.execute("INSERT INTO schema_version (version, applied) VALUES (?1, unixepoch())", [version])?;
    }
    tx.commit()?;
    Ok(())
}
