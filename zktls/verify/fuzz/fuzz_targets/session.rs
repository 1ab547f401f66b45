//! Any recording with any secret: the checks of the TLS session say something and never panic. Input: count of tickets, secret of
//! 32 bytes, the root's length in two bytes, the root, the recording. The seeds are sessions with real servers.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parlance_zktls_protocol::{Direction, Recording};
use parlance_zktls_verify::{CheckName, examine, records};
use rustls_pki_types::CertificateDer;

fuzz_target!(|bytes: &[u8]| {
    let Some((&tickets, rest)) = bytes.split_first() else { return };
    let Some((secret, rest)) = rest.split_first_chunk::<32>() else { return };
    let Some((length, rest)) = rest.split_first_chunk::<2>() else { return };
    let Some((root, rest)) = rest.split_at_checked(u16::from_be_bytes(*length).into()) else { return };
    let Ok(recording) = Recording::decode(rest) else { return };
    for direction in [Direction::ToBank, Direction::ToClient] {
        if let Ok(all) = records::records(&recording, direction) {
            let _ = records::split(direction, all);
        }
    }
    let (report, facts) = examine(&recording, secret, tickets, &[CertificateDer::from(root.to_vec())]);
    // Everything was looked at, or is listed as open.
    assert!(report.checks.len() + report.open.len() >= CheckName::SESSION.len());
    assert!(!report.accepted || facts.is_some());
});
