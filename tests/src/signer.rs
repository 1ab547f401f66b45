//! The real signer process with this test as launcher, wallet and approver.

use std::{
    fs,
    io::{Read, Write},
    os::{
        fd::OwnedFd,
        unix::{fs::PermissionsExt, net::UnixStream},
    },
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use command_fds::{CommandFdExt, FdMapping};
use parlance_signer_protocol::{
    Client, Outcome, Payload, ProtocolError, Request, Response, Status,
    approver::{Answer, Approval, Hello, Prompt, ToApprover, Verdict},
    read_frame, write_frame,
};

use crate::programs::program;

/// What the person at the approver does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    /// Unlocks, and says no to everything else.
    Refuses,
    /// Unlocks, and clicks yes; never types the password for anything else. What same-user malware can do on X11.
    Clicks,
    /// Unlocks, clicks yes, and types the password.
    TypesPassword,
}

/// A running `parlance-signer` over a play-money vault.
pub struct Signer {
    child: Child,
    clients: Vec<Client>,
    person: Arc<Mutex<Person>>,
    asked: Arc<AtomicUsize>,
}

/// A new play-money vault in `data`.
///
/// # Panics
/// Where the signer can't make it.
pub fn init(data: &Path) {
    fs::create_dir_all(data).expect("mkdir");
    fs::set_permissions(data, fs::Permissions::from_mode(0o700)).expect("chmod");
    let world = serde_json::json!({
        "chain_id": 31337,
        "demo": { "mnemonic": "test test test test test test test test test test test junk" },
        "contacts": [
            { "name": "Alice", "address": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8" },
            { "name": "Bob", "address": "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC" },
        ],
    });
    let (mut ours, theirs) = UnixStream::pair().expect("a socket pair");
    let mut command = Command::new(program("parlance-signer"));
    command.env_clear().arg("init-play-money").arg("--data").arg(data).args(["--world-fd", "3"]).stdin(Stdio::null()).stdout(Stdio::null());
    command.fd_mappings(vec![FdMapping { parent_fd: OwnedFd::from(theirs), child_fd: 3 }]).expect("one descriptor");
    let mut child = command.spawn().expect("the signer starts");
    drop(command);
    ours.write_all(world.to_string().as_bytes()).expect("the signer reads");
    drop(ours);
    assert!(child.wait().expect("own child").success(), "the signer made no vault");
}

impl Signer {
    /// Start it over `data` with so many wallet connections, and unlock it.
    ///
    /// # Panics
    /// Where it does not start or unlock.
    #[must_use]
    pub fn start(data: &Path, clients: usize, person: Person) -> Self {
        let mut signer = Self::start_locked(data, clients, person);
        match signer.ask(Request::Unlock {}) {
            Response::Done { .. } => signer,
            other => panic!("the signer did not unlock: {other:?}"),
        }
    }

    /// Start it without unlocking.
    ///
    /// # Panics
    /// Where it does not start.
    #[must_use]
    pub fn start_locked(data: &Path, clients: usize, person: Person) -> Self {
        Self::launch(data, clients, 0, person, None).0
    }

    /// Start it, unlocked, with a keyring that remembers the highest generation but holds no secret.
    ///
    /// # Panics
    /// Where it does not start or unlock.
    #[must_use]
    pub fn start_with_keyring(data: &Path, person: Person, generation: &Arc<AtomicU64>) -> Self {
        let mut signer = Self::launch(data, 1, 0, person, Some(Arc::clone(generation))).0;
        match signer.ask(Request::Unlock {}) {
            Response::Done { .. } => signer,
            other => panic!("the signer did not unlock: {other:?}"),
        }
    }

    /// Start it with one honest connection and so many bare sockets.
    ///
    /// # Panics
    /// Where it does not start.
    #[must_use]
    pub fn start_with_raw(data: &Path, raw: usize, person: Person) -> (Self, Vec<UnixStream>) {
        Self::launch(data, 1, raw, person, None)
    }

    fn launch(data: &Path, clients: usize, raw: usize, person: Person, generation: Option<Arc<AtomicU64>>) -> (Self, Vec<UnixStream>) {
        let mut command = Command::new(program("parlance-signer"));
        command.env_clear().arg("--data").arg(data).stdin(Stdio::null()).stdout(Stdio::null());
        let (approver, theirs) = UnixStream::pair().expect("a socket pair");
        let mut inherited = vec![FdMapping { parent_fd: OwnedFd::from(theirs), child_fd: 3 }];
        command.args(["--approver-fd", "3"]);
        let mut ours = Vec::new();
        let mut bare = Vec::new();
        for n in 0..clients + raw {
            let (mine, theirs) = UnixStream::pair().expect("a socket pair");
            let child_fd = 4 + i32::try_from(n).expect("few clients");
            inherited.push(FdMapping { parent_fd: OwnedFd::from(theirs), child_fd });
            command.arg("--clients-fd").arg(child_fd.to_string());
            if n < clients {
                ours.push(Client::new(mine));
            } else {
                bare.push(mine);
            }
        }
        if let Some(generation) = generation {
            let (mine, theirs) = UnixStream::pair().expect("a socket pair");
            let child_fd = 4 + i32::try_from(clients + raw).expect("few clients");
            inherited.push(FdMapping { parent_fd: OwnedFd::from(theirs), child_fd });
            command.arg("--keyring-fd").arg(child_fd.to_string());
            remember(mine, generation);
        }
        command.fd_mappings(inherited).expect("distinct descriptors");
        let child = command.spawn().expect("the signer starts");
        drop(command);
        let person = Arc::new(Mutex::new(person));
        let asked = Arc::new(AtomicUsize::new(0));
        let (who, count) = (Arc::clone(&person), Arc::clone(&asked));
        std::thread::spawn(move || answer(approver, &who, &count));
        (Self { child, clients: ours, person, asked }, bare)
    }

    /// From now on the person behaves so.
    ///
    /// # Panics
    /// Never.
    pub fn becomes(&self, person: Person) {
        *self.person.lock().expect("no panics there") = person;
    }

    /// How many questions but for the unlocking the approver has shown.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Ask over the first connection.
    ///
    /// # Panics
    /// Where the wire fails.
    pub fn ask(&mut self, request: Request) -> Response {
        self.try_ask(request).expect("the signer answers")
    }

    /// Ask over the first connection; the wire may fail.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub fn try_ask(&mut self, request: Request) -> Result<Response, ProtocolError> {
        self.clients.first_mut().expect("at least one client").call(request, 120_000)
    }

    /// Have it sign, without claims.
    pub fn sign(&mut self, payload: Payload) -> Response {
        self.ask(Request::Sign { payload, claims: Default::default() })
    }

    /// Its state.
    ///
    /// # Panics
    /// Where it tells none.
    pub fn status(&mut self) -> Status {
        match self.ask(Request::Status {}) {
            Response::Status(status) => status,
            other => panic!("no status: {other:?}"),
        }
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All connections, for threads.
    #[must_use]
    pub fn take_clients(&mut self) -> Vec<Client> {
        std::mem::take(&mut self.clients)
    }

    /// `kill -9`, and wait.
    ///
    /// # Panics
    /// Where it can't be killed.
    pub fn kill(mut self) {
        self.child.kill().expect("own child");
        self.child.wait().expect("own child");
    }

    /// Close the connections and wait for its end.
    ///
    /// # Panics
    /// Where it fails.
    pub fn stop(mut self) {
        self.clients.clear();
        assert!(self.child.wait().expect("own child").success(), "the signer ended with an error");
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// True where a signature came back.
#[must_use]
pub fn is_signed(response: &Response) -> bool {
    matches!(response, Response::Signed(_))
}

/// Copy a signer's folder, for restoring it later.
///
/// # Panics
/// Where the disk fails.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("mkdir");
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).expect("chmod");
    for entry in fs::read_dir(from).expect("readable") {
        let entry = entry.expect("readable");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

/// The launcher's side of the keyring: see `keyring::Handover` in the signer's core.
fn remember(mut socket: UnixStream, generation: Arc<AtomicU64>) {
    let mut handover = b"PKH1".to_vec();
    handover.extend_from_slice(&[0; 33]);
    handover.extend_from_slice(&generation.load(Ordering::SeqCst).to_le_bytes());
    socket.write_all(&handover).expect("it fits into the socket");
    std::thread::spawn(move || {
        let mut frame = [0u8; 8];
        while socket.read_exact(&mut frame).is_ok() {
            generation.fetch_max(u64::from_le_bytes(frame), Ordering::SeqCst);
        }
    });
}

fn answer(mut socket: UnixStream, person: &Mutex<Person>, asked: &AtomicUsize) {
    if write_frame(&mut socket, &Hello { kind: "terminal".into() }).is_err() {
        return;
    }
    while let Ok(said) = read_frame::<ToApprover>(&mut socket) {
        let ToApprover::Ask(ask) = said else { continue };
        let person = *person.lock().expect("no panics there");
        let verdict = match &ask.prompt {
            Prompt::Password { .. } => Verdict::Secret { text: "play".into() },
            other => {
                asked.fetch_add(1, Ordering::SeqCst);
                decide(other, person)
            }
        };
        if write_frame(&mut socket, &Answer { id: ask.id, verdict }).is_err() {
            return;
        }
    }
}

fn decide(prompt: &Prompt, person: Person) -> Verdict {
    let level = match prompt {
        Prompt::Approve(Approval { level, .. }) | Prompt::Change { level, .. } => *level,
        _ => Outcome::Click,
    };
    match (person, level) {
        (Person::Clicks | Person::TypesPassword, Outcome::Click) => Verdict::Approved { password: None },
        (Person::TypesPassword, Outcome::Password) => Verdict::Approved { password: Some("play".into()) },
        _ => Verdict::Rejected,
    }
}
