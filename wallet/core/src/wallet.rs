//! A wallet: what a conversation needs of signer, chains, tokens and memory, in one place.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use alloy_primitives::Address;
use parlance_effects::{ChainId, Role};
use tokio_util::sync::CancellationToken;

use crate::{
    chain::{Catalogue, Chain, ChainClient, Nonces, Outbox, Prices},
    credit::Keyring,
    error::{Result, WalletError},
    plan::resolve_address,
    signer::Signer,
    store::{ConversationId, Store},
    tokens::{Token, TokenBook},
    world::World,
};

/// Setting: id-name of the chain that is meant where none is named.
const CHAIN: &str = "chain";

/// A wallet over its data folder.
pub struct Wallet {
    /// The signer process.
    pub signer: Signer,
    /// Durable memory.
    pub store: Store,
    /// Known tokens.
    pub tokens: TokenBook,
    /// Prices by feed.
    pub prices: Prices,
    /// Which nonces are spoken for.
    pub nonces: Nonces,
    /// Prepared, signed and sent transactions.
    pub outbox: Outbox,
    /// The local world, where this folder belongs to one.
    pub world: Option<World>,
    /// Where bank logins are kept.
    pub keyring: Keyring,
    /// What goes on in a conversation and can be stopped.
    stops: Mutex<BTreeMap<ConversationId, CancellationToken>>,
    catalogue: RwLock<Arc<Catalogue>>,
    clients: Mutex<BTreeMap<ChainId, ChainClient>>,
    data: PathBuf,
}

