use bellpepper_core::test_cs::TestConstraintSystem;
use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
use proptest::prelude::*;

use super::*;
use crate::proof::Scalar as F;
use crate::record::Record;

fn alloc<CS: ConstraintSystem<F>>(cs: &mut CS, name: &str, bytes: &[u8]) -> Vec<Byte> {
    let byte = |(i, &b)| Byte::alloc(&mut cs.namespace(|| format!("{name} {i}")), Some(b)).unwrap();
    bytes.iter().enumerate().map(byte).collect()
}

fn values(bytes: &[Byte]) -> Vec<u8> {
    bytes.iter().map(|b| b.value().unwrap()).collect()
}

fn block<CS: ConstraintSystem<F>>(cs: &mut CS, key: &[u8], counter: u32, nonce: &[u8]) -> Vec<Byte> {
    let key = alloc(cs, "key", key);
    let counter = alloc(cs, "counter", &counter.to_le_bytes());
    let nonce = alloc(cs, "nonce", nonce);
    keystream_block(&mut cs.namespace(|| "block"), &key, &counter, &nonce).unwrap()
}

fn rfc_key() -> Vec<u8> {
    (0..32).collect()
}

/// RFC 8439, section 2.3.2.
#[test]
fn the_block_of_rfc_8439_in_this_many_constraints() {
    let mut cs = Record::<F>::new();
    let out = block(&mut cs, &rfc_key(), 1, &hex::decode("000000090000004a00000000").unwrap());
    assert!(cs.is_satisfied());
    let expected = "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e\
                    d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e";
    assert_eq!(hex::encode(values(&out)), expected);
    let inputs = 48 * 8;
    assert_eq!((cs.constraints() - inputs, cs.variables() - inputs), (21_664, 21_328));
}

/// RFC 8439, section 2.4.2.
#[test]
fn the_text_of_rfc_8439() {
    let text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
    let nonce = hex::decode("000000000000004a00000000").unwrap();
    let mut cs = Record::<F>::new();
    let keystream: Vec<Byte> = (1..=2).flat_map(|counter| block(&mut cs, &rfc_key(), counter, &nonce)).collect();
    let ciphertext = hex::decode(
        "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8\
         07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab77937365af90bbf74a35be6b40b8eedf2785e42874d",
    )
    .unwrap();
    let ciphertext = alloc(&mut cs, "ciphertext", &ciphertext);
    let plaintext = xor_bytes(&mut cs, &ciphertext, &keystream[..ciphertext.len()]).unwrap();
    assert!(cs.is_satisfied());
    assert_eq!(values(&plaintext), text);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn blocks_are_those_of_another_implementation(key: [u8; 32], counter: u32, nonce: [u8; 12]) {
        let mut cs = Record::<F>::new();
        let out = block(&mut cs, &key, counter, &nonce);
        prop_assert!(cs.is_satisfied());
        let mut expected = [0; 64];
        let mut cipher = ChaCha20::new(&key.into(), &nonce.into());
        // The last block of all: seeking there is refused, its keystream is not defined to follow on.
        prop_assume!(counter != u32::MAX);
        cipher.seek(64 * u64::from(counter));
        cipher.apply_keystream(&mut expected);
        prop_assert_eq!(values(&out), expected.to_vec());
    }
}

#[test]
fn constants_save_and_change_nothing() {
    let mut cs = Record::<F>::new();
    let key = alloc(&mut cs, "key", &rfc_key());
    let constant = |bytes: &[u8]| bytes.iter().map(|&b| Byte::constant(b)).collect::<Vec<_>>();
    let nonce = hex::decode("000000090000004a00000000").unwrap();
    let out = keystream_block(&mut cs, &key, &constant(&1u32.to_le_bytes()), &constant(&nonce)).unwrap();
    assert_eq!(hex::encode(values(&out[..16])), "10f1e7e4d13b5915500fdd1fa32071c4");
    assert!(cs.is_satisfied());
    assert_eq!(cs.constraints() - 256, 21_664 - 128);
    // All constants: sums are still allocated, and right.
    let mut cs = Record::<F>::new();
    let out = keystream_block(&mut cs, &constant(&rfc_key()), &constant(&1u32.to_le_bytes()), &constant(&nonce)).unwrap();
    assert_eq!(hex::encode(values(&out[..16])), "10f1e7e4d13b5915500fdd1fa32071c4");
    assert!(cs.is_satisfied());
}

