//! Whole statements over made-up sessions: what is true is proved and verified, what is not can't be.

use super::{Class, Public, Statement, Witness};
use crate::error::CircuitError;
use crate::proof::{Keys, prove, verify};
use crate::records::{APPLICATION_DATA, Capacity, HANDSHAKE, Layout, Record};
use crate::request::{Place, RequestShape};
use crate::response::{FieldPath, Form, ResponseShape, Threshold, native};
use crate::schedule::{Published, Secrets};
use aes::cipher::{BlockEncrypt, KeyInit};
use bellpepper::util_cs::witness_cs::WitnessCS;
use bellpepper_core::ConstraintSystem;
use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
use ff::PrimeField;
use parlance_zktls_protocol::{Suite, nullifier, scope_at};
use vega_prover::bellpepper::solver::SatisfyingAssignment;
use vega_prover::provider::T256HyraxEngine;
use vega_prover::traits::circuit::VegaCircuit;
use zeroize::Zeroizing;

const DOMAIN: &str = "api.demo-bank.example";
const ID: &str = "7f3f0f0a-3c5c-4f6e-9d8b-0d4d5a8f6c21";
const HANDSHAKE_SECRET: [u8; 32] = [7; 32];
const TH1: [u8; 32] = [1; 32];
const TH2: [u8; 32] = [2; 32];

/// Small, so that a test takes seconds.
fn small(suite: Suite) -> Class {
    Class { suite, request: Capacity { text: 128, records: 1 }, response: Capacity { text: 320, records: 4 } }
}

fn record(suite: Suite, key: &[u8], iv: &[u8; 12], sequence: u64, content: &[u8], inner_type: u8) -> Record {
    let mut nonce = *iv;
    nonce.iter_mut().rev().zip(sequence.to_le_bytes()).for_each(|(n, s)| *n ^= s);
    let mut ciphertext = [content, &[inner_type]].concat();
    match suite {
        Suite::Aes128GcmSha256 => {
            let cipher = aes::Aes128::new_from_slice(key).unwrap();
            for (i, chunk) in ciphertext.chunks_mut(16).enumerate() {
                let mut block = [nonce.as_slice(), &(i as u32 + 2).to_be_bytes()].concat();
                cipher.encrypt_block(block.as_mut_slice().into());
                chunk.iter_mut().zip(block).for_each(|(c, k)| *c ^= k);
            }
        }
        Suite::ChaCha20Poly1305Sha256 => {
            let mut cipher = chacha20::ChaCha20::new_from_slices(key, &nonce).unwrap();
            cipher.seek(64_u64);
            cipher.apply_keystream(&mut ciphertext);
        }
    }
    Record { sequence, ciphertext, inner_type }
}

struct Told {
    request: Vec<u8>,
    response: Vec<u8>,
    places: RequestShape,
    shape: ResponseShape,
    threshold: Threshold,
    /// Where the response is cut into records.
    cuts: Vec<usize>,
}

impl Told {
    fn new() -> Self {
        let request = format!("GET /v1/accounts/{ID}/balance HTTP/1.1\r\nAuthorization: Bearer s3cret-token\r\n\r\n").into_bytes();
        let token = request.windows(12).position(|w| w == b"s3cret-token").unwrap();
        let id = request.windows(ID.len()).position(|w| w == ID.as_bytes()).unwrap();
        let place = |(i, byte): (usize, &u8)| match i {
            i if (token..token + 12).contains(&i) => Place::Credential,
            i if (id..id + ID.len()).contains(&i) => Place::Parameter,
            _ => Place::Fixed(*byte),
        };
        let places = RequestShape(request.iter().enumerate().map(place).collect());
        let response =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{{\"id\":\"{ID}\",\"note\":\"}}{{\\\"balance\\\": 9}}\",\"currency\":\"EUR\",\"balance\":1000.00}}").into_bytes();
        let shape = ResponseShape {
            depth: 1,
            balance: FieldPath::one("balance"),
            form: Form::Decimal(2),
            quoted: false,
            currency: Some(FieldPath::one("currency")),
            kind: None,
            id: Some(FieldPath::one("id")),
        };
        Self { request, response, places, shape, threshold: Threshold { at_least: 100_000, currency: *b"EUR" }, cuts: vec![50, 96] }
    }

    /// Chunked, one of two elements, white space, a long key, the largest number.
    fn rich() -> Self {
        let body = format!(
            "[ {{\"id\":\"-\"}},\n{{\"a key of more than 24 bytes\" : [{{}}],\"id\":\"{ID}\",\"currency\" :\"EUR\",\"balance\":999999999999999.9999}}]"
        );
        let response = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x};x=y\r\n{body}\r\n0\r\n\r\n", body.len());
        let Self { shape, threshold, .. } = Self::new();
        Self {
            response: response.into_bytes(),
            shape: ResponseShape { depth: 2, form: Form::Decimal(4), ..shape },
            threshold: Threshold { at_least: 1, ..threshold },
            ..Self::new()
        }
    }

