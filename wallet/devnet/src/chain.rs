//! A private chain for one test.

use std::process::Child;
use std::time::Duration;

use alloy_network::TransactionBuilder;
use alloy_primitives::{Address, B256, I256, U256};
use alloy_provider::ext::AnvilApi;
use alloy_provider::{DynProvider, Provider};
use alloy_rpc_types_eth::{BlockNumberOrTag, TransactionReceipt, TransactionRequest};
use alloy_sol_types::SolCall;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::addresses::Addresses;
use crate::anvil::{Anvil, wait_for_port, wait_until_ready};
use crate::deploy::deploy;
use crate::error::{DevnetError, file, rpc};
use crate::interfaces::IERC20;
use crate::process::ProcessMark;
use crate::world::DevWorld;

/// When blocks are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mining {
    /// One block for each transaction, at once.
    #[default]
    Instant,
    /// One block every so many seconds, as on a real chain; transactions wait in the pool.
    Every(u64),
    /// Only when [`DevChain::mine`] is called; transactions wait in the pool.
    Manual,
}

/// A saved moment of the chain, see [`DevChain::snapshot`].
#[derive(Debug)]
#[must_use = "a snapshot is only good for reverting to"]
pub struct Snapshot(U256);

/// A private anvil chain with every contract of the local world deployed and the demo wallet funded, on a port of its
/// own. It is killed when dropped.
///
/// ```no_run
/// # async fn example() -> Result<(), parlance_devnet::DevnetError> {
/// let chain = parlance_devnet::DevChain::spawn().await?;
/// let usdc = chain.addresses().usdc;
/// assert_eq!(chain.token_balance(usdc, chain.world().demo.address).await?.to_string(), "5000000000");
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct DevChain {
    child: Child,
    provider: DynProvider,
    world: DevWorld,
    /// Holds the log; removed on drop.
    _folder: TempDir,
}

impl DevChain {
    /// Starts a chain that mines at once ([`Mining::Instant`]). Takes about a second.
    pub async fn spawn() -> Result<Self, DevnetError> {
        Self::spawn_mining(Mining::Instant).await
    }

    /// Starts a chain, deploys, and then makes blocks as `mining` says.
    pub async fn spawn_mining(mining: Mining) -> Result<Self, DevnetError> {
        let chain = Self::spawn_empty().await?;
        deploy(&chain.provider, &mut |_| {}).await?;
        if mining != Mining::Instant {
            chain.set_mining(mining).await?;
        }
        Ok(chain)
    }

    /// Starts a chain without any contracts (the accounts have their 10,000 ETH each).
    pub async fn spawn_empty() -> Result<Self, DevnetError> {
        let folder = tempfile::Builder::new().prefix("parlance-devchain-").tempdir().map_err(file("create", std::env::temp_dir()))?;
        let log = folder.path().join("anvil.log");
        let anvil = Anvil::locate()?;
        let mut child = anvil.start(&mut anvil.command(0, &log, &folder.path().join("cache"))?)?;
        let answers = async {
            let port = wait_for_port(&mut child, &log).await?;
            let rpc_url = format!("http://127.0.0.1:{port}");
            let provider = wait_until_ready(&mut child, &rpc_url, &log).await?;
            // A line a call would fill the disk in a long test.
            provider.anvil_set_logging(false).await.map_err(rpc("anvil_setLoggingEnabled"))?;
            Ok((provider, rpc_url))
        };
        match answers.await {
            Ok((provider, rpc_url)) => Ok(Self { child, provider, world: DevWorld::at(rpc_url), _folder: folder }),
            Err(e) => {
                end(&mut child);
                Err(e)
            }
        }
    }

    /// JSON-RPC over HTTP (and WebSocket, with `ws:`).
    pub fn rpc_url(&self) -> &str {
        &self.world.rpc_url
    }

    /// What is where, and the demo wallet.
    pub fn world(&self) -> &DevWorld {
        &self.world
    }

    /// Every contract.
    pub fn addresses(&self) -> &Addresses {
        &self.world.addresses
    }

    /// A provider without fillers. Anvil's own accounts (demo, contacts, deployer) are unlocked on it.
    pub fn provider(&self) -> &DynProvider {
        &self.provider
    }

    // ------------------------------------------------------------ blocks and time

    /// Makes `blocks` blocks, one second apart; the first takes what waits in the pool.
    pub async fn mine(&self, blocks: u64) -> Result<(), DevnetError> {
        self.provider.anvil_mine(Some(blocks), Some(1)).await.map_err(rpc("anvil_mine"))
    }

