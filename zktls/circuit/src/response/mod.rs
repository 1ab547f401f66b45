//! The response: a JSON object in it holds a balance of at least the threshold, in the claim's currency.
//!
//! # What is enforced
//! - The response begins `HTTP/1.1 200 `. Its body begins after the first CRLFCRLF; neither CR nor LF stands alone before it.
//! - The body begins with `{` or `[`, or it is chunked, and its first chunk does; then all that is read is in that chunk. Chunked
//!   or not, says the body's first byte: a hexadecimal digit begins no JSON object or array.
//! - One object opens at the template's depth; from depth 2 on it is an element of an array. All that is read of it stands before its
//!   closing bracket, which stands inside the response. Trailing bytes don't matter, nor what the prover claims them to be.
//! - Balance, currency, kind and id are values of keys of this object, or of an object that is a key's value. Each key
//!   of a path is there once in its object.
//! - The balance is a number as `number` says, quoted if and only if the shape says so, and at least the threshold; currency and kind
//!   are strings written without escapes, byte for byte as wanted; the id is printable ASCII, written without escapes.
//!
//! # How
//! [`machine`] reads each byte once (`scan`); its way through the text is the table `ResponseState`, of which single rows are asked at
//! positions that the prover chooses (`frame`, `keys`, `value`); keys, texts, numbers and ids are read from the text itself
//! (`ResponseText`). The machine is deterministic, so a row says what is true of a position; everything that is asked is in range.
//! The only choice is to stop reading behind the object ([`machine::State::End`]), where nothing is asked any more.
//!
//! A server's JSON is taken to be JSON: what the machine can't tell from JSON (brackets of different kinds, words that are no
//! literals) it does not look for. Strings are the one place where others than the bank may write, and they are followed exactly.
//!
//! # What is refused though it is JSON
//! Keys with escapes at levels 0 and 1, more than one space before their colon, nesting deeper than [`machine::DEEPEST`] levels below the
//! object, more than [`KEYS`] keys in it and in the objects it holds. All count from the beginning up to the object's end.

mod frame;
mod keys;
pub mod machine;
pub mod native;
mod number;
mod scan;
mod shape;
mod value;

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

pub use keys::KEYS;
pub use number::{LONGEST_NUMBER, WHOLE};
pub use shape::{FieldPath, Form, LONGEST, Public, ResponseShape, ShapeError, Threshold, WIDTHS};

use crate::bytes::Byte;
use crate::lookup::Lookups;
use crate::request::Id;
use crate::sum::Sum;
use native::Found;

/// The largest circuit. Positions that are asked, and a little beyond them, are below all else that the server's records hold: see
/// [`crate::records::TYPES`].
pub const MOST_BYTES: usize = 0x3f00;

/// The response proves the claim. `text` has the circuit's capacity, of which `length` bytes are the response; the caller ties `length` and
/// [`Public::bits`] to public inputs, and makes the rows of [`Table::ResponseText`], position · 256 + byte. Gives the account's id; it is
/// empty where the shape has none.
///
/// # Errors
/// As the constraint system's; [`SynthesisError::Unsatisfiable`] where there are more than [`MOST_BYTES`], or the field has less than 128 bits.
pub fn enforce<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    text: &[Byte],
    length: &Sum<F>,
    public: &Public<F>,
    found: Option<&Found>,
) -> Result<Id, SynthesisError> {
    if text.len() > MOST_BYTES || F::CAPACITY < 128 {
        return Err(SynthesisError::Unsatisfiable);
    }
    frame::status(cs, text)?;
    scan::scan(cs, lookups, text, public, found.map(|found| &found.trace))?;
    let object = keys::enforce(cs, lookups, public, text, found)?;
    frame::enforce(&mut cs.namespace(|| "frame"), lookups, public, length, &object.closed, text, found)?;

    let mut begins = Vec::with_capacity(4);
    for (f, (field, name)) in public.fields.iter().zip(keys::NAMES).enumerate() {
        let begin = found.map(|found| found.fields[f].map_or(0, |field| field.begin));
        begins.push(value::begin(&mut cs.namespace(|| name), lookups, field, &object.colons[f], begin)?);
    }
    let [balance, currency, kind, id] = &begins[..] else { return Err(SynthesisError::Unsatisfiable) };
    let [_, currency_field, kind_field, id_field] = &public.fields;
    number::enforce(&mut cs.namespace(|| "number"), lookups, public, balance, text, found)?;
    let any = value::any_row(text);
    let name = || "currency's text";
    value::is_letters(&mut cs.namespace(name), lookups, &currency_field.present, currency, &public.currency, any)?;
    let end = kind.clone().plus(&public.kind_length).plus_constant(1);
    value::is_text(&mut cs.namespace(|| "kind's text"), lookups, &kind_field.present, &end, &public.texts[8], any)?;
    let read = found.map(|found| found.id.as_slice());
    value::id(&mut cs.namespace(|| "id's text"), lookups, id_field, id, any, read)
}

#[cfg(test)]
mod tests;
