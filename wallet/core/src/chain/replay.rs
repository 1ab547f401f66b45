//! A stored transaction called again, to learn why it failed.

use alloy_consensus::{Transaction, TxEnvelope};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Bytes, U64};

use super::client::ChainClient;
use super::wire::Call;
use crate::error::{Result, WalletError};
use crate::store::TxRecord;

impl ChainClient {
    /// Calls what the transaction called, on the state after `block`.
    pub(super) async fn replay(&self, record: &TxRecord, block: u64) -> Result<Bytes> {
        let call = call_of(record)?;
        self.request("eth_call", (call.request(), U64::from(block))).await
    }
}

/// The call inside a signed transaction.
pub(super) fn call_of(record: &TxRecord) -> Result<Call> {
    let unsigned = |why: &str| WalletError::SignedDiffers { field: "form", got: why.to_owned(), expected: "a signed transaction".into() };
    let raw = record.raw.as_ref().ok_or_else(|| unsigned("nothing"))?;
    let tx = TxEnvelope::decode_2718_exact(raw).map_err(|error| unsigned(&error.to_string()))?;
    Ok(Call { from: record.account, to: tx.kind().to().copied(), value: tx.value(), data: tx.input().clone(), gas: Some(tx.gas_limit()) })
}
