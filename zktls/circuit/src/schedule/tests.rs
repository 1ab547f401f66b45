use bellpepper_core::ConstraintSystem;
use bellpepper_core::test_cs::TestConstraintSystem;
use ff::Field;
use hkdf::Hkdf;
use parlance_zktls_protocol::{MAX_ID, Suite, nullifier as of_account, scope_at};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use vega_prover::bellpepper::shape_cs::ShapeCS;
use vega_prover::provider::T256HyraxEngine;

use super::hmac::Hmac;
use super::native::{Label, expand_label, handshake_secret, hmac, traffic_iv, traffic_key};
use super::nullifier::nullifier;
use super::word::Function::{Choice, Majority, Xor};
use super::word::Word;
use super::*;
use crate::bytes::Byte;
use crate::proof::Scalar as F;
use crate::record::Record;

fn hex32(text: &str) -> [u8; 32] {
    hex::decode(text).unwrap().try_into().unwrap()
}

/// RFC 8448, section 3: "Simple 1-RTT Handshake", TLS_AES_128_GCM_SHA256.
mod rfc8448 {
    pub const SHARED: &str = "8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d";
    pub const HANDSHAKE: &str = "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac";
    pub const TH1: &str = "860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8";
    pub const SHTS: &str = "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38";
    pub const SHTS_FINISHED: &str = "008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8";
    pub const SHTS_KEY: &str = "3fce516009c21727d0f2e4e86ee403bc";
    pub const SHTS_IV: &str = "5d313eb2671276ee13000b30";
    pub const DERIVED: &str = "43de77e0c77713859a944db9db2590b53190a65b3ee2e4f12dd7a0bb7ce254b4";
    pub const MASTER: &str = "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919";
    pub const TH2: &str = "9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13";
    pub const CLIENT: &str = "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5";
    pub const SERVER: &str = "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643";
    pub const CLIENT_KEY: &str = "17422dda596ed5d9acd890e3c63f5051";
    pub const CLIENT_IV: &str = "5b78923dee08579033e523d9";
    pub const SERVER_KEY: &str = "9f02283b6c9c07efc26bb9f2ac92e356";
    pub const SERVER_IV: &str = "cf782b88dd83549aadf1e984";
}

fn rfc_secrets() -> Secrets {
    Secrets::derive(Suite::Aes128GcmSha256, &hex32(rfc8448::HANDSHAKE), &hex32(rfc8448::TH1), &hex32(rfc8448::TH2))
}

#[test]
fn the_secrets_of_rfc_8448() {
    use rfc8448::*;
    assert_eq!(hex::encode(*handshake_secret(&hex::decode(SHARED).unwrap())), HANDSHAKE);
    let s = rfc_secrets();
    let got = [s.shts, s.derived, s.master, s.client, s.server].map(hex::encode);
    assert_eq!(got, [SHTS, DERIVED, MASTER, CLIENT, SERVER]);
    let got = [hex::encode(&s.client_key), hex::encode(s.client_iv), hex::encode(&s.server_key), hex::encode(s.server_iv)];
    assert_eq!(got, [CLIENT_KEY, CLIENT_IV, SERVER_KEY, SERVER_IV]);
    assert_eq!(hex::encode(traffic_key(Suite::Aes128GcmSha256, &s.shts)), SHTS_KEY);
    assert_eq!(hex::encode(traffic_iv(&s.shts)), SHTS_IV);
    assert_eq!(hex::encode(expand_label::<32>(&s.shts, Label::Finished, None)), SHTS_FINISHED);
    assert_eq!(format!("{s:?}"), "Secrets(..)", "no secret is ever printed");
}

/// HKDF-Expand-Label over another implementation of HKDF.
fn reference(secret: &[u8], label: &str, context: &[u8], len: usize) -> Vec<u8> {
    let label = format!("tls13 {label}");
    let info = [&[0, len as u8, label.len() as u8], label.as_bytes(), &[context.len() as u8], context].concat();
    let mut out = vec![0; len];
    Hkdf::<Sha256>::from_prk(secret).unwrap().expand(&info, &mut out).unwrap();
    out
}

