//! Which chains there are, and how each is reached: the registry, `data/chains.toml`, and the person's own `config.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use alloy_primitives::{Address, B256};
use parlance_effects::{ChainId, Registry, Role};
use serde::Deserialize;
use url::Url;

use crate::error::{Result, WalletError};
use crate::tokens::{Usd, parse_units};

const BUILTIN: &str = include_str!("../../data/chains.toml");
/// Name of the person's own file inside the data folder.
pub const CONFIG_FILE: &str = "config.toml";
const DEFAULT_HEARTBEAT: u64 = 86_400;
const DEFAULT_CONFIRMATIONS: u64 = 12;
const DEFAULT_MIN_TIP: u128 = 1_000_000;

/// All chains that this wallet can use, by rising id.
#[derive(Clone, Debug)]
pub struct Catalogue {
    chains: BTreeMap<ChainId, Chain>,
}

/// One chain and how it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// EIP-155 chain id.
    pub id: ChainId,
    /// Id-name: `ethereum`, `base`.
    pub name: String,
    /// Name for people: `Ethereum`.
    pub title: String,
    /// Symbol of the native coin (18 decimals).
    pub native: String,
    /// JSON-RPC endpoints, in order of preference.
    pub endpoints: Vec<Url>,
    /// Takes raw transactions without showing them to the public mempool.
    pub private_relay: Option<Url>,
    /// True where inclusion also costs a data fee (`GasPriceOracle`).
    pub op_stack: bool,
    /// True where coins are worth nothing.
    pub testnet: bool,
    /// Multicall3.
    pub multicall: Option<Address>,
    /// Uniswap Permit2.
    pub permit2: Option<Address>,
    /// WETH9 and kin.
    pub wrapped_native: Option<Address>,
    /// ENS registry (EIP-137).
    pub ens: Option<Address>,
    /// Price feeds in US dollars.
    pub feeds: Vec<Feed>,
    /// Block explorer.
    pub explorer: Option<Url>,
    /// Blocks after which a transaction is called final.
    pub confirmations: u64,
    /// Least priority fee that is taken, wei per gas.
    pub min_tip: u128,
}

/// A Chainlink aggregator (AggregatorV3Interface).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Symbol whose price in US dollars it gives.
    pub base: String,
    /// Contract.
    pub address: Address,
    /// Seconds within which it must move.
    pub heartbeat: u64,
}

impl Catalogue {
    /// Registry and built-in endpoints.
    pub fn builtin() -> Self {
        let mut catalogue = Self::of_registry(Registry::builtin_ref());
        catalogue.overlay(BUILTIN, "chains.toml").expect("chains.toml is compiled in and checked by tests");
        catalogue
    }

    /// Built-in, then `[[chains]]` of `config.toml` in the data folder, where there is one. An entry there with the id of a
    /// known chain replaces what it names; a new id needs `name`, `native` and `endpoints`.
    ///
    /// # Errors
    ///
    /// [`WalletError::Config`] with the place, [`WalletError::Io`] where the file is there and can't be read.
    pub fn load(data_dir: &Path) -> Result<Self> {
        let mut catalogue = Self::builtin();
        let path = data_dir.join(CONFIG_FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => catalogue.overlay(&text, CONFIG_FILE)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(WalletError::io(&path)(error)),
        }
        Ok(catalogue)
    }

    /// Built-in, then the `[[chains]]` of a text: what [`Catalogue::load`] would read from a file.
    ///
    /// # Errors
    ///
    /// [`WalletError::Config`] with the place.
    pub fn of_text(text: &str) -> Result<Self> {
        let mut catalogue = Self::builtin();
        catalogue.overlay(text, CONFIG_FILE)?;
        Ok(catalogue)
    }

