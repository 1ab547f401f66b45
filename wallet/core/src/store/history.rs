//! What happened, in the person's terms: for `history`, `spending` and the CSV export.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use parlance_effects::{AssetKind, ChainId};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::{Store, fill_body};
use crate::error::{Result, WalletError};
use crate::tokens::{Usd, format_units};

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the intents' own")]
pub enum Kind {
    In,
    Out,
    Swap,
    Wrap,
    Bridge,
    Approve,
    Revoke,
    X402,
    Agent,
    Loan,
    /// A fee without anything else: a failed or cancelling transaction.
    Fee,
    Other,
}

/// From the account's point of view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Left the account.
    Gave,
    /// Arrived.
    Got,
    /// Paid for inclusion.
    Fee,
}

/// An amount of an asset, with what it was worth then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// Which asset on the entry's chain.
    pub asset: AssetKind,
    /// Symbol as it was shown.
    pub symbol: String,
    /// Decimals of the smallest unit.
    pub decimals: u8,
    /// In the smallest unit.
    pub amount: U256,
    /// Worth at that time; `None` where there was no price.
    pub usd: Option<Usd>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEntry {
    /// Unix seconds.
    pub at: u64,
    /// What kind.
    pub kind: Kind,
    /// Chain.
    pub chain: ChainId,
    /// The person's account.
    pub account: Address,
    /// What left.
    pub gave: Option<Leg>,
    /// What arrived.
    pub got: Option<Leg>,
    /// What inclusion cost.
    pub fee: Option<Leg>,
    /// With whom.
    pub with: Option<Address>,
    /// Contact name, ENS name or web host, as it was then.
    pub with_name: Option<String>,
    /// Transaction.
    pub tx: Option<B256>,
    /// Anything else, in words.
    pub note: Option<String>,
}

/// An entry of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Row id.
    pub id: i64,
    /// What happened.
    #[serde(flatten)]
    pub what: NewEntry,
}

/// Which entries; the default is all of them.
#[derive(Clone, Debug, Default)]
pub struct HistoryFilter {
    /// One of these kinds; empty for any.
    pub kinds: Vec<Kind>,
    /// With this symbol on any leg; case does not matter.
    pub asset: Option<String>,
    /// With this name (case does not matter) or address.
    pub with: Option<String>,
    /// On this chain.
    pub chain: Option<ChainId>,
    /// Of this account.
    pub account: Option<Address>,
    /// Unix seconds, inclusive.
    pub from: Option<u64>,
    /// Unix seconds, exclusive.
    pub until: Option<u64>,
    /// At most so many, the latest.
    pub limit: Option<usize>,
}

/// What was spent: sums of what left for good, and of fees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// Payments by symbol (`Out`, `X402`, `Agent`); swaps, wraps and bridges move money but spend none.
    pub paid: Vec<Spent>,
    /// Fees by native symbol.
    pub fees: Vec<Spent>,
    /// Worth of all payments that had a price.
    pub paid_usd: Usd,
    /// Worth of all fees that had a price.
    pub fees_usd: Usd,
    /// Entries that were counted.
    pub entries: usize,
    /// Legs without a price: the sums in dollars leave them out.
    pub unpriced: usize,
}

/// A sum of one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// Symbol.
    pub symbol: String,
    /// Exact, as decimal text.
    pub amount: String,
    /// Worth of those that had a price.
    pub usd: Usd,
    /// How many times.
    pub times: usize,
}

impl NewEntry {
    /// Its legs with their directions.
    pub fn legs(&self) -> impl Iterator<Item = (Direction, &Leg)> {
        let gave = self.gave.iter().map(|leg| (Direction::Gave, leg));
        let got = self.got.iter().map(|leg| (Direction::Got, leg));
        gave.chain(got).chain(self.fee.iter().map(|leg| (Direction::Fee, leg)))
    }

    /// The same event told twice (two looks at one receipt) is one entry.
    fn once(&self) -> Option<Vec<u8>> {
        let tx = self.tx?;
        let mut key = tx.to_vec();
        key.push(self.kind as u8);
        for (direction, leg) in self.legs().filter(|(direction, _)| *direction != Direction::Fee) {
            key.push(direction as u8);
            key.extend_from_slice(&leg.amount.to_be_bytes::<32>());
            if let AssetKind::Token(token) = leg.asset {
                key.extend_from_slice(token.as_slice());
            }
        }
        key.extend_from_slice(self.with.unwrap_or_default().as_slice());
        key.extend_from_slice(self.account.as_slice());
        Some(key)
    }
}

impl HistoryFilter {
    fn admits(&self, entry: &NewEntry) -> bool {
        let asset = self.asset.as_ref().is_none_or(|s| entry.legs().any(|(_, leg)| leg.symbol.eq_ignore_ascii_case(s)));
        let with = self.with.as_ref().is_none_or(|wanted| {
            let named = entry.with_name.as_ref().is_some_and(|name| name.to_lowercase() == wanted.to_lowercase());
            named || wanted.parse::<Address>().is_ok_and(|address| entry.with == Some(address))
        });
        asset
            && with
            && (self.kinds.is_empty() || self.kinds.contains(&entry.kind))
            && self.chain.is_none_or(|c| c == entry.chain)
            && self.account.is_none_or(|a| a == entry.account)
    }
}

