//! A real signer process over a play-money folder, with a person at the approver's socket and a keyring behind its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_primitives::{Address, B256, TxKind, U256, address, keccak256};
use command_fds::{CommandFdExt, FdMapping};
use parlance_signer_core::clock::SystemClock;
use parlance_signer_core::service::{Opening, init_play_money};
use parlance_signer_core::vault::{DataFolder, KdfParameters};
use parlance_signer_protocol::approver::{Answer, Hello, Prompt, ToApprover, Verdict};
use parlance_signer_protocol::{Claims, Client, Payload, ProtocolError, Request, Response, Status, read_frame, write_frame};
use rustix::process::{Pid, Signal, kill_process};

pub const DEMO: Address = address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
pub const ALICE: Address = address!("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
const USDC: Address = address!("0xb19b36b1456E65E3A6D514D3F715f204BD59f431");
const POOL: Address = address!("0x39dD11C243Ac4Ac250980FA3AEa016f73C509f37");
const PHRASE: &str = "test test test test test test test test test test test junk";

pub fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_parlance-signer")
}

pub fn world_json() -> String {
    format!(
        r#"{{"rpc_url":"http://127.0.0.1:8545","chain_id":31337,"demo":{{"mnemonic":"{PHRASE}","path":"m/44'/60'/0'/0/0"}},
        "contacts":[{{"name":"Alice","address":"{ALICE}"}}]}}"#
    )
}

/// A folder with a play-money wallet that opens fast, and what its keyring remembers.
pub struct Home {
    pub dir: tempfile::TempDir,
    pub generation: Arc<Mutex<u64>>,
}

impl Home {
    pub fn new() -> Self {
        let home = Self::empty();
        let opening = Opening {
            folder: Arc::new(DataFolder::open(home.data()).unwrap()),
            clock: Arc::new(SystemClock::new()),
            keyring: None,
            generation: 0,
            sink: None,
            sandbox: Vec::new(),
            utc_offset: 0,
        };
        let world = serde_json::from_str(&world_json()).unwrap();
        init_play_money(opening, world, KdfParameters::cheap_for_tests()).unwrap();
        home
    }

    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), generation: Arc::default() }
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("signer")
    }

    /// Start the signer with so many clients; `failpoint` is `NAME:N`.
    pub fn start(&self, clients: usize, failpoint: Option<&str>, agrees: bool) -> Signer {
        let (signer, approver) = self.start_alone(clients, failpoint);
        answer(approver, agrees);
        signer
    }

    /// The same, with the approver's end of its socket for the test itself.
    pub fn start_alone(&self, clients: usize, failpoint: Option<&str>) -> (Signer, UnixStream) {
        let pair = || UnixStream::pair().unwrap();
        let (signer_approver, approver) = pair();
        let (signer_keyring, keyring) = pair();
        let sockets: Vec<_> = (0..clients).map(|_| pair()).collect();
        let mut command = Command::new(binary());
        command.arg("--data").arg(self.data()).args(["--approver-fd", "3", "--keyring-fd", "4"]);
        let mut fds = vec![
            FdMapping { parent_fd: OwnedFd::from(signer_approver), child_fd: 3 },
            FdMapping { parent_fd: OwnedFd::from(signer_keyring), child_fd: 4 },
        ];
        let mut ours = Vec::new();
        for (i, (theirs, our)) in sockets.into_iter().enumerate() {
            let fd = 5 + i32::try_from(i).unwrap();
            command.args(["--clients-fd", &fd.to_string()]);
            fds.push(FdMapping { parent_fd: OwnedFd::from(theirs), child_fd: fd });
            ours.push(Client::new(our));
        }
        command.fd_mappings(fds).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).env_clear();
        if let Some(failpoint) = failpoint {
            command.env("PARLANCE_FAILPOINT", failpoint).stderr(Stdio::piped());
        }
        let mut child = command.spawn().unwrap();
        if let Some(stderr) = child.stderr.take() {
            kill_at_failpoint(stderr, Pid::from_child(&child));
        }
        // The command holds the signer's ends; with them open nobody would see the process die.
        drop(command);
        keep_generations(keyring, self.generation.clone());
        (Signer { child, clients: ours }, approver)
    }
}

/// kill -9 as soon as the process says that it has come there.
fn kill_at_failpoint(stderr: ChildStderr, process: Pid) {
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if line.starts_with("failpoint ") {
                kill_process(process, Signal::KILL).unwrap();
            } else {
                eprintln!("{line}");
            }
        }
    });
}

