//! The steps of the argument in the module's documentation, each tried on all or many cases, and wrong witnesses of every family
//! of constraints.

use std::collections::HashSet;

use bellpepper_core::ConstraintSystem;
use bellpepper_core::num::AllocatedNum;
use bellpepper_core::test_cs::TestConstraintSystem;
use ff::{Field, PrimeField};
use vega_prover::provider::T256HyraxEngine;
use vega_prover::traits::Engine;

use super::native::{OUTPUT, POLYNOMIAL, carry_rows, parities, sbox_rows, spread};
use super::round::MIX;
use super::*;

type F = <T256HyraxEngine as Engine>::Scalar;

// The argument's steps.

#[test]
fn rows_are_distinct_and_in_range() {
    let (sbox, carry) = (sbox_rows(), carry_rows());
    assert_eq!((sbox.len(), carry.len()), (256, 736));
    assert_eq!(sbox.iter().collect::<HashSet<_>>().len(), 256);
    assert_eq!(carry.iter().collect::<HashSet<_>>().len(), 736);
    for row in carry {
        let digit = |i: usize| row >> (4 * i) & 15;
        assert!((0..4).all(|i| digit(i) <= 6) && (4..8).all(|i| digit(i) <= 2) && row >> 32 == 0);
        assert!((0..8).all(|i| digit(i) % 2 == 0));
    }
}

#[test]
fn every_honest_carry_has_a_row() {
    let rows: HashSet<u64> = carry_rows().into_iter().collect();
    for byte in 0..=255u8 {
        assert!(rows.contains(&(2 * spread(byte))), "the sums of two or three bytes");
    }
    // A digit of a mixed sum is at most 7 once the polynomial is added, and the ninth at most 2.
    for digits in 0..4096u64 {
        let half = (0..4).fold(0, |sum, i| sum | (digits >> (3 * i) & 6) << (4 * i));
        assert!(rows.contains(&half) && rows.contains(&(half + (2 << 16))));
    }
}

/// Step 2: what a wrong row adds to a sum, v / 2^16, is no whole number that could be made up for.
#[test]
fn a_wrong_row_leaves_every_range() {
    let inverse = F::from(OUTPUT).invert().unwrap();
    let small = |f: F| f.to_repr().as_ref()[8..].iter().all(|b| *b == 0);
    let limit = 255 * MIX.iter().sum::<u64>();
    assert!(limit < OUTPUT);
    for v in 1..=limit {
        let error = F::from(v) * inverse;
        for shifted in [error + F::from(1 << 48), F::from(1 << 48) - error] {
            assert!(!small(shifted), "{v}: not between -2^48 and 2^48");
        }
    }
}

/// Step 3: M is invertible.
#[test]
fn mix_is_invertible() {
    let m = |i: usize, j: usize| i64::try_from(MIX[(j + 4 - i) % 4]).unwrap();
    fn determinant(rows: &[usize], columns: &[usize], m: &dyn Fn(usize, usize) -> i64) -> i64 {
        let Some((&row, rest)) = rows.split_first() else { return 1 };
        let minor = |k: usize| {
            let left: Vec<usize> = columns.iter().copied().filter(|c| *c != columns[k]).collect();
            determinant(rest, &left, m)
        };
        (0..columns.len()).map(|k| if k % 2 == 0 { 1 } else { -1 } * m(row, columns[k]) * minor(k)).sum()
    }
    assert_eq!(determinant(&[0, 1, 2, 3], &[0, 1, 2, 3], &m), -16_835);
}

/// The sum of four substitutes and a byte of a key, and what MixColumns and AddRoundKey make of them.
pub(super) fn honest(s: [u8; 4], key: u8) -> (u64, u8) {
    let double = |a: u8| (a << 1) ^ ((a >> 7) * POLYNOMIAL);
    let sum = spread(key) + s.iter().zip(MIX).map(|(s, weight)| weight * spread(*s)).sum::<u64>();
    (sum, double(s[0]) ^ double(s[1]) ^ s[1] ^ s[2] ^ s[3] ^ key)
}

