//! A session: signer and approver first, then the wallet process; the wallet's exit ends it.

use std::{
    ffi::OsString,
    os::{
        fd::OwnedFd,
        unix::{net::UnixStream, process::CommandExt},
    },
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use command_fds::{CommandFdExt, FdMapping};

use crate::{
    data::{DataFolder, default_folder},
    environment::Profile,
    error::{LaunchError, Trying},
    programs,
    secrets::Keyring,
};

/// How long the signer may take to put its state away.
const FAREWELL: Duration = Duration::from_secs(10);

/// Run `parlance-wallet WALLET...` with a signer and an approver; the exit code is the wallet's.
pub fn run(data: Option<PathBuf>, wallet: &[OsString]) -> Result<u8, LaunchError> {
    let folder = DataFolder::open(match data {
        Some(dir) => std::path::absolute(dir).trying("reading the name of the data folder")?,
        None => default_folder("parlance")?,
    })?;

    // Ctrl-C is the wallet's to handle; this process stays to see everything end.
    let interrupted = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, interrupted).trying("handling Ctrl-C")?;

    let (signer_end, wallet_end) = UnixStream::pair().trying("making a socket pair")?;
    let (asking_end, approver_end) = UnixStream::pair().trying("making a socket pair")?;

    let mut signer = programs::command("parlance-signer", Profile::Signer)?;
    signer.arg("--data").arg(folder.signer()).args(["--clients-fd", "3", "--approver-fd", "4"]);
    let mut inherited = vec![(OwnedFd::from(signer_end), 3), (OwnedFd::from(asking_end), 4)];
    let keyring = Keyring::open(&folder)?;
    let keyring_end = keyring.as_ref().map(|_| UnixStream::pair().trying("making a socket pair")).transpose()?;
    let ours = keyring_end.map(|(ours, theirs)| {
        signer.args(["--keyring-fd", "5"]);
        inherited.push((OwnedFd::from(theirs), 5));
        ours
    });
    // A process group of its own: Ctrl-C in the terminal does not reach the signer.
    signer.process_group(0).stdin(Stdio::null()).stdout(Stdio::null());
    let mut signer = start(signer, inherited, "parlance-signer")?;
    if let (Some(keyring), Some(socket)) = (keyring, ours) {
        keyring.serve(socket)?;
    }

    let mut approver = programs::command("parlance-approve", Profile::Approver)?;
    approver.args(["--signer-fd", "3"]).stdin(Stdio::null()).stdout(Stdio::null());
    let mut approver = start(approver, vec![(OwnedFd::from(approver_end), 3)], "parlance-approve")?;

    let mut process = programs::command("parlance-wallet", Profile::Wallet)?;
    process.args(wallet).arg("--data").arg(folder.root()).args(["--signer-fd", "3"]);
    let status = start(process, vec![(OwnedFd::from(wallet_end), 3)], "parlance-wallet")
        .and_then(|mut child| child.wait().trying("waiting for parlance-wallet"));

    // With the wallet's socket closed the signer ends, and with it the approver.
    farewell(&mut signer, "parlance-signer")?;
    farewell(&mut approver, "parlance-approve")?;
    status.map(programs::code)
}

/// Start `command` with `inherited` descriptors under the given numbers; they are closed here.
fn start(mut command: Command, inherited: Vec<(OwnedFd, i32)>, name: &str) -> Result<Child, LaunchError> {
    let mappings = inherited.into_iter().map(|(parent_fd, child_fd)| FdMapping { parent_fd, child_fd }).collect();
    command.fd_mappings(mappings).map_err(|_| LaunchError::System {
        what: format!("handing descriptors to {name}"),
        why: std::io::Error::other("two descriptors under one number"),
    })?;
    command.spawn().trying(format!("starting {name}"))
}

fn farewell(child: &mut Child, name: &str) -> Result<(), LaunchError> {
    let until = Instant::now() + FAREWELL;
    while Instant::now() < until {
        if child.try_wait().trying(format!("waiting for {name}"))?.is_some() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    eprintln!("parlance: {name} did not end by itself and was stopped");
    child.kill().trying(format!("stopping {name}"))?;
    child.wait().trying(format!("waiting for {name}"))?;
    Ok(())
}
