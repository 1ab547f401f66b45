//! Accepted proofs.

use alloy_primitives::B256;
use parlance_credit::Offer;
use parlance_credit::api::Verdict;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, from_json, seconds, to_json, unix};
use crate::LenderError;

/// What an attestation needs of a proof, and what its page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// As it was answered.
    pub verdict: Verdict,
    /// The account's pseudonym.
    pub nullifier: B256,
    /// The notary's key.
    pub notary: B256,
    /// When the session was opened, Unix seconds.
    pub opened: u64,
}

/// An accepted proof.
#[derive(Debug, Clone)]
pub struct NewProof {
    /// SHA-256 of the file.
    pub sha256: B256,
    /// Of the offer that it takes.
    pub nonce: B256,
    /// What was found.
    pub facts: Facts,
    /// When, Unix seconds.
    pub received: u64,
    /// The file itself.
    pub file: Vec<u8>,
}

/// A proof as it is kept, with the offer that it took.
#[derive(Debug, Clone)]
pub struct StoredProof {
    /// What was found.
    pub facts: Facts,
    /// The offer.
    pub offer: Offer,
    /// When the file came, Unix seconds.
    pub received: u64,
}

/// Whether a proof took its offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It did, now or before.
    ByThis,
    /// Another proof had taken it.
    ByAnother(B256),
}

impl Store {
    /// Keeps a proof, if its offer is free.
    pub async fn take_offer(&self, proof: &NewProof) -> Result<Taken, LenderError> {
        sqlx::query("INSERT INTO proofs (sha256, nonce, facts, received, file) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING")
            .bind(proof.sha256.to_string())
            .bind(proof.nonce.to_string())
            .bind(to_json("proof", &proof.facts)?)
            .bind(seconds(proof.received))
            .bind(proof.file.clone())
            .execute(&self.pool)
            .await?;
        match self.proof_for(proof.nonce).await? {
            Some(taker) if taker != proof.sha256 => Ok(Taken::ByAnother(taker)),
            _ => Ok(Taken::ByThis),
        }
    }

    /// The proof that took an offer.
    pub async fn proof_for(&self, nonce: B256) -> Result<Option<B256>, LenderError> {
        let row = sqlx::query("SELECT sha256 FROM proofs WHERE nonce = $1").bind(nonce.to_string()).fetch_optional(&self.pool).await?;
        row.map(|row| super::from_text("proof", row.try_get::<String, _>("sha256")?.as_str())).transpose()
    }

    /// An accepted proof.
    pub async fn proof(&self, sha256: B256) -> Result<Option<StoredProof>, LenderError> {
        let row = sqlx::query(
            "SELECT proofs.facts AS facts, proofs.received AS received, offers.offer AS offer \
             FROM proofs JOIN offers ON offers.nonce = proofs.nonce WHERE proofs.sha256 = $1",
        )
        .bind(sha256.to_string())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(stored).transpose()
    }

    /// The file, as long as it is kept.
    pub async fn proof_file(&self, sha256: B256) -> Result<Option<Vec<u8>>, LenderError> {
        let row = sqlx::query("SELECT file FROM proofs WHERE sha256 = $1").bind(sha256.to_string()).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| row.try_get::<Option<Vec<u8>>, _>("file")).transpose()?.flatten())
    }
}

fn stored(row: &AnyRow) -> Result<StoredProof, LenderError> {
    Ok(StoredProof {
        facts: from_json("proof", row.try_get::<String, _>("facts")?.as_str())?,
        offer: from_json("offer", row.try_get::<String, _>("offer")?.as_str())?,
        received: unix(row.try_get("received")?),
    })
}
