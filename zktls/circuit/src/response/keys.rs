//! All keys of one object, and of the objects it holds.
//!
//! Read backwards, the last events are a chain: from the object's end to its last key's colon, from there to the one before, and from
//! the first one to the object's opening. So a list of positions, each the last event before the next, leaves none out, and
//! all are in one object: another one's opening would be an event, in a state that no slot of the list has.
//!
//! At level 1 a key belongs to the value of the last key at level 0. For each field, each key that could be its first or second
//! one either *is* it, which happens once, or is shown to be another: a place, counted from the closing quote, has another byte
//! than the wanted key. The state before the colon says that the key has neither quotes nor escapes in it, and the wanted key,
//! with its opening quote, has one quote, its first byte. So equal keys have no such place, and different ones do.
//!
//! `Keys` holds byte + 2²⁰ place + 2⁴⁰ key. Of key (known), place p, wanted byte w and found byte b, only b is in range. The questions
//! 2⁸ (end - 32 + p) + b to `ResponseText`, w + 2²⁰ p + 2⁴⁰ key to `Keys` and b - w + 2⁸ to `Difference` leave no choice: by the first p is a
//! multiple of 2⁻⁸, below 2¹⁷ in size; by the third |w| < 2⁹; so by the second 2²⁰ times the difference of p and a row's place, a
//! multiple of 2¹², is below 2¹⁰ in size (rows of other keys are 2⁴⁰ away); it is zero, p and w are a row's, p is an integer, and b
//! is the byte there.

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use super::machine::State;
use super::native::{Found, Key, Value};
use super::scan::{At, state};
use super::shape::{BACK, Letter, Public};
use super::value::{any_row, is_text};
use crate::bytes::Byte;
use crate::lookup::{Lookups, Table};
use crate::sum::{Sum, ask, ask_if, bit, equal, number, octet, one, position, product, total, zero_if};

/// The most keys at levels 0 and 1 that one object may have.
pub const KEYS: usize = 48;
/// In the order of [`Public::fields`].
pub(super) const NAMES: [&str; 4] = ["balance", "currency", "kind", "id"];

/// The object and its fields.
pub(super) struct Object<F: PrimeField> {
    /// The position after its closing bracket.
    pub(super) closed: Sum<F>,
    /// The fields' colons.
    pub(super) colons: [Sum<F>; 4],
}

/// One key, or none.
struct Slot<F: PrimeField> {
    top: Sum<F>,
    nested: Sum<F>,
    colon: Sum<F>,
    /// Its closing quote.
    end: Sum<F>,
}

/// One field on the way through the list.
struct Seen<F: PrimeField> {
    /// The colon before its value.
    colon: Sum<F>,
    /// The closing quotes of its first and second key.
    ends: [Sum<F>; 2],
    /// Whether the last key at level 0 is its first one.
    inside: Sum<F>,
    /// How often its keys were there.
    times: [Sum<F>; 2],
}

/// List the keys.
pub(super) fn enforce<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    public: &Public<F>,
    text: &[Byte],
    found: Option<&Found>,
) -> Result<Object<F>, SynthesisError> {
    tables(lookups, public);
    let opened = position(cs, lookups, "opened", found.map(|found| found.opened))?;
    let inside = At { position: opened.clone().plus_constant(1), state: state(State::Plain(0)), last: opened.clone() };
    ask(lookups, Table::ResponseState, &inside.pack());

    let mut seen = Vec::with_capacity(4);
    for (f, name) in NAMES.iter().enumerate() {
        let value = found.map(|found| found.fields[f]);
        seen.push(Seen::new(&mut cs.namespace(|| format!("key of {name}")), value)?);
    }
    let mut last = opened;
    for s in 0..KEYS {
        let cs = &mut cs.namespace(|| format!("key {s}"));
        let key = found.map(|found| found.keys.get(s));
        let slot = slot(cs, lookups, &last, key)?;
        for (f, (seen, name)) in seen.iter_mut().zip(NAMES).enumerate() {
            let value = found.map(|found| found.fields[f]);
            let cs = &mut cs.namespace(|| name);
            let wanted = |value: &Value| {
                let key = key.flatten()?;
                Some([
                    !key.nested && key.colon == value.first.colon,
                    key.nested && value.second.is_some_and(|second| second.colon == key.colon),
                ])
            };
            let is = value.map(|value| value.as_ref().and_then(wanted).unwrap_or_default());
            let first = bit(cs, "first", is.map(|is| is[0]))?;
            let second = bit(cs, "second", is.map(|is| is[1]))?;
            let here = product(cs, "in the first key's value", &slot.nested, &seen.inside)?;
            let [first_end, second_end] = &seen.ends;
            zero_if(cs, "the first key is at level 0", &first, &slot.top.not());
            zero_if(cs, "the second key is in the first one's value", &second, &here.not());
            zero_if(cs, "the first key's end", &first, &slot.end.clone().minus(first_end));
            zero_if(cs, "the second key's end", &second, &slot.end.clone().minus(second_end));
            let alone = product(cs, "the only key", &first, &public.fields[f].nested.not())?;
            zero_if(cs, "the field's colon", &alone.plus(&second), &slot.colon.clone().minus(&seen.colon));
            let other = slot.top.clone().minus(&first).plus(&here).minus(&second);
            let keys = [&public.texts[2 * f], &public.texts[2 * f + 1]];
            differs(cs, lookups, &other, &slot, keys, 2 * f as u64, text)?;
            seen.inside = here.plus(&first);
            seen.times = [total(&[seen.times[0].clone(), first]), total(&[seen.times[1].clone(), second])];
        }
        last = slot.colon;
    }
    for (f, ((seen, field), name)) in seen.iter().zip(&public.fields).zip(NAMES).enumerate() {
        for (k, (which, asked)) in [("first", &field.present), ("second", &field.nested)].into_iter().enumerate() {
            let cs = &mut cs.namespace(|| format!("{name}: {which} key"));
            equal(cs, "once", &seen.times[k], asked);
            is_text(cs, lookups, asked, &seen.ends[k], &public.texts[2 * f + k], any_row(text))?;
        }
    }
    let closed = position(cs, lookups, "closed", found.map(|found| found.closed))?;
    let around = public.by_depth(|depth| State::around(depth).code().into());
    ask(lookups, Table::ResponseState, &At { position: closed.clone(), state: around, last }.pack());
    let colons: Vec<Sum<F>> = seen.into_iter().map(|seen| seen.colon).collect();
    Ok(Object { closed, colons: colons.try_into().map_err(|_| SynthesisError::Unsatisfiable)? })
}

