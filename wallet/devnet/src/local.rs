//! The local world of a folder: one chain that outlives the command that started it.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use alloy_provider::ext::AnvilApi;
use alloy_provider::{DynProvider, Provider};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::addresses::{CHAIN_ID, CREDIT_POOL, CREDIT_REGISTRY};
use crate::anvil::{Anvil, connect, wait_until_ready};
use crate::credit::deploy_credit;
use crate::deploy::{deploy, missing_contracts};
use crate::error::{DevnetError, file, rpc};
use crate::maple::Maple;
use crate::process::{ProcessMark, Stopped};
use crate::world::DevWorld;

/// The port that Ethereum wallets expect a local node on.
const USUAL_PORT: u16 = 8545;
/// How long anvil may take to write its state when it is asked to end.
const STOP_PATIENCE: Duration = Duration::from_secs(30);
/// For how many blocks back the chain knows balances and storage; "finalized" is 64 back.
const STATES_KEPT: &str = "128";
/// How long one command waits for another one on the same folder.
const LOCK_PATIENCE: Duration = Duration::from_secs(60);

/// A folder with a local world in it, running or not.
///
/// | file | holds |
/// |---|---|
/// | `devworld.json` | [`DevWorld`], while the world is up |
/// | `chain/process.json` | which process is the chain |
/// | `chain/state.json` | the chain, as saved by the last `down` |
/// | `chain/anvil.log` | what anvil complained about |
/// | `chain/lock` | held by a command at work |
/// | `maple/` | a lender and its bank: see `maple.rs` |
#[derive(Clone, Debug)]
pub struct LocalWorld {
    folder: PathBuf,
}

/// What [`LocalWorld::up`] may choose.
#[derive(Clone, Copy, Debug)]
pub struct UpOptions {
    /// `None`: 8545, or a free port where that is taken.
    pub port: Option<u16>,
    /// Begin a new chain; a saved one is kept beside it as `state.json.old`.
    pub fresh: bool,
    /// Seconds from block to block.
    pub block_time: u64,
    /// Without lender and bank.
    pub chain_only: bool,
}

impl Default for UpOptions {
    fn default() -> Self {
        Self { port: None, fresh: false, block_time: 1, chain_only: false }
    }
}

/// What [`LocalWorld::up`] found or did.
#[derive(Clone, Debug)]
pub enum Up {
    /// It was running already, and is sound.
    AlreadyRunning(DevWorld),
    /// A new chain was started and everything deployed.
    Deployed(DevWorld),
    /// The saved chain was started again.
    Resumed(DevWorld),
}

/// What runs.
#[derive(Clone, Debug)]
pub enum Status {
    /// The chain answers.
    Running {
        /// What is where.
        world: Box<DevWorld>,
        /// Process id of anvil.
        pid: i32,
        /// Number of the latest block.
        block: u64,
    },
    /// The process is there and does not answer.
    NotAnswering {
        /// Process id of anvil.
        pid: i32,
        /// Where it should answer.
        rpc_url: String,
    },
    /// Nothing runs.
    Stopped {
        /// Whether there is a saved chain to go on with.
        saved: bool,
        /// The chain ended by itself or was killed: the process that it was.
        lost: Option<i32>,
    },
}

/// `chain/process.json`.
#[derive(Serialize, Deserialize)]
struct ChainProcess {
    #[serde(flatten)]
    process: ProcessMark,
    rpc_url: String,
}

impl LocalWorld {
    /// The world in this folder. Nothing is created yet.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// `$XDG_DATA_HOME/parlance-dev`, or `~/.local/share/parlance-dev`.
    pub fn default_folder() -> Result<PathBuf, DevnetError> {
        let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        set("XDG_DATA_HOME")
            .or_else(|| set("HOME").map(|home| home.join(".local/share")))
            .map(|data| data.join("parlance-dev"))
            .ok_or(DevnetError::NoHome)
    }

    /// Where it lives.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where its chain writes what goes wrong.
    pub fn log(&self) -> PathBuf {
        self.chain("anvil.log")
    }

    /// Where [`DevWorld`] is written while the world is up.
    pub fn world_file(&self) -> PathBuf {
        self.folder.join("devworld.json")
    }

