//! `parlance models`: which there are, and whether one works here.

use std::{path::Path, process::ExitCode};

use parlance_grounding::Message;

use crate::{args::Models, error::CliError};

/// A message that any model of this vocabulary understands.
const TRIAL: &str = "what is my balance";

pub async fn run(command: &Models) -> Result<ExitCode, CliError> {
    match command {
        Models::List => list(),
        Models::Check { file } => check(file.as_deref()).await,
    }
}

fn list() -> Result<ExitCode, CliError> {
    let path = parlance_mind::shipped()?;
    let size = std::fs::metadata(&path).map_err(CliError::file(&path))?.len();
    println!("{}  {:.1} MB  shipped", path.display(), size as f64 / 1e6);
    Ok(ExitCode::SUCCESS)
}

async fn check(file: Option<&Path>) -> Result<ExitCode, CliError> {
    let understander = parlance_mind::understander(file).await?;
    let hello = understander.ready().await.map_err(|e| CliError::Understanding(e.to_string()))?;
    println!("{} ({}) loaded in {:.0} ms on {}; BLAKE3 {}", hello.model, hello.backend, hello.load_ms, std::env::consts::ARCH, hello.hash);
    println!("{}", hello.sandbox);
    let found = understander.understand(&Message::of(TRIAL)).await;
    println!("{TRIAL:?} took {:.1} ms.", found.ms);
    Ok(ExitCode::SUCCESS)
}
