//! The anvil program: where it is, and starting it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use alloy_provider::{DynProvider, Provider, ProviderBuilder};
use url::Url;

use crate::addresses::CHAIN_ID;
use crate::error::{DevnetError, file, rpc};

/// How long a chain may take from start to its first answer. Normal is 0.1 s; a saved chain with many blocks needs more.
const PATIENCE: Duration = Duration::from_secs(30);

/// The variable that says where `node_modules` (or an anvil program) is.
pub(crate) const ASSETS: &str = "PARLANCE_DEVNET_ASSETS";

/// An anvil program, found.
#[derive(Clone, Debug)]
pub struct Anvil {
    program: PathBuf,
}

impl Anvil {
    /// Looks, in this order, in the folder that `PARLANCE_DEVNET_ASSETS` names (which may also name the program itself),
    /// in `devnet/` beside this program, beside this program, and in the source folder that this crate was built from.
    pub fn locate() -> Result<Self, DevnetError> {
        let package = format!("node_modules/@foundry-rs/anvil-{}/bin/anvil", platform()?);
        let mut looked = Vec::new();
        if let Some(assets) = std::env::var_os(ASSETS).map(PathBuf::from) {
            // When someone says where it is, a copy from elsewhere would be a surprise.
            looked.extend([assets.join(&package), assets]);
        } else {
            if let Some(beside) = std::env::current_exe().ok().as_deref().and_then(Path::parent) {
                looked.extend([beside.join("devnet").join(&package), beside.join(&package)]);
            }
            looked.push(Path::new(env!("CARGO_MANIFEST_DIR")).join(&package));
        }
        match looked.iter().find(|path| path.is_file()) {
            Some(program) => Ok(Self { program: program.clone() }),
            None => Err(DevnetError::AnvilMissing { looked }),
        }
    }

    /// The program file.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// A command that starts it on the loopback interface, writing to `log` what it says. Old states that it moves out of
    /// memory go to `cache`; its own choice would be a folder in HOME, where they stay behind when it is killed.
    pub(crate) fn command(&self, port: u16, log: &Path, cache: &Path) -> Result<Command, DevnetError> {
        std::fs::create_dir_all(cache).map_err(file("create", cache))?;
        let out = File::create(log).map_err(file("write", log))?;
        let err = out.try_clone().map_err(file("write", log))?;
        let mut command = Command::new(&self.program);
        command
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .args(["--chain-id", &CHAIN_ID.to_string()])
            .arg("--no-request-size-limit")
            .arg("--cache-path")
            .arg(cache)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err);
        Ok(command)
    }

    pub(crate) fn start(&self, command: &mut Command) -> Result<Child, DevnetError> {
        command.spawn().map_err(|source| DevnetError::Start { program: self.program.clone(), source })
    }
}

fn platform() -> Result<String, DevnetError> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let arch_of_npm = match arch {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        _ => return Err(DevnetError::Platform { os, arch }),
    };
    match os {
        "linux" => Ok(format!("linux-{arch_of_npm}")),
        "macos" => Ok(format!("darwin-{arch_of_npm}")),
        _ => Err(DevnetError::Platform { os, arch }),
    }
}

/// A provider without fillers (the node's own accounts need none) that ignores proxy settings: the node is on this machine.
pub(crate) fn connect(rpc_url: &str) -> Result<DynProvider, DevnetError> {
    let invalid = |e: &dyn std::fmt::Display| {
        rpc(format!("connecting to {rpc_url}"))(alloy_transport::TransportErrorKind::custom_str(&e.to_string()))
    };
    let url = Url::parse(rpc_url).map_err(|e| invalid(&e))?;
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().map_err(|e| invalid(&e))?;
    Ok(ProviderBuilder::new().disable_recommended_fillers().connect_reqwest(client, url).erased())
}

/// Waits until the chain answers with its chain id, or has ended, or is too slow.
pub(crate) async fn wait_until_ready(child: &mut Child, rpc_url: &str, log: &Path) -> Result<DynProvider, DevnetError> {
    let provider = connect(rpc_url)?;
    let begin = Instant::now();
    loop {
        still_runs(child, log)?;
        match provider.get_chain_id().await {
            Ok(CHAIN_ID) => {
                // Another node may have taken the port a moment ago, while ours is still finding that out.
                tokio::time::sleep(Duration::from_millis(100)).await;
                return still_runs(child, log).map(|()| provider);
            }
            Ok(got) => {
                return Err(DevnetError::WrongChain { url: rpc_url.into(), got, expected: CHAIN_ID });
            }
            Err(_) if begin.elapsed() > PATIENCE => {
                return Err(DevnetError::NotReady { seconds: PATIENCE.as_secs(), log: tail(log) });
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Waits until the log says which port the system gave (port 0 was asked for).
pub(crate) async fn wait_for_port(child: &mut Child, log: &Path) -> Result<u16, DevnetError> {
    let begin = Instant::now();
    loop {
        let text = std::fs::read_to_string(log).map_err(file("read", log))?;
        let line = text.lines().find_map(|l| l.strip_prefix("Listening on "));
        if let Some(port) = line.and_then(|l| l.rsplit_once(':')).and_then(|(_, port)| port.trim().parse().ok()) {
            return Ok(port);
        }
        still_runs(child, log)?;
        if begin.elapsed() > PATIENCE {
            return Err(DevnetError::NotReady { seconds: PATIENCE.as_secs(), log: tail(log) });
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn still_runs(child: &mut Child, log: &Path) -> Result<(), DevnetError> {
    match child.try_wait() {
        Ok(None) => Ok(()),
        Ok(Some(status)) => Err(DevnetError::Ended { status: status.to_string(), log: tail(log) }),
        Err(e) => Err(DevnetError::Ended { status: e.to_string(), log: tail(log) }),
    }
}

/// The last five lines of a log, on one line.
pub(crate) fn tail(log: &Path) -> String {
    let text = std::fs::read(log).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    match lines.as_slice() {
        [] => "its log is empty".into(),
        [.., _, _, _, _, _] => lines[lines.len() - 5..].join(" / "),
        few => few.join(" / "),
    }
}
