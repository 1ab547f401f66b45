//! The registry's text form.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use serde::Deserialize;

use super::{Chain, Contract, Registry, Role};
use crate::{AssetKind, ChainId, EffectsError, KnownToken};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    chain: Vec<ChainEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChainEntry {
    id: ChainId,
    key: String,
    name: String,
    native: String,
    #[serde(default)]
    data_fee: bool,
    #[serde(default)]
    testnet: bool,
    #[serde(default)]
    tokens: BTreeMap<String, TokenEntry>,
    #[serde(default)]
    contracts: BTreeMap<String, String>,
    #[serde(default)]
    price_feeds: BTreeMap<String, String>,
    #[serde(default)]
    credit_pools: BTreeMap<String, PoolEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenEntry {
    address: String,
    decimals: u8,
    #[serde(default)]
    usd_stable: bool,
    #[serde(default)]
    wraps_native: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolEntry {
    address: String,
    /// Symbol of a token of the same chain.
    asset: String,
}

pub(super) fn parse(text: &str) -> Result<Registry, EffectsError> {
    let file: File = toml::from_str(text).map_err(|error| EffectsError::RegistryText { detail: error.to_string() })?;
    let mut registry = Registry { chains: BTreeMap::new(), contracts: BTreeMap::new() };
    for entry in file.chain {
        let native = KnownToken { symbol: entry.native, decimals: 18, usd_stable: false };
        let (id, key, name) = (entry.id, entry.key, entry.name);
        let taken = registry.chains.values().any(|chain| chain.id == id || chain.key == key || chain.name == name);
        if taken || id == 0 {
            return Err(EffectsError::RegistryText { detail: format!("chain {id} ({key}) stands there twice, or is 0") });
        }
        registry.chains.insert(id, Chain { id, key, name, native, data_fee: entry.data_fee, testnet: entry.testnet });
        for (symbol, token) in entry.tokens {
            let address = checksummed(id, &token.address)?;
            if registry.by_symbol(id, &symbol).is_some() {
                let detail = format!("chain {id} has symbol {symbol} twice");
                return Err(EffectsError::RegistryText { detail });
            }
            let known = KnownToken { symbol: symbol.clone(), decimals: token.decimals, usd_stable: token.usd_stable };
            if token.wraps_native && (registry.wrapped_native(id).is_some() || token.decimals != 18) {
                let detail = format!("chain {id}: {symbol} is a second wrapped coin, or has not 18 decimals");
                return Err(EffectsError::RegistryText { detail });
            }
            let role = if token.wraps_native { Role::WrappedNative(known) } else { Role::Token(known) };
            registry.insert(Contract { chain: id, address, label: symbol, role, added_by_owner: false })?;
        }
        for (role, address) in entry.contracts {
            let address = checksummed(id, &address)?;
            let (label, role) =
                role_named(&role).ok_or_else(|| EffectsError::RegistryText { detail: format!("chain {id}: no role {role}") })?;
            registry.insert(Contract { chain: id, address, label: label.into(), role, added_by_owner: false })?;
        }
        for (base, address) in entry.price_feeds {
            let address = checksummed(id, &address)?;
            let (label, role) = (format!("{base}/USD price feed"), Role::PriceFeed { base });
            registry.insert(Contract { chain: id, address, label, role, added_by_owner: false })?;
        }
        for (lender, pool) in entry.credit_pools {
            let address = checksummed(id, &pool.address)?;
            let Some(AssetKind::Token(asset)) = registry.by_symbol(id, &pool.asset).map(|asset| asset.kind) else {
                let detail = format!("chain {id}: the pool of {lender} lends {}, expected a token of the chain", pool.asset);
                return Err(EffectsError::RegistryText { detail });
            };
            let (label, role) = (format!("{lender}'s pool"), Role::CreditPool { asset });
            registry.insert(Contract { chain: id, address, label, role, added_by_owner: false })?;
        }
    }
    Ok(registry)
}

fn role_named(name: &str) -> Option<(&'static str, Role)> {
    Some(match name {
        "uniswap_v2_router" => ("Uniswap V2 router", Role::UniswapV2Router),
        "uniswap_v2_factory" => ("Uniswap V2 factory", Role::UniswapV2Factory),
        "uniswap_v3_router" => ("Uniswap V3 router", Role::UniswapV3Router),
        "uniswap_v3_router_02" => ("Uniswap router 02", Role::UniswapV3Router02),
        "uniswap_v3_factory" => ("Uniswap V3 factory", Role::UniswapV3Factory),
        "uniswap_v3_quoter" => ("Uniswap V3 quoter", Role::UniswapV3Quoter),
        "permit2" => ("Permit2", Role::Permit2),
        "multicall3" => ("Multicall3", Role::Multicall3),
        _ => return None,
    })
}

fn checksummed(chain: ChainId, text: &str) -> Result<Address, EffectsError> {
    Address::parse_checksummed(text, None).map_err(|error| EffectsError::RegistryText {
        detail: format!("chain {chain}: {text} is no address with EIP-55 checksum: {error}"),
    })
}
