//! From broadcast to block: what is told, and what goes into the history.

use std::time::{Duration, Instant};

use alloy_sol_types::SolEvent;
use parlance_credit::pool::Pool;
use parlance_grounding::Intent;

use super::{Conversation, Event, Reached, State, execute, tell};
use crate::{
    Wallet,
    chain::{ChainClient, Watcher},
    error::Result,
    plan::{Moves, Plan},
    store::{ConversationId, Kind, Leg, NewEntry, Purpose, TxId, TxRecord, TxState},
    tokens::Token,
};

/// How often a transaction that nobody waits for is looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long a step that others wait for may take.
const LONG_PATIENCE: Duration = Duration::from_secs(15 * 60);

impl Conversation {
    /// Tell of the broadcast and wait for the block.
    pub(super) async fn sent(&mut self, client: &ChainClient, plan: &Plan, step: usize, id: TxId, then: &[Intent]) -> Result<Reached> {
        let record = self.wallet.store.transaction(id)?;
        let hash = record.hash.map(|h| h.to_string()).unwrap_or_default();
        self.tell(Event::Sent {
            id,
            hash,
            chain: client.chain().name.clone(),
            explorer: record.hash.and_then(|h| client.chain().explorer_tx(h)),
        });
        let more = !then.is_empty() || step + 1 < plan.txs.len();
        if more {
            self.settle(State::Waiting { plan: Box::new(plan.clone()), step, id, then: then.to_vec() })?;
        } else {
            self.settle(State::Idle)?;
        }
        if !more && self.patience.is_zero() {
            self.watch_on(client.clone(), id, self.id);
            return Ok(Reached::Done(None));
        }
        let limit = if more { LONG_PATIENCE } else { self.patience };
        match self.mined(client, id, limit, more).await? {
            Some(TxState::Mined { .. } | TxState::Final { .. }) => Ok(Reached::Done(execute::produced(execute::planned(plan, step)?))),
            Some(_) => {
                self.settle(State::Idle)?;
                Ok(Reached::Stopped)
            }
            None if more => {
                self.settle(State::Idle)?;
                self.say(
                    "It is still not in a block, so what should come after it was not done. Ask for its status, or say \"speed it up\".",
                );
                Ok(Reached::Stopped)
            }
            None => {
                self.say(
                    "It is on its way but not in a block yet; I will tell you. You can say \"speed it up\" or \"cancel the transaction\".",
                );
                self.watch_on(client.clone(), id, self.id);
                Ok(Reached::Done(None))
            }
        }
    }

