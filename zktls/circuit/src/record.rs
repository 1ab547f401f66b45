//! A constraint system for tests: it tells whether constraints and lookups hold, which single variables can be changed unnoticed,
//! and lets a cheating prover change what it likes.

use std::collections::{BTreeSet, HashMap, HashSet};

use bellpepper_core::{ConstraintSystem, Index, LinearCombination, SynthesisError, Variable};
use ff::PrimeField;

use crate::lookup::Lookups;

#[derive(Default)]
pub(crate) struct Record<F: PrimeField> {
    names: Vec<String>,
    values: Vec<F>,
    inputs: Vec<F>,
    constraints: Vec<([LinearCombination<F>; 3], String)>,
    spaces: Vec<String>,
    named: bool,
}

impl<F: PrimeField> Record<F> {
    pub(crate) fn new() -> Self {
        Self { inputs: vec![F::ONE], ..Self::default() }
    }

    /// With the variables' names.
    pub(crate) fn named() -> Self {
        Self { named: true, ..Self::new() }
    }

    pub(crate) fn constraints(&self) -> usize {
        self.constraints.len()
    }

    pub(crate) fn variables(&self) -> usize {
        self.values.len()
    }

    /// Variables that 64 bits don't hold.
    pub(crate) fn wide(&self) -> Vec<&str> {
        let wide = self.values.iter().zip(&self.names).filter(|(value, _)| value.to_repr().as_ref()[8..].iter().any(|byte| *byte != 0));
        wide.map(|(_, name)| name.as_str()).collect()
    }

    fn name(&self, name: String) -> String {
        self.spaces.iter().cloned().chain([name]).collect::<Vec<_>>().join("/")
    }

    fn fails(&self, constraint: &[LinearCombination<F>; 3], values: &[F]) -> bool {
        let [a, b, c] = constraint.each_ref().map(|lc| lc.eval(&self.inputs, values));
        a * b != c
    }

    /// Constraints that don't hold, without the numbers in their names, and tables without an answer.
    pub(crate) fn broken(&self, lookups: &Lookups<F>) -> BTreeSet<String> {
        let broken = self.constraints.iter().filter(|(constraint, _)| self.fails(constraint, &self.values));
        let mut names: BTreeSet<String> = broken.map(|(_, name)| without_digits(name)).collect();
        for (table, lines) in lookups.tables() {
            let [rows, asked] =
                lines.map(|lines| lines.iter().map(|lc| bytes(lc.eval(&self.inputs, &self.values))).collect::<HashSet<_>>());
            if !asked.is_subset(&rows) {
                names.insert(format!("{table:?}"));
            }
        }
        names
    }

    fn variable(&self, name: &str) -> usize {
        self.names.iter().position(|known| known == name).unwrap_or_else(|| panic!("no {name}"))
    }

    /// Set a variable.
    pub(crate) fn set(&mut self, name: &str, value: u64) {
        let variable = self.variable(name);
        self.values[variable] = F::from(value);
    }

    /// A small variable's lowest byte.
    pub(crate) fn low(&self, name: &str) -> u8 {
        self.values[self.variable(name)].to_repr().as_ref()[0]
    }

    /// A variable's value.
    pub(crate) fn value(&mut self, name: &str) -> &mut F {
        let variable = self.variable(name);
        &mut self.values[variable]
    }

    /// The one variable that this sum is.
    pub(crate) fn assign(&mut self, lc: &LinearCombination<F>, value: F) {
        match lc.iter().next() {
            Some((Variable(Index::Aux(at)), _)) => self.values[at] = value,
            other => panic!("no variable: {other:?}"),
        }
    }

    /// Changes values with all constraints in sight.
    pub(crate) fn mend(&mut self, change: impl FnOnce(&mut Self, &[([LinearCombination<F>; 3], String)])) {
        let constraints = std::mem::take(&mut self.constraints);
        change(self, &constraints);
        self.constraints = constraints;
    }

    /// What a sum comes to.
    pub(crate) fn evaluate(&self, lc: &LinearCombination<F>) -> F {
        lc.eval(&self.inputs, &self.values)
    }

    /// Names of the constraints that don't hold.
    pub(crate) fn failing(&self) -> Vec<String> {
        let failing = self.constraints.iter().filter(|(constraint, _)| self.fails(constraint, &self.values));
        failing.map(|(_, name)| name.clone()).collect()
    }

    pub(crate) fn is_satisfied(&self) -> bool {
        self.constraints.iter().all(|(constraint, _)| !self.fails(constraint, &self.values))
    }

    /// Variables that can take another bit, or one more than they are, without any constraint noticing.
    pub(crate) fn unnoticed(&self) -> Vec<usize> {
        let uses = Uses::of(self);
        let noticed = |variable: usize, by: F| uses.broken(variable, by).next().is_some();
        let free = |&i: &usize| !noticed(i, F::ONE - self.values[i].double()) || !noticed(i, F::ONE);
        (0..self.values.len()).filter(free).collect()
    }

