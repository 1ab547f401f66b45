//! Transactions: what was meant, what was signed, and what became of it.

use std::fmt;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use parlance_effects::ChainId;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Reservation, Store, fill_body, now};
use crate::chain::{Fees, Route};
use crate::error::{Result, WalletError};

/// Row id of a transaction.
pub type TxId = i64;

/// What a transaction is for; decides its words and its place in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the intents' own")]
pub enum Purpose {
    Send,
    Swap,
    Bridge,
    Wrap,
    Unwrap,
    Approve,
    Revoke,
    /// Replaces a pending one with the same content at a higher fee.
    SpeedUp,
    /// Replaces a pending one with nothing.
    Cancel,
    Agent,
    Loan,
    Other,
}

/// A transaction that is about to be shown to the signer.
#[derive(Clone, Debug)]
pub struct NewTx {
    /// Account, chain and nonce. For a replacement: [`Reservation::of`] the replaced one.
    pub reservation: Reservation,
    /// What it is for.
    pub purpose: Purpose,
    /// The EIP-2718 signing payload.
    pub unsigned: Bytes,
    /// Fees that stand in it.
    pub fees: Fees,
    /// Gas limit that stands in it.
    pub gas_limit: u64,
    /// The grounded intent, for the history and for `speed_up`.
    pub intent: Value,
    /// One sentence for people.
    pub summary: String,
    /// Quotes, prices and names that the preview showed.
    pub quotes: Value,
    /// From which conversation.
    pub conversation: Option<i64>,
    /// Which transaction it takes the place of.
    pub replaces: Option<TxId>,
}

/// A transaction as the store knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TxRecord {
    /// Row id.
    #[serde(skip)]
    pub id: TxId,
    /// Unix seconds.
    pub created: u64,
    /// Unix seconds of the last change of state.
    pub updated: u64,
    /// Signing account.
    pub account: Address,
    /// Chain.
    pub chain: ChainId,
    /// Nonce.
    pub nonce: u64,
    /// What it is for.
    pub purpose: Purpose,
    /// The EIP-2718 signing payload.
    pub unsigned: Bytes,
    /// keccak256 of `unsigned`: what the key signs.
    pub digest: B256,
    /// Fees that stand in it.
    pub fees: Fees,
    /// Gas limit that stands in it.
    pub gas_limit: u64,
    /// The grounded intent.
    pub intent: Value,
    /// One sentence for people.
    pub summary: String,
    /// Quotes, prices and names that the preview showed.
    pub quotes: Value,
    /// From which conversation.
    pub conversation: Option<i64>,
    /// Which transaction it takes the place of.
    pub replaces: Option<TxId>,
    /// Signed bytes, once the signer gave them.
    pub raw: Option<Bytes>,
    /// Transaction hash, once signed.
    pub hash: Option<B256>,
    /// How it was sent last.
    pub route: Option<Route>,
    /// Unix seconds when a node took it first.
    pub sent: Option<u64>,
    /// What inclusion cost, in wei of the native coin, once mined.
    pub fee_paid: Option<U256>,
    /// Where it is.
    pub state: TxState,
}

/// Where a transaction is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TxState {
    /// Built, not signed yet.
    Prepared,
    /// Signed and stored; not known to be sent.
    Signed,
    /// A node has taken it.
    Pending {
        /// Unix seconds.
        since: u64,
        /// Why it does not move, where that is known.
        stuck: Option<Stuck>,
    },
    /// In a block that may still be reorganised away.
    Mined {
        /// Block number.
        block: u64,
        /// Block hash, checked again at every look.
        hash: B256,
        /// Blocks on top of it and itself.
        confirmations: u64,
    },
    /// Deep enough in the chain.
    Final {
        /// Block number.
        block: u64,
        /// Block hash.
        hash: B256,
    },
    /// In a block, and failed: the fee is paid, nothing else happened.
    Reverted {
        /// Block number.
        block: u64,
        /// Block hash.
        hash: B256,
        /// Decoded, where the node replays it.
        reason: Option<String>,
        /// True once it is deep enough.
        settled: bool,
    },
    /// Another transaction with its nonce is in the chain.
    Replaced {
        /// Which, where it is one of this wallet's.
        by: Option<B256>,
    },
    /// No node knows it any more, and sending it again did not help. It could still be mined while its nonce is free.
    Dropped {
        /// The node's words.
        why: String,
    },
    /// Never signed.
    Abandoned {
        /// Why.
        why: String,
    },
}

