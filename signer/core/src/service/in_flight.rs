//! Requests on their way, so that what is asked for can be taken back.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use parlance_signer_protocol::Refusal;

use super::approver::ApproverHandle;
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
    approver: ApproverHandle,
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
    pub(super) fn new(approver: ApproverHandle) -> Self {
        Self { approver, requests: Mutex::default() }
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
                    self.approver.recall(*ticket);
                }
            }
        }
        asked
    }

    fn lock(&self) -> MutexGuard<'_, (Ticket, BTreeMap<Ticket, Pending>)> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;
    use crate::service::{Approver, SocketApprover};

    fn all() -> InFlight {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        InFlight::new(SocketApprover::new(ours).unwrap().handle())
    }

    #[test]
    fn only_what_the_same_origin_asked_for_is_taken_back() {
        let all = all();
        let (wallet, other) = (all.enter(1, "wallet"), all.enter(2, "wallet:groceries"));
        all.begin(wallet.ticket).unwrap();
        all.begin(other.ticket).unwrap();
        let own = all.enter(3, "wallet");
        assert_eq!(all.withdraw("wallet", own.ticket), 1);
        assert!(all.end(wallet.ticket).is_err(), "a yes that came meanwhile counts for nothing");
        assert!(all.check(other.ticket).is_ok() && all.check(own.ticket).is_ok());
        assert_eq!(all.withdraw("wallet", own.ticket), 0, "once");
        assert!(all.asks(), "the other one's question is still open");
        assert_eq!(all.incident(own.ticket), 1);
        assert!(all.end(other.ticket).is_err());
        assert!(!all.asks());
    }

    #[test]
    fn what_is_taken_back_between_two_questions_asks_no_further_one() {
        let all = all();
        let ceremony = all.enter(1, "wallet");
        all.begin(ceremony.ticket).unwrap();
        all.end(ceremony.ticket).unwrap();
        assert_eq!(all.gone(1), 0, "nobody was being asked");
        assert!(all.begin(ceremony.ticket).is_err());
        assert!(ceremony.asked());
    }

    #[test]
    fn what_was_answered_is_forgotten() {
        let all = all();
        let ticket = all.enter(1, "wallet").ticket;
        assert_eq!(all.gone(1), 0);
        assert!(all.check(ticket).is_ok());
        assert_ne!(all.enter(1, "wallet").ticket, ticket, "a number is never used again");
    }
}
