//! The database's schema and its migrations.

use rusqlite::Connection;

use crate::SignerError;

/// One step each; a step's index plus one is the schema version that it leads to.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE journal (
        seq  INTEGER PRIMARY KEY,
        body BLOB NOT NULL,
        mac  BLOB NOT NULL
    ) STRICT;
    -- Audit lines whose file write is not known to be durable yet.
    CREATE TABLE audit_outbox (
        seq  INTEGER PRIMARY KEY,
        line TEXT NOT NULL
    ) STRICT;
",
    "
    -- At most one: all that is left of the rows up to `seq`. `chain` is the MAC of the last of them.
    CREATE TABLE snapshot (
        id    INTEGER PRIMARY KEY CHECK (id = 1),
        seq   INTEGER NOT NULL,
        chain BLOB NOT NULL,
        body  BLOB NOT NULL,
        mac   BLOB NOT NULL
    ) STRICT;
",
    "
    -- Entries may speak of credit lines from here on, which an older signer could not count.
",
];

/// Newest schema that this release reads.
pub(super) const VERSION: u32 = MIGRATIONS.len() as u32;

/// Bring the database to [`VERSION`].
///
/// # Errors
/// [`SignerError::NewerFormat`] for a database of a later release: an older signer could not honour its limits.
pub(super) fn migrate(db: &mut Connection) -> Result<(), SignerError> {
    let got: u32 = db.query_row("PRAGMA user_version", [], |r| r.get(0))?;
    if got > VERSION {
        return Err(SignerError::NewerFormat { what: "database", got, expected: VERSION });
    }
    let tx = db.transaction()?;
    for step in MIGRATIONS.iter().skip(got as usize) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()?;
    Ok(())
}