    /// Starts the world, or finds it running. Idempotent.
    ///
    /// # Errors
    /// See [`DevnetError`]; on failure no process is left behind.
    pub async fn up(&self, options: UpOptions, progress: &mut (dyn FnMut(&str) + Send)) -> Result<Up, DevnetError> {
        let _lock = self.lock().await?;
        if let Some(running) = self.running()? {
            let mut world = DevWorld::at(&running.rpc_url);
            let Ok(provider) = answering(&running.rpc_url).await else {
                return Err(DevnetError::NotAnswering { pid: running.process.pid, url: running.rpc_url });
            };
            require_whole(&provider, &running.rpc_url).await?;
            self.settle_maple(&mut world, options, progress)?;
            return Ok(Up::AlreadyRunning(world));
        }
        if options.fresh {
            self.set_state_aside()?;
            self.maple().down()?;
            self.maple().forget()?;
        }
        let resumes = self.state().exists();
        let anvil = Anvil::locate()?;
        let mut port = choose_port(options.port)?;
        loop {
            progress(if resumes { "Starting the saved chain (anvil)" } else { "Starting a new chain (anvil)" });
            match self.start(&anvil, port, resumes, options, progress).await {
                Ok(world) if resumes => return Ok(Up::Resumed(world)),
                Ok(world) => return Ok(Up::Deployed(world)),
                // Someone took the port between our look at it and anvil's.
                Err(DevnetError::Ended { log, .. }) if log.contains("in use") => match options.port {
                    Some(port) => return Err(DevnetError::PortTaken { port }),
                    None => port = choose_port(None)?,
                },
                Err(e) => return Err(e),
            }
        }
    }

    async fn start(
        &self,
        anvil: &Anvil,
        port: u16,
        resumes: bool,
        options: UpOptions,
        progress: &mut (dyn FnMut(&str) + Send),
    ) -> Result<DevWorld, DevnetError> {
        let mut command = anvil.command(port, &self.log(), &self.chain("cache"))?;
        // Without --quiet anvil would print its accounts' keys into the log. With --state it loads and, on SIGTERM, saves.
        command.arg("--quiet").arg("--state").arg(self.state());
        // By default the state after each block is kept, 3 MB a second in the end on disk. Blocks and receipts stay.
        command.args(["--prune-history", STATES_KEPT]);
        // Out of the terminal's process group, so that Ctrl-C in the terminal does not reach it.
        let mut child = anvil.start(command.process_group(0))?;
        let mut world = DevWorld::at(format!("http://127.0.0.1:{port}"));
        match self.bring_up(&mut child, &mut world, resumes, options, progress).await {
            Ok(()) => Ok(world),
            Err(e) => {
                // Killed rather than asked, so that it does not save a half-made chain. Fails only when it is gone already.
                let _ = child.kill();
                let _ = child.wait();
                remove(&self.process_file())?;
                Err(e)
            }
        }
    }

    async fn bring_up(
        &self,
        child: &mut Child,
        world: &mut DevWorld,
        resumes: bool,
        options: UpOptions,
        progress: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), DevnetError> {
        if let Some(process) = ProcessMark::of(child.id()) {
            self.write_json(&self.process_file(), &ChainProcess { process, rpc_url: world.rpc_url.clone() })?;
        }
        let provider = wait_until_ready(child, &world.rpc_url, &self.log()).await?;
        if resumes {
            complete(&provider).await?;
            require_whole(&provider, &world.rpc_url).await?;
        } else {
            deploy(&provider, progress).await?;
        }
        provider.anvil_set_interval_mining(options.block_time).await.map_err(rpc("evm_setIntervalMining"))?;
        self.settle_maple(world, options, progress)
    }

    /// Lender and bank run, and the world says where.
    fn settle_maple(&self, world: &mut DevWorld, options: UpOptions, progress: &mut (dyn FnMut(&str) + Send)) -> Result<(), DevnetError> {
        let maple = self.maple();
        world.credit = if options.chain_only { maple.running() } else { maple.up(&world.rpc_url, progress)? };
        self.write_json(&self.world_file(), world)
    }

    /// Stops the world and saves its chain. `None`: it was not running.
    pub async fn down(&self) -> Result<Option<Down>, DevnetError> {
        if !self.folder.exists() {
            return Ok(None);
        }
        let _lock = self.lock().await?;
        self.maple().down()?;
        let running = self.running()?;
        let stopped = match &running {
            Some(chain) => chain.process.stop(STOP_PATIENCE)?,
            None => Stopped::AlreadyGone,
        };
        remove(&self.process_file())?;
        remove(&self.world_file())?;
        remove(&self.chain("cache"))?;
        Ok(match (stopped, running) {
            (Stopped::AlreadyGone, _) | (_, None) => None,
            (Stopped::Gently, Some(chain)) => Some(Down { pid: chain.process.pid, saved: self.state().exists() }),
            (Stopped::Killed, Some(chain)) => Some(Down { pid: chain.process.pid, saved: false }),
        })
    }