/// Why a pending transaction does not move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stuck", rename_all = "snake_case")]
pub enum Stuck {
    /// It pays less than blocks ask for now.
    Underpriced {
        /// Wei per gas that it offers at most.
        #[serde(with = "crate::chain::decimal")]
        offers: u128,
        /// Wei per gas that the next block asks for.
        #[serde(with = "crate::chain::decimal")]
        needs: u128,
    },
    /// An earlier transaction of the account has to go first.
    BlockedBy {
        /// The nonce that is waited for.
        nonce: u64,
    },
    /// It has waited long without a visible reason.
    Slow {
        /// For how long.
        minutes: u64,
    },
}

impl TxState {
    /// True where nothing will change any more.
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Final { .. } | Self::Replaced { .. } | Self::Abandoned { .. } | Self::Reverted { settled: true, .. })
    }

    /// True where a signature exists that could still be mined.
    pub const fn is_outstanding(&self) -> bool {
        matches!(self, Self::Signed | Self::Pending { .. } | Self::Dropped { .. })
    }

    /// True where it is in a block.
    pub const fn is_mined(&self) -> bool {
        matches!(self, Self::Mined { .. } | Self::Final { .. } | Self::Reverted { .. })
    }
}

impl fmt::Display for TxState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prepared => write!(f, "prepared, not signed"),
            Self::Signed => write!(f, "signed, not sent yet"),
            Self::Pending { stuck: None, .. } => write!(f, "sent, waiting for a block"),
            Self::Pending { stuck: Some(stuck), .. } => write!(f, "waiting: {stuck}"),
            Self::Mined { block, confirmations, .. } => write!(f, "in block {block}, {confirmations} confirmation(s)"),
            Self::Final { block, .. } => write!(f, "done, final in block {block}"),
            Self::Reverted { block, reason: Some(reason), .. } => write!(f, "failed in block {block}: {reason}. Only the fee was paid"),
            Self::Reverted { block, reason: None, .. } => write!(f, "failed in block {block}. Only the fee was paid"),
            Self::Replaced { by: Some(hash) } => write!(f, "replaced by {hash}"),
            Self::Replaced { by: None } => write!(f, "replaced by a transaction that another wallet made with the same account"),
            Self::Dropped { why } => write!(f, "dropped by the network ({why}); it can be sent again or replaced"),
            Self::Abandoned { why } => write!(f, "not sent: {why}"),
        }
    }
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gwei = |wei: &u128| crate::tokens::format_units(U256::from(*wei), 9);
        match self {
            Self::Underpriced { offers, needs } => {
                write!(f, "it offers {} gwei, blocks ask for {} gwei; say \"speed it up\" or \"cancel it\"", gwei(offers), gwei(needs))
            }
            Self::BlockedBy { nonce } => {
                write!(f, "the transaction with nonce {nonce} has to go first")
            }
            Self::Slow { minutes } => write!(f, "no block has taken it for {minutes} minutes; say \"speed it up\" or \"cancel it\""),
        }
    }
}

/// Which transactions; the default is all of them.
#[derive(Clone, Debug, Default)]
pub struct TxFilter {
    /// Of this account.
    pub account: Option<Address>,
    /// On this chain.
    pub chain: Option<ChainId>,
    /// Only those whose state can still change.
    pub unsettled: bool,
    /// From this conversation.
    pub conversation: Option<i64>,
    /// At most so many, the latest.
    pub limit: Option<usize>,
}

impl Store {
    /// Writes down a transaction before the signer sees it: state [`TxState::Prepared`].
    pub(crate) fn insert_tx(&self, new: NewTx) -> Result<TxRecord> {
        let at = now();
        let Reservation { account, chain, nonce } = new.reservation;
        let mut record = TxRecord {
            id: 0,
            created: at,
            updated: at,
            account,
            chain,
            nonce,
            purpose: new.purpose,
            digest: keccak256(&new.unsigned),
            unsigned: new.unsigned,
            fees: new.fees,
            gas_limit: new.gas_limit,
            intent: new.intent,
            summary: new.summary,
            quotes: new.quotes,
            conversation: new.conversation,
            replaces: new.replaces,
            raw: None,
            hash: None,
            route: None,
            sent: None,
            fee_paid: None,
            state: TxState::Prepared,
        };
        record.id = self.write(|tx, seal| {
            let tag = seal.account_tag(chain, account);
            tx.execute("INSERT INTO transactions (settled, account_tag, body) VALUES (0, ?1, x'')", [tag])?;
            let id = fill_body(tx, seal, "transactions", &record)?;
            super::nonces::attach(tx, seal, &new.reservation, id)?;
            Ok(id)
        })?;
        Ok(record)
    }

