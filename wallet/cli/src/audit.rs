//! `parlance audit`: the signer's hash-chained log.

use std::{io::Write, process::ExitCode};

use parlance_wallet_core::WalletError;
use serde_json::json;

use crate::{
    args::{Audit, Place},
    error::CliError,
    open,
};

/// Entries a question; the signer gives no more at once.
const PAGE: u32 = 500;

pub async fn run(place: &Place, command: &Audit) -> Result<ExitCode, CliError> {
    let signer = open::signer(place)?;
    match command {
        Audit::Verify { json } => match signer.audit_verify().await {
            Ok((entries, head)) => {
                if *json {
                    println!("{}", json!({ "ok": true, "entries": entries, "head": head }));
                } else {
                    println!("The chain holds: {entries} entries, the last one has hash {head}.");
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(WalletError::SignerRefused(refusal)) if *json => {
                println!("{}", json!({ "ok": false, "reason": refusal.reason, "remedy": refusal.remedy }));
                Ok(ExitCode::FAILURE)
            }
            Err(e) => Err(e.into()),
        },
        Audit::Export => {
            let mut out = std::io::stdout().lock();
            let mut from = 0;
            loop {
                let (entries, total) = signer.audit(from, PAGE).await?;
                if entries.is_empty() {
                    break;
                }
                for entry in &entries {
                    writeln!(out, "{entry}")?;
                }
                from += entries.len() as u64;
                if from >= total {
                    break;
                }
            }
            out.flush()?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
