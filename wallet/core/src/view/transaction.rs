//! A transaction and how far it is.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{
    Wallet,
    error::Result,
    store::{TxFilter, TxId, TxRecord, TxState},
    tokens::format_short,
};

/// Most transactions that are told as being on their way.
const SHOWN: usize = 50;

/// A transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TransactionRow {
    /// Row in the store.
    pub id: TxId,
    /// Hash, once signed.
    pub hash: Option<String>,
    /// Id-name of the chain.
    pub chain: String,
    /// In a sentence.
    pub summary: String,
    /// How far it is.
    pub stage: TransactionStage,
    /// The same in words, with what holds it up.
    pub state: String,
    /// Nonce.
    pub nonce: u64,
    /// Block that it is in.
    pub block: Option<u64>,
    /// Blocks on top of it and itself.
    pub confirmations: Option<u64>,
    /// How many make it final.
    pub confirmations_needed: u64,
    /// What it cost, in words.
    pub fee: Option<String>,
    /// Unix seconds.
    pub created: u64,
    /// Unix seconds of the last change.
    pub updated: u64,
    /// True while speeding up and cancelling are possible.
    pub replaceable: bool,
    /// Page of a block explorer.
    pub explorer: Option<String>,
}

/// How far a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are those of `TxState`")]
pub enum TransactionStage {
    Prepared,
    Signed,
    Sent,
    Mined,
    Final,
    Reverted,
    Replaced,
    Dropped,
    Abandoned,
}

/// A transaction of the store, for people.
#[must_use]
pub fn transaction_row(wallet: &Wallet, record: &TxRecord) -> TransactionRow {
    let chain = wallet.catalogue().by_id(record.chain).ok().cloned();
    let (stage, block, confirmations) = match &record.state {
        TxState::Prepared => (TransactionStage::Prepared, None, None),
        TxState::Signed => (TransactionStage::Signed, None, None),
        TxState::Pending { .. } => (TransactionStage::Sent, None, None),
        TxState::Mined { block, confirmations, .. } => (TransactionStage::Mined, Some(*block), Some(*confirmations)),
        TxState::Final { block, .. } => (TransactionStage::Final, Some(*block), None),
        TxState::Reverted { block, .. } => (TransactionStage::Reverted, Some(*block), None),
        TxState::Replaced { .. } => (TransactionStage::Replaced, None, None),
        TxState::Dropped { .. } => (TransactionStage::Dropped, None, None),
        TxState::Abandoned { .. } => (TransactionStage::Abandoned, None, None),
    };
    let native = wallet.tokens.native(record.chain).map(|t| (t.symbol, t.decimals));
    let fee = record.fee_paid.map(|paid| match &native {
        Some((symbol, decimals)) => format!("{} {symbol}", format_short(paid, *decimals)),
        None => format!("{} {}", format_short(paid, 18), chain.as_ref().map_or("", |c| &c.native)),
    });
    TransactionRow {
        id: record.id,
        hash: record.hash.map(|h| h.to_string()),
        chain: chain.as_ref().map_or_else(|| record.chain.to_string(), |c| c.name.clone()),
        summary: record.summary.clone(),
        stage,
        state: record.state.to_string(),
        nonce: record.nonce,
        block,
        confirmations,
        confirmations_needed: chain.as_ref().map_or(1, |c| c.confirmations),
        fee,
        created: record.created,
        updated: record.updated,
        replaceable: record.state.is_outstanding() && record.hash.is_some(),
        explorer: record.hash.and_then(|h| chain.as_ref().and_then(|c| c.explorer_tx(h))),
    }
}

/// Transactions that are on their way: signed or sent, and not final.
///
/// # Errors
/// Store errors.
pub fn outstanding(wallet: &Wallet) -> Result<Vec<TransactionRow>> {
    let filter = TxFilter { unsettled: true, limit: Some(SHOWN), ..TxFilter::default() };
    let records = wallet.store.transactions(&filter)?;
    Ok(records.iter().filter(|r| r.hash.is_some()).map(|r| transaction_row(wallet, r)).collect())
}
