//! What happened: history, spending, the state of a transaction.

use parlance_grounding::HistoryKind;
use serde_json::json;

use super::period;
use crate::{
    Wallet,
    chain::Watcher,
    conversation::Event,
    error::{Result, WalletError},
    store::{Direction, HistoryFilter, Kind, TxFilter, TxRecord},
    tokens::format_short,
};

/// How many entries a message shows.
const SHOWN: usize = 20;

pub(super) fn history(
    wallet: &Wallet,
    asset: Option<&str>,
    with: Option<&str>,
    period: Option<&str>,
    kind: Option<HistoryKind>,
) -> Result<Event> {
    let (from, until) = period.map(period::span).transpose()?.unwrap_or((None, None));
    let kinds = match kind {
        None => Vec::new(),
        Some(HistoryKind::In) => vec![Kind::In],
        Some(HistoryKind::Out) => vec![Kind::Out],
        Some(HistoryKind::Swap) => vec![Kind::Swap],
        Some(HistoryKind::X402) => vec![Kind::X402],
        Some(HistoryKind::Loan) => vec![Kind::Loan],
    };
    let filter = HistoryFilter {
        kinds,
        asset: asset.map(str::to_owned),
        with: with.map(str::to_owned),
        from,
        until,
        limit: Some(SHOWN + 1),
        ..HistoryFilter::default()
    };
    let mut entries = wallet.store.history(&filter)?;
    let more = entries.len() > SHOWN;
    entries.truncate(SHOWN);
    let mut lines = Vec::new();
    for entry in &entries {
        let legs: Vec<String> = entry
            .what
            .legs()
            .filter(|(direction, _)| *direction != Direction::Fee)
            .map(|(direction, leg)| {
                let sign = if direction == Direction::Gave { "-" } else { "+" };
                format!("{sign}{} {}", format_short(leg.amount, leg.decimals), leg.symbol)
            })
            .collect();
        let note = entry.what.note.clone().unwrap_or_default();
        lines.push(format!("{}  {:<24} {note}", date(entry.what.at), legs.join(" ")).trim_end().to_owned());
    }
    if lines.is_empty() {
        lines.push("Nothing like that has happened yet.".into());
    } else if more {
        lines.push(format!("Only the latest {SHOWN}; `parlance history --csv` writes all of them."));
    }
    Ok(Event::Say { text: lines.join("\n"), data: json!({ "entries": entries, "more": more }) })
}

pub(super) fn spending(wallet: &Wallet, of: Option<&str>, with: Option<&str>, period: Option<&str>) -> Result<Event> {
    let (from, until) = period.map(period::span).transpose()?.unwrap_or((None, None));
    let gas_only = of.is_some_and(|o| o.eq_ignore_ascii_case("gas"));
    let filter = HistoryFilter {
        asset: of.filter(|_| !gas_only).map(str::to_owned),
        with: with.map(str::to_owned),
        from,
        until,
        ..HistoryFilter::default()
    };
    let spending = wallet.store.spending(&filter)?;
    let sums = |list: &[crate::store::Spent]| list.iter().map(|s| format!("{} {}", s.amount, s.symbol)).collect::<Vec<_>>().join(", ");
    let when = period.map(|p| format!(" ({})", p.replace('_', " "))).unwrap_or_default();
    let whom = with.map(|w| format!(" to {w}")).unwrap_or_default();
    let fees = if spending.fees.is_empty() { "nothing".into() } else { format!("{} ({})", sums(&spending.fees), spending.fees_usd) };
    let text = if gas_only {
        format!("Fees{when}: {fees}.")
    } else {
        let paid = if spending.paid.is_empty() { "nothing".into() } else { format!("{} ({})", sums(&spending.paid), spending.paid_usd) };
        let gap =
            if spending.unpriced > 0 { format!(" {} without a price are not in the dollars.", spending.unpriced) } else { String::new() };
        format!("Spent{whom}{when}: {paid}. Fees: {fees}.{gap}")
    };
    Ok(Event::Say {
        text,
        data: json!({
            "paid_usd_micro": spending.paid_usd.micro_u64(),
            "fees_usd_micro": spending.fees_usd.micro_u64(),
            "entries": spending.entries,
        }),
    })
}

/// How a transaction stands: the named one, else the latest.
pub(super) async fn status(wallet: &Wallet, tx: Option<&str>) -> Result<Event> {
    let record = named(wallet, tx, false)?;
    let state = if record.state.is_settled() {
        record.state.clone()
    } else {
        let client = wallet.client_of(record.chain)?;
        Watcher::new(wallet.store.clone(), client).poll(record.id).await?
    };
    let hash = record.hash.map(|h| format!(" ({h})")).unwrap_or_default();
    Ok(Event::Say {
        text: format!("{}{hash}: {state}.", record.summary),
        data: json!({ "id": record.id, "hash": record.hash, "state": state, "nonce": record.nonce, "chain": record.chain }),
    })
}

/// The transaction of that hash; without one the latest, or the latest that still waits.
pub(super) fn named(wallet: &Wallet, tx: Option<&str>, waiting: bool) -> Result<TxRecord> {
    if let Some(hash) = tx {
        let parsed = hash.parse().map_err(|_| WalletError::Ask {
            code: "bad_hash",
            message: format!("{hash} is not a transaction hash: expected 0x and 64 hexadecimal digits."),
            remedy: "Copy the whole hash, or leave it out to mean the latest transaction.".into(),
        })?;
        return wallet.store.transaction_by_hash(parsed);
    }
    let all = wallet.store.transactions(&TxFilter { unsettled: waiting, limit: Some(50), ..TxFilter::default() })?;
    all.into_iter().find(|t| if waiting { t.state.is_outstanding() && !t.state.is_mined() } else { t.hash.is_some() }).ok_or_else(|| {
        WalletError::Ask {
            code: "no_transaction",
            message: if waiting { "No transaction is waiting.".into() } else { "This wallet has sent no transaction yet.".into() },
            remedy: "Ask for the history to see what happened.".into(),
        }
    })
}

fn date(unix: u64) -> String {
    let Some(at) = i64::try_from(unix).ok().and_then(|s| time::OffsetDateTime::from_unix_timestamp(s).ok()) else {
        return unix.to_string();
    };
    let offset = time::UtcOffset::local_offset_at(at).unwrap_or(time::UtcOffset::UTC);
    let at = at.to_offset(offset);
    format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
}
