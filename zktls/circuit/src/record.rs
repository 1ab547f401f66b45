//! A constraint system for tests: it tells whether constraints and lookups hold, and which single variables can be changed unnoticed.

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

    /// Variables that can be changed alone by one of `by`, all else holding still; and constraints' names, without numbers, that no
    /// such change breaks.
    pub(crate) fn loose(&self, lookups: &Lookups<F>, by: &[F]) -> (Vec<String>, BTreeSet<String>) {
        let mut of = vec![Vec::new(); self.values.len()];
        for (i, (constraint, _)) in self.constraints.iter().enumerate() {
            for (variable, _) in constraint.iter().flat_map(LinearCombination::iter_aux) {
                of[*variable].push(i);
            }
        }
        struct Lines<'a, F: PrimeField> {
            lines: Vec<&'a LinearCombination<F>>,
            times: HashMap<Vec<u8>, isize>,
            of: HashMap<usize, Vec<usize>>,
        }
        let index = |lines: Vec<&LinearCombination<F>>| -> (HashMap<Vec<u8>, isize>, HashMap<usize, Vec<usize>>) {
            let (mut times, mut of) = (HashMap::new(), HashMap::<usize, Vec<usize>>::new());
            for (i, lc) in lines.iter().enumerate() {
                *times.entry(bytes(lc.eval(&self.inputs, &self.values))).or_default() += 1;
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
                values[variable] = was + delta;
                let failing = of[variable].iter().filter(|i| self.fails(&self.constraints[**i].0, &values));
                let failing: Vec<usize> = failing.copied().collect();
                failing.iter().for_each(|i| vacuous[*i] = false);
                if !failing.is_empty() {
                    continue;
                }
                let unnoticed = tables.iter().all(|[rows, asked]| {
                    let mut change = HashMap::<Vec<u8>, isize>::new();
                    for i in rows.of.get(&variable).into_iter().flatten() {
                        *change.entry(bytes(rows.lines[*i].eval(&self.inputs, &self.values))).or_default() -= 1;
                        *change.entry(bytes(rows.lines[*i].eval(&self.inputs, &values))).or_default() += 1;
                    }
                    let count = |row: &Vec<u8>| rows.times.get(row).unwrap_or(&0) + change.get(row).unwrap_or(&0);
                    let mut left = change.keys().map(|row| (row.clone(), *asked.times.get(row).unwrap_or(&0))).collect::<HashMap<_, _>>();
                    let mut found = true;
                    for i in asked.of.get(&variable).into_iter().flatten() {
                        found &= count(&bytes(asked.lines[*i].eval(&self.inputs, &values))) > 0;
                        let before = bytes(asked.lines[*i].eval(&self.inputs, &self.values));
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
