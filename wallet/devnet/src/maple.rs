//! Maple and its bank as running programs: `parlance-bank`, and `parlance-lender serve` with its notary built in.
//!
//! They stand beside this program; where they don't (a package, a test of this crate alone) the world goes without.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::addresses::{CHAIN_ID, CREDIT_POOL};
use crate::anvil::tail;
use crate::error::{DevnetError, file};
use crate::process::{ProcessMark, Stopped};
use crate::world::{BankLogin, Credit, Lender};

/// Public, like everything of the local world.
const PASSWORD: &str = "play";
const NAME: &str = "Maple";
const BANK_DOMAIN: &str = "api.demo-bank.example";
/// Of the customer in `zktls/bank/demo.json` whose balance is $23,456.78.
const ACCOUNT: &str = "daecead6-f5ad-444f-b2ac-f935c3d66ab5";
const TOKEN: &str = "demo-token-you-2c71d05b8e94";
/// The lender makes its circuit's keys before it answers.
const PATIENCE: Duration = Duration::from_secs(60);
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// The folder of lender and bank.
///
/// | file | holds |
/// |---|---|
/// | `processes.json` | which processes they are, and where they answer |
/// | `bank/` | the bank's root certificate |
/// | `lender.toml`, `lender.db`, keys | the lender's; its staff page's password is `play` |
/// | `bank.log`, `lender.log` | what they said |
#[derive(Clone, Debug)]
pub(crate) struct Maple {
    folder: PathBuf,
}

/// `processes.json`.
#[derive(Serialize, Deserialize)]
struct Processes {
    bank: ProcessMark,
    lender: ProcessMark,
    credit: Credit,
}

impl Maple {
    pub(crate) fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where they answer, if both run.
    pub(crate) fn running(&self) -> Option<Credit> {
        let known = self.processes()?;
        (known.bank.runs() && known.lender.runs()).then_some(known.credit)
    }

    /// Starts both, or finds them running. `None`: the programs are not here.
    pub(crate) fn up(&self, rpc_url: &str, progress: &mut (dyn FnMut(&str) + Send)) -> Result<Option<Credit>, DevnetError> {
        if let Some(credit) = self.running() {
            return Ok(Some(credit));
        }
        self.down()?;
        let (Some(bank), Some(lender)) = (beside("parlance-bank"), beside("parlance-lender")) else {
            progress("The demo bank and the lender are left out: their programs are not beside this one");
            return Ok(None);
        };
        progress("Starting the demo bank and Maple, a lender");
        fs::create_dir_all(&self.folder).map_err(file("create", &self.folder))?;
        let [bank_port, api_port, notary_port] = free_ports()?;
        let mut bank =
            self.start("bank", Command::new(bank).args(["--listen", &local(bank_port).to_string(), "--root"]).arg(self.path("bank")))?;
        let mut running = vec![&mut bank];
        let up = self.wait(running[0], "bank", local(bank_port)).and_then(|()| {
            self.write_settings(rpc_url, bank_port, api_port, notary_port)?;
            self.start("lender", Command::new(lender).arg("serve").arg(self.path("lender.toml")))
        });
        let mut lender = match up {
            Ok(lender) => lender,
            Err(e) => return Err(given_up(&mut running, e)),
        };
        running.push(&mut lender);
        let done = self.wait(running[1], "lender", local(api_port)).and_then(|()| self.record(running[0], running[1], api_port));
        done.map(Some).map_err(|e| given_up(&mut running, e))
    }

    /// Stops both.
    pub(crate) fn down(&self) -> Result<(), DevnetError> {
        if let Some(known) = self.processes() {
            for process in [known.lender, known.bank] {
                let _: Stopped = process.stop(STOP_PATIENCE)?;
            }
        }
        remove_file(&self.path("processes.json"))
    }

    /// The book of a chain that is no more.
    pub(crate) fn forget(&self) -> Result<(), DevnetError> {
        ["lender.db", "lender.db-wal", "lender.db-shm"].iter().try_for_each(|name| remove_file(&self.path(name)))
    }

