//! Real sessions with one thing broken each: the right check must notice.

mod common;

use common::{
    DOMAIN, Identity, Key, OPENED, Options, REQUEST, Recorded, ToBank, ToClient, add_extension, edit_hello, identity, plain, run,
};
use parlance_zktls_protocol::Chunk;
use parlance_zktls_verify::CheckName;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair};
use rustls::crypto::ring::kx_group::{SECP256R1, X25519};
use rustls::pki_types::PrivateKeyDer;

fn with_identity(identity: Identity) -> Recorded {
    run(Options { identity, ..Options::default() })
}

#[test]
fn another_secret() {
    let mut session = plain();
    session.shts[0] ^= 1;
    session.refuse(CheckName::Flight);
    session.shts = plain().shts;
    session.refuse(CheckName::Flight);
}

#[test]
fn another_domain() {
    plain().with(|recording| recording.domain = "api.other-bank.example".into()).refuse(CheckName::ClientHello);
}

#[test]
fn certificates_of_others() {
    let changed = |change: fn(&mut CertificateParams)| with_identity(identity(&[DOMAIN], Key::P256, change)).refuse(CheckName::Certificate);
    let named = |name: &str| with_identity(identity(&[name], Key::P256, |_| ())).refuse(CheckName::Certificate);
    assert!(named("api.other-bank.example").contains("CertNotValidForName"));
    assert!(named("*.api.demo-bank.example").contains("CertNotValidForName"));
    assert!(changed(|params| params.not_after = rcgen::date_time_ymd(2026, 11, 1)).contains("CertExpired"));
    assert!(changed(|params| params.not_before = rcgen::date_time_ymd(2027, 1, 1)).contains("CertNotValidYet"));
    assert!(changed(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]).contains("RequiredEku"));

    // By a root that the lender does not trust, without its intermediate, by itself.
    let mut session = plain();
    session.roots = plain().roots;
    session.refuse(CheckName::Certificate);
    session.roots = Vec::new();
    assert!(session.refuse(CheckName::Certificate).contains("UnknownIssuer"));
    let mut bare = identity(&[DOMAIN], Key::P256, |_| ());
    bare.chain.truncate(1);
    assert!(with_identity(bare).refuse(CheckName::Certificate).contains("UnknownIssuer"));
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec![DOMAIN.to_owned()]).unwrap().self_signed(&key).unwrap().der().clone();
    let chain = vec![own];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    with_identity(Identity { chain, key, ..identity(&[DOMAIN], Key::P256, |_| ()) }).refuse(CheckName::Certificate);
}

#[test]
fn a_certificate_valid_today_but_not_then() {
    let session = plain();
    session.accept();
    let changed = |change: fn(&mut CertificateParams)| with_identity(identity(&[DOMAIN], Key::P256, change));
    let valid = changed(|params| {
        params.not_before = rcgen::date_time_ymd(2026, 11, 1);
        params.not_after = rcgen::date_time_ymd(2027, 11, 1);
    });
    valid.accept();
    valid.with(|recording| recording.opened = OPENED - 90 * 86_400).refuse(CheckName::Certificate);
}

#[test]
fn the_certificate_of_the_bank_with_another_key() {
    let other = KeyPair::generate().unwrap();
    let key = PrivateKeyDer::try_from(other.serialize_der()).unwrap();
    with_identity(Identity { key, ..identity(&[DOMAIN], Key::P256, |_| ()) }).refuse(CheckName::CertificateVerify);
}

#[test]
fn a_handshake_of_another_session() {
    // The bank's real flight, but spliced after another hello of the server.
    let (one, other) = (plain(), plain());
    let hello = one.of(ToClient)[0];
    let spliced = one.with(|recording| recording.chunks[hello] = other.recording.chunks[hello].clone());
    // The session id's echo differs.
    spliced.refuse(CheckName::ServerHello);
    let client = one.of(ToBank)[0];
    let spliced = spliced.with(|recording| recording.chunks[client] = other.recording.chunks[client].clone());
    spliced.refuse(CheckName::CertificateVerify);
}

