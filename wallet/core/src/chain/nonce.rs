//! Nonces: reserved durably, one at a time, beside what the chain says.

use alloy_primitives::Address;

use super::client::{ChainClient, NonceAt};
use crate::error::Result;
use crate::store::{Reservation, Store, TxFilter};

/// Hands out nonces. Cheap to make; all state is in the store.
#[derive(Clone, Debug)]
pub struct Nonces {
    store: Store,
}

/// How an account's nonces stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonceState {
    /// The next one that a block will take.
    pub latest: u64,
    /// The next one that the node's mempool would take.
    pub pending: u64,
    /// Held here: reserved, or with a transaction that has not settled.
    pub held: Vec<u64>,
    /// Neither mined, nor in the mempool, nor held, though a later one is held: that later one can't be mined before these.
    pub gaps: Vec<u64>,
    /// In the mempool and not from this wallet.
    pub foreign: Vec<u64>,
}

impl Nonces {
    /// Over a store.
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    /// Holds the account's next free nonce, gaps first. It stays held over restarts, until its transaction settles or it is
    /// given back.
    pub async fn reserve(&self, client: &ChainClient, account: Address) -> Result<Reservation> {
        let (latest, pending) = counts(client, account).await?;
        self.store.reserve_nonce(client.chain().id, account, latest, pending)
    }

    /// Gives back a nonce on which no transaction was recorded.
    pub fn release(&self, reservation: &Reservation) -> Result<()> {
        self.store.release_nonce(reservation)
    }

    /// How an account's nonces stand.
    pub async fn state(&self, client: &ChainClient, account: Address) -> Result<NonceState> {
        let (latest, pending) = counts(client, account).await?;
        let held = self.store.held_nonces(client.chain().id, account)?;
        let top = held.last().copied().unwrap_or(0);
        // Gaps are few: a hostile store or node must not make this loop long.
        let gaps = (pending..top).take(1_000).filter(|n| !held.contains(n)).collect();
        let foreign = (latest..pending).take(1_000).filter(|n| !held.contains(n)).collect();
        Ok(NonceState { latest, pending, held: held.into_iter().collect(), gaps, foreign })
    }

    /// The nonces of transactions that were signed and have not settled, rising.
    pub fn in_flight(&self, chain: parlance_effects::ChainId, account: Address) -> Result<Vec<u64>> {
        let filter = TxFilter { account: Some(account), chain: Some(chain), unsettled: true, ..TxFilter::default() };
        let mut nonces: Vec<_> =
            self.store.transactions(&filter)?.into_iter().filter(|tx| tx.state.is_outstanding()).map(|tx| tx.nonce).collect();
        nonces.sort_unstable();
        nonces.dedup();
        Ok(nonces)
    }
}

async fn counts(client: &ChainClient, account: Address) -> Result<(u64, u64)> {
    let (latest, pending) = tokio::try_join!(client.nonce(account, NonceAt::Latest), client.nonce(account, NonceAt::Pending))?;
    // Two nodes may answer; the mempool is never behind the chain.
    Ok((latest, pending.max(latest)))
}