    /// Changes a transaction in one durable step; `change` sees the newest state.
    pub(crate) fn update_tx(&self, id: TxId, change: impl FnOnce(&mut TxRecord) -> Result<()>) -> Result<TxRecord> {
        self.write(|tx, seal| {
            let blob: Option<Vec<u8>> = tx.query_row("SELECT body FROM transactions WHERE id = ?1", [id], |row| row.get(0)).optional()?;
            let blob = blob.ok_or_else(|| WalletError::UnknownTx { what: format!("number {id}") })?;
            let before: TxRecord = seal.open("transactions", id, &blob)?;
            let mut record = TxRecord { id, ..before.clone() };
            change(&mut record)?;
            if record == (TxRecord { id, ..before }) {
                return Ok(record);
            }
            record.updated = now();
            let hash_tag = record.hash.map(|hash| seal.hash_tag(hash));
            tx.execute(
                "UPDATE transactions SET settled = ?1, hash_tag = ?2, body = ?3 WHERE id = ?4",
                params![record.state.is_settled(), hash_tag, seal.seal("transactions", id, &record)?, id],
            )?;
            if record.state.is_settled() {
                super::nonces::detach(tx, seal, &record)?;
            }
            Ok(record)
        })
    }

    /// The transaction in that row.
    pub fn transaction(&self, id: TxId) -> Result<TxRecord> {
        self.tx_rows("WHERE id = ?1 LIMIT ?2", params![id, 1])?.pop().ok_or_else(|| WalletError::UnknownTx { what: format!("number {id}") })
    }

    /// The transaction with that hash.
    pub fn transaction_by_hash(&self, hash: B256) -> Result<TxRecord> {
        let tag = self.inner.seal.hash_tag(hash);
        self.tx_rows("WHERE hash_tag = ?1 ORDER BY id DESC LIMIT ?2", params![tag, 1])?.pop().ok_or_else(|| WalletError::unknown_tx(hash))
    }

    /// Transactions, the latest first.
    pub fn transactions(&self, filter: &TxFilter) -> Result<Vec<TxRecord>> {
        let rows = self.tx_rows("WHERE settled = 0 OR NOT ?1 ORDER BY id DESC LIMIT ?2", params![filter.unsettled, -1])?;
        let wanted = rows.into_iter().filter(|tx| {
            filter.account.is_none_or(|a| a == tx.account)
                && filter.chain.is_none_or(|c| c == tx.chain)
                && filter.conversation.is_none_or(|c| Some(c) == tx.conversation)
        });
        Ok(wanted.take(filter.limit.unwrap_or(usize::MAX)).collect())
    }

    /// The transactions of an account with one nonce: an original and its replacements, oldest first.
    pub fn transactions_with_nonce(&self, chain: ChainId, account: Address, nonce: u64) -> Result<Vec<TxRecord>> {
        let tag = self.inner.seal.account_tag(chain, account);
        let mut rows = self.tx_rows("WHERE account_tag = ?1 ORDER BY id LIMIT ?2", params![tag, -1])?;
        rows.retain(|tx| tx.nonce == nonce);
        Ok(rows)
    }

    fn tx_rows(&self, clause: &'static str, with: impl rusqlite::Params) -> Result<Vec<TxRecord>> {
        self.read(|db, seal| {
            let mut query = db.prepare_cached(&format!("SELECT id, body FROM transactions {clause}"))?;
            let rows = query.query_map(with, |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.map(|row| {
                let (id, blob): (i64, Vec<u8>) = row?;
                let record: TxRecord = seal.open("transactions", id, &blob)?;
                Ok(TxRecord { id, ..record })
            })
            .collect()
        })
    }
}
