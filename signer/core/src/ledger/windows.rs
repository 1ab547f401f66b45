//! Rolling windows.
//!
//! The sums of each window are kept and changed with each entry; a look at another moment adds and takes away only
//! what lies between. That they are what adding up all entries gives is what `tests` below checks.

use std::collections::{BTreeSet, HashMap};

use parlance_policy::{Overflow, Tally, Totals};

use super::respects::{Respect, Sum, Sums};
use super::{Entry, Ledger};

/// Seconds.
pub const HOUR: u64 = 3600;
/// Seconds.
pub const DAY: u64 = 24 * HOUR;
/// Seconds.
pub const WEEK: u64 = 7 * DAY;
/// Seconds; 30 days.
pub const MONTH: u64 = 30 * DAY;

const WINDOWS: [u64; 4] = [HOUR, DAY, WEEK, MONTH];

/// The sums of the windows as they stood at some moment.
#[derive(Debug, Default)]
pub(super) struct Running {
    /// What was signed last at this time or later is in the window.
    from: [u64; 4],
    sums: HashMap<Respect, [Sum; 4]>,
}

/// Where the windows that end at `now` begin.
fn starts(now: u64) -> [u64; 4] {
    WINDOWS.map(|window| now.saturating_add(1).saturating_sub(window))
}

impl Running {
    /// Count a group that was signed last at `at`.
    pub fn add(&mut self, at: u64, sums: &Sums) {
        let within = self.from.map(|from| at >= from);
        self.change(within, sums, Sum::plus);
    }

    /// Count it no more.
    pub fn take(&mut self, at: u64, sums: &Sums) {
        let within = self.from.map(|from| at >= from);
        self.change(within, sums, Sum::less);
    }

    fn change(&mut self, within: [bool; 4], sums: &Sums, change: impl Fn(Sum, Sum) -> Sum) {
        if !within.contains(&true) {
            return;
        }
        for (respect, sum) in sums.iter() {
            let windows = self.sums.entry(respect).or_default();
            for (window, _) in windows.iter_mut().zip(within).filter(|(_, within)| *within) {
                *window = change(*window, sum);
            }
            if windows.iter().all(|window| window.number == 0) {
                self.sums.remove(&respect);
            }
        }
    }

    fn get(&self, respect: Respect) -> [Sum; 4] {
        self.sums.get(&respect).copied().unwrap_or_default()
    }
}

impl Ledger {
    /// Let the kept sums end at `now`: what follows is faster, and gives the same.
    pub fn advance(&mut self, now: u64) {
        let to = starts(now);
        for (i, to) in to.into_iter().enumerate() {
            let Some(from) = self.running.from.get_mut(i).map(|from| std::mem::replace(from, to)) else {
                continue;
            };
            let only = std::array::from_fn(|n| n == i);
            for (_, group) in self.by_time.range((from, 0)..(to.max(from), 0)) {
                if let Some(group) = self.groups.get(*group) {
                    self.running.change(only, &group.most, Sum::less);
                }
            }
            for (_, group) in self.by_time.range((to, 0)..(from.max(to), 0)) {
                if let Some(group) = self.groups.get(*group) {
                    self.running.change(only, &group.most, Sum::plus);
                }
            }
        }
    }

    /// What was signed in the windows that end at `now`, in every respect that concerns `entry`, such that "before plus
    /// entry" is what will count once it is signed: of signatures that `entry` replaces, only what they count beyond it.
    ///
    /// # Errors
    /// [`Overflow`], and the signature is to be refused.
    pub fn before(&self, now: u64, entry: &Entry) -> Result<Totals, Overflow> {
        let assets: BTreeSet<_> = entry.spends.iter().map(|s| s.asset).collect();
        let recipients: BTreeSet<_> = entry.spends.iter().filter_map(|s| s.recipient).collect();
        let replaced = self.group_of.get(&entry.group()).and_then(|i| self.groups.get(*i)).filter(|g| !g.most.is_empty());
        let look = Look {
            ledger: self,
            from: starts(now),
            replaced: replaced.map(|group| (group.last_at, &group.most, Sums::whole(entry, self.origins.respect(&entry.origin)))),
        };
        Ok(Totals {
            all: look.tally(Respect::All)?,
            without_asking: look.tally(Respect::WithoutAsking)?,
            without_password: look.tally(Respect::WithoutPassword)?,
            origin: look.tally(self.origins.respect(&entry.origin))?,
            swaps: look.tally(Respect::Swaps)?,
            borrowed: look.tally(Respect::Borrowed)?,
            owed: self.owed(entry)?,
            assets: assets.into_iter().map(|a| Ok((a, look.tally(Respect::Asset(a))?))).collect::<Result<_, _>>()?,
            recipients: recipients.into_iter().map(|r| Ok((r, look.tally(Respect::Recipient(r))?))).collect::<Result<_, _>>()?,
        })
    }
}

/// A look at the windows that begin at `from`.
struct Look<'a> {
    ledger: &'a Ledger,
    from: [u64; 4],
    /// The group that the new entry joins: its time, its sums, and what of them the new entry counts itself.
    replaced: Option<(u64, &'a Sums, Sums)>,
}

impl Look<'_> {
    fn tally(&self, respect: Respect) -> Result<Tally, Overflow> {
        let mut sums = self.ledger.running.get(respect);
        let windows = sums.iter_mut().zip(self.from).zip(self.ledger.running.from);
        for ((sum, from), kept) in windows.filter(|((_, from), kept)| from != kept) {
            for group in self.between(kept, from) {
                *sum = sum.less(group.get(respect));
            }
            for group in self.between(from, kept) {
                *sum = sum.plus(group.get(respect));
            }
        }
        if let Some((at, most, whole)) = &self.replaced {
            let (most, whole) = (most.get(respect), whole.get(respect));
            if self.from.iter().any(|from| at >= from) {
                most.fitting()?;
                whole.fitting()?;
            }
            for (sum, _) in sums.iter_mut().zip(self.from).filter(|(_, from)| at >= from) {
                *sum = sum.less(most).plus(most.less(whole));
            }
        }
        let mut tally = Tally::default();
        let Tally { usd, units, number } = &mut tally;
        for (sum, (usd, units, number)) in sums.into_iter().zip([
            (&mut usd.hour, &mut units.hour, &mut number.hour),
            (&mut usd.day, &mut units.day, &mut number.day),
            (&mut usd.week, &mut units.week, &mut number.week),
            (&mut usd.month, &mut units.month, &mut number.month),
        ]) {
            (*usd, *units, *number) = sum.fitting()?;
        }
        Ok(tally)
    }

    /// Groups that were signed last from `from` on and before `to`.
    fn between(&self, from: u64, to: u64) -> impl Iterator<Item = &Sums> {
        let range = self.ledger.by_time.range((from, 0)..(to.max(from), 0));
        range.filter_map(|(_, group)| self.ledger.groups.get(*group)).map(|group| &group.most)
    }
}
