//! What the signer knows of chains and contracts: compiled in, and extended only by the owner.

mod data;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};

use crate::{Asset, AssetKind, ChainId, EffectsError, KnownToken};

/// The text that is compiled in.
const BUILTIN: &str = include_str!("../../registry.toml");

/// More decimals than this are taken for a mistake or a trick. (Real tokens have 0 to 24.)
const MOST_DECIMALS: u8 = 36;

/// Chains and contracts by address: the only source of symbols, decimals and meanings.
///
/// What a wallet, a token or a web page says of a contract is a claim and never enters here without the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    chains: BTreeMap<ChainId, Chain>,
    contracts: BTreeMap<(ChainId, Address), Contract>,
}

/// A chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// EIP-155 chain id.
    pub id: ChainId,
    /// Short name for commands: `ethereum`, `base`.
    pub key: String,
    /// Name for people: `Ethereum`, `Base`.
    pub name: String,
    /// The native coin, always 18 decimals.
    pub native: KnownToken,
    /// True where inclusion also costs a data fee that the transaction does not bound (OP stack).
    pub data_fee: bool,
    /// True where coins are worth nothing.
    pub testnet: bool,
}

/// A contract whose calls are understood, or that the wallet reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// Chain.
    pub chain: ChainId,
    /// Address.
    pub address: Address,
    /// Name for people: `USDC`, `Uniswap V2 router`.
    pub label: String,
    /// What it is.
    pub role: Role,
    /// True where the owner added it.
    pub added_by_owner: bool,
}

/// What a contract is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An ERC-20 token.
    Token(KnownToken),
    /// The ERC-20 token that wraps the chain's native coin one to one (WETH9 and kin).
    WrappedNative(KnownToken),
    /// Uniswap V2 `UniswapV2Router02`.
    UniswapV2Router,
    /// Uniswap V2 factory; the wallet reads it.
    UniswapV2Factory,
    /// Uniswap V3 `SwapRouter` (deadlines inside the structs).
    UniswapV3Router,
    /// Uniswap `SwapRouter02` (V2 and V3, sentinel recipients).
    UniswapV3Router02,
    /// Uniswap V3 factory; the wallet reads it.
    UniswapV3Factory,
    /// Uniswap V3 `QuoterV2`; the wallet reads it.
    UniswapV3Quoter,
    /// Uniswap Permit2.
    Permit2,
    /// Multicall3; the wallet reads with it.
    Multicall3,
    /// A Chainlink aggregator of the price of one `base` in US dollars; the wallet reads it.
    PriceFeed {
        /// Symbol whose price it gives.
        base: String,
    },
    /// A pool that lends without collateral (`CreditPool`).
    CreditPool {
        /// The token that it lends; in the registry too.
        asset: Address,
    },
}

/// A token that the owner approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenAddition {
    /// Chain; must be in the registry.
    pub chain: ChainId,
    /// Token contract.
    pub address: Address,
    /// 1 to 16 of `A-Z a-z 0-9 . - _ $ +`, unlike every other symbol on that chain.
    pub symbol: String,
    /// At most 36.
    pub decimals: u8,
}

impl Registry {
    /// What is compiled in (`registry.toml`).
    pub fn builtin() -> Self {
        Self::builtin_ref().clone()
    }

