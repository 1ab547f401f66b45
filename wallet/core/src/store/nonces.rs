//! Which nonces are spoken for. A nonce is held from its reservation until its transaction settles or is given up.

use std::collections::BTreeSet;

use alloy_primitives::Address;
use parlance_effects::ChainId;
use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize};

use super::seal::Seal;
use super::{Store, TxId, TxRecord, fill_body};
use crate::error::{Result, WalletError};

/// A nonce that nobody else gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// Whose.
    pub account: Address,
    /// Where.
    pub chain: ChainId,
    /// Which.
    pub nonce: u64,
}

impl Reservation {
    /// The nonce that a transaction has, for its replacement.
    pub const fn of(record: &TxRecord) -> Self {
        Self { account: record.account, chain: record.chain, nonce: record.nonce }
    }
}

impl Store {
    /// Holds the least nonce that is neither held here nor taken on the chain.
    ///
    /// `latest` and `pending` are the account's transaction counts as a node has them: without and with its mempool. What
    /// lies between them and is not held here belongs to another wallet with the same account.
    pub(crate) fn reserve_nonce(&self, chain: ChainId, account: Address, latest: u64, pending: u64) -> Result<Reservation> {
        self.write(|tx, seal| {
            let tag = seal.account_tag(chain, account);
            // Held without a transaction, but used on the chain: another wallet was faster.
            tx.execute("DELETE FROM nonces WHERE account_tag = ?1 AND tx IS NULL AND nonce < ?2", params![tag, signed(latest)?])?;
            let held = held(tx, &tag)?;
            let mut nonce = latest.max(pending);
            while held.contains(&nonce) {
                nonce = nonce.checked_add(1).ok_or_else(|| too_large(nonce))?;
            }
            let reservation = Reservation { account, chain, nonce };
            tx.execute("INSERT INTO nonces (account_tag, nonce, body) VALUES (?1, ?2, x'')", params![tag, signed(nonce)?])?;
            fill_body(tx, seal, "nonces", &reservation)?;
            Ok(reservation)
        })
    }

    /// Gives a reserved nonce back, where no transaction stands on it.
    pub(crate) fn release_nonce(&self, reservation: &Reservation) -> Result<()> {
        self.write(|tx, seal| {
            let tag = seal.account_tag(reservation.chain, reservation.account);
            tx.execute(
                "DELETE FROM nonces WHERE account_tag = ?1 AND nonce = ?2 AND tx IS NULL",
                params![tag, signed(reservation.nonce)?],
            )?;
            Ok(())
        })
    }

    /// Reservations on which no transaction stands: left over from a crash, when asked right after the start.
    pub(crate) fn bare_reservations(&self) -> Result<Vec<Reservation>> {
        self.read(|db, seal| {
            let mut query = db.prepare_cached("SELECT id, body FROM nonces WHERE tx IS NULL ORDER BY id")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.map(|row| {
                let (id, blob): (i64, Vec<u8>) = row?;
                seal.open("nonces", id, &blob)
            })
            .collect()
        })
    }

    /// The nonces that are held, rising.
    pub(crate) fn held_nonces(&self, chain: ChainId, account: Address) -> Result<BTreeSet<u64>> {
        self.read(|db, seal| held(db, &seal.account_tag(chain, account)))
    }
}

/// Puts a transaction on its nonce; a replacement takes the place of what stood there.
pub(super) fn attach(tx: &Transaction<'_>, seal: &Seal, reservation: &Reservation, id: TxId) -> Result<()> {
    let tag = seal.account_tag(reservation.chain, reservation.account);
    let changed =
        tx.execute("UPDATE nonces SET tx = ?1 WHERE account_tag = ?2 AND nonce = ?3", params![id, tag, signed(reservation.nonce)?])?;
    if changed == 0 {
        return Err(WalletError::NotFound { what: format!("reservation of nonce {} (reserve it first)", reservation.nonce) });
    }
    Ok(())
}

/// A transaction is settled. Its nonce is free again, unless another transaction with the same nonce is alive: then that one
/// holds it.
pub(super) fn detach(tx: &Transaction<'_>, seal: &Seal, settled: &TxRecord) -> Result<()> {
    let tag = seal.account_tag(settled.chain, settled.account);
    let mut query = tx.prepare_cached("SELECT id, body FROM transactions WHERE account_tag = ?1 AND settled = 0 ORDER BY id DESC")?;
    let rows = query.query_map([tag], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for row in rows {
        let (id, blob): (i64, Vec<u8>) = row?;
        let other: TxRecord = seal.open("transactions", id, &blob)?;
        if id != settled.id && other.nonce == settled.nonce {
            tx.execute("UPDATE nonces SET tx = ?1 WHERE account_tag = ?2 AND nonce = ?3", params![id, tag, signed(settled.nonce)?])?;
            return Ok(());
        }
    }
    tx.execute("DELETE FROM nonces WHERE account_tag = ?1 AND nonce = ?2", params![tag, signed(settled.nonce)?])?;
    Ok(())
}

fn held(db: &Connection, tag: &[u8; 16]) -> Result<BTreeSet<u64>> {
    let mut query = db.prepare_cached("SELECT nonce FROM nonces WHERE account_tag = ?1")?;
    let rows = query.query_map([tag], |row| row.get::<_, i64>(0))?;
    rows.map(|nonce| Ok(nonce?.unsigned_abs())).collect()
}

fn signed(nonce: u64) -> Result<i64> {
    i64::try_from(nonce).map_err(|_| too_large(nonce))
}

fn too_large(nonce: u64) -> WalletError {
    WalletError::BadAnswer { chain: "the node".into(), method: "eth_getTransactionCount", why: format!("{nonce} is no plausible nonce") }
}
