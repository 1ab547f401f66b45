//! Words of 32 bits and their sums.
//!
//! **A sum modulo 2^32** is 32 fresh bits, its carry bits, and one linear constraint: nothing is left of the sum when these are taken
//! away. All of it stays below 2^40, so nothing wraps in the field: the sum is the word plus a multiple of 2^32, and only one word
//! is that. (With the last carry as what is left, instead of a bit, a sum would have one constraint less, but twice the terms.)
//!
//! **Functions of three bits** that go into sums cost one constraint and one variable a bit. Let t be the sum of three bits and s
//! the result. Exclusive or: `t (t - 2s) = 2t - 3s`, that is `s (2t - 3) = t (t - 2)`. Majority: `t (t - 4s) = t - 6s`, that is
//! `s (4t - 6) = t (t - 1)`. Both are linear in s, and since t is 0, 1, 2 or 3, its factor `2t - 3` is -3, -1, 1 or 3, never
//! zero: there is exactly one s, and it is the bit wanted. Choice: `a (b - c) = s - c`. Where at most one bit is a variable, the result
//! is linear in it and costs nothing.

use bellpepper_core::boolean::{AllocatedBit, Boolean};
use bellpepper_core::{ConstraintSystem, LinearCombination, SynthesisError, Variable};
use ff::PrimeField;

use crate::bytes::Byte;

/// 32 bits, least significant first; each is constrained to be one.
#[derive(Clone, Debug)]
pub struct Word([Boolean; 32]);

impl Word {
    /// A word that everybody knows.
    #[must_use]
    pub fn constant(value: u32) -> Self {
        Self(std::array::from_fn(|i| Boolean::constant(value >> i & 1 == 1)))
    }

    /// Of bytes, least significant first.
    #[must_use]
    pub fn from_le_bytes(bytes: &[Byte; 4]) -> Self {
        Self(std::array::from_fn(|i| bytes[i / 8].bits[i % 8].clone()))
    }

    /// Of bytes, most significant first.
    #[must_use]
    pub fn from_be_bytes(bytes: &[Byte; 4]) -> Self {
        Self(std::array::from_fn(|i| bytes[3 - i / 8].bits[i % 8].clone()))
    }

    /// Its bytes, least significant first.
    #[must_use]
    pub fn to_le_bytes(&self) -> [Byte; 4] {
        std::array::from_fn(|i| Byte { bits: std::array::from_fn(|j| self.0[8 * i + j].clone()) })
    }

    /// Its bytes, most significant first.
    #[must_use]
    pub fn to_be_bytes(&self) -> [Byte; 4] {
        let mut bytes = self.to_le_bytes();
        bytes.reverse();
        bytes
    }

    /// Its value, where a witness is there.
    #[must_use]
    pub fn value(&self) -> Option<u32> {
        self.0.iter().rev().try_fold(0, |sum, bit| Some(sum << 1 | u32::from(bit.get_value()?)))
    }

    /// Renames bits.
    #[must_use]
    pub fn rotate_right(&self, by: usize) -> Self {
        let mut out = self.clone();
        out.0.rotate_left(by);
        out
    }

    /// Renames bits; zeros come in.
    #[must_use]
    pub fn shift_right(&self, by: usize) -> Self {
        Self(std::array::from_fn(|i| self.0.get(i + by).cloned().unwrap_or(Boolean::Constant(false))))
    }

    /// The exclusive or of two words: a constraint a bit, and the bits are bits.
    ///
    /// # Errors
    /// As the constraint system's.
    pub fn xor<F: PrimeField, CS: ConstraintSystem<F>>(&self, cs: &mut CS, other: &Self) -> Result<Self, SynthesisError> {
        let mut out = self.clone();
        for (i, (a, b)) in out.0.iter_mut().zip(&other.0).enumerate() {
            *a = Boolean::xor(cs.namespace(|| format!("xor {i}")), a, b)?;
        }
        Ok(out)
    }