/// The published values one by one, from scratch: what a second implementation of the verifier would make.
fn outer(key: &[u8], inner: &[u8]) -> Vec<u8> {
    let mut block = [0x5c; 64];
    block.iter_mut().zip(key).for_each(|(b, k)| *b ^= k);
    Sha256::new().chain_update(block).chain_update(inner).finalize().to_vec()
}

proptest! {
    #[test]
    fn secrets_are_those_of_another_implementation(
        shared in prop::collection::vec(any::<u8>(), 32..=66), th1: [u8; 32], th2: [u8; 32], aes: bool,
    ) {
        let suite = if aes { Suite::Aes128GcmSha256 } else { Suite::ChaCha20Poly1305Sha256 };
        let len = usize::from(suite.key_length());
        let nothing = Sha256::digest(b"");
        let (early, _) = Hkdf::<Sha256>::extract(None, &[0; 32]);
        let (hs, _) = Hkdf::<Sha256>::extract(Some(&reference(&early, "derived", &nothing, 32)), &shared);
        let handshake = handshake_secret(&shared);
        prop_assert_eq!(&handshake[..], &hs[..]);
        let s = Secrets::derive(suite, &handshake, &th1, &th2);
        prop_assert_eq!(s.shts.to_vec(), reference(&hs, "s hs traffic", &th1, 32));
        prop_assert_eq!(s.derived.to_vec(), reference(&hs, "derived", &nothing, 32));
        let (ms, _) = Hkdf::<Sha256>::extract(Some(&s.derived), &[0; 32]);
        prop_assert_eq!(&s.master[..], &ms[..]);
        let (client, server) = (reference(&ms, "c ap traffic", &th2, 32), reference(&ms, "s ap traffic", &th2, 32));
        prop_assert_eq!(&s.client[..], &client);
        prop_assert_eq!(&s.server[..], &server);
        prop_assert_eq!(&s.client_key, &reference(&client, "key", b"", len));
        prop_assert_eq!(&s.server_key, &reference(&server, "key", b"", len));
        prop_assert_eq!(s.client_iv.to_vec(), reference(&client, "iv", b"", 12));
        prop_assert_eq!(s.server_iv.to_vec(), reference(&server, "iv", b"", 12));

        // What is published leads to the same: only outer compressions are left to be proved.
        let p = Published::new(suite, s.midstates(), s.shts, &th1, &th2);
        prop_assert_eq!(outer(&s.handshake, &p.inner.shts), s.shts);
        prop_assert_eq!(outer(&s.handshake, &p.inner.derived), s.derived);
        prop_assert_eq!(outer(&s.derived, &p.inner.master), s.master);
        prop_assert_eq!(outer(&s.master, &p.inner.client), s.client);
        prop_assert_eq!(outer(&s.master, &p.inner.server), s.server);
        prop_assert_eq!(&outer(&s.client, &p.inner.client_key)[..len], &s.client_key);
        prop_assert_eq!(&outer(&s.client, &p.inner.client_iv)[..12], s.client_iv);
        prop_assert_eq!(&outer(&s.server, &p.inner.server_key)[..len], &s.server_key);
        prop_assert_eq!(&outer(&s.server, &p.inner.server_iv)[..12], s.server_iv);
        prop_assert_eq!(Published::from_array(p.clone().into_array()), p);
    }

    #[test]
    fn hmac_and_hashes_are_sha_256s(key: [u8; 32], message in prop::collection::vec(any::<u8>(), 0..300)) {
        let inner = {
            let mut block = [0x36; 64];
            block.iter_mut().zip(&key).for_each(|(b, k)| *b ^= k);
            Sha256::new().chain_update(block).chain_update(&message).finalize()
        };
        prop_assert_eq!(hmac(&key, &message).to_vec(), outer(&key, &inner));
        prop_assert_eq!(sha256::finish(sha256::IV, 0, &message).to_vec(), Sha256::digest(&message).to_vec());
        prop_assert_eq!(sha256::to_bytes(&sha256::from_bytes(&key)), key);
    }
}

fn alloc<CS: ConstraintSystem<F>>(cs: &mut CS, name: &str, bytes: &[u8]) -> Vec<Byte> {
    let byte = |(i, &b)| Byte::alloc(&mut cs.namespace(|| format!("{name} {i}")), Some(b)).unwrap();
    bytes.iter().enumerate().map(byte).collect()
}

