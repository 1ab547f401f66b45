//! What becomes of a sent transaction. Each look asks the chain anew and believes no earlier answer: blocks can be
//! reorganised away, mempools forget, and another wallet can use the same nonce.

use std::time::Duration;

use alloy_primitives::B256;
use futures::Stream;

use super::client::{ChainClient, NonceAt};
use super::outbox::{Outbox, Route};
use super::wire::Receipt;
use crate::error::{Result, WalletError};
use crate::store::{Store, Stuck, TxId, TxRecord, TxState, now};

/// Minutes without a block after which a public transaction is called slow.
const SLOW: u64 = 10;
/// Minutes after which a relay is taken to have given up (25 blocks of 12 s).
const RELAY_PATIENCE: u64 = 6;

/// Looks after transactions of one chain.
#[derive(Clone, Debug)]
pub struct Watcher {
    store: Store,
    client: ChainClient,
    outbox: Outbox,
}

impl Watcher {
    /// Over a store and a chain.
    pub fn new(store: Store, client: ChainClient) -> Self {
        Self { outbox: Outbox::new(store.clone()), store, client }
    }

    /// One look; what was found is stored before it is returned.
    ///
    /// # Errors
    ///
    /// What the node answers; the stored state stays as it was.
    pub async fn poll(&self, id: TxId) -> Result<TxState> {
        let record = self.store.transaction(id)?;
        let Some(hash) = record.hash.filter(|_| !record.state.is_settled()) else {
            return Ok(record.state);
        };
        if record.chain != self.client.chain().id {
            let why = format!("transaction {id} is on chain {}, this watches {}", record.chain, self.client.chain().id);
            return Err(WalletError::Task(why));
        }
        let state = match self.canonical(hash).await? {
            Some(receipt) => self.mined(&record, receipt).await?,
            None => self.unmined(&record, hash).await?,
        };
        let stored = self.store.update_tx(id, |newest| {
            // A slow look must not undo what a later one settled.
            if !newest.state.is_settled() {
                newest.state = state;
            }
            Ok(())
        })?;
        Ok(stored.state)
    }

