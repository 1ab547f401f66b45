//! What assets are worth in US dollars: Chainlink-shaped feeds, and two assumptions that are always named.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use parlance_effects::ChainId;
use serde::{Deserialize, Serialize};

use super::abi::Aggregator;
use super::catalogue::{Feed, MAX_PRICE};
use super::client::ChainClient;
use super::wire::Call;
use crate::error::{Result, WalletError};
use crate::store::now;
use crate::tokens::{Token, Trust, Usd, mul_div};

/// A price is asked for again after this long.
const FRESH: Duration = Duration::from_secs(20);
/// A live chain whose newest block is older has stopped, and its feeds with it.
const HALTED: u64 = 900;
/// Tokens that are worth what another asset is, as long as their issuer keeps the promise.
const PEGS: [(&str, &str); 6] =
    [("WBTC", "BTC"), ("CBBTC", "BTC"), ("WETH", "ETH"), ("EURC", "EUR"), ("USDC.E", "USDC"), ("USDBC", "USDC")];

/// A price of one whole unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// US dollars for one whole unit.
    pub usd: Usd,
    /// Who says so.
    pub source: PriceSource,
    /// True where the feed is older than it should be: say so, or do not use it.
    pub stale: bool,
    /// Unix seconds when it was set.
    pub at: u64,
}

/// Who says what an asset is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum PriceSource {
    /// An aggregator on the chain.
    Feed {
        /// Contract.
        feed: Address,
    },
    /// The feed of another asset to which this one is pegged: an assumption.
    Pegged {
        /// Contract.
        feed: Address,
        /// Symbol of the other asset.
        to: String,
    },
    /// One dollar, because the token is one by design and there is no feed: an assumption.
    AssumedStable,
}

impl Price {
    /// What an amount in smallest units is worth.
    pub fn value(&self, amount: U256, decimals: u8) -> Usd {
        self.usd.value_of(amount, decimals)
    }

    /// How many smallest units are worth that much, rounded down.
    pub fn amount_for(&self, worth: Usd, decimals: u8) -> Option<U256> {
        self.usd.amount_for(worth, decimals)
    }

    /// What the person should know about it; `None` where it is fresh and from its own feed.
    pub fn caveat(&self) -> Option<String> {
        let age = now().saturating_sub(self.at) / 60;
        match (&self.source, self.stale) {
            (_, true) => Some(format!("the price is {age} minutes old")),
            (PriceSource::AssumedStable, _) => Some("counted as one dollar each".into()),
            (PriceSource::Pegged { to, .. }, _) => Some(format!("counted as {to}")),
            _ => None,
        }
    }
}

/// When a feed was read, and what it said.
type Known = HashMap<(ChainId, Address), (Instant, Reading)>;

/// Prices, kept for some seconds. Cheap to clone; clones share what they know.
#[derive(Clone, Debug, Default)]
pub struct Prices {
    known: Arc<Mutex<Known>>,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    usd: Usd,
    at: u64,
    stale: bool,
}

impl Prices {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The price of a token. Tokens that the registry does not have never get one by their symbol.
    ///
    /// # Errors
    ///
    /// [`WalletError::NoPrice`]; and what the node answers.
    pub async fn of(&self, client: &ChainClient, token: &Token) -> Result<Price> {
        let none = |why: &str| WalletError::NoPrice { asset: token.symbol.clone(), why: why.to_owned() };
        if token.trust != Trust::Registry {
            return Err(none("it is not in the registry, and anybody can name a token anything"));
        }
        let chain = client.chain();
        let wraps = token.address().is_some() && token.address() == chain.wrapped_native;
        if let Some(feed) = chain.feed(if wraps { &chain.native } else { &token.symbol }) {
            let reading = self.read(client, feed).await?;
            return Ok(reading.price(PriceSource::Feed { feed: feed.address }));
        }
        let symbol = token.symbol.to_uppercase();
        if let Some((_, to)) = PEGS.iter().find(|(pegged, _)| *pegged == symbol)
            && let Some(feed) = chain.feed(to)
        {
            let reading = self.read(client, feed).await?;
            return Ok(reading.price(PriceSource::Pegged { feed: feed.address, to: (*to).to_owned() }));
        }
        if token.usd_stable {
            return Ok(Price { usd: Usd::from_micro(1_000_000), source: PriceSource::AssumedStable, stale: false, at: now() });
        }
        Err(none(&format!("no feed for it is known on {}", chain.title)))
    }

