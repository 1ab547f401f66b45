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
mod in_flight;
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
use parlance_signer_protocol::{Envelope, Refusal, RefusalCode, Reply, Request, Response};
use serde_json::json;

use crate::SignerError;
use crate::clock::Clock;
use crate::origins::Capability;
use crate::vault::KdfParameters;

pub use approver::{Approver, ApproverHandle, SocketApprover};
pub use custody::{Custody, GenerationSink, Opening};
use in_flight::{InFlight, Ticket};
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
    /// For while it asks.
    handle: ApproverHandle,
    in_flight: InFlight,
    clock: Arc<dyn Clock>,
    kdf: KdfParameters,
}

/// When a request ends: by the boot clock, or because it is taken back.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    at_ms: u64,
    ticket: Ticket,
}

impl Service {
    /// Over an opened data folder and a connected approver. `kdf` is for vaults that are made from here on.
    #[must_use]
    pub fn new(custody: Custody, approver: Box<dyn Approver>, kdf: KdfParameters) -> Self {
        let clock = custody.clock().clone();
        let handle = approver.handle();
        let in_flight = InFlight::new(handle.clone());
        Self { custody: Mutex::new(custody), approver: Mutex::new(approver), handle, in_flight, clock, kdf }
    }

    /// Answer one request of `who`.
    #[must_use]
    pub fn handle(&self, who: &Capability, envelope: Envelope) -> Reply {
        self.handle_from(0, who, envelope)
    }

    /// The same for one of several connections: `client` is the number by which [`Service::gone`] knows it.
    #[must_use]
    pub fn handle_from(&self, client: u64, who: &Capability, envelope: Envelope) -> Reply {
        let entry = self.in_flight.enter(client, &who.origin);
        let deadline = Deadline { at_ms: self.clock.boot_ms().saturating_add(envelope.deadline_ms), ticket: entry.ticket };
        let response = self.answer(who, envelope.request, deadline).unwrap_or_else(Response::Refused);
        if entry.asked() {
            // Where it is busy, it is with another question already.
            match self.approver.try_lock() {
                Ok(mut approver) => approver.rest(),
                Err(TryLockError::Poisoned(e)) => e.into_inner().rest(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        Reply { id: envelope.id, response }
    }

    /// A connection closed: what it asked for and was not answered yet is taken back.
    pub fn gone(&self, client: u64) {
        self.in_flight.gone(client);
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
                let kind = self.handle.kind();
                let asking = self.in_flight.asks();
                Ok(Response::Status(self.lock_custody().status(&kind, asking)))
            }
            Request::Withdraw {} => self.withdraw(who, deadline),
            Request::Decide { payload, claims } => self.decide(who, &payload, &claims).map(Response::Decided),
            Request::Sign { payload, claims } => self.sign(who, &payload, &claims, deadline).map(Response::Signed),
            Request::Unlock {} => self.unlock(deadline),
            Request::Lock {} => {
                self.lock_custody().lock("the wallet asked for it").map_err(refusal::of)?;
                done("Locked.")
            }
            Request::Ceremony { kind } => self.ceremony(who, kind, deadline),
            Request::Rules {} => self.lock_custody().rules_in_force().map(Response::Rules),
            Request::Contacts {} => Ok(Response::Contacts { contacts: self.lock_custody().contacts() }),
            Request::Audit { from, limit } => self.lock_custody().audit(from, limit),
            Request::AuditVerify {} => self.lock_custody().audit_verify(),
            proposal => self.propose(who, proposal, deadline),
        }
    }

    /// Ask the person. Waits for its turn, at most until the deadline; `seconds` is how long an answer counts.
    fn ask(&self, prompt: Prompt, seconds: u32, deadline: Deadline) -> Result<Verdict, Refusal> {
        self.in_flight.begin(deadline.ticket)?;
        let verdict = self.ask_in_turn(prompt, seconds, deadline);
        let ended = self.in_flight.end(deadline.ticket);
        if matches!(verdict, Ok(Verdict::Incident)) {
            return Err(self.incident_button(deadline));
        }
        ended?;
        match verdict? {
            Verdict::TimedOut => Err(refusal::expired()),
            Verdict::Unavailable { reason } => Err(refusal::no_approver(&reason)),
            verdict => {
                self.in_time(deadline)?;
                Ok(verdict)
            }
        }
    }

    fn ask_in_turn(&self, prompt: Prompt, seconds: u32, deadline: Deadline) -> Result<Verdict, Refusal> {
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
        // Taken back while it waited: never shown.
        self.in_flight.check(deadline.ticket)?;
        let left = deadline.at_ms.saturating_sub(self.clock.boot_ms()) / 1000;
        let seconds = seconds.min(u32::try_from(left).unwrap_or(u32::MAX));
        if seconds == 0 {
            return Err(refusal::expired());
        }
        Ok(approver.ask(deadline.ticket, prompt, seconds))
    }

    fn in_time(&self, deadline: Deadline) -> Result<(), Refusal> {
        self.in_flight.check(deadline.ticket)?;
        if self.clock.boot_ms() > deadline.at_ms { Err(refusal::expired()) } else { Ok(()) }
    }

    /// Take back what the origin asked for; it does not count as a "no" of the owner.
    fn withdraw(&self, who: &Capability, deadline: Deadline) -> Result<Response, Refusal> {
        if self.in_flight.withdraw(&who.origin, deadline.ticket) == 0 {
            return done("Nothing was being asked.");
        }
        let mut custody = self.lock_custody();
        // Bounded, so that asking and taking back without end fills no disk.
        if custody.may_refuse().is_ok() {
            custody.note(json!({"event": "withdrawn", "origin": who.origin}));
        }
        done("Taken back.")
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
