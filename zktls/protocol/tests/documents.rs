//! Documents: the vectors, and that every other spelling is refused.

mod common;

use common::{counting, key, proof_file, recording, salt, session};
use ed25519_dalek::SigningKey;
use parlance_zktls_protocol::{
    Chunk, Claim, Commitment, Direction, Hole, KeyId, MAX_DOCUMENT, Notarized, NotaryKey, ProofFile, ProtocolError, Recording, Session,
    nullifier,
};
use proptest::prelude::*;

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every document and every hash of it, as `name = "hex"` lines.
fn vectors() -> String {
    let file = proof_file();
    let lines = [
        ("session", hex(session().encode().unwrap())),
        ("commitment", hex(session().commit(&salt()).0)),
        ("recording", hex(recording().encode().unwrap())),
        ("recording_digest", hex(recording().digest().unwrap())),
        ("notary_key", hex(key().verifying_key().as_bytes())),
        ("notary_key_id", file.notarized.key.to_string()),
        ("notarized", hex(file.notarized.encode().unwrap())),
        ("claim", hex(file.claim.encode().unwrap())),
        ("nullifier", hex(file.claim.nullifier)),
        ("proof_file", hex(file.encode().unwrap())),
    ];
    lines.iter().map(|(name, value)| format!("{name} = \"{value}\"\n")).collect()
}

#[test]
fn the_vectors_hold() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/documents.toml");
    if std::env::var_os("WRITE_VECTORS").is_some() {
        std::fs::write(path, vectors()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), vectors());
}

#[test]
fn documents_read_back() {
    assert_eq!(Session::decode(&session().encode().unwrap()).unwrap(), session());
    assert_eq!(Recording::decode(&recording().encode().unwrap()).unwrap(), recording());
    assert_eq!(ProofFile::decode(&proof_file().encode().unwrap()).unwrap(), proof_file());
}

#[test]
fn what_is_cut_or_longer_is_refused() {
    let bytes = proof_file().encode().unwrap();
    for length in 0..bytes.len() {
        let error = ProofFile::decode(&bytes[..length]).unwrap_err();
        assert!(matches!(error, ProtocolError::Truncated { .. }), "{length}: {error}");
    }
    let longer = [bytes, vec![0]].concat();
    assert_eq!(ProofFile::decode(&longer), Err(ProtocolError::Trailing(1)));
}

#[test]
fn another_kind_version_or_format_is_refused() {
    let bytes = session().encode().unwrap();
    let with = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        Session::decode(&bytes).unwrap_err()
    };
    assert!(matches!(with(0, b'p'), ProtocolError::Magic { .. }));
    assert_eq!(with(5, 2), ProtocolError::Version { got: 2, expected: 1 });
    assert_eq!(with(6, 2), ProtocolError::Kind { got: 2, expected: 1 });
    assert!(Recording::decode(&bytes).is_err());
}

#[test]
fn values_out_of_bounds_are_not_written() {
    let recording_with = |change: fn(&mut Recording)| {
        let mut recording = recording();
        change(&mut recording);
        recording.encode()
    };
    assert!(recording_with(|r| r.domain = "Api.bank.example".into()).is_err());
    assert!(recording_with(|r| r.domain = "192.0.2.1".into()).is_err());
    assert!(recording_with(|r| r.domain = "bank.example.".into()).is_err());
    assert!(recording_with(|r| r.domain = "localhost".into()).is_err());
    assert!(recording_with(|r| r.domain = "-x.example".into()).is_err());
    assert!(recording_with(|r| r.domain = "bank\u{430}.example".into()).is_err());
    assert!(recording_with(|r| r.chunks.push(Chunk { direction: Direction::ToBank, bytes: Vec::new() })).is_err());
    assert!(recording_with(|r| r.push(Direction::ToBank, &[0; MAX_DOCUMENT])).is_err());
    assert!(recording_with(|r| r.address = "[fe80::1%3]:443".parse().unwrap()).is_err());
    let mut file = proof_file();
    file.claim.currency = *b"eur";
    assert!(file.encode().is_err());
    file.claim.currency = *b"EUR";
    file.request_holes = vec![Hole { name: "x".into(), length: 1 }; 9];
    assert!(file.encode().is_err());
    assert!(nullifier(b"lenders1", "a.example", b"").is_err());
    assert!(nullifier(b"lenders1", "a.example", &[b'a'; 47]).is_err());
}

