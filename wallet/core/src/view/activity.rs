//! What happened.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{TransactionRow, data::downloads, transaction_row};
use crate::{
    Wallet,
    error::{Result, WalletError},
    store::{Entry, HistoryFilter, Kind, Leg},
    tokens::format_units,
};

/// Most rows of one page.
const PAGE: u32 = 500;

/// Which entries; empty and absent fields admit all.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
pub struct ActivityFilter {
    /// One of these kinds.
    pub kinds: Vec<ActivityKind>,
    /// With this symbol on any leg.
    pub asset: Option<String>,
    /// With this name or address.
    pub with: Option<String>,
    /// Words in note, name, address or hash.
    pub text: Option<String>,
    /// Id-name of the chain.
    pub chain: Option<String>,
    /// Unix seconds, inclusive.
    pub from: Option<u64>,
    /// Unix seconds, exclusive.
    pub until: Option<u64>,
    /// Leave out so many.
    pub offset: u32,
    /// At most so many.
    pub limit: u32,
}

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the store's own")]
pub enum ActivityKind {
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
    Fee,
    Other,
}

/// A page of entries, the latest first.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ActivityPage {
    /// The entries.
    pub rows: Vec<ActivityRow>,
    /// True where there are more.
    pub more: bool,
}

/// An amount that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LegView {
    /// Symbol.
    pub symbol: String,
    /// Exact decimal.
    pub amount: String,
    /// Worth then, micro-USD.
    pub usd_micro: Option<u64>,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ActivityRow {
    /// Row in the store.
    pub id: i64,
    /// Unix seconds.
    pub at: u64,
    /// What kind.
    pub kind: ActivityKind,
    /// Id-name of the chain.
    pub chain: String,
    /// What left.
    pub gave: Option<LegView>,
    /// What arrived.
    pub got: Option<LegView>,
    /// What inclusion cost.
    pub fee: Option<LegView>,
    /// With whom: checksummed.
    pub with: Option<String>,
    /// Name as it was then.
    pub with_name: Option<String>,
    /// In words.
    pub note: Option<String>,
    /// Transaction.
    pub hash: Option<String>,
}

/// An entry with everything that is known of it.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ActivityDetail {
    /// The entry.
    pub row: ActivityRow,
    /// Whose.
    pub account: String,
    /// Its transaction, where this wallet sent it.
    pub transaction: Option<TransactionRow>,
    /// Page of a block explorer.
    pub explorer: Option<String>,
}

/// A page of what happened.
///
/// # Errors
/// Store errors; [`WalletError::UnknownChain`].
pub fn activity(wallet: &Wallet, filter: &ActivityFilter) -> Result<ActivityPage> {
    let (offset, limit) = (filter.offset as usize, filter.limit.clamp(1, PAGE) as usize);
    let admitted = admitted(wallet, filter)?;
    let more = admitted.len() > offset.saturating_add(limit);
    let rows = admitted.iter().skip(offset).take(limit).map(|entry| row(wallet, entry)).collect();
    Ok(ActivityPage { rows, more })
}

/// One entry.
///
/// # Errors
/// [`WalletError::NotFound`], store errors.
pub fn activity_detail(wallet: &Wallet, id: i64) -> Result<ActivityDetail> {
    let entry = wallet.store.history_entry(id)?;
    let record = entry.what.tx.and_then(|hash| wallet.store.transaction_by_hash(hash).ok());
    let chain = wallet.catalogue().by_id(entry.what.chain).ok().cloned();
    Ok(ActivityDetail {
        row: row(wallet, &entry),
        account: entry.what.account.to_checksum(None),
        transaction: record.map(|r| transaction_row(wallet, &r)),
        explorer: entry.what.tx.and_then(|hash| chain.and_then(|c| c.explorer_tx(hash))),
    })
}

/// Writes all that the filter admits, whatever page is shown, as CSV into the person's download folder, never over another
/// file; gives the path.
///
/// # Errors
/// [`WalletError::Io`], store errors.
pub fn activity_export(wallet: &Wallet, filter: &ActivityFilter) -> Result<PathBuf> {
    export_into(&downloads(), &admitted(wallet, filter)?)
}

fn export_into(folder: &Path, entries: &[Entry]) -> Result<PathBuf> {
    let mut csv = Vec::new();
    Entry::write_csv(entries, &mut csv)?;
    let day = time::OffsetDateTime::now_utc().date();
    let (mut file, path) = fresh(folder, &format!("parlance-activity-{day}"), "csv")?;
    file.write_all(&csv).and_then(|()| file.sync_all()).map_err(WalletError::io(&path))?;
    Ok(path)
}

