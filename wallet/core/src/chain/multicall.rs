//! Many reads at once: one Multicall3 where the chain has one, else single calls side by side.

use alloy_primitives::{Address, Bytes};
use futures::StreamExt;

use super::abi::Multicall3;
use super::client::ChainClient;
use super::revert::Revert;
use super::wire::Call;
use crate::error::{Result, WalletError};

/// Calls in one request.
const BATCH: usize = 100;
/// Single calls side by side.
const SIDE_BY_SIDE: usize = 8;

impl ChainClient {
    /// Reads in the order asked. A call that reverts gives its reason; anything else that fails, fails all.
    ///
    /// `from` and `gas` of the calls are not kept where Multicall3 makes them.
    pub async fn call_many(&self, calls: Vec<Call>) -> Result<Vec<Result<Bytes, Revert>>> {
        match self.multicall().await? {
            Some(multicall) if calls.len() > 1 => {
                let mut answers = Vec::with_capacity(calls.len());
                for batch in calls.chunks(BATCH) {
                    answers.extend(self.aggregate(multicall, batch).await?);
                }
                Ok(answers)
            }
            _ => {
                let each = futures::stream::iter(calls).map(|call| async move {
                    match self.call(&call).await {
                        Ok(bytes) => Ok(Ok(bytes)),
                        Err(WalletError::Reverted { reason }) => Ok(Err(Revert { reason, data: Bytes::new() })),
                        Err(error) => Err(error),
                    }
                });
                let answers: Vec<Result<_>> = each.buffered(SIDE_BY_SIDE).collect().await;
                answers.into_iter().collect()
            }
        }
    }

    async fn aggregate(&self, multicall: Address, calls: &[Call]) -> Result<Vec<Result<Bytes, Revert>>> {
        let calls: Vec<_> = calls
            .iter()
            .map(|call| Multicall3::Call3 { target: call.to.unwrap_or_default(), allowFailure: true, callData: call.data.clone() })
            .collect();
        let asked = calls.len();
        let answers = self.call_sol(multicall, Multicall3::aggregate3Call { calls }).await?;
        if answers.len() != asked {
            return Err(self.bad("aggregate3", &format!("got {} answers, expected {asked}", answers.len())));
        }
        Ok(answers.into_iter().map(|a| if a.success { Ok(a.returnData) } else { Err(Revert::decode(a.returnData)) }).collect())
    }

    /// The contract, where it is really there: a fresh local chain has none.
    async fn multicall(&self) -> Result<Option<Address>> {
        let Some(address) = self.inner.chain.multicall else {
            return Ok(None);
        };
        let there = self.inner.multicall.get_or_try_init(|| async { self.code(address).await.map(|code| !code.is_empty()) });
        Ok(there.await?.then_some(address))
    }
}