    /// Variables that can be changed alone by one of `by`, all else holding still; and constraints' names, without numbers, that no
    /// such change breaks.
    pub(crate) fn loose(&self, lookups: &Lookups<F>, by: &[F]) -> (Vec<String>, BTreeSet<String>) {
        let uses = Uses::of(self);
        struct Lines<'a, F: PrimeField> {
            lines: Vec<&'a LinearCombination<F>>,
            times: HashMap<Vec<u8>, isize>,
            of: HashMap<usize, Vec<usize>>,
        }
        let index = |lines: Vec<&LinearCombination<F>>| -> (HashMap<Vec<u8>, isize>, HashMap<usize, Vec<usize>>) {
            let (mut times, mut of) = (HashMap::new(), HashMap::<usize, Vec<usize>>::new());
            for (i, lc) in lines.iter().enumerate() {
                *times.entry(bytes(self.evaluate(lc))).or_default() += 1;
                lc.iter_aux().for_each(|(variable, _)| of.entry(*variable).or_default().push(i));
            }
            (times, of)
        };
        let tables: Vec<[Lines<'_, F>; 2]> = lookups
            .tables()
            .map(|(_, lines)| {
                lines.map(|lines| {
                    let (times, of) = index(lines.clone());
                    Lines { lines, times, of }
                })
            })
            .collect();
        let mut values = self.values.clone();
        let mut loose = Vec::new();
        let mut vacuous = vec![true; self.constraints.len()];
        for variable in 0..values.len() {
            let was = values[variable];
            for delta in by {
                let mut noticed = false;
                for constraint in uses.broken(variable, *delta) {
                    vacuous[constraint] = false;
                    noticed = true;
                }
                if noticed {
                    continue;
                }
                values[variable] = was + delta;
                let unnoticed = tables.iter().all(|[rows, asked]| {
                    let mut change = HashMap::<Vec<u8>, isize>::new();
                    for i in rows.of.get(&variable).into_iter().flatten() {
                        *change.entry(bytes(self.evaluate(rows.lines[*i]))).or_default() -= 1;
                        *change.entry(bytes(rows.lines[*i].eval(&self.inputs, &values))).or_default() += 1;
                    }
                    let count = |row: &Vec<u8>| rows.times.get(row).unwrap_or(&0) + change.get(row).unwrap_or(&0);
                    let mut left = change.keys().map(|row| (row.clone(), *asked.times.get(row).unwrap_or(&0))).collect::<HashMap<_, _>>();
                    let mut found = true;
                    for i in asked.of.get(&variable).into_iter().flatten() {
                        found &= count(&bytes(asked.lines[*i].eval(&self.inputs, &values))) > 0;
                        let before = bytes(self.evaluate(asked.lines[*i]));
                        left.entry(before).and_modify(|times| *times -= 1);
                    }
                    found && left.iter().all(|(row, asked)| *asked <= 0 || count(row) > 0)
                });
                if unnoticed && loose.last() != Some(&self.names[variable]) {
                    loose.push(self.names[variable].clone());
                }
            }
            values[variable] = was;
        }
        let names = |vacuous_too: bool| {
            let some = self.constraints.iter().zip(&vacuous).filter(move |(_, vacuous)| vacuous_too || !**vacuous);
            some.map(|((_, name), _)| without_digits(name)).collect::<BTreeSet<_>>()
        };
        (loose, &names(true) - &names(false))
    }
}

/// What each constraint's sides come to, and where each variable stands in them.
struct Uses<F> {
    sides: Vec<[F; 3]>,
    of: Vec<Vec<(usize, [F; 3])>>,
}

impl<F: PrimeField> Uses<F> {
    fn of(record: &Record<F>) -> Self {
        let mut of: Vec<Vec<(usize, [F; 3])>> = vec![Vec::new(); record.values.len()];
        for (i, (constraint, _)) in record.constraints.iter().enumerate() {
            for (side, lc) in constraint.iter().enumerate() {
                for (&variable, &coefficient) in lc.iter_aux() {
                    let uses = &mut of[variable];
                    if uses.last().is_none_or(|(last, _)| *last != i) {
                        uses.push((i, [F::ZERO; 3]));
                    }
                    if let Some((_, coefficients)) = uses.last_mut() {
                        coefficients[side] += coefficient;
                    }
                }
            }
        }
        let sides = record.constraints.iter().map(|(constraint, _)| constraint.each_ref().map(|lc| record.evaluate(lc))).collect();
        Self { sides, of }
    }

    /// Constraints that don't hold when this variable alone is `by` more.
    fn broken(&self, variable: usize, by: F) -> impl Iterator<Item = usize> {
        self.of[variable].iter().filter_map(move |(constraint, coefficients)| {
            let [a, b, c]: [F; 3] = std::array::from_fn(|i| self.sides[*constraint][i] + coefficients[i] * by);
            (a * b != c).then_some(*constraint)
        })
    }
}

fn without_digits(name: &str) -> String {
    name.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn bytes<F: PrimeField>(value: F) -> Vec<u8> {
    value.to_repr().as_ref().to_vec()
}

impl<F: PrimeField> ConstraintSystem<F> for Record<F> {
    type Root = Self;

    fn alloc<V, A, AR>(&mut self, annotation: A, value: V) -> Result<Variable, SynthesisError>
    where
        V: FnOnce() -> Result<F, SynthesisError>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.values.push(value()?);
        if self.named {
            self.names.push(self.name(annotation().into()));
        }
        Ok(Variable(Index::Aux(self.values.len() - 1)))
    }

    fn alloc_input<V, A, AR>(&mut self, _: A, value: V) -> Result<Variable, SynthesisError>
    where
        V: FnOnce() -> Result<F, SynthesisError>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.inputs.push(value()?);
        Ok(Variable(Index::Input(self.inputs.len() - 1)))
    }

    fn enforce<A, AR, LA, LB, LC>(&mut self, annotation: A, a: LA, b: LB, c: LC)
    where
        A: FnOnce() -> AR,
        AR: Into<String>,
        LA: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
        LB: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
        LC: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
    {
        let name = self.name(annotation().into());
        let zero = LinearCombination::zero;
        self.constraints.push(([a(zero()), b(zero()), c(zero())], name));
    }

    fn push_namespace<NR: Into<String>, N: FnOnce() -> NR>(&mut self, name: N) {
        self.spaces.push(name().into());
    }

    fn pop_namespace(&mut self) {
        self.spaces.pop();
    }

    fn get_root(&mut self) -> &mut Self {
        self
    }
}
