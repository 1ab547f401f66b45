//! Credit lines, read from the pools of known lenders: which there are by `Opened` events, how they stand by the pool's own
//! answers. What was read is kept, so that a chain out of reach shows what stood there last.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolEvent};
use parlance_credit::pool::{Pool, Status};
use parlance_effects::{AssetKind, ChainId};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::lenders::lenders;
use crate::{
    Wallet,
    chain::{Call, ChainClient, Revert, ScanLimits},
    error::{Result, WalletError},
    tokens::{Token, Trust},
};

/// Settings: lines by account, and up to which block each chain was looked through for them.
const LINES: &str = "credit/lines";
const LOOKED: &str = "credit/lines/looked";
/// How far back a first look goes. Lines that this wallet opened are found when they are opened.
const FIRST: ScanLimits = ScanLimits { blocks: 400_000, chunk: 10_000, requests: 60, logs: 2_000 };
/// Blocks that may still be replaced are looked at again.
const AGAIN: u64 = 64;

/// A credit line as it was read last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreditLine {
    /// Name of the lender.
    pub lender: String,
    /// Chain of the pool.
    pub chain: ChainId,
    /// The pool.
    pub pool: Address,
    /// The pool's number for it.
    pub id: U256,
    /// The borrower.
    pub account: Address,
    /// What is lent.
    pub asset: LentAsset,
    /// When it was opened, Unix seconds.
    pub opened_at: u64,
    /// How it stands.
    pub state: LineState,
}

/// What is lent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LentAsset {
    /// Contract.
    pub address: Address,
    /// Symbol.
    pub symbol: String,
    /// Decimals.
    pub decimals: u8,
    /// Whether a unit is meant to be a dollar.
    pub usd_stable: bool,
    /// Whether the registry or the owner knows it.
    pub trust: Trust,
}

/// How a line stands. Amounts are in the asset's smallest unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineState {
    /// Where it stands.
    pub status: LineStatus,
    /// Highest principal.
    pub limit: U256,
    /// What is drawn.
    pub principal: U256,
    /// Interest until the moment of reading.
    pub interest: U256,
    /// What can be drawn at the moment of reading.
    pub available: U256,
    /// The next payment, or what is overdue; zero where nothing is.
    pub due: U256,
    /// When it is due, Unix seconds.
    pub due_at: u64,
    /// Basis points a year.
    pub rate: u32,
    /// Until when it can be drawn on, Unix seconds.
    pub expiry: u64,
    /// When the balance behind it was observed, Unix seconds.
    pub observed_at: u64,
    /// True where it was stopped for good.
    pub stopped: bool,
    /// Why nothing can be drawn although the line has something left, in words.
    #[serde(default)]
    pub blocked: Option<String>,
    /// The attestation that it rests on.
    pub attestation: B256,
    /// Of the account behind it.
    pub nullifier: B256,
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LineStatus {
    /// Nothing is overdue.
    Current,
    /// A payment is overdue; nothing is lost yet.
    Grace,
    /// Overdue for so long that the line loses value.
    Delinquent,
    /// Lost to the lender.
    Default,
    /// Repaid and over.
    Closed,
}

/// Lines, and what could not be read.
#[derive(Debug)]
pub struct Lines {
    /// The latest first.
    pub lines: Vec<CreditLine>,
    /// Set where some of them are as they were read before.
    pub problem: Option<WalletError>,
}

impl CreditLine {
    /// Principal and interest.
    #[must_use]
    pub fn owed(&self) -> U256 {
        self.state.principal.saturating_add(self.state.interest)
    }

    /// The lent token.
    #[must_use]
    pub fn token(&self) -> Token {
        let LentAsset { address, symbol, decimals, usd_stable, trust } = self.asset.clone();
        Token { chain: self.chain, kind: AssetKind::Token(address), symbol, decimals, usd_stable, trust }
    }

    /// True where a payment is late.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        matches!(self.state.status, LineStatus::Grace | LineStatus::Delinquent | LineStatus::Default)
    }
}

