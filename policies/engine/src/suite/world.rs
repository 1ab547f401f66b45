//! The small world of rule tests: chain 1, six assets, three contacts, one own account beside the signing one.
//!
//! USDC and DAI are dollar stablecoins; ETH and WETH cost $3,000; PEPE is registered without a price; FAKE is not
//! registered; `pool` lends. `alice` has been a contact for 30 days and was paid 5 times, `bob` for 2 hours and never paid, `carol`
//! for 10 days and never paid.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256, keccak256};
use parlance_effects::{Asset, AssetKind, ChainId, KnownToken};

use crate::facts::{ContactFact, Party};
use crate::worth::{Book, Price};

pub(super) const CHAIN: ChainId = 1;

/// Monday 2026-11-23 12:00 UTC.
pub(super) const NOW: i64 = 1_795_435_200;

const TOKENS: [(&str, u8, bool); 5] = [("USDC", 6, true), ("DAI", 18, true), ("ETH", 18, false), ("WETH", 18, false), ("PEPE", 18, false)];

pub(super) struct World {
    pub now: i64,
    pub parties: BTreeMap<Address, Party>,
    prices: BTreeMap<String, u64>,
    stale: bool,
}

impl World {
    pub fn new(now: i64, stale: bool) -> Self {
        let mut world = Self { now, parties: BTreeMap::new(), prices: BTreeMap::new(), stale };
        world.contact("alice", 30 * 86_400, 5);
        world.contact("bob", 2 * 3_600, 0);
        world.contact("carol", 10 * 86_400, 0);
        let party = |party: Party, name: &str| (address(name), party);
        world.parties.extend([
            party(Party { own: Some("main".to_owned()), ..Party::default() }, "account"),
            party(Party { own: Some("savings".to_owned()), ..Party::default() }, "savings"),
            party(Party { registered: Some("Uniswap V3 router".to_owned()), ..Party::default() }, "router"),
            party(Party { registered: Some("Maple's pool".to_owned()), ..Party::default() }, "pool"),
            party(Party { lookalike_of: Some("alice".to_owned()), ..Party::default() }, "lookalike"),
        ]);
        world.set_price("ETH", Some(3_000_000_000));
        world.set_price("WETH", Some(3_000_000_000));
        world
    }

    pub fn contact(&mut self, name: &str, age: i64, paid: u64) {
        let contact = Some(ContactFact { name: name.to_owned(), added: self.now.saturating_sub(age) });
        self.parties.insert(address(name), Party { contact, paid, ..Party::default() });
    }

    pub fn set_price(&mut self, symbol: &str, micro_usd: Option<u64>) {
        match micro_usd {
            Some(price) => self.prices.insert(symbol.to_owned(), price),
            None => self.prices.remove(symbol),
        };
    }

    pub fn named(&self, name: &str) -> Result<Address, String> {
        let found = address(name);
        if self.parties.contains_key(&found) || ["stranger", "contract"].contains(&name) {
            return Ok(found);
        }
        Err(format!("`{name}` is nobody in this world"))
    }
}

impl Book for World {
    fn price(&self, asset: &Asset) -> Option<Price> {
        let symbol = match (&asset.known, asset.kind) {
            (Some(known), _) => known.symbol.as_str(),
            (None, AssetKind::Native) => "ETH",
            (None, AssetKind::Token(_)) => return None,
        };
        self.prices.get(symbol).map(|micro_usd| Price { micro_usd: *micro_usd, fresh: !self.stale })
    }

    fn is_own(&self, address: &Address) -> bool {
        self.parties.get(address).is_some_and(|party| party.own.is_some())
    }

    fn data_fee_per_byte(&self, _chain: ChainId) -> Option<U256> {
        None
    }
}

pub(super) fn account() -> Address {
    address("account")
}

/// A name's address: the last 20 bytes of its keccak256.
pub(super) fn address(name: &str) -> Address {
    Address::from_word(keccak256(name))
}

pub(super) fn asset(symbol: &str) -> Result<Asset, String> {
    let kind = if symbol == "ETH" { AssetKind::Native } else { AssetKind::Token(address(symbol)) };
    if symbol == "FAKE" {
        return Ok(Asset { chain: CHAIN, kind, known: None });
    }
    let found = TOKENS.iter().find(|(name, ..)| *name == symbol);
    let (name, decimals, usd_stable) = found.ok_or_else(|| format!("`{symbol}` is no asset of this world"))?;
    let known = Some(KnownToken { symbol: (*name).to_owned(), decimals: *decimals, usd_stable: *usd_stable });
    Ok(Asset { chain: CHAIN, kind, known })
}

/// Whole units in the smallest unit; FAKE counts as 18 decimals.
pub(super) fn amount(symbol: &str, text: &str) -> Result<U256, String> {
    let decimals = TOKENS.iter().find(|(name, ..)| *name == symbol).map_or(18, |(_, decimals, _)| usize::from(*decimals));
    let wrong = || format!("amount `{text}`, expected a decimal such as 50 or 0.5");
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if rest.len() > decimals {
        return Err(wrong());
    }
    U256::from_str_radix(&format!("{whole}{rest:0<decimals$}"), 10).map_err(|_| wrong())
}