    /// Looks what runs; changes nothing.
    pub async fn status(&self) -> Result<Status, DevnetError> {
        let Some(recorded) = self.recorded()? else {
            return Ok(Status::Stopped { saved: self.state().exists(), lost: None });
        };
        let pid = recorded.process.pid;
        if !recorded.process.runs() {
            return Ok(Status::Stopped { saved: self.state().exists(), lost: Some(pid) });
        }
        let block = match answering(&recorded.rpc_url).await {
            Ok(provider) => provider.get_block_number().await.ok(),
            Err(_) => None,
        };
        Ok(match block {
            Some(block) => {
                let world = DevWorld { credit: self.maple().running(), ..DevWorld::at(recorded.rpc_url) };
                Status::Running { world: Box::new(world), pid, block }
            }
            None => Status::NotAnswering { pid, rpc_url: recorded.rpc_url },
        })
    }

    /// The recorded process, if it still runs.
    fn running(&self) -> Result<Option<ChainProcess>, DevnetError> {
        Ok(self.recorded()?.filter(|chain| chain.process.runs()))
    }

    fn recorded(&self) -> Result<Option<ChainProcess>, DevnetError> {
        let path = self.process_file();
        match fs::read(&path) {
            // A file that was cut short by a crash names no process.
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(file("read", path)(e)),
        }
    }

    fn set_state_aside(&self) -> Result<(), DevnetError> {
        let (state, old) = (self.state(), self.chain("state.json.old"));
        if state.exists() { fs::rename(&state, &old).map_err(file("rename", state)) } else { Ok(()) }
    }

    /// Makes the folder (for its owner only) and takes the lock; released when the file is dropped.
    async fn lock(&self) -> Result<File, DevnetError> {
        let chain = self.folder.join("chain");
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&chain).map_err(file("create", &chain))?;
        let path = self.chain("lock");
        let lock = File::create(&path).map_err(file("write", &path))?;
        let begin = Instant::now();
        while let Err(e) = flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            if e != rustix::io::Errno::WOULDBLOCK {
                return Err(file("lock", path)(e.into()));
            }
            if begin.elapsed() > LOCK_PATIENCE {
                return Err(DevnetError::Busy { folder: self.folder.clone() });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(lock)
    }

    fn write_json(&self, path: &Path, value: &impl Serialize) -> Result<(), DevnetError> {
        let text = serde_json::to_string_pretty(value).map_err(|e| file("write", path)(e.into()))?;
        // Readers see the old file or the new one, never half of it.
        let new = path.with_extension("json.new");
        fs::write(&new, text + "\n").map_err(file("write", &new))?;
        fs::rename(&new, path).map_err(file("write", path))
    }

    fn maple(&self) -> Maple {
        Maple::in_folder(self.folder.join("maple"))
    }

    fn process_file(&self) -> PathBuf {
        self.chain("process.json")
    }

    fn state(&self) -> PathBuf {
        self.chain("state.json")
    }

    fn chain(&self, name: &str) -> PathBuf {
        self.folder.join("chain").join(name)
    }
}

/// What [`LocalWorld::down`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Down {
    /// Process id that the chain had.
    pub pid: i32,
    /// Whether the chain was saved; not if it had to be killed.
    pub saved: bool,
}

async fn answering(rpc_url: &str) -> Result<DynProvider, DevnetError> {
    let provider = connect(rpc_url)?;
    let asked = tokio::time::timeout(Duration::from_secs(3), provider.get_chain_id()).await;
    match asked {
        Ok(answer) => answer.map(|_| provider).map_err(rpc("eth_chainId")),
        Err(_) => Err(DevnetError::NotReady { seconds: 3, log: rpc_url.to_owned() }),
    }
}

/// What a chain lacks that was saved before Maple existed.
async fn complete(provider: &DynProvider) -> Result<(), DevnetError> {
    let missing = missing_contracts(provider).await?;
    let of_maple = !missing.is_empty() && missing.iter().all(|(_, at)| [CREDIT_REGISTRY, CREDIT_POOL].contains(at));
    if of_maple { deploy_credit(provider).await } else { Ok(()) }
}

/// The chain id is ours and every contract is there.
async fn require_whole(provider: &DynProvider, rpc_url: &str) -> Result<(), DevnetError> {
    let got = provider.get_chain_id().await.map_err(rpc("eth_chainId"))?;
    if got != CHAIN_ID {
        return Err(DevnetError::WrongChain { url: rpc_url.into(), got, expected: CHAIN_ID });
    }
    let missing = missing_contracts(provider).await?;
    if missing.is_empty() { Ok(()) } else { Err(DevnetError::Incomplete { missing }) }
}

fn remove(path: &Path) -> Result<(), DevnetError> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(file("remove", path)(e)),
        _ => Ok(()),
    }
}

fn choose_port(asked: Option<u16>) -> Result<u16, DevnetError> {
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).and_then(|l| l.local_addr()).map(|a| a.port());
    match asked {
        Some(port) => free(port).map_err(|_| DevnetError::PortTaken { port }),
        None => free(USUAL_PORT).or_else(|_| free(0)).map_err(|_| DevnetError::PortTaken { port: USUAL_PORT }),
    }
}