    fn statement(&self, suite: Suite) -> (Public, Witness) {
        self.encrypted(suite, &Secrets::derive(suite, &HANDSHAKE_SECRET, &TH1, &TH2))
    }

    /// The session as these keys encrypt it; what is public rests on the verifier's own transcript hashes.
    fn encrypted(&self, suite: Suite, secrets: &Secrets) -> (Public, Witness) {
        let class = small(suite);
        let asked = record(suite, &secrets.client_key, &secrets.client_iv, 0, &self.request, APPLICATION_DATA);
        let ticket = record(suite, &secrets.server_key, &secrets.server_iv, 0, &[4; 217], HANDSHAKE);
        let mut answered = Vec::new();
        let mut from = 0;
        for to in self.cuts.iter().copied().chain([self.response.len()]) {
            let sequence = 1 + answered.len() as u64;
            answered.push(record(suite, &secrets.server_key, &secrets.server_iv, sequence, &self.response[from..to], APPLICATION_DATA));
            from = to;
        }
        let public = Public {
            class,
            schedule: Published::new(suite, secrets.midstates(), secrets.shts, &TH1, &TH2),
            request: Layout::new(suite, class.request, &[], &[asked]).unwrap(),
            response: Layout::new(suite, class.response, &[ticket], &answered).unwrap(),
            places: self.places.clone(),
            id: None,
            shape: self.shape.clone(),
            threshold: self.threshold,
            scope: scope_at(b"demo/one", DOMAIN),
            nullifier: nullifier(b"demo/one", DOMAIN, ID.as_bytes()).unwrap(),
            commitment: [9; 32],
        };
        let found = native::find(&self.shape, &self.threshold, &self.response).unwrap();
        let witness = Witness { handshake: Zeroizing::new(HANDSHAKE_SECRET), found, id: Zeroizing::new(ID.as_bytes().to_vec()) };
        (public, witness)
    }
}

#[test]
fn what_is_true_is_proved_and_only_for_what_it_is_about() {
    for suite in [Suite::Aes128GcmSha256, Suite::ChaCha20Poly1305Sha256] {
        let (public, witness) = Told::new().statement(suite);
        let keys = Keys::of(public.class).unwrap();
        eprintln!("{suite:?}: {:?}", keys.sizes());
        let proof = prove(&keys, &Statement::new(public.clone(), witness)).unwrap();
        let elements = public.elements().unwrap();
        verify(&keys, &elements, &proof).unwrap();
        eprintln!("{} bytes, {} public inputs", proof.len(), elements.len());

        // Any other public value, and the proof is about something else.
        for (what, change) in [
            ("threshold", Box::new(|p: &mut Public| p.threshold.at_least += 1) as Box<dyn Fn(&mut Public)>),
            ("currency", Box::new(|p: &mut Public| p.threshold.currency = *b"USD")),
            ("commitment", Box::new(|p: &mut Public| p.commitment[0] ^= 1)),
            ("nullifier", Box::new(|p: &mut Public| p.nullifier[31] ^= 1)),
            ("scope", Box::new(|p: &mut Public| p.scope[0] ^= 1)),
            ("secret", Box::new(|p: &mut Public| p.schedule.shts[0] ^= 1)),
            ("ciphertext", Box::new(|p: &mut Public| p.response.blocks[3].rows[0].ciphertext[0] ^= 1)),
            ("sequence", Box::new(|p: &mut Public| p.response.blocks[3].place.sequence ^= 1)),
            ("length", Box::new(|p: &mut Public| p.response.length -= 1)),
        ] {
            let mut other = public.clone();
            change(&mut other);
            let refused = verify(&keys, &other.elements().unwrap(), &proof);
            assert!(matches!(refused, Err(CircuitError::Refused(_))), "{what}");
        }
        let other = prove_with(&public, |p| p.threshold.at_least = 100_001);
        assert!(matches!(other, Err(CircuitError::Refused(_))), "one cent more than there is can't be proved: {other:?}");
    }
}

