//! What a transaction would do, before anybody signs it.
//!
//! Two engines run the same short program on the state of one block: balances of the account, the transaction, balances and
//! allowances again. The differences are exact, also for tokens that take a fee or forget their events (WETH's deposit). The
//! node runs it by `eth_simulateV1`; where it can't, a local EVM does, loading state as it goes. A node that lies can deceive
//! both: the signer decodes for itself.

mod local;
mod node;

use alloy_primitives::{Address, B256, Bytes, Log, U256, address, bytes};
use alloy_sol_types::{SolCall, SolEvent};
use parlance_effects::{AllowanceVia, AssetKind};
use serde::{Deserialize, Serialize};

use self::local::LocalEvm;
use self::node::NodeEvm;
use super::abi::{Erc20, Permit2};
use super::client::ChainClient;
use super::revert::Revert;
use super::wire::{Call, Head};
use crate::error::{Result, WalletError};

/// Tokens and allowances that are looked at beyond which a preview says that there is more.
const MAX_ASSETS: usize = 24;
/// Gas for the transaction where the caller names none; below EIP-7825's cap.
const DEFAULT_GAS: u64 = 15_000_000;
const PROBE_GAS: u64 = 1_000_000;
/// An address without a key, where the simulated state has a contract that returns the balance of the address in its calldata.
const PROBE: Address = address!("0x70726f62652d6f662d7061726c616e63652d2d2d");
/// `PUSH1 0 CALLDATALOAD BALANCE PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN`
const PROBE_CODE: Bytes = bytes!("0x6000353160005260206000f3");

/// A preview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulation {
    /// Whether it works.
    pub outcome: Outcome,
    /// Gas used.
    pub gas_used: u64,
    /// How the caller's balances change, without the fee: native coin first, then by token address. Unchanged ones are left out.
    pub changes: Vec<BalanceChange>,
    /// Allowances of the caller that it sets.
    pub allowances: Vec<AllowanceAfter>,
    /// True where more assets are touched than a preview looks at.
    pub more: bool,
    /// By which engine.
    pub by: SimulatedBy,
    /// On the state after this block.
    pub block: u64,
}

/// Whether the simulated transaction works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It does.
    Success,
    /// It would fail, and cost its fee all the same.
    Reverted {
        /// Why.
        reason: Revert,
    },
}

/// Which engine made a preview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SimulatedBy {
    /// `eth_simulateV1`.
    Node,
    /// The EVM in this process.
    Local,
}

/// A balance of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceChange {
    /// Which asset.
    pub asset: AssetKind,
    /// In the smallest unit.
    pub before: U256,
    /// In the smallest unit.
    pub after: U256,
}

/// A change with its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delta {
    /// So much arrives.
    In(U256),
    /// So much leaves.
    Out(U256),
}

/// An allowance of the caller as it is after the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowanceAfter {
    /// Of which token.
    pub token: Address,
    /// For whom.
    pub spender: Address,
    /// In the smallest unit.
    pub amount: U256,
    /// When it ends, Unix seconds (Permit2).
    pub expires: Option<u64>,
    /// By which mechanism.
    pub via: AllowanceVia,
}

impl BalanceChange {
    /// The difference.
    pub fn delta(&self) -> Delta {
        if self.after >= self.before { Delta::In(self.after - self.before) } else { Delta::Out(self.before - self.after) }
    }
}

impl Simulation {
    /// True where it works.
    pub const fn succeeds(&self) -> bool {
        matches!(self.outcome, Outcome::Success)
    }

    /// The change of one asset; `None` where it does not change.
    pub fn change_of(&self, asset: AssetKind) -> Option<Delta> {
        self.changes.iter().find(|c| c.asset == asset).map(BalanceChange::delta)
    }
}

/// One call's result inside an engine.
struct Ran {
    ok: bool,
    output: Bytes,
    gas_used: u64,
    logs: Vec<Log>,
    /// Set where it halted without data.
    halt: Option<String>,
}

