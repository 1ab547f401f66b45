//! All keys of one object, and of the objects it holds.
//!
//! Read backwards, the last events are a chain: from the object's end to its last key's colon, from there to the one before, and from
//! the first one to the object's opening. So a list of positions, each the last event before the next, leaves none out, and
//! all are in one object: another one's opening would be an event, in a state that no slot of the list has.
//!
//! At level 1 a key belongs to the value of the last key at level 0. Each key is compared with every field's, as a number:
//! bytes taken before its colon, in range by 26 lookups. A wanted key must be there once, and a nested one once in its object.
//! Long keys have the number zero and match nothing; a key with an escape stops the machine.

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use super::machine::State;
use super::native::{Found, Key};
use super::scan::{At, state};
use super::shape::Public;
use crate::bytes::Byte;
use crate::lookup::{Lookups, Table};
use crate::sum::{Sum, ask, ask_if, bit, equal, is_zero, octet, position, product, total, zero_if};

/// The most keys at levels 0 and 1 that one object may have.
pub const KEYS: usize = 48;
/// The most bytes taken before a colon: a key, its quote and a space.
const TAKEN: usize = 26;

/// The object and its fields.
pub(super) struct Object<F: PrimeField> {
    /// The position after its closing bracket.
    pub(super) closed: Sum<F>,
    /// The fields' colons.
    pub(super) colons: [Sum<F>; 4],
}

/// One key.
struct Slot<F: PrimeField> {
    top: Sum<F>,
    nested: Sum<F>,
    colon: Sum<F>,
    key: Sum<F>,
}

/// What was seen of one field.
struct Seen<F: PrimeField> {
    colon: Sum<F>,
    inside: Sum<F>,
    first: Vec<Sum<F>>,
    second: Vec<Sum<F>>,
}

/// List the keys.
pub(super) fn enforce<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    public: &Public<F>,
    text: &[Byte],
    found: Option<&Found>,
) -> Result<Object<F>, SynthesisError> {
    let opened = position(cs, lookups, "opened", found.map(|found| found.opened))?;
    let inside = At { position: opened.clone().plus_constant(1), state: state(State::Plain(0)), last: opened.clone(), taken: Sum::zero() };
    ask(lookups, Table::ResponseState, &inside.pack());

    let mut seen = Vec::with_capacity(4);
    for (f, name) in NAMES.iter().enumerate() {
        let colon = found.map(|found| found.fields[f].map_or(0, |field| field.colon));
        let colon = position(cs, lookups, &format!("colon of {name}"), colon)?;
        seen.push(Seen { colon, inside: Sum::zero(), first: Vec::with_capacity(KEYS), second: Vec::with_capacity(KEYS) });
    }
    let mut last = opened;
    for s in 0..KEYS {
        let cs = &mut cs.namespace(|| format!("key {s}"));
        let slot = slot(cs, lookups, &last, text, found.map(|found| found.keys.get(s)))?;
        let is = slot.top.clone().plus(&slot.nested);
        zero_if(cs, "no key, no further", &is.not(), &slot.colon.clone().minus(&last));
        for ((field, seen), name) in public.fields.iter().zip(&mut seen).zip(NAMES) {
            let cs = &mut cs.namespace(|| name);
            let [first, second] = &field.keys;
            let other = product(cs, "the second key's difference", &slot.nested, &second.clone().minus(first))?;
            let same = is_zero(cs, "is the key", &slot.key.clone().minus(first).minus(&other))?;
            let first = product(cs, "first", &slot.top, &same)?;
            let here = product(cs, "in the first key's value", &slot.nested, &seen.inside)?;
            let second = product(cs, "second", &here, &same)?;
            seen.inside = here.plus(&first);
            let inner = product(cs, "the path's end", &field.nested, &second.clone().minus(&first))?;
            zero_if(cs, "the field's colon", &inner.plus(&first), &slot.colon.clone().minus(&seen.colon));
            seen.first.push(first);
            seen.second.push(second);
        }
        last = slot.colon;
    }
    for ((field, seen), name) in public.fields.iter().zip(&seen).zip(NAMES) {
        equal(cs, &format!("{name}: first key once"), &total(&seen.first), &field.present);
        equal(cs, &format!("{name}: second key once"), &total(&seen.second), &field.nested);
    }
    let closed = position(cs, lookups, "closed", found.map(|found| found.closed))?;
    let around = public.by_depth(|depth| State::around(depth).code().into());
    ask(lookups, Table::ResponseState, &At { position: closed.clone(), state: around, last, taken: Sum::zero() }.pack());
    let colons: Vec<Sum<F>> = seen.into_iter().map(|seen| seen.colon).collect();
    Ok(Object { closed, colons: colons.try_into().map_err(|_| SynthesisError::Unsatisfiable)? })
}

/// In the order of [`Public::fields`].
pub(super) const NAMES: [&str; 4] = ["balance", "currency", "kind", "id"];

/// A key, or none.
fn slot<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    last: &Sum<F>,
    text: &[Byte],
    key: Option<Option<&Key>>,
) -> Result<Slot<F>, SynthesisError> {
    let is = |what: fn(&Key) -> bool| key.map(|key| key.is_some_and(what));
    let top = bit(cs, "top", is(|key| !key.nested))?;
    let nested = bit(cs, "nested", is(|key| key.nested))?;
    zero_if(cs, "top or nested", &top, &nested);
    let spaced = bit(cs, "spaced", is(|key| key.spaced))?;
    let long = bit(cs, "long", is(|key| key.length.is_none()))?;
    // Slots without a key stay where the last one was.
    let before = last.value.and_then(|last| usize::try_from(u64::from_le_bytes(last.to_repr().as_ref().get(..8)?.try_into().ok()?)).ok());
    let colon = key.and_then(|key| key.map_or(before, |key| Some(key.colon)));
    let colon = position(cs, lookups, "colon", colon)?;

    let taken_bytes = key.map(|key| key.map_or(0, |key| key.length.map_or(0, |length| length + 1 + usize::from(key.spaced))));
    let mut taken = Sum::zero();
    let mut place = F::ONE;
    for k in 0..TAKEN {
        let byte = key.zip(taken_bytes).map(|(key, count)| {
            let at = key.and_then(|key| (k < count).then(|| key.colon.checked_sub(1 + k)).flatten());
            at.and_then(|at| text.get(at)).and_then(Byte::value).unwrap_or_default()
        });
        taken = taken.plus_times(place, &octet(cs, lookups, &format!("byte {k} before the colon"), byte)?);
        place *= F::from(256);
    }
    let code = state(State::AfterKey(0, false)).plus(&nested).plus(&spaced.times(2)).plus(&long.times(4));
    let at = At { position: colon.clone(), state: code, last: last.clone(), taken: taken.clone() };
    let is = top.clone().plus(&nested);
    ask_if(cs, lookups, Table::ResponseState, "before the colon", &is, &at.pack(), Some(F::ZERO))?;
    // Without the space: (taken - 32) / 256, a whole number in that state.
    let shift = F::from(256).invert().unwrap_or(F::ZERO);
    let shorter = Sum::zero().plus_times(shift, &taken).plus_times(-shift, &Sum::constant(u64::from(b' ')));
    let cut = product(cs, "the space is cut", &spaced, &shorter.minus(&taken))?;
    Ok(Slot { top, nested, colon, key: taken.plus(&cut) })
}