fn values(bytes: &[Byte]) -> Vec<u8> {
    bytes.iter().map(|b| b.value().unwrap()).collect()
}

/// The circuit for a handshake secret and published values that need not belong together.
fn schedule<CS: ConstraintSystem<F>>(cs: &mut CS, suite: Suite, hs: &[u8], published: &Published<[u8; 32]>) -> TrafficKeys {
    let hs = alloc(cs, "hs", hs);
    let public = PublicSchedule::from_bytes(&alloc(cs, "public", &published.to_bytes())).unwrap();
    key_schedule(cs, suite, &hs, &public).unwrap()
}

fn rfc_published(suite: Suite) -> Published<[u8; 32]> {
    let (th1, th2) = (hex32(rfc8448::TH1), hex32(rfc8448::TH2));
    let s = Secrets::derive(suite, &hex32(rfc8448::HANDSHAKE), &th1, &th2);
    Published::new(suite, s.midstates(), s.shts, &th1, &th2)
}

#[test]
fn the_circuit_gives_the_keys_of_rfc_8448_in_this_many_constraints() {
    let published = rfc_published(Suite::Aes128GcmSha256);
    let mut cs = Record::<F>::new();
    let keys = schedule(&mut cs, Suite::Aes128GcmSha256, &hex32(rfc8448::HANDSHAKE), &published);
    assert!(cs.is_satisfied());
    let got = [&keys.client_key, &keys.client_iv, &keys.server_key, &keys.server_iv].map(|k| hex::encode(values(k)));
    assert_eq!(got, [rfc8448::CLIENT_KEY, rfc8448::CLIENT_IV, rfc8448::SERVER_KEY, rfc8448::SERVER_IV]);
    let inputs = 8 * 32 * (PUBLISHED + 1);
    assert_eq!((cs.constraints() - inputs, cs.variables() - inputs), (329_452, 325_944));
}

#[test]
fn longer_keys_for_chacha20() {
    let suite = Suite::ChaCha20Poly1305Sha256;
    let (hs, th1, th2) = ([3; 32], [4; 32], [5; 32]);
    let s = Secrets::derive(suite, &hs, &th1, &th2);
    let mut cs = Record::<F>::new();
    let keys = schedule(&mut cs, suite, &hs, &Published::new(suite, s.midstates(), s.shts, &th1, &th2));
    assert!(cs.is_satisfied());
    assert_eq!((values(&keys.client_key), values(&keys.server_key)), (s.client_key.clone(), s.server_key.clone()));
    assert_eq!((values(&keys.client_iv), values(&keys.server_iv)), (s.client_iv.to_vec(), s.server_iv.to_vec()));
}

/// A prover who computes honestly from a lie: another secret, or a published value that is not the secret's.
#[test]
fn nothing_published_can_be_another() {
    let honest = rfc_published(Suite::Aes128GcmSha256);
    let hs = hex32(rfc8448::HANDSHAKE);
    let holds = |hs: &[u8], published: &Published<[u8; 32]>| {
        let mut cs = Record::<F>::new();
        schedule(&mut cs, Suite::Aes128GcmSha256, hs, published);
        cs.is_satisfied()
    };
    let mut other = hs;
    other[31] ^= 1;
    assert!(!holds(&other, &honest), "another handshake secret");
    // Midstates and the secret are compared; the inner hashes of secrets lead to others. Those of the traffic keys are the
    // verifier's own, and only say which keys come out.
    for i in (0..10).chain([14]) {
        let mut values = honest.clone().into_array();
        values[i][2 * i] ^= 0x80 >> (i % 8);
        assert!(!holds(&hs, &Published::from_array(values)), "published value {i}");
    }
}

#[test]
fn no_variable_of_a_derivation_can_change_alone() {
    let mut cs = Record::<F>::new();
    let key: [u8; 32] = std::array::from_fn(|i| 7 * i as u8);
    let message = [9; 32];
    let inner = native::inner_hash(&native::inner_midstate(&key), &message);
    let bytes = |cs: &mut Record<F>, name, value: &[u8]| -> [Byte; 32] { alloc(cs, name, value).try_into().unwrap() };
    let (k, m) = (bytes(&mut cs, "key", &key), bytes(&mut cs, "midstate", &native::inner_midstate(&key)));
    let i = bytes(&mut cs, "inner", &inner);
    let hmac_key = Hmac::new(&mut cs, &k, &m).unwrap();
    let output = hmac_key.output(cs.namespace(|| "output"), &i).unwrap();
    let published = bytes(&mut cs, "published", &hmac(&key, &message));
    sha256::enforce_equal(&mut cs, &output, &published);
    assert_eq!(values(&output), hmac(&key, &message));
    assert!(cs.is_satisfied());
    assert_eq!(cs.unnoticed(), Vec::<usize>::new());
}

