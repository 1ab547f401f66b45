//! Two connections of one wallet: one waits in a question, the other looks and takes it back.

use std::os::unix::net::UnixStream;
use std::thread::JoinHandle;
use std::time::Duration;

use alloy_primitives::B256;
use parlance_signer_protocol::approver::{Answer, Hello, Prompt, ToApprover, Verdict};
use parlance_signer_protocol::{Client, Refusal, RefusalCode, Request, Response, Status, read_frame, write_frame};

use super::process::*;

/// A signer, unlocked, whose approver is this test.
struct Asked {
    signer: Signer,
    approver: UnixStream,
}

impl Asked {
    fn new(home: &Home) -> Self {
        let (signer, mut approver) = home.start_alone(2, None);
        write_frame(&mut approver, &Hello { kind: "window".into() }).unwrap();
        let mut asked = Self { signer, approver };
        let unlocking = asked.waits(Request::Unlock {});
        let (id, _) = asked.question();
        asked.answer(id, Verdict::Secret { text: "play".into() });
        assert!(matches!(asked.back(unlocking), Response::Done { .. }));
        assert!(matches!(asked.hears(), ToApprover::Rest {}));
        asked
    }

    /// The first connection asks and waits.
    fn waits(&mut self, request: Request) -> JoinHandle<(Client, Response)> {
        let mut first = self.signer.clients.remove(0);
        std::thread::spawn(move || {
            let response = first.call(request, 300_000).unwrap();
            (first, response)
        })
    }

    /// It has its answer.
    fn back(&mut self, waiting: JoinHandle<(Client, Response)>) -> Response {
        let (first, response) = waiting.join().unwrap();
        self.signer.clients.insert(0, first);
        response
    }

    fn refused(&mut self, waiting: JoinHandle<(Client, Response)>) -> Refusal {
        match self.back(waiting) {
            Response::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        }
    }

    fn hears(&mut self) -> ToApprover {
        self.approver.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        read_frame(&mut self.approver).unwrap()
    }

    fn question(&mut self) -> (B256, Prompt) {
        match self.hears() {
            ToApprover::Ask(ask) => (ask.id, ask.prompt),
            other => panic!("expected a question, got {other:?}"),
        }
    }

    fn answer(&mut self, id: B256, verdict: Verdict) {
        write_frame(&mut self.approver, &Answer { id, verdict }).unwrap();
    }

    /// The other connection: the last one.
    fn other(&mut self, request: Request) -> Response {
        self.signer.clients.last_mut().unwrap().call(request, 60_000).unwrap()
    }

    fn status(&mut self) -> Status {
        match self.other(Request::Status {}) {
            Response::Status(status) => status,
            other => panic!("{other:?}"),
        }
    }