/// All lines of an account at the pools of known lenders.
///
/// # Errors
/// Store errors; what chains fail with stands in [`Lines::problem`].
pub async fn lines(wallet: &Wallet, account: Address) -> Result<Lines> {
    let mut known = stored(wallet)?;
    let mut problem = None;
    for (chain, pools) in pools(wallet, &known)? {
        match read_chain(wallet, chain, &pools, account, &known).await {
            Ok(read) => {
                known.retain(|line| line.chain != chain || line.account != account);
                known.extend(read);
            }
            Err(e) => problem = Some(e),
        }
    }
    wallet.store.set(LINES, &known)?;
    let mut lines: Vec<CreditLine> = known.into_iter().filter(|line| line.account == account).collect();
    lines.sort_by_key(|line| std::cmp::Reverse((line.opened_at, line.id)));
    Ok(Lines { lines, problem })
}

fn stored(wallet: &Wallet) -> Result<Vec<CreditLine>> {
    Ok(wallet.store.setting(LINES)?.unwrap_or_default())
}

/// Pools by chain with the lender's name: of lenders that are known now, and of lines that are kept.
fn pools(wallet: &Wallet, known: &[CreditLine]) -> Result<BTreeMap<ChainId, BTreeMap<Address, String>>> {
    let mut pools: BTreeMap<ChainId, BTreeMap<Address, String>> = BTreeMap::new();
    for line in known {
        pools.entry(line.chain).or_default().insert(line.pool, line.lender.clone());
    }
    for lender in lenders(wallet)? {
        if let Some(info) = lender.info {
            pools.entry(info.pool.chain).or_default().insert(info.pool.address, lender.name);
        }
    }
    Ok(pools)
}

async fn read_chain(
    wallet: &Wallet,
    chain: ChainId,
    pools: &BTreeMap<Address, String>,
    account: Address,
    known: &[CreditLine],
) -> Result<Vec<CreditLine>> {
    let client = wallet.client_of(chain)?;
    let at = client.head().await?.timestamp;
    // Pool, number, and when it was opened.
    let mut found: BTreeMap<(Address, U256), u64> =
        known.iter().filter(|l| l.chain == chain && l.account == account).map(|l| ((l.pool, l.id), l.opened_at)).collect();
    for (pool, id, block) in opened(wallet, &client, pools, account).await? {
        if let std::collections::btree_map::Entry::Vacant(place) = found.entry((pool, id)) {
            place.insert(client.block_time(block).await?);
        }
    }
    let mut read = Vec::with_capacity(found.len());
    for ((pool, id), opened_at) in found {
        // A chain that was made anew, as the local one may be, has forgotten it.
        let Some(state) = state(&client, (pool, id), account, at).await? else { continue };
        let asset = match known.iter().find(|l| l.chain == chain && l.pool == pool) {
            Some(line) => line.asset.clone(),
            None => asset(wallet, &client, pool).await?,
        };
        let lender = pools.get(&pool).cloned().unwrap_or_default();
        read.push(CreditLine { lender, chain, pool, id, account, asset, opened_at, state });
    }
    Ok(read)
}

/// Lines of the account that were opened since the last look.
async fn opened(
    wallet: &Wallet,
    client: &ChainClient,
    pools: &BTreeMap<Address, String>,
    account: Address,
) -> Result<Vec<(Address, U256, u64)>> {
    let key = format!("{LOOKED}/{}/{account}", client.chain().id);
    // Up to which block, and at which pools: another pool has not been looked at yet.
    let (upto, at): (u64, Vec<Address>) = wallet.store.setting(&key)?.unwrap_or_default();
    let head = client.head().await?.number;
    let same = pools.keys().all(|pool| at.contains(pool)) && upto <= head;
    let limits = if same { ScanLimits { blocks: head - upto + AGAIN, ..FIRST } } else { FIRST };
    let scan = client.scan([Some(Pool::Opened::SIGNATURE_HASH), None, Some(account.into_word())], limits).await?;
    let lines = scan.logs.iter().filter_map(|log| {
        let pool = log.address();
        let id = log.topics().get(1)?;
        pools.contains_key(&pool).then_some((pool, U256::from_be_bytes(id.0), log.block_number?))
    });
    let lines = lines.collect();
    wallet.store.set(&key, &(head, pools.keys().copied().collect::<Vec<_>>()))?;
    Ok(lines)
}