fn keep_generations(mut keyring: UnixStream, generation: Arc<Mutex<u64>>) {
    let mut handover = b"PKH1".to_vec();
    handover.extend_from_slice(&[0; 33]);
    handover.extend_from_slice(&generation.lock().unwrap().to_le_bytes());
    // A process that died at once reads nothing.
    let _sent = keyring.write_all(&handover);
    std::thread::spawn(move || {
        let mut number = [0u8; 8];
        while keyring.read_exact(&mut number).is_ok() {
            let mut kept = generation.lock().unwrap();
            // The frames of a process that was killed may be read after those of the next one.
            *kept = u64::from_le_bytes(number).max(*kept);
        }
    });
}

fn answer(mut approver: UnixStream, agrees: bool) {
    std::thread::spawn(move || {
        let _greeted = write_frame(&mut approver, &Hello { kind: "terminal".into() });
        while let Ok(said) = read_frame::<ToApprover>(&mut approver) {
            let ToApprover::Ask(ask) = said else { continue };
            let verdict = match ask.prompt {
                Prompt::Password { .. } => Verdict::Secret { text: "play".into() },
                Prompt::Notice { .. } => Verdict::Approved { password: None },
                _ if agrees => Verdict::Approved { password: Some("play".into()) },
                _ => Verdict::Rejected,
            };
            if write_frame(&mut approver, &Answer { id: ask.id, verdict }).is_err() {
                break;
            }
        }
    });
}

/// A running signer; killed when dropped.
pub struct Signer {
    pub child: Child,
    pub clients: Vec<Client>,
}

impl Signer {
    pub fn ask(&mut self, request: Request) -> Result<Response, ProtocolError> {
        self.clients[0].call(request, 60_000)
    }

    pub fn done(&mut self, request: Request) {
        let answer = self.ask(request).unwrap();
        assert!(matches!(answer, Response::Done { .. }), "{answer:?}");
    }

    pub fn status(&mut self) -> Status {
        match self.ask(Request::Status {}).unwrap() {
            Response::Status(status) => status,
            other => panic!("{other:?}"),
        }
    }

    /// Close the clients' sockets and wait for the end.
    pub fn end(mut self) -> ExitStatus {
        self.clients.clear();
        self.wait()
    }

    pub fn wait(&mut self) -> ExitStatus {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "the signer did not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// Rules of the owner: up to so many cents each without asking, so many dollars a day with a click, nothing beyond.
pub fn daily(dollars: u64, cents_each: u64) -> Request {
    let (limit, each) = (dollars * 1_000_000, cents_each * 10_000);
    let source = format!(
        r#"@id("test-daily") @says("test")
permit (principal, action in Action::"spend", resource) when {{ context.approval >= 0 && context.usd <= {each} && context.without_asking.day <= {limit} }};
@id("test-ask") @says("test")
forbid (principal, action, resource) when {{ context.approval < 1 && context.usd > {each} }};
@id("test-cap") @says("test")
forbid (principal, action, resource) when {{ context.spent.day > {limit} }};
@id("test-borrow") @says("test")
permit (principal, action == Action::"borrow", resource)
when {{ context.approval >= 0 && context.borrowed.day <= {limit} && context.without_asking.day <= {limit} }};
@id("test-borrow-cap") @says("test")
forbid (principal, action == Action::"borrow", resource) when {{ context.borrowed.day > {limit} }};"#
    );
    Request::ProposeRules { source, quote: None }
}

/// USDC on the local chain.
pub fn pay(nonce: u64, to: Address, cents: u64) -> Request {
    sign(nonce, USDC, "transfer(address,uint256)", &[to.into_word(), word(cents * 10_000)])
}

/// A draw on a credit line, for the account itself.
pub fn draw(nonce: u64, cents: u64) -> Request {
    sign(nonce, POOL, "draw(uint256,uint256,address)", &[word(1), word(cents * 10_000), DEMO.into_word()])
}

fn word(number: u64) -> B256 {
    U256::from(number).into()
}

fn sign(nonce: u64, to: Address, function: &str, words: &[B256]) -> Request {
    let data = [&keccak256(function)[..4], words.concat().as_slice()].concat();
    let transaction = TxEip1559 {
        chain_id: 31_337,
        nonce,
        gas_limit: 60_000,
        max_fee_per_gas: 5,
        max_priority_fee_per_gas: 1,
        to: TxKind::Call(to),
        value: U256::ZERO,
        access_list: Default::default(),
        input: data.into(),
    };
    let unsigned = transaction.encoded_for_signing().into();
    Request::Sign { payload: Payload::Transaction { account: DEMO, unsigned }, claims: Claims::default() }
}

pub fn has_file(home: &Path, name: &str) -> bool {
    home.join(name).exists()
}