/// A new file that only its owner can read; a number is added where the name is taken.
fn fresh(folder: &Path, stem: &str, ending: &str) -> Result<(std::fs::File, PathBuf)> {
    std::fs::create_dir_all(folder).map_err(WalletError::io(folder))?;
    for n in 1..1000 {
        let name = if n == 1 { format!("{stem}.{ending}") } else { format!("{stem} ({n}).{ending}") };
        let path = folder.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(WalletError::io(&path)(e)),
        }
    }
    let taken = std::io::Error::other("a thousand files of that name are there already");
    Err(WalletError::io(&folder.join(stem))(taken))
}

/// The latest first.
fn admitted(wallet: &Wallet, filter: &ActivityFilter) -> Result<Vec<Entry>> {
    let mut entries = wallet.store.history(&of_store(wallet, filter)?)?;
    let wanted = filter.text.as_deref().map(|t| t.trim().to_lowercase()).filter(|t| !t.is_empty());
    if let Some(wanted) = &wanted {
        entries.retain(|entry| mentions(entry, wanted));
    }
    Ok(entries)
}

fn of_store(wallet: &Wallet, filter: &ActivityFilter) -> Result<HistoryFilter> {
    let text = |field: &Option<String>| field.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let chain = match text(&filter.chain) {
        Some(name) => Some(wallet.catalogue().by_name(&name)?.id),
        None => None,
    };
    Ok(HistoryFilter {
        kinds: filter.kinds.iter().map(|k| Kind::from(*k)).collect(),
        asset: text(&filter.asset),
        with: text(&filter.with),
        chain,
        from: filter.from,
        until: filter.until,
        ..HistoryFilter::default()
    })
}

fn mentions(entry: &Entry, wanted: &str) -> bool {
    let what = &entry.what;
    let mut texts: Vec<String> = what.legs().map(|(_, leg)| leg.symbol.clone()).collect();
    texts.extend(what.note.clone());
    texts.extend(what.with_name.clone());
    texts.extend(what.with.map(|a| a.to_string()));
    texts.extend(what.tx.map(|h| h.to_string()));
    texts.iter().any(|t| t.to_lowercase().contains(wanted))
}

fn row(wallet: &Wallet, entry: &Entry) -> ActivityRow {
    let what = &entry.what;
    let leg = |leg: &Option<Leg>| {
        leg.as_ref().map(|l| LegView {
            symbol: l.symbol.clone(),
            amount: format_units(l.amount, l.decimals),
            usd_micro: l.usd.map(crate::tokens::Usd::micro_u64),
        })
    };
    ActivityRow {
        id: entry.id,
        at: what.at,
        kind: what.kind.into(),
        chain: wallet.catalogue().by_id(what.chain).map_or_else(|_| what.chain.to_string(), |c| c.name.clone()),
        gave: leg(&what.gave),
        got: leg(&what.got),
        fee: leg(&what.fee),
        with: what.with.map(|a| a.to_checksum(None)),
        with_name: what.with_name.clone(),
        note: what.note.clone(),
        hash: what.tx.map(|h| h.to_string()),
    }
}

macro_rules! kinds {
    ($($name:ident),*) => {
        impl From<Kind> for ActivityKind {
            fn from(kind: Kind) -> Self {
                match kind { $(Kind::$name => Self::$name),* }
            }
        }
        impl From<ActivityKind> for Kind {
            fn from(kind: ActivityKind) -> Self {
                match kind { $(ActivityKind::$name => Self::$name),* }
            }
        }
    };
}
kinds!(In, Out, Swap, Wrap, Bridge, Approve, Revoke, X402, Agent, Loan, Fee, Other);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_never_writes_over_another_file() {
        let folder = tempfile::tempdir().expect("tempdir");
        let names: Vec<String> = (0..3)
            .map(|_| {
                let (_, path) = fresh(folder.path(), "parlance-activity-2026-11-25", "csv").expect("a new file");
                path.file_name().expect("named").to_string_lossy().into_owned()
            })
            .collect();
        assert_eq!(
            names,
            ["parlance-activity-2026-11-25.csv", "parlance-activity-2026-11-25 (2).csv", "parlance-activity-2026-11-25 (3).csv"]
        );
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(folder.path().join(&names[0])).expect("there").permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}