/// The time of the simulated block: as if it were made now, and after its parent in any case.
fn block_time(head: &Head) -> u64 {
    crate::store::now().max(head.timestamp.saturating_add(1))
}

/// Runs calls one after another on the same state, each seeing what the ones before did.
trait Engine {
    async fn run(&mut self, calls: &[Call]) -> Result<Vec<Ran>>;
}

impl ChainClient {
    /// A preview on the latest block: by the node, or locally where the node has no `eth_simulateV1`.
    ///
    /// # Errors
    ///
    /// [`WalletError::InsufficientFunds`] where the value exceeds the balance; [`WalletError::Simulation`] where a bound is met.
    /// That the transaction would revert is no error: see [`Outcome`].
    pub async fn simulate(&self, call: &Call) -> Result<Simulation> {
        use std::sync::atomic::Ordering::Relaxed;
        // Some nodes simulate no contract creation.
        if call.to.is_some() && !self.inner.no_simulate.load(Relaxed) {
            match self.simulate_on_node(call).await {
                Err(WalletError::Unsupported { .. }) => self.inner.no_simulate.store(true, Relaxed),
                other => return other,
            }
        }
        self.simulate_locally(call).await
    }

    /// A preview by `eth_simulateV1`.
    pub async fn simulate_on_node(&self, call: &Call) -> Result<Simulation> {
        let head = self.head().await?;
        let engine = NodeEvm { client: self, head, time: block_time(&head) };
        preview(self, engine, call, head, SimulatedBy::Node).await
    }

    /// A preview by the EVM in this process. Chain-specific precompiles (Arbitrum's) are not there: such calls revert.
    pub async fn simulate_locally(&self, call: &Call) -> Result<Simulation> {
        let head = self.head().await?;
        let engine = LocalEvm::new(self.clone(), head);
        preview(self, engine, call, head, SimulatedBy::Local).await
    }
}

async fn preview(client: &ChainClient, mut engine: impl Engine, call: &Call, head: Head, by: SimulatedBy) -> Result<Simulation> {
    let mut call = call.clone();
    call.gas = Some(call.gas.unwrap_or_else(|| DEFAULT_GAS.min(head.gas_limit)));
    let account = call.from;
    let first = engine.run(std::slice::from_ref(&call)).await?;
    let Some(ran) = first.first() else {
        return Err(client.bad("eth_simulateV1", "it has no result for the call"));
    };
    let base = Simulation {
        outcome: Outcome::Success,
        gas_used: ran.gas_used,
        changes: Vec::new(),
        allowances: Vec::new(),
        more: false,
        by,
        block: head.number,
    };
    if !ran.ok {
        let reason = match &ran.halt {
            Some(why) if ran.output.is_empty() => Revert::halt(why),
            _ => Revert::decode(ran.output.clone()),
        };
        return Ok(Simulation { outcome: Outcome::Reverted { reason }, ..base });
    }

    let mut touched = Touched::in_logs(&ran.logs, account, client.chain().permit2);
    let more = touched.cut();
    let program = touched.program(&call);
    let results = engine.run(&program).await?;
    if results.len() != program.len() {
        return Err(client.bad("eth_simulateV1", &format!("got {} results, expected {}", results.len(), program.len())));
    }
    let n = 1 + touched.tokens.len();
    let (before, rest) = results.split_at(n);
    let (after, allowances) = rest.split_at(n + 1);
    let (ran_again, after) = after.split_first().ok_or_else(|| client.bad("eth_simulateV1", "it has no results"))?;
    if !ran_again.ok {
        return Err(WalletError::Simulation { why: "it works alone, but fails beside questions about balances".into() });
    }
    let assets = std::iter::once(AssetKind::Native).chain(touched.tokens.iter().copied().map(AssetKind::Token));
    let changes = assets.zip(before.iter().zip(after)).filter_map(|(asset, (before, after))| {
        let (before, after) = (word(before)?, word(after)?);
        (before != after).then_some(BalanceChange { asset, before, after })
    });
    let allowances = touched.allowances.iter().zip(allowances).filter_map(|(asked, ran)| asked.answer(ran));
    Ok(Simulation { changes: changes.collect(), allowances: allowances.collect(), more, ..base })
}

