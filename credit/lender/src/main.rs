//! `parlance-lender`: verify a proof, run a notary, serve applications for credit lines.

use std::path::PathBuf;
use std::process::ExitCode;

use alloy_primitives::{Address, B256, FixedBytes};
use clap::{Args, Parser, Subcommand};
use parlance_lender::config::{LogFormat, NotaryConfig, TrustConfig};
use parlance_lender::http::Server;
use parlance_lender::keys::{self, PasswordSource};
use parlance_lender::offline::{self, Asked};
use parlance_lender::trust::Trusted;
use parlance_lender::{Config, LenderError, app, check};
use parlance_zktls_notary::{Key, KeyLog, Notary};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// Done, refused or failed, wrong usage.
const REFUSED: u8 = 1;
const WRONG_USAGE: u8 = 2;

/// Verifies proofs of bank balances, attests credit lines and keeps their book.
///
/// Example: parlance-lender verify balance.proof --config lender.toml
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check a proof file without asking anybody. Exit code 0: accepted, 1: refused, 2: wrong usage or no proof file.
    Verify(Verify),
    /// Run a notary alone, with the settings of a lender or of its own (zktls/notary/notary.toml).
    Notary {
        /// The settings.
        config: PathBuf,
    },
    /// Make and look at keys.
    #[command(subcommand)]
    Keys(Keys),
    /// Say what is wrong with a configuration, its files, its keys and its pool.
    Check {
        /// The configuration.
        config: PathBuf,
    },
    /// Serve API, pages and, where configured, a notary, until Ctrl-C or SIGTERM.
    Serve {
        /// The configuration.
        config: PathBuf,
    },
}

/// What is not given is taken from the file itself, and said to be unchecked.
#[derive(Args)]
struct Verify {
    /// The proof file.
    file: PathBuf,
    /// Whose notaries, roots and templates are trusted: the [trust] section of this file.
    #[arg(long, default_value = "lender.toml")]
    config: PathBuf,
    /// One JSON object instead of sentences.
    #[arg(long)]
    json: bool,
    /// The borrower's address.
    #[arg(long)]
    borrower: Option<Address>,
    /// The pool's address.
    #[arg(long)]
    pool: Option<Address>,
    /// The pool's chain id.
    #[arg(long)]
    chain: Option<u64>,
    /// The offer's nonce.
    #[arg(long)]
    nonce: Option<B256>,
    /// The offer's digest.
    #[arg(long)]
    offer: Option<B256>,
    /// The threshold in minor units: cents.
    #[arg(long)]
    at_least: Option<u64>,
    /// The threshold's currency.
    #[arg(long)]
    currency: Option<String>,
    /// The nullifier's scope, 8 bytes.
    #[arg(long)]
    scope: Option<FixedBytes<8>>,
    /// As of this Unix time instead of now.
    #[arg(long, value_name = "UNIX")]
    at: Option<u64>,
    /// Oldest session, seconds, instead of the configured one.
    #[arg(long, value_name = "SECONDS")]
    max_age: Option<u64>,
}

