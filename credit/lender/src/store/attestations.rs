//! Attestations that were signed.

use alloy_primitives::{B256, Bytes, U256};
use parlance_credit::api::Attested;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, from_json, from_text, seconds, to_json, unix};
use crate::LenderError;

/// To be kept before it is answered.
#[derive(Debug, Clone)]
pub struct NewAttestation {
    /// SHA-256 of the proof file.
    pub proof: B256,
    /// What is answered.
    pub attested: Attested,
    /// The borrower's signature under its application.
    pub signature: Bytes,
    /// Until this second it can open or renew a line.
    pub opens: u64,
}

/// As it is kept.
#[derive(Debug, Clone)]
pub struct Issued {
    /// SHA-256 of the proof file.
    pub proof: B256,
    /// What was answered.
    pub attested: Attested,
    /// The borrower's signature under its application.
    pub signature: Bytes,
    /// When it was signed, Unix seconds.
    pub issued: u64,
    /// Until this second it can open or renew a line.
    pub opens: u64,
    /// The line that used it, as far as is known.
    pub line: Option<U256>,
    /// When it was revoked from here.
    pub revoked: Option<u64>,
}

const COLUMNS: &str = "SELECT proof, attested, signature, issued, opens, line, revoked FROM attestations";

impl Store {
    /// Keeps one. There must be none for the proof.
    pub async fn add_attestation(&self, new: &NewAttestation) -> Result<(), LenderError> {
        let attestation = &new.attested.attestation;
        sqlx::query("INSERT INTO attestations (id, proof, attested, signature, issued, opens) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(attestation.id.to_string())
            .bind(new.proof.to_string())
            .bind(to_json("attestation", &new.attested)?)
            .bind(new.signature.to_string())
            .bind(seconds(attestation.issuedAt))
            .bind(seconds(new.opens))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The one for a proof.
    pub async fn attestation_for(&self, proof: B256) -> Result<Option<Issued>, LenderError> {
        self.one(" WHERE proof = $1", proof).await
    }

    /// The one with this id.
    pub async fn attestation(&self, id: B256) -> Result<Option<Issued>, LenderError> {
        self.one(" WHERE id = $1", id).await
    }

    /// Those that can still open a line, as far as is known.
    pub async fn unopened(&self, now: u64) -> Result<Vec<Issued>, LenderError> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE line IS NULL AND revoked IS NULL AND opens >= $1 ORDER BY issued"));
        let rows = sqlx::query(sql).bind(seconds(now)).fetch_all(&self.pool).await?;
        rows.iter().map(issued).collect()
    }

    /// The newest of each line, and those without one; newest first.
    pub async fn book(&self, from: u32, count: u32) -> Result<Vec<Issued>, LenderError> {
        let newest = "WHERE line IS NULL OR NOT EXISTS \
             (SELECT 1 FROM attestations later WHERE later.line = attestations.line AND (later.issued, later.id) > (attestations.issued, attestations.id))";
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} {newest} ORDER BY issued DESC, id LIMIT $1 OFFSET $2"));
        let rows = sqlx::query(sql).bind(i64::from(count)).bind(i64::from(from)).fetch_all(&self.pool).await?;
        rows.iter().map(issued).collect()
    }

    /// Notes which line used it.
    pub async fn note_line(&self, id: B256, line: U256) -> Result<(), LenderError> {
        sqlx::query("UPDATE attestations SET line = $1 WHERE id = $2")
            .bind(line.to_string())
            .bind(id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Notes that it was revoked.
    pub async fn note_revoked(&self, id: B256, now: u64) -> Result<(), LenderError> {
        sqlx::query("UPDATE attestations SET revoked = $1 WHERE id = $2 AND revoked IS NULL")
            .bind(seconds(now))
            .bind(id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn one(&self, condition: &'static str, key: B256) -> Result<Option<Issued>, LenderError> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS}{condition}"));
        let row = sqlx::query(sql).bind(key.to_string()).fetch_optional(&self.pool).await?;
        row.as_ref().map(issued).transpose()
    }
}

fn issued(row: &AnyRow) -> Result<Issued, LenderError> {
    let text = |column| row.try_get::<String, _>(column);
    Ok(Issued {
        proof: from_text("attestation", &text("proof")?)?,
        attested: from_json("attestation", &text("attested")?)?,
        signature: from_text("attestation", &text("signature")?)?,
        issued: unix(row.try_get("issued")?),
        opens: unix(row.try_get("opens")?),
        line: row.try_get::<Option<String>, _>("line")?.map(|line| from_text("attestation", &line)).transpose()?,
        revoked: row.try_get::<Option<i64>, _>("revoked")?.map(unix),
    })
}
