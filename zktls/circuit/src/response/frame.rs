//! Status, where the JSON begins, and how far it may be read.

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use super::machine::State;
use super::native::Found;
use super::scan::{At, state};
use super::shape::Public;
use super::value::any_row;
use crate::bytes::Byte;
use crate::lookup::{Lookups, Table};
use crate::sum::{Sum, ask, ask_if, bit, equal, first_bits, position, product, small, total, zero_if};

/// With what every response begins.
pub(super) const STATUS: &[u8] = b"HTTP/1.1 200 ";

/// The response begins as it must.
pub(super) fn status<F: PrimeField, CS: ConstraintSystem<F>>(cs: &mut CS, text: &[Byte]) -> Result<(), SynthesisError> {
    for (i, expected) in STATUS.iter().enumerate() {
        let byte = text.get(i).ok_or(SynthesisError::Unsatisfiable)?;
        equal(cs, &format!("status {i}"), &Sum::byte(byte), &Sum::constant((*expected).into()));
    }
    Ok(())
}

/// All up to position `closed` is inside the response and, where the body is chunked, inside its first chunk.
///
/// Whether it is chunked says the state at `data`, where the JSON begins: the body's first byte or the chunk's. The state after that
/// byte shows that it opens the JSON; else a chunked body's first byte could pass for plain data.
pub(super) fn enforce<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    public: &Public<F>,
    length: &Sum<F>,
    closed: &Sum<F>,
    text: &[Byte],
    found: Option<&Found>,
) -> Result<(), SynthesisError> {
    let rest = found.zip(length.low()).map(|(found, length)| (length as usize).saturating_sub(found.closed));
    let rest = position(cs, lookups, "bytes behind the object", rest)?;
    equal(cs, "the object is inside the response", &closed.clone().plus(&rest), length);

    let is_chunked = found.map(|found| found.chunk.is_some());
    let chunked = bit(cs, "chunked", is_chunked)?;
    let data = position(cs, lookups, "data", found.map(|found| found.data))?;
    let code = |state: State| F::from(state.code().into());
    let begin = state(State::Body).plus_times(code(State::Chunk) - code(State::Body), &chunked);
    ask(lookups, Table::ResponseState, &At { position: data.clone(), state: begin, last: Sum::zero() }.pack());
    let outermost = |depth| if depth == 1 { State::Plain(0) } else { State::Outer(1) };
    let inside = public.by_depth(|depth| outermost(depth).code().into());
    let [top, ..] = &public.depth;
    let last = product(cs, "event where the object is the whole", top, &data)?;
    let opened = At { position: data.clone().plus_constant(1), state: inside, last };
    ask(lookups, Table::ResponseState, &opened.pack());

    let size = chunk_size(cs, lookups, &chunked, text, found)?;
    let end = data.plus(&size).minus(closed);
    let rest = small(cs, "bytes behind the object in the chunk", 34, is_chunked.and_then(|is| if is { end.low() } else { Some(0) }))?;
    zero_if(cs, "the object is inside the first chunk", &chunked, &end.minus(&rest));
    Ok(())
}

/// The first chunk's size, from its digits: as many as the state behind them has counted.
fn chunk_size<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    chunked: &Sum<F>,
    text: &[Byte],
    found: Option<&Found>,
) -> Result<Sum<F>, SynthesisError> {
    let chunk = found.map(|found| found.chunk.unwrap_or_default());
    let there = first_bits(cs, "chunk digit", 8, chunk.map(|chunk| chunk.digits))?;
    let end = position(cs, lookups, "end of the digits", chunk.map(|chunk| chunk.end))?;
    let wanted = At { position: end.clone(), state: state(State::Body).plus(&total(&there)), last: Sum::zero() };
    ask_if(cs, lookups, Table::ResponseState, "chunk size", chunked, &wanted.pack(), Some(F::ZERO))?;
    let mut size = Sum::zero();
    for (i, there) in there.iter().enumerate() {
        let at = |end: usize| end.checked_sub(1 + i).and_then(|at| text.get(at)).and_then(Byte::value).unwrap_or_default();
        let digit = Byte::alloc(&mut cs.namespace(|| format!("digit {i}")), chunk.map(|chunk| at(chunk.end)))?;
        let place = end.clone().minus(&Sum::constant(1 + i as u64)).times(256).plus(&Sum::byte(&digit));
        ask_if(cs, lookups, Table::ResponseText, &format!("digit {i} is the text's"), there, &place, any_row(text))?;
        // 0 to 9 are 0x30 to 0x39, letters 0x41 or 0x61 and on.
        let worth = Sum::bits(&digit.bits[..4]).plus_times(F::from(9), &Sum::bits(&digit.bits[6..7]));
        let worth = product(cs, &format!("digit {i} counts"), there, &worth)?;
        size = size.plus(&worth.times(1 << (4 * i)));
    }
    Ok(size)
}