    /// Every change of state until it is settled, by looking again and again. Errors are told and do not end the stream.
    pub fn watch(&self, id: TxId) -> impl Stream<Item = Result<TxState>> + Send + 'static {
        let pause = self.pause();
        let first = Looking { watcher: self.clone(), last: None, failures: 0, done: false };
        futures::stream::unfold(first, move |mut looking| async move {
            loop {
                if looking.done {
                    return None;
                }
                if looking.last.is_some() || looking.failures > 0 {
                    // Twice as long after each failure, up to 64 times.
                    tokio::time::sleep(pause * 2u32.pow(looking.failures.min(6))).await;
                }
                match looking.watcher.poll(id).await {
                    Ok(state) => {
                        looking.failures = 0;
                        if looking.last.as_ref() == Some(&state) {
                            continue;
                        }
                        looking.done = state.is_settled();
                        looking.last = Some(state.clone());
                        return Some((Ok(state), looking));
                    }
                    Err(error) => {
                        looking.failures += 1;
                        // What does not pass by itself ends the watch.
                        looking.done = !error.is_transient();
                        return Some((Err(error), looking));
                    }
                }
            }
        })
    }

    fn pause(&self) -> Duration {
        match self.client.chain() {
            chain if chain.id == 1 || chain.id == 11_155_111 => Duration::from_secs(4),
            chain if chain.testnet && chain.confirmations <= 1 => Duration::from_millis(250),
            _ => Duration::from_secs(1),
        }
    }

    /// The receipt, where its block is (still) part of the chain.
    async fn canonical(&self, hash: B256) -> Result<Option<Receipt>> {
        let Some(receipt) = self.client.receipt(hash).await? else {
            return Ok(None);
        };
        let block = self.client.block(receipt.block).await?;
        Ok(block.filter(|block| block.hash == receipt.block_hash).map(|_| receipt))
    }

    async fn mined(&self, record: &TxRecord, receipt: Receipt) -> Result<TxState> {
        let head = self.client.head().await?;
        let confirmations = head.number.saturating_sub(receipt.block).saturating_add(1);
        let settled = confirmations >= self.client.chain().confirmations;
        let Receipt { block, block_hash: hash, .. } = receipt;
        self.store.update_tx(record.id, |newest| {
            newest.fee_paid = Some(receipt.fee);
            newest.sent = newest.sent.or(Some(now()));
            Ok(())
        })?;
        if settled {
            self.settle_rivals(record)?;
        }
        if !receipt.success {
            let reason = match &record.state {
                TxState::Reverted { reason: Some(reason), .. } => Some(reason.clone()),
                _ => self.why(record, block).await,
            };
            return Ok(TxState::Reverted { block, hash, reason, settled });
        }
        Ok(if settled { TxState::Final { block, hash } } else { TxState::Mined { block, hash, confirmations } })
    }

    /// The other transactions with the same nonce can't be mined any more.
    fn settle_rivals(&self, winner: &TxRecord) -> Result<()> {
        for rival in self.store.transactions_with_nonce(winner.chain, winner.account, winner.nonce)? {
            if rival.id != winner.id && !rival.state.is_settled() {
                self.store.update_tx(rival.id, |rival| {
                    rival.state = match rival.state {
                        TxState::Prepared => TxState::Abandoned { why: "its nonce is used up".into() },
                        _ => TxState::Replaced { by: winner.hash },
                    };
                    Ok(())
                })?;
            }
        }
        Ok(())
    }

    /// Replays a failed transaction on the block before; nodes without that state give no reason.
    async fn why(&self, record: &TxRecord, block: u64) -> Option<String> {
        match self.client.replay(record, block.checked_sub(1)?).await {
            Err(WalletError::Reverted { reason }) => Some(reason),
            _ => None,
        }
    }

    async fn unmined(&self, record: &TxRecord, hash: B256) -> Result<TxState> {
        let head = self.client.head().await?;
        let latest = self.client.nonce(record.account, NonceAt::Latest).await?;
        let since = record.sent.unwrap_or(record.created);
        if latest > record.nonce {
            return self.overtaken(record, head.number, since).await;
        }
        let minutes = now().saturating_sub(since) / 60;
        let offers = record.fees.per_gas_ceiling();
        let known = self.client.transaction(hash).await?.is_some();
        if !known {
            match (&record.state, record.route) {
                // Not known to be sent: whoever made it sends it.
                (TxState::Signed, _) => return Ok(TxState::Signed),
                // A relay keeps it from the mempool, so nobody knows it: that is the point.
                (_, Some(Route::Private)) => {
                    let stuck = (minutes >= RELAY_PATIENCE).then_some(Stuck::Slow { minutes });
                    return Ok(TxState::Pending { since, stuck });
                }
                // Mempools forget and blocks are reorganised: it is signed, so it is sent again.
                _ => {
                    self.back_to_pending(record, since)?;
                    match self.outbox.send(&self.client, record.id, Route::Public).await {
                        Ok(_) => tracing::info!(%hash, "sent again: the mempool had lost it"),
                        Err(error) if error.is_transient() => return Err(error),
                        Err(WalletError::NonceUsed { .. }) => {
                            return Ok(TxState::Pending { since, stuck: None });
                        }
                        // Blocks ask for more than it offers, as is said below.
                        Err(WalletError::Underpriced { .. }) if head.base_fee.is_some_and(|base| offers < base) => {}
                        // The mempool gave it up for its replacement, which waits: one of the two gets into a block.
                        Err(WalletError::Underpriced { .. }) if self.rival_waits(record)? => {}
                        Err(error) => {
                            return Ok(TxState::Dropped { why: error.to_string() });
                        }
                    }
                }
            }
        }
        let stuck = match head.base_fee {
            Some(base) if offers < base => Some(Stuck::Underpriced { offers, needs: base.saturating_add(self.client.chain().min_tip) }),
            _ if latest < record.nonce => Some(Stuck::BlockedBy { nonce: latest }),
            _ => (minutes >= SLOW).then_some(Stuck::Slow { minutes }),
        };
        Ok(TxState::Pending { since, stuck })
    }

    /// Another transaction of this wallet with the same nonce is on its way.
    fn rival_waits(&self, record: &TxRecord) -> Result<bool> {
        let same = self.store.transactions_with_nonce(record.chain, record.account, record.nonce)?;
        Ok(same.iter().any(|rival| rival.id != record.id && matches!(rival.state, TxState::Signed | TxState::Pending { .. })))
    }

    /// Its block was reorganised away: it waits again, and is written so before it is sent again.
    fn back_to_pending(&self, record: &TxRecord, since: u64) -> Result<()> {
        if record.state.is_mined() {
            tracing::warn!(id = record.id, "its block is not part of the chain any more");
            self.store.update_tx(record.id, |newest| {
                if newest.state.is_mined() && !newest.state.is_settled() {
                    newest.state = TxState::Pending { since, stuck: None };
                    newest.fee_paid = None;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Its nonce is used, and not by itself as far as this node says. Only what is deep in the chain is believed.
    async fn overtaken(&self, record: &TxRecord, head: u64, since: u64) -> Result<TxState> {
        for rival in self.store.transactions_with_nonce(record.chain, record.account, record.nonce)? {
            if rival.id != record.id
                && let Some(hash) = rival.hash
                && let Some(receipt) = self.canonical(hash).await?
            {
                let deep = head.saturating_sub(receipt.block) + 1 >= self.client.chain().confirmations;
                return Ok(if deep { TxState::Replaced { by: Some(hash) } } else { TxState::Pending { since, stuck: None } });
            }
        }
        let Some(deep) = (head + 1).checked_sub(self.client.chain().confirmations) else {
            return Ok(TxState::Pending { since, stuck: None });
        };
        let settled = self.client.nonce_at_block(record.account, deep).await?;
        if settled <= record.nonce {
            return Ok(TxState::Pending { since, stuck: None });
        }
        // Its own receipt may lag behind the nonce on some nodes: one more look.
        match record.hash {
            Some(hash) if self.canonical(hash).await?.is_some() => Ok(record.state.clone()),
            _ => Ok(TxState::Replaced { by: None }),
        }
    }
}

struct Looking {
    watcher: Watcher,
    last: Option<TxState>,
    failures: u32,
    done: bool,
}