#[derive(Subcommand)]
enum Keys {
    /// Make an attester's key in a new keystore file; prints its address.
    New {
        /// The new file.
        #[arg(long, default_value = "attester.json")]
        out: PathBuf,
        #[command(flatten)]
        password: Password,
    },
    /// Print the address of a keystore file.
    Show {
        /// The file.
        #[arg(default_value = "attester.json")]
        keystore: PathBuf,
        #[command(flatten)]
        password: Password,
    },
    /// Make a notary's key and publish it in its log; prints its id.
    Notary {
        /// Who runs the notary.
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
    /// Print the hash of the staff's password, for [staff] password_hash.
    Staff {
        #[command(flatten)]
        password: Password,
    },
}

/// Without either it is asked for, or read as a line from a pipe.
#[derive(Args)]
#[group(multiple = false)]
struct Password {
    /// A file whose first line is the password.
    #[arg(long)]
    password_file: Option<PathBuf>,
    /// An environment variable that holds the password.
    #[arg(long)]
    password_env: Option<String>,
}

impl Password {
    fn read(&self) -> Result<zeroize::Zeroizing<String>, LenderError> {
        PasswordSource { file: self.password_file.as_deref(), variable: self.password_env.as_deref() }.read("Password")
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let (outcome, failure) = match Arguments::parse().command {
        Command::Verify(verify) => (run_verify(&verify), WRONG_USAGE),
        Command::Notary { config } => (run_notary(&config).await, REFUSED),
        Command::Keys(keys) => (run_keys(&keys), REFUSED),
        Command::Check { config } => (run_check(&config).await, REFUSED),
        Command::Serve { config } => (run_serve(&config).await, REFUSED),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("parlance-lender: {error}");
        ExitCode::from(failure)
    })
}

fn run_verify(verify: &Verify) -> Result<ExitCode, LenderError> {
    let (trust, folder) = TrustConfig::read(&verify.config)?;
    let trusted = Trusted::load(&trust, &folder, None)?;
    let asked = Asked {
        borrower: verify.borrower,
        pool: verify.pool,
        chain: verify.chain,
        nonce: verify.nonce,
        offer: verify.offer,
        at_least: verify.at_least,
        currency: verify.currency.clone(),
        scope: verify.scope,
        at: verify.at,
        max_age: verify.max_age,
    };
    if let Some(problem) = asked.problem() {
        return Err(LenderError::Settings(vec![problem]));
    }
    let bytes = std::fs::read(&verify.file).map_err(|source| LenderError::File { path: verify.file.clone(), source })?;
    let report = offline::report(&bytes, &trusted, &asked, app::now()?)?;
    if verify.json {
        let json = serde_json::to_string_pretty(&report);
        println!("{}", json.map_err(|error| LenderError::Damaged { what: "report", got: error.to_string() })?);
    } else {
        println!("{}", offline::text(&report));
    }
    Ok(if report.judgement.accepted { ExitCode::SUCCESS } else { ExitCode::from(REFUSED) })
}

async fn run_notary(config: &std::path::Path) -> Result<ExitCode, LenderError> {
    log(LogFormat::Text);
    let settings = NotaryConfig::read(config)?;
    let listener = TcpListener::bind(settings.listen).await.map_err(LenderError::Listen)?;
    let notary = Notary::serve(listener, settings.config()?)?;
    let end = end()?;
    println!("notary at {}", notary.address());
    end.await;
    Ok(ExitCode::SUCCESS)
}

fn run_keys(keys: &Keys) -> Result<ExitCode, LenderError> {
    match keys {
        Keys::New { out, password } => println!("{}", keys::create(out, &password.read()?)?.address()),
        Keys::Show { keystore, password } => println!("{}", keys::open(keystore, &password.read()?)?.address()),
        Keys::Staff { password } => println!("{}", keys::hash(&password.read()?)?),
        Keys::Notary { operator, days, out, log } => {
            let now = app::now()?;
            let key = Key::generate(operator, now, now.saturating_add(days.saturating_mul(86_400)))?;
            key.write(out)?;
            KeyLog::at(log).append(key.public())?;
            println!("{}", key.public().id());
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn run_check(config: &std::path::Path) -> Result<ExitCode, LenderError> {
    let findings = check::check(&Config::read(config)?).await?;
    findings.fine.iter().for_each(|sentence| println!("ok    {sentence}"));
    findings.problems.iter().for_each(|sentence| println!("WRONG {sentence}"));
    Ok(if findings.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(REFUSED) })
}

async fn run_serve(config: &std::path::Path) -> Result<ExitCode, LenderError> {
    let config = Config::read(config)?;
    log(config.log);
    let server = Server::start(config).await?;
    let end = end()?;
    if let Some(notary) = server.notary() {
        println!("notary at {notary}");
    }
    println!("listens at http://{}", server.address()?);
    server.serve(end).await?;
    Ok(ExitCode::SUCCESS)
}

/// Until Ctrl-C or SIGTERM. Both are listened for from now on, not only once this is waited for.
#[cfg(unix)]
fn end() -> Result<impl Future<Output = ()> + Send + 'static, LenderError> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(|error| LenderError::Task(error.to_string()));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Until Ctrl-C.
#[cfg(not(unix))]
fn end() -> Result<impl Future<Output = ()> + Send + 'static, LenderError> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

/// To standard error, as `RUST_LOG` says, or what matters.
fn log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}