    /// The chain with that id-name, title or id; case does not matter.
    pub fn by_name(&self, name: &str) -> Result<&Chain> {
        let wanted = name.trim();
        self.chains
            .values()
            .find(|c| c.name.eq_ignore_ascii_case(wanted) || c.title.eq_ignore_ascii_case(wanted) || wanted.parse() == Ok(c.id))
            .ok_or_else(|| self.unknown(name))
    }

    /// The chain with that EIP-155 id.
    pub fn by_id(&self, id: ChainId) -> Result<&Chain> {
        self.chains.get(&id).ok_or_else(|| self.unknown(&id.to_string()))
    }

    /// All chains, by rising id.
    pub fn iter(&self) -> impl Iterator<Item = &Chain> {
        self.chains.values()
    }

    /// Adds or replaces a chain.
    pub fn insert(&mut self, chain: Chain) {
        self.chains.insert(chain.id, chain);
    }

    fn unknown(&self, got: &str) -> WalletError {
        let known: Vec<_> = self.chains.values().map(|c| c.name.as_str()).collect();
        WalletError::UnknownChain { got: got.to_owned(), known: known.join(", ") }
    }

    fn of_registry(registry: &Registry) -> Self {
        let chains = registry.chains().map(|c| {
            let feeds = registry.contracts(c.id).filter_map(|contract| match &contract.role {
                Role::PriceFeed { base } => Some(Feed { base: base.clone(), address: contract.address, heartbeat: DEFAULT_HEARTBEAT }),
                _ => None,
            });
            let chain = Chain {
                id: c.id,
                name: c.key.clone(),
                title: c.name.clone(),
                native: c.native.symbol.clone(),
                endpoints: Vec::new(),
                private_relay: None,
                op_stack: c.data_fee,
                testnet: c.testnet,
                multicall: registry.with_role(c.id, &Role::Multicall3),
                permit2: registry.with_role(c.id, &Role::Permit2),
                wrapped_native: registry.wrapped_native(c.id),
                ens: None,
                feeds: feeds.collect(),
                explorer: None,
                confirmations: DEFAULT_CONFIRMATIONS,
                min_tip: DEFAULT_MIN_TIP,
            };
            (c.id, chain)
        });
        Self { chains: chains.collect() }
    }

    fn overlay(&mut self, text: &str, file: &str) -> Result<()> {
        let bad = |why: String| WalletError::Config { file: file.to_owned(), why };
        let parsed: File = toml::from_str(text).map_err(|error| bad(error.to_string()))?;
        for entry in parsed.chains {
            let id = entry.id;
            let merged = match self.chains.get(&id) {
                Some(known) => entry.over(known.clone()),
                None => entry.fresh(),
            };
            let chain = merged.map_err(|why| bad(format!("chain {id}: {why}")))?;
            if let Some(other) = self.chains.values().find(|c| c.id != id && c.name == chain.name) {
                return Err(bad(format!("chain {id}: the name {} belongs to chain {}", chain.name, other.id)));
            }
            self.chains.insert(id, chain);
        }
        Ok(())
    }
}

impl Chain {
    /// Web page of a transaction.
    pub fn explorer_tx(&self, hash: B256) -> Option<String> {
        self.explorer.as_ref().map(|url| format!("{}/tx/{hash}", url.as_str().trim_end_matches('/')))
    }

    /// Web page of an address.
    pub fn explorer_address(&self, address: Address) -> Option<String> {
        self.explorer.as_ref().map(|url| format!("{}/address/{address}", url.as_str().trim_end_matches('/')))
    }

    /// The feed of a symbol.
    pub fn feed(&self, base: &str) -> Option<&Feed> {
        self.feeds.iter().find(|feed| feed.base.eq_ignore_ascii_case(base))
    }

    /// The same chain with these endpoints only: for the local world and for tests.
    pub fn with_endpoints(mut self, endpoints: impl IntoIterator<Item = Url>) -> Self {
        self.endpoints = endpoints.into_iter().collect();
        self
    }
}

