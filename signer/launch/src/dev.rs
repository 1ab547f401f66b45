//! `parlance dev`: the local world, and in it a wallet with play money.

use std::{
    ffi::OsString,
    fs,
    io::Write,
    os::{fd::OwnedFd, unix::net::UnixStream},
    path::{Path, PathBuf},
    process::Stdio,
};

use command_fds::{CommandFdExt, FdMapping};
use zeroize::Zeroizing;

use crate::{
    data::{DataFolder, default_folder},
    environment::Profile,
    error::{LaunchError, Trying},
    programs,
};

/// Run `parlance-devnet ARGS`; after `up`, make the play-money vault where there is none.
pub fn run(args: &[OsString], data: Option<PathBuf>) -> Result<u8, LaunchError> {
    let root = match data {
        Some(dir) => std::path::absolute(dir).trying("reading the name of the data folder")?,
        None => default_folder("parlance-dev")?,
    };
    if programs::own_is_installed() && matches!(programs::path("parlance-devnet"), Err(LaunchError::Missing(_))) {
        return Err(LaunchError::LeftOut);
    }
    let help = args.is_empty() || args.iter().any(|a| a == "--help" || a == "-h");
    let mut all = args.to_vec();
    if !help {
        all.extend(["--data".into(), root.clone().into_os_string()]);
    }
    let code = programs::run("parlance-devnet", &all, Profile::Wallet)?;
    if code == 0 && !help && args.first().is_some_and(|a| a == "up") {
        let quiet = args.iter().any(|a| a == "--json");
        make_wallet(&root, quiet)?;
    }
    Ok(code)
}

fn make_wallet(root: &Path, quiet: bool) -> Result<(), LaunchError> {
    let folder = match DataFolder::open(root.to_owned()) {
        Ok(folder) => folder,
        // A wallet is open there, so it exists.
        Err(LaunchError::InUse(_)) => return Ok(()),
        Err(e) => return Err(e),
    };
    if folder.signer().join("vault.parlance").exists() {
        return Ok(());
    }
    let (mut ours, theirs) = UnixStream::pair().trying("making a socket pair")?;
    let mut signer = programs::command("parlance-signer", Profile::Signer)?;
    signer.arg("init-play-money").arg("--data").arg(folder.signer()).args(["--world-fd", "3"]).stdin(Stdio::null());
    if quiet {
        signer.stdout(Stdio::null());
    }
    signer.fd_mappings(vec![FdMapping { parent_fd: OwnedFd::from(theirs), child_fd: 3 }]).map_err(|e| LaunchError::Dev(e.to_string()))?;
    let mut child = signer.spawn().trying("starting parlance-signer")?;
    drop(signer);
    let world = Zeroizing::new(fs::read(root.join("devworld.json")).trying("reading devworld.json")?);
    ours.write_all(&world).trying("handing the play-money phrase to the signer")?;
    drop(ours);
    let status = child.wait().trying("waiting for parlance-signer")?;
    if !status.success() {
        return Err(LaunchError::Dev("the signer could not make the play-money wallet; its message stands above".into()));
    }
    if !quiet {
        println!("Play-money wallet made; its password is: play");
    }
    Ok(())
}
