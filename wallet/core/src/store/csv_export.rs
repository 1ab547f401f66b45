//! The history as CSV (RFC 4180), safe to open in a spreadsheet.

use std::io::Write;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Direction, Entry, HistoryFilter, Store};
use crate::error::Result;
use crate::tokens::format_units;

const HEADER: [&str; 12] =
    ["time", "kind", "direction", "asset", "amount", "usd", "with_name", "with_address", "account", "chain", "transaction", "note"];

impl Store {
    /// Writes one line a leg, the latest entry first; returns how many lines. Times are UTC, amounts exact.
    pub fn export_csv(&self, filter: &HistoryFilter, out: impl Write) -> Result<usize> {
        Entry::write_csv(&self.history(filter)?, out)
    }
}

impl Entry {
    /// Writes one line a leg, in the order given; returns how many lines. Times are UTC, amounts exact.
    ///
    /// # Errors
    /// [`crate::WalletError::Csv`].
    pub fn write_csv(entries: &[Self], out: impl Write) -> Result<usize> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(HEADER)?;
        let mut lines = 0;
        for entry in entries {
            let what = &entry.what;
            for (direction, leg) in what.legs() {
                let direction = match direction {
                    Direction::Gave => "out",
                    Direction::Got => "in",
                    Direction::Fee => "fee",
                };
                let usd = leg.usd.map(|usd| format_units(alloy_primitives::U256::from(usd.micro()), 6)).unwrap_or_default();
                csv.write_record([
                    timestamp(what.at),
                    format!("{:?}", what.kind).to_lowercase(),
                    direction.to_owned(),
                    inert(&leg.symbol),
                    format_units(leg.amount, leg.decimals),
                    usd,
                    inert(what.with_name.as_deref().unwrap_or_default()),
                    what.with.map(|a| a.to_string()).unwrap_or_default(),
                    what.account.to_string(),
                    what.chain.to_string(),
                    what.tx.map(|hash| hash.to_string()).unwrap_or_default(),
                    inert(what.note.as_deref().unwrap_or_default()),
                ])?;
                lines += 1;
            }
        }
        csv.flush().map_err(|error| crate::error::WalletError::Csv(error.into()))?;
        Ok(lines)
    }
}

/// Spreadsheets run cells that begin like a formula; strangers choose symbols, names and notes. A leading apostrophe makes
/// them text (OWASP, CSV injection). Line ends would let a cell begin anew in careless readers.
fn inert(text: &str) -> String {
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match flat.trim_start().chars().next() {
        Some('=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠') => {
            format!("'{flat}")
        }
        _ => flat,
    }
}

fn timestamp(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|s| OffsetDateTime::from_unix_timestamp(s).ok());
    time.and_then(|t| t.format(&Rfc3339).ok()).unwrap_or_else(|| seconds.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_cell_begins_like_a_formula(text in any::<String>()) {
            let cell = inert(&text);
            let first = cell.trim_start().chars().next();
            prop_assert!(!matches!(first, Some('=' | '+' | '-' | '@')));
            prop_assert!(!cell.contains(['\n', '\r', '\t', '\0']));
        }
    }
}
