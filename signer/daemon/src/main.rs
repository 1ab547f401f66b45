//! The signer process: the only holder of keys.
//!
//! Started by the launcher with its pipes; shuts itself in before it reads a byte of its data or of a client. One
//! thread for each client, one that ticks. It ends when its clients have closed their sockets.

mod error;
mod handover;
mod serve;
mod service;

use std::io::{Read, Write};
use std::os::fd::RawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use error::DaemonError;
use parlance_signer_core::clock::SystemClock;
use parlance_signer_core::service::{Custody, Opening, PlayWorld, Service, SocketApprover, init_play_money};
use parlance_signer_core::vault::{DataFolder, KdfParameters};
use parlance_signer_protocol::inherited_socket;

/// Longest description of a local world that is read, in bytes.
const WORLD: u64 = 1 << 20;

/// Holds the keys and signs what the rules permit. Started by `parlance`, not by hand.
#[derive(Parser)]
#[command(name = "parlance-signer", version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Cli {
    #[command(flatten)]
    serve: Option<Serve>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Args)]
struct Serve {
    /// The signer's data folder.
    #[arg(long)]
    data: PathBuf,
    /// Descriptor of a client's socket; `FD:FILE` gives the client the narrower capability in FILE (JSON).
    #[arg(long = "clients-fd", required = true)]
    clients: Vec<String>,
    /// Descriptor of the approver's socket.
    #[arg(long)]
    approver_fd: RawFd,
    /// Descriptor of the launcher's keyring socket.
    #[arg(long)]
    keyring_fd: Option<RawFd>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the person whose launcher is connected on a descriptor, under the signer's own user. Started by the system.
    Service {
        /// The folder with a folder for each person.
        #[arg(long)]
        root: PathBuf,
        /// Descriptor of the connection.
        #[arg(long, default_value_t = 3)]
        connection_fd: RawFd,
    },
    /// Make the play-money wallet of the local world: chain 31337 only, password `play`.
    InitPlayMoney {
        /// The signer's data folder; there must be no wallet in it.
        #[arg(long)]
        data: PathBuf,
        /// Descriptor from which `devworld.json` is read.
        #[arg(long)]
        world_fd: RawFd,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match (cli.command, cli.serve) {
        (Some(Command::InitPlayMoney { data, world_fd }), _) => play_money(&data, world_fd),
        (Some(Command::Service { root, connection_fd }), _) => service(&root, connection_fd),
        (None, Some(serve)) => run(&serve),
        (None, None) => Err(DaemonError::Usage),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("parlance-signer: {e}\n{}", e.remedy());
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Serve) -> Result<(), DaemonError> {
    let clients = args.clients.iter().map(|c| serve::Client::take(c)).collect::<Result<Vec<_>, _>>()?;
    let approver = inherited_socket(args.approver_fd)?;
    let keyring = args.keyring_fd.map(inherited_socket).transpose()?;
    hold(&args.data, clients, approver, keyring, None)
}

/// The same for whoever is connected; where it fails, they are told.
fn service(root: &Path, connection_fd: RawFd) -> Result<(), DaemonError> {
    let mut connection = inherited_socket(connection_fd)?;
    let done = service::receive(&connection).and_then(|ends| {
        let clients = ends.clients.into_iter().map(serve::Client::wallet).collect();
        let (folder, words) = service::folder(&connection, root)?;
        hold(&folder, clients, ends.approver, ends.keyring, Some(words))
    });
    if let Err(e) = &done {
        // They may have gone.
        let _told = write!(connection, "{e}\n{}", e.remedy());
    }
    done
}

/// Hold the keys in a folder until the last client is gone.
fn hold(
    data: &Path,
    clients: Vec<serve::Client>,
    approver: UnixStream,
    keyring: Option<UnixStream>,
    words: Option<String>,
) -> Result<(), DaemonError> {
    // Everything that needs /proc or a file outside of the folder comes before the sandbox.
    let (handover, sink) = handover::receive(keyring)?;
    let mut opening = opening(data)?;
    opening.sandbox.extend(words);
    (opening.keyring, opening.generation, opening.sink) = (handover.secret, handover.generation, sink);

    let custody = Custody::open(opening)?;
    let approver = SocketApprover::new(approver)?;
    let service = Arc::new(Service::new(custody, Box::new(approver), KdfParameters::DEFAULT));
    serve::all(&service, clients)?;
    Ok(service.close()?)
}

fn play_money(data: &Path, world_fd: RawFd) -> Result<(), DaemonError> {
    let socket = inherited_socket(world_fd)?;
    let opening = opening(data)?;
    let mut text = zeroize::Zeroizing::new(Vec::new());
    socket.take(WORLD).read_to_end(&mut text)?;
    let world: PlayWorld = serde_json::from_slice(&text).map_err(|e| DaemonError::World(e.to_string()))?;
    let account = init_play_money(opening, world, KdfParameters::DEFAULT)?;
    println!("{account}");
    Ok(())
}

/// Lock the folder, read clocks, and shut the process in.
fn opening(data: &Path) -> Result<Opening, DaemonError> {
    let clock = Arc::new(SystemClock::new());
    let utc_offset = time::UtcOffset::current_local_offset().map_or(0, time::UtcOffset::whole_seconds);
    let folder = Arc::new(DataFolder::open(data)?);
    let report = parlance_sandbox::enter_signer(folder.path())?;
    Ok(Opening { folder, clock, keyring: None, generation: 0, sink: None, sandbox: report.sentences(), utc_offset })
}
