//! Logs of a long range, newest first, within bounds: public nodes cap ranges and results, and differ in how they say so.

use alloy_primitives::B256;
use alloy_rpc_types_eth::{Filter, Log, Topic};

use super::client::ChainClient;
use crate::error::{Result, WalletError};

/// How far a scan goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanLimits {
    /// Blocks back from the newest.
    pub blocks: u64,
    /// Blocks in one request, to begin with; halved where a node refuses.
    pub chunk: u64,
    /// Requests in all.
    pub requests: u32,
    /// Logs in all.
    pub logs: usize,
}

impl Default for ScanLimits {
    /// About a week of Ethereum, or a day of an L2 with two-second blocks.
    fn default() -> Self {
        Self { blocks: 50_000, chunk: 10_000, requests: 40, logs: 5_000 }
    }
}

impl ScanLimits {
    /// From the first block, where nodes allow it.
    pub const fn whole_chain() -> Self {
        Self { blocks: u64::MAX, chunk: 2_000_000, requests: 200, logs: 20_000 }
    }
}

/// What a scan found.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Newest first, across chunks.
    pub logs: Vec<Log>,
    /// True where everything back to the first block was looked at.
    pub complete: bool,
    /// The oldest block that was looked at.
    pub from_block: u64,
}

impl ChainClient {
    /// Logs of any contract with these topics (`None`: any), within limits.
    pub async fn scan(&self, topics: [Option<B256>; 3], limits: ScanLimits) -> Result<Scan> {
        let head = self.head().await?.number;
        let floor = head.saturating_sub(limits.blocks.saturating_sub(1));
        let mut scan = Scan { from_block: head.saturating_add(1), ..Scan::default() };
        let mut chunk = limits.chunk.max(1);
        for _ in 0..limits.requests {
            let Some(to) = scan.from_block.checked_sub(1).filter(|to| *to >= floor) else {
                break;
            };
            let from = to.saturating_sub(chunk - 1).max(floor);
            match self.logs(&filter(topics, from, to)).await {
                Ok(mut logs) => {
                    logs.reverse();
                    scan.from_block = from;
                    scan.logs.extend(logs);
                    if scan.logs.len() >= limits.logs {
                        scan.logs.truncate(limits.logs);
                        return Ok(scan);
                    }
                }
                Err(WalletError::Rpc { .. } | WalletError::BadAnswer { .. }) if chunk > 1 && to > from => chunk = (chunk / 4).max(1),
                Err(error) => return Err(error),
            }
        }
        scan.complete = scan.from_block == 0;
        Ok(scan)
    }
}

fn filter(topics: [Option<B256>; 3], from: u64, to: u64) -> Filter {
    let mut filter = Filter::new().from_block(from).to_block(to);
    for (slot, topic) in filter.topics.iter_mut().zip(topics) {
        if let Some(topic) = topic {
            *slot = Topic::from(topic);
        }
    }
    filter
}
