//! Which symbol means which contract.
//!
//! The registry's tokens come first and can't be overridden. The person's own tokens are kept in the store and found by their
//! symbol, unless that symbol is or looks like one of the registry's: then only their address names them. The signer has its
//! own registry and believes none of this.

use alloy_primitives::Address;
use parlance_effects::{Asset, AssetKind, ChainId, KnownToken, Registry};
use serde::{Deserialize, Serialize};

use super::{looks_like, spam};
use crate::chain::TokenMeta;
use crate::error::{Result, WalletError};
use crate::store::Store;

const SETTING: &str = "tokens";

/// A token, or a native coin, on a chain.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Token {
    /// Chain.
    pub chain: ChainId,
    /// Native coin or contract.
    pub kind: AssetKind,
    /// As it is shown.
    pub symbol: String,
    /// Decimals of the smallest unit.
    pub decimals: u8,
    /// True where one unit is one US dollar by design; only the registry says so.
    pub usd_stable: bool,
    /// Who says what it is.
    pub trust: Trust,
}

/// Who says what a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// The compiled-in registry.
    Registry,
    /// The person added it.
    Owner,
    /// Only the contract itself.
    Unknown,
}

/// What is to be thought of a contract's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Who says what it is.
    pub trust: Trust,
    /// The known token for which it could be mistaken: it is not that one.
    pub looks_like: Option<Token>,
    /// Why it looks like spam.
    pub spam: Option<String>,
}

/// The tokens that this wallet knows.
#[derive(Clone, Debug)]
pub struct TokenBook {
    registry: Registry,
    own: Vec<Own>,
    store: Option<Store>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Own {
    chain: ChainId,
    address: Address,
    symbol: String,
    decimals: u8,
}

impl TokenBook {
    /// The registry's tokens only.
    pub fn builtin() -> Self {
        Self { registry: Registry::builtin(), own: Vec::new(), store: None }
    }

    /// The registry's and the person's own.
    pub fn open(store: Store) -> Result<Self> {
        let own = store.setting(SETTING)?.unwrap_or_default();
        Ok(Self { registry: Registry::builtin(), own, store: Some(store) })
    }

    /// The same book over another registry: for tests and for custom chains.
    pub fn with_registry(mut self, registry: Registry) -> Self {
        self.registry = registry;
        self
    }

    /// The registry below the book: names of routers and other contracts.
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What a symbol or an address (`0x..`) means on a chain; case does not matter.
    ///
    /// # Errors
    ///
    /// [`WalletError::UnknownToken`]; [`WalletError::AmbiguousToken`] where the person added two of one symbol.
    pub fn resolve(&self, chain: ChainId, text: &str) -> Result<Token> {
        let unknown = || WalletError::UnknownToken { symbol: text.to_owned(), chain: self.chain_name(chain) };
        let wanted = text.trim();
        if wanted.starts_with("0x") || wanted.starts_with("0X") {
            let address: Address = wanted.parse().map_err(|_| unknown())?;
            return self.at(chain, AssetKind::Token(address)).ok_or_else(unknown);
        }
        if let Some(token) = self.registry.by_symbol(chain, wanted).and_then(of_registry) {
            return Ok(token);
        }
        let own: Vec<_> = self.own.iter().filter(|t| t.chain == chain && t.symbol.eq_ignore_ascii_case(wanted)).collect();
        match own.as_slice() {
            [] => Err(unknown()),
            [one] if !self.is_shadowed(one) => Ok(one.token()),
            [_] => Err(unknown()),
            several => Err(WalletError::AmbiguousToken {
                symbol: wanted.to_owned(),
                count: several.len(),
                candidates: several.iter().map(|t| format!("{} ({})", t.symbol, t.address)).collect::<Vec<_>>().join(", "),
            }),
        }
    }

    /// The known token of an asset.
    pub fn at(&self, chain: ChainId, kind: AssetKind) -> Option<Token> {
        let asset = match kind {
            AssetKind::Native => self.registry.native(chain),
            AssetKind::Token(address) => self.registry.token_asset(chain, address),
        };
        of_registry(asset).or_else(|| {
            let AssetKind::Token(address) = kind else {
                return None;
            };
            self.own.iter().find(|t| t.chain == chain && t.address == address).map(Own::token)
        })
    }

