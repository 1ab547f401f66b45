//! The request: every byte is the template's, or from the alphabet of its hole.
//!
//! What may stand where is public: one number a byte, made by the verifier from the template and its holes' lengths. One
//! lookup compares it with the byte: table [`Alphabet`](Table::Alphabet), rows kind · 2¹⁶ + expected byte · 2⁸ + byte. The
//! packing is unique: the public part is a multiple of 2⁸ and the byte is eight bits.
//!
//! No alphabet holds a byte that ends its place (CR, LF, space, `/`, `?`, `&`, `;`, `"`, `\`), so neither a header nor a
//! second request can hide in a hole.

pub(crate) mod alphabet;
pub(crate) mod id;
mod shape;

use bellpepper_core::num::AllocatedNum;
use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

pub use id::{Id, LONGEST_ID};
pub use shape::{Place, RequestError, RequestShape};

use crate::bytes::Byte;
use crate::lookup::{Lookups, Table};
use crate::sum::{Sum, ask, equal};

/// Each byte of `text` may stand where it stands; `places` are [`RequestShape::numbers`], which the caller ties to public
/// inputs.
///
/// # Errors
/// [`SynthesisError::Unsatisfiable`] where there are not as many places as bytes.
pub fn enforce<F: PrimeField>(lookups: &mut Lookups<F>, text: &[Byte], places: &[AllocatedNum<F>]) -> Result<(), SynthesisError> {
    if text.len() != places.len() {
        return Err(SynthesisError::Unsatisfiable);
    }
    alphabet::table(lookups);
    for (byte, place) in text.iter().zip(places) {
        ask(lookups, Table::Alphabet, &Sum::from(place).plus(&Sum::byte(byte)));
    }
    Ok(())
}

/// The account's id as a parameter of the request: `length` bytes from `start`, both tied to public inputs by the caller;
/// `length` 0 where the template has its id elsewhere. It is read in [`Table::RequestText`], whose rows the caller makes.
///
/// # Errors
/// As the constraint system's.
pub fn id_from_request<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    text: &[Byte],
    start: &Sum<F>,
    length: &Sum<F>,
    id: Option<&[u8]>,
) -> Result<Id, SynthesisError> {
    let any = text.first().and_then(Byte::value).map(|b| F::from(u64::from(b)));
    let read = id::Window { table: Table::RequestText, kind: alphabet::Kind::Parameter, start: start.clone(), any };
    let (id, _) = read.read(cs, lookups, id)?;
    equal(cs, "the id is as long as its hole", &Sum::byte(&id.length), length);
    Ok(id)
}

/// Rows position · 256 + byte, as [`crate::records::text`] makes them.
#[cfg(test)]
pub(crate) fn text_rows<F: PrimeField>(lookups: &mut Lookups<F>, table: Table, text: &[Byte]) {
    for (i, byte) in text.iter().enumerate() {
        let Sum { lc, value } = Sum::constant(256 * i as u64).plus(&Sum::byte(byte));
        lookups.row(table, lc, value);
    }
}

#[cfg(test)]
mod tests;