impl<F: PrimeField> Seen<F> {
    /// Nothing yet. Colon and ends need no range: they are some slot's, or nobody's.
    fn new<CS: ConstraintSystem<F>>(cs: &mut CS, value: Option<Option<Value>>) -> Result<Self, SynthesisError> {
        let end = |key: Key| key.colon.saturating_sub(1 + usize::from(key.spaced));
        let value = value.map(|value| {
            let first = value.map_or(Key::default(), |value| value.first);
            let second = value.and_then(|value| value.second);
            [second.unwrap_or(first).colon, end(first), end(second.unwrap_or_default())].map(|at| F::from(at as u64))
        });
        let colon = number(cs, "colon", value.map(|value| value[0]))?;
        let ends =
            [number(cs, "end of the first", value.map(|value| value[1]))?, number(cs, "end of the second", value.map(|value| value[2]))?];
        Ok(Self { colon, ends, inside: Sum::zero(), times: [Sum::zero(), Sum::zero()] })
    }
}

/// A key, or none.
fn slot<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    last: &Sum<F>,
    key: Option<Option<&Key>>,
) -> Result<Slot<F>, SynthesisError> {
    let is = |what: fn(&Key) -> bool| key.map(|key| key.is_some_and(what));
    let top = bit(cs, "top", is(|key| !key.nested))?;
    let nested = bit(cs, "nested", is(|key| key.nested))?;
    zero_if(cs, "top or nested", &top, &nested);
    let spaced = bit(cs, "spaced", is(|key| key.spaced))?;
    // Slots without a key stay where the last one was.
    let before = last.low().and_then(|last| usize::try_from(last).ok());
    let colon = position(cs, lookups, "colon", key.and_then(|key| key.map_or(before, |key| Some(key.colon))))?;
    let is = top.clone().plus(&nested);
    zero_if(cs, "no key, no further", &is.not(), &colon.clone().minus(last));

    let code = state(State::AfterKey(0, false)).plus(&nested).plus(&spaced.times(2));
    let at = At { position: colon.clone(), state: code, last: last.clone() };
    ask_if(cs, lookups, Table::ResponseState, "before the colon", &is, &at.pack(), Some(F::ZERO))?;
    let end = colon.clone().minus(&Sum::constant(1)).minus(&spaced);
    Ok(Slot { top, nested, colon, end })
}

/// Where the bit `other` is set, the key is not the one that is wanted at its level: `keys[0]` at level 0 and `keys[1]` at level 1.
fn differs<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    other: &Sum<F>,
    slot: &Slot<F>,
    keys: [&Vec<Letter<F>>; 2],
    id: u64,
    text: &[Byte],
) -> Result<(), SynthesisError> {
    let at = |place: u64| slot.end.low()?.checked_add(place)?.checked_sub(BACK).and_then(|at| text.get(usize::try_from(at).ok()?));
    let letter = slot.nested.low().and_then(|nested| {
        let letters = keys.get(usize::try_from(nested).ok()?)?.iter();
        let mut letters = letters.filter_map(|letter| Some((letter.place.low()?, letter.byte.low()?, at(letter.place.low()?)?.value()?)));
        let first = letters.next();
        let differing = first.into_iter().chain(letters).find(|(_, wanted, found)| u64::from(*found) != *wanted);
        differing.or(first).or(Some((0, 0, 0)))
    });
    let place = number(cs, "place", letter.map(|(place, _, _)| F::from(place)))?;
    let wanted = number(cs, "wanted byte", letter.map(|(_, wanted, _)| F::from(wanted)))?;
    let found = octet(cs, lookups, "found byte", letter.map(|(_, _, found)| found))?;
    let at = slot.end.clone().plus(&place).minus(&Sum::constant(BACK)).times(256).plus(&found);
    ask(lookups, Table::ResponseText, &at);
    let row = wanted.clone().plus(&place.times(1 << 20)).plus_constant(id << 40).plus(&slot.nested.times(1 << 40));
    ask(lookups, Table::Keys, &row);
    let difference = found.minus(&wanted).plus_constant(256);
    ask_if(cs, lookups, Table::Difference, "another byte", other, &difference, Some(F::ZERO))
}

/// The wanted keys' letters, and all differences of bytes but zero, each and 256.
fn tables<F: PrimeField>(lookups: &mut Lookups<F>, public: &Public<F>) {
    lookups.fixed(Table::Difference, one(), || (0..512).filter(|d| *d != 256).map(F::from).collect());
    for (id, letters) in (0..).zip(&public.texts[..8]) {
        for letter in letters {
            let Sum { lc, value } = letter.byte.clone().plus(&letter.place.times(1 << 20)).plus_constant(id << 40);
            lookups.row(Table::Keys, lc, value);
        }
    }
}
