//! Bank-balance proofs: the files that lenders get, what they answered, and what was signed for them.

use alloy_primitives::{Address, B256, Bytes};
use parlance_credit::{
    Offer,
    api::{Attested, Verdict},
};
use parlance_effects::ChainId;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::{Store, fill_body};
use crate::error::{Result, WalletError};

/// Row id of a proof.
pub type ProofId = i64;

/// A proof without its file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProofRecord {
    /// Row id.
    #[serde(skip)]
    pub id: ProofId,
    /// SHA-256 of the file.
    pub digest: B256,
    /// Name of the lender.
    pub lender: String,
    /// Chain of its pool.
    pub chain: ChainId,
    /// The pool.
    pub pool: Address,
    /// Id of the bank's template.
    pub bank: String,
    /// The offer that it was made for.
    pub offer: Offer,
    /// Of the account, in the offer's scope.
    pub nullifier: B256,
    /// Digest of the key ids of the notaries, as an attestation has it.
    pub notaries: B256,
    /// When the bank was asked, Unix seconds.
    pub observed_at: u64,
    /// When the proof was made, Unix seconds.
    pub made_at: u64,
    /// What the lender answered; `None` while it has not.
    pub verdict: Option<Verdict>,
    /// The borrower's signature under the offer: kept, so that the same one is sent again.
    pub signature: Option<Bytes>,
    /// What the lender gave for it.
    pub attested: Option<Attested>,
}

impl ProofRecord {
    /// Until when the lender counts it, Unix seconds.
    #[must_use]
    pub fn expires_at(&self) -> u64 {
        self.verdict.as_ref().map_or(self.offer.expiry, |verdict| verdict.expires.min(self.offer.expiry))
    }

    /// True where the lender accepted it.
    #[must_use]
    pub fn accepted(&self) -> bool {
        self.verdict.as_ref().is_some_and(|verdict| verdict.accepted)
    }
}

impl Store {
    /// Keeps a proof with its file; the record with its id.
    ///
    /// # Errors
    /// Store errors.
    pub fn add_proof(&self, record: ProofRecord, file: &[u8]) -> Result<ProofRecord> {
        let id = self.write(|tx, seal| {
            tx.execute("INSERT INTO proofs (body) VALUES (x'')", [])?;
            let id = fill_body(tx, seal, "proofs", &record)?;
            let body = seal.seal("proof_files", id, &Bytes::copy_from_slice(file))?;
            tx.execute("INSERT INTO proof_files (id, body) VALUES (?1, ?2)", params![id, body])?;
            Ok(id)
        })?;
        Ok(ProofRecord { id, ..record })
    }

    /// Writes what came to be known of a proof.
    ///
    /// # Errors
    /// [`WalletError::NotFound`], store errors.
    pub fn update_proof(&self, record: &ProofRecord) -> Result<()> {
        self.write(|tx, seal| {
            let body = seal.seal("proofs", record.id, record)?;
            match tx.execute("UPDATE proofs SET body = ?1 WHERE id = ?2", params![body, record.id])? {
                0 => Err(missing()),
                _ => Ok(()),
            }
        })
    }

    /// All proofs, the latest first.
    ///
    /// # Errors
    /// Store errors.
    pub fn proofs(&self) -> Result<Vec<ProofRecord>> {
        self.read(|db, seal| {
            let mut query = db.prepare_cached("SELECT id, body FROM proofs ORDER BY id DESC")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.map(|row| {
                let (id, blob): (i64, Vec<u8>) = row?;
                Ok(ProofRecord { id, ..seal.open::<ProofRecord>("proofs", id, &blob)? })
            })
            .collect()
        })
    }

    /// A proof's file.
    ///
    /// # Errors
    /// [`WalletError::NotFound`], store errors.
    pub fn proof_file(&self, id: ProofId) -> Result<Bytes> {
        self.read(|db, seal| {
            let blob: Option<Vec<u8>> = db.query_row("SELECT body FROM proof_files WHERE id = ?1", [id], |row| row.get(0)).optional()?;
            seal.open("proof_files", id, &blob.ok_or_else(missing)?)
        })
    }

    /// Forgets a proof and its file.
    ///
    /// # Errors
    /// [`WalletError::NotFound`], store errors.
    pub fn delete_proof(&self, id: ProofId) -> Result<()> {
        self.write(|tx, _| match tx.execute("DELETE FROM proofs WHERE id = ?1", [id])? {
            0 => Err(missing()),
            _ => Ok(()),
        })
    }
}

fn missing() -> WalletError {
    WalletError::NotFound { what: "such proof".into() }
}
