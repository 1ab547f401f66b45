//! What the signer knows when it decides.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::Address;
use parlance_effects::{Effect, Effects};
use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::units::{Overflow, Units, Usd};
use crate::worth::{Appraisal, AssetId, Spend, SpendKind};

/// Seconds of the rolling hour, day, week (7 days) and month (30 days).
pub const WINDOW_SECONDS: Windows<i64> = Windows { hour: 3_600, day: 86_400, week: 604_800, month: 2_592_000 };

/// Everything that a decision rests on. Built by the signer from the bytes to be signed, its own books and its ledger.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What the bytes would do.
    pub effects: Effects,
    /// [`crate::appraise`] of them.
    pub appraisal: Appraisal,
    /// What was signed before, in the windows that end now: [`Totals::tally`]. What is owed comes from the ledger alone.
    pub before: Totals,
    /// What this signature adds to it: `appraisal.spends`, less what a replaced signature had already reserved.
    pub adds: Vec<Spend>,
    /// What the signer knows of the addresses of [`parties_of`]. An address that is absent is unknown.
    pub parties: BTreeMap<Address, Party>,
    /// The owner's name for the signing account.
    pub account_label: String,
    /// Who asks: an authenticated client of the signer.
    pub origin: Origin,
    /// What only the wallet says.
    pub claims: Claimed,
    /// The time.
    pub clock: Clock,
    /// Least levels that the signer itself demands (rolled-back ledger, clock jump, paused origin...).
    pub floors: Vec<Floor>,
}

/// What the signer knows of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Party {
    /// Its entry in the address book.
    pub contact: Option<ContactFact>,
    /// The owner's label, where it is an own account.
    pub own: Option<String>,
    /// How often the owner's accounts have paid it.
    pub paid: u64,
    /// Name in the compiled-in registry: routers, Permit2, tokens.
    pub registered: Option<String>,
    /// Name or address of what it looks like without being it.
    pub lookalike_of: Option<String>,
}

/// An entry of the signer's address book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactFact {
    /// Display name.
    pub name: String,
    /// When it was added, Unix seconds.
    pub added: i64,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The capability's name: `wallet`, `agent:groceries`...
    pub name: String,
}

/// What only the wallet knows. Rules may use it to tighten, never to permit: the linter refuses such permits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Claimed {
    /// Argument → `typed`, `address_book`, `ens`, `computed`, `chain`.
    pub provenance: BTreeMap<String, String>,
    /// Host that asked, for x402 and dapps.
    pub host: Option<String>,
    /// What the person said.
    pub quote: Option<String>,
    /// Part of the wallet that asks: `chat`, `schedule`, `x402`.
    pub via: Option<String>,
}

/// The time, from the signer's own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Unix seconds.
    pub now: i64,
    /// Local time less UTC, in seconds: for time of day and weekday.
    pub utc_offset: i32,
}

/// A least level that does not come from a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Floor {
    /// At least this; `Refused` refuses.
    pub level: Outcome,
    /// Why, as a clause that follows "asked: ": `the ledger was rolled back`.
    pub reason: String,
}

/// One value per rolling window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Windows<T: Default> {
    /// The last 60 minutes.
    pub hour: T,
    /// The last 24 hours.
    pub day: T,
    /// The last 7 days.
    pub week: T,
    /// The last 30 days.
    pub month: T,
}

/// What was signed, in one respect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tally {
    /// At book prices of the time; what could not be priced is not in it.
    pub usd: Windows<Usd>,
    /// Only meaningful per asset.
    pub units: Windows<Units>,
    /// Signatures.
    pub number: Windows<u64>,
}

/// What was signed, in every respect that rules can ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Totals {
    /// In all.
    pub all: Tally,
    /// At level 0.
    pub without_asking: Tally,
    /// At levels 0 and 1 together.
    pub without_password: Tally,
    /// For this origin.
    pub origin: Tally,
    /// Gross value of swaps.
    pub swaps: Tally,
    /// Draws on credit lines.
    pub borrowed: Tally,
    /// Drawn and not paid back, as far as the ledger knows.
    pub owed: Usd,
    /// Per asset; at least those of this signature.
    pub assets: BTreeMap<AssetId, Tally>,
    /// Per recipient or spender; at least those of this signature.
    pub recipients: BTreeMap<Address, Tally>,
}

/// One signature as the ledger remembers it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// When it was signed, Unix seconds. A time in the future counts as now.
    pub at: i64,
    /// At which level.
    pub level: Outcome,
    /// For which origin.
    pub origin: &'a str,
    /// What it reserved.
    pub spends: &'a [Spend],
}