/// From a state and a block of which nothing is known beforehand.
#[test]
fn a_compression_in_this_many_constraints() {
    let (state, block) = ([0x0123_4567_u32; 8], [0xe7; 64]);
    let mut cs = Record::<F>::new();
    let before = alloc(&mut cs, "state", &sha256::to_bytes(&state));
    let before: [Word; 8] = std::array::from_fn(|i| Word::from_be_bytes(&before.as_chunks::<4>().0[i]));
    let bytes: [Byte; 64] = alloc(&mut cs, "block", &block).try_into().unwrap();
    let after = sha256::compress_bytes(&mut cs, &before, &bytes).unwrap();
    assert!(cs.is_satisfied());
    assert_eq!(after.map(|w| w.value().unwrap()), sha256::compress(state, &block));
    let inputs = 8 * (32 + 64);
    assert_eq!((cs.constraints() - inputs, cs.variables() - inputs), (17_760, 17_576));
}

/// The same constraints where no witness is there, as when a verifier builds its key.
#[test]
fn the_shape_needs_no_witness() {
    let mut cs = ShapeCS::<T256HyraxEngine>::new();
    let mut unknown = |name: &str, n: usize| -> Vec<Byte> {
        (0..n).map(|i| Byte::alloc(&mut cs.namespace(|| format!("{name} {i}")), None).unwrap()).collect()
    };
    let (hs, public, counter) = (unknown("hs", 32), unknown("public", 32 * PUBLISHED), unknown("counter", 4));
    let public = PublicSchedule::from_bytes(&public).unwrap();
    let keys = key_schedule(&mut cs, Suite::ChaCha20Poly1305Sha256, &hs, &public).unwrap();
    crate::chacha::keystream_block(&mut cs, &keys.server_key, &counter, &keys.server_iv).unwrap();
    let inputs = 8 * (32 * (PUBLISHED + 1) + 4);
    assert_eq!(cs.num_constraints() - inputs, 329_452 + 21_664);
}

#[test]
fn wrong_witnesses_are_refused() {
    let key = [0x42; 32];
    let mut cs = TestConstraintSystem::<F>::new();
    let k: [Byte; 32] = alloc(&mut cs, "key", &key).try_into().unwrap();
    let m: [Byte; 32] = alloc(&mut cs, "midstate", &native::inner_midstate(&key)).try_into().unwrap();
    let i: [Byte; 32] = alloc(&mut cs, "inner", &[1; 32]).try_into().unwrap();
    let hmac_key = Hmac::new(&mut cs.namespace(|| "hmac"), &k, &m).unwrap();
    hmac_key.output(cs.namespace(|| "output"), &i).unwrap();
    assert!(cs.is_satisfied());
    for path in [
        "key 0/bit 0/boolean",
        "midstate 31/bit 0/boolean",
        "midstate 0/bit 7/boolean",
        "inner 5/bit 3/boolean",
        "hmac/inner midstate/round 9/majority/Majority 3",
        "hmac/inner midstate/round 63/a/carry 0/boolean",
        "hmac/outer midstate/round 40/choice/Choice 17",
        "hmac/outer midstate/round 40/e/carry 1/boolean",
        "hmac/outer midstate/round 8/e/sum 11/boolean",
        "hmac/outer midstate/state 7/sum 0/boolean",
        "output/word 16/sum 2/boolean",
        "output/word 40/carry 0/boolean",
        "output/word 63/σ0/Xor 31",
        "output/word 40/σ1/Xor 0",
        "output/round 63/Σ0/Xor 0",
        "output/round 3/Σ1/Xor 31",
        "output/state 0/sum 31/boolean",
    ] {
        let honest = cs.get(path);
        for wrong in [F::from(1) - honest, honest + F::from(2), -F::from(1)] {
            cs.set(path, wrong);
            assert!(!cs.is_satisfied(), "{path}");
        }
        cs.set(path, honest);
    }
    assert!(cs.is_satisfied());
}