/// Proves something that is not true with the honest witness.
fn prove_with(public: &Public, change: impl Fn(&mut Public)) -> Result<Vec<u8>, CircuitError> {
    let (_, witness) = Told::new().statement(public.class.suite);
    let mut other = public.clone();
    change(&mut other);
    let keys = Keys::of(public.class)?;
    prove(&keys, &Statement::new(other, witness))
}

#[test]
fn nothing_else_of_the_session_holds() {
    let (public, _) = Told::new().statement(Suite::Aes128GcmSha256);
    for (what, change) in [
        ("another secret", Box::new(|p: &mut Public| p.schedule.shts[0] ^= 1) as Box<dyn Fn(&mut Public)>),
        ("another midstate", Box::new(|p: &mut Public| p.schedule.midstates.server[5] ^= 1)),
        ("another nonce", Box::new(|p: &mut Public| p.response.blocks[1].place.sequence += 1)),
        (
            "records exchanged",
            Box::new(|p: &mut Public| {
                let (a, b) = (p.response.blocks[1].rows[0].base, p.response.blocks[2].rows[0].base);
                p.response.blocks[1].rows[0].base = b;
                p.response.blocks[2].rows[0].base = a;
            }),
        ),
        ("a skipped record that is data", Box::new(|p: &mut Public| p.response.types[0] += 1)),
        ("another header", Box::new(|p: &mut Public| p.places.0[0] = Place::Fixed(b'P'))),
        ("another account", Box::new(|p: &mut Public| p.nullifier[0] ^= 1)),
        ("another currency", Box::new(|p: &mut Public| p.threshold.currency = *b"USD")),
        ("another key", Box::new(|p: &mut Public| p.shape.balance = FieldPath::one("balanca"))),
    ] {
        let refused = prove_with(&public, change);
        assert!(matches!(refused, Err(CircuitError::Refused(_))), "{what}: {refused:?}");
    }
}

/// Keys and nonces follow from the handshake secret and the verifier's transcript, and from nothing that the prover brings.
#[test]
fn ivs_and_transcript_hashes_are_not_the_provers_to_choose() {
    for suite in [Suite::Aes128GcmSha256, Suite::ChaCha20Poly1305Sha256] {
        let derived = |th1, th2| Secrets::derive(suite, &HANDSHAKE_SECRET, th1, th2);
        let with = |change: fn(&mut Secrets)| {
            let mut secrets = derived(&TH1, &TH2);
            change(&mut secrets);
            secrets
        };
        for (what, secrets) in [
            ("the server's IV", with(|s| s.server_iv[0] ^= 1)),
            ("the client's IV", with(|s| s.client_iv[11] ^= 1)),
            ("the server's key", with(|s| s.server_key[0] ^= 1)),
            ("the transcript up to the server's Finished", derived(&TH1, &[3; 32])),
            ("the transcript up to the server's hello", derived(&[3; 32], &TH2)),
        ] {
            let (public, witness) = Told::new().encrypted(suite, &secrets);
            let refused = prove(&Keys::of(public.class).unwrap(), &Statement::new(public, witness));
            assert!(matches!(refused, Err(CircuitError::Refused(_))), "{suite:?}, {what}: {refused:?}");
        }
        // What holds for a transcript of the prover's is no proof about the recorded one.
        let (mut public, witness) = Told::new().encrypted(suite, &derived(&TH1, &[3; 32]));
        let recorded = public.elements().unwrap();
        public.schedule = Published::new(suite, public.schedule.midstates.clone(), public.schedule.shts, &TH1, &[3; 32]);
        let keys = Keys::of(public.class).unwrap();
        let proof = prove(&keys, &Statement::new(public, witness)).unwrap();
        assert!(matches!(verify(&keys, &recorded, &proof), Err(CircuitError::Refused(_))), "{suite:?}");
    }
}