    /// The sum of two words.
    ///
    /// # Errors
    /// As the constraint system's.
    pub fn add<F: PrimeField, CS: ConstraintSystem<F>>(&self, cs: &mut CS, other: &Self) -> Result<Self, SynthesisError> {
        Sum::of(self).plus(other).word(cs, 0, 1)
    }
}

/// A variable that is a bit, times a power of two or what is opposite to it.
#[derive(Clone, Copy, Debug)]
struct Placed {
    variable: Variable,
    place: u8,
    negative: bool,
}

/// A sum of words that is not reduced yet: a number and placed bits.
#[derive(Clone, Debug)]
pub struct Sum {
    number: i64,
    bits: Vec<Placed>,
    /// What the bits come to, where a witness is there.
    value: Option<i64>,
}

impl Sum {
    const ZERO: Self = Self { number: 0, bits: Vec::new(), value: Some(0) };

    /// A word, to begin with.
    #[must_use]
    pub fn of(word: &Word) -> Self {
        Self::ZERO.plus(word)
    }

    /// A word more.
    #[must_use]
    pub fn plus(self, word: &Word) -> Self {
        self.with(word, false)
    }

    /// A word less.
    #[must_use]
    pub fn minus(self, word: &Word) -> Self {
        self.with(word, true)
    }

    /// A number more.
    #[must_use]
    pub fn plus_number(mut self, number: u32) -> Self {
        self.number += i64::from(number);
        self
    }

    /// Another sum more.
    #[must_use]
    pub fn plus_sum(mut self, other: &Self) -> Self {
        self.number += other.number;
        self.bits.extend_from_slice(&other.bits);
        self.value = self.value.zip(other.value).map(|(a, b)| a + b);
        self
    }

    fn with(mut self, word: &Word, negative: bool) -> Self {
        self.bits.reserve(32);
        for (place, bit) in (0..).zip(&word.0) {
            self.push(bit, place, negative);
        }
        self
    }

    fn push(&mut self, bit: &Boolean, place: u8, negative: bool) {
        let one = if negative { -1 } else { 1 } << place;
        let mut add = |bit: &AllocatedBit, negative: bool, one: i64| {
            self.bits.push(Placed { variable: bit.get_variable(), place, negative });
            let value = bit.get_value().map(|set| if set { one } else { 0 });
            self.value = self.value.zip(value).map(|(a, b)| a + b);
        };
        match bit {
            Boolean::Is(bit) => add(bit, negative, one),
            // One less the bit.
            Boolean::Not(bit) => {
                add(bit, !negative, -one);
                self.number += one;
            }
            Boolean::Constant(true) => self.number += one,
            Boolean::Constant(false) => {}
        }
    }

    fn lc<F: PrimeField>(&self, one: Variable) -> LinearCombination<F> {
        let mut places = [F::ONE; 64];
        for i in 1..places.len() {
            places[i] = places[i - 1].double();
        }
        let number = F::from(self.number.unsigned_abs());
        let start = match self.number {
            0 => LinearCombination::zero(),
            1.. => LinearCombination::zero() + (number, one),
            _ => LinearCombination::zero() - (number, one),
        };
        self.bits.iter().fold(start, |lc, bit| {
            let place = places[usize::from(bit.place)];
            if bit.negative { lc - (place, bit.variable) } else { lc + (place, bit.variable) }
        })
    }