    /// Changes when blocks are made.
    pub async fn set_mining(&self, mining: Mining) -> Result<(), DevnetError> {
        match mining {
            Mining::Instant => self.provider.anvil_set_auto_mine(true).await.map_err(rpc("evm_setAutomine")),
            Mining::Every(seconds) => self.provider.anvil_set_interval_mining(seconds).await.map_err(rpc("evm_setIntervalMining")),
            Mining::Manual => self.provider.anvil_set_auto_mine(false).await.map_err(rpc("evm_setAutomine")),
        }
    }

    /// Number of the latest block.
    pub async fn block_number(&self) -> Result<u64, DevnetError> {
        self.provider.get_block_number().await.map_err(rpc("eth_blockNumber"))
    }

    /// Unix time of the latest block, in seconds.
    pub async fn block_time(&self) -> Result<u64, DevnetError> {
        let block = self.provider.get_block_by_number(BlockNumberOrTag::Latest).await.map_err(rpc("eth_getBlockByNumber"))?;
        Ok(block.map_or(0, |b| b.header.timestamp))
    }

    /// Lets the chain's clock jump ahead and makes a block there.
    pub async fn advance_time(&self, seconds: u64) -> Result<(), DevnetError> {
        self.provider.anvil_increase_time(seconds).await.map_err(rpc("evm_increaseTime"))?;
        self.mine(1).await
    }

    /// The next block carries this Unix time (seconds); later ones go on from there.
    pub async fn set_next_block_time(&self, unix_seconds: u64) -> Result<(), DevnetError> {
        self.provider.anvil_set_next_block_timestamp(unix_seconds).await.map_err(rpc("evm_setNextBlockTimestamp"))
    }

    /// The next block's base fee, in wei per gas; later ones follow from EIP-1559.
    pub async fn set_next_base_fee(&self, wei: u128) -> Result<(), DevnetError> {
        self.provider.anvil_set_next_block_base_fee_per_gas(wei).await.map_err(rpc("anvil_setNextBlockBaseFeePerGas"))
    }

    // ------------------------------------------------------------ money and prices

    /// Sets an account's ether, in wei.
    pub async fn set_balance(&self, account: Address, wei: U256) -> Result<(), DevnetError> {
        self.provider.anvil_set_balance(account, wei).await.map_err(rpc("anvil_setBalance"))
    }

    /// Sets an account's token balance, in the smallest unit, by writing the token's storage (no transaction, no event).
    pub async fn set_token_balance(&self, token: Address, account: Address, amount: U256) -> Result<(), DevnetError> {
        self.provider.anvil_deal_erc20(account, token, amount).await.map_err(rpc("anvil_dealERC20"))
    }

    /// An account's ether, in wei, as of the latest block.
    pub async fn balance(&self, account: Address) -> Result<U256, DevnetError> {
        self.provider.get_balance(account).await.map_err(rpc("eth_getBalance"))
    }

    /// An account's token balance, in the smallest unit, as of the latest block.
    pub async fn token_balance(&self, token: Address, account: Address) -> Result<U256, DevnetError> {
        self.call(token, IERC20::balanceOfCall { account }).await
    }

    /// Sets what a price feed of [`Addresses`] answers, in 10⁻⁸ dollars, from the next call on (no transaction, no event).
    pub async fn set_price(&self, feed: Address, answer: I256) -> Result<(), DevnetError> {
        self.write_storage(feed, FEED_ANSWER_SLOT, answer.into_raw()).await
    }

    /// Lets a price feed say that it was last updated at this Unix time (seconds); 0 makes it fresh again.
    pub async fn freeze_price(&self, feed: Address, updated_at: u64) -> Result<(), DevnetError> {
        self.write_storage(feed, FEED_FROZEN_SLOT, U256::from(updated_at)).await
    }

    async fn write_storage(&self, contract: Address, slot: u64, value: U256) -> Result<(), DevnetError> {
        let written = self.provider.anvil_set_storage_at(contract, U256::from(slot), value.into()).await;
        written.map(drop).map_err(rpc("anvil_setStorageAt"))
    }

    // ------------------------------------------------------------ calls and transactions

    /// Asks a contract (`eth_call` at the latest block), as nobody in particular.
    pub async fn call<C: SolCall>(&self, to: Address, call: C) -> Result<C::Return, DevnetError> {
        self.call_as(Address::ZERO, to, call).await
    }