    fn record(&self, bank: &Child, lender: &Child, api_port: u16) -> Result<Credit, DevnetError> {
        let root = self.path("bank").join("root.pem");
        let root = fs::read_to_string(&root).map_err(file("read", root))?;
        let credit = Credit {
            lender: Lender { name: NAME.into(), url: format!("http://{}", local(api_port)) },
            bank: BankLogin { template: "demo".into(), account: ACCOUNT.into(), token: TOKEN.into(), root },
        };
        let mark = |child: &Child| ProcessMark::of(child.id()).ok_or(DevnetError::Gone { program: "parlance-lender" });
        let known = Processes { bank: mark(bank)?, lender: mark(lender)?, credit };
        let text = serde_json::to_string_pretty(&known).map_err(|e| file("write", self.path("processes.json"))(e.into()))?;
        write(&self.path("processes.json"), &text)?;
        Ok(known.credit)
    }

    fn processes(&self) -> Option<Processes> {
        serde_json::from_slice(&fs::read(self.path("processes.json")).ok()?).ok()
    }

    fn write_settings(&self, rpc_url: &str, bank: u16, api: u16, notary: u16) -> Result<(), DevnetError> {
        write(&self.path("attester.json"), include_str!("../assets/attester.json"))?;
        write(&self.path("attester.password"), PASSWORD)?;
        write(&self.path("notary.json"), include_str!("../assets/notary.json"))?;
        write(&self.path("demo.toml"), include_str!("../../../zktls/templates/demo.toml"))?;
        let settings = include_str!("../assets/lender.toml")
            .replace("{name}", NAME)
            .replace("{api}", &local(api).to_string())
            .replace("{chain}", &CHAIN_ID.to_string())
            .replace("{rpc}", rpc_url)
            .replace("{pool}", &CREDIT_POOL.to_string())
            .replace("{notary}", &local(notary).to_string())
            .replace("{domain}", BANK_DOMAIN)
            .replace("{bank}", &local(bank).to_string());
        write(&self.path("lender.toml"), &settings)
    }

    fn start(&self, name: &str, command: &mut Command) -> Result<Child, DevnetError> {
        let log = self.path(&format!("{name}.log"));
        let out = File::create(&log).map_err(file("write", &log))?;
        let err = out.try_clone().map_err(file("write", &log))?;
        let program = PathBuf::from(command.get_program());
        // Out of the terminal's process group, so that Ctrl-C in the terminal does not reach it.
        command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
        command.spawn().map_err(|source| DevnetError::Start { program, source })
    }

    /// Until it takes connections.
    fn wait(&self, child: &mut Child, name: &str, at: SocketAddr) -> Result<(), DevnetError> {
        let log = self.path(&format!("{name}.log"));
        let begin = Instant::now();
        while TcpStream::connect_timeout(&at, Duration::from_secs(1)).is_err() {
            match child.try_wait() {
                Ok(None) if begin.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(20)),
                Ok(None) => return Err(DevnetError::NotReady { seconds: PATIENCE.as_secs(), log: tail(&log) }),
                Ok(Some(status)) => return Err(DevnetError::Ended { status: status.to_string(), log: tail(&log) }),
                Err(e) => return Err(DevnetError::Ended { status: e.to_string(), log: tail(&log) }),
            }
        }
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// On failure no process is left behind.
fn given_up(running: &mut [&mut Child], error: DevnetError) -> DevnetError {
    for child in running {
        // Both fail only where it is gone already.
        let _ = child.kill();
        let _ = child.wait();
    }
    error
}

/// A program of this release, beside this one or, for tests, a folder up.
fn beside(name: &str) -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    let folder = own.parent()?;
    [folder.join(name), folder.parent()?.join(name)].into_iter().find(|path| path.is_file())
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Held at once, so that they differ.
fn free_ports<const N: usize>() -> Result<[u16; N], DevnetError> {
    let mut held = Vec::new();
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind(local(0)).map_err(|_| DevnetError::PortTaken { port: 0 })?;
        *port = listener.local_addr().map_or(0, |address| address.port());
        held.push(listener);
    }
    Ok(ports)
}

/// For its owner only.
fn write(path: &Path, text: &str) -> Result<(), DevnetError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut out = options.open(path).map_err(file("write", path))?;
    std::io::Write::write_all(&mut out, text.as_bytes()).map_err(file("write", path))
}

fn remove_file(path: &Path) -> Result<(), DevnetError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(file("remove", path)(e)),
        _ => Ok(()),
    }
}
