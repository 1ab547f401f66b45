//! What was signed, and what it may cost.
//!
//! Limits bound what is *signed*: an [`Entry`] counts from the moment it is reserved, whatever becomes of the
//! transaction. Entries that exclude each other (same account, chain and nonce) form one group, of which the maximum
//! counts: in USD, per asset, per recipient. Only the owner gives anything back.

mod debts;
mod entry;
mod grants;
mod nonces;
#[cfg(test)]
mod plain;
mod remains;
mod respects;
mod windows;

use std::collections::{BTreeSet, HashMap};

use alloy_primitives::{Address, B256, U256};
use parlance_effects::ChainId;
use parlance_policy::{AssetId, Spend, Usd};
use serde::{Deserialize, Serialize};

pub use entry::{Debt, Entry, Grant, GroupKey, Pull};
pub use grants::LiveGrant;
pub use nonces::{NonceRefusal, NonceUse};
pub use remains::Remains;
pub use windows::{DAY, HOUR, MONTH, WEEK};

use debts::Lines;
use grants::Grants;
use nonces::Nonces;
use respects::{Origins, Respect, Sums};
use windows::Running;

/// Signatures of one account on one chain that may be outstanding at once; more are refused.
pub const MAX_OUTSTANDING: u64 = 512;
/// Micro-USD of outstanding signatures above which the password is asked for: 25,000 dollars.
pub const MAX_OUTSTANDING_USD: u64 = 25_000_000_000;
/// Seconds for which a transaction is taken to be outstanding. Receipts are claims, so only time ends it.
const OUTSTANDING_FOR: u64 = HOUR;

/// Everything that was signed, folded from the journal.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<Kept>,
    groups: Vec<Group>,
    group_of: HashMap<GroupKey, usize>,
    /// Groups by the time of their latest member, for windows.
    by_time: BTreeSet<(u64, usize)>,
    by_digest: HashMap<B256, Vec<usize>>,
    origins: Origins,
    running: Running,
    nonces: Nonces,
    grants: Grants,
    lines: Lines,
    paid: HashMap<Address, Paid>,
}

#[derive(Debug)]
struct Kept {
    entry: Entry,
    released: bool,
}

#[derive(Debug)]
struct Group {
    key: GroupKey,
    members: Vec<usize>,
    last_at: u64,
    /// The maximum over the members that are not given back, each number on its own.
    most: Sums,
    /// The most dollars of those members that can take effect at any time; `None` where there are none.
    lasting: Option<Usd>,
    /// Members that can't take effect after some moment.
    ending: Vec<usize>,
    /// Everybody whom a member pays.
    payees: BTreeSet<Address>,
    pulled: HashMap<(AssetId, Address), U256>,
    /// A member has drawn on a credit line or paid on one.
    owes: bool,
}

/// How often an address was paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paid {
    /// Signatures that pay it, replacements counted once.
    pub count: u64,
    /// Unix seconds of the first.
    pub first: u64,
    /// Unix seconds of the last.
    pub last: u64,
}

impl Ledger {
    /// Add a reserved entry. Called for each journal row, old and new, in order.
    pub fn reserve(&mut self, entry: Entry) {
        if let (Some(chain), Some(nonce)) = (entry.chain, entry.nonce) {
            self.nonces.signed(entry.account, chain, nonce);
        }
        let key = entry.group();
        let index = self.group(key);
        self.grants.replaced(key, &entry);
        if let Some(group) = self.groups.get_mut(index) {
            for pull in &entry.pulls {
                let more = group.pull(pull);
                self.grants.pull(entry.account, pull.asset, pull.spender, more);
            }
            for payee in entry.payees().filter(|p| !group.payees.contains(p)).collect::<BTreeSet<_>>() {
                let paid = self.paid.entry(payee).or_insert(Paid { first: entry.at, ..Paid::default() });
                paid.count += 1;
                paid.last = entry.at;
            }
        }
        for grant in &entry.grants {
            self.grants.grant(key, entry.account, grant, entry.digest);
        }
        self.join(index, entry, false);
    }

    /// Where the group is; a new one where there is none.
    fn group(&mut self, key: GroupKey) -> usize {
        *self.group_of.entry(key).or_insert_with(|| {
            self.groups.push(Group {
                key,
                members: Vec::new(),
                last_at: 0,
                most: Sums::default(),
                lasting: None,
                ending: Vec::new(),
                payees: BTreeSet::new(),
                pulled: HashMap::new(),
                owes: false,
            });
            self.groups.len() - 1
        })
    }

    /// A new member of a group; its windows count from now on.
    fn join(&mut self, index: usize, entry: Entry, released: bool) {
        self.advance(entry.at);
        let origin = self.origins.known(&entry.origin);
        let number = self.entries.len();
        let Some(group) = self.groups.get_mut(index) else {
            return;
        };
        if self.by_time.remove(&(group.last_at, index)) {
            self.running.take(group.last_at, &group.most);
        }
        group.last_at = group.last_at.max(entry.at);
        group.members.push(number);
        group.payees.extend(entry.payees());
        group.owes |= !entry.debts.is_empty();
        self.lines.concern(index, &entry);
        if !released {
            group.count(number, &entry, origin);
        }
        self.by_time.insert((group.last_at, index));
        self.running.add(group.last_at, &group.most);
        self.by_digest.entry(entry.digest).or_default().push(number);
        self.entries.push(Kept { entry, released });
    }

