//! Rolling windows.

use std::collections::BTreeSet;

use alloy_primitives::Address;
use parlance_policy::{AssetId, Overflow, SpendKind, Tally, Totals, Units, Usd};

use super::{Entry, GroupKey, Ledger};

/// Seconds.
pub const HOUR: u64 = 3600;
/// Seconds.
pub const DAY: u64 = 24 * HOUR;
/// Seconds.
pub const WEEK: u64 = 7 * DAY;
/// Seconds; 30 days.
pub const MONTH: u64 = 30 * DAY;

impl Ledger {
    /// What was signed in the windows that end at `now`, in every respect that concerns `entry`, such that "before plus
    /// entry" is what will count once it is signed: of signatures that `entry` replaces, only what they count beyond it.
    ///
    /// # Errors
    /// [`Overflow`], and the signature is to be refused.
    pub fn before(&self, now: u64, entry: &Entry) -> Result<Totals, Overflow> {
        let view = View::of(entry);
        let mut totals = view.empty();
        let from = now.saturating_add(1).saturating_sub(MONTH);
        let group = entry.group();
        for (at, key) in self.by_time.range((from, GroupKey::LEAST)..) {
            let Some(mut sums) = self.group_sums(*key, &view)? else {
                continue;
            };
            if *key == group {
                sums = sums.less(&view.whole(entry)?);
            }
            let within = [HOUR, DAY, WEEK, MONTH].map(|window| at.saturating_add(window) > now);
            sums.add_to(&mut totals, &view, within)?;
        }
        Ok(totals)
    }

    /// The maximum over the group's members, each sum on its own.
    fn group_sums(&self, key: GroupKey, view: &View<'_>) -> Result<Option<Sums>, Overflow> {
        let Some(group) = self.groups.get(&key) else {
            return Ok(None);
        };
        let mut max: Option<Sums> = None;
        for member in self.members(group) {
            let sums = view.seen(member)?;
            max = Some(match max {
                Some(before) => before.max(sums),
                None => sums,
            });
        }
        Ok(max)
    }
}

/// In which respects a new entry looks at old ones.
struct View<'a> {
    origin: &'a str,
    assets: Vec<AssetId>,
    recipients: Vec<Address>,
}

/// One sum.
#[derive(Clone, Copy, Default)]
struct Sum {
    usd: Usd,
    units: Units,
    number: u64,
}

/// What one entry, or a group of which the maximum counts, comes to.
struct Sums {
    all: Sum,
    without_asking: Sum,
    without_password: Sum,
    origin: Sum,
    swaps: Sum,
    assets: Vec<Sum>,
    recipients: Vec<Sum>,
}

impl<'a> View<'a> {
    fn of(entry: &'a Entry) -> Self {
        let assets: BTreeSet<_> = entry.spends.iter().map(|s| s.asset).collect();
        let recipients: BTreeSet<_> = entry.spends.iter().filter_map(|s| s.recipient).collect();
        Self { origin: &entry.origin, assets: assets.into_iter().collect(), recipients: recipients.into_iter().collect() }
    }

    fn empty(&self) -> Totals {
        Totals {
            assets: self.assets.iter().map(|a| (*a, Tally::default())).collect(),
            recipients: self.recipients.iter().map(|r| (*r, Tally::default())).collect(),
            ..Totals::default()
        }
    }

    /// An old entry, in the respects that concern the new one.
    fn seen(&self, entry: &Entry) -> Result<Sums, Overflow> {
        let mut sums = self.whole(entry)?;
        let mine = |mine: bool, sum: Sum| if mine { sum } else { Sum::default() };
        sums.without_asking = mine(entry.level == 0, sums.all);
        sums.without_password = mine(entry.level <= 1, sums.all);
        sums.origin = mine(entry.origin == self.origin, sums.all);
        Ok(sums)
    }

