//! Recorded sessions with servers of others: `tests/recordings/NAME.toml`. The one below records another:
//!
//! ```text
//! RECORD=NAME FOLDER=/tmp/x PORT=8443 cargo test --release -p parlance-zktls-verify --test recordings -- --ignored
//! ```
//! It writes full.pem and key.pem to FOLDER, then waits for a server on PORT that uses them.

mod common;

use common::{DOMAIN, Key, Recorded, identity, tcp};
use parlance_zktls_protocol::Recording;
use parlance_zktls_verify::CheckName;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct File {
    /// Suite and whether there was a retry; or why it is refused.
    expected: String,
    tickets: u8,
    flight: usize,
    shts: String,
    root: String,
    recording: String,
}

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings");

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// What a recording is expected to give.
fn outcome(session: &Recorded) -> String {
    match session.examine() {
        (report, Some(facts)) if report.accepted => {
            format!("{}{}", facts.suite.name(), if facts.retried { " after a retry" } else { "" })
        }
        (report, _) => report.checks.into_iter().find(|check| !check.passed).map(|check| check.sentence).unwrap_or_default(),
    }
}

#[test]
fn recorded_sessions_give_what_they_gave() {
    let mut count = 0;
    for entry in std::fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        let file: File = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let mut session = Recorded {
            recording: Recording::decode(&from_hex(&file.recording)).unwrap(),
            shts: from_hex(&file.shts).try_into().unwrap(),
            tickets: file.tickets,
            roots: vec![from_hex(&file.root).into()],
            flight: file.flight,
        };
        assert_eq!(outcome(&session), file.expected, "{path:?}");
        session.shts[9] ^= 1;
        session.refuse(CheckName::Flight);
        count += 1;
    }
    assert_eq!(count, 6, "recordings of nginx (2), GnuTLS (2), Go and Node.js");
}

#[test]
#[ignore = "records a session with a server that has to be started by hand"]
fn record() {
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("set {name}"));
    let identity = identity(&[DOMAIN], Key::P256, |_| ());
    tcp::write_identity(&identity, variable("FOLDER").as_ref());
    let session = tcp::session(identity, variable("PORT").parse().unwrap());
    let file = File {
        expected: outcome(&session),
        tickets: session.tickets,
        flight: session.flight,
        shts: to_hex(&session.shts),
        root: to_hex(&session.roots[0]),
        recording: to_hex(&session.recording.encode().unwrap()),
    };
    std::fs::write(format!("{FOLDER}/{}.toml", variable("RECORD")), toml::to_string(&file).unwrap()).unwrap();
}
