//! From prepared to sent: every step is on disk before the side effect that it announces, so that a crash at any point is
//! followed by the same transaction again, never by a second one.

use alloy_consensus::transaction::SignerRecoverable;
use alloy_consensus::{Transaction, TxEnvelope};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{B256, Bytes};
use serde::{Deserialize, Serialize};

use super::client::ChainClient;
use super::endpoints::{host_of, post_json};
use crate::error::{Result, WalletError};
use crate::store::{NewTx, Store, TxFilter, TxId, TxRecord, TxState, now};
use crate::tokens::clean;

/// By which way a transaction goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// To a relay that keeps it from the public mempool.
    Private,
    /// To the chain's endpoints: everybody sees it before it is mined.
    Public,
}

/// What came of sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// A node or the relay took it.
    Accepted,
    /// It was there already; sending twice is harmless.
    AlreadyKnown,
    /// The private way failed. Ask the person, then send with [`Route::Public`].
    NeedsPublic {
        /// Why the private way failed.
        why: String,
    },
}

/// Writes down, sends, and sends again.
#[derive(Clone, Debug)]
pub struct Outbox {
    store: Store,
}

impl Outbox {
    /// Over a store.
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    /// Writes down a transaction before the signer sees it.
    pub fn record(&self, new: NewTx) -> Result<TxRecord> {
        self.store.insert_tx(new)
    }

    /// Writes down the signed bytes before anything is sent. They must be the recorded payload, signed by its account.
    pub fn signed(&self, id: TxId, raw: Bytes) -> Result<TxRecord> {
        self.store.update_tx(id, |record| {
            if !matches!(record.state, TxState::Prepared) {
                return Err(wrong_state(record, "prepared"));
            }
            let hash = check_signed(record, &raw)?;
            record.raw = Some(raw);
            record.hash = Some(hash);
            record.state = TxState::Signed;
            Ok(())
        })
    }

    /// The signer or the person said no: the nonce is free again.
    pub fn abandon(&self, id: TxId, why: &str) -> Result<TxRecord> {
        self.store.update_tx(id, |record| {
            if !matches!(record.state, TxState::Prepared) {
                return Err(wrong_state(record, "prepared"));
            }
            record.state = TxState::Abandoned { why: clean(why, 200) };
            Ok(())
        })
    }

    /// The way that is tried first: private where the chain has a relay.
    pub fn default_route(&self, client: &ChainClient) -> Route {
        if client.chain().private_relay.is_some() { Route::Private } else { Route::Public }
    }

    /// Sends a signed transaction, as often as needed.
    ///
    /// # Errors
    ///
    /// [`WalletError::Offline`] leaves it signed: [`Self::resume`] or another `send` tries again. [`WalletError::NonceUsed`],
    /// [`WalletError::Underpriced`], [`WalletError::InsufficientFunds`] and [`WalletError::Refused`] are the node's verdict.
    pub async fn send(&self, client: &ChainClient, id: TxId, route: Route) -> Result<Sent> {
        let record = self.store.update_tx(id, |record| {
            if !record.state.is_outstanding() {
                return Err(wrong_state(record, "signed or pending"));
            }
            record.route = Some(route);
            Ok(())
        })?;
        let (Some(raw), Some(hash)) = (record.raw.clone(), record.hash) else {
            return Err(wrong_state(&record, "signed"));
        };
        let sent = match route {
            Route::Public => client.send_public(&raw, &record).await?,
            Route::Private => client.send_private(&raw).await?,
        };
        if !matches!(sent, Sent::NeedsPublic { .. }) {
            tracing::info!(%hash, ?route, "transaction sent");
            self.store.update_tx(id, |record| {
                record.sent = record.sent.or(Some(now()));
                if matches!(record.state, TxState::Signed | TxState::Dropped { .. }) {
                    record.state = TxState::Pending { since: record.sent.unwrap_or_else(now), stuck: None };
                }
                Ok(())
            })?;
        }
        Ok(sent)
    }

    /// After a restart, before anything else is made on this chain: gives back nonces that were reserved without a
    /// transaction, abandons what was never signed, sends again what was signed. Returns the transactions that are in flight.
    ///
    /// Where another process owns the data folder ([`Store::own`]), nothing is touched: what looks left over may be its own.
    pub async fn resume(&self, client: &ChainClient) -> Result<Vec<TxRecord>> {
        let chain = client.chain().id;
        let filter = TxFilter { chain: Some(chain), unsettled: true, ..TxFilter::default() };
        if !self.store.own()? {
            return self.store.transactions(&filter);
        }
        for reservation in self.store.bare_reservations()?.into_iter().filter(|r| r.chain == chain) {
            self.store.release_nonce(&reservation)?;
        }
        for record in self.store.transactions(&filter)? {
            match record.state {
                TxState::Prepared => {
                    self.abandon(record.id, "the wallet was closed before it was signed")?;
                }
                TxState::Signed => {
                    let route = record.route.unwrap_or_else(|| self.default_route(client));
                    match self.send(client, record.id, route).await {
                        Ok(sent) => tracing::info!(id = record.id, ?sent, "sent after restart"),
                        // It stays signed; the watcher says what became of it.
                        Err(error) => {
                            tracing::warn!(id = record.id, %error, "not sent after restart")
                        }
                    }
                }
                _ => {}
            }
        }
        self.store.transactions(&filter)
    }
}