    /// The same without a copy.
    pub fn builtin_ref() -> &'static Self {
        static PARSED: LazyLock<Registry> =
            LazyLock::new(|| Registry::from_toml(BUILTIN).expect("registry.toml is compiled in and checked by tests"));
        &PARSED
    }

    /// Reads the text of a registry. Addresses must carry their EIP-55 checksum.
    ///
    /// # Errors
    ///
    /// [`EffectsError::RegistryText`] where the text can't be read, [`EffectsError::Registry`] for wrong checksums,
    /// duplicates, unknown chains and implausible decimals.
    pub fn from_toml(text: &str) -> Result<Self, EffectsError> {
        data::parse(text)
    }

    /// This registry with tokens that the owner approved. They are never dollar stablecoins to the price book.
    ///
    /// # Errors
    ///
    /// [`EffectsError::Registry`] for an unknown chain, an address that is known already, a symbol that another
    /// contract (or the native coin) has, odd symbols, and implausible decimals.
    pub fn extended_with(&self, additions: impl IntoIterator<Item = TokenAddition>) -> Result<Self, EffectsError> {
        let mut extended = self.clone();
        for TokenAddition { chain, address, symbol, decimals } in additions {
            let refuse = |detail: &str| EffectsError::Registry { chain, address, detail: detail.to_owned() };
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_$+".contains(&byte);
            if symbol.is_empty() || symbol.len() > 16 || !symbol.bytes().all(plain) {
                return Err(refuse("the symbol must be 1 to 16 plain letters, digits or . - _ $ +"));
            }
            if extended.by_symbol(chain, &symbol).is_some() {
                return Err(refuse("the chain has another asset with this symbol"));
            }
            let token = KnownToken { symbol: symbol.clone(), decimals, usd_stable: false };
            extended.insert(Contract { chain, address, label: symbol, role: Role::Token(token), added_by_owner: true })?;
        }
        Ok(extended)
    }

    /// The chain with this id.
    pub fn chain(&self, id: ChainId) -> Option<&Chain> {
        self.chains.get(&id)
    }

    /// The chain that a person calls so: short name, name, or id in decimal; case does not matter.
    pub fn chain_named(&self, name: &str) -> Option<&Chain> {
        let name = name.trim();
        self.chains
            .values()
            .find(|chain| chain.key.eq_ignore_ascii_case(name) || chain.name.eq_ignore_ascii_case(name) || name.parse() == Ok(chain.id))
    }

    /// All chains, by rising id.
    pub fn chains(&self) -> impl Iterator<Item = &Chain> {
        self.chains.values()
    }

    /// The contract at an address.
    pub fn contract(&self, chain: ChainId, address: Address) -> Option<&Contract> {
        self.contracts.get(&(chain, address))
    }

    /// All contracts of a chain, by rising address.
    pub fn contracts(&self, chain: ChainId) -> impl Iterator<Item = &Contract> {
        self.contracts.range((chain, Address::ZERO)..=(chain, Address::repeat_byte(0xff))).map(|(_, contract)| contract)
    }

    /// A name for people of a registered contract.
    pub fn label(&self, chain: ChainId, address: Address) -> Option<&str> {
        self.contract(chain, address).map(|contract| contract.label.as_str())
    }

    /// Symbol and decimals of a registered token.
    pub fn token(&self, chain: ChainId, address: Address) -> Option<&KnownToken> {
        self.contract(chain, address)?.role.token()
    }

    /// All tokens of a chain, without the native coin.
    pub fn tokens(&self, chain: ChainId) -> impl Iterator<Item = Asset> {
        self.contracts(chain).filter_map(move |contract| {
            let known = Some(contract.role.token()?.clone());
            Some(Asset { chain, kind: AssetKind::Token(contract.address), known })
        })
    }

    /// The asset of a token contract, registered or not.
    pub fn token_asset(&self, chain: ChainId, address: Address) -> Asset {
        Asset { chain, kind: AssetKind::Token(address), known: self.token(chain, address).cloned() }
    }

    /// The native coin; `known` is `None` on a chain that is not in the registry.
    pub fn native(&self, chain: ChainId) -> Asset {
        Asset { chain, kind: AssetKind::Native, known: self.chain(chain).map(|chain| chain.native.clone()) }
    }

    /// The asset with this symbol, native coin first; case does not matter.
    pub fn by_symbol(&self, chain: ChainId, symbol: &str) -> Option<Asset> {
        let named = |asset: &Asset| asset.known.as_ref().is_some_and(|known| known.symbol.eq_ignore_ascii_case(symbol));
        Some(self.native(chain)).filter(named).or_else(|| self.tokens(chain).find(named))
    }

    /// The token that wraps the native coin of a chain.
    pub fn wrapped_native(&self, chain: ChainId) -> Option<Address> {
        self.contracts(chain).find(|contract| matches!(contract.role, Role::WrappedNative(_))).map(|contract| contract.address)
    }

    /// The contract with a role that a chain has once, such as [`Role::Permit2`].
    pub fn with_role(&self, chain: ChainId, role: &Role) -> Option<Address> {
        self.contracts(chain).find(|contract| contract.role == *role).map(|contract| contract.address)
    }

    /// The price feed of a symbol in US dollars.
    pub fn price_feed(&self, chain: ChainId, symbol: &str) -> Option<Address> {
        self.contracts(chain)
            .find(|contract| matches!(&contract.role, Role::PriceFeed { base } if base.eq_ignore_ascii_case(symbol)))
            .map(|contract| contract.address)
    }

    /// What the credit pool at an address lends; `None` where no pool is registered.
    pub fn pool_asset(&self, chain: ChainId, pool: Address) -> Option<Asset> {
        match self.contract(chain, pool)?.role {
            Role::CreditPool { asset } => Some(self.token_asset(chain, asset)),
            _ => None,
        }
    }

    fn insert(&mut self, contract: Contract) -> Result<(), EffectsError> {
        let (chain, address) = (contract.chain, contract.address);
        let refuse = |detail: &str| EffectsError::Registry { chain, address, detail: detail.to_owned() };
        if !self.chains.contains_key(&chain) {
            return Err(refuse("the chain is not in the registry"));
        }
        if address.is_zero() {
            return Err(refuse("the zero address is no contract"));
        }
        if contract.role.token().is_some_and(|token| token.decimals > MOST_DECIMALS) {
            return Err(refuse("more than 36 decimals"));
        }
        if self.contracts.contains_key(&(chain, address)) {
            return Err(refuse("the address is known already"));
        }
        if let Role::CreditPool { asset } = contract.role
            && self.token(chain, asset).is_none()
        {
            return Err(refuse("what the pool lends is no token of the registry"));
        }
        self.contracts.insert((chain, address), contract);
        Ok(())
    }
}

impl Role {
    /// Symbol and decimals, where the contract is a token.
    pub fn token(&self) -> Option<&KnownToken> {
        match self {
            Self::Token(token) | Self::WrappedNative(token) => Some(token),
            _ => None,
        }
    }
}
