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

/// The desktop app's program.
const DESKTOP: &str = "parlance-desktop";
/// Socket in the wallet's folder on which an open window listens: a connection means "show yourself".
const SHOW: &str = "show.sock";
/// How long the signer may take to put its state away.
const FAREWELL: Duration = Duration::from_secs(10);

/// Which wallet process a session is for.
pub enum Front<'a> {
    /// `parlance-wallet` with these arguments; the approver asks on the terminal.
    Terminal(&'a [OsString]),
    /// `parlance-desktop`; the approver has a window of its own.
    Window,
}

/// The desktop app where there is a display, else talk in the terminal.
pub fn front(data: Option<PathBuf>) -> Result<u8, LaunchError> {
    let display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()));
    if !display || programs::path(DESKTOP).is_err() {
        return run(data, &Front::Terminal(&["chat".into()]));
    }
    match run(data, &Front::Window) {
        // The window that is open is what was wanted.
        Err(LaunchError::InUse(root)) => match UnixStream::connect(root.join("wallet").join(SHOW)) {
            Ok(_) => Ok(0),
            Err(_) => Err(LaunchError::InUse(root)),
        },
        other => other,
    }
}

/// Run a wallet process with a signer and an approver; the exit code is the wallet's.
pub fn run(data: Option<PathBuf>, front: &Front<'_>) -> Result<u8, LaunchError> {
    let folder = DataFolder::open(match data {
        Some(dir) => std::path::absolute(dir).trying("reading the name of the data folder")?,
        None => default_folder("parlance")?,
    })?;

    // Ctrl-C is the wallet's to handle; this process stays to see everything end.
    let interrupted = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, interrupted).trying("handling Ctrl-C")?;

    let pair = || UnixStream::pair().trying("making a socket pair");
    let (signer_end, wallet_end) = pair()?;
    let (asking_end, approver_end) = pair()?;
    // A window looks at the signer while the owner is asked: a connection of its own for that.
    let look = if matches!(front, Front::Window) { Some(pair()?) } else { None };

    let mut signer = programs::command("parlance-signer", Profile::Signer)?;
    signer.arg("--data").arg(folder.signer()).args(["--clients-fd", "3", "--approver-fd", "4"]);
    let mut inherited = vec![(OwnedFd::from(signer_end), 3), (OwnedFd::from(asking_end), 4)];
    let look = look.map(|(theirs, ours)| {
        signer.args(["--clients-fd", "6"]);
        inherited.push((OwnedFd::from(theirs), 6));
        ours
    });
    let keyring = Keyring::open(&folder)?;
    let keyring_end = keyring.as_ref().map(|_| pair()).transpose()?;
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
    if matches!(front, Front::Window) {
        approver.arg("--window");
    }
    let mut approver = start(approver, vec![(OwnedFd::from(approver_end), 3)], "parlance-approve")?;

    let status = wallet_process(front, &folder, wallet_end, look);

    // With the wallet's sockets closed the signer ends, and with it the approver.
    farewell(&mut signer, "parlance-signer")?;
    farewell(&mut approver, "parlance-approve")?;
    status
}

/// Start the wallet process and wait for its end.
fn wallet_process(front: &Front<'_>, folder: &DataFolder, signer: UnixStream, look: Option<UnixStream>) -> Result<u8, LaunchError> {
    let mut inherited = vec![(OwnedFd::from(signer), 3)];
    // Held until the end: its other side tells the window that this process is still there.
    let mut alive = None;
    let (name, mut process) = match front {
        Front::Terminal(arguments) => {
            let mut process = programs::command("parlance-wallet", Profile::Wallet)?;
            process.args(*arguments);
            ("parlance-wallet", process)
        }
        Front::Window => {
            let installed = programs::installed(&programs::path(DESKTOP)?);
            let mut process = programs::command(DESKTOP, Profile::Desktop { installed })?;
            if let Some(look) = look {
                process.args(["--look-fd", "4"]);
                inherited.push((OwnedFd::from(look), 4));
            }
            let (ours, theirs) = UnixStream::pair().trying("making a socket pair")?;
            process.args(["--launcher-fd", "5"]);
            inherited.push((OwnedFd::from(theirs), 5));
            alive = Some(ours);
            (DESKTOP, process)
        }
    };
    process.arg("--data").arg(folder.root()).args(["--signer-fd", "3"]);
    let status = start(process, inherited, name)?.wait().trying(format!("waiting for {name}"))?;
    drop(alive);
    Ok(programs::code(status))
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