#[test]
fn no_variable_can_change_alone() {
    let mut cs = Record::<F>::new();
    let keystream = block(&mut cs, &[0xa5; 32], 0x8000_0001, &[0x3c; 12]);
    let ciphertext = alloc(&mut cs, "ciphertext", &[0x5a; 64]);
    xor_bytes(&mut cs, &ciphertext, &keystream).unwrap();
    assert!(cs.is_satisfied());
    assert_eq!(cs.unnoticed(), Vec::<usize>::new());
}

/// A sum that is wrong in a way its bits allow: the carry into the field, the carry dropped, and 2^32 too much.
#[test]
fn a_sum_has_one_value() {
    let sum = |a: u32, b: u32| {
        let mut cs = TestConstraintSystem::<F>::new();
        let a = Word::from_le_bytes(alloc(&mut cs, "a", &a.to_le_bytes()).as_slice().try_into().unwrap());
        let b = Word::from_le_bytes(alloc(&mut cs, "b", &b.to_le_bytes()).as_slice().try_into().unwrap());
        let sum = a.add(&mut cs.namespace(|| "sum"), &b).unwrap();
        (cs, sum.value().unwrap())
    };
    for (a, b) in [(0, 0), (1, u32::MAX), (u32::MAX, u32::MAX), (0x8000_0000, 0x8000_0000), (7, 9)] {
        let (mut cs, honest) = sum(a, b);
        assert_eq!(honest, a.wrapping_add(b));
        assert!(cs.is_satisfied());
        for other in [honest ^ 1, honest.wrapping_add(1), honest.wrapping_sub(1), !honest, honest ^ 0x8000_0000, a ^ b ^ 0xf0] {
            for i in 0..32 {
                cs.set(&format!("sum/sum {i}/boolean"), F::from(u64::from(other >> i & 1)));
            }
            assert_eq!(cs.is_satisfied(), other == honest, "{a} + {b} is not {other}");
        }
    }
    // The right number, but not in bits.
    let (mut cs, _) = sum(1, 1);
    cs.set("sum/sum 1/boolean", F::from(0));
    cs.set("sum/sum 0/boolean", F::from(2));
    assert_eq!(cs.which_is_unsatisfied(), Some("sum/sum 0/boolean constraint"));
}

/// One wrong witness for each family, by its name.
#[test]
fn wrong_witnesses_are_refused() {
    let mut cs = TestConstraintSystem::<F>::new();
    let keystream = block(&mut cs, &rfc_key(), 1, &[7; 12]);
    let ciphertext = alloc(&mut cs, "ciphertext", &[0x5a; 2]);
    xor_bytes(&mut cs.namespace(|| "text"), &ciphertext, &keystream[..2]).unwrap();
    assert!(cs.is_satisfied());
    for (path, family) in [
        ("block/round 4, quarter 3/step 1/sum 5/boolean", "nothing is left"),
        ("block/round 9, quarter 7/step 3/xor 30/xor result", "xor"),
        ("block/word 0 and its start/sum 31/boolean", "nothing is left"),
        ("block/round 9, quarter 7/step 3/carry 0/boolean", "nothing is left"),
        ("text/byte 1, bit 7/xor result", "xor"),
        ("key 3/bit 1/boolean", "nothing is left"),
        ("counter 0/bit 0/boolean", "xor"),
        ("nonce 11/bit 6/boolean", "xor"),
    ] {
        let honest = cs.get(path);
        for wrong in [F::from(1) - honest, F::from(2), honest - F::from(1 << 32)] {
            cs.set(path, wrong);
            let broken = cs.which_is_unsatisfied().unwrap_or_else(|| panic!("{path} = {wrong:?}"));
            assert!(broken.contains(family) || broken.contains("boolean"), "{path}: {broken}");
        }
        cs.set(path, honest);
    }
    assert!(cs.is_satisfied());
}

#[test]
fn wrong_lengths_are_said() {
    let mut cs = Record::<F>::new();
    let bytes = alloc(&mut cs, "bytes", &[0; 33]);
    let refused = keystream_block(&mut cs, &bytes, &bytes[..4], &bytes[..12]).unwrap_err().to_string();
    assert!(refused.contains("33 bytes were given, 32 are needed"), "{refused}");
    assert!(xor_bytes(&mut cs, &bytes, &bytes[1..]).is_err());
}
