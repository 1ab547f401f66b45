//! The machine over every byte: six constraints each.
//!
//! `Syntax` holds byte + 2⁸ class; `Step` holds class + 2⁴ state + 2¹² next + 2²⁰ event. All but the class is in range: the byte by its
//! bits, the states by `Range` (the first is a constant), the event as a bit. So by `Step` the class is an integer below 2²² in size;
//! then 2⁸ class + byte, far from the field's size, is a row of `Syntax` as an integer, whose remainder by 2⁸ is the byte; so it is
//! this byte's class, and the row of `Step` is this state's and this class's.
//!
//! `ResponseState` has a row for each position: position + 2¹⁶ state + 2²⁴ last event. Positions are constants; the last event is zero
//! or a position. So rows are read in one way by whoever asks with parts in range.

use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use super::machine::{Class, DEPTHS, State, Step, Trace};
use super::shape::Public;
use crate::bytes::Byte;
use crate::lookup::{Lookups, Table};
use crate::sum::{Sum, ask, bit, number, octet, one};

/// A row of `ResponseState`.
pub(super) struct At<F: PrimeField> {
    /// A position.
    pub(super) position: Sum<F>,
    /// The state before its byte.
    pub(super) state: Sum<F>,
    /// The last event before it.
    pub(super) last: Sum<F>,
}

impl<F: PrimeField> At<F> {
    /// Packed.
    pub(super) fn pack(&self) -> Sum<F> {
        let place = |bits: u32| F::from(1 << bits);
        let sum = self.position.clone().plus_times(place(16), &self.state);
        sum.plus_times(place(24), &self.last)
    }
}

/// A state as a constant.
pub(super) fn state<F: PrimeField>(state: State) -> Sum<F> {
    Sum::constant(state.code().into())
}

/// Run the machine; makes the rows of `ResponseState`, one more than there are bytes.
pub(super) fn scan<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    lookups: &mut Lookups<F>,
    text: &[Byte],
    public: &Public<F>,
    trace: Option<&Trace>,
) -> Result<(), SynthesisError> {
    tables(lookups, public);
    let mut before = At { position: Sum::zero(), state: state(State::Header), last: Sum::zero() };
    for (i, byte) in text.iter().enumerate() {
        let cs = &mut cs.namespace(|| format!("byte {i}"));
        row(lookups, &before);
        let value = byte.value();
        let byte = Sum::byte(byte);
        let class = number(cs, "class", value.map(|byte| F::from(Class::of(byte) as u64)))?;
        let next = octet(cs, lookups, "state", trace.map(|trace| trace.state(i + 1).code()))?;
        let event = bit(cs, "event", trace.map(|trace| trace.event(i)))?;
        ask(lookups, Table::Syntax, &byte.clone().plus(&class.times(1 << 8)));
        let step = class.plus(&before.state.times(1 << 4)).plus(&next.times(1 << 12));
        ask(lookups, Table::Step, &step.plus(&event.times(1 << 20)));

        let here = Sum::constant(i as u64);
        let value = trace.and_then(|trace| if trace.event(i) { here.value } else { before.last.value });
        let last = number(cs, "last event", value)?;
        cs.enforce(
            || "the last event is this byte or the one before",
            |_| event.lc.clone(),
            |_| here.minus(&before.last).lc,
            |_| last.clone().minus(&before.last).lc,
        );
        before = At { position: Sum::constant(i as u64 + 1), state: next, last };
    }
    row(lookups, &before);
    Ok(())
}

fn row<F: PrimeField>(lookups: &mut Lookups<F>, at: &At<F>) {
    let Sum { lc, value } = at.pack();
    lookups.row(Table::ResponseState, lc, value);
}

/// The machine's tables. A few steps depend on the depth, which is public: their rows are sums of its bits.
fn tables<F: PrimeField>(lookups: &mut Lookups<F>, public: &Public<F>) {
    lookups.fixed(Table::Syntax, one(), || (0..=255).map(|b| F::from(u64::from(b) + 256 * Class::of(b) as u64)).collect());
    let mut constant = Vec::new();
    let mut by_depth = Vec::new();
    for state in State::all() {
        for class in Class::ALL {
            let packed = |step: Step| {
                let (from, next) = (u64::from(state.code()), u64::from(step.next.code()));
                class as u64 | from << 4 | next << 12 | u64::from(step.event) << 20
            };
            let end = packed(Step { next: State::End, event: false });
            let steps: [Option<u64>; DEPTHS] = [1, 2, 3, 4].map(|depth| state.step(class, depth).map(packed));
            if steps.iter().all(|step| *step == steps[0]) {
                constant.extend(steps[0]);
            } else {
                by_depth.push(steps.map(|step| step.unwrap_or(end)));
            }
            // Behind the object that is proved, nothing needs to be JSON: the prover may stop.
            if matches!(state, State::Outer(_)) {
                constant.push(end);
            }
        }
    }
    lookups.fixed(Table::Step, one(), || constant.into_iter().map(F::from).collect());
    for steps in by_depth {
        let Sum { lc, value } = public.by_depth(|depth| steps.get(usize::from(depth) - 1).copied().unwrap_or_default());
        lookups.row(Table::Step, lc, value);
    }
}
