//! The balance: at most 15 integer digits, no sign, no leading zero, no exponent; digits behind a point, of which as many count as
//! the shape says; at most 34 bytes; then what ends a number.
//!
//! Three rows of bits say which bytes are which, each set up to some byte: the integer part, the whole number, and what counts
//! (the integer part, the point and the fraction's first digits; behind the number's end zeros count).

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use super::native::Found;
use super::shape::{MOST_DIGITS, Public};
use crate::bytes::Byte;
use crate::lookup::{Lookups, Table};
use crate::request::alphabet::{self, Kind};
use crate::sum::{Sum, ask, ask_if, equal, first_bits, product, small, total, zero_if};

/// The most integer digits.
pub const WHOLE: usize = 15;
/// The most digits, with their point.
pub const LONGEST_NUMBER: usize = 34;
/// The number and what ends it.
const WINDOW: usize = LONGEST_NUMBER + 1;
/// Up to where digits can count.
const KEPT: usize = WHOLE + 1 + MOST_DIGITS as usize;

/// The number at `begin` is at least the threshold.
pub(super) fn enforce<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    public: &Public<F>,
    begin: &Sum<F>,
    text: &[Byte],
    found: Option<&Found>,
) -> Result<(), SynthesisError> {
    alphabet::table(lookups);
    let any = super::value::any_row(text);
    let quote = begin.times(256).plus_constant(b'"'.into());
    ask_if(cs, lookups, Table::ResponseText, "opening quote", &public.quoted, &quote, any)?;
    let start = begin.clone().plus(&public.quoted);
    let first = found.map(|found| found.number.start);

    let whole = first_bits(cs, "integer part", WHOLE, found.map(|found| found.number.whole))?;
    let inside = first_bits(cs, "number", LONGEST_NUMBER, found.map(|found| found.number.length))?;
    let kept = first_bits(cs, "counts", KEPT, found.map(|found| found.number.whole + 1 + found.number.digits))?;
    equal(cs, "a digit", &bit_at(&whole, 0), &Sum::constant(1));
    equal(cs, "what counts", &total(&kept), &total(&whole).plus(&public.digits).plus_constant(1));
    zero_if(cs, "minor units have no fraction", &public.minor, &total(&inside).minus(&total(&whole)));

    let mut amount = Sum::zero();
    for j in 0..WINDOW {
        let cs = &mut cs.namespace(|| format!("digit {j}"));
        let value = first.map(|first| text.get(first + j).and_then(Byte::value).unwrap_or_default());
        let byte = Byte::alloc(&mut cs.namespace(|| "byte"), value)?;
        let nibble = Sum::bits(&byte.bits[..4]);
        let byte = Sum::byte(&byte);
        let is = bit_at(&inside, j);
        let read = if j == 0 { Sum::constant(1) } else { bit_at(&inside, j - 1) };
        let at = start.clone().plus_constant(j as u64).times(256).plus(&byte);
        ask_if(cs, lookups, Table::ResponseText, "the text's byte", &read, &at, any)?;

        // The first byte behind the integer part is the point where the number goes on.
        let edge = if j == 0 { Sum::zero() } else { bit_at(&whole, j - 1).minus(&bit_at(&whole, j)) };
        let point = if (1..=WHOLE).contains(&j) { product(cs, "point", &edge, &is)? } else { Sum::zero() };
        if j <= WHOLE {
            zero_if(cs, "the integer part is inside the number", &bit_at(&whole, j), &is.not());
            zero_if(cs, "a digit behind the point", &point, &bit_at(&inside, j + 1).not());
        }
        let ends = read.clone().minus(&is);
        let closing = product(cs, "closing quote", &ends, &public.quoted)?;
        let row = |kind: Kind, expected| F::from(kind.row(expected));
        // More than one integer digit: the first is not zero.
        let first = if j == 0 { bit_at(&whole, 1) } else { Sum::zero() };
        let kind = Sum::zero()
            .plus_times(row(Kind::Digit, 0), &is.clone().minus(&point).minus(&first))
            .plus_times(row(Kind::NotZero, 0), &first)
            .plus_times(row(Kind::Fixed, b'.'), &point)
            .plus_times(row(Kind::AfterNumber, 0), &ends.minus(&closing))
            .plus_times(row(Kind::Fixed, b'"'), &closing)
            .plus_times(row(Kind::Any, 0), &read.not());
        ask(lookups, Table::Alphabet, &kind.plus(&byte));

        if j < KEPT {
            let digit = product(cs, "its worth", &is, &nibble)?;
            let counts = bit_at(&kept, j).minus(&edge);
            let more = product(cs, "ten times and it", &counts, &amount.times(9).plus(&digit))?;
            amount = amount.plus(&more);
        }
    }
    let above = found.map(|found| found.number.above);
    let above = small(cs, "above the threshold", 64, above)?;
    equal(cs, "at least the threshold", &amount, &public.at_least.clone().plus(&above));
    Ok(())
}

fn bit_at<F: PrimeField>(bits: &[Sum<F>], at: usize) -> Sum<F> {
    bits.get(at).cloned().unwrap_or_else(Sum::zero)
}
