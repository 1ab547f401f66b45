//! The wallet process on the command line: `parlance-wallet`, started by the launcher `parlance`.

mod act;
mod args;
mod audit;
mod chat;
mod credit;
mod error;
mod hidden;
mod history;
mod models;
mod open;
mod rules;
mod show;
mod understand;
mod vault;

use std::process::ExitCode;

use args::{Args, Command};
use clap::{CommandFactory, Parser};
use error::CliError;

fn main() -> ExitCode {
    let args = Args::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "error".into()))
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("parlance: cannot start: {e}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(run(args));
    // A terminal line that is being read does not end by itself.
    runtime.shutdown_background();
    match result {
        Ok(code) => code,
        Err(e) => {
            eprintln!("parlance: {e}\n{}", e.remedy());
            ExitCode::from(e.exit_code())
        }
    }
}

async fn run(args: Args) -> Result<ExitCode, CliError> {
    let place = args.place;
    match args.command {
        Command::Chat(chat) => chat::run(&place, &chat).await,
        Command::Understand(understand) => understand::run(&understand).await,
        Command::Rules { command } => rules::run(&place, &command).await,
        Command::Audit { command } => audit::run(&place, &command).await,
        Command::Vault { command } => vault::run(&place, &command).await,
        Command::History(history) => history::run(&place, &history),
        Command::Prove(prove) => credit::prove(&place, prove).await,
        Command::Loan { command } => credit::loan(&place, command).await,
        Command::Lenders { command } => credit::lenders(&place, &command).await,
        Command::Banks { command } => credit::banks(&place, command).await,
        Command::Models { command } => models::run(&place, &command).await,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Args::command(), "parlance", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}
