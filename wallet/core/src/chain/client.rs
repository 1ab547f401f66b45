//! One chain, asked in typed calls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use alloy_json_rpc::{RpcRecv, RpcSend};
use alloy_network::Ethereum;
use alloy_primitives::{Address, B256, Bytes, U64, U256};
use alloy_provider::RootProvider;
use alloy_rpc_client::RpcClient;
use alloy_rpc_types_eth::{Filter, Log};
use alloy_sol_types::SolCall;
use alloy_transport::{TransportError, TransportErrorKind};

use super::abi::{Erc20, GasPriceOracle};
use super::catalogue::Chain;
use super::endpoints::{EndpointHealth, EndpointProbe, Endpoints, EndpointsError};
use super::revert::Revert;
use super::wire::{BlockWire, Call, Head, Receipt, ReceiptWire, SeenTx};
use crate::error::{Result, WalletError};
use crate::store::Store;
use crate::tokens::{MAX_NAME, MAX_SYMBOL, clean};

/// OP stack predeploy.
const GAS_PRICE_ORACLE: Address = alloy_primitives::address!("0x420000000000000000000000000000000000000F");
/// More than this is a mistake or a trick.
const MAX_DECIMALS: u8 = 36;

/// A chain that can be asked. Cheap to clone; clones share connections, health and caches.
#[derive(Clone, Debug)]
pub struct ChainClient {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub chain: Chain,
    endpoints: Endpoints,
    rpc: RpcClient,
    provider: RootProvider<Ethereum>,
    pub relay: Option<reqwest::Client>,
    store: Option<Store>,
    metas: Mutex<HashMap<Address, TokenMeta>>,
    pub(super) multicall: tokio::sync::OnceCell<bool>,
    /// Set once a node has said that it has no `eth_simulateV1`.
    pub(super) no_simulate: std::sync::atomic::AtomicBool,
}

/// Which count of an account's transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceAt {
    /// Those in blocks.
    Latest,
    /// And those in the node's mempool.
    Pending,
}

/// What an ERC-20 contract says of itself; cleaned for showing, and never more than a claim.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TokenMeta {
    /// Contract.
    pub address: Address,
    /// Name; may be empty.
    pub name: String,
    /// Symbol; never empty.
    pub symbol: String,
    /// Decimals of the smallest unit, at most 36.
    pub decimals: u8,
}

impl ChainClient {
    /// Opens nothing yet: the first call does.
    pub fn new(chain: Chain) -> Result<Self> {
        Self::build(chain, None)
    }

    /// Remembers between runs which endpoints work.
    pub fn with_store(chain: Chain, store: Store) -> Result<Self> {
        Self::build(chain, Some(store))
    }

