//! Values of fields: where they begin, strings that must be there, the id.

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use super::machine::State;
use super::scan::{At, state};
use super::shape::{BACK, Field, Letter};
use crate::bytes::Byte;
use crate::lookup::{Lookups, Table};
use crate::request::alphabet::Kind;
use crate::request::{Id, id::Window};
use crate::sum::{Sum, ask_if, equal, position};

/// The value behind a field's colon begins here, or somewhere in the white space before it.
pub(super) fn begin<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    field: &Field<F>,
    colon: &Sum<F>,
    value: Option<usize>,
) -> Result<Sum<F>, SynthesisError> {
    let position = position(cs, lookups, "begin", value)?;
    let code = state(State::AfterColon(0)).plus(&field.nested);
    let at = At { position: position.clone(), state: code, last: colon.clone() };
    ask_if(cs, lookups, Table::ResponseState, "value", &field.present, &at.pack(), Some(F::ZERO))?;
    Ok(position)
}

/// The value is the string of these letters.
pub(super) fn is_letters<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    present: &Sum<F>,
    begin: &Sum<F>,
    letters: &[Sum<F>],
    any: Option<F>,
) -> Result<(), SynthesisError> {
    let quote = [Sum::constant(b'"'.into())];
    for (i, letter) in quote.iter().chain(letters).chain(&quote).enumerate() {
        let at = begin.clone().plus_constant(i as u64).times(256).plus(letter);
        ask_if(cs, lookups, Table::ResponseText, &format!("letter {i}"), present, &at, any)?;
    }
    Ok(())
}

/// Before the closing quote at position `end` stands this text, with its opening quote.
pub(super) fn is_text<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    present: &Sum<F>,
    end: &Sum<F>,
    text: &[Letter<F>],
    any: Option<F>,
) -> Result<(), SynthesisError> {
    let quote = end.times(256).plus_constant(b'"'.into());
    ask_if(cs, lookups, Table::ResponseText, "closing quote", present, &quote, any)?;
    for (i, letter) in text.iter().enumerate() {
        let at = end.clone().plus(&letter.place).minus(&Sum::constant(BACK)).times(256).plus(&letter.byte);
        ask_if(cs, lookups, Table::ResponseText, &format!("letter {i}"), present, &at, any)?;
    }
    Ok(())
}

/// The id: a string of bytes that stand for themselves, between its quotes.
pub(super) fn id<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    field: &Field<F>,
    begin: &Sum<F>,
    any: Option<F>,
    id: Option<&[u8]>,
) -> Result<Id, SynthesisError> {
    let quote = |position: Sum<F>| position.times(256).plus_constant(b'"'.into());
    ask_if(cs, lookups, Table::ResponseText, "opening quote", &field.present, &quote(begin.clone()), any)?;
    let start = begin.clone().plus_constant(1);
    let read = Window { table: Table::ResponseText, kind: Kind::Plain, start: start.clone(), any };
    let (id, there) = read.read(cs, lookups, id)?;
    equal(cs, "an id where there is one", &there, &field.present);
    let end = start.plus(&Sum::byte(&id.length));
    ask_if(cs, lookups, Table::ResponseText, "closing quote", &field.present, &quote(end), any)?;
    Ok(id)
}

/// Any row of `ResponseText`.
pub(super) fn any_row<F: PrimeField>(text: &[Byte]) -> Option<F> {
    text.first().and_then(Byte::value).map(|byte| F::from(byte.into()))
}
