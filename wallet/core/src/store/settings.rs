//! Named values. Names are plain, values sealed.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Store, fill_body};
use crate::error::{Result, WalletError};

impl Store {
    /// Stores a value under a name.
    pub fn set(&self, key: &str, value: &impl Serialize) -> Result<()> {
        self.write(|tx, seal| {
            let known: Option<i64> = tx.query_row("SELECT id FROM settings WHERE key = ?1", [key], |row| row.get(0)).optional()?;
            match known {
                Some(id) => {
                    tx.execute("UPDATE settings SET body = ?1 WHERE id = ?2", params![seal.seal("settings", id, &(key, value))?, id])?;
                }
                None => {
                    tx.execute("INSERT INTO settings (key, body) VALUES (?1, x'')", [key])?;
                    fill_body(tx, seal, "settings", &(key, value))?;
                }
            }
            Ok(())
        })
    }

    /// The value under a name.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        self.read(|db, seal| {
            let row: Option<(i64, Vec<u8>)> =
                db.query_row("SELECT id, body FROM settings WHERE key = ?1", [key], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some((id, blob)) = row else {
                return Ok(None);
            };
            // The name is inside as well: a row whose plain name was changed does not pass for another setting.
            let (name, value): (String, T) = seal.open("settings", id, &blob)?;
            if name != key {
                return Err(WalletError::Sealed { table: "settings", id, why: format!("it belongs to another name than {key}") });
            }
            Ok(Some(value))
        })
    }

    /// Forgets a value.
    pub fn unset(&self, key: &str) -> Result<()> {
        self.write(|tx, _| Ok(tx.execute("DELETE FROM settings WHERE key = ?1", [key]).map(drop)?))
    }
}