/// What the transaction touches, as far as its logs name the account.
#[derive(Default)]
struct Touched {
    tokens: Vec<Address>,
    allowances: Vec<Asked>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    permit2: Option<Address>,
    token: Address,
    owner: Address,
    spender: Address,
}

impl Touched {
    fn in_logs(logs: &[Log], account: Address, permit2: Option<Address>) -> Self {
        let mut touched = Self::default();
        let named = B256::left_padding_from(account.as_slice());
        for log in logs {
            let topics = log.topics();
            if !topics.iter().skip(1).any(|topic| *topic == named) {
                continue;
            }
            if Some(log.address) == permit2 {
                let [_, owner, token, spender] = topics else {
                    continue;
                };
                let kind = topics.first();
                let sets = kind == Some(&Permit2::Approval::SIGNATURE_HASH) || kind == Some(&Permit2::Permit::SIGNATURE_HASH);
                if sets && *owner == named {
                    touched.allowances.push(Asked {
                        permit2,
                        token: Address::from_word(*token),
                        owner: account,
                        spender: Address::from_word(*spender),
                    });
                }
                continue;
            }
            match topics {
                [kind, owner, spender] if *kind == Erc20::Approval::SIGNATURE_HASH => {
                    if *owner == named {
                        let spender = Address::from_word(*spender);
                        touched.allowances.push(Asked { permit2: None, token: log.address, owner: account, spender });
                    }
                }
                _ => touched.tokens.push(log.address),
            }
        }
        touched.tokens.sort_unstable();
        touched.tokens.dedup();
        touched.allowances.sort_unstable();
        touched.allowances.dedup();
        touched
    }

    fn cut(&mut self) -> bool {
        let more = self.tokens.len() > MAX_ASSETS || self.allowances.len() > MAX_ASSETS;
        self.tokens.truncate(MAX_ASSETS);
        self.allowances.truncate(MAX_ASSETS);
        more
    }

    /// Balances, the transaction, balances again, allowances.
    fn program(&self, call: &Call) -> Vec<Call> {
        let account = call.from;
        let ask = |to: Address, data: Vec<u8>| Call::new(Address::ZERO, to).data(data).gas(PROBE_GAS);
        let balances = || {
            let native = ask(PROBE, B256::left_padding_from(account.as_slice()).to_vec());
            let tokens = self.tokens.iter().map(|token| ask(*token, Erc20::balanceOfCall { account }.abi_encode()));
            std::iter::once(native).chain(tokens).collect::<Vec<_>>()
        };
        let allowances = self.allowances.iter().map(|asked| match asked.permit2 {
            Some(permit2) => {
                let Asked { owner, token, spender, .. } = *asked;
                ask(permit2, Permit2::allowanceCall { owner, token, spender }.abi_encode())
            }
            None => ask(asked.token, Erc20::allowanceCall { owner: asked.owner, spender: asked.spender }.abi_encode()),
        });
        balances().into_iter().chain([call.clone()]).chain(balances()).chain(allowances).collect()
    }
}

impl Asked {
    fn answer(&self, ran: &Ran) -> Option<AllowanceAfter> {
        let Self { token, spender, .. } = *self;
        if !ran.ok {
            return None;
        }
        if self.permit2.is_some() {
            let allowance = Permit2::allowanceCall::abi_decode_returns(&ran.output).ok()?;
            let expires = Some(allowance.expiration.to::<u64>());
            return Some(AllowanceAfter { token, spender, amount: U256::from(allowance.amount), expires, via: AllowanceVia::Permit2 });
        }
        Some(AllowanceAfter { token, spender, amount: word(ran)?, expires: None, via: AllowanceVia::Erc20 })
    }
}

fn word(ran: &Ran) -> Option<U256> {
    if !ran.ok {
        return None;
    }
    U256::try_from_be_slice(ran.output.get(..32)?)
}