#[test]
fn dropped_reordered_and_replayed_records() {
    let session = run(Options { fragment: Some(200), ..Options::default() });
    session.accept();
    let server = session.protected(ToClient);
    let client = session.protected(ToBank);
    for (index, at) in server.iter().copied().enumerate().take(session.flight) {
        session.with(|recording| drop(recording.chunks.remove(at))).refuse(CheckName::Flight);
        let twice = session.with(|recording| recording.chunks.insert(at, recording.chunks[at].clone()));
        // The last one's copy is read as the first record after the handshake, and stands before the request.
        twice.refuse(if index + 1 == session.flight { CheckName::Order } else { CheckName::Flight });
    }
    session.with(|recording| recording.chunks.swap(server[0], server[1])).refuse(CheckName::Flight);
    // Without the client's Finished the request stands in its place.
    session.with(|recording| drop(recording.chunks.remove(client[0]))).refuse(CheckName::RequestRecords);
    session.with(|recording| recording.chunks.swap(client[0], client[1])).refuse(CheckName::RequestRecords);
    // A request sent twice is two records to be proved, of which the second does not fit the template.
    let twice = session.with(|recording| recording.chunks.insert(client[1], recording.chunks[client[1]].clone()));
    assert_eq!(twice.accept().request.len(), 2);
    session.with(|recording| drop(recording.chunks.remove(client[1]))).refuse(CheckName::RequestRecords);
}

#[test]
fn a_second_request_after_the_response_began() {
    let session = run(Options { request: vec![REQUEST.to_vec(), REQUEST.to_vec()], ..Options::default() });
    session.accept();
    let second = session.protected(ToBank)[2];
    let response = session.protected(ToClient)[session.flight + usize::from(session.tickets)];
    assert!(second < response);
    let late = session.with(|recording| {
        let record = recording.chunks.remove(second);
        recording.chunks.insert(response, record);
    });
    late.refuse(CheckName::Order);
    // Even its last byte alone.
    let split = session.with(|recording| {
        let record = recording.chunks[second].bytes.split_off(20);
        recording.chunks.insert(response + 1, Chunk { direction: ToBank, bytes: record });
    });
    split.refuse(CheckName::Order);
    // Tickets that arrive before do not matter.
    assert_eq!(session.tickets, 1);
}

#[test]
fn data_after_the_alert_or_an_alert_in_between() {
    let session = plain();
    let client = session.protected(ToBank);
    let alert = *client.last().unwrap();
    // Two records of an alert's length: the first is part of the request, after the response.
    session.with(|recording| recording.chunks.push(recording.chunks[alert].clone())).refuse(CheckName::Order);
    let early = session.with(|recording| {
        let record = recording.chunks.remove(alert);
        recording.chunks.insert(client[1], record);
    });
    assert_eq!(early.accept().request.len(), 2);
}

/// An extension added to the hello: each must be refused by its number.
#[test]
fn extensions_that_change_the_session() {
    let session = plain();
    for kind in [1u16, 14, 18, 19, 20, 21, 27, 28, 34, 35, 41, 42, 44, 49, 50, 57, 0x0a0a, 0xfe0d, 0xff01] {
        let changed = session.with(|recording| add_extension(recording, kind, &[0, 0]));
        let sentence = changed.refuse(CheckName::ClientHello);
        assert!(sentence.contains(&format!("extension {kind}")), "{sentence}");
    }
    // One that is there already.
    let sentence = session.with(|recording| add_extension(recording, 43, &[2, 3, 4])).refuse(CheckName::ClientHello);
    assert!(sentence.contains("twice"));
}

#[test]
fn hellos_with_other_contents() {
    let session = plain();
    let replace = |from: &[u8], to: &[u8]| {
        session.with(|recording| {
            edit_hello(recording, |extensions| {
                let at = extensions.windows(from.len()).position(|window| window == from).expect("the extension");
                extensions.splice(at..at + from.len(), to.iter().copied());
            });
        })
    };
    // supported_versions with TLS 1.2 as well; ALPN with h2 as well; a mode without (EC)DHE; no server name.
    for (from, to) in [
        (&b"\0\x2b\0\x03\x02\x03\x04"[..], &b"\0\x2b\0\x05\x04\x03\x04\x03\x03"[..]),
        (b"\0\x10\0\x0b\0\x09\x08http/1.1", b"\0\x10\0\x0e\0\x0c\x02h2\x08http/1.1"),
        (b"\0\x10\0\x0b\0\x09\x08http/1.1", b""),
        (b"\0\x2d\0\x02\x01\x01", b"\0\x2d\0\x03\x02\x01\0"),
        (b"demo-bank", b"demo-bonk"),
        (b"\0\0\0\x1a\0\x18\0\0\x15api.demo-bank.example", b""),
    ] {
        replace(from, to).refuse(CheckName::ClientHello);
    }
    // TLS_AES_256_GCM_SHA384 among the suites, and compression.
    let byte = |from: &[u8], to: &[u8]| {
        session.with(|recording| {
            let bytes = &mut recording.chunks[0].bytes;
            let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
            bytes[at..at + to.len()].copy_from_slice(to);
        })
    };
    byte(b"\0\x02\x13\x01\x01\0", b"\0\x02\x13\x02\x01\0").refuse(CheckName::ClientHello);
    byte(b"\0\x02\x13\x01\x01\0", b"\0\x02\x13\x01\x01\x01").refuse(CheckName::ClientHello);
}