impl Totals {
    /// Sums what was signed in the windows that end at `now`, as asked by `origin`.
    pub fn tally<'a>(now: i64, origin: &str, records: impl IntoIterator<Item = Record<'a>>) -> Result<Self, Overflow> {
        let mut totals = Self::default();
        for record in records {
            let age = now.saturating_sub(record.at).max(0);
            let within = WINDOW_SECONDS.map(|seconds| age < seconds);
            totals.count(
                record.spends,
                within,
                |respect| match respect {
                    Respect::WithoutAsking => record.level == Outcome::Allow,
                    Respect::WithoutPassword => record.level <= Outcome::Click,
                    Respect::Origin => record.origin == origin,
                },
                Unpriced::Skip,
            )?;
        }
        Ok(totals)
    }

    /// The totals with `spends` signed as well, in every respect. What can't be priced makes sums in dollars boundless.
    pub(crate) fn plus(&self, spends: &[Spend]) -> Result<Self, Overflow> {
        let mut totals = self.clone();
        let now = Windows { hour: true, day: true, week: true, month: true };
        totals.count(spends, now, |_| true, Unpriced::Boundless)?;
        for draw in spends.iter().filter(|spend| spend.kind == SpendKind::Borrow) {
            totals.owed = totals.owed.plus(draw.gross)?;
        }
        Ok(totals)
    }

    fn count(
        &mut self,
        spends: &[Spend],
        within: Windows<bool>,
        concerns: impl Fn(Respect) -> bool,
        unpriced: Unpriced,
    ) -> Result<(), Overflow> {
        let priced = |usd: Usd| {
            if usd.is_boundless() && unpriced == Unpriced::Skip { Usd::ZERO } else { usd }
        };
        let known = |units: Units| {
            if units.is_boundless() && unpriced == Unpriced::Skip { Units::ZERO } else { units }
        };
        let mut usd = Usd::ZERO;
        let mut swapped = None;
        let mut borrowed = None;
        let mut assets: BTreeMap<AssetId, (Usd, Units)> = BTreeMap::new();
        let mut recipients: BTreeMap<Address, (Usd, Units)> = BTreeMap::new();
        for spend in spends {
            usd = usd.plus(priced(spend.usd))?;
            let sum = assets.entry(spend.asset).or_default();
            *sum = (sum.0.plus(priced(spend.usd))?, sum.1.plus(known(spend.units))?);
            if let Some(recipient) = spend.recipient {
                let sum = recipients.entry(recipient).or_default();
                *sum = (sum.0.plus(priced(spend.usd))?, sum.1.plus(known(spend.units))?);
            }
            let gross = match spend.kind {
                SpendKind::Swap => &mut swapped,
                SpendKind::Borrow => &mut borrowed,
                _ => continue,
            };
            *gross = Some(gross.unwrap_or(Usd::ZERO).plus(priced(spend.gross))?);
        }
        self.all.add(within, usd, Units::ZERO)?;
        if concerns(Respect::WithoutAsking) {
            self.without_asking.add(within, usd, Units::ZERO)?;
        }
        if concerns(Respect::WithoutPassword) {
            self.without_password.add(within, usd, Units::ZERO)?;
        }
        if concerns(Respect::Origin) {
            self.origin.add(within, usd, Units::ZERO)?;
        }
        if let Some(swapped) = swapped {
            self.swaps.add(within, swapped, Units::ZERO)?;
        }
        if let Some(borrowed) = borrowed {
            self.borrowed.add(within, borrowed, Units::ZERO)?;
        }
        for (asset, (usd, units)) in assets {
            self.assets.entry(asset).or_default().add(within, usd, units)?;
        }
        for (recipient, (usd, units)) in recipients {
            self.recipients.entry(recipient).or_default().add(within, usd, units)?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Respect {
    WithoutAsking,
    WithoutPassword,
    Origin,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unpriced {
    /// Of the past: it was decided then.
    Skip,
    /// Of this signature: no limit in dollars can be shown to hold.
    Boundless,
}

impl Tally {
    fn add(&mut self, within: Windows<bool>, usd: Usd, units: Units) -> Result<(), Overflow> {
        self.usd = self.usd.zip(within, |sum, within| if within { sum.plus(usd) } else { Ok(sum) })?;
        self.units = self.units.zip(within, |sum, within| if within { sum.plus(units) } else { Ok(sum) })?;
        self.number = self.number.zip(within, |sum, within| Ok(sum.saturating_add(u64::from(within))))?;
        Ok(())
    }
}

impl<T: Default + Copy> Windows<T> {
    /// Applies `f` to each.
    pub fn map<U: Default>(self, f: impl Fn(T) -> U) -> Windows<U> {
        Windows { hour: f(self.hour), day: f(self.day), week: f(self.week), month: f(self.month) }
    }

    fn zip<U: Default, V: Default>(self, other: Windows<U>, f: impl Fn(T, U) -> Result<V, Overflow>) -> Result<Windows<V>, Overflow> {
        Ok(Windows {
            hour: f(self.hour, other.hour)?,
            day: f(self.day, other.day)?,
            week: f(self.week, other.week)?,
            month: f(self.month, other.month)?,
        })
    }
}

/// The addresses of which the signer should say what it knows: recipients, spenders, routers, contracts.
pub fn parties_of(effects: &Effects) -> BTreeSet<Address> {
    let mut parties = BTreeSet::new();
    for item in &effects.items {
        match item {
            Effect::TransferOut { from, to, .. } => parties.extend([*from, *to]),
            Effect::TransferIn { from, .. } => parties.extend(*from),
            Effect::Allowance { spender, .. } => parties.extend([*spender]),
            Effect::Swap { recipient, router, .. } => parties.extend([*recipient, *router]),
            Effect::Unwrap { recipient, .. } => parties.extend([*recipient]),
            Effect::DeferredTransfer { to, spender, .. } => parties.extend(to.iter().chain(spender)),
            Effect::Borrow { pool, to, .. } => parties.extend([*pool, *to]),
            Effect::CreditLine { pool, .. }
            | Effect::Repay { pool, .. }
            | Effect::CreditClose { pool, .. }
            | Effect::CreditApplication { pool, .. } => parties.extend([*pool]),
            Effect::UnknownCall { to, .. } | Effect::Delegation { to, .. } => parties.extend([*to]),
            Effect::Wrap { .. } | Effect::UnknownTypedData { .. } | Effect::Deploy { .. } | Effect::Message { .. } | Effect::Nothing => {}
        }
    }
    parties
}
