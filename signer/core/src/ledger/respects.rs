//! In which respects a signature counts, and for how much.

use std::collections::HashMap;

use alloy_primitives::Address;
use parlance_policy::{AssetId, Overflow, SpendKind, Units, Usd};

use super::Entry;

/// One respect in which limits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Respect {
    All,
    WithoutAsking,
    WithoutPassword,
    Swaps,
    Borrowed,
    /// Number of the origin, as [`Origins`] gives it.
    Origin(u32),
    Asset(AssetId),
    Recipient(Address),
}

/// What counts in one respect. Wide enough that no number of entries makes it overflow: whether it fits is asked when
/// it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub usd: u128,
    pub units: u128,
    pub number: u64,
}

/// What one entry, or a group of which the maximum counts, comes to: few respects, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums(Vec<(Respect, Sum)>);

/// Names of origins, numbered.
#[derive(Debug, Default)]
pub(super) struct Origins(HashMap<String, u32>);

impl Origins {
    /// The respect in which entries of this origin count; from now on it has a number.
    pub fn known(&mut self, name: &str) -> Respect {
        if !self.0.contains_key(name) {
            let number = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
            self.0.insert(name.to_owned(), number);
        }
        self.respect(name)
    }

    /// The same, and one in which nothing counts where the origin has signed nothing.
    pub fn respect(&self, name: &str) -> Respect {
        Respect::Origin(self.0.get(name).copied().unwrap_or(u32::MAX))
    }
}

impl Sum {
    fn max(self, other: Self) -> Self {
        Self { usd: self.usd.max(other.usd), units: self.units.max(other.units), number: self.number.max(other.number) }
    }

    pub fn plus(self, other: Self) -> Self {
        Self { usd: self.usd + other.usd, units: self.units + other.units, number: self.number.saturating_add(other.number) }
    }

    /// The difference, never below nothing.
    pub fn less(self, other: Self) -> Self {
        Self {
            usd: self.usd.saturating_sub(other.usd),
            units: self.units.saturating_sub(other.units),
            number: self.number.saturating_sub(other.number),
        }
    }

    /// As rules count.
    pub fn fitting(self) -> Result<(Usd, Units, u64), Overflow> {
        let narrow = |wide: u128| u64::try_from(wide).unwrap_or(u64::MAX);
        Ok((Usd::from_micro(narrow(self.usd))?, Units::from_micro(narrow(self.units))?, self.number))
    }
}

impl Sums {
    /// Of an entry that is signed.
    pub fn of(entry: &Entry, origin: Respect) -> Self {
        Self::at_level(entry, entry.level, origin)
    }

    /// Of an entry that is not signed yet, as if it counted in every respect.
    pub fn whole(entry: &Entry, origin: Respect) -> Self {
        Self::at_level(entry, 0, origin)
    }

    fn at_level(entry: &Entry, level: u8, origin: Respect) -> Self {
        let mut all = Sum { number: 1, ..Sum::default() };
        let mut sums = Self(Vec::with_capacity(6 + entry.spends.len()));
        for spend in &entry.spends {
            // What could not be priced was decided on then; here only what is known adds up.
            let usd = if spend.usd.is_boundless() { 0 } else { u128::from(spend.usd.micro()) };
            let units = if spend.units.is_boundless() { 0 } else { u128::from(spend.units.micro()) };
            all.usd += usd;
            for respect in [Some(Respect::Asset(spend.asset)), spend.recipient.map(Respect::Recipient)].into_iter().flatten() {
                sums.add(respect, usd, units);
            }
            let respect = match spend.kind {
                SpendKind::Swap => Respect::Swaps,
                SpendKind::Borrow => Respect::Borrowed,
                _ => continue,
            };
            let gross = if spend.gross.is_boundless() { 0 } else { u128::from(spend.gross.micro()) };
            sums.add(respect, gross, 0);
        }
        sums.0.extend([(Respect::All, all), (origin, all)]);
        if level == 0 {
            sums.0.push((Respect::WithoutAsking, all));
        }
        if level <= 1 {
            sums.0.push((Respect::WithoutPassword, all));
        }
        sums
    }

    fn add(&mut self, respect: Respect, usd: u128, units: u128) {
        match self.0.iter_mut().find(|(known, _)| *known == respect) {
            Some((_, sum)) => *sum = Sum { usd: sum.usd + usd, units: sum.units + units, number: 1 },
            None => self.0.push((respect, Sum { usd, units, number: 1 })),
        }
    }

    /// The greater of both, each number on its own.
    pub fn raise_to(&mut self, other: &Self) {
        for (respect, sum) in &other.0 {
            match self.0.iter_mut().find(|(known, _)| known == respect) {
                Some((_, mine)) => *mine = mine.max(*sum),
                None => self.0.push((*respect, *sum)),
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, respect: Respect) -> Sum {
        self.0.iter().find(|(known, _)| *known == respect).map(|(_, sum)| *sum).unwrap_or_default()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Respect, Sum)> + '_ {
        self.0.iter().copied()
    }
}