    /// The price that a feed gives, such as a currency's.
    ///
    /// # Errors
    ///
    /// As [`Prices::of`].
    pub async fn feed(&self, client: &ChainClient, feed: &Feed) -> Result<Price> {
        let reading = self.read(client, feed).await?;
        Ok(reading.price(PriceSource::Feed { feed: feed.address }))
    }

    async fn read(&self, client: &ChainClient, feed: &Feed) -> Result<Reading> {
        let key = (client.chain().id, feed.address);
        let known = self.known().get(&key).filter(|(asked, _)| asked.elapsed() < FRESH).map(|(_, reading)| *reading);
        if let Some(reading) = known {
            return Ok(reading);
        }
        let reading = read_feed(client, feed).await?;
        self.known().insert(key, (Instant::now(), reading));
        Ok(reading)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    const fn price(self, source: PriceSource) -> Price {
        Price { usd: self.usd, source, stale: self.stale, at: self.at }
    }
}

async fn read_feed(client: &ChainClient, feed: &Feed) -> Result<Reading> {
    let none = |why: String| WalletError::NoPrice { asset: feed.base.clone(), why };
    let ask = |data: Vec<u8>| Call::new(Address::ZERO, feed.address).data(data);
    let calls = vec![
        ask(Aggregator::descriptionCall {}.abi_encode()),
        ask(Aggregator::decimalsCall {}.abi_encode()),
        ask(Aggregator::latestRoundDataCall {}.abi_encode()),
    ];
    let (answers, head) = tokio::try_join!(client.call_many(calls), client.head())?;
    let [Ok(description), Ok(decimals), Ok(round)] = answers.as_slice() else {
        return Err(none(format!("the contract {} does not answer as a feed", feed.address)));
    };
    let unread = |error: alloy_sol_types::Error| none(format!("the feed's answer can't be read: {error}"));
    let description = Aggregator::descriptionCall::abi_decode_returns(description).map_err(unread)?;
    let decimals = Aggregator::decimalsCall::abi_decode_returns(decimals).map_err(unread)?;
    let round = Aggregator::latestRoundDataCall::abi_decode_returns(round).map_err(unread)?;
    // A wrong address in a catalogue must not become a wrong price.
    let (base, quote) = description.split_once('/').unwrap_or((&description, ""));
    if !base.trim().eq_ignore_ascii_case(&feed.base) || !quote.trim().to_uppercase().starts_with("USD") {
        let got = crate::tokens::clean(&description, 40);
        return Err(none(format!("the feed is {got:?}, expected \"{} / USD\"", feed.base)));
    }
    if round.answer.is_negative() || round.answer.is_zero() || decimals > 30 {
        return Err(none("the feed gives no positive price".into()));
    }
    let micro = mul_div(round.answer.into_raw(), U256::from(1_000_000), U256::from(10).pow(U256::from(decimals)));
    let usd = micro
        .and_then(|micro| u128::try_from(micro).ok())
        .map(Usd::from_micro)
        .filter(|usd| *usd <= MAX_PRICE && *usd > Usd::ZERO)
        .ok_or_else(|| none("the feed's price is not plausible".into()))?;
    let at = u64::try_from(round.updatedAt).map_err(|_| none("the feed's time is not plausible".into()))?;
    // By the chain's own clock, so that a quiet test chain is not taken for an outage; a live chain must also be alive.
    let old = head.timestamp.saturating_sub(at) > feed.heartbeat.saturating_add(feed.heartbeat / 2);
    let halted = !client.chain().testnet && now().saturating_sub(head.timestamp) > HALTED;
    Ok(Reading { usd, at, stale: old || halted || at == 0 })
}