    /// Give back what the signature of `digest` reserved. False where there is no such entry.
    pub fn release(&mut self, digest: B256) -> bool {
        let Some(indices) = self.by_digest.get(&digest) else {
            return false;
        };
        let mut touched = BTreeSet::new();
        for &index in indices {
            if let Some(kept) = self.entries.get_mut(index) {
                kept.released = true;
                touched.extend(self.group_of.get(&kept.entry.group()).copied());
            }
        }
        self.grants.void(digest);
        touched.into_iter().for_each(|index| self.recount(index));
        true
    }

    /// Count a group's members anew: the maximum can only be lowered by looking at all of them.
    fn recount(&mut self, index: usize) {
        let Some(group) = self.groups.get_mut(index) else {
            return;
        };
        self.running.take(group.last_at, &group.most);
        (group.most, group.lasting, group.ending) = (Sums::default(), None, Vec::new());
        for number in group.members.clone() {
            if let Some(kept) = self.entries.get(number).filter(|kept| !kept.released) {
                group.count(number, &kept.entry, self.origins.known(&kept.entry.origin));
            }
        }
        self.running.add(group.last_at, &group.most);
    }

    /// Entries that were signed under `digest` and are not given back.
    pub fn find(&self, digest: B256) -> impl Iterator<Item = &Entry> {
        let indices = self.by_digest.get(&digest).map_or(&[][..], Vec::as_slice);
        indices.iter().filter_map(|&i| self.entries.get(i)).filter(|k| !k.released).map(|k| &k.entry)
    }

    /// May a transaction with this nonce be signed?
    ///
    /// # Errors
    /// A gap, or a nonce that is not outstanding any more.
    pub fn nonce(&self, account: Address, chain: ChainId, nonce: u64) -> Result<NonceUse, NonceRefusal> {
        self.nonces.check(account, chain, nonce, |n| self.group_of.contains_key(&GroupKey::Nonce { account, chain, nonce: n }))
    }

    /// The owner says what the chain's next nonce is.
    pub fn set_nonce(&mut self, account: Address, chain: ChainId, next: u64) {
        self.nonces.set(account, chain, next);
    }

    /// The next nonce that this signer would accept; `None` before the first.
    #[must_use]
    pub fn next_nonce(&self, account: Address, chain: ChainId) -> Option<u64> {
        self.nonces.next(account, chain)
    }

    /// What of an allowance is reserved already and not yet pulled, as a signature in `group` may count it.
    #[must_use]
    pub fn reserved_for(&self, group: GroupKey, account: Address, asset: AssetId, spender: Address) -> U256 {
        let by_group = self.group_of.get(&group).and_then(|i| self.groups.get(*i)).and_then(|g| g.pulled.get(&(asset, spender))).copied();
        self.grants.remaining(account, asset, spender).saturating_add(by_group.unwrap_or_default())
    }

    /// What an entry that replaces another one must count on top: pulls that rest on an allowance which the new one
    /// does not grant.
    #[must_use]
    pub fn orphaned(&self, entry: &Entry) -> Vec<Spend> {
        self.grants.orphaned(entry.group(), entry)
    }

    /// Allowances that were granted and never revoked, as far as this signer knows.
    pub fn live_grants(&self) -> impl Iterator<Item = &LiveGrant> {
        self.grants.live()
    }

    /// How often `address` was paid.
    #[must_use]
    pub fn paid(&self, address: Address) -> Paid {
        self.paid.get(&address).copied().unwrap_or_default()
    }

    /// Everybody who was ever paid.
    pub fn payees(&self) -> impl Iterator<Item = Address> + '_ {
        self.paid.keys().copied()
    }

    /// Number and value of signatures that could still take effect, other than those of `without`.
    #[must_use]
    pub fn outstanding(&self, now: u64, account: Address, chain: Option<ChainId>, without: GroupKey) -> (u64, Usd) {
        let from = now.saturating_sub(OUTSTANDING_FOR);
        let (mut number, mut usd) = (0u64, Usd::ZERO);
        let recent = self.by_time.range((from, 0)..).filter_map(|(_, index)| self.groups.get(*index));
        for group in recent.filter(|g| g.key != without && g.key.may_be_of(account, chain)) {
            let ending = group.ending.iter().filter_map(|&i| self.entries.get(i)).map(|kept| &kept.entry);
            let live = ending.filter(|e| e.account == account && e.chain == chain && e.until.is_none_or(|until| until > now));
            let worth = live.map(Entry::usd).chain(group.lasting).max();
            if let Some(worth) = worth {
                number += 1;
                usd = usd.plus(worth).unwrap_or(Usd::BOUNDLESS);
            }
        }
        (number, usd)
    }

    /// Entries, oldest first, with whether they were given back.
    pub fn entries(&self) -> impl Iterator<Item = (&Entry, bool)> {
        self.entries.iter().map(|k| (&k.entry, k.released))
    }
}

impl Group {
    /// A member takes so much from an allowance; what that is more than other members took.
    fn pull(&mut self, pull: &Pull) -> U256 {
        let so_far = self.pulled.entry((pull.asset, pull.spender)).or_default();
        let more = pull.amount.saturating_sub(*so_far);
        *so_far = (*so_far).max(pull.amount);
        more
    }

    /// A member that is not given back counts.
    fn count(&mut self, number: usize, entry: &Entry, origin: Respect) {
        self.most.raise_to(&Sums::of(entry, origin));
        // Which chain a signature is for, members without a nonce say themselves.
        if entry.until.is_none() && matches!(self.key, GroupKey::Nonce { .. }) {
            self.lasting = self.lasting.max(Some(entry.usd()));
        } else {
            self.ending.push(number);
        }
    }
}
