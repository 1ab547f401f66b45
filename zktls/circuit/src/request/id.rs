//! The account's id, for the nullifier.

use bellpepper_core::boolean::Boolean;
use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use super::alphabet::{self, Kind};
use crate::bytes::Byte;
use crate::lookup::{Lookups, Table};
use crate::sum::{Sum, ask, equal, first_bits, number, total};

/// The most bytes an id has: with its length and the scope they fill one block of SHA-256.
pub const LONGEST_ID: usize = parlance_zktls_protocol::MAX_ID;

/// An account's id; no bytes where there is none.
#[derive(Clone, Debug)]
pub struct Id {
    /// [`LONGEST_ID`] bytes, zeros behind the id.
    pub bytes: Vec<Byte>,
    /// How many bytes it has.
    pub length: Byte,
}

/// Where an id is read.
pub(crate) struct Window<F: PrimeField> {
    /// Rows position · 256 + byte.
    pub(crate) table: Table,
    /// Its alphabet.
    pub(crate) kind: Kind,
    /// Position of its first byte, in range.
    pub(crate) start: Sum<F>,
    /// Any row of the table.
    pub(crate) any: Option<F>,
}

impl Id {
    /// The one of both that is there.
    ///
    /// # Errors
    /// As the constraint system's.
    pub fn either<F: PrimeField, CS: ConstraintSystem<F>>(cs: &mut CS, a: &Self, b: &Self) -> Result<Self, SynthesisError> {
        let mut bytes = Vec::with_capacity(LONGEST_ID + 1);
        for (i, (a, b)) in a.bytes.iter().chain([&a.length]).zip(b.bytes.iter().chain([&b.length])).enumerate() {
            let mut bits = [const { Boolean::Constant(false) }; 8];
            for (k, (bit, (a, b))) in bits.iter_mut().zip(a.bits.iter().zip(&b.bits)).enumerate() {
                *bit = Boolean::or(cs.namespace(|| format!("byte {i} bit {k}")), a, b)?;
            }
            bytes.push(Byte { bits });
        }
        let length = bytes.pop().ok_or(SynthesisError::Unsatisfiable)?;
        Ok(Self { bytes, length })
    }
}

impl<F: PrimeField> Window<F> {
    /// Read it; also a bit that is set where an id is there.
    ///
    /// Byte j, where it is one of the id's, is the one at start + j: asked = 256 (start + j) + byte, in which both parts are in
    /// range; where not, it is zero and any row is asked.
    pub(crate) fn read<CS: ConstraintSystem<F>>(
        &self,
        cs: &mut CS,
        lookups: &mut Lookups<F>,
        id: Option<&[u8]>,
    ) -> Result<(Id, Sum<F>), SynthesisError> {
        alphabet::table(lookups);
        let length = id.map(|id| u8::try_from(id.len()).unwrap_or(u8::MAX));
        let length = Byte::alloc(&mut cs.namespace(|| "length"), length)?;
        let there = first_bits(cs, "there", LONGEST_ID, id.map(<[u8]>::len))?;
        equal(cs, "as many bytes as its length", &total(&there), &Sum::byte(&length));
        let mut bytes = Vec::with_capacity(LONGEST_ID);
        for (j, there) in there.iter().enumerate() {
            let byte = Byte::alloc(&mut cs.namespace(|| format!("byte {j}")), id.map(|id| id.get(j).copied().unwrap_or(0)))?;
            let value = Sum::byte(&byte);
            let place = self.start.clone().plus_constant(j as u64).times(256);
            let wanted = place.clone().plus(&value);
            let is = there.value.and_then(|t| if t.is_zero_vartime() { self.any } else { wanted.value });
            let asked = number(cs, &format!("asked {j}"), is)?;
            let text = asked.clone().minus(&place).lc;
            cs.enforce(|| format!("byte {j} is the text's or zero"), |_| there.lc.clone(), |_| text, |_| value.lc.clone());
            ask(lookups, self.table, &asked);
            let free = Kind::Any.row(0);
            let kind = Sum::constant(free).plus_times(F::from(self.kind.row(0)), there).minus(&there.times(free));
            ask(lookups, Table::Alphabet, &kind.plus(&value));
            bytes.push(byte);
        }
        let present = there.into_iter().next().ok_or(SynthesisError::Unsatisfiable)?;
        Ok((Id { bytes, length }, present))
    }
}