    /// An entry as if it counted in every respect.
    fn whole(&self, entry: &Entry) -> Result<Sums, Overflow> {
        let mut all = Sum { number: 1, ..Sum::default() };
        let mut swaps = Sum::default();
        let mut assets = vec![Sum::default(); self.assets.len()];
        let mut recipients = vec![Sum::default(); self.recipients.len()];
        for spend in &entry.spends {
            // What could not be priced was decided on then; here only what is known adds up.
            let usd = if spend.usd.is_boundless() { Usd::ZERO } else { spend.usd };
            let units = if spend.units.is_boundless() { Units::ZERO } else { spend.units };
            all.usd = all.usd.plus(usd)?;
            let asset = self.assets.binary_search(&spend.asset).ok().and_then(|i| assets.get_mut(i));
            let to = spend.recipient.and_then(|r| self.recipients.binary_search(&r).ok());
            for sum in asset.into_iter().chain(to.and_then(|i| recipients.get_mut(i))) {
                *sum = Sum { usd: sum.usd.plus(usd)?, units: sum.units.plus(units)?, number: 1 };
            }
            if spend.kind == SpendKind::Swap {
                let gross = if spend.gross.is_boundless() { Usd::ZERO } else { spend.gross };
                swaps = Sum { usd: swaps.usd.plus(gross)?, units: Units::ZERO, number: 1 };
            }
        }
        Ok(Sums { all, without_asking: all, without_password: all, origin: all, swaps, assets, recipients })
    }
}

impl Sum {
    fn max(self, other: Self) -> Self {
        Self { usd: self.usd.max(other.usd), units: self.units.max(other.units), number: self.number.max(other.number) }
    }

    fn less(self, other: Self) -> Self {
        Self { usd: self.usd.minus(other.usd), units: self.units.minus(other.units), number: self.number.saturating_sub(other.number) }
    }

    fn add_to(self, tally: &mut Tally, within: [bool; 4]) -> Result<(), Overflow> {
        let Tally { usd, units, number } = tally;
        for (within, usd, units, number) in [
            (within[0], &mut usd.hour, &mut units.hour, &mut number.hour),
            (within[1], &mut usd.day, &mut units.day, &mut number.day),
            (within[2], &mut usd.week, &mut units.week, &mut number.week),
            (within[3], &mut usd.month, &mut units.month, &mut number.month),
        ] {
            if within {
                *usd = usd.plus(self.usd)?;
                *units = units.plus(self.units)?;
                *number = number.saturating_add(self.number);
            }
        }
        Ok(())
    }
}

impl Sums {
    fn zip(self, other: &Self, f: impl Fn(Sum, Sum) -> Sum) -> Self {
        let each = |a: Vec<Sum>, b: &[Sum]| a.into_iter().zip(b).map(|(a, b)| f(a, *b)).collect();
        Self {
            all: f(self.all, other.all),
            without_asking: f(self.without_asking, other.without_asking),
            without_password: f(self.without_password, other.without_password),
            origin: f(self.origin, other.origin),
            swaps: f(self.swaps, other.swaps),
            assets: each(self.assets, &other.assets),
            recipients: each(self.recipients, &other.recipients),
        }
    }

    fn max(self, other: Self) -> Self {
        self.zip(&other, Sum::max)
    }

    fn less(self, other: &Self) -> Self {
        self.zip(other, Sum::less)
    }

    fn add_to(self, totals: &mut Totals, view: &View<'_>, within: [bool; 4]) -> Result<(), Overflow> {
        self.all.add_to(&mut totals.all, within)?;
        self.without_asking.add_to(&mut totals.without_asking, within)?;
        self.without_password.add_to(&mut totals.without_password, within)?;
        self.origin.add_to(&mut totals.origin, within)?;
        self.swaps.add_to(&mut totals.swaps, within)?;
        for (asset, sum) in view.assets.iter().zip(self.assets) {
            sum.add_to(totals.assets.entry(*asset).or_default(), within)?;
        }
        for (recipient, sum) in view.recipients.iter().zip(self.recipients) {
            sum.add_to(totals.recipients.entry(*recipient).or_default(), within)?;
        }
        Ok(())
    }
}