impl ChainClient {
    async fn send_public(&self, raw: &Bytes, record: &TxRecord) -> Result<Sent> {
        match self.request::<_, B256>("eth_sendRawTransaction", (raw.clone(),)).await {
            Ok(_) => Ok(Sent::Accepted),
            Err(error) => self.verdict(error, record).await,
        }
    }

    /// Sorts a node's refusal. Nodes agree on codes hardly, on words mostly.
    async fn verdict(&self, error: WalletError, record: &TxRecord) -> Result<Sent> {
        let chain = self.chain().name.clone();
        let (WalletError::Rpc { message: why, .. } | WalletError::Reverted { reason: why }) = &error else {
            return Err(error);
        };
        let why = why.clone();
        let words = why.to_lowercase();
        let says = |list: &[&str]| list.iter().any(|w| words.contains(w));
        if says(&["already known", "already imported", "known transaction", "already in mempool", "alreadyknown", "already exists"]) {
            return Ok(Sent::AlreadyKnown);
        }
        if says(&["nonce too low", "nonce is too low", "invalid nonce", "nonce too small"]) {
            // Mined in the meantime: then it was sent, by this or an earlier try.
            if let Some(hash) = record.hash
                && self.receipt(hash).await?.is_some()
            {
                return Ok(Sent::AlreadyKnown);
            }
            let next = self.nonce(record.account, super::NonceAt::Latest).await?;
            return Err(WalletError::NonceUsed { chain, account: record.account, nonce: record.nonce, next });
        }
        if says(&["underpriced", "max fee per gas less than block base fee", "fee too low", "gas price too low", "feecap", "fee cap"]) {
            return Err(WalletError::Underpriced { nonce: record.nonce, why });
        }
        Err(WalletError::Refused { chain, why })
    }

    async fn send_private(&self, raw: &Bytes) -> Result<Sent> {
        let (Some(relay), Some(url)) = (&self.inner.relay, &self.chain().private_relay) else {
            return Ok(Sent::NeedsPublic { why: format!("{} has no private relay", self.chain().title) });
        };
        let body = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction", "params": [raw] });
        let failed = |why: &str| Sent::NeedsPublic { why: format!("the private relay {}: {}", host_of(url), clean(why, 160)) };
        let (_, answer) = match post_json(relay, url, body.to_string().into_bytes()).await {
            Ok(answer) => answer,
            Err(error) => return Ok(failed(&error.to_string())),
        };
        let Ok(answer) = serde_json::from_slice::<serde_json::Value>(&answer) else {
            return Ok(failed("its answer can't be read"));
        };
        if answer.get("result").is_some_and(serde_json::Value::is_string) {
            return Ok(Sent::Accepted);
        }
        let words = answer.pointer("/error/message").and_then(serde_json::Value::as_str).unwrap_or("it gave no reason");
        if words.to_lowercase().contains("already known") {
            return Ok(Sent::AlreadyKnown);
        }
        Ok(failed(words))
    }
}

/// The signer is trusted, and still: what is sent is what was recorded.
fn check_signed(record: &TxRecord, raw: &Bytes) -> Result<B256> {
    let differs = |field, got: String, expected: String| WalletError::SignedDiffers { field, got, expected };
    let signed =
        TxEnvelope::decode_2718_exact(raw).map_err(|error| differs("form", error.to_string(), "a signed EIP-2718 transaction".into()))?;
    let digest = signed.signature_hash();
    if digest != record.digest {
        return Err(differs("content", digest.to_string(), record.digest.to_string()));
    }
    if signed.nonce() != record.nonce {
        return Err(differs("nonce", signed.nonce().to_string(), record.nonce.to_string()));
    }
    let signer = signed.recover_signer().map_err(|error| differs("signature", error.to_string(), "a valid one".into()))?;
    if signer != record.account {
        return Err(differs("signer", signer.to_string(), record.account.to_string()));
    }
    Ok(*signed.tx_hash())
}

fn wrong_state(record: &TxRecord, expected: &'static str) -> WalletError {
    WalletError::TxState { id: record.id, state: record.state.to_string(), expected }
}
