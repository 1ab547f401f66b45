//! What is owed on credit lines, by what was signed: the signer sees no chain.
//!
//! Never less than what a look at the chain would give, but for interest and for payments that failed: of transactions
//! that replace each other the greatest draw and the smallest payment count, and what is paid beyond the debt (interest,
//! somebody else's line) lowers no other debt.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use parlance_effects::ChainId;
use parlance_policy::{Overflow, Usd};

use super::{Entry, Ledger};

/// A credit line, as its borrower's signatures name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    account: Address,
    chain: Option<ChainId>,
    pool: Address,
    number: U256,
}

/// Every line that something was drawn from or paid on, with the groups that did, in order.
#[derive(Debug, Default)]
pub(super) struct Lines(BTreeMap<Line, Vec<usize>>);

impl Lines {
    /// A member of a group is signed.
    pub fn concern(&mut self, group: usize, entry: &Entry) {
        for debt in &entry.debts {
            let line = Line { account: entry.account, chain: entry.chain, pool: debt.pool, number: debt.line };
            let groups = self.0.entry(line).or_default();
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
    }
}

/// What members of a group change on a line, micro-USD.
#[derive(Clone, Copy, Default)]
struct Change {
    drawn: u128,
    repaid: u128,
}

impl Line {
    fn changed_by(&self, entry: &Entry) -> Change {
        // What could not be priced was decided on then; here only what is known adds up.
        let known = |usd: Usd| if usd.is_boundless() { 0 } else { u128::from(usd.micro()) };
        let same = entry.account == self.account && entry.chain == self.chain;
        let debts = entry.debts.iter().filter(|debt| same && debt.pool == self.pool && debt.line == self.number);
        debts.fold(Change::default(), |all, debt| Change { drawn: all.drawn + known(debt.drawn), repaid: all.repaid + known(debt.repaid) })
    }
}

impl Ledger {
    /// Dollars that are owed on all lines together before `entry`, such that what it draws comes on top of it.
    ///
    /// # Errors
    /// [`Overflow`], and the signature is to be refused.
    pub(super) fn owed(&self, entry: &Entry) -> Result<Usd, Overflow> {
        let own = self.group_of.get(&entry.group()).copied();
        let owed = self.lines.0.iter().map(|(line, groups)| {
            groups.iter().fold(0u128, |owed, group| {
                let mut change = self.change(*group, line);
                if own == Some(*group) {
                    let new = line.changed_by(entry);
                    change = Change { drawn: change.drawn.saturating_sub(new.drawn), repaid: change.repaid.min(new.repaid) };
                }
                (owed + change.drawn).saturating_sub(change.repaid)
            })
        });
        Usd::from_micro(u64::try_from(owed.sum::<u128>()).unwrap_or(u64::MAX))
    }

    /// Has the account drawn on this line, by what was signed?
    #[must_use]
    pub fn has_drawn(&self, account: Address, chain: Option<ChainId>, pool: Address, number: U256) -> bool {
        let line = Line { account, chain, pool, number };
        self.lines.0.get(&line).is_some_and(|groups| groups.iter().any(|group| self.change(*group, &line).drawn > 0))
    }

    /// The greatest draw and the smallest payment of a group's members that are not given back.
    fn change(&self, group: usize, line: &Line) -> Change {
        let members = self.groups.get(group).map_or(&[][..], |group| &group.members);
        let kept = members.iter().filter_map(|number| self.entries.get(*number)).filter(|kept| !kept.released);
        let changes = kept.map(|kept| line.changed_by(&kept.entry));
        changes.reduce(|a, b| Change { drawn: a.drawn.max(b.drawn), repaid: a.repaid.min(b.repaid) }).unwrap_or_default()
    }
}