    /// The word that this is modulo 2^32. The sum must be at least `-below` times 2^32, and less than 2^32 times
    /// `2^carry_bits - below`: else no witness fits.
    ///
    /// # Errors
    /// As the constraint system's.
    pub fn word<F: PrimeField, CS: ConstraintSystem<F>>(mut self, cs: &mut CS, below: u8, carry_bits: u8) -> Result<Word, SynthesisError> {
        const { assert!(F::CAPACITY > 64, "sums wrap in this field") };
        self.number += i64::from(below) << 32;
        let value = self.value.map(|v| v + self.number);
        let mut bit = |rest: &mut Self, name: &str, i: u8, place: u8| {
            let value = value.map(|v| v >> place & 1 == 1);
            let bit = Boolean::from(AllocatedBit::alloc(cs.namespace(|| format!("{name} {i}")), value)?);
            rest.push(&bit, place, true);
            Ok::<_, SynthesisError>(bit)
        };
        let mut word = Word::constant(0);
        for (i, sum) in (0..).zip(&mut word.0) {
            *sum = bit(&mut self, "sum", i, i)?;
        }
        for i in 0..carry_bits {
            bit(&mut self, "carry", i, 32 + i)?;
        }
        cs.enforce(|| "nothing is left", |_| self.lc::<F>(CS::one()), |lc| lc + CS::one(), |lc| lc);
        Ok(word)
    }
}

/// A function of three bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// One or all three are set.
    Xor,
    /// The second where the first is set, else the third.
    Choice,
    /// Two or three are set.
    Majority,
}

impl Function {
    fn of(self, [a, b, c]: [u32; 3]) -> u32 {
        match self {
            Self::Xor => a ^ b ^ c,
            Self::Choice => (a & b) | (!a & c),
            Self::Majority => (a & b) | (a & c) | (b & c),
        }
    }

    /// The function of three words, bit by bit, as an addend.
    ///
    /// # Errors
    /// As the constraint system's.
    pub fn apply<F: PrimeField, CS: ConstraintSystem<F>>(self, cs: &mut CS, words: [&Word; 3]) -> Result<Sum, SynthesisError> {
        let value = match words.map(Word::value) {
            [Some(a), Some(b), Some(c)] => Some(self.of([a, b, c])),
            _ => None,
        };
        let mut sum = Sum::ZERO;
        for place in 0..32 {
            let bits = words.map(|w| &w.0[usize::from(place)]);
            if bits.iter().filter(|b| !b.is_constant()).count() <= 1 {
                sum.push(&self.linear(bits), place, false);
                continue;
            }
            let value = value.map(|v| v >> place & 1);
            let variable =
                cs.alloc(|| format!("{self:?} {place}"), || value.map(|v| F::from(v.into())).ok_or(SynthesisError::AssignmentMissing))?;
            self.enforce(cs, place, bits, variable);
            sum.bits.push(Placed { variable, place, negative: false });
            sum.value = sum.value.zip(value).map(|(a, b)| a + (i64::from(b) << place));
        }
        Ok(sum)
    }

    /// The function of three bits, at most one of them a variable: that bit, its opposite, or a constant.
    fn linear(self, bits: [&Boolean; 3]) -> Boolean {
        let with = |set: bool| self.of(bits.map(|b| u32::from(if let Boolean::Constant(b) = b { *b } else { set }))) & 1 == 1;
        match bits.into_iter().find(|b| !b.is_constant()) {
            Some(bit) if with(true) != with(false) => {
                if with(true) {
                    bit.clone()
                } else {
                    bit.not()
                }
            }
            _ => Boolean::Constant(with(true)),
        }
    }

    fn enforce<F: PrimeField, CS: ConstraintSystem<F>>(self, cs: &mut CS, place: u8, [a, b, c]: [&Boolean; 3], result: Variable) {
        let one = CS::one();
        let (bit, number) = (|bit: &Boolean| bit.lc(one, F::ONE), |n: u64| F::from(n));
        let total = || bit(a) + &bit(b) + &bit(c);
        let twice = || total() + &total();
        let name = || format!("{self:?} {place} of three bits");
        match self {
            Self::Xor => cs.enforce(name, |_| total(), |_| total() - (number(2), result), |_| twice() - (number(3), result)),
            Self::Majority => cs.enforce(name, |_| total(), |_| total() - (number(4), result), |_| total() - (number(6), result)),
            Self::Choice => cs.enforce(name, |_| bit(a), |_| bit(b) - &bit(c), |lc| lc + result - &bit(c)),
        }
    }
}
