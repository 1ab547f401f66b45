//! `parlance-notary`: the notary as a program.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Parser, Subcommand};
use parlance_zktls_notary::{Key, KeyLog, Notary, NotaryError, Settings};
use parlance_zktls_protocol::KeyId;
use tokio::net::TcpListener;

/// Relays TLS sessions to banks and signs what it saw.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until Ctrl-C.
    Serve {
        /// The settings.
        #[arg(default_value = "notary.toml")]
        settings: PathBuf,
    },
    /// Make a key and publish it in the log.
    Key {
        /// Who runs this notary.
        #[arg(long)]
        operator: String,
        /// For how many days it is valid.
        #[arg(long, default_value_t = 90)]
        days: u64,
        /// The new key file.
        #[arg(long, default_value = "notary-key.json")]
        out: PathBuf,
        /// The public log.
        #[arg(long, default_value = "notary-keys.jsonl")]
        log: PathBuf,
    },
    /// Revoke a key in the log: none of its signatures counts any more.
    Revoke {
        /// The key's id, 64 hexadecimal digits.
        #[arg(value_parser = key_id)]
        id: KeyId,
        /// The public log.
        #[arg(long, default_value = "notary-keys.jsonl")]
        log: PathBuf,
    },
}

fn key_id(text: &str) -> Result<KeyId, String> {
    let mut id = [0; 32];
    hex::decode_to_slice(text, &mut id).map_err(|_| "expected 64 hexadecimal digits".to_owned())?;
    Ok(KeyId(id))
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).with_writer(std::io::stderr).init();
    match run(Arguments::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("parlance-notary: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), NotaryError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| NotaryError::Clock)?.as_secs();
    match command {
        Command::Serve { settings } => {
            let settings = Settings::read(&settings)?;
            let listener = TcpListener::bind(settings.listen).await.map_err(NotaryError::Listen)?;
            let notary = Notary::serve(listener, settings.config()?)?;
            println!("listens at {}", notary.address());
            tokio::signal::ctrl_c().await.map_err(NotaryError::Listen)
        }
        Command::Key { operator, days, out, log } => {
            let key = Key::generate(&operator, now, now.saturating_add(days.saturating_mul(86_400)))?;
            key.write(&out)?;
            KeyLog::at(log).append(key.public())?;
            println!("{}", key.public().id());
            Ok(())
        }
        Command::Revoke { id, log } => KeyLog::at(log).revoke(id, now),
    }
}
