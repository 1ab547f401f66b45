//! The pool and the registry, read from the chain, and the two transactions that a lender sends: stopping a line, revoking
//! an attestation.

use std::time::Duration;

use alloy_network::{EthereumWallet, TransactionBuilder};
use alloy_primitives::{Address, B256, FixedBytes, U256};
use alloy_provider::{DynProvider, PendingTransactionError, Provider, ProviderBuilder};
use alloy_rpc_types_eth::{BlockNumberOrTag, TransactionRequest};
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{SolCall, sol};
use parlance_credit::api::PoolInfo;
use parlance_credit::pool::{Entry, Line, Pool, Registry, Status};

use crate::LenderError;
use crate::config::ChainConfig;

/// How long a call may take.
const CALL: Duration = Duration::from_secs(15);
/// How long a transaction is waited for.
const MINED: Duration = Duration::from_secs(90);

sol! {
    /// What the lender reads besides `parlance_credit::pool`.
    interface More {
        function revoked(bytes32 attestation) external view returns (bool);
        function symbol() external view returns (string);
        function decimals() external view returns (uint8);
    }
}

/// A pool on its chain.
#[derive(Debug)]
pub struct Chain {
    provider: DynProvider,
    attester: Address,
    info: PoolInfo,
    max_age: u64,
    min_limit: U256,
}

/// Whose word counts at the pool now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttesterSet {
    /// Attestations are for this epoch.
    pub epoch: u32,
    /// How many have to sign.
    pub threshold: U256,
    /// Who may.
    pub attesters: Vec<Address>,
}

/// What a backer (attester or notary) may back and does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    /// Most at a time.
    pub cap: U256,
    /// Now.
    pub exposure: U256,
}

/// A line as it stands now.
#[derive(Debug, Clone)]
pub struct LineNow {
    /// Its number.
    pub id: U256,
    /// As it is stored.
    pub line: Line,
    /// Where it stands.
    pub status: Status,
    /// Owed in all.
    pub debt: U256,
    /// To be paid until `line.dueAt`.
    pub due: U256,
}

impl Cap {
    /// What it may still back.
    #[must_use]
    pub fn room(&self) -> U256 {
        self.cap.saturating_sub(self.exposure)
    }
}

/// An attester as a backer: its address with zeros before it.
#[must_use]
pub fn backer(attester: Address) -> B256 {
    attester.into_word()
}

