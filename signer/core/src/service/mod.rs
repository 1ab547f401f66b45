//! The request handler: one call for each frame of a client, one value back.
//!
//! [`Service::handle`] is all that a connection needs. Inside, [`custody::Custody`] holds vault, journal and books under one
//! lock; nobody is asked anything while that lock is held, and whatever was decided before a question is decided again
//! after it.

mod approver;
mod ceremonies;
mod custody;
mod dialogue;
mod export;
mod failpoint;
mod first_run;
mod incident;
mod play_money;
mod proposals;
mod refusal;
mod rules;
mod signing;
mod status;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use parlance_signer_protocol::approver::{Prompt, Verdict};
use parlance_signer_protocol::{Ceremony, Envelope, Refusal, RefusalCode, Reply, Request, Response};

use crate::SignerError;
use crate::clock::Clock;
use crate::origins::Capability;
use crate::vault::KdfParameters;

pub use approver::{Approver, SocketApprover};
pub use custody::{Custody, GenerationSink, Opening};
pub use play_money::{PlayWorld, init_play_money};
use refusal::refuse;

/// Seconds for which an answer to an approval counts.
pub const APPROVAL_SECONDS: u32 = 120;
/// Seconds for dialogues in which something is written down or typed.
const CEREMONY_SECONDS: u32 = 1800;

/// The signer, ready to be asked.
#[derive(Debug)]
pub struct Service {
    custody: Mutex<Custody>,
    approver: Mutex<Box<dyn Approver>>,
    /// Kind of the approver when it was last free to say.
    kind: Mutex<String>,
    clock: Arc<dyn Clock>,
    kdf: KdfParameters,
}

/// When a request ends, by the boot clock.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    at_ms: u64,
}

impl Service {
    /// Over an opened data folder and a connected approver. `kdf` is for vaults that are made from here on.
    #[must_use]
    pub fn new(custody: Custody, approver: Box<dyn Approver>, kdf: KdfParameters) -> Self {
        let clock = custody.clock().clone();
        let kind = Mutex::new(approver.kind());
        Self { custody: Mutex::new(custody), approver: Mutex::new(approver), kind, clock, kdf }
    }

    /// Answer one request of `who`.
    #[must_use]
    pub fn handle(&self, who: &Capability, envelope: Envelope) -> Reply {
        let deadline = Deadline { at_ms: self.clock.boot_ms().saturating_add(envelope.deadline_ms) };
        let response = self.answer(who, envelope.request, deadline).unwrap_or_else(Response::Refused);
        Reply { id: envelope.id, response }
    }

    /// To be called every second or so: locks for idleness and after a suspend, and writes what can wait to the disk.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn tick(&self) -> Result<(), SignerError> {
        self.lock_custody().tick()
    }

    /// Put everything away: to be called once before the process ends.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn close(&self) -> Result<(), SignerError> {
        self.lock_custody().lock("the signer ended")
    }

    fn answer(&self, who: &Capability, request: Request, deadline: Deadline) -> Result<Response, Refusal> {
        {
            let mut custody = self.lock_custody();
            custody.notice_suspend().map_err(refusal::of)?;
            who.check(&request, custody.now()).map_err(|e| refusal::not_allowed(&e))?;
        }
        match request {
            Request::Status {} => {
                let kind = self.approver_kind();
                Ok(Response::Status(self.lock_custody().status(&kind)))
            }
            Request::Decide { payload, claims } => self.decide(who, &payload, &claims).map(Response::Decided),
            Request::Sign { payload, claims } => self.sign(who, &payload, &claims, deadline).map(Response::Signed),
            Request::Unlock {} => self.unlock(deadline),
            Request::Lock {} => {
                self.lock_custody().lock("the wallet asked for it").map_err(refusal::of)?;
                done("Locked.")
            }
            Request::Ceremony { kind: Ceremony::Incident } => self.incident(),
            Request::Ceremony { kind } => self.ceremony(kind, deadline),
            Request::Rules {} => self.lock_custody().rules_in_force().map(Response::Rules),
            Request::Contacts {} => Ok(Response::Contacts { contacts: self.lock_custody().contacts() }),
            Request::Audit { from, limit } => self.lock_custody().audit(from, limit),
            Request::AuditVerify {} => self.lock_custody().audit_verify(),
            proposal => self.propose(who, proposal, deadline),
        }
    }

    /// Ask the person. Waits for its turn, at most until the deadline; `seconds` is how long an answer counts.
    fn ask(&self, prompt: Prompt, seconds: u32, deadline: Deadline) -> Result<Verdict, Refusal> {
        let mut approver = loop {
            match self.approver.try_lock() {
                Ok(approver) => break approver,
                Err(TryLockError::Poisoned(e)) => break e.into_inner(),
                Err(TryLockError::WouldBlock) => {
                    self.in_time(deadline)?;
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
        };
        let left = deadline.at_ms.saturating_sub(self.clock.boot_ms()) / 1000;
        let seconds = seconds.min(u32::try_from(left).unwrap_or(u32::MAX));
        if seconds == 0 {
            return Err(refusal::expired());
        }
        let verdict = approver.ask(prompt, seconds);
        drop(approver);
        match verdict {
            Verdict::TimedOut => Err(refusal::expired()),
            Verdict::Unavailable { reason } => Err(refusal::no_approver(&reason)),
            verdict => {
                self.in_time(deadline)?;
                Ok(verdict)
            }
        }
    }

    fn in_time(&self, deadline: Deadline) -> Result<(), Refusal> {
        if self.clock.boot_ms() > deadline.at_ms { Err(refusal::expired()) } else { Ok(()) }
    }

    fn approver_kind(&self) -> String {
        let now = match self.approver.try_lock() {
            Ok(approver) => Some(approver.kind()),
            Err(TryLockError::Poisoned(e)) => Some(e.into_inner().kind()),
            // It is asking somebody.
            Err(TryLockError::WouldBlock) => None,
        };
        let mut kind = self.kind.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(now) = now {
            *kind = now;
        }
        kind.clone()
    }

    /// A thread that panicked while it held the lock left the books as the journal has them: each change of them
    /// follows its durable row.
    fn lock_custody(&self) -> MutexGuard<'_, Custody> {
        self.custody.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The frame of a client could not be read: what it hears.
#[must_use]
pub fn malformed(reason: &str) -> Reply {
    let remedy = "Send one request a frame, as the protocol of this release has it.";
    Reply { id: 0, response: Response::Refused(refuse(RefusalCode::NotAllowed, reason, remedy)) }
}

fn done(message: impl Into<String>) -> Result<Response, Refusal> {
    Ok(Response::Done { message: message.into() })
}
