//! Whole proof files: the lender's side, with a proof system of the tests.

mod common;

use std::cell::RefCell;

use common::{OPENED, Options, ToClient, first_failure, run};
use ed25519_dalek::SigningKey;
use parlance_zktls_protocol::{Claim, InnerHashes, Notarized, NotaryKey, ProofFile, Salt, Session, Template, nullifier};
use parlance_zktls_verify::{CheckName, Expectation, ProofSystem, PublicInputs, Registry, Report, Trust, VerifyError, verify};

const ACCOUNT: &str = "7e57ed00-0000-4000-8000-000000000001";
const SCOPE: [u8; 8] = *b"lenders1";

/// Takes the proof "ok", and keeps what it was asked about.
#[derive(Default)]
struct Asked(RefCell<Option<PublicInputs>>);

impl ProofSystem for Asked {
    fn verify(&self, public: &PublicInputs, proof: &[u8]) -> Result<(), VerifyError> {
        self.0.replace(Some(public.clone()));
        if proof == b"ok" { Ok(()) } else { Err(VerifyError::Proof("it is not \"ok\"".into())) }
    }
}

/// Accounts of these borrowers back lines.
struct Lines(Option<[u8; 20]>);

impl Registry for Lines {
    fn holder(&self, _scope: &[u8; 8], _nullifier: &[u8; 32]) -> Option<[u8; 20]> {
        self.0
    }
}

struct Case {
    file: ProofFile,
    trust: Trust,
    expected: Expectation,
    lines: Lines,
}

fn notary() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

fn case() -> Case {
    let template = Template::from_toml(include_str!("../../templates/demo.toml")).unwrap();
    let filled = template.fill(|name| Some(if name == "account" { ACCOUNT } else { "token" })).unwrap();
    let recorded = run(Options { request: vec![filled.bytes.to_vec()], ..Options::default() });
    let session = Session { wallet: [1; 20], chain: 1, contract: [2; 20], lender_nonce: [3; 32], offer: [4; 32] };
    let salt = Salt([5; 32]);
    let mut recording = recorded.recording;
    recording.commitment = session.commit(&salt);
    let file = ProofFile {
        version: 1,
        session: session.clone(),
        salt,
        notarized: Notarized::sign(recording, &notary()).unwrap(),
        shts: recorded.shts,
        inner: InnerHashes { handshake: [1; 32], derived: [2; 32], master: [3; 32], client: [4; 32], server: [5; 32] },
        claim: Claim {
            template: template.digest().unwrap(),
            at_least: 250_000,
            currency: *b"EUR",
            scope: SCOPE,
            nullifier: nullifier(&SCOPE, common::DOMAIN, ACCOUNT.as_bytes()).unwrap(),
        },
        request_holes: filled.holes,
        tickets: recorded.tickets,
        proof: b"ok".to_vec(),
    };
    let key =
        NotaryKey { key: notary().verifying_key(), operator: "tests".into(), from: OPENED - 1_000, until: OPENED + 1_000, revoked: None };
    let trust = Trust { roots: recorded.roots, notaries: vec![key], templates: vec![template], local_banks: true };
    let expected = Expectation { session, at_least: 250_000, currency: *b"EUR", scope: SCOPE, now: OPENED + 60, max_age: 3_600 };
    Case { file, trust, expected, lines: Lines(None) }
}

impl Case {
    fn report(&self) -> Report {
        // What a lender gets is a file.
        let file = ProofFile::decode(&self.file.encode().unwrap()).unwrap();
        verify(&file, &self.trust, &self.expected, &self.lines, &Asked::default())
    }

    /// Signs the recording again, as a notary would have signed what was changed.
    fn signed_again(mut self) -> Self {
        self.file.notarized = Notarized::sign(self.file.notarized.recording, &notary()).unwrap();
        self
    }
}

fn refused(name: CheckName, change: impl FnOnce(&mut Case)) -> String {
    let mut case = case();
    change(&mut case);
    let report = case.report();
    assert_eq!(report.statement, None);
    first_failure(&report, name)
}

#[test]
fn a_right_file_is_accepted_and_explained() {
    let case = case();
    let asked = Asked::default();
    let report = verify(&case.file, &case.trust, &case.expected, &case.lines, &asked);
    assert!(report.accepted, "{report:#?}");
    assert_eq!(report.checks.iter().map(|check| check.name).collect::<std::collections::HashSet<_>>().len(), CheckName::ALL.len());
    let statement = report.statement.clone().unwrap();
    assert!(statement.contains("api.demo-bank.example") && statement.contains("at least 2500.00 EUR"), "{statement}");
    assert_eq!(report.visible.len(), 4);
    let json: serde_json::Value = serde_json::to_value(&report).unwrap();
    assert_eq!(json["checks"][0]["name"], "notary-signature");
    assert_eq!(json["accepted"], true);
    let public = asked.0.take().unwrap();
    assert_eq!(public.shape.slots.len(), public.request[0].content_length());
    assert_eq!(public.claim, case.file.claim);
}

