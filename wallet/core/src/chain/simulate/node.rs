//! The node as engine: `eth_simulateV1`, without validation, so that fees play no part.

use alloy_primitives::{Bytes, U64};
use alloy_rpc_types_eth::BlockOverrides;
use alloy_rpc_types_eth::simulate::{SimBlock, SimulatePayload};
use alloy_rpc_types_eth::state::{AccountOverride, StateOverride};
use serde::Deserialize;

use super::super::client::ChainClient;
use super::super::wire::{Call, Head};
use super::{Engine, PROBE, PROBE_CODE, Ran};
use crate::error::{Result, WalletError};

pub(super) struct NodeEvm<'a> {
    pub client: &'a ChainClient,
    pub head: Head,
    /// Unix seconds of the simulated block.
    pub time: u64,
}

#[derive(Debug, Deserialize)]
struct BlockWire {
    calls: Vec<CallWire>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CallWire {
    status: U64,
    gas_used: U64,
    #[serde(default)]
    return_data: Bytes,
    #[serde(default)]
    logs: Vec<alloy_rpc_types_eth::Log>,
    error: Option<ErrorWire>,
}

#[derive(Debug, Deserialize)]
struct ErrorWire {
    message: String,
    #[serde(default)]
    data: Option<Bytes>,
}

impl Engine for NodeEvm<'_> {
    async fn run(&mut self, calls: &[Call]) -> Result<Vec<Ran>> {
        let probe = AccountOverride { code: Some(PROBE_CODE), ..AccountOverride::default() };
        let block = SimBlock {
            block_overrides: Some(BlockOverrides { time: Some(self.time), ..BlockOverrides::default() }),
            state_overrides: Some(StateOverride::from_iter([(PROBE, probe)])),
            calls: calls.iter().map(Call::request).collect(),
        };
        let payload = SimulatePayload { block_state_calls: vec![block], ..SimulatePayload::default() };
        let answer = self.client.request::<_, Vec<BlockWire>>("eth_simulateV1", (payload, U64::from(self.head.number))).await;
        let blocks = answer.map_err(|error| self.sort(error))?;
        let ran = blocks.into_iter().flat_map(|block| block.calls).map(|call| {
            let (halt, data) = call.error.map_or((None, None), |error| (Some(error.message), error.data));
            Ran {
                ok: call.status == U64::from(1),
                output: data.filter(|data| !data.is_empty()).unwrap_or(call.return_data),
                gas_used: call.gas_used.to(),
                logs: call.logs.into_iter().map(|log| log.inner).collect(),
                halt,
            }
        });
        Ok(ran.collect())
    }
}

impl NodeEvm<'_> {
    /// Nodes say in many words that they lack a method.
    fn sort(&self, error: WalletError) -> WalletError {
        let WalletError::Rpc { chain, code, message, .. } = &error else {
            return error;
        };
        let words = message.to_lowercase();
        let lacks = words.contains("simulatev1")
            || ["not supported", "unsupported", "does not exist", "not available", "not whitelisted", "not allowed"]
                .iter()
                .any(|w| words.contains(w));
        if *code == -38014 {
            let symbol = self.client.chain().native.clone();
            return WalletError::InsufficientFunds { chain: chain.clone(), symbol, why: message.clone() };
        }
        if lacks { WalletError::Unsupported { chain: chain.clone(), method: "eth_simulateV1" } } else { error }
    }
}
