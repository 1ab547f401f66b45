//! Real sessions of rustls with itself, which must be accepted.

mod common;

use common::{DOMAIN, Key, Options, REQUEST, RESPONSE, ToBank, ToClient, identity, plain, run};
use parlance_zktls_protocol::{Chunk, Recording, Suite};
use proptest::prelude::*;
use rustls::crypto::ring::cipher_suite::{TLS13_AES_128_GCM_SHA256, TLS13_CHACHA20_POLY1305_SHA256};
use rustls::crypto::ring::kx_group::{SECP256R1, SECP384R1, X25519};

#[test]
fn both_suites_and_groups() {
    for suite in [TLS13_AES_128_GCM_SHA256, TLS13_CHACHA20_POLY1305_SHA256] {
        for group in [X25519, SECP256R1, SECP384R1] {
            let session =
                run(Options { suites: vec![suite], client_groups: vec![group], server_groups: vec![group], ..Options::default() });
            let facts = session.accept();
            assert_eq!(facts.suite.number(), u16::from(suite.suite()));
            assert!(!facts.retried);
        }
    }
}

#[test]
fn aes_is_taken_when_both_are_offered() {
    let suites = vec![TLS13_AES_128_GCM_SHA256, TLS13_CHACHA20_POLY1305_SHA256];
    assert_eq!(run(Options { suites, ..Options::default() }).accept().suite, Suite::Aes128GcmSha256);
}

#[test]
fn a_retry_for_another_group() {
    let session = run(Options { client_groups: vec![X25519, SECP256R1], server_groups: vec![SECP256R1], ..Options::default() });
    let facts = session.accept();
    assert!(facts.retried);
}

#[test]
fn every_kind_of_certificate() {
    for key in [Key::P256, Key::P384, Key::Ed25519, Key::Rsa] {
        run(Options { identity: identity(&[DOMAIN], key, |_| ()), ..Options::default() }).accept();
    }
    let wildcard = identity(&["other.example", "*.demo-bank.example"], Key::P256, |_| ());
    run(Options { identity: wildcard, ..Options::default() }).accept();
}

#[test]
fn tickets_fragments_and_several_requests_records() {
    for tickets in [0, 1, 4] {
        let session = run(Options { tickets, ..Options::default() });
        assert_eq!(session.tickets > 0, tickets > 0);
        let facts = session.accept();
        assert_eq!(facts.tickets.len(), usize::from(session.tickets));
        assert_eq!(facts.response[0].sequence, u64::from(session.tickets));
    }
    let session = run(Options { fragment: Some(64), response: vec![b'x'; 500], ..Options::default() });
    assert!(session.flight > 5);
    let facts = session.accept();
    assert!(facts.response.len() > 7);
    let (head, tail) = REQUEST.split_at(9);
    let facts = run(Options { request: vec![head.to_vec(), tail.to_vec()], ..Options::default() }).accept();
    assert_eq!(facts.request.iter().map(|part| (part.sequence, part.content_length())).collect::<Vec<_>>(), [(0, 9), (1, tail.len())]);
}

#[test]
fn a_server_without_alpn() {
    run(Options { server_alpn: false, ..Options::default() }).accept();
}

#[test]
fn a_client_that_closes_without_an_alert() {
    let session = plain();
    let last = *session.protected(ToBank).last().unwrap();
    let facts = session.with(|recording| drop(recording.chunks.remove(last))).accept();
    assert_eq!(facts.request.len(), 1);
}

#[test]
fn what_is_request_and_response() {
    let session = plain();
    let facts = session.accept();
    let lengths = |records: &[parlance_zktls_verify::Ciphertext]| records.iter().map(|r| r.content_length()).collect::<Vec<_>>();
    assert_eq!(lengths(&facts.request), [REQUEST.len()]);
    // The response, and the server's closing alert.
    assert_eq!(lengths(&facts.response), [RESPONSE.len(), 2]);
    let request = &session.recording.chunks[session.protected(ToBank)[1]].bytes;
    assert_eq!(facts.request[0].bytes, request[5..request.len() - 16]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// How the network cut the streams does not matter, as long as what came before what stays.
    #[test]
    fn any_cutting_is_read_the_same(cuts in prop::collection::vec(1usize..40, 1..50)) {
        let session = plain();
        let mut cuts = cuts.iter().cycle();
        let recut = session.with(|recording: &mut Recording| {
            recording.chunks = recording.chunks.iter().flat_map(|chunk| {
                let mut pieces = Vec::new();
                let mut rest = chunk.bytes.as_slice();
                while !rest.is_empty() {
                    let (piece, after) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
                    pieces.push(Chunk { direction: chunk.direction, bytes: piece.to_vec() });
                    rest = after;
                }
                pieces
            }).collect();
        });
        prop_assert_eq!(recut.accept(), session.accept());
    }

    /// A flipped bit is noticed, or changes what the proof is about; but for what nothing rests on: the first record's old
    /// version, the client's Finished and alert, which the server checks, and the tags of application data.
    #[test]
    fn no_bit_that_matters_can_change(chunk in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0u32..8) {
        let session = plain();
        let facts = session.accept();
        let index = chunk.index(session.recording.chunks.len());
        let length = session.recording.chunks[index].bytes.len();
        let at = at.index(length);
        let (report, other) = session.with(|recording| recording.chunks[index].bytes[at] ^= 1 << bit).examine();
        let (client, server) = (session.protected(ToBank), session.protected(ToClient));
        let data = client.contains(&index) || server[session.flight..].contains(&index);
        let nothing_rests_on_it = (index == 0 && at == 2)
            || index == client[0]
            || index == *client.last().unwrap()
            || (data && at >= length - 16);
        prop_assert!(!report.accepted || other != Some(facts) || nothing_rests_on_it, "chunk {} byte {}", index, at);
        prop_assert!(!report.accepted || data || index == 0);
    }
}
