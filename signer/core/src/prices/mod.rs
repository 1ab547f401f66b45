//! The price book: what the signer believes an asset is worth.
//!
//! The signer has no network. Dollar stablecoins are one dollar; anything else has the price that the owner approved,
//! with its date. A price that the wallet claims may only make a spend dearer.

use std::collections::BTreeMap;

use parlance_effects::{Asset, AssetKind, ChainId};
use parlance_policy::AssetId;
use serde::{Deserialize, Serialize};

/// Chain id of the local world.
pub const LOCAL_CHAIN: u64 = 31_337;
/// Price of the local world's ether, micro-USD: set once by `init-play-money`, for [`LOCAL_CHAIN`] only.
pub const LOCAL_ETHER: u64 = 2_000_000_000;
/// Seconds after which a price is stale: 7 days.
pub const STALE_AFTER: u64 = 7 * 86_400;
/// Percent by which a claimed price may lie from the last approved one before a person is asked.
pub const DRIFT_PERCENT: u64 = 15;
/// One dollar.
pub const DOLLAR: u64 = 1_000_000;

/// Prices that the owner approved.
#[derive(Clone, Debug, Default)]
pub struct PriceBook(BTreeMap<AssetId, Approved>);

/// A price that the owner approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approved {
    /// Micro-USD for one whole unit.
    pub micro_usd: u64,
    /// Unix seconds.
    pub at: u64,
}

/// A price with what is to be said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Micro-USD for one whole unit: the dearer of book and claim.
    pub micro_usd: u64,
    /// Older than [`STALE_AFTER`].
    pub stale: bool,
    /// The claim lies more than [`DRIFT_PERCENT`] from the last approved price.
    pub drifted: bool,
}

impl PriceBook {
    /// The owner approved a price.
    pub fn approve(&mut self, asset: AssetId, micro_usd: u64, at: u64) {
        self.0.insert(asset, Approved { micro_usd, at });
    }

    /// What the book has of exactly this asset.
    #[must_use]
    pub fn approved(&self, asset: AssetId) -> Option<Approved> {
        self.0.get(&asset).copied()
    }

    /// Every approved price.
    pub fn all(&self) -> impl Iterator<Item = (AssetId, Approved)> + '_ {
        self.0.iter().map(|(asset, price)| (*asset, *price))
    }

    /// The price of `asset` at `now`. `claimed` is what the wallet says, micro-USD for a whole unit; `wrapped` is true
    /// where the registry says that the token wraps the chain's own coin. `None` for what the book has no price of.
    #[must_use]
    pub fn price(&self, asset: &Asset, wrapped: bool, claimed: Option<u64>, now: u64) -> Option<Price> {
        let stable = asset.known.as_ref().is_some_and(|known| known.usd_stable);
        let (book, stale) = if stable {
            (DOLLAR, false)
        } else {
            let approved = self.lookup(asset, wrapped)?;
            let local = asset.chain == LOCAL_CHAIN;
            (approved.micro_usd, !local && now.saturating_sub(approved.at) > STALE_AFTER)
        };
        let claim = claimed.unwrap_or(book);
        let drifted = u128::from(claim.abs_diff(book)) * 100 > u128::from(book) * u128::from(DRIFT_PERCENT);
        Some(Price { micro_usd: book.max(claim), stale, drifted })
    }

    /// The asset's own price. The coin of a chain lends it to its wrapped form; ether has one price on all real chains,
    /// the one that was approved last, and another one in the local world.
    fn lookup(&self, asset: &Asset, wrapped: bool) -> Option<Approved> {
        if let Some(own) = self.approved(AssetId::from(asset)) {
            return Some(own);
        }
        if asset.kind != AssetKind::Native && !wrapped {
            return None;
        }
        if !ETHER_CHAINS.contains(&asset.chain) {
            return self.approved(native(asset.chain));
        }
        let ether = |k: &AssetId| k.kind == AssetKind::Native && ETHER_CHAINS.contains(&k.chain);
        let same_world = |k: &AssetId| (k.chain == LOCAL_CHAIN) == (asset.chain == LOCAL_CHAIN);
        self.0.iter().filter(|(k, _)| ether(k) && same_world(k)).map(|(_, p)| *p).max_by_key(|p| p.at)
    }
}

/// The chain's own coin.
#[must_use]
pub fn native(chain: ChainId) -> AssetId {
    AssetId { chain, kind: AssetKind::Native }
}

/// Chains whose own coin is ether.
const ETHER_CHAINS: [u64; 5] = [1, 10, 8453, 42_161, LOCAL_CHAIN];

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::Address;
    use parlance_effects::KnownToken;

    fn asset(chain: u64, kind: AssetKind, symbol: &str, usd_stable: bool) -> Asset {
        Asset { chain, kind, known: Some(KnownToken { symbol: symbol.into(), decimals: 18, usd_stable }) }
    }

    #[test]
    fn a_claim_only_makes_dearer() {
        let mut book = PriceBook::default();
        book.approve(native(1), 2_000_000_000, 100);
        let eth = asset(1, AssetKind::Native, "ETH", false);
        let p = book.price(&eth, false, Some(1), 100).unwrap();
        assert_eq!((p.micro_usd, p.drifted), (2_000_000_000, true));
        let p = book.price(&eth, false, Some(2_100_000_000), 100).unwrap();
        assert_eq!((p.micro_usd, p.drifted), (2_100_000_000, false));
        let usdc = asset(1, AssetKind::Token(Address::ZERO), "USDC", true);
        assert_eq!(book.price(&usdc, false, Some(10), 100).unwrap().micro_usd, DOLLAR);
    }

    #[test]
    fn prices_go_stale_and_tokens_without_an_approved_price_have_none() {
        let mut book = PriceBook::default();
        book.approve(native(1), 2_000_000_000, 100);
        let eth = asset(1, AssetKind::Native, "ETH", false);
        assert!(!book.price(&eth, false, None, 100 + STALE_AFTER).unwrap().stale);
        assert!(book.price(&eth, false, None, 101 + STALE_AFTER).unwrap().stale);
        let token = asset(1, AssetKind::Token(Address::ZERO), "WETH", false);
        assert_eq!(book.price(&token, false, Some(5), 100), None);
        assert!(book.price(&token, true, Some(5), 100).is_some());
    }

    #[test]
    fn the_local_world_lends_no_price_to_a_real_chain() {
        let mut book = PriceBook::default();
        book.approve(native(LOCAL_CHAIN), LOCAL_ETHER, 100);
        assert_eq!(book.price(&asset(1, AssetKind::Native, "ETH", false), false, None, 100), None);
        assert!(book.price(&asset(LOCAL_CHAIN, AssetKind::Native, "ETH", false), false, None, 1 << 40).is_some());
        book.approve(native(1), 3_000_000_000, 200);
        let weth = asset(8453, AssetKind::Token(Address::ZERO), "WETH", false);
        assert_eq!(book.price(&weth, true, None, 200).unwrap().micro_usd, 3_000_000_000);
        assert_eq!(book.price(&asset(137, AssetKind::Native, "POL", false), false, None, 200), None);
    }
}
