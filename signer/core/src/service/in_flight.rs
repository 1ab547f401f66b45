//! Requests on their way, so that what is asked for can be taken back.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use parlance_signer_protocol::Refusal;

use super::approver::Recall;
use super::refusal;

/// Number of a request, and of the questions that it leads to.
pub(super) type Ticket = u64;

/// Who took a question back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TakenBack {
    /// A client of the same origin.
    Wallet,
    /// The client's connection closed.
    Gone,
    /// The incident button.
    Incident,
}

/// All requests that were not answered yet.
#[derive(Debug)]
pub(super) struct InFlight {
    recall: Recall,
    requests: Mutex<(Ticket, BTreeMap<Ticket, Pending>)>,
}

#[derive(Debug)]
struct Pending {
    client: u64,
    origin: String,
    /// Its question is open, or waits for its turn.
    asking: bool,
    /// There was a question.
    asked: bool,
    taken_back: Option<TakenBack>,
}

/// A request that counts as on its way until this is dropped.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    all: &'a InFlight,
    pub(super) ticket: Ticket,
}

impl Entry<'_> {
    /// Did it lead to a question?
    pub(super) fn asked(&self) -> bool {
        self.all.lock().1.get(&self.ticket).is_some_and(|p| p.asked)
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.all.lock().1.remove(&self.ticket);
    }
}

impl InFlight {
    pub(super) fn new(recall: Recall) -> Self {
        Self { recall, requests: Mutex::default() }
    }

    pub(super) fn enter(&self, client: u64, origin: &str) -> Entry<'_> {
        let mut requests = self.lock();
        requests.0 += 1;
        let ticket = requests.0;
        requests.1.insert(ticket, Pending { client, origin: origin.to_owned(), asking: false, asked: false, taken_back: None });
        Entry { all: self, ticket }
    }

    /// A question of `ticket` waits for its turn from now on.
    pub(super) fn begin(&self, ticket: Ticket) -> Result<(), Refusal> {
        self.asking(ticket, true)
    }

    /// Its question has ended, however. What was taken back until now has no answer that counts.
    pub(super) fn end(&self, ticket: Ticket) -> Result<(), Refusal> {
        self.asking(ticket, false)
    }

    fn asking(&self, ticket: Ticket, asking: bool) -> Result<(), Refusal> {
        if let Some(pending) = self.lock().1.get_mut(&ticket) {
            pending.asking = asking;
            pending.asked = true;
        }
        self.check(ticket)
    }

    /// Was it taken back?
    pub(super) fn check(&self, ticket: Ticket) -> Result<(), Refusal> {
        match self.lock().1.get(&ticket).and_then(|p| p.taken_back) {
            Some(who) => Err(refusal::taken_back(who)),
            None => Ok(()),
        }
    }

    /// Take back all requests of an origin but `own`; how many were being asked about.
    pub(super) fn withdraw(&self, origin: &str, own: Ticket) -> usize {
        self.take_back(TakenBack::Wallet, |ticket, p| ticket != own && p.origin == origin)
    }

    /// Take back all that a client asked for.
    pub(super) fn gone(&self, client: u64) -> usize {
        self.take_back(TakenBack::Gone, |_, p| p.client == client)
    }

    /// Take back everything but `own`.
    pub(super) fn incident(&self, own: Ticket) -> usize {
        self.take_back(TakenBack::Incident, |ticket, _| ticket != own)
    }

    /// Is somebody being asked something?
    pub(super) fn asks(&self) -> bool {
        self.lock().1.values().any(|p| p.asking)
    }

    fn take_back(&self, who: TakenBack, which: impl Fn(Ticket, &Pending) -> bool) -> usize {
        let mut asked = 0;
        for (ticket, pending) in self.lock().1.iter_mut().filter(|(t, p)| which(**t, p)) {
            if pending.taken_back.is_none() {
                pending.taken_back = Some(who);
                if pending.asking {
                    asked += 1;
                    self.recall.question(*ticket);
                }
            }
        }
        asked
    }

    fn lock(&self) -> MutexGuard<'_, (Ticket, BTreeMap<Ticket, Pending>)> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
