//! What was signed, and what it may cost.
//!
//! Limits bound what is *signed*: an [`Entry`] counts from the moment it is reserved, whatever becomes of the
//! transaction. Entries that exclude each other (same account, chain and nonce) form one group, of which the maximum
//! counts: in USD, per asset, per recipient. Only the owner gives anything back.

mod entry;
mod grants;
mod nonces;
mod windows;

use std::collections::{BTreeSet, HashMap};

use alloy_primitives::{Address, B256, U256};
use parlance_effects::ChainId;
use parlance_policy::{AssetId, Spend, Usd};

pub use entry::{Entry, Grant, GroupKey, Pull};
pub use grants::LiveGrant;
pub use nonces::{NonceRefusal, NonceUse};
pub use windows::{DAY, HOUR, MONTH, WEEK};

use grants::Grants;
use nonces::Nonces;

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
    groups: HashMap<GroupKey, Group>,
    /// Groups by the time of their latest member, for windows.
    by_time: BTreeSet<(u64, GroupKey)>,
    by_digest: HashMap<B256, Vec<usize>>,
    nonces: Nonces,
    grants: Grants,
    paid: HashMap<Address, Paid>,
}

#[derive(Debug)]
struct Kept {
    entry: Entry,
    released: bool,
}

#[derive(Debug, Default)]
struct Group {
    members: Vec<usize>,
    last_at: u64,
    pulled: HashMap<(AssetId, Address), U256>,
}

/// How often an address was paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
        let key = entry.group();
        let index = self.entries.len();
        if let (Some(chain), Some(nonce)) = (entry.chain, entry.nonce) {
            self.nonces.signed(entry.account, chain, nonce);
        }
        let group = self.groups.entry(key).or_default();
        let new_group = group.members.is_empty();
        if !new_group {
            self.by_time.remove(&(group.last_at, key));
        }
        self.grants.replaced(key, &entry);
        for pull in &entry.pulls {
            let so_far = group.pulled.entry((pull.asset, pull.spender)).or_default();
            let more = pull.amount.saturating_sub(*so_far);
            *so_far = (*so_far).max(pull.amount);
            self.grants.pull(entry.account, pull.asset, pull.spender, more);
        }
        for grant in &entry.grants {
            self.grants.grant(key, entry.account, grant, entry.digest);
        }
        group.members.push(index);
        group.last_at = group.last_at.max(entry.at);
        self.by_time.insert((group.last_at, key));
        let before: BTreeSet<Address> = group.members.iter().rev().skip(1).flat_map(|&m| self.entries[m].entry.payees()).collect();
        for payee in entry.payees().filter(|p| !before.contains(p)).collect::<BTreeSet<_>>() {
            let paid = self.paid.entry(payee).or_insert(Paid { first: entry.at, ..Paid::default() });
            paid.count += 1;
            paid.last = entry.at;
        }
        self.by_digest.entry(entry.digest).or_default().push(index);
        self.entries.push(Kept { entry, released: false });
    }

    /// Give back what the signature of `digest` reserved. False where there is no such entry.
    pub fn release(&mut self, digest: B256) -> bool {
        let Some(indices) = self.by_digest.get(&digest) else {
            return false;
        };
        for &index in indices {
            if let Some(kept) = self.entries.get_mut(index) {
                kept.released = true;
                self.grants.void(digest);
            }
        }
        true
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
        self.nonces.check(account, chain, nonce, |n| self.groups.contains_key(&GroupKey::Nonce { account, chain, nonce: n }))
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
        let by_group = self.groups.get(&group).and_then(|g| g.pulled.get(&(asset, spender))).copied();
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
        for (_, key) in self.by_time.range((from, GroupKey::LEAST)..) {
            let Some(group) = self.groups.get(key).filter(|_| *key != without) else {
                continue;
            };
            let live = self.members(group).filter(|e| e.account == account && e.chain == chain);
            let worth = live.filter(|e| e.until.is_none_or(|until| until > now)).map(Entry::usd).max();
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

    fn members<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = &'a Entry> {
        group.members.iter().filter_map(|&i| self.entries.get(i)).filter(|k| !k.released).map(|k| &k.entry)
    }
}