#[test]
fn signatures_and_keys() {
    refused(CheckName::NotarySignature, |case| case.file.notarized.signature[0] ^= 1);
    refused(CheckName::NotarySignature, |case| case.file.notarized.recording.closed += 1);
    refused(CheckName::NotarySignature, |case| case.file.notarized.recording.chunks.truncate(1));
    refused(CheckName::NotarySignature, |case| case.trust.notaries.clear());
    refused(CheckName::NotarySignature, |case| {
        let recording = case.file.notarized.recording.clone();
        case.file.notarized = Notarized::sign(recording, &SigningKey::from_bytes(&[2; 32])).unwrap();
    });
    refused(CheckName::NotaryKey, |case| case.trust.notaries[0].until = OPENED + 1);
    refused(CheckName::NotaryKey, |case| case.trust.notaries[0].from = OPENED + 1);
    assert!(refused(CheckName::NotaryKey, |case| case.trust.notaries[0].revoked = Some(OPENED + 50)).contains("revoked"));
}

#[test]
fn sessions_for_others() {
    let changes: [fn(&mut Session); 5] = [
        |session| session.wallet[0] ^= 1,
        |session| session.chain ^= 1,
        |session| session.contract[0] ^= 1,
        |session| session.lender_nonce[0] ^= 1,
        |session| session.offer[0] ^= 1,
    ];
    for change in changes {
        refused(CheckName::Session, |case| change(&mut case.expected.session));
        // Stating the lender's session does not help: the notary signed another commitment.
        refused(CheckName::Session, |case| {
            change(&mut case.expected.session);
            change(&mut case.file.session);
        });
    }
    refused(CheckName::Session, |case| case.file.salt.0[0] ^= 1);
}

#[test]
fn old_future_and_local_sessions() {
    refused(CheckName::Age, |case| case.expected.now = OPENED + 3_601);
    refused(CheckName::Age, |case| case.expected.now = OPENED - 400);
    let mut backwards = case();
    backwards.file.notarized.recording.closed = OPENED - 1;
    first_failure(&backwards.signed_again().report(), CheckName::Age);
    refused(CheckName::Address, |case| case.trust.local_banks = false);
}

#[test]
fn templates_requests_and_claims() {
    refused(CheckName::Template, |case| case.trust.templates.clear());
    refused(CheckName::Template, |case| case.file.claim.template[0] ^= 1);
    refused(CheckName::Request, |case| case.file.request_holes[1].length += 1);
    refused(CheckName::Request, |case| case.file.request_holes.swap(0, 1));
    refused(CheckName::Request, |case| drop(case.file.request_holes.pop()));
    refused(CheckName::Claim, |case| case.file.claim.at_least -= 1);
    refused(CheckName::Claim, |case| case.expected.currency = *b"USD");
    refused(CheckName::Claim, |case| case.expected.scope[0] ^= 1);
    refused(CheckName::Proof, |case| case.file.proof = b"no".to_vec());
    refused(CheckName::Flight, |case| case.file.shts[31] ^= 1);
    refused(CheckName::Nullifier, |case| case.lines = Lines(Some([9; 20])));
    // Renewal by the same borrower.
    let mut renewal = case();
    renewal.lines = Lines(Some(renewal.file.session.wallet));
    assert!(renewal.report().accepted);
}

#[test]
fn a_template_of_another_bank() {
    let mut case = case();
    let text = include_str!("../../templates/demo.toml").replace("api.demo-bank.example", "api.other-bank.example");
    let template = Template::from_toml(&text).unwrap();
    case.file.claim.template = template.digest().unwrap();
    case.trust.templates.push(template);
    first_failure(&case.report(), CheckName::Template);
}

#[test]
fn a_second_request_in_the_same_session() {
    let mut case = case();
    let filled = case.trust.templates[0].fill(|name| Some(if name == "account" { ACCOUNT } else { "token" })).unwrap();
    let recorded = run(Options { request: vec![filled.bytes.to_vec(), filled.bytes.to_vec()], ..Options::default() });
    case.file.shts = recorded.shts;
    case.trust.roots = recorded.roots;
    case.file.tickets = recorded.tickets;
    case.file.notarized.recording.chunks = recorded.recording.chunks;
    first_failure(&case.signed_again().report(), CheckName::Request);
}

#[test]
fn what_could_not_be_checked_is_listed_and_refused() {
    let mut case = case();
    case.file.notarized.recording.chunks.retain(|chunk| chunk.direction != ToClient);
    let report = case.signed_again().report();
    assert!(!report.accepted);
    assert!(report.open.contains(&CheckName::Proof) && report.open.contains(&CheckName::Certificate), "{:?}", report.open);
    assert!(report.check(CheckName::ClientHello).unwrap().passed);
    assert_eq!(report.check(CheckName::Proof), None);
}