/// Each function of three bits, variables or constants, has one result; where that costs nothing it is right too.
#[test]
fn functions_of_three_bits_have_one_value() {
    let words = [0xaaaa_aaaa, 0xcccc_cccc, 0xf0f0_f0f0u32];
    for constants in 0..8 {
        for (function, value) in [(Xor, words[0] ^ words[1] ^ words[2]), (Choice, 0xd8d8_d8d8), (Majority, 0xe8e8_e8e8)] {
            let mut cs = TestConstraintSystem::<F>::new();
            let words: [Word; 3] = std::array::from_fn(|i| {
                if constants >> i & 1 == 1 {
                    return Word::constant(words[i]);
                }
                let bytes = alloc(&mut cs, &format!("word {i}"), &words[i].to_le_bytes());
                Word::from_le_bytes(bytes.as_slice().try_into().unwrap())
            });
            let result = function.apply(&mut cs.namespace(|| "function"), words.each_ref()).unwrap();
            // Twice over, with a carry on each side.
            let word = result.clone().plus_sum(&result).minus(&words[0]);
            let word = word.word(&mut cs.namespace(|| "twice"), 1, 2).unwrap();
            assert_eq!(word.value(), Some(value.wrapping_mul(2).wrapping_sub(0xaaaa_aaaa)), "{function:?} {constants:03b}");
            assert!(cs.is_satisfied());
            for i in (0..32).filter(|_| u8::count_ones(constants) < 2) {
                let path = format!("function/{function:?} {i}");
                let honest = cs.get(&path);
                for wrong in [F::from(1) - honest, F::from(2), F::from(3), -F::from(1), F::from(2).invert().unwrap()] {
                    cs.set(&path, wrong);
                    assert!(cs.which_is_unsatisfied().unwrap().starts_with(&path), "{path}");
                }
                cs.set(&path, honest);
            }
        }
    }
}

/// An identifier with zeros behind it.
fn padded(id: &[u8]) -> [u8; MAX_ID] {
    std::array::from_fn(|i| id.get(i).copied().unwrap_or(0))
}

#[test]
fn nullifiers() {
    let scope = scope_at(b"lenders1", "api.bank.example");
    let text = b"3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    let expected = of_account(b"lenders1", "api.bank.example", text).unwrap();
    assert_eq!(expected[..], Sha256::digest([scope.as_slice(), &[36], text, &[0; 10]].concat())[..]);

    let mut cs = Record::<F>::new();
    let constants: Vec<Byte> = scope.iter().map(|&b| Byte::constant(b)).collect();
    let (len, bytes) = (alloc(&mut cs, "len", &[36]), alloc(&mut cs, "id", &padded(text)));
    let got = nullifier(&mut cs, &constants, &len[0], &bytes).unwrap();
    assert_eq!(values(&got), expected);
    assert!(cs.is_satisfied());
    let published: [Byte; 32] = alloc(&mut cs, "published", &expected).try_into().unwrap();
    sha256::enforce_equal(&mut cs, got.as_slice().try_into().unwrap(), &published);
    assert!(cs.is_satisfied());
    assert_eq!(cs.unnoticed(), Vec::<usize>::new());
    let inputs = 8 * (47 + 32);
    assert_eq!((cs.constraints() - 2 - inputs, cs.variables() - inputs), (17_404, 17_220));
    assert!(nullifier(&mut cs, &constants, &len[0], &bytes[1..]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]
    #[test]
    fn nullifiers_in_the_circuit(scope: [u8; 8], id in prop::collection::vec(any::<u8>(), 1..=46)) {
        let mut cs = Record::<F>::new();
        let (scope_bytes, len, bytes) = (alloc(&mut cs, "scope", &scope_at(&scope, "a.example")), alloc(&mut cs, "len", &[id.len() as u8]), alloc(&mut cs, "id", &padded(&id)));
        let got = nullifier(&mut cs, &scope_bytes, &len[0], &bytes).unwrap();
        prop_assert!(cs.is_satisfied());
        prop_assert_eq!(values(&got), of_account(&scope, "a.example", &id).unwrap());
    }
}