    /// Native coin, the registry's tokens and the person's own, in this order.
    pub fn on(&self, chain: ChainId) -> Vec<Token> {
        let native = of_registry(self.registry.native(chain));
        let listed = self.registry.tokens(chain).filter_map(of_registry);
        let own = self.own.iter().filter(|t| t.chain == chain).map(Own::token);
        native.into_iter().chain(listed).chain(own).collect()
    }

    /// The native coin of a chain that the registry has.
    pub fn native(&self, chain: ChainId) -> Option<Token> {
        of_registry(self.registry.native(chain))
    }

    /// The token that wraps the native coin.
    pub fn wrapped_native(&self, chain: ChainId) -> Option<Token> {
        self.at(chain, AssetKind::Token(self.registry.wrapped_native(chain)?))
    }

    /// The chains of the registry on which a symbol is known, by rising id.
    pub fn chains_with(&self, symbol: &str) -> Vec<ChainId> {
        self.registry.chains().map(|c| c.id).filter(|id| self.resolve(*id, symbol).is_ok()).collect()
    }

    /// Adds a token of the person's own; adding it again changes nothing.
    ///
    /// # Errors
    ///
    /// [`WalletError::TokenExists`] where its symbol is or looks like that of a token of the registry on that chain.
    pub fn add(&mut self, chain: ChainId, meta: &TokenMeta) -> Result<Token> {
        if let Some(known) = self.at(chain, AssetKind::Token(meta.address)) {
            return Ok(known);
        }
        if let Some(known) = self.resembled(chain, &meta.symbol, Some(meta.address)) {
            let at = match known.kind {
                AssetKind::Native => "the native coin".to_owned(),
                AssetKind::Token(address) => address.to_string(),
            };
            return Err(WalletError::TokenExists { symbol: known.symbol, at, got: meta.address });
        }
        let own = Own { chain, address: meta.address, symbol: meta.symbol.clone(), decimals: meta.decimals };
        let token = own.token();
        let mut all = self.own.clone();
        all.push(own);
        self.keep(all)?;
        Ok(token)
    }

    /// Forgets a token of the person's own.
    pub fn remove(&mut self, chain: ChainId, address: Address) -> Result<()> {
        let mut all = self.own.clone();
        all.retain(|t| (t.chain, t.address) != (chain, address));
        if all.len() == self.own.len() {
            return Err(WalletError::NotFound { what: format!("own token {address} on {}", self.chain_name(chain)) });
        }
        self.keep(all)
    }

    /// What is to be thought of a contract's own words: a `USDC` at another address than the registry's is called a look-alike.
    pub fn judge(&self, chain: ChainId, meta: &TokenMeta) -> Judgement {
        match self.at(chain, AssetKind::Token(meta.address)) {
            Some(known) => Judgement { trust: known.trust, looks_like: None, spam: None },
            None => Judgement {
                trust: Trust::Unknown,
                looks_like: self.resembled(chain, &meta.symbol, Some(meta.address)),
                spam: spam::reason(&meta.name, &meta.symbol),
            },
        }
    }

    /// The token of the registry that `symbol` is or resembles, other than the one at `except`.
    fn resembled(&self, chain: ChainId, symbol: &str, except: Option<Address>) -> Option<Token> {
        let native = of_registry(self.registry.native(chain));
        let listed = self.registry.tokens(chain).filter_map(of_registry);
        native.into_iter().chain(listed).find(|t| except.is_none_or(|a| t.kind != AssetKind::Token(a)) && looks_like(symbol, &t.symbol))
    }

    /// A later release may list a token whose symbol a person's own token has: the registry wins.
    fn is_shadowed(&self, own: &Own) -> bool {
        self.resembled(own.chain, &own.symbol, Some(own.address)).is_some()
    }

    fn keep(&mut self, all: Vec<Own>) -> Result<()> {
        if let Some(store) = &self.store {
            store.set(SETTING, &all)?;
        }
        self.own = all;
        Ok(())
    }

    fn chain_name(&self, chain: ChainId) -> String {
        self.registry.chain(chain).map_or_else(|| chain.to_string(), |c| c.key.clone())
    }
}

impl Token {
    /// A token of which only its own words are known.
    pub fn unknown(chain: ChainId, meta: &TokenMeta) -> Self {
        Self {
            chain,
            kind: AssetKind::Token(meta.address),
            symbol: meta.symbol.clone(),
            decimals: meta.decimals,
            usd_stable: false,
            trust: Trust::Unknown,
        }
    }

