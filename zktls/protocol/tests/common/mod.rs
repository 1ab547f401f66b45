//! One value of each type, built from counting bytes.

use ed25519_dalek::SigningKey;
use parlance_zktls_protocol::{Claim, Direction, Hole, InnerHashes, Notarized, ProofFile, Recording, Salt, Session, nullifier};

/// `start, start + 1, ...`
pub fn counting<const N: usize>(start: u8) -> [u8; N] {
    std::array::from_fn(|at| start.wrapping_add(at as u8))
}

pub fn session() -> Session {
    Session { wallet: counting(0x10), chain: 8453, contract: counting(0x40), lender_nonce: counting(0x60), offer: counting(0x80) }
}

pub fn salt() -> Salt {
    Salt(counting(0xa0))
}

pub fn recording() -> Recording {
    let mut recording = Recording {
        commitment: session().commit(&salt()),
        domain: "api.demo-bank.example".into(),
        address: "192.0.2.7:443".parse().unwrap(),
        opened: 1_796_000_000,
        closed: 1_796_000_002,
        chunks: Vec::new(),
    };
    recording.push(Direction::ToBank, b"hello");
    recording.push(Direction::ToClient, b"wor");
    recording.push(Direction::ToClient, b"ld");
    recording.push(Direction::ToBank, b"");
    recording
}

pub fn key() -> SigningKey {
    SigningKey::from_bytes(&counting(1))
}

pub fn proof_file() -> ProofFile {
    ProofFile {
        version: 1,
        session: session(),
        salt: salt(),
        notarized: Notarized::sign(recording(), &key()).unwrap(),
        shts: counting(2),
        inner: InnerHashes { handshake: counting(3), derived: counting(4), master: counting(5), client: counting(6), server: counting(7) },
        claim: Claim {
            template: counting(8),
            at_least: 250_000,
            currency: *b"EUR",
            scope: *b"lenders1",
            nullifier: nullifier(b"lenders1", "api.demo-bank.example", b"7e57ed00-0000-4000-8000-000000000001").unwrap(),
        },
        request_holes: vec![Hole { name: "account".into(), length: 36 }, Hole { name: "credential".into(), length: 40 }],
        tickets: 2,
        proof: vec![0xfe; 9],
    }
}