    fn said(&mut self, request: Request) -> String {
        match self.other(request) {
            Response::Done { message } => message,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn one_connection_waits_while_the_other_looks_and_takes_the_question_back() {
    let home = Home::new();
    let mut a = Asked::new(&home);
    // More often than the owner may say no in a row: taking back is no "no".
    for nonce in 0..5 {
        let waiting = a.waits(pay(0, ALICE, 500 + nonce));
        let (id, prompt) = a.question();
        assert!(matches!(prompt, Prompt::Approve(approval) if approval.origin == "wallet"));
        let status = a.status();
        assert!(status.asking && !status.locked && status.approver == "window");
        match a.other(Request::Contacts {}) {
            Response::Contacts { contacts } => assert_eq!(contacts.len(), 1),
            other => panic!("{other:?}"),
        }
        assert_eq!(a.said(Request::Withdraw {}), "Taken back.");
        let refusal = a.refused(waiting);
        assert_eq!((refusal.code, refusal.reason.as_str()), (RefusalCode::Rejected, "taken back by the wallet"));
        assert!(matches!(a.hears(), ToApprover::Withdraw { id: ended } if ended == id), "the window closes");
        assert!(matches!(a.hears(), ToApprover::Rest {}));
        // An answer that comes too late answers nothing.
        a.answer(id, Verdict::Approved { password: Some("play".into()) });
        assert!(!a.status().asking);
        assert_eq!(a.said(Request::Withdraw {}), "Nothing was being asked.");
    }
    // What was taken back reserved nothing, and the origin is not paused.
    let waiting = a.waits(pay(0, ALICE, 500));
    let (id, _) = a.question();
    a.answer(id, Verdict::Approved { password: None });
    assert!(matches!(a.back(waiting), Response::Signed(_)));
}

#[test]
fn a_proposal_and_a_ceremony_are_taken_back_too() {
    let home = Home::new();
    let mut a = Asked::new(&home);
    for request in [daily(5, 100), Request::Ceremony { kind: parlance_signer_protocol::Ceremony::Export }] {
        let waiting = a.waits(request);
        let (id, _) = a.question();
        assert_eq!(a.said(Request::Withdraw {}), "Taken back.");
        assert_eq!(a.refused(waiting).reason, "taken back by the wallet");
        assert!(matches!(a.hears(), ToApprover::Withdraw { id: ended } if ended == id));
        assert!(matches!(a.hears(), ToApprover::Rest {}));
    }
}

#[test]
fn time_that_passes_at_the_signer_closes_the_question() {
    let home = Home::new();
    let mut a = Asked::new(&home);
    let mut first = a.signer.clients.remove(0);
    let waiting = std::thread::spawn(move || first.call(pay(0, ALICE, 500), 2500).unwrap());
    let (id, _) = a.question();
    match waiting.join().unwrap() {
        Response::Refused(refusal) => assert_eq!(refusal.code, RefusalCode::Expired),
        other => panic!("{other:?}"),
    }
    assert!(matches!(a.hears(), ToApprover::Withdraw { id: ended } if ended == id));
}

#[test]
fn a_client_that_goes_away_takes_its_question_with_it() {
    let home = Home::new();
    let mut a = Asked::new(&home);
    let mut first = a.signer.clients.remove(0).into_inner();
    let envelope = parlance_signer_protocol::Envelope { id: 1, deadline_ms: 300_000, request: pay(0, ALICE, 500) };
    write_frame(&mut first, &envelope).unwrap();
    let (id, _) = a.question();
    // Half a close says that no further request comes; the answer is still waited for.
    first.shutdown(std::net::Shutdown::Write).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert!(a.status().asking);
    drop(first);
    assert!(matches!(a.hears(), ToApprover::Withdraw { id: ended } if ended == id));
    assert!(matches!(a.hears(), ToApprover::Rest {}));
    assert!(!a.status().asking);
    // And with the last one the signer ends, although nobody answered.
    let mut last = a.signer.clients.remove(0).into_inner();
    write_frame(&mut last, &parlance_signer_protocol::Envelope { id: 1, deadline_ms: 300_000, request: pay(0, ALICE, 500) }).unwrap();
    a.question();
    drop(last);
    assert!(a.signer.wait().success());
}

#[test]
fn the_incident_button_rejects_locks_and_closes_what_else_is_asked() {
    let home = Home::new();
    let mut a = Asked::new(&home);
    let waiting = a.waits(pay(0, ALICE, 500));
    let (id, _) = a.question();
    a.answer(id, Verdict::Incident);
    let (list, prompt) = a.question();
    let Prompt::Notice { lines, .. } = prompt else { panic!("expected what can be revoked") };
    assert!(lines[0].contains("locked"), "{lines:?}");
    assert!(a.status().locked, "before anybody has read the list");
    a.answer(list, Verdict::Approved { password: None });
    let refusal = a.refused(waiting);
    assert_eq!(refusal.code, RefusalCode::Rejected);
    assert!(refusal.remedy.contains("locked"), "{refusal:?}");
    assert!(matches!(a.hears(), ToApprover::Rest {}));
    match a.other(pay(0, ALICE, 500)) {
        Response::Refused(refusal) => assert_eq!(refusal.code, RefusalCode::Locked),
        other => panic!("{other:?}"),
    }

    // The wallet's own button does the same to a question that is open.
    let unlocking = a.waits(Request::Unlock {});
    let (id, _) = a.question();
    a.answer(id, Verdict::Secret { text: "play".into() });
    a.back(unlocking);
    assert!(matches!(a.hears(), ToApprover::Rest {}));
    let waiting = a.waits(pay(0, ALICE, 500));
    let (id, _) = a.question();
    let mut button = a.signer.clients.remove(0);
    let kind = parlance_signer_protocol::Ceremony::Incident;
    let pressed = std::thread::spawn(move || button.call(Request::Ceremony { kind }, 60_000).unwrap());
    assert!(matches!(a.hears(), ToApprover::Withdraw { id: ended } if ended == id));
    assert_eq!(a.refused(waiting).reason, "everything was locked while you were asked");
    loop {
        match a.hears() {
            ToApprover::Rest {} => {}
            ToApprover::Ask(ask) => {
                assert!(matches!(ask.prompt, Prompt::Notice { .. }));
                a.answer(ask.id, Verdict::Approved { password: None });
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(pressed.join().unwrap(), Response::Done { message } if message.contains("locked")));
}