    /// The native coin of a chain that the registry does not have.
    pub fn native_of(chain: &crate::chain::Chain) -> Self {
        Self {
            chain: chain.id,
            kind: AssetKind::Native,
            symbol: chain.native.clone(),
            decimals: 18,
            usd_stable: false,
            trust: Trust::Registry,
        }
    }

    /// The contract; `None` for a native coin.
    pub const fn address(&self) -> Option<Address> {
        match self.kind {
            AssetKind::Native => None,
            AssetKind::Token(address) => Some(address),
        }
    }

    /// True for the native coin.
    pub const fn is_native(&self) -> bool {
        matches!(self.kind, AssetKind::Native)
    }

    /// The same in the signer's vocabulary; `known` only where the registry says it.
    pub fn asset(&self) -> Asset {
        let known = (self.trust == Trust::Registry).then(|| KnownToken {
            symbol: self.symbol.clone(),
            decimals: self.decimals,
            usd_stable: self.usd_stable,
        });
        Asset { chain: self.chain, kind: self.kind, known }
    }
}

impl Own {
    fn token(&self) -> Token {
        Token {
            chain: self.chain,
            kind: AssetKind::Token(self.address),
            symbol: self.symbol.clone(),
            decimals: self.decimals,
            usd_stable: false,
            trust: Trust::Owner,
        }
    }
}

fn of_registry(asset: Asset) -> Option<Token> {
    let Asset { chain, kind, known } = asset;
    let KnownToken { symbol, decimals, usd_stable } = known?;
    Some(Token { chain, kind, symbol, decimals, usd_stable, trust: Trust::Registry })
}

#[cfg(test)]
mod tests {
    use alloy_primitives::address;

    use super::*;

    fn meta(byte: u8, symbol: &str, name: &str) -> TokenMeta {
        TokenMeta { address: Address::repeat_byte(byte), name: name.into(), symbol: symbol.into(), decimals: 6 }
    }

    #[test]
    fn resolves_by_symbol_and_address() {
        let book = TokenBook::builtin();
        let usdc = book.resolve(8453, "usdc").unwrap();
        assert_eq!(usdc.address(), Some(address!("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")));
        assert_eq!(book.resolve(8453, "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913").unwrap(), usdc);
        assert!(book.resolve(1, "ETH").unwrap().is_native());
        assert!(matches!(book.resolve(1, "NOPE"), Err(WalletError::UnknownToken { .. })));
        assert!(matches!(book.resolve(1, "0x12"), Err(WalletError::UnknownToken { .. })));
        assert_eq!(book.wrapped_native(137).unwrap().symbol, "WPOL");
        assert!(book.chains_with("USDC").contains(&8453));
    }

    #[test]
    fn a_fake_usdc_is_called_one() {
        let mut book = TokenBook::builtin();
        for fake in ["USDC", "usdc", "USDС", "U\u{200b}SDC"] {
            let meta = meta(0xaa, fake, "USD Coin");
            let judged = book.judge(8453, &meta);
            assert_eq!(judged.trust, Trust::Unknown);
            assert_eq!(judged.looks_like.unwrap().symbol, "USDC");
            assert!(matches!(book.add(8453, &meta), Err(WalletError::TokenExists { .. })));
        }
        let real = TokenMeta { address: address!("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"), ..meta(0, "USDC", "USD Coin") };
        assert_eq!(book.judge(8453, &real), Judgement { trust: Trust::Registry, looks_like: None, spam: None });
    }

    #[test]
    fn own_tokens_are_kept_and_can_be_ambiguous() {
        let store = Store::in_memory().unwrap();
        let mut book = TokenBook::open(store.clone()).unwrap();
        book.add(1, &meta(0x11, "FOO", "Foo")).unwrap();
        book.add(1, &meta(0x11, "FOO", "Foo")).unwrap();
        let again = TokenBook::open(store.clone()).unwrap();
        assert_eq!(again.resolve(1, "foo").unwrap().trust, Trust::Owner);
        assert!(again.resolve(1, "foo").unwrap().asset().known.is_none(), "the signer has not approved it");
        book.add(1, &meta(0x22, "FOO", "Other Foo")).unwrap();
        match book.resolve(1, "FOO") {
            Err(WalletError::AmbiguousToken { count: 2, candidates, .. }) => assert!(candidates.contains("0x2222")),
            other => panic!("{other:?}"),
        }
        book.remove(1, Address::repeat_byte(0x22)).unwrap();
        assert!(book.resolve(1, "FOO").is_ok());
        assert!(book.remove(1, Address::repeat_byte(0x33)).is_err());
    }
}
