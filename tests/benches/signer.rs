//! What the signer's care costs: a signature at level 0 over the real process, against a bare secp256k1 signature and one
//! durable SQLite commit in the same run; and what each process holds in memory.

use std::{hint::black_box, path::Path};

use alloy_primitives::{Bytes, U256};
use criterion::{Criterion, criterion_group, criterion_main};
use k256::ecdsa::{Signature, SigningKey, signature::hazmat::PrehashSigner};
use parlance_signer_protocol::Response;
use parlance_tests::{
    programs::resident_kb,
    signer::{Person, Signer, init},
    tx::{DEMO, LOCAL, unsigned},
};

fn signer(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("tempdir");
    let data = dir.path().join("signer");
    init(&data);
    let mut signer = Signer::start(&data, 1, Person::Refuses);
    println!("memory of the signer: {} kB resident", resident_kb(signer.pid()));
    let mut group = c.benchmark_group("one signature");
    // The replacement that cancels: level 0 in every pack, and again and again under the same nonce.
    let payload = unsigned(LOCAL, 0, DEMO, U256::ZERO, Bytes::new());
    group.bench_function("signer, level 0, over its socket", |b| {
        b.iter(|| assert!(matches!(signer.sign(payload.clone()), Response::Signed(_))));
    });
    let mut peer = Peer::open(&dir.path().join("peer.db"));
    group.bench_function("peer: bare secp256k1 and one durable SQLite commit", |b| b.iter(|| peer.sign()));
    group.finish();
}

/// What the same work costs without care.
struct Peer {
    db: rusqlite::Connection,
    key: SigningKey,
}

impl Peer {
    fn open(path: &Path) -> Self {
        let db = rusqlite::Connection::open(path).expect("opens");
        db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE spend (digest BLOB, amount INTEGER);")
            .expect("made");
        Self { db, key: SigningKey::from_slice(&[7; 32]).expect("a scalar") }
    }

    fn sign(&mut self) {
        let digest = [9u8; 32];
        self.db.execute("INSERT INTO spend VALUES (?1, ?2)", (digest.as_slice(), 1)).expect("committed");
        let signature: Signature = self.key.sign_prehash(&digest).expect("signed");
        black_box(signature);
    }
}

criterion_group!(benches, signer);
criterion_main!(benches);
