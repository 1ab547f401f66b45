//! Published vectors, another implementation, and what a block costs.

use ::aes::Aes128;
use ::aes::cipher::{BlockEncrypt, KeyInit};
use bellpepper::util_cs::witness_cs::WitnessCS;
use bellpepper_core::num::AllocatedNum;
use bellpepper_core::test_cs::TestConstraintSystem;
use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;
use proptest::prelude::*;
use vega_prover::bellpepper::solver::SatisfyingAssignment;
use vega_prover::provider::T256HyraxEngine;
use vega_prover::traits::Engine;

use super::*;

type F = <T256HyraxEngine as Engine>::Scalar;

fn hex(text: &str) -> Vec<u8> {
    let text: String = text.split_whitespace().collect();
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

fn alloc<CS: ConstraintSystem<F>>(cs: &mut CS, name: &str, bytes: &[u8]) -> Vec<Byte> {
    let byte = |(i, &b)| Byte::alloc(&mut cs.namespace(|| format!("{name} {i}")), Some(b)).unwrap();
    bytes.iter().enumerate().map(byte).collect()
}

fn values(bytes: &[Byte]) -> Vec<u8> {
    bytes.iter().map(|b| b.value().unwrap()).collect()
}

fn argue<CS: ConstraintSystem<F>>(cs: &mut CS, lookups: &mut Lookups<F>) {
    lookups.count(cs).unwrap();
    let x = AllocatedNum::alloc_input(cs.namespace(|| "x"), || Ok(F::from(0x1234_5678_9abc_def1).square())).unwrap();
    lookups.argue(cs, &x).unwrap();
}

fn one_block<CS: ConstraintSystem<F>>(
    cs: &mut CS,
    keys: &RoundKeys<F>,
    counter: &[Byte],
    ciphertext: &[Byte],
    lookups: &mut Lookups<F>,
) -> Result<Vec<Byte>, SynthesisError> {
    Ok(ctr_blocks(cs, keys, &[Block { counter, ciphertext }], lookups)?.remove(0))
}

/// Blocks under one key: the circuit and the plaintexts.
fn decrypt(key: &[u8], blocks: &[(Vec<u8>, Vec<u8>)]) -> (TestConstraintSystem<F>, Vec<Vec<u8>>) {
    let mut cs = TestConstraintSystem::<F>::new();
    let mut lookups = Lookups::default();
    let key = alloc(&mut cs, "key byte", key);
    let keys = expand(&mut cs, &key, &mut lookups).unwrap();
    let mut bytes = |i: usize, name: &str, bytes: &[u8]| alloc(&mut cs.namespace(|| format!("{name} {i}")), name, bytes);
    let blocks: Vec<_> = blocks.iter().enumerate().map(|(i, (n, c))| (bytes(i, "counter", n), bytes(i, "ciphertext", c))).collect();
    let blocks: Vec<_> = blocks.iter().map(|(counter, ciphertext)| Block { counter, ciphertext }).collect();
    let out = ctr_blocks(&mut cs, &keys, &blocks, &mut lookups).unwrap();
    argue(&mut cs, &mut lookups);
    (cs, out.iter().map(|bytes| values(bytes)).collect())
}

#[test]
fn fips_197() {
    // Nothing is xored: the plaintext of zeros is the key stream. Appendix B, C.1.
    for (key, input, output) in [
        ("2b7e151628aed2a6abf7158809cf4f3c", "3243f6a8885a308d313198a2e0370734", "3925841d02dc09fbdc118597196a0b32"),
        ("000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff", "69c4e0d86a7b0430d8cdb78070b4c55a"),
    ] {
        let (cs, out) = decrypt(&hex(key), &[(hex(input), vec![0; 16])]);
        assert!(cs.is_satisfied());
        assert_eq!(out, [hex(output)]);
    }
}

#[test]
fn fips_197_key_schedule() {
    let mut cs = TestConstraintSystem::<F>::new();
    let mut lookups = Lookups::default();
    let key = alloc(&mut cs, "key byte", &hex("2b7e151628aed2a6abf7158809cf4f3c"));
    let keys = expand(&mut cs, &key, &mut lookups).unwrap();
    argue(&mut cs, &mut lookups);
    assert!(cs.is_satisfied());
    // Appendix A.1, the first and the last two.
    for (digits, expected) in [
        (&keys.middle[0], "a0fafe1788542cb123a339392a6c7605"),
        (&keys.middle[8], "ac7766f319fadc2128d12941575c006e"),
        (&keys.last, "d014f9a8c9ee2589e13f0cc8b6630ca6"),
    ] {
        let expected: Vec<_> = hex(expected).into_iter().map(|b| Some(native::spread(b))).collect();
        assert_eq!(digits.iter().map(Digits::value).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn sp_800_38a_counter_mode() {
    // F.5.2, CTR-AES128.Decrypt.
    let counters = [
        "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
        "f0f1f2f3f4f5f6f7f8f9fafbfcfdff00",
        "f0f1f2f3f4f5f6f7f8f9fafbfcfdff01",
        "f0f1f2f3f4f5f6f7f8f9fafbfcfdff02",
    ];
    let ciphertexts = [
        "874d6191b620e3261bef6864990db6ce",
        "9806f66b7970fdff8617187bb9fffdff",
        "5ae4df3edbd5d35e5b4f09020db03eab",
        "1e031dda2fbe03d1792170a0f3009cee",
    ];
    let plaintexts = [
        "6bc1bee22e409f96e93d7e117393172a",
        "ae2d8a571e03ac9c9eb76fac45af8e51",
        "30c81c46a35ce411e5fbc1191a0a52ef",
        "f69f2445df4f9b17ad2b417be66c3710",
    ];
    let blocks: Vec<_> = counters.into_iter().zip(ciphertexts).map(|(n, c)| (hex(n), hex(c))).collect();
    let (cs, out) = decrypt(&hex("2b7e151628aed2a6abf7158809cf4f3c"), &blocks);
    assert!(cs.is_satisfied());
    assert_eq!(out, plaintexts.map(hex));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn as_another_implementation(key: [u8; 16], counter: [u8; 16], ciphertext: [u8; 16]) {
        let mut stream = counter.into();
        Aes128::new(&key.into()).encrypt_block(&mut stream);
        let plaintext: Vec<u8> = stream.iter().zip(ciphertext).map(|(a, b)| a ^ b).collect();
        let (cs, out) = decrypt(&key, &[(counter.to_vec(), ciphertext.to_vec())]);
        prop_assert!(cs.is_satisfied());
        prop_assert_eq!(out, [plaintext]);
    }
}

#[test]
fn constants_and_public_bytes_are_as_good() {
    let mut cs = TestConstraintSystem::<F>::new();
    let mut lookups = Lookups::default();
    let key = alloc(&mut cs, "key byte", &hex("000102030405060708090a0b0c0d0e0f"));
    let keys = expand(&mut cs, &key, &mut lookups).unwrap();
    let constant = |text| hex(text).into_iter().map(Byte::constant).collect::<Vec<_>>();
    let before = cs.num_constraints();
    let counter = constant("00112233445566778899aabbccddeeff");
    let out = one_block(&mut cs, &keys, &counter, &constant("69c4e0d86a7b0430d8cdb78070b4c55b"), &mut lookups).unwrap();
    assert_eq!(cs.num_constraints() - before + 464, 2_016 - 128, "a constant is xored for nothing");
    argue(&mut cs, &mut lookups);
    assert!(cs.is_satisfied());
    assert_eq!(values(&out), hex("00000000000000000000000000000001"));
}

#[test]
fn other_lengths_are_refused() {
    let mut cs = TestConstraintSystem::<F>::new();
    let mut lookups = Lookups::default();
    let bytes = alloc(&mut cs, "byte", &[0; 17]);
    let refused = |e| matches!(e, Some(SynthesisError::IncompatibleLengthVector(_)));
    assert!(refused(expand(&mut cs.namespace(|| "15"), &bytes[..15], &mut lookups).err()));
    assert!(refused(expand(&mut cs.namespace(|| "17"), &bytes, &mut lookups).err()));
    let keys = expand(&mut cs, &bytes[..16], &mut lookups).unwrap();
    assert!(refused(one_block(&mut cs.namespace(|| "a"), &keys, &bytes[..15], &bytes[..16], &mut lookups).err()));
    assert!(refused(one_block(&mut cs.namespace(|| "b"), &keys, &bytes[..16], &bytes, &mut lookups).err()));
}

#[test]
fn a_block_costs_what_we_say() {
    let block = (vec![7; 16], vec![9; 16]);
    let cost = |blocks: usize| {
        let (cs, _) = decrypt(&[5; 16], &vec![block.clone(); blocks]);
        let wide = |f: &&F| f.to_repr().as_ref()[8..].iter().any(|b| *b != 0);
        let aux = cs.scalar_aux();
        (cs.num_constraints(), aux.len(), aux.iter().filter(wide).count())
    };
    let (none, one, two) = (cost(0), cost(1), cost(2));
    let bits = 2 * 128; // the counter block's and the ciphertext's own
    assert_eq!((two.0 - one.0 - bits, two.1 - one.1 - bits), (2_016, 2_320), "constraints, variables");
    assert_eq!(two.2 - one.2, 464, "wide values");
    let tables = 256 + 736 + 2;
    assert_eq!(none.0 - tables - 128, 10 * 4 * (8 + 2) + 10 * 12 * 8 + 160, "the key schedule");
}

#[test]
fn without_a_witness_the_shape_is_the_same() {
    use vega_prover::bellpepper::shape_cs::ShapeCS;
    let mut shape = ShapeCS::<T256HyraxEngine>::new();
    let mut lookups = Lookups::<F>::default();
    let none = |cs: &mut ShapeCS<T256HyraxEngine>| (0..16).map(|_| Byte::alloc(cs, None).unwrap()).collect::<Vec<_>>();
    let key = none(&mut shape);
    let keys = expand(&mut shape, &key, &mut lookups).unwrap();
    let (counter, ciphertext) = (none(&mut shape), none(&mut shape));
    one_block(&mut shape, &keys, &counter, &ciphertext, &mut lookups).unwrap();
    lookups.count(&mut shape).unwrap();
    let x = AllocatedNum::alloc_input(&mut shape, || Err(SynthesisError::AssignmentMissing)).unwrap();
    lookups.argue(&mut shape, &x).unwrap();
    let (cs, _) = decrypt(&[5; 16], &[(vec![7; 16], vec![9; 16])]);
    assert_eq!(shape.num_constraints(), cs.num_constraints());
    assert_eq!(shape.num_aux(), cs.scalar_aux().len());
}

#[test]
fn a_witness_generator_makes_the_same_witness() {
    let mut cs = WitnessCS::<F>::new();
    let mut lookups = Lookups::default();
    let key = alloc(&mut cs, "", &[5; 16]);
    let keys = expand(&mut cs, &key, &mut lookups).unwrap();
    let (counter, ciphertext) = (alloc(&mut cs, "", &[7; 16]), alloc(&mut cs, "", &[9; 16]));
    one_block(&mut cs, &keys, &counter, &ciphertext, &mut lookups).unwrap();
    argue(&mut cs, &mut lookups);
    let (checked, _) = decrypt(&[5; 16], &[(vec![7; 16], vec![9; 16])]);
    assert!(checked.is_satisfied());
    assert_eq!(cs.aux_assignment(), checked.scalar_aux());
}

#[test]
fn keys_of_a_witness_alone_are_not_constrained_by_mistake() {
    let mut witness = WitnessCS::<F>::new();
    let mut lookups = Lookups::default();
    let key = alloc(&mut witness, "", &[5; 16]);
    let keys = expand(&mut witness, &key, &mut lookups).unwrap();
    let mut cs = TestConstraintSystem::<F>::new();
    let bytes = vec![Byte::constant(7); 16];
    let out = one_block(&mut cs, &keys, &bytes, &bytes, &mut lookups);
    assert!(matches!(out, Err(SynthesisError::Unsatisfiable)));
}

#[test]
#[ignore = "prints how long a witness takes; run it with --release"]
fn witness_time() {
    const BLOCKS: u32 = 200;
    let mut cs = SatisfyingAssignment::<T256HyraxEngine>::new();
    let mut lookups = Lookups::default();
    let key = alloc(&mut cs, "", &[3; 16]);
    let keys = expand(&mut cs, &key, &mut lookups).unwrap();
    let (counter, ciphertext) = (alloc(&mut cs, "", &[7; 16]), alloc(&mut cs, "", &[9; 16]));
    let start = std::time::Instant::now();
    for _ in 0..BLOCKS {
        one_block(&mut cs, &keys, &counter, &ciphertext, &mut lookups).unwrap();
    }
    let first = start.elapsed();
    argue(&mut cs, &mut lookups);
    println!("{:?} a block, {:?} with its lookups", first / BLOCKS, start.elapsed() / BLOCKS);
}