/// The file's form; other sections of `config.toml` belong to others and are left alone.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    chains: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: ChainId,
    name: Option<String>,
    title: Option<String>,
    native: Option<String>,
    endpoints: Option<Vec<Url>>,
    private_relay: Option<Url>,
    op_stack: Option<bool>,
    testnet: Option<bool>,
    multicall: Option<Address>,
    permit2: Option<Address>,
    wrapped_native: Option<Address>,
    ens: Option<Address>,
    #[serde(default)]
    feeds: BTreeMap<String, Address>,
    #[serde(default)]
    heartbeats: BTreeMap<String, u64>,
    explorer: Option<Url>,
    confirmations: Option<u64>,
    min_tip_gwei: Option<String>,
}

impl Entry {
    fn fresh(self) -> Result<Chain, String> {
        if self.id == 0 {
            return Err("0 is no chain id".into());
        }
        let need = |field: &Option<String>, what| field.clone().ok_or(format!("a new chain needs {what}"));
        let name = need(&self.name, "name")?;
        let simple = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !simple || name.len() > 32 || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Err(format!("name {name:?} must be 1 to 32 of a-z, 0-9 and -, and begin with a letter"));
        }
        let chain = Chain {
            id: self.id,
            title: self.title.clone().unwrap_or_else(|| name.clone()),
            name,
            native: need(&self.native, "native")?,
            endpoints: Vec::new(),
            private_relay: None,
            op_stack: false,
            testnet: false,
            multicall: None,
            permit2: None,
            wrapped_native: None,
            ens: None,
            feeds: Vec::new(),
            explorer: None,
            confirmations: DEFAULT_CONFIRMATIONS,
            min_tip: DEFAULT_MIN_TIP,
        };
        self.over(chain)
    }

    fn over(self, mut chain: Chain) -> Result<Chain, String> {
        if let Some(name) = &self.name
            && *name != chain.name
        {
            return Err(format!("it is called {}, not {name}", chain.name));
        }
        if let Some(title) = self.title {
            chain.title = title;
        }
        if let Some(native) = &self.native
            && *native != chain.native
        {
            return Err(format!("its native coin is {}, not {native}", chain.native));
        }
        if let Some(endpoints) = self.endpoints {
            chain.endpoints = endpoints;
        }
        if chain.endpoints.is_empty() {
            return Err("it has no endpoints".into());
        }
        chain.private_relay = self.private_relay.or(chain.private_relay);
        for url in chain.endpoints.iter().chain(&chain.private_relay) {
            check_url(url)?;
        }
        chain.op_stack = self.op_stack.unwrap_or(chain.op_stack);
        chain.testnet = self.testnet.unwrap_or(chain.testnet);
        chain.multicall = self.multicall.or(chain.multicall);
        chain.permit2 = self.permit2.or(chain.permit2);
        chain.wrapped_native = self.wrapped_native.or(chain.wrapped_native);
        chain.ens = self.ens.or(chain.ens);
        chain.explorer = self.explorer.or(chain.explorer);
        chain.confirmations = self.confirmations.unwrap_or(chain.confirmations).max(1);
        if let Some(gwei) = &self.min_tip_gwei {
            let wei = parse_units(gwei, 9).map_err(|error| format!("min_tip_gwei: {error}"))?;
            chain.min_tip = u128::try_from(wei).map_err(|_| "min_tip_gwei is too large".to_owned())?;
        }
        for (base, address) in self.feeds {
            chain.feeds.retain(|feed| !feed.base.eq_ignore_ascii_case(&base));
            chain.feeds.push(Feed { base, address, heartbeat: DEFAULT_HEARTBEAT });
        }
        for (base, seconds) in self.heartbeats {
            let feed = chain.feeds.iter_mut().find(|feed| feed.base.eq_ignore_ascii_case(&base));
            feed.ok_or(format!("heartbeat of {base}, which has no feed"))?.heartbeat = seconds;
        }
        Ok(chain)
    }
}