    /// Asks a contract as any account: what a transaction would return, or why it would revert.
    pub async fn call_as<C: SolCall>(&self, from: Address, to: Address, call: C) -> Result<C::Return, DevnetError> {
        let request = TransactionRequest::default().with_from(from).with_to(to).with_input(call.abi_encode());
        let answer = self.provider.call(request).await.map_err(rpc(C::SIGNATURE))?;
        C::abi_decode_returns(&answer).map_err(|source| DevnetError::Answer { call: format!("{} of {to}", C::SIGNATURE), source })
    }

    /// Sends a transaction as any account, with or without its key, and returns its hash. The node fills what is missing,
    /// but for the gas limit: its own estimate is for the block that it has, and the next may need more (Uniswap V3 writes
    /// an observation once a second).
    pub async fn send_as(&self, from: Address, mut request: TransactionRequest) -> Result<B256, DevnetError> {
        request.gas.get_or_insert(GAS_LIMIT);
        self.provider.anvil_impersonate_account(from).await.map_err(rpc("anvil_impersonateAccount"))?;
        let sent = self.provider.send_transaction(request.with_from(from)).await.map_err(rpc("eth_sendTransaction"))?;
        Ok(*sent.tx_hash())
    }

    /// Calls a contract function in a transaction as any account, and returns its hash.
    pub async fn transact_as<C: SolCall>(&self, from: Address, to: Address, call: C) -> Result<B256, DevnetError> {
        self.send_as(from, TransactionRequest::default().with_to(to).with_input(call.abi_encode())).await
    }

    /// The receipt, waited for up to five seconds; `None` if the transaction is in no block by then.
    pub async fn receipt(&self, transaction: B256) -> Result<Option<TransactionReceipt>, DevnetError> {
        for _ in 0..500 {
            let receipt = self.provider.get_transaction_receipt(transaction).await.map_err(rpc("eth_getTransactionReceipt"))?;
            if receipt.is_some() {
                return Ok(receipt);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(None)
    }

    // ------------------------------------------------------------ misfortune

    /// Takes a waiting transaction out of the pool, as nodes do with ones that pay too little. Says whether it was there.
    pub async fn drop_pending(&self, transaction: B256) -> Result<bool, DevnetError> {
        self.provider.anvil_drop_transaction(transaction).await.map(|hash| hash.is_some()).map_err(rpc("anvil_dropTransaction"))
    }

    /// Empties the pool.
    pub async fn drop_all_pending(&self) -> Result<(), DevnetError> {
        self.provider.anvil_drop_all_transactions().await.map_err(rpc("anvil_dropAllTransactions"))
    }

    /// Replaces the last `depth` blocks by empty ones with other hashes. Their transactions are in no block any more and
    /// do not return to the pool.
    pub async fn reorg(&self, depth: u64) -> Result<(), DevnetError> {
        // The second parameter would be transactions for the new blocks.
        let no_transactions: [(); 0] = [];
        let answer = self.provider.raw_request::<_, serde_json::Value>("anvil_reorg".into(), (depth, no_transactions)).await;
        answer.map(drop).map_err(rpc("anvil_reorg"))
    }

    /// Remembers the chain as it is.
    pub async fn snapshot(&self) -> Result<Snapshot, DevnetError> {
        self.provider.anvil_snapshot().await.map(Snapshot).map_err(rpc("evm_snapshot"))
    }

    /// Returns to a snapshot, which is used up. Says whether the node still had it.
    pub async fn revert(&self, snapshot: Snapshot) -> Result<bool, DevnetError> {
        self.provider.anvil_revert(snapshot.0).await.map_err(rpc("evm_revert"))
    }

    /// Stops the node in its tracks: connections are accepted, nothing is answered. See [`Self::thaw`].
    pub fn freeze(&self) -> Result<(), DevnetError> {
        ProcessMark::of(self.child.id()).map_or(Ok(()), |node| node.freeze())
    }

    /// Lets a frozen node go on.
    pub fn thaw(&self) -> Result<(), DevnetError> {
        ProcessMark::of(self.child.id()).map_or(Ok(()), |node| node.signal(Signal::CONT).map(drop))
    }

    /// Kills the node for good: from now on connections are refused.
    pub fn kill(&mut self) {
        end(&mut self.child);
    }
}

/// Storage slots of contracts/PlayFeed.sol: description, round, answer, frozenAt.
/// Of a transaction that names none: more than any here needs.
const GAS_LIMIT: u64 = 10_000_000;
const FEED_ANSWER_SLOT: u64 = 2;
const FEED_FROZEN_SLOT: u64 = 3;

fn end(child: &mut Child) {
    // Both fail only when the process is gone already.
    let _ = child.kill();
    let _ = child.wait();
}

impl Drop for DevChain {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