    /// Look until it is in a block or settled; `None` where that takes longer than `limit`.
    async fn mined(&self, client: &ChainClient, id: TxId, limit: Duration, patient: bool) -> Result<Option<TxState>> {
        let until = Instant::now() + limit;
        let watcher = Watcher::new(self.wallet.store.clone(), client.clone());
        let mut said = Instant::now();
        loop {
            match watcher.poll(id).await {
                Ok(state) if state.is_mined() || state.is_settled() => {
                    for event in report(&self.wallet, client, id).await? {
                        self.tell(event);
                    }
                    return Ok(Some(state));
                }
                Ok(state) if patient && said.elapsed() > Duration::from_secs(30) => {
                    said = Instant::now();
                    self.say(format!("Still waiting: {state}."));
                }
                Ok(_) => {}
                Err(e) if e.is_transient() => tracing::warn!("looking for a transaction: {e}"),
                Err(e) => return Err(e),
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// Go on looking while the conversation does other things, and tell it where the transaction came from.
    pub(super) fn watch_on(&self, client: ChainClient, id: TxId, conversation: ConversationId) {
        let (wallet, events) = (self.wallet.clone(), self.events.clone());
        tokio::spawn(async move {
            let watcher = Watcher::new(wallet.store.clone(), client.clone());
            loop {
                tokio::time::sleep(LOOK_AGAIN).await;
                match watcher.poll(id).await {
                    Ok(state) if state.is_mined() || state.is_settled() => break,
                    Ok(_) => {}
                    Err(e) if e.is_transient() => {}
                    Err(e) => return tell(&wallet, &events, conversation, Event::error(&e)),
                }
            }
            match report(&wallet, &client, id).await {
                Ok(told) => told.into_iter().for_each(|event| tell(&wallet, &events, conversation, event)),
                Err(e) => tell(&wallet, &events, conversation, Event::error(&e)),
            }
        });
    }
}

/// Put a transaction that is in a block or settled into the history, and say so.
pub(super) async fn report(wallet: &Wallet, client: &ChainClient, id: TxId) -> Result<Vec<Event>> {
    let record = wallet.store.transaction(id)?;
    let hash = record.hash.map(|h| h.to_string()).unwrap_or_default();
    let (success, block) = match &record.state {
        TxState::Mined { block, .. } | TxState::Final { block, .. } => (true, *block),
        TxState::Reverted { block, .. } => (false, *block),
        other => return Ok(vec![Event::say(format!("{}: {other}.", record.summary))]),
    };
    wallet.store.add_history(entry(wallet, client, &record, success).await?)?;
    let text = if success {
        format!("Done: {}.", record.summary)
    } else {
        format!("It failed: {}. {}. The fee was paid, nothing else happened.", record.summary, record.state)
    };
    Ok(vec![Event::Receipt { id, hash, success, block, text }])
}

async fn entry(wallet: &Wallet, client: &ChainClient, record: &TxRecord, success: bool) -> Result<NewEntry> {
    let native = wallet.native(client);
    let moves: Option<Moves> = serde_json::from_value(record.quotes["moves"].clone()).unwrap_or(None);
    let mut kind = match record.purpose {
        _ if !success => Kind::Fee,
        Purpose::Send => Kind::Out,
        Purpose::Swap => Kind::Swap,
        Purpose::Bridge => Kind::Bridge,
        Purpose::Wrap | Purpose::Unwrap => Kind::Wrap,
        Purpose::Approve => Kind::Approve,
        Purpose::Revoke => Kind::Revoke,
        Purpose::Cancel => Kind::Fee,
        Purpose::Agent => Kind::Agent,
        Purpose::Loan => Kind::Loan,
        Purpose::SpeedUp => match &moves {
            Some(moves) if moves.becomes.is_some() => Kind::Wrap,
            Some(_) => Kind::Out,
            None => Kind::Other,
        },
        Purpose::Other => Kind::Other,
    };
    let (mut gave, mut got) = (None, None);
    if success && matches!(record.purpose, Purpose::Loan | Purpose::SpeedUp) {
        (gave, got) = lent(wallet, client, record, moves.as_ref()).await;
        // A loan's transaction at a higher fee is still one of a loan.
        if gave.is_some() || got.is_some() {
            kind = Kind::Loan;
        }
    }
    if success
        && matches!(kind, Kind::Out | Kind::Wrap)
        && let Some(moves) = &moves
    {
        let usd = worth(wallet, client, moves).await;
        gave = Some(Leg { asset: moves.asset, symbol: moves.symbol.clone(), decimals: moves.decimals, amount: moves.amount, usd });
        got = moves.becomes.as_ref().map(|(asset, symbol)| Leg {
            asset: *asset,
            symbol: symbol.clone(),
            decimals: moves.decimals,
            amount: moves.amount,
            usd,
        });
    }
    let fee_usd = match (record.fee_paid, wallet.prices.of(client, &native).await) {
        (Some(paid), Ok(price)) => Some(price.value(paid, native.decimals)),
        _ => None,
    };
    let fee = record.fee_paid.map(|amount| Leg {
        asset: native.kind,
        symbol: native.symbol.clone(),
        decimals: native.decimals,
        amount,
        usd: fee_usd,
    });
    Ok(NewEntry {
        at: record.updated,
        kind,
        chain: record.chain,
        account: record.account,
        gave,
        got,
        fee,
        with: moves.as_ref().and_then(|m| m.counterparty),
        with_name: moves.as_ref().and_then(|m| m.name.clone()),
        tx: record.hash,
        note: Some(record.summary.clone()),
    })
}

/// What a loan's transaction moved: as the pool's events say, since all of a debt is known in its block only.
async fn lent(wallet: &Wallet, client: &ChainClient, record: &TxRecord, moves: Option<&Moves>) -> (Option<Leg>, Option<Leg>) {
    let receipt = match record.hash {
        Some(hash) => client.receipt(hash).await.ok().flatten(),
        None => None,
    };
    let logs = receipt.map(|r| r.logs).unwrap_or_default();
    let pool = moves.and_then(|m| m.counterparty);
    let of_pool = || logs.iter().filter(|log| Some(log.address()) == pool);
    let drawn = of_pool().find_map(|log| Pool::Drawn::decode_log(&log.inner).ok()).map(|log| log.data.amount);
    let repaid = of_pool().find_map(|log| Pool::Repaid::decode_log(&log.inner).ok());
    let repaid = repaid.map(|log| log.data.interest.saturating_add(log.data.principal));
    let mut legs = (None, None);
    if let (Some(moves), Some(amount)) = (moves, drawn.or(repaid)) {
        let moves = Moves { amount, ..moves.clone() };
        let usd = worth(wallet, client, &moves).await;
        let leg = Leg { asset: moves.asset, symbol: moves.symbol, decimals: moves.decimals, amount, usd };
        if drawn.is_some() { legs.1 = Some(leg) } else { legs.0 = Some(leg) }
    }
    legs
}

async fn worth(wallet: &Wallet, client: &ChainClient, moves: &Moves) -> Option<crate::tokens::Usd> {
    let token: Token = wallet.tokens.at(client.chain().id, moves.asset)?;
    let price = wallet.prices.of(client, &token).await.ok()?;
    Some(price.value(moves.amount, moves.decimals))
}
