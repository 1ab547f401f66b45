//! `parlance-bank`: the demo bank as a program.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use parlance_zktls_bank::{Authority, Bank, BankError, Book, Config, Identity, Layout, Transfer, Validity, suites};
use tokio::net::TcpListener;

/// A demo bank over TLS 1.3: invented customers, invented money.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// The name in its certificate.
    #[arg(long, default_value = "api.demo-bank.example")]
    domain: String,
    /// Folder of the demo root (root.pem, root-key.pem); made when there is none.
    #[arg(long, default_value = "demo-bank")]
    root: PathBuf,
    /// A certificate chain (PEM) in place of one by the demo root.
    #[arg(long, requires = "key")]
    certificate: Option<PathBuf>,
    /// Its key (PEM).
    #[arg(long, requires = "certificate")]
    key: Option<PathBuf>,
    /// Customers as JSON; the demo's own when absent.
    #[arg(long)]
    accounts: Option<PathBuf>,
    /// The one cipher suite to accept; both when absent.
    #[arg(long)]
    suite: Option<SuiteName>,
    /// Send bodies in chunks of so many bytes.
    #[arg(long)]
    chunked: Option<usize>,
    /// Indented JSON.
    #[arg(long)]
    pretty: bool,
    /// How many transactions stand before the balance.
    #[arg(long, default_value_t = 0)]
    transactions: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum SuiteName {
    Aes128,
    Chacha20,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).with_writer(std::io::stderr).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("parlance-bank: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), BankError> {
    let identity = match (&arguments.certificate, &arguments.key) {
        (Some(chain), Some(key)) => Identity::read(chain, key)?,
        _ => Authority::open(&arguments.root)?.issue(&arguments.domain, Validity::Current)?,
    };
    let book = match &arguments.accounts {
        Some(path) => Book::read(&std::fs::read_to_string(path).map_err(|source| BankError::File { path: path.clone(), source })?)?,
        None => Book::demo()?,
    };
    let mut config = Config::new(identity, book);
    match arguments.suite {
        Some(SuiteName::Aes128) => config.suites = vec![suites::AES_128_GCM],
        Some(SuiteName::Chacha20) => config.suites = vec![suites::CHACHA20_POLY1305],
        None => {}
    }
    config.transfer = arguments.chunked.map_or(Transfer::Plain, Transfer::Chunked);
    config.layout = if arguments.pretty { Layout::Pretty } else { Layout::Minified };
    config.transactions = arguments.transactions;
    let listener = TcpListener::bind(arguments.listen).await.map_err(BankError::Listen)?;
    let bank = Bank::open(listener, config)?;
    println!("https://{} listens at {}", arguments.domain, bank.address());
    tokio::signal::ctrl_c().await.map_err(BankError::Listen)
}
