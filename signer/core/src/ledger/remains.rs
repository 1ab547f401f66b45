//! What is kept of a ledger when old rows of the journal are thrown away.

use alloy_primitives::Address;
use parlance_effects::ChainId;
use serde::{Deserialize, Serialize};

use super::grants::Grants;
use super::{Entry, Group, GroupKey, Ledger, LiveGrant, MONTH, Paid};

/// Seconds after which a signature that can't take effect any more, or whose nonce is used up, may be forgotten: three
/// months, so that rules can be tried on what was signed lately.
const SETTLED_AFTER: u64 = 3 * MONTH;

/// Everything that a rule can still see, and every allowance.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remains {
    /// Entries with whether they were given back, in order.
    entries: Vec<(Entry, bool)>,
    /// Next nonces.
    nonces: Vec<(Address, ChainId, u64)>,
    /// Allowances, in the order in which they were granted.
    grants: Vec<LiveGrant>,
    /// How often everybody was paid, ever.
    paid: Vec<(Address, Paid)>,
}

impl Remains {
    /// How many entries are among it.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.entries.len() as u64
    }
}

impl Ledger {
    /// All but the entries that are settled at `now`: those of groups which
    /// - were signed last more than three months ago, so that no window holds them,
    /// - can't take effect any more as payments by signature, or are transactions. (A nonce of which no entry is left is
    ///   used up: a transaction of that age can't be replaced without the owner's word on the chain's count.)
    /// - have granted no allowance that still stands or that something was taken from,
    /// - have drawn and paid back nothing: what is owed follows from all that was.
    #[must_use]
    pub fn remains(&self, now: u64) -> Remains {
        let kept = self.entries.iter().filter(|kept| {
            let group = self.group_of.get(&kept.entry.group()).and_then(|i| self.groups.get(*i));
            group.is_none_or(|group| !self.settled(group, now))
        });
        let mut paid: Vec<_> = self.paid.iter().map(|(address, paid)| (*address, *paid)).collect();
        paid.sort_by_key(|(address, _)| *address);
        Remains {
            entries: kept.map(|kept| (kept.entry.clone(), kept.released)).collect(),
            nonces: self.nonces.all(),
            grants: self.grants.kept(),
            paid,
        }
    }

    /// A ledger that answers as the one did that this remains of.
    #[must_use]
    pub fn restore(remains: Remains) -> Self {
        let mut ledger = Self { grants: Grants::restore(remains.grants), paid: remains.paid.into_iter().collect(), ..Self::default() };
        for (entry, released) in remains.entries {
            let index = ledger.group(entry.group());
            if let Some(group) = ledger.groups.get_mut(index) {
                for pull in &entry.pulls {
                    group.pull(pull);
                }
            }
            ledger.join(index, entry, released);
        }
        for (account, chain, next) in remains.nonces {
            ledger.nonces.set(account, chain, next);
        }
        ledger
    }

    fn settled(&self, group: &Group, now: u64) -> bool {
        let old = group.last_at.saturating_add(SETTLED_AFTER) <= now;
        let over = match group.key {
            GroupKey::Nonce { .. } => true,
            GroupKey::Digest { .. } => {
                let mut members = group.members.iter().filter_map(|i| self.entries.get(*i)).filter(|kept| !kept.released);
                members.all(|kept| kept.entry.until.is_some_and(|until| until <= now))
            }
        };
        old && over && !self.grants.concern(group.key) && !group.owes
    }
}