/// The answer would be good, but it answers something else.
#[test]
fn an_echo_or_a_second_request_proves_nothing() {
    let honest = String::from_utf8(Told::new().request).unwrap();
    for (what, from, to) in [
        ("an endpoint that echoes", "/balance", "/echoing"),
        ("a header that is echoed", "Authorization: Bearer ", "X-Echo: {\"balance\":9} "),
        ("a token that is JSON", "s3cret-token", "a\"balance\":9"),
        ("a second request in the token", "s3cret-token", "x\r\n\r\nGET /e "),
        ("a parameter that leads elsewhere", "7f3f0f0a-3c5c", "../echo?x=1&y"),
        ("another method", "GET /v1", "PUT /v1"),
    ] {
        assert!(from.len() == to.len() && honest.contains(from), "{what}");
        let told = Told { request: honest.replacen(from, to, 1).into_bytes(), ..Told::new() };
        let (public, witness) = told.statement(Suite::Aes128GcmSha256);
        let refused = prove(&Keys::of(public.class).unwrap(), &Statement::new(public, witness));
        assert!(matches!(refused, Err(CircuitError::Refused(_))), "{what}: {refused:?}");
    }
}

#[test]
fn broken_proofs_are_refused_without_panic() {
    let (public, witness) = Told::new().statement(Suite::Aes128GcmSha256);
    let keys = Keys::of(public.class).unwrap();
    let proof = prove(&keys, &Statement::new(public.clone(), witness)).unwrap();
    let elements = public.elements().unwrap();
    let refused = |bytes: &[u8], what: &str| assert!(matches!(verify(&keys, &elements, bytes), Err(CircuitError::Refused(_))), "{what}");
    refused(&[], "nothing");
    refused(&proof[..proof.len() - 1], "one byte less");
    refused(&[proof.as_slice(), &[0]].concat(), "one byte more");
    let mutations = if std::env::var_os("PARLANCE_SOAK").is_some() { 10_000 } else { 200 };
    for n in 0..mutations {
        let mut bytes = proof.clone();
        let at = (n * 7_919 + n * n * 31) % bytes.len();
        bytes[at] ^= 1 << (n % 8);
        refused(&bytes, &format!("bit {} of byte {at}", n % 8));
    }
    assert!(verify(&keys, &elements[1..], &proof).is_err(), "fewer public values");
}

#[test]
fn the_circuits_public_inputs_are_the_verifiers() {
    for suite in [Suite::Aes128GcmSha256, Suite::ChaCha20Poly1305Sha256] {
        let (public, witness) = Told::new().statement(suite);
        let elements = public.elements().unwrap();
        let first = Statement::new(public, witness).first(&mut SatisfyingAssignment::<T256HyraxEngine>::new()).unwrap();
        assert_eq!(first.ties.values().unwrap(), elements);
    }
}

/// What is committed before the random point is drawn is cut to 64 bits in silence.
#[test]
fn nothing_is_wide_before_the_random_point() {
    for suite in [Suite::Aes128GcmSha256, Suite::ChaCha20Poly1305Sha256] {
        for told in [Told::new(), Told::rich()] {
            let (public, witness) = told.statement(suite);
            let mut cs = WitnessCS::new();
            Statement::new(public, witness).precommitted(&mut cs, &[]).unwrap();
            let all = cs.aux_assignment();
            let largest = all.iter().map(|value| value.to_repr().as_ref().iter().rposition(|byte| *byte != 0)).max().unwrap();
            assert!(all.len() > 300_000 && largest < Some(8), "{suite:?}: a value of {largest:?} bytes");
        }
    }
}

#[test]
fn an_id_comes_from_one_place() {
    let (mut public, _) = Told::new().statement(Suite::Aes128GcmSha256);
    public.id = Some((17, 36));
    assert!(matches!(public.elements(), Err(CircuitError::Id { request: true, response: true })));
}