#[test]
fn retries_that_do_not_fit() {
    let session = run(Options { client_groups: vec![X25519, SECP256R1], server_groups: vec![SECP256R1], ..Options::default() });
    session.accept();
    let (client, server) = (session.of(ToBank), session.of(ToClient));
    let chunks = &session.recording.chunks;
    let second = *client.iter().filter(|index| chunks[**index].bytes[0] == 22).nth(1).unwrap();
    let hello = *server.iter().filter(|index| chunks[**index].bytes[0] == 22).nth(1).unwrap();
    // No second hello, the first one again, another random value, no retry, and a second retry.
    session.with(|recording| drop(recording.chunks.remove(second))).refuse(CheckName::ServerHello);
    let repeated = session.with(|recording| {
        recording.chunks[second] = recording.chunks[0].clone();
        recording.chunks[second].bytes[2] = 3;
    });
    repeated.refuse(CheckName::ServerHello);
    session.with(|recording| recording.chunks[second].bytes[20] ^= 1).refuse(CheckName::ServerHello);
    let without_retry = session.with(|recording| {
        // Its change cipher spec goes as well.
        recording.chunks.remove(server[1]);
        recording.chunks.remove(server[0]);
    });
    without_retry.refuse(CheckName::ServerHello);
    session.with(|recording| recording.chunks[hello] = recording.chunks[server[0]].clone()).refuse(CheckName::ServerHello);
}

#[test]
fn cut_streams() {
    let session = plain();
    for direction in [ToBank, ToClient] {
        let last = *session.of(direction).last().unwrap();
        for kept in [1, 4, 5, 10] {
            session.with(|recording| recording.chunks[last].bytes.truncate(kept)).refuse(CheckName::Records);
        }
    }
    // The server closes before its response, during its flight, before its hello; nothing at all.
    let server = session.protected(ToClient);
    let until = |index: usize| {
        session.with(|recording| {
            let kept = recording.chunks.iter().take(index).cloned().collect();
            recording.chunks = kept;
        })
    };
    let response = server[session.flight + usize::from(session.tickets)];
    until(response).refuse(CheckName::ResponseRecords);
    until(server[0]).refuse(CheckName::Flight);
    until(1).refuse(CheckName::ServerHello);
    until(0).refuse(CheckName::ClientHello);
}

#[test]
fn alerts_and_odd_records() {
    let session = plain();
    let insert = |at: usize, direction, bytes: &[u8]| {
        session.with(|recording| recording.chunks.insert(at, Chunk { direction, bytes: bytes.to_vec() }))
    };
    let end = session.recording.chunks.len();
    let change = b"\x14\x03\x03\0\x01\x01";
    for at in [1, end] {
        insert(at, ToClient, b"\x15\x03\x03\0\x02\x02\x28").refuse(CheckName::Records);
        insert(at, ToBank, b"\x17\x03\x03\0\x10abcdefghijklmnop").refuse(CheckName::Records);
        insert(at, ToBank, b"\x18\x03\x03\0\x01\0").refuse(CheckName::Records);
        insert(at, ToBank, b"\x16\x03\x03\0\0").refuse(CheckName::Records);
        insert(at, ToBank, b"\x16\x03\x01\0\x01\x01").refuse(CheckName::Records);
        insert(at, ToBank, b"HTTP/1.1 400 Bad Request\r\n\r\n").refuse(CheckName::Records);
    }
    // A change cipher spec before any hello, a second one, one after protection, one with other content.
    insert(0, ToBank, change).refuse(CheckName::Records);
    insert(1, ToBank, change).refuse(CheckName::Records);
    insert(end, ToClient, change).refuse(CheckName::Records);
    insert(end, ToBank, b"\x16\x03\x03\0\x04\0\0\0\0").refuse(CheckName::Records);
    let own = session.of(ToBank)[1];
    assert_eq!(session.recording.chunks[own].bytes, change);
    session.with(|recording| recording.chunks[own].bytes[5] = 2).refuse(CheckName::Records);
    // Without it nothing is missing.
    session.with(|recording| drop(recording.chunks.remove(own))).accept();
}

#[test]
fn another_count_of_tickets() {
    let mut session = plain();
    let right = session.tickets;
    // Fewer: a ticket that came before the request can't be its response.
    session.tickets = right - 1;
    session.refuse(CheckName::Order);
    // One more: the response would be proved to be a ticket, and the closing alert the response: the proof's part.
    session.tickets = right + 1;
    assert_eq!(session.accept().response[0].content_length(), 2);
    // The closing alert is too short for a ticket, and no response would be left.
    for tickets in [right + 2, right + 3, 9, 255] {
        session.tickets = tickets;
        session.refuse(CheckName::ResponseRecords);
    }
}