    fn build(chain: Chain, store: Option<Store>) -> Result<Self> {
        let endpoints = Endpoints::new(chain.id, &chain.endpoints)?;
        if let Some(store) = &store
            && let Some(earlier) = store.setting::<Vec<EndpointHealth>>(&health_key(&chain))?
        {
            endpoints.remember(&earlier);
        }
        let relay = match &chain.private_relay {
            Some(url) => Some(
                super::endpoints::http_client(url)
                    .map_err(|error| WalletError::Config { file: super::CONFIG_FILE.into(), why: error.to_string() })?,
            ),
            None => None,
        };
        let rpc = RpcClient::new(endpoints.clone(), false);
        let provider = RootProvider::new(rpc.clone());
        let inner = Inner {
            chain,
            endpoints,
            rpc,
            provider,
            relay,
            store,
            metas: Mutex::default(),
            multicall: tokio::sync::OnceCell::new(),
            no_simulate: false.into(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The chain's entry in the catalogue.
    pub fn chain(&self) -> &Chain {
        &self.inner.chain
    }

    /// For calls that this API does not have; same endpoints, same checks.
    pub fn provider(&self) -> &RootProvider<Ethereum> {
        &self.inner.provider
    }

    /// How the endpoints do; stored for the next run where there is a store.
    pub fn health(&self) -> Result<Vec<EndpointHealth>> {
        let health = self.inner.endpoints.health();
        if let Some(store) = &self.inner.store {
            store.set(&health_key(&self.inner.chain), &health)?;
        }
        Ok(health)
    }

    /// Asks each endpoint now, also those that rest.
    pub async fn probe(&self) -> Vec<EndpointProbe> {
        self.inner.endpoints.probe().await
    }

    /// The newest block.
    pub async fn head(&self) -> Result<Head> {
        let block: Option<BlockWire> = self.request("eth_getBlockByNumber", ("latest", false)).await?;
        block.map(Head::from).ok_or_else(|| self.bad("eth_getBlockByNumber", "there is no latest block"))
    }

    /// A block; `None` where the chain is not that long.
    pub async fn block(&self, number: u64) -> Result<Option<Head>> {
        let block: Option<BlockWire> = self.request("eth_getBlockByNumber", (U64::from(number), false)).await?;
        Ok(block.map(Head::from))
    }

    /// When a block was made, Unix seconds.
    pub async fn block_time(&self, number: u64) -> Result<u64> {
        let block = self.block(number).await?;
        block.map(|b| b.timestamp).ok_or_else(|| self.bad("eth_getBlockByNumber", &format!("there is no block {number}")))
    }

    /// Native balance, in wei.
    pub async fn balance(&self, account: Address) -> Result<U256> {
        self.request("eth_getBalance", (account, "latest")).await
    }

    /// How many transactions the account has made: its next nonce.
    pub async fn nonce(&self, account: Address, at: NonceAt) -> Result<u64> {
        let tag = match at {
            NonceAt::Latest => "latest",
            NonceAt::Pending => "pending",
        };
        let count: U64 = self.request("eth_getTransactionCount", (account, tag)).await?;
        Ok(count.to())
    }

    pub(super) async fn nonce_at_block(&self, account: Address, block: u64) -> Result<u64> {
        let count: U64 = self.request("eth_getTransactionCount", (account, U64::from(block))).await?;
        Ok(count.to())
    }

    /// Code at an address; empty for an account with a key.
    pub async fn code(&self, address: Address) -> Result<Bytes> {
        self.request("eth_getCode", (address, "latest")).await
    }

    /// True where there is a contract. An EIP-7702 account (code `0xef0100..`) still belongs to a key: false.
    pub async fn is_contract(&self, address: Address) -> Result<bool> {
        let code = self.code(address).await?;
        Ok(!code.is_empty() && !code.starts_with(&[0xef, 0x01, 0x00]))
    }

    /// Calls without sending; the returned bytes.
    pub async fn call(&self, call: &Call) -> Result<Bytes> {
        self.request("eth_call", (call.request(), "latest")).await
    }

    /// Calls a function without sending, from no account in particular.
    pub async fn call_sol<C: SolCall>(&self, to: Address, function: C) -> Result<C::Return> {
        let answer = self.call(&Call::new(Address::ZERO, to).data(function.abi_encode())).await?;
        C::abi_decode_returns(&answer).map_err(|error| self.bad(C::SIGNATURE, &error.to_string()))
    }

    /// Gas that a transaction would use, as the node estimates it.
    pub async fn estimate_gas(&self, call: &Call) -> Result<u64> {
        let gas: U64 = self.request("eth_estimateGas", (call.request(), "latest")).await?;
        Ok(gas.to())
    }

    /// What a token says of itself; asked once. Errors with [`WalletError::NotAToken`] where the contract does not answer as one.
    pub async fn token_meta(&self, token: Address) -> Result<TokenMeta> {
        if let Some(known) = self.metas().get(&token) {
            return Ok(known.clone());
        }
        let read = |data: Vec<u8>| Call::new(Address::ZERO, token).data(data);
        let answers = self
            .call_many(vec![
                read(Erc20::nameCall {}.abi_encode()),
                read(Erc20::symbolCall {}.abi_encode()),
                read(Erc20::decimalsCall {}.abi_encode()),
            ])
            .await?;
        let not = |why: &str| WalletError::NotAToken { address: token, chain: self.inner.chain.name.clone(), why: why.to_owned() };
        let [name, symbol, decimals] = answers.as_slice() else {
            return Err(not("it did not answer"));
        };
        let decimals = decimals
            .as_ref()
            .ok()
            .and_then(|bytes| U256::try_from_be_slice(bytes.get(..32)?))
            .and_then(|d| u8::try_from(d).ok())
            .ok_or_else(|| not("it does not say its decimals"))?;
        if decimals > MAX_DECIMALS {
            return Err(not(&format!("it claims {decimals} decimals")));
        }
        let symbol = symbol.as_ref().ok().and_then(|bytes| text_of(bytes)).map(|s| clean(&s, MAX_SYMBOL)).unwrap_or_default();
        if symbol.is_empty() {
            return Err(not("it has no symbol"));
        }
        let name = name.as_ref().ok().and_then(|bytes| text_of(bytes)).map(|s| clean(&s, MAX_NAME)).unwrap_or_default();
        let meta = TokenMeta { address: token, name, symbol, decimals };
        self.metas().insert(token, meta.clone());
        Ok(meta)
    }

    /// Token balance, in the smallest unit.
    pub async fn token_balance(&self, token: Address, account: Address) -> Result<U256> {
        self.call_sol(token, Erc20::balanceOfCall { account }).await
    }

    /// Token balances in the order asked; `None` where a contract does not answer as a token.
    pub async fn token_balances(&self, tokens: &[Address], account: Address) -> Result<Vec<Option<U256>>> {
        let data: Bytes = Erc20::balanceOfCall { account }.abi_encode().into();
        let calls = tokens.iter().map(|token| Call::new(Address::ZERO, *token).data(data.clone())).collect();
        Ok(self.call_many(calls).await?.into_iter().map(word).collect())
    }

    /// ERC-20 allowance, in the smallest unit.
    pub async fn allowance(&self, token: Address, owner: Address, spender: Address) -> Result<U256> {
        self.call_sol(token, Erc20::allowanceCall { owner, spender }).await
    }

    /// What a transaction will pay for its data on an OP-stack chain, in wei, for its unsigned bytes; `None` elsewhere.
    pub async fn l1_data_fee(&self, unsigned: &[u8]) -> Result<Option<U256>> {
        if !self.inner.chain.op_stack {
            return Ok(None);
        }
        // The oracle adds the length of a signature itself.
        let data = Bytes::copy_from_slice(unsigned);
        self.call_sol(GAS_PRICE_ORACLE, GasPriceOracle::getL1FeeCall { data }).await.map(Some)
    }

    /// The receipt of a mined transaction.
    pub async fn receipt(&self, hash: B256) -> Result<Option<Receipt>> {
        let wire: Option<ReceiptWire> = self.request("eth_getTransactionReceipt", (hash,)).await?;
        Ok(wire.map(Receipt::from))
    }

    /// A transaction that the node knows, mined or waiting.
    pub async fn transaction(&self, hash: B256) -> Result<Option<SeenTx>> {
        self.request("eth_getTransactionByHash", (hash,)).await
    }

    /// Logs, as one request; see `scan` for long ranges.
    pub async fn logs(&self, filter: &Filter) -> Result<Vec<Log>> {
        self.request("eth_getLogs", (filter.clone(),)).await
    }

    pub(super) async fn request<P: RpcSend + 'static, R: RpcRecv>(&self, method: &'static str, params: P) -> Result<R> {
        // Endpoints have their own time-outs; this bound holds for all of them and their retries together.
        let answer = tokio::time::timeout(Duration::from_secs(60), self.inner.rpc.request::<P, R>(method, params)).await;
        match answer {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.explain(method, error)),
            Err(_) => Err(WalletError::Offline { chain: self.inner.chain.name.clone(), why: format!("no answer to {method} in 60 s") }),
        }
    }

    pub(crate) fn bad(&self, method: &'static str, why: &str) -> WalletError {
        WalletError::BadAnswer { chain: self.inner.chain.name.clone(), method, why: clean(why, 200) }
    }

    /// A transport's error in this crate's words.
    pub(super) fn explain(&self, method: &'static str, error: TransportError) -> WalletError {
        let chain = self.inner.chain.name.clone();
        match error {
            TransportError::Transport(TransportErrorKind::Custom(inner)) => match inner.downcast_ref::<EndpointsError>() {
                Some(EndpointsError::WrongChain { endpoint, got }) => {
                    WalletError::WrongChain { endpoint: endpoint.clone(), chain, expected: self.inner.chain.id, got: *got }
                }
                Some(EndpointsError::Offline(why)) => WalletError::Offline { chain, why: why.clone() },
                None => WalletError::Offline { chain, why: clean(&inner.to_string(), 200) },
            },
            TransportError::ErrorResp(payload) => {
                let words = payload.message.to_lowercase();
                if payload.code == -32601 || words.contains("method not found") {
                    return WalletError::Unsupported { chain, method };
                }
                if let Some(data) = payload.as_revert_data() {
                    return WalletError::Reverted { reason: Revert::decode(data).reason };
                }
                if payload.code == 3 || words.contains("execution reverted") {
                    return WalletError::Reverted { reason: clean(&payload.message, 200) };
                }
                if words.contains("insufficient funds") || words.contains("exceeds balance") {
                    let symbol = self.inner.chain.native.clone();
                    return WalletError::InsufficientFunds { chain, symbol, why: clean(&payload.message, 200) };
                }
                WalletError::Rpc { chain, method, code: payload.code, message: clean(&payload.message, 200) }
            }
            other => WalletError::BadAnswer { chain, method, why: clean(&other.to_string(), 200) },
        }
    }

    fn metas(&self) -> std::sync::MutexGuard<'_, HashMap<Address, TokenMeta>> {
        self.inner.metas.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first word of an answer.
pub(super) fn word(answer: Result<Bytes, Revert>) -> Option<U256> {
    U256::try_from_be_slice(answer.ok()?.get(..32)?)
}

/// `string`, or `bytes32` padded with zeros as early tokens have it.
fn text_of(bytes: &[u8]) -> Option<String> {
    if let Ok(text) = Erc20::nameCall::abi_decode_returns(bytes) {
        return Some(text);
    }
    let word: &[u8; 32] = bytes.try_into().ok()?;
    let end = word.iter().position(|b| *b == 0).unwrap_or(32);
    std::str::from_utf8(word.get(..end)?).ok().map(str::to_owned)
}

fn health_key(chain: &Chain) -> String {
    format!("endpoints/{}", chain.id)
}