/// Step 4: with all rows and both reductions exactly one byte fits, with and without MixColumns.
#[test]
fn exactly_one_byte_fits_a_sum() {
    let list = carry_rows();
    let rows: HashSet<u64> = list.iter().copied().collect();
    let mut seed = 1u32;
    let mut random = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed.to_le_bytes()[3]
    };
    let mut cases = vec![([255; 4], 255), ([0; 4], 0), ([128, 128, 0, 0], 0), ([128, 0, 0, 0], 255)];
    cases.extend((0..12).map(|_| ([random(), random(), random(), random()], random())));
    for (s, key) in cases {
        let (sum, expected) = honest(s, key);
        let mut fits = Vec::new();
        for odd in 0..2u64 {
            for p in 0..=255u8 {
                let left = i128::from(sum + odd * spread(POLYNOMIAL)) - i128::from(spread(p) + (odd << 32));
                let low = |high: &u64| u64::try_from(left - (i128::from(*high) << 16));
                fits.extend(list.iter().filter(|high| low(high).is_ok_and(|l| rows.contains(&l))).map(|_| p));
            }
        }
        // Low and high carries may share digit 4 in more than one way; the byte is the same.
        fits.dedup();
        assert_eq!(fits, [expected], "{s:?} {key}");

        let sum = spread(s[0]) + spread(s[1]) + spread(key);
        let fits: Vec<u8> = (0..=255).filter(|p| sum.checked_sub(spread(*p)).is_some_and(|l| rows.contains(&l))).collect();
        assert_eq!(fits, [s[0] ^ s[1] ^ key]);
        assert_eq!(fits, [parities(sum)]);
    }
}

// Wrong witnesses.

fn block() -> TestConstraintSystem<F> {
    let mut cs = TestConstraintSystem::<F>::new();
    let mut lookups = Lookups::default();
    let mut bytes = |name: &str, first: u8| -> Vec<Byte> {
        (0..16).map(|i| Byte::alloc(&mut cs.namespace(|| format!("{name} {i}")), Some(first.wrapping_mul(i + 3))).unwrap()).collect()
    };
    let (key, counter, ciphertext) = (bytes("given key", 43), bytes("counter", 91), bytes("ciphertext", 201));
    let keys = expand(&mut cs, &key, &mut lookups).unwrap();
    ctr_blocks(&mut cs, &keys, &[Block { counter: &counter, ciphertext: &ciphertext }], &mut lookups).unwrap();
    lookups.count(&mut cs).unwrap();
    let x = AllocatedNum::alloc_input(cs.namespace(|| "x"), || Ok(F::from(0xdead_beef_0bad_cafe).square())).unwrap();
    lookups.argue(&mut cs, &x).unwrap();
    cs
}

#[test]
fn no_other_value_holds_anywhere() {
    let mut cs = block();
    assert!(cs.is_satisfied());
    for path in [
        "given key 3/bit 0/boolean",
        "counter 3/bit 7/boolean",
        "ciphertext 9/bit 2/boolean",
        "key 1/byte 0/substitute",
        "key 1/byte 0/bit 4/boolean",
        "key 10/byte 3/bit 4/boolean",
        "key 1/byte 4/bit 1/xor result",
        "key 10/byte 15/bit 7/xor result",
        "round 0: block 0, byte 5/bit 6/xor result",
        "round 1/block 0/byte 0/substitute",
        "round 9/block 0/byte 15/substitute",
        "digits of key 3, byte 5/digits",
        "round 1/mixed 0, 0/odd/boolean",
        "round 5/mixed 0, 7/bit 0/boolean",
        "round 9/mixed 0, 15/bit 7/boolean",
        "round 1/carries 0, 0/high carries",
        "round 9/carries 0, 15/high carries",
        "round 10/block 0/byte 0/substitute",
        "round 10/plaintext 0, 0/bit 0/boolean",
        "round 10/plaintext 0, 15/bit 7/boolean",
        "Sbox: times 0/num",
        "Sbox: times 255/num",
        "Carry: times 0/num",
        "Carry: times 735/num",
        "Sbox: share 17/num",
        "Carry: share 17/num",
        "Sbox: row share 99/num",
        "Carry: row share 600/num",
    ] {
        let value = cs.get(path);
        for wrong in [F::ONE - value, value + F::ONE, -value - F::ONE, value + F::from(1 << 16), value + F::from(1 << 32)] {
            if wrong != value {
                cs.set(path, wrong);
                assert!(cs.which_is_unsatisfied().is_some(), "{path}");
            }
        }
        cs.set(path, value);
    }
    assert!(cs.is_satisfied());
}

#[test]
fn bits_are_bits_by_themselves() {
    // A carry may be anything that is left, so what isn't a bit is refused by its own constraint.
    let mut cs = block();
    for path in ["round 4/mixed 0, 2/odd/boolean", "round 4/mixed 0, 2/bit 3/boolean", "round 10/plaintext 0, 2/bit 3/boolean"] {
        let value = cs.get(path);
        cs.set(path, F::from(2));
        assert!(cs.which_is_unsatisfied().unwrap().contains("boolean constraint"), "{path}");
        cs.set(path, value);
    }
}