/// How a line stands at the chain's time `at`; `None` where the pool knows no such line of the account.
async fn state(client: &ChainClient, (pool, id): (Address, U256), account: Address, at: u64) -> Result<Option<LineState>> {
    let read = |data: Vec<u8>| Call::new(Address::ZERO, pool).data(data);
    let answers = client
        .call_many(vec![
            read(Pool::lineOfCall { id }.abi_encode()),
            read(Pool::statusOfCall { id }.abi_encode()),
            read(Pool::debtOfCall { id }.abi_encode()),
            read(Pool::dueOfCall { id }.abi_encode()),
            read(Pool::idleCall {}.abi_encode()),
        ])
        .await?;
    let [line, status, debt, due, idle] = answers.as_slice() else {
        return Err(client.bad("lineOf", "the pool did not answer"));
    };
    // A pool reverts for a line that there is not; an address without code answers with nothing.
    let Some(line) = decoded::<Pool::lineOfCall>(line).filter(|line| line.borrower == account) else { return Ok(None) };
    let both = (decoded::<Pool::statusOfCall>(status), decoded::<Pool::debtOfCall>(debt));
    let (Some(status), Some(debt)) = both else {
        return Err(client.bad("statusOf", "the pool did not say how the line stands"));
    };
    let due = decoded::<Pool::dueOfCall>(due);
    let idle = decoded::<Pool::idleCall>(idle).unwrap_or_default();
    let status = match status {
        Status::Current => LineStatus::Current,
        Status::Grace => LineStatus::Grace,
        Status::Delinquent => LineStatus::Delinquent,
        Status::Default => LineStatus::Default,
        Status::Closed => LineStatus::Closed,
        _ => return Ok(None),
    };
    let limit = U256::from(line.limit);
    let drawable = status == LineStatus::Current && !line.stopped && line.expiry > at;
    let left = if drawable { limit.saturating_sub(debt.principal).min(idle) } else { U256::ZERO };
    let blocked = if left.is_zero() { None } else { blocked(client, (pool, id), account).await? };
    let available = if blocked.is_some() { U256::ZERO } else { left };
    Ok(Some(LineState {
        status,
        limit,
        principal: debt.principal,
        interest: debt.interest,
        available,
        due: due.as_ref().map(|due| due.amount).unwrap_or_default(),
        due_at: due.and_then(|due| u64::try_from(due.dueAt).ok()).unwrap_or_default(),
        rate: line.rate,
        expiry: line.expiry,
        observed_at: line.observedAt,
        stopped: line.stopped,
        blocked,
        attestation: line.attestation,
        nullifier: line.nullifier,
    }))
}

/// Why the smallest draw is refused: a withdrawn attestation, a paused pool. The pool knows, and nothing else says so.
async fn blocked(client: &ChainClient, (pool, id): (Address, U256), account: Address) -> Result<Option<String>> {
    let draw = Pool::drawCall { id, amount: U256::from(1), to: account }.abi_encode();
    match client.call(&Call::new(account, pool).data(draw)).await {
        Ok(_) => Ok(None),
        Err(WalletError::Reverted { reason }) => Ok(Some(reason)),
        Err(e) => Err(e),
    }
}

fn decoded<C: SolCall>(answer: &Result<Bytes, Revert>) -> Option<C::Return> {
    C::abi_decode_returns(answer.as_ref().ok()?).ok()
}

/// What a pool lends.
async fn asset(wallet: &Wallet, client: &ChainClient, pool: Address) -> Result<LentAsset> {
    let address = client.call_sol(pool, Pool::assetCall {}).await?;
    let token = match wallet.tokens.at(client.chain().id, AssetKind::Token(address)) {
        Some(token) => token,
        None => wallet.token(client, &address.to_checksum(None)).await?,
    };
    let Token { symbol, decimals, usd_stable, trust, .. } = token;
    Ok(LentAsset { address, symbol, decimals, usd_stable, trust })
}