/// Plain HTTP shows every address to the network and lets it lie: only to this very machine.
pub(crate) fn check_url(url: &Url) -> Result<(), String> {
    let local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(format!("{url} has no host")),
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if local => Ok(()),
        other => Err(format!("{}: {other} is not safe, expected https", url.host_str().unwrap_or_default())),
    }
}

/// Highest price that is believed for one whole unit: beyond it a feed is broken.
pub(crate) const MAX_PRICE: Usd = Usd::from_micro(100_000_000_000_000);

#[cfg(test)]
mod tests {
    use super::*;

    fn overlay(text: &str) -> Result<Catalogue> {
        let mut catalogue = Catalogue::builtin();
        catalogue.overlay(text, "config.toml").map(|()| catalogue)
    }

    #[test]
    fn every_registry_chain_can_be_reached() {
        let catalogue = Catalogue::builtin();
        for chain in Registry::builtin_ref().chains() {
            let reached = catalogue.by_id(chain.id).unwrap();
            assert!(!reached.endpoints.is_empty(), "{}", chain.key);
            assert!(reached.endpoints.iter().all(|url| check_url(url).is_ok()));
            if !chain.testnet {
                assert!(reached.endpoints.len() >= 3, "{}", chain.key);
                assert!(reached.feed(&reached.native).is_some(), "{} has no feed of its coin", chain.key);
                assert!(reached.multicall.is_some() && reached.permit2.is_some() && reached.wrapped_native.is_some());
            }
        }
        assert_eq!(catalogue.by_name("Base").unwrap().id, 8453);
        assert_eq!(catalogue.by_name("10").unwrap().name, "optimism");
        assert!(matches!(catalogue.by_name("solana"), Err(WalletError::UnknownChain { known, .. }) if known.contains("base")));
    }

    #[test]
    fn a_config_file_overrides_and_adds() {
        let text = r#"
            theme = "dark"
            [[chains]]
            id = 1
            endpoints = ["https://node.example"]
            [[chains]]
            id = 5115
            name = "ours"
            native = "ETH"
            endpoints = ["http://127.0.0.1:9000"]
            feeds = { ETH = "0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419" }
            heartbeats = { ETH = 60 }
            min_tip_gwei = "1.5"
        "#;
        let catalogue = overlay(text).unwrap();
        let ethereum = catalogue.by_id(1).unwrap();
        assert_eq!(ethereum.endpoints.len(), 1);
        assert!(ethereum.ens.is_some(), "what is not named stays");
        let ours = catalogue.by_name("ours").unwrap();
        assert_eq!((ours.min_tip, ours.feed("eth").unwrap().heartbeat), (1_500_000_000, 60));
    }

    #[test]
    fn a_bad_config_says_where() {
        for (text, word) in [
            ("[[chains]]\nid = 7\nname = \"x\"\nnative = \"X\"", "endpoints"),
            ("[[chains]]\nid = 1\nendpoints = [\"http://node.example\"]", "https"),
            ("[[chains]]\nid = 1\nendpoints = [\"http://127.0.0.1.evil.example\"]", "https"),
            ("[[chains]]\nid = 7\nname = \"base\"\nnative = \"X\"\nendpoints = [\"https://a.example\"]", "8453"),
            ("[[chains]]\nid = 1\nnative = \"XETH\"", "ETH"),
            ("[[chains]]\nid = 1\nnaem = \"x\"", "naem"),
            ("[[chains]]\nid = 0\nname = \"x\"\nnative = \"X\"\nendpoints = [\"https://a.example\"]", "0"),
            ("[[chains]]\nid = 7\nname = \"Evil\\u202e\"\nnative = \"X\"\nendpoints = [\"https://a.example\"]", "name"),
        ] {
            match overlay(text) {
                Err(error @ WalletError::Config { .. }) => {
                    assert!(error.to_string().contains(word), "{error}")
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
