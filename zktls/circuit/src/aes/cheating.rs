//! A cheating prover: it changes one round's witness and makes up for it wherever it can, all shares and counts of the lookups
//! included; what still fails is what the argument rests on.

use std::collections::BTreeMap;

use bellpepper_core::ConstraintSystem;
use bellpepper_core::num::AllocatedNum;
use ff::{Field, PrimeField};
use proptest::prelude::*;
use vega_prover::provider::T256HyraxEngine;
use vega_prover::traits::Engine;

use super::native::{OUTPUT, POLYNOMIAL, SBOX, carry_rows, parities, sbox_rows, spread};
use super::round::{carries, mixed, reduce, substitute_all};
use super::soundness::honest;
use super::*;
use crate::lookup::Table;
use crate::record::Record;

type F = <T256HyraxEngine as Engine>::Scalar;

/// A round whose witness can be changed and then mended.
struct Prover(Record<F>);

/// The column that the prover cheats in: where its bytes stand before ShiftRows.
const COLUMN: [usize; 4] = [0, 5, 10, 15];

impl Prover {
    /// One round on given bytes, all its lookups argued.
    fn round(state: [u8; 16], key: [u8; 16]) -> Self {
        let mut cs = Record::named();
        let mut lookups = Lookups::default();
        lookups.fixed(Table::Sbox, Record::<F>::one(), || sbox_rows().into_iter().map(F::from).collect());
        lookups.fixed(Table::Carry, Record::<F>::one(), || carry_rows().into_iter().map(F::from).collect());
        let mut bytes = |name: &str, bytes: [u8; 16]| -> Vec<Byte> {
            let byte = |(i, b)| Byte::alloc(&mut cs.namespace(|| format!("{name} {i}")), Some(b)).unwrap();
            bytes.into_iter().enumerate().map(byte).collect()
        };
        let (state, key) = (bytes("state", state), bytes("key", key));
        let substitutes = substitute_all(&mut cs, &state, &mut lookups).unwrap();
        for (row, key) in key.iter().enumerate().take(4) {
            let sum = mixed(&substitutes, &Digits::of(&cs, key), (0, row)).unwrap();
            let cs = &mut cs.namespace(|| format!("out {row}"));
            let sum = carries(cs, sum).unwrap();
            reduce(cs, sum, &mut lookups).unwrap();
        }
        lookups.count(&mut cs).unwrap();
        let x = AllocatedNum::alloc_input(cs.namespace(|| "x"), || Ok(F::from(0xfeed_f00d_1234_5678).square())).unwrap();
        lookups.argue(&mut cs, &x).unwrap();
        Self(cs)
    }

    fn value(&mut self, name: &str) -> &mut F {
        self.0.value(name)
    }

    fn byte(&mut self, name: &str) -> u8 {
        let value = |bit: &F| u8::from(*bit == F::ONE);
        (0..8).fold(0, |byte, i| byte | value(self.value(&format!("{name}/bit {i}/boolean"))) << i)
    }

    fn set_byte(&mut self, name: &str, byte: u8) {
        for i in 0..8 {
            *self.value(&format!("{name}/bit {i}/boolean")) = F::from(u64::from(byte >> i & 1));
        }
    }

    /// The output byte that this sum of digits honestly has.
    fn set_output(&mut self, row: usize, sum: u64) {
        let odd = sum >> 32 & 1;
        let sum = sum + odd * spread(POLYNOMIAL);
        let byte = parities(sum);
        *self.value(&format!("out {row}/odd/boolean")) = F::from(odd);
        *self.value(&format!("out {row}/high carries")) = F::from((sum - spread(byte) - (odd << 32)) >> 16);
        self.set_byte(&format!("out {row}"), byte);
    }

    /// Make shares and counts of all lookups as right as they can be, and say which constraints fail all the same.
    fn mend(&mut self) -> Vec<String> {
        self.0.mend(|record, constraints| {
            let mut asked: BTreeMap<(&str, Vec<u8>), u64> = BTreeMap::new();
            for (name, [a, b, c]) in constraints.iter().map(|(lcs, name)| (name, lcs)) {
                let Some((table, rest)) = name.split_once(": ") else { continue };
                let sum = record.evaluate(a);
                let repr = sum.to_repr().as_ref().to_vec();
                if rest.starts_with("share") {
                    *asked.entry((table, repr)).or_default() += 1;
                    record.assign(b, sum.invert().unwrap());
                } else if rest.starts_with("row share") {
                    let times = F::from(asked.remove(&(table, repr)).unwrap_or(0));
                    record.assign(c, times);
                    if record.evaluate(b) * sum != times {
                        record.assign(b, times * sum.invert().unwrap());
                    }
                }
            }
        });
        self.0.failing()
    }
}

