//! For tests: a constraint system that changes every variable in turn and says which change no constraint notices.

use bellpepper_core::{ConstraintSystem, Index, LinearCombination, SynthesisError, Variable};
use vega_prover::provider::T256HyraxEngine;
use vega_prover::traits::Engine;

/// The field of the proofs.
pub type F = <T256HyraxEngine as Engine>::Scalar;

#[derive(Clone, Copy)]
struct Use {
    constraint: usize,
    /// The variable's coefficient in each of the three sides.
    coefficients: [F; 3],
}

/// Keeps values and what each constraint's sides come to.
pub struct Faults {
    inputs: Vec<F>,
    aux: Vec<F>,
    sides: Vec<[F; 3]>,
    uses: Vec<Vec<Use>>,
}

impl Faults {
    pub fn new() -> Self {
        Self { inputs: vec![F::from(1)], aux: Vec::new(), sides: Vec::new(), uses: Vec::new() }
    }

    pub fn is_satisfied(&self) -> bool {
        self.sides.iter().all(|[a, b, c]| *a * b == *c)
    }

    pub fn constraints(&self) -> usize {
        self.sides.len()
    }

    pub fn variables(&self) -> usize {
        self.aux.len()
    }

    /// Private variables that can take another bit, or one more than they are, without anything else changing.
    pub fn unnoticed(&self) -> Vec<usize> {
        let one = F::from(1);
        let noticed = |index: usize, by: F| {
            self.uses[index].iter().any(|used| {
                let [a, b, c]: [F; 3] = std::array::from_fn(|i| self.sides[used.constraint][i] + used.coefficients[i] * by);
                a * b != c
            })
        };
        let free = |&i: &usize| !noticed(i, one - self.aux[i].double()) || !noticed(i, one);
        (0..self.aux.len()).filter(free).collect()
    }
}

impl ConstraintSystem<F> for Faults {
    type Root = Self;

    fn alloc<V, A, AR>(&mut self, _: A, value: V) -> Result<Variable, SynthesisError>
    where
        V: FnOnce() -> Result<F, SynthesisError>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.aux.push(value()?);
        self.uses.push(Vec::new());
        Ok(Variable::new_unchecked(Index::Aux(self.aux.len() - 1)))
    }

    fn alloc_input<V, A, AR>(&mut self, _: A, value: V) -> Result<Variable, SynthesisError>
    where
        V: FnOnce() -> Result<F, SynthesisError>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.inputs.push(value()?);
        Ok(Variable::new_unchecked(Index::Input(self.inputs.len() - 1)))
    }

    fn enforce<A, AR, LA, LB, LC>(&mut self, _: A, a: LA, b: LB, c: LC)
    where
        A: FnOnce() -> AR,
        AR: Into<String>,
        LA: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
        LB: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
        LC: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
    {
        let zero = LinearCombination::zero;
        let sides = [a(zero()), b(zero()), c(zero())];
        let constraint = self.sides.len();
        for (side, lc) in sides.iter().enumerate() {
            for (&index, &coefficient) in lc.iter_aux() {
                let uses = &mut self.uses[index];
                if uses.last().is_none_or(|last| last.constraint != constraint) {
                    uses.push(Use { constraint, coefficients: [F::from(0); 3] });
                }
                if let Some(last) = uses.last_mut() {
                    last.coefficients[side] += coefficient;
                }
            }
        }
        self.sides.push(sides.map(|lc| lc.eval(&self.inputs, &self.aux)));
    }

    fn push_namespace<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn pop_namespace(&mut self) {}

    fn get_root(&mut self) -> &mut Self::Root {
        self
    }
}