#[test]
fn a_commitment_depends_on_every_part() {
    let mut all = vec![session().commit(&salt())];
    let change: [fn(&mut Session); 5] =
        [|s| s.wallet[19] ^= 1, |s| s.chain ^= 1 << 63, |s| s.contract[0] ^= 1, |s| s.lender_nonce[31] ^= 1, |s| s.offer[0] ^= 128];
    for change in change {
        let mut session = session();
        change(&mut session);
        all.push(session.commit(&salt()));
    }
    all.push(session().commit(&parlance_zktls_protocol::Salt(counting(0xa1))));
    let unique: std::collections::HashSet<Commitment> = all.iter().copied().collect();
    assert_eq!(unique.len(), all.len());
}

#[test]
fn nullifiers_differ_by_scope_bank_and_length() {
    let of = |scope: &[u8; 8], domain: &str, id: &[u8]| nullifier(scope, domain, id).unwrap();
    let one = of(b"lenders1", "a.example", b"a");
    assert_ne!(one, of(b"lenders2", "a.example", b"a"));
    assert_ne!(one, of(b"lenders1", "b.example", b"a"));
    assert_ne!(one, of(b"lenders1", "a.example", b"a\0"));
}

#[test]
fn another_key_does_not_verify() {
    let notarized = Notarized::sign(recording(), &key()).unwrap();
    notarized.verify(&key().verifying_key()).unwrap();
    let other = SigningKey::from_bytes(&counting(2)).verifying_key();
    assert!(notarized.verify(&other).is_err());
    assert!(Notarized { key: KeyId::of(&other), ..notarized }.verify(&other).is_err());
}

#[test]
fn a_key_log_reads_back_and_revocation_counts() {
    let mut key = NotaryKey { key: key().verifying_key(), operator: "Notary of the tests".into(), from: 100, until: 200, revoked: None };
    let text = toml::to_string(&key).unwrap();
    assert_eq!(toml::from_str::<NotaryKey>(&text).unwrap(), key);
    for wrong in ["", "zz", &"0".repeat(63), &"0".repeat(66), &"+1".repeat(32)] {
        let hex = hex(key.key.as_bytes());
        assert!(toml::from_str::<NotaryKey>(&text.replace(&hex, wrong)).is_err(), "{wrong}");
    }
    assert_eq!([99, 100, 200, 201].map(|time| key.valid_at(time)), [false, true, true, false]);
    key.revoked = Some(1_000);
    assert!(!key.valid_at(150));
}

fn recordings() -> impl Strategy<Value = Recording> {
    let chunk = (any::<bool>(), prop::collection::vec(any::<u8>(), 1..80))
        .prop_map(|(to_bank, bytes)| Chunk { direction: if to_bank { Direction::ToBank } else { Direction::ToClient }, bytes });
    let address = (any::<std::net::IpAddr>(), any::<u16>()).prop_map(std::net::SocketAddr::from);
    let domain = "[a-z0-9]{1,20}\\.[a-z]{2,10}";
    (any::<[u8; 32]>(), domain, address, any::<u64>(), any::<u64>(), prop::collection::vec(chunk, 0..20)).prop_map(
        |(commitment, domain, address, opened, closed, chunks)| Recording {
            commitment: Commitment(commitment),
            domain,
            address,
            opened,
            closed,
            chunks,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn recordings_read_back(recording in recordings()) {
        prop_assert_eq!(Recording::decode(&recording.encode().unwrap()).unwrap(), recording);
    }

    /// Whatever is read has one spelling: encoding it gives the bytes back.
    #[test]
    fn what_is_read_is_written_the_same(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = proof_file().encode().unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(file) = ProofFile::decode(&bytes) {
            prop_assert_eq!(file.encode().unwrap(), bytes);
        }
    }

    #[test]
    fn random_bytes_never_panic(kind in 1u8..6, body in prop::collection::vec(any::<u8>(), 0..600)) {
        let bytes = [b"PZKT\0\x01".as_slice(), &[kind], &body].concat();
        let _ = (Session::decode(&bytes), Recording::decode(&bytes), Notarized::decode(&bytes), Claim::decode(&bytes), ProofFile::decode(&bytes));
    }

    /// No bit of a notarized recording can be changed without the signature failing.
    #[test]
    fn flipped_bits_break_the_signature(at in any::<prop::sample::Index>(), bit in 0u32..8) {
        let mut bytes = Notarized::sign(recording(), &key()).unwrap().encode().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(notarized) = Notarized::decode(&bytes) {
            prop_assert!(notarized.verify(&key().verifying_key()).is_err());
        }
    }
}
