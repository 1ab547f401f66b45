//! `parlance understand`: what messages mean, without signer and network.

use std::process::ExitCode;

use parlance_understand::run_jsonl;
use tokio::io::BufReader;

use crate::{args::Understand, error::CliError};

pub async fn run(args: &Understand) -> Result<ExitCode, CliError> {
    let understander = parlance_mind::understander(args.model.as_deref()).await?;
    run_jsonl(&understander, &mut BufReader::new(tokio::io::stdin()), &mut tokio::io::stdout())
        .await
        .map_err(|e| CliError::Understanding(e.to_string()))?;
    Ok(ExitCode::SUCCESS)
}
