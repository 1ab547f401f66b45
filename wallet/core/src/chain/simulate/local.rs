//! The EVM in this process as engine, over state that is loaded from the node as the code asks for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use alloy_primitives::{Address, B256, Bytes, TxKind, U64, U256};
use revm::context::result::{EVMError, ExecutionResult, InvalidTransaction};
use revm::context::{BlockEnv, CfgEnv, TxEnv};
use revm::context_interface::block::BlobExcessGasAndPrice;
use revm::database::CacheDB;
use revm::database_interface::{DBErrorMarker, DatabaseRef};
use revm::primitives::hardfork::SpecId;
use revm::state::{AccountInfo, Bytecode};
use revm::{Context, ExecuteCommitEvm, MainBuilder, MainContext};

use super::super::client::ChainClient;
use super::super::wire::{Call, Head};
use super::{Engine, PROBE, PROBE_CODE, Ran};
use crate::error::{Result, WalletError};

/// Loads from the node beyond which a preview is given up: accounts, slots, block hashes.
const MAX_LOADS: u32 = 2_000;
const TIME: Duration = Duration::from_secs(30);

pub(super) struct LocalEvm {
    client: ChainClient,
    head: Head,
    time: u64,
    /// The state before anything ran; each run starts from it.
    loaded: CacheDB<RpcState>,
}

impl LocalEvm {
    pub(super) fn new(client: ChainClient, head: Head) -> Self {
        let state = RpcState {
            client: client.clone(),
            runtime: tokio::runtime::Handle::current(),
            block: head.number,
            known: Arc::default(),
            until: Instant::now() + TIME,
        };
        let mut loaded = CacheDB::new(state);
        let code = Bytecode::new_raw(PROBE_CODE);
        loaded.insert_account_info(PROBE, AccountInfo::default().with_code(code));
        Self { client, head, time: super::block_time(&head), loaded }
    }
}

impl Engine for LocalEvm {
    async fn run(&mut self, calls: &[Call]) -> Result<Vec<Ran>> {
        let (db, head, time, chain) = (self.loaded.clone(), self.head, self.time, self.client.chain().id);
        let calls = calls.to_vec();
        // The interpreter blocks on loads: not on a runtime thread.
        let done = tokio::task::spawn_blocking(move || execute(db, head, time, chain, &calls)).await;
        let ran = done.map_err(|error| WalletError::Task(error.to_string()))?;
        ran.map_err(|stop| self.explain(stop))
    }
}

impl LocalEvm {
    fn explain(&self, stop: EVMError<LoadError>) -> WalletError {
        let chain = self.client.chain();
        match stop {
            EVMError::Database(LoadError::Node(error)) => error,
            EVMError::Database(LoadError::Bound(why)) => WalletError::Simulation { why },
            EVMError::Transaction(InvalidTransaction::LackOfFundForMaxFee { fee, balance }) => WalletError::InsufficientFunds {
                chain: chain.name.clone(),
                symbol: chain.native.clone(),
                why: format!("{balance} wei are there, {fee} wei are asked for"),
            },
            other => WalletError::Simulation { why: other.to_string() },
        }
    }
}

fn execute(db: CacheDB<RpcState>, head: Head, time: u64, chain: u64, calls: &[Call]) -> Result<Vec<Ran>, EVMError<LoadError>> {
    let mut cfg = CfgEnv::new_with_spec(SpecId::PRAGUE);
    cfg.chain_id = chain;
    cfg.disable_nonce_check = true;
    cfg.disable_base_fee = true;
    cfg.disable_block_gas_limit = true;
    cfg.disable_eip3607 = true;
    cfg.tx_gas_limit_cap = Some(u64::MAX);
    let block = BlockEnv {
        // As in the next block, which is where eth_simulateV1 puts it.
        number: U256::from(head.number.saturating_add(1)),
        timestamp: U256::from(time),
        beneficiary: head.beneficiary,
        gas_limit: head.gas_limit,
        basefee: 0,
        difficulty: U256::ZERO,
        prevrandao: Some(head.prevrandao),
        blob_excess_gas_and_price: Some(BlobExcessGasAndPrice { excess_blob_gas: 0, blob_gasprice: 1 }),
        ..BlockEnv::default()
    };
    let mut evm = Context::mainnet().with_db(db).with_cfg(cfg).with_block(block).build_mainnet();
    calls
        .iter()
        .map(|call| {
            let tx = TxEnv {
                caller: call.from,
                kind: call.to.map_or(TxKind::Create, TxKind::Call),
                value: call.value,
                data: call.data.clone(),
                gas_limit: call.gas.unwrap_or(head.gas_limit),
                gas_price: 0,
                chain_id: Some(chain),
                ..TxEnv::default()
            };
            evm.transact_commit(tx).map(ran)
        })
        .collect()
}

