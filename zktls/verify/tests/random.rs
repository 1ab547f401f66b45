//! Whatever was recorded, checking it never panics.

mod common;

use std::sync::OnceLock;

use common::{DOMAIN, Recorded, empty_recording, plain};
use parlance_zktls_protocol::{Chunk, Direction, Suite};
use parlance_zktls_verify::hello::{Client, agree};
use parlance_zktls_verify::transcript::Transcript;
use parlance_zktls_verify::{examine, flight, records};
use proptest::prelude::*;

fn chunks() -> impl Strategy<Value = Vec<Chunk>> {
    // Bytes that are often records, with lengths that are often right.
    let record = (prop::sample::select(vec![20u8, 21, 22, 23, 24]), prop::collection::vec(any::<u8>(), 0..80), any::<bool>(), 0usize..90);
    let chunk = record.prop_map(|(kind, body, to_bank, kept)| {
        let mut bytes = [&[kind, 3, 3, 0, body.len() as u8], body.as_slice()].concat();
        bytes.truncate(kept.max(1));
        Chunk { direction: if to_bank { Direction::ToBank } else { Direction::ToClient }, bytes }
    });
    prop::collection::vec(chunk, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn random_records(chunks in chunks(), tickets in any::<u8>()) {
        let mut recording = empty_recording();
        recording.chunks = chunks;
        let (report, _) = examine(&recording, &[0; 32], tickets, &[]);
        prop_assert!(!report.accepted);
    }

    /// Hellos with a few bytes changed reach deeper than random ones.
    #[test]
    fn changed_hellos(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), cut in any::<prop::sample::Index>()) {
        let session = plain();
        let hellos = |direction| records::split(direction, records::records(&session.recording, direction).unwrap()).unwrap().hellos;
        let (mut client, mut server) = (hellos(Direction::ToBank), hellos(Direction::ToClient));
        for (at, byte) in &changes {
            let at_client = at.index(client.len());
            client[at_client] = *byte;
            let at_server = at.index(server.len());
            server[at_server] = *byte;
        }
        let _ = Client::read(&client[..cut.index(client.len())], DOMAIN);
        let original = hellos(Direction::ToBank);
        let original = Client::read(&original, DOMAIN).unwrap();
        let _ = agree(&server, &original);
        let _ = agree(&server[..cut.index(server.len())], &original);
        if let Ok(client) = Client::read(&client, DOMAIN) {
            let _ = agree(&server, &client);
        }
    }

    /// Whole sessions with a few bytes changed: where they are still accepted, the handshake is what it was.
    #[test]
    fn changed_sessions(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1u8..), 1..4), cut: Option<prop::sample::Index>) {
        static SESSION: OnceLock<Recorded> = OnceLock::new();
        let session = SESSION.get_or_init(plain);
        let handshake = |session: &Recorded| {
            let hellos = session.recording.chunks.iter().filter(|chunk| chunk.bytes[0] == 22).map(|chunk| chunk.bytes[5..].to_vec());
            let flight = session.protected(Direction::ToClient).into_iter().take(session.flight);
            hellos.chain(flight.map(|index| session.recording.chunks[index].bytes.clone())).collect::<Vec<_>>()
        };
        let changed = session.with(|recording| {
            for (chunk, at, by) in changes {
                let chunk = chunk.get_mut(&mut recording.chunks);
                *at.get_mut(&mut chunk.bytes) ^= by;
            }
            if let Some(cut) = cut {
                recording.chunks.truncate(cut.index(recording.chunks.len()));
            }
        });
        let (report, facts) = changed.examine();
        if report.accepted {
            prop_assert!(facts.is_some());
            prop_assert_eq!(handshake(&changed), handshake(session));
        }
    }

    #[test]
    fn random_flights(payload in prop::collection::vec(any::<u8>(), 0..200), secret in any::<[u8; 32]>()) {
        let record = records::Record { kind: 23, header: [23, 3, 3, 0, 0], payload, first: 0, last: 0 };
        for suite in [Suite::Aes128GcmSha256, Suite::ChaCha20Poly1305Sha256] {
            prop_assert!(flight::open(std::slice::from_ref(&record), suite, &secret, &Transcript::default()).is_err());
        }
    }
}