impl Store {
    /// Adds an entry; one that is there already (same transaction, kind, amounts and counterparty) is given back as it is.
    pub fn add_history(&self, entry: NewEntry) -> Result<Entry> {
        let (id, what) = self.write(|tx, seal| {
            let once = entry.once().map(|key| seal.tag("history", &[&key]));
            if let Some(tag) = once {
                let known: Option<(i64, Vec<u8>)> = tx
                    .query_row("SELECT id, body FROM history WHERE once_tag = ?1", [tag], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                if let Some((id, blob)) = known {
                    return Ok((id, seal.open("history", id, &blob)?));
                }
            }
            let at = i64::try_from(entry.at).unwrap_or(i64::MAX);
            tx.execute("INSERT INTO history (at, once_tag, body) VALUES (?1, ?2, x'')", params![at, once])?;
            Ok((fill_body(tx, seal, "history", &entry)?, entry))
        })?;
        Ok(Entry { id, what })
    }

    /// Entries, the latest first.
    pub fn history(&self, filter: &HistoryFilter) -> Result<Vec<Entry>> {
        let bound = |seconds: Option<u64>, default| seconds.map_or(default, |s| i64::try_from(s).unwrap_or(i64::MAX));
        let span = [bound(filter.from, 0), bound(filter.until, i64::MAX)];
        self.read(|db, seal| {
            let mut query = db.prepare_cached("SELECT id, body FROM history WHERE at >= ?1 AND at < ?2 ORDER BY at DESC, id DESC")?;
            let rows = query.query_map(span, |row| Ok((row.get(0)?, row.get(1)?)))?;
            let mut entries = Vec::new();
            for row in rows {
                let (id, blob): (i64, Vec<u8>) = row?;
                let what: NewEntry = seal.open("history", id, &blob)?;
                if filter.admits(&what) {
                    entries.push(Entry { id, what });
                }
                if filter.limit.is_some_and(|limit| entries.len() >= limit) {
                    break;
                }
            }
            Ok(entries)
        })
    }

    /// One entry.
    ///
    /// # Errors
    /// [`WalletError::NotFound`].
    pub fn history_entry(&self, id: i64) -> Result<Entry> {
        self.read(|db, seal| {
            let blob: Option<Vec<u8>> = db.query_row("SELECT body FROM history WHERE id = ?1", [id], |row| row.get(0)).optional()?;
            let blob = blob.ok_or_else(|| WalletError::NotFound { what: format!("entry {id}") })?;
            Ok(Entry { id, what: seal.open("history", id, &blob)? })
        })
    }

    /// Sums over the entries that the filter admits. With an `asset` only that asset's legs are summed.
    pub fn spending(&self, filter: &HistoryFilter) -> Result<Spending> {
        let entries = self.history(&HistoryFilter { limit: None, ..filter.clone() })?;
        let mut spending = Spending { entries: entries.len(), ..Spending::default() };
        let mut paid = Sums::default();
        let mut fees = Sums::default();
        for entry in &entries {
            for (direction, leg) in entry.what.legs() {
                if filter.asset.as_ref().is_some_and(|s| !leg.symbol.eq_ignore_ascii_case(s)) {
                    continue;
                }
                let sums = match (direction, entry.what.kind) {
                    (Direction::Gave, Kind::Out | Kind::X402 | Kind::Agent) => &mut paid,
                    (Direction::Fee, _) => &mut fees,
                    _ => continue,
                };
                sums.add(leg)?;
                spending.unpriced += usize::from(leg.usd.is_none());
            }
        }
        (spending.paid, spending.paid_usd) = paid.finish();
        (spending.fees, spending.fees_usd) = fees.finish();
        Ok(spending)
    }
}

/// Symbol and decimals apart, so that two tokens of one name are not added up unequally.
#[derive(Default)]
struct Sums(BTreeMap<(String, u8), (U256, Usd, usize)>);

impl Sums {
    fn add(&mut self, leg: &Leg) -> Result<()> {
        let sum = self.0.entry((leg.symbol.clone(), leg.decimals)).or_default();
        sum.0 = sum
            .0
            .checked_add(leg.amount)
            .ok_or_else(|| WalletError::Amount { got: leg.amount.to_string(), why: "the sum is too large".into() })?;
        sum.1 = sum.1.saturating_add(leg.usd.unwrap_or_default());
        sum.2 += 1;
        Ok(())
    }

    fn finish(self) -> (Vec<Spent>, Usd) {
        let total = self.0.values().map(|(_, usd, _)| *usd).sum();
        let each = self.0.into_iter().map(|((symbol, decimals), (amount, usd, times))| Spent {
            symbol,
            amount: format_units(amount, decimals),
            usd,
            times,
        });
        (each.collect(), total)
    }
}
