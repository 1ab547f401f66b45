//! Offers, proofs and attestations in SQLite or PostgreSQL. What is answered was committed before.

mod attestations;
mod offers;
mod proofs;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{AnyPool, ConnectOptions, Executor};

pub use attestations::{Issued, NewAttestation};
pub use proofs::{Facts, NewProof, StoredProof, Taken};

use crate::LenderError;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections to PostgreSQL. SQLite has one, so that nothing is ever locked.
const CONNECTIONS: u32 = 8;

/// The database.
#[derive(Debug, Clone)]
pub struct Store {
    pool: AnyPool,
}

impl Store {
    /// Opens it and brings its tables up to date. A SQLite file is made when there is none, readable by its owner only.
    pub async fn open(url: &str, folder: &Path) -> Result<Self, LenderError> {
        sqlx::any::install_default_drivers();
        let (url, sqlite) = match sqlite_path(url) {
            Some(path) => (private_file(&folder.join(path))?, true),
            None => (url.to_owned(), false),
        };
        // Statements are not logged: they hold what this crate keeps out of logs.
        let options = AnyConnectOptions::from_str(&url)?.disable_statement_logging();
        let pool = AnyPoolOptions::new().max_connections(if sqlite { 1 } else { CONNECTIONS }).acquire_timeout(PATIENCE);
        let pool = pool.after_connect(move |connection, _| {
            Box::pin(async move {
                if sqlite {
                    let pragmas =
                        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;";
                    connection.execute(sqlx::raw_sql(pragmas)).await?;
                }
                Ok(())
            })
        });
        let pool = pool.connect_with(options).await?;
        if sqlite {
            SQLITE.run(&pool).await?
        } else {
            POSTGRES.run(&pool).await?
        }
        Ok(Self { pool })
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<(), LenderError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Forgets offers that nobody took and files that were kept long enough; how many of each.
    pub async fn tidy(&self, now: u64, keep: u64) -> Result<(u64, u64), LenderError> {
        let day = 86_400;
        let offers = sqlx::query("DELETE FROM offers WHERE expiry < $1 AND nonce NOT IN (SELECT nonce FROM proofs)")
            .bind(seconds(now.saturating_sub(day)))
            .execute(&self.pool)
            .await?;
        let files = sqlx::query("UPDATE proofs SET file = NULL WHERE file IS NOT NULL AND received < $1")
            .bind(seconds(now.saturating_sub(keep)))
            .execute(&self.pool)
            .await?;
        Ok((offers.rows_affected(), files.rows_affected()))
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// The file of `sqlite:...`.
fn sqlite_path(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    Some(rest.strip_prefix("//").unwrap_or(rest).into())
}

/// Makes the file if need be, for its owner's eyes only; its URL. SQLite gives its other files the same permissions.
fn private_file(path: &Path) -> Result<String, LenderError> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(LenderError::file(path))?;
    let whole = std::path::absolute(path).map_err(LenderError::file(path))?;
    let url = url::Url::from_file_path(&whole).map_err(|()| LenderError::content(path, "a path", "an absolute path"))?;
    Ok(format!("sqlite://{}", url.path()))
}

/// Times as the database keeps them.
fn seconds(unix: u64) -> i64 {
    i64::try_from(unix).unwrap_or(i64::MAX)
}

fn unix(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or_default()
}

fn to_json<T: Serialize>(what: &'static str, value: &T) -> Result<String, LenderError> {
    serde_json::to_string(value).map_err(|error| LenderError::Damaged { what, got: error.to_string() })
}

fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, LenderError> {
    serde_json::from_str(text).map_err(|error| LenderError::Damaged { what, got: error.to_string() })
}

fn from_text<T: FromStr>(what: &'static str, text: &str) -> Result<T, LenderError> {
    text.parse().map_err(|_| LenderError::Damaged { what, got: format!("{text:?}") })
}
