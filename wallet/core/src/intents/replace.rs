//! Replacements: the same again at a higher fee, or nothing in its place.

use alloy_consensus::Transaction as _;
use alloy_primitives::{Bytes, U256};
use parlance_grounding::Intent;

use super::past;
use crate::{
    Wallet,
    chain::Fees,
    error::{Result, WalletError},
    plan::{Plan, PlannedTx, Replaces, decode_unsigned},
    store::{Purpose, TxRecord},
};

/// Gas of the transaction to oneself that takes another one's place.
const CANCEL_GAS: u64 = 21_000;

/// The waiting transaction again, with fees that a node takes as a replacement and a block takes soon.
///
/// # Errors
/// [`WalletError::Ask`] with code `no_transaction`, [`WalletError::TxState`].
pub(crate) async fn speed_up(wallet: &Wallet, intent: &Intent, tx: Option<&str>) -> Result<Plan> {
    let (record, fees) = replaceable(wallet, tx).await?;
    let old = decode_unsigned(record.account, &record.unsigned)?;
    let to = old.to().ok_or_else(|| WalletError::TxState { id: record.id, state: "a contract creation".into(), expected: "a call" })?;
    let tx = PlannedTx {
        sentence: record.summary.clone(),
        purpose: Purpose::SpeedUp,
        moves: serde_json::from_value(record.quotes["moves"].clone()).unwrap_or(None),
        to,
        value: old.value(),
        data: old.input().clone(),
        gas_limit: record.gas_limit,
        fees,
        replaces: Some(Replaces { id: record.id, nonce: record.nonce }),
        follows: false,
    };
    Ok(plan(intent, &record, tx, vec!["Whichever of the two gets into a block first counts; the other one is void.".into()]))
}

/// A transaction to oneself in the waiting one's place.
///
/// # Errors
/// As [`speed_up`].
pub(crate) async fn cancel(wallet: &Wallet, intent: &Intent, tx: Option<&str>) -> Result<Plan> {
    let (record, fees) = replaceable(wallet, tx).await?;
    let tx = PlannedTx {
        sentence: format!("Cancel: {}", record.summary),
        purpose: Purpose::Cancel,
        moves: None,
        to: record.account,
        value: U256::ZERO,
        data: Bytes::new(),
        gas_limit: CANCEL_GAS,
        fees,
        replaces: Some(Replaces { id: record.id, nonce: record.nonce }),
        follows: false,
    };
    Ok(plan(intent, &record, tx, vec!["It only works if it gets into a block before the one it cancels.".into()]))
}

async fn replaceable(wallet: &Wallet, tx: Option<&str>) -> Result<(TxRecord, Fees)> {
    let record = past::named(wallet, tx, true)?;
    if !record.state.is_outstanding() || record.state.is_mined() {
        return Err(WalletError::TxState { id: record.id, state: record.state.to_string(), expected: "waiting for a block" });
    }
    let fees = wallet.client_of(record.chain)?.replacement_fees(record.fees).await?;
    Ok((record, fees))
}

fn plan(intent: &Intent, record: &TxRecord, tx: PlannedTx, risks: Vec<String>) -> Plan {
    Plan {
        intent: intent.clone(),
        chain: record.chain,
        account: record.account,
        txs: vec![tx],
        parties: Vec::new(),
        risks,
        hesitates: None,
    }
}
