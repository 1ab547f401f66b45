//! `parlance history`: what happened, also as CSV.

use std::process::ExitCode;

use parlance_wallet_core::{intents::period, store::HistoryFilter};

use crate::{
    args::{History, Place},
    error::CliError,
    open,
};

pub fn run(place: &Place, history: &History) -> Result<ExitCode, CliError> {
    let (store, _) = open::store(open::folder(place)?)?;
    let (from, until) = history.period.as_deref().map(period::span).transpose()?.unwrap_or((None, None));
    let filter = HistoryFilter { from, until, ..HistoryFilter::default() };
    if history.csv {
        store.export_csv(&filter, std::io::stdout().lock())?;
    } else {
        let entries = store.history(&filter)?;
        if entries.is_empty() {
            println!("Nothing has happened yet.");
        }
        for entry in entries {
            println!("{}", serde_json::to_string(&entry).map_err(|e| CliError::Stream(e.into()))?);
        }
    }
    Ok(ExitCode::SUCCESS)
}
