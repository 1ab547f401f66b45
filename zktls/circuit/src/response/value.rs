//! Values of fields: where they begin, strings that must be there, the id.

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use super::machine::State;
use super::scan::{At, state};
use super::shape::Field;
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
    let at = At { position: position.clone(), state: code, last: colon.clone(), taken: Sum::zero() };
    ask_if(cs, lookups, Table::ResponseState, "value", &field.present, &at.pack(), Some(F::ZERO))?;
    Ok(position)
}

/// The value is the string with this number (its quote included) and length.
///
/// The state after the closing quote has taken just this string. It is as long as stated (no byte of it is zero), so it began at
/// `begin`, behind the colon and not as the next key.
pub(super) fn is_text<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    field: &Field<F>,
    [colon, begin]: [&Sum<F>; 2],
    text: &Sum<F>,
    length: &Sum<F>,
) -> Result<(), SynthesisError> {
    let position = begin.clone().plus(length).plus_constant(2);
    let code = state(State::AfterKey(0, false)).plus(&field.nested);
    let at = At { position, state: code, last: colon.clone(), taken: text.clone() };
    ask_if(cs, lookups, Table::ResponseState, "text", &field.present, &at.pack(), Some(F::ZERO))
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
