//! JSON-RPC objects as far as the wallet reads them: tolerant of the extra fields and transaction types that L2 chains have.

use alloy_primitives::{Address, B256, Bytes, TxKind, U64, U128, U256};
use alloy_rpc_types_eth::{Log, TransactionInput, TransactionRequest};
use serde::Deserialize;

/// Something to be called, previewed or estimated: never signed as such.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The caller.
    pub from: Address,
    /// `None` creates a contract.
    pub to: Option<Address>,
    /// In wei.
    pub value: U256,
    /// Calldata or init code.
    pub data: Bytes,
    /// Gas limit; `None` lets the node choose.
    pub gas: Option<u64>,
}

impl Call {
    /// A call without value and data.
    pub const fn new(from: Address, to: Address) -> Self {
        Self { from, to: Some(to), value: U256::ZERO, data: Bytes::new(), gas: None }
    }

    /// With that value, in wei.
    pub const fn value(mut self, value: U256) -> Self {
        self.value = value;
        self
    }

    /// With that calldata.
    pub fn data(mut self, data: impl Into<Bytes>) -> Self {
        self.data = data.into();
        self
    }

    /// With that gas limit.
    pub const fn gas(mut self, gas: u64) -> Self {
        self.gas = Some(gas);
        self
    }

    pub(super) fn request(&self) -> TransactionRequest {
        TransactionRequest {
            from: Some(self.from),
            to: Some(self.to.map_or(TxKind::Create, TxKind::Call)),
            value: Some(self.value),
            // Both names of the field: old nodes know `data` only.
            input: TransactionInput::both(self.data.clone()),
            gas: self.gas,
            ..TransactionRequest::default()
        }
    }
}

/// The newest block, or another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number.
    pub number: u64,
    /// Hash.
    pub hash: B256,
    /// Unix seconds.
    pub timestamp: u64,
    /// Wei per gas; `None` before EIP-1559.
    pub base_fee: Option<u128>,
    /// Gas limit of the block.
    pub gas_limit: u64,
    /// Who gets the priority fees.
    pub(super) beneficiary: Address,
    /// EIP-4399 randomness.
    pub(super) prevrandao: B256,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BlockWire {
    number: U64,
    hash: B256,
    timestamp: U64,
    base_fee_per_gas: Option<U128>,
    gas_limit: U64,
    #[serde(default)]
    miner: Address,
    #[serde(default)]
    mix_hash: B256,
}

impl From<BlockWire> for Head {
    fn from(block: BlockWire) -> Self {
        Self {
            number: block.number.to(),
            hash: block.hash,
            timestamp: block.timestamp.to(),
            base_fee: block.base_fee_per_gas.map(|fee| fee.to()),
            gas_limit: block.gas_limit.to(),
            beneficiary: block.miner,
            prevrandao: block.mix_hash,
        }
    }
}

/// What became of a transaction in a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// Transaction hash.
    pub hash: B256,
    /// False where it reverted.
    pub success: bool,
    /// Block number.
    pub block: u64,
    /// Block hash.
    pub block_hash: B256,
    /// Gas used.
    pub gas_used: u64,
    /// Everything that inclusion cost, in wei: gas, and the data fee of OP-stack chains.
    pub fee: U256,
    /// A created contract.
    pub created: Option<Address>,
    /// Its logs.
    pub logs: Vec<Log>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReceiptWire {
    transaction_hash: B256,
    status: Option<U64>,
    block_number: U64,
    block_hash: B256,
    gas_used: U64,
    effective_gas_price: Option<U128>,
    l1_fee: Option<U256>,
    contract_address: Option<Address>,
    #[serde(default)]
    logs: Vec<Log>,
}

impl From<ReceiptWire> for Receipt {
    fn from(wire: ReceiptWire) -> Self {
        let price = U256::from(wire.effective_gas_price.unwrap_or_default());
        Self {
            hash: wire.transaction_hash,
            success: wire.status.is_none_or(|status| status == U64::from(1)),
            block: wire.block_number.to(),
            block_hash: wire.block_hash,
            gas_used: wire.gas_used.to(),
            fee: price.saturating_mul(U256::from(wire.gas_used)).saturating_add(wire.l1_fee.unwrap_or_default()),
            created: wire.contract_address,
            logs: wire.logs,
        }
    }
}

/// A transaction as a node knows it, mined or not.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenTx {
    /// Hash.
    pub hash: B256,
    /// Sender.
    pub from: Address,
    /// Recipient; `None` for a creation.
    pub to: Option<Address>,
    /// In wei.
    pub value: U256,
    /// `None` while it waits.
    pub block_hash: Option<B256>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FeeHistoryWire {
    #[serde(default)]
    pub base_fee_per_gas: Vec<U128>,
    #[serde(default)]
    pub gas_used_ratio: Vec<f64>,
    pub reward: Option<Vec<Vec<U128>>>,
}