impl Chain {
    /// Connects, and reads what a pool never changes. `signer` pays for transactions.
    pub async fn connect(config: &ChainConfig, signer: &PrivateKeySigner) -> Result<Self, LenderError> {
        let here = config
            .rpc
            .host_str()
            .is_some_and(|host| host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()));
        let client = reqwest::Client::builder().timeout(CALL);
        let client = if here { client.no_proxy() } else { client }.build();
        let client = client.map_err(|error| LenderError::Chain { call: "rpc", got: error.to_string(), expected: "an HTTP client" })?;
        let wallet = EthereumWallet::from(signer.clone());
        let provider = ProviderBuilder::new().wallet(wallet).connect_reqwest(client, config.rpc.clone()).erased();
        let got = provider.get_chain_id().await.map_err(LenderError::node("eth_chainId"))?;
        if got != config.id {
            let got = format!("chain {got}");
            return Err(LenderError::Chain { call: "eth_chainId", got, expected: "the chain of [chain] id" });
        }
        let mut chain = Self {
            provider,
            attester: signer.address(),
            info: PoolInfo {
                chain: config.id,
                address: config.pool,
                registry: Address::ZERO,
                asset: Address::ZERO,
                symbol: String::new(),
                decimals: 0,
            },
            max_age: 0,
            min_limit: U256::ZERO,
        };
        chain.info.registry = chain.ask("registry", Pool::registryCall {}).await?;
        chain.info.asset = chain.ask("asset", Pool::assetCall {}).await?;
        chain.info.symbol = chain.call("symbol", chain.info.asset, More::symbolCall {}).await?;
        chain.info.decimals = chain.call("decimals", chain.info.asset, More::decimalsCall {}).await?;
        chain.max_age = u64::try_from(chain.ask("maxAge", Pool::maxAgeCall {}).await?).unwrap_or(u64::MAX);
        chain.min_limit = chain.ask("minLimit", Pool::minLimitCall {}).await?;
        Ok(chain)
    }

    /// What wallets are told.
    #[must_use]
    pub fn info(&self) -> &PoolInfo {
        &self.info
    }

    /// Oldest session that opens a line, seconds.
    #[must_use]
    pub fn max_age(&self) -> u64 {
        self.max_age
    }

    /// Smallest limit of a line.
    #[must_use]
    pub fn min_limit(&self) -> U256 {
        self.min_limit
    }

    /// Who may attest now.
    pub async fn attesters(&self) -> Result<AttesterSet, LenderError> {
        Ok(AttesterSet {
            epoch: self.ask("epoch", Pool::epochCall {}).await?,
            threshold: self.ask("threshold", Pool::thresholdCall {}).await?,
            attesters: self.ask("attestersOf", Pool::attestersOfCall {}).await?,
        })
    }

    /// A backer's cap and what it backs.
    pub async fn cap(&self, backer: B256) -> Result<Cap, LenderError> {
        Ok(Cap {
            cap: self.ask("capOf", Pool::capOfCall { backer }).await?,
            exposure: self.ask("exposureOf", Pool::exposureOfCall { backer }).await?,
        })
    }

    /// Cash in the pool.
    pub async fn idle(&self) -> Result<U256, LenderError> {
        self.ask("idle", Pool::idleCall {}).await
    }

    /// Whether the pool is stopped.
    pub async fn paused(&self) -> Result<bool, LenderError> {
        self.ask("paused", Pool::pausedCall {}).await
    }

    /// Who holds a nullifier, or held it last.
    pub async fn entry(&self, scope: FixedBytes<8>, nullifier: B256) -> Result<Entry, LenderError> {
        self.call("entryOf", self.info.registry, Registry::entryOfCall { scope, nullifier }).await
    }

    /// A line of any pool that shares the registry, as it is stored.
    pub async fn stored_line(&self, pool: Address, id: U256) -> Result<Line, LenderError> {
        self.call("lineOf", pool, Pool::lineOfCall { id }).await
    }

    /// One of this pool's lines as it stands now.
    pub async fn line(&self, id: U256) -> Result<LineNow, LenderError> {
        let line = self.stored_line(self.info.address, id).await?;
        let status = self.ask("statusOf", Pool::statusOfCall { id }).await?;
        let debt = self.ask("debtOf", Pool::debtOfCall { id }).await?;
        let due = self.ask("dueOf", Pool::dueOfCall { id }).await?;
        Ok(LineNow { id, line, status, debt: debt.principal.saturating_add(debt.interest), due: due.amount })
    }

    /// The line that used an attestation; zero: none yet.
    pub async fn used_by(&self, attestation: B256) -> Result<U256, LenderError> {
        self.ask("usedBy", Pool::usedByCall { attestation }).await
    }

    /// Whether an attestation was withdrawn.
    pub async fn revoked(&self, attestation: B256) -> Result<bool, LenderError> {
        self.ask("revoked", More::revokedCall { attestation }).await
    }

    /// Time of the latest block, Unix seconds.
    pub async fn time(&self) -> Result<u64, LenderError> {
        let call = "eth_getBlockByNumber";
        let block = self.provider.get_block_by_number(BlockNumberOrTag::Latest).await.map_err(LenderError::node(call))?;
        let block = block.ok_or_else(|| LenderError::Chain { call, got: "no block".into(), expected: "the latest block" })?;
        Ok(block.header.timestamp)
    }

    /// What the attester has for fees, wei.
    pub async fn purse(&self) -> Result<U256, LenderError> {
        self.provider.get_balance(self.attester).await.map_err(LenderError::node("eth_getBalance"))
    }

    /// Stops a line for good, and waits until it is so.
    pub async fn revoke_line(&self, id: U256) -> Result<B256, LenderError> {
        self.send("revokeLine", Pool::revokeLineCall { id }).await
    }

    /// Withdraws an attestation, and waits until it is so.
    pub async fn revoke_attestation(&self, attestation: B256) -> Result<B256, LenderError> {
        self.send("revokeAttestation", Pool::revokeAttestationCall { attestation }).await
    }

    async fn ask<C: SolCall>(&self, name: &'static str, call: C) -> Result<C::Return, LenderError> {
        self.call(name, self.info.address, call).await
    }

    async fn call<C: SolCall>(&self, name: &'static str, to: Address, call: C) -> Result<C::Return, LenderError> {
        let request = TransactionRequest::default().with_to(to).with_input(call.abi_encode());
        let answer = self.provider.call(request).await.map_err(LenderError::node(name))?;
        C::abi_decode_returns(&answer).map_err(|_| LenderError::Chain {
            call: name,
            got: format!("{} bytes from {to}", answer.len()),
            expected: "the answer of a credit pool, its registry or its token",
        })
    }

    async fn send<C: SolCall>(&self, name: &'static str, call: C) -> Result<B256, LenderError> {
        let failed = |got: String, remedy| LenderError::Transaction { call: name, got, remedy };
        let request = TransactionRequest::default().with_from(self.attester).with_to(self.info.address).with_input(call.abi_encode());
        let sent =
            self.provider.send_transaction(request).await.map_err(|error| {
                failed(error.to_string(), "check that the key is an attester of the present set and has ether for the fee")
            })?;
        let hash = *sent.tx_hash();
        let receipt = sent.with_timeout(Some(MINED)).get_receipt().await.map_err(|error| match error {
            PendingTransactionError::TxWatcher(_) => {
                failed(format!("{hash} is in no block yet"), "look again later; it may still get there")
            }
            other => failed(format!("{hash}: {other}"), "look again later; it may still get there"),
        })?;
        if receipt.status() { Ok(hash) } else { Err(failed(format!("{hash} was reverted"), "look at it in a block explorer")) }
    }
}