const STATE: [u8; 16] = [0x19, 0x3d, 0xe3, 0xbe, 0xa0, 0xf4, 0xe2, 0x2b, 0x9a, 0xc6, 0x8d, 0x2a, 0xe9, 0xf8, 0x48, 0x08];
const KEY: [u8; 16] = [0xa0, 0xfa, 0xfe, 0x17, 0x88, 0x54, 0x2c, 0xb1, 0x23, 0xa3, 0x39, 0x39, 0x2a, 0x6c, 0x76, 0x05];
const SBOX_FAILS: &str = "Sbox: both sums are the same";
const CARRY_FAILS: &str = "Carry: both sums are the same";

fn column() -> [u8; 4] {
    COLUMN.map(|at| SBOX[usize::from(STATE[at])])
}

fn turned(column: [u8; 4], row: usize) -> [u8; 4] {
    std::array::from_fn(|i| column[(row + i) % 4])
}

#[test]
fn the_prover_can_mend_what_is_right() {
    let mut prover = Prover::round(STATE, KEY);
    assert!(prover.mend().is_empty());
    // FIPS-197, appendix B: the first column after round 1.
    assert_eq!([0, 1, 2, 3].map(|row| prover.byte(&format!("out {row}"))), [0xa4, 0x9c, 0x7f, 0xf2]);
    // Another key is another witness, and after the same repair it holds.
    prover.set_byte("key 0", 0x5f);
    assert_eq!(prover.mend(), [CARRY_FAILS]);
    prover.set_output(0, honest(turned(column(), 0), 0x5f).0);
    assert!(prover.mend().is_empty());
    assert_eq!(prover.byte("out 0"), 0xa4 ^ 0xa0 ^ 0x5f);
}

/// All other bytes, with the honest substitutes: the carries of no one of them are rows.
#[test]
fn no_other_output_by_other_carries() {
    let mut prover = Prover::round(STATE, KEY);
    let high = *prover.value("out 0/high carries");
    let odd = *prover.value("out 0/odd/boolean");
    for mask in 1..=255u8 {
        prover.set_byte("out 0", 0xa4 ^ mask);
        // Let the low carries make up for it; the high ones where the change is there; or the other reduction.
        let above = F::from(spread(0xa4) >> 16) - F::from(spread(0xa4 ^ mask) >> 16);
        for (odd, high) in [(odd, high), (odd, high + above), (F::ONE - odd, high), (F::ONE - odd, high + above)] {
            *prover.value("out 0/odd/boolean") = odd;
            *prover.value("out 0/high carries") = high;
            assert_eq!(prover.mend(), [CARRY_FAILS], "{mask:02x}");
        }
    }
}

/// A substitute that makes a chosen output right is no row; one that is a row of another byte makes no sum right.
#[test]
fn no_other_output_by_other_substitutes() {
    let inverse = F::from(OUTPUT).invert().unwrap();
    let mut prover = Prover::round(STATE, KEY);
    for (i, at) in COLUMN.into_iter().enumerate() {
        let name = format!("byte {at}/substitute");
        let mut forged = column();
        for other in (0..=255u8).step_by(5).filter(|other| *other != STATE[at]) {
            forged[i] = SBOX[usize::from(other)];
            *prover.value(&name) = F::from(spread(forged[i]));
            for (row, key) in KEY.into_iter().enumerate().take(4) {
                prover.set_output(row, honest(turned(forged, row), key).0);
            }
            assert_eq!(prover.mend(), [SBOX_FAILS], "{at}: the byte's own range is its bits");

            let delta = F::from(u64::from(other)) - F::from(u64::from(STATE[at]));
            *prover.value(&name) += delta * inverse;
            assert_eq!(prover.mend(), [CARRY_FAILS], "{at}: a row of the table, but out of every range");
        }
        *prover.value(&name) = F::from(spread(column()[i]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Everything at once: rows of other bytes for any of the column, any outputs, any reductions, any rows as carries.
    #[test]
    fn no_other_output_by_chance(rows: [u8; 4], which in 0..16u8, outputs: [u8; 4], odds in 0..16u8, highs in [0..736usize, 0..736, 0..736, 0..736], keep in 0..16u8) {
        let inverse = F::from(OUTPUT).invert().unwrap();
        let mut prover = Prover::round(STATE, KEY);
        let before: Vec<u8> = (0..4).map(|row| prover.byte(&format!("out {row}"))).collect();
        for (i, at) in COLUMN.into_iter().enumerate().filter(|(i, _)| which >> i & 1 == 1) {
            let delta = F::from(u64::from(rows[i])) - F::from(u64::from(STATE[at]));
            *prover.value(&format!("byte {at}/substitute")) = F::from(spread(SBOX[usize::from(rows[i])])) + delta * inverse;
        }
        for row in 0..4 {
            prover.set_byte(&format!("out {row}"), outputs[row]);
            if keep >> row & 1 == 0 {
                *prover.value(&format!("out {row}/odd/boolean")) = F::from(u64::from(odds >> row & 1));
                *prover.value(&format!("out {row}/high carries")) = F::from(carry_rows()[highs[row]]);
            }
        }
        let after: Vec<u8> = (0..4).map(|row| prover.byte(&format!("out {row}"))).collect();
        let failing = prover.mend();
        prop_assert!(before == after || failing == [CARRY_FAILS], "{:?}", failing);
    }
}