fn ran(result: ExecutionResult) -> Ran {
    let gas_used = result.tx_gas_used();
    match result {
        ExecutionResult::Success { logs, output, .. } => Ran { ok: true, output: output.into_data(), gas_used, logs, halt: None },
        ExecutionResult::Revert { output, .. } => Ran { ok: false, output, gas_used, logs: Vec::new(), halt: None },
        ExecutionResult::Halt { reason, .. } => {
            Ran { ok: false, output: Bytes::new(), gas_used, logs: Vec::new(), halt: Some(format!("it stops: {reason:?}")) }
        }
    }
}

/// State of one block, loaded over JSON-RPC, within bounds. Clones share what was loaded, and its bound.
#[derive(Clone, Debug)]
pub(super) struct RpcState {
    client: ChainClient,
    runtime: tokio::runtime::Handle,
    block: u64,
    known: Arc<Mutex<Known>>,
    until: Instant,
}

#[derive(Debug, Default)]
struct Known {
    loads: u32,
    accounts: HashMap<Address, AccountInfo>,
    slots: HashMap<(Address, U256), U256>,
}

/// Why state could not be loaded.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    #[error(transparent)]
    Node(#[from] WalletError),
    #[error("{0}")]
    Bound(String),
}

impl DBErrorMarker for LoadError {}

impl RpcState {
    /// Runs one load on the runtime, from the blocking thread, while the bounds hold.
    fn load<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T, LoadError> {
        {
            let mut known = self.known();
            known.loads += 1;
            if known.loads > MAX_LOADS {
                return Err(LoadError::Bound(format!("it reads more than {MAX_LOADS} pieces of state")));
            }
        }
        let left = self.until.saturating_duration_since(Instant::now());
        let bounded = async { tokio::time::timeout(left, work).await };
        match self.runtime.block_on(bounded) {
            Ok(done) => Ok(done?),
            Err(_) => Err(LoadError::Bound(format!("it took longer than {} s", TIME.as_secs()))),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DatabaseRef for RpcState {
    type Error = LoadError;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, LoadError> {
        if let Some(known) = self.known().accounts.get(&address) {
            return Ok(Some(known.clone()));
        }
        let at = U64::from(self.block);
        let client = &self.client;
        let (balance, nonce, code) = self.load(async {
            tokio::try_join!(
                client.request::<_, U256>("eth_getBalance", (address, at)),
                client.request::<_, U64>("eth_getTransactionCount", (address, at)),
                client.request::<_, Bytes>("eth_getCode", (address, at)),
            )
        })?;
        let code = Bytecode::new_raw_checked(code).map_err(|error| LoadError::Bound(format!("code of {address}: {error}")))?;
        let account = AccountInfo::default().with_balance(balance).with_nonce(nonce.to()).with_code(code);
        self.known().accounts.insert(address, account.clone());
        Ok(Some(account))
    }

    fn code_by_hash_ref(&self, hash: B256) -> Result<Bytecode, LoadError> {
        // `basic_ref` gives the code along; nothing else knows its hash.
        Err(LoadError::Bound(format!("code {hash} was asked for by its hash")))
    }

    fn storage_ref(&self, address: Address, slot: U256) -> Result<U256, LoadError> {
        if let Some(known) = self.known().slots.get(&(address, slot)) {
            return Ok(*known);
        }
        let word: B256 = self.load(self.client.request("eth_getStorageAt", (address, slot, U64::from(self.block))))?;
        self.known().slots.insert((address, slot), word.into());
        Ok(word.into())
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, LoadError> {
        let block = self.load(self.client.block(number))?;
        Ok(block.map_or(B256::ZERO, |head| head.hash))
    }
}
