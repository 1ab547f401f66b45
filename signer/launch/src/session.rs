//! A session: signer and approver first, then the wallet process; the wallet's exit ends it.

use std::{
    ffi::OsString,
    os::{
        fd::OwnedFd,
        unix::{net::UnixStream, process::CommandExt},
    },
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use command_fds::{CommandFdExt, FdMapping};

use crate::{
    data::{DataFolder, default_folder},
    environment::Profile,
    error::{LaunchError, Trying},
    programs,
    secrets::Keyring,
    service::{self, Role},
    strays,
};

/// The desktop app's program.
const DESKTOP: &str = "parlance-desktop";
/// Socket in the wallet's folder on which an open window listens: a connection means "show yourself".
const SHOW: &str = "show.sock";
/// How long the signer may take to put its state away.
const FAREWELL: Duration = Duration::from_secs(10);

/// A signer that was started.
enum Signer {
    /// Under this user.
    Child(Child),
    /// Under a user of its own, by the system; the thread ends with it.
    Service(JoinHandle<()>),
}

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
    // Other folders than the default one hold play money and tries: their signer is always a child.
    let serviced = data.is_none() && programs::own_is_installed();
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
    let mut ends = vec![(Role::Client, OwnedFd::from(signer_end)), (Role::Approver, OwnedFd::from(asking_end))];
    // A window looks at the signer while the owner is asked: a connection of its own for that.
    let mut look = None;
    if matches!(front, Front::Window) {
        let (theirs, ours) = pair()?;
        ends.push((Role::Client, OwnedFd::from(theirs)));
        look = Some(ours);
    }
    let keyring = match Keyring::open(&folder)? {
        Some(keyring) => {
            let (ours, theirs) = pair()?;
            ends.push((Role::Keyring, OwnedFd::from(theirs)));
            Some((keyring, ours))
        }
        None => None,
    };
    let service = if serviced { service::connect(&folder)? } else { None };
    let signer = match service {
        Some(connection) => Signer::Service(service::start(connection, ends)?),
        None => Signer::Child(child(&folder, ends)?),
    };
    if let Some((keyring, socket)) = keyring {
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
    match signer {
        Signer::Child(mut child) => farewell(&mut child, "parlance-signer")?,
        Signer::Service(end) => leave(&end),
    }
    farewell(&mut approver, "parlance-approve")?;
    status
}

/// The signer as a child, with its ends under the numbers from 3 on.
fn child(folder: &DataFolder, ends: Vec<(Role, OwnedFd)>) -> Result<Child, LaunchError> {
    let mut signer = programs::command("parlance-signer", Profile::Signer)?;
    signer.arg("--data").arg(folder.signer());
    let mut inherited = Vec::new();
    for (number, (role, end)) in (3..).zip(ends) {
        let name = match role {
            Role::Client => "--clients-fd",
            Role::Approver => "--approver-fd",
            Role::Keyring => "--keyring-fd",
        };
        signer.arg(name).arg(number.to_string());
        inherited.push((end, number));
    }
    // A process group of its own: Ctrl-C in the terminal does not reach the signer.
    signer.process_group(0).stdin(Stdio::null()).stdout(Stdio::null());
    start(signer, inherited, "parlance-signer")
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
    let mut mappings: Vec<_> = inherited.into_iter().map(|(parent_fd, child_fd)| FdMapping { parent_fd, child_fd }).collect();
    strays::hide(&mut mappings).trying(format!("closing to {name} what is none of its business"))?;
    command.fd_mappings(mappings).map_err(|_| LaunchError::System {
        what: format!("handing descriptors to {name}"),
        why: std::io::Error::other("two descriptors under one number"),
    })?;
    command.spawn().trying(format!("starting {name}"))
}

/// Wait for the end of a signer that is the system's to stop.
fn leave(end: &JoinHandle<()>) {
    let until = Instant::now() + FAREWELL;
    while !end.is_finished() {
        if Instant::now() > until {
            eprintln!("parlance: the signer's service has not ended yet; the next start waits for it");
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
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