impl Wallet {
    /// Over `data` (the wallet's own part of the data folder is `data/wallet`).
    ///
    /// # Errors
    /// [`WalletError::Config`], [`WalletError::Io`], token book errors.
    pub fn open(data: &Path, signer: Signer, store: Store) -> Result<Self> {
        let world = World::find(data)?;
        let catalogue = RwLock::new(Arc::new(load(data, world.as_ref())?));
        Ok(Self {
            signer,
            tokens: TokenBook::open(store.clone())?,
            prices: Prices::new(),
            nonces: Nonces::new(store.clone()),
            outbox: Outbox::new(store.clone()),
            store,
            world,
            keyring: Keyring::of(data),
            stops: Mutex::default(),
            catalogue,
            clients: Mutex::default(),
            data: data.to_owned(),
        })
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// All chains that can be used, as they are set up now.
    #[must_use]
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Read `config.toml` anew; clients that are already in use elsewhere keep what they have.
    ///
    /// # Errors
    /// [`WalletError::Config`]; then everything stays as it was.
    pub fn reload_catalogue(&self) -> Result<()> {
        let fresh = load(&self.data, self.world.as_ref())?;
        *self.catalogue.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    /// The chain that is meant where none is named: the local one in a local world, else what was chosen last, else Ethereum.
    ///
    /// # Errors
    /// [`WalletError::UnknownChain`] where the chosen one is not set up any more.
    pub fn current_chain(&self) -> Result<Chain> {
        let catalogue = self.catalogue();
        let chain = match (self.store.setting::<String>(CHAIN)?, &self.world) {
            (Some(name), _) => catalogue.by_name(&name),
            (None, Some(world)) => catalogue.by_id(world.chain_id),
            (None, None) => catalogue.by_name("ethereum"),
        };
        chain.cloned()
    }

    /// From now on this chain is meant where none is named.
    ///
    /// # Errors
    /// [`WalletError::UnknownChain`].
    pub fn switch_chain(&self, name: &str) -> Result<Chain> {
        let chain = self.catalogue().by_name(name)?.clone();
        self.store.set(CHAIN, &chain.name)?;
        Ok(chain)
    }

    /// The client of the named chain, or of the current one.
    ///
    /// # Errors
    /// [`WalletError::UnknownChain`].
    pub fn client(&self, name: Option<&str>) -> Result<ChainClient> {
        let id = match name {
            Some(name) => self.catalogue().by_name(name)?.id,
            None => self.current_chain()?.id,
        };
        self.client_of(id)
    }

    /// The client of a chain by id.
    ///
    /// # Errors
    /// [`WalletError::UnknownChain`].
    pub fn client_of(&self, id: ChainId) -> Result<ChainClient> {
        let chain = self.catalogue().by_id(id)?.clone();
        let mut clients = self.clients.lock().map_err(|_| WalletError::Task("a task stopped while it made a chain client".into()))?;
        if let Some(client) = clients.get(&id) {
            return Ok(client.clone());
        }
        let client = ChainClient::with_store(chain, self.store.clone())?;
        clients.insert(id, client.clone());
        Ok(client)
    }

    /// The token of that symbol or contract address. An unknown contract is read from the chain and marked as unknown.
    ///
    /// # Errors
    /// [`WalletError::UnknownToken`], [`WalletError::AmbiguousToken`], [`WalletError::NotAToken`].
    pub async fn token(&self, client: &ChainClient, symbol: &str) -> Result<Token> {
        let chain = client.chain().id;
        if !symbol.starts_with("0x") {
            return self.tokens.resolve(chain, symbol);
        }
        let contract = resolve_address(symbol)?;
        if let Some(known) = self.tokens.at(chain, parlance_effects::AssetKind::Token(contract)) {
            return Ok(known);
        }
        let meta = client.token_meta(contract).await?;
        let judgement = self.tokens.judge(chain, &meta);
        if let Some(real) = judgement.looks_like {
            return Err(WalletError::Ask {
                code: "fake_token",
                message: format!(
                    "The contract {contract} calls itself {}, but it is not the {} that this wallet knows.",
                    meta.symbol, real.symbol
                ),
                remedy: format!("Say {} without an address for the real one. Do not use the other.", real.symbol),
            });
        }
        Ok(Token::unknown(chain, &meta))
    }

    /// The native coin of a client's chain.
    #[must_use]
    pub fn native(&self, client: &ChainClient) -> Token {
        self.tokens.native(client.chain().id).unwrap_or_else(|| Token::native_of(client.chain()))
    }

    /// Stop what goes on in a conversation, where it can be stopped: a proof that is being made. It is told there. False where
    /// there is nothing of the kind; what waits for the signer is taken back by [`Signer::withdraw`].
    pub fn stop(&self, conversation: ConversationId) -> bool {
        let stopped = self.stops.lock().unwrap_or_else(PoisonError::into_inner).remove(&conversation);
        stopped.inspect(CancellationToken::cancel).is_some()
    }

    /// Something begins in a conversation that can be stopped, until what is given back is dropped.
    pub(crate) fn stoppable(&self, conversation: ConversationId) -> Stoppable<'_> {
        let token = CancellationToken::new();
        self.stops.lock().unwrap_or_else(PoisonError::into_inner).insert(conversation, token.clone());
        Stoppable { wallet: self, conversation, token }
    }

    /// Contracts of the registry that can be allowed to spend, by the name that people use (`uniswap`, `permit2`);
    /// the one that is meant by the name alone stands first.
    #[must_use]
    pub fn known_contracts(&self, chain: ChainId, name: &str) -> Vec<(Address, String)> {
        let wanted = name.to_lowercase();
        let rank = |role: &Role| match role {
            Role::UniswapV3Router02 => Some(0),
            Role::UniswapV3Router => Some(1),
            Role::UniswapV2Router => Some(2),
            Role::Permit2 => Some(3),
            _ => None,
        };
        let mut found: Vec<_> = self
            .tokens
            .registry()
            .contracts(chain)
            .filter(|c| c.label.to_lowercase().contains(&wanted))
            .filter_map(|c| rank(&c.role).map(|r| (r, c.address, c.label.clone())))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, address, label)| (address, label)).collect()
    }
}

/// Something that can be stopped while this is there.
pub(crate) struct Stoppable<'a> {
    wallet: &'a Wallet,
    conversation: ConversationId,
    /// Cancelled by [`Wallet::stop`].
    pub(crate) token: CancellationToken,
}

impl Drop for Stoppable<'_> {
    fn drop(&mut self) {
        self.wallet.stops.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.conversation);
    }
}

/// All chains; in a local world its own chain is reached at the world's endpoint.
fn load(data: &Path, world: Option<&World>) -> Result<Catalogue> {
    let mut catalogue = Catalogue::load(data)?;
    if let Some(world) = world {
        let local = catalogue.by_id(world.chain_id)?.clone().with_endpoints([world.rpc_url.clone()]);
        catalogue.insert(local);
    }
    Ok(catalogue)
}
