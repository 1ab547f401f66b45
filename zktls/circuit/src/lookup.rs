//! Lookups by logarithmic derivatives (logUp, Haböck 2022): the values asked of a table are among its rows, since for a random
//! point x, Σ 1/(x + asked) = Σ times/(x + row).
//!
//! Values, rows and how often each row is asked are committed before x is drawn. Each table is argued by itself; all values asked
//! of one table and all its rows are compared as they are, so whoever packs several fields into one value sees to it that the
//! packing is unique (each part in its range, by its bits or by the rows themselves).

use std::collections::{BTreeMap, HashMap};

use bellpepper_core::num::AllocatedNum;
use bellpepper_core::{ConstraintSystem, LinearCombination, SynthesisError};
use ff::PrimeField;

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// AES's S-box.
    Sbox,
    /// Carries of sums in spread form.
    Carry,
    /// The numbers 0 to 255.
    Range,
    /// Which byte is what to the parser of the response.
    Syntax,
    /// The steps of the parser of the response.
    Step,
    /// The keys that are wanted in the response, byte by byte.
    Keys,
    /// Differences of bytes that are not zero.
    Difference,
    /// Which byte may stand in which part of a request.
    Alphabet,
    /// What the client's records hold, by place: the request's text by position, and more.
    RequestText,
    /// What the server's records hold, by place: the response's text by position, and more.
    ResponseText,
    /// The response's parser at each position.
    ResponseState,
}

/// A value that is asked of a table, or a row of it.
#[derive(Clone, Debug)]
pub struct Term<F: PrimeField> {
    /// Of what it is made.
    pub lc: LinearCombination<F>,
    /// What it is, where a witness is there.
    pub value: Option<F>,
}

struct Row<F: PrimeField> {
    term: Term<F>,
    times: Option<AllocatedNum<F>>,
}

/// Collects rows and questions while the first part of a witness is made; argues them when the random point is there.
pub struct Lookups<F: PrimeField> {
    rows: BTreeMap<Table, Vec<Row<F>>>,
    asked: BTreeMap<Table, Vec<Term<F>>>,
}

impl<F: PrimeField> Default for Lookups<F> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), asked: BTreeMap::new() }
    }
}

impl<F: PrimeField> Lookups<F> {
    /// A table that everybody knows; where it is there already, nothing changes.
    pub fn fixed(&mut self, table: Table, one: bellpepper_core::Variable, rows: impl FnOnce() -> Vec<F>) {
        self.rows.entry(table).or_insert_with(|| {
            let row = |value| Row { term: Term { lc: LinearCombination::zero() + (value, one), value: Some(value) }, times: None };
            rows().into_iter().map(row).collect()
        });
    }

    /// A row that the witness makes.
    pub fn row(&mut self, table: Table, lc: LinearCombination<F>, value: Option<F>) {
        self.rows.entry(table).or_default().push(Row { term: Term { lc, value }, times: None });
    }

    /// This value is among the rows.
    pub fn ask(&mut self, table: Table, lc: LinearCombination<F>, value: Option<F>) {
        self.asked.entry(table).or_default().push(Term { lc, value });
    }

    /// Each table with its rows and what is asked of it.
    #[cfg(test)]
    pub(crate) fn tables(&self) -> impl Iterator<Item = (Table, [Vec<&LinearCombination<F>>; 2])> {
        let rows = |table| self.rows.get(table).into_iter().flatten().map(|row| &row.term.lc).collect();
        self.asked.iter().map(move |(table, asked)| (*table, [rows(table), asked.iter().map(|term| &term.lc).collect()]))
    }

    /// How many questions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.asked.values().map(Vec::len).sum()
    }

    /// True where nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Allocate how often each row is asked: the last thing before the random point is drawn.
    ///
    /// # Errors
    /// As the constraint system's. A value that is among no row makes constraints that don't hold, not an error.
    pub fn count<CS: ConstraintSystem<F>>(&mut self, cs: &mut CS) -> Result<(), SynthesisError> {
        for (table, rows) in &mut self.rows {
            let mut times: HashMap<Vec<u8>, u64> = HashMap::new();
            let asked = self.asked.get(table).map(Vec::as_slice).unwrap_or_default();
            let known = asked.iter().all(|t| t.value.is_some()) && rows.iter().all(|r| r.term.value.is_some());
            for value in asked.iter().filter_map(|t| t.value) {
                *times.entry(value.to_repr().as_ref().to_vec()).or_default() += 1;
            }
            for (i, row) in rows.iter_mut().enumerate() {
                // Two equal rows: the first answers for both.
                let here = row.term.value.map(|v| times.remove(v.to_repr().as_ref()).unwrap_or(0));
                let cs = cs.namespace(|| format!("{table:?}: times {i}"));
                let value = || here.filter(|_| known).map(F::from).ok_or(SynthesisError::AssignmentMissing);
                row.times = Some(AllocatedNum::alloc(cs, value)?);
            }
        }
        Ok(())
    }

    /// Argue that all values asked are among the rows, at the random point `x` (a public input).
    ///
    /// # Errors
    /// As the constraint system's; [`SynthesisError::Unsatisfiable`] where [`Lookups::count`] was not called.
    pub fn argue<CS: ConstraintSystem<F>>(&self, cs: &mut CS, x: &AllocatedNum<F>) -> Result<(), SynthesisError> {
        for (table, asked) in &self.asked {
            let rows = self.rows.get(table).ok_or(SynthesisError::Unsatisfiable)?;
            let mut balance = LinearCombination::zero();
            let inverses = inverses(x, asked.iter());
            for (i, (term, inverse)) in asked.iter().zip(inverses).enumerate() {
                let share = AllocatedNum::alloc(cs.namespace(|| format!("{table:?}: share {i}")), || {
                    inverse.ok_or(SynthesisError::AssignmentMissing)
                })?;
                cs.enforce(
                    || format!("{table:?}: share {i} is one over x + asked"),
                    |lc| lc + x.get_variable() + &term.lc,
                    |lc| lc + share.get_variable(),
                    |lc| lc + CS::one(),
                );
                balance = balance + share.get_variable();
            }
            let inverses = self::inverses(x, rows.iter().map(|r| &r.term));
            for (i, (row, inverse)) in rows.iter().zip(inverses).enumerate() {
                let times = row.times.as_ref().ok_or(SynthesisError::Unsatisfiable)?;
                let value = inverse.zip(times.get_value()).map(|(i, t)| i * t);
                let share = AllocatedNum::alloc(cs.namespace(|| format!("{table:?}: row share {i}")), || {
                    value.ok_or(SynthesisError::AssignmentMissing)
                })?;
                cs.enforce(
                    || format!("{table:?}: row share {i} is times over x + row"),
                    |lc| lc + x.get_variable() + &row.term.lc,
                    |lc| lc + share.get_variable(),
                    |lc| lc + times.get_variable(),
                );
                balance = balance - share.get_variable();
            }
            cs.enforce(|| format!("{table:?}: both sums are the same"), |_| balance, |lc| lc + CS::one(), |lc| lc);
        }
        Ok(())
    }
}

/// One over x + each value, with one inversion in all.
fn inverses<'a, F: PrimeField>(x: &AllocatedNum<F>, terms: impl Iterator<Item = &'a Term<F>>) -> Vec<Option<F>> {
    let sums: Vec<Option<F>> = terms.map(|t| Some(x.get_value()? + t.value?)).collect();
    let Some(sums) = sums.iter().copied().collect::<Option<Vec<F>>>() else {
        return vec![None; sums.len()];
    };
    let mut before = Vec::with_capacity(sums.len());
    let mut product = F::ONE;
    for sum in &sums {
        before.push(product);
        product *= if sum.is_zero_vartime() { F::ONE } else { *sum };
    }
    let mut rest = product.invert().unwrap_or(F::ONE);
    let mut out = vec![None; sums.len()];
    for i in (0..sums.len()).rev() {
        if sums[i].is_zero_vartime() {
            out[i] = Some(F::ZERO);
        } else {
            out[i] = Some(before[i] * rest);
            rest *= sums[i];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use bellpepper_core::test_cs::TestConstraintSystem;
    use vega_prover::provider::T256HyraxEngine;
    use vega_prover::traits::Engine;

    use super::*;

    type F = <T256HyraxEngine as Engine>::Scalar;

    fn argued(rows: &[u64], asked: &[u64]) -> TestConstraintSystem<F> {
        let mut cs = TestConstraintSystem::<F>::new();
        let mut lookups = Lookups::default();
        lookups.fixed(Table::Sbox, TestConstraintSystem::<F>::one(), || rows.iter().map(|&r| F::from(r)).collect());
        for (i, &value) in asked.iter().enumerate() {
            let asked = AllocatedNum::alloc(cs.namespace(|| format!("asked {i}")), || Ok(F::from(value))).unwrap();
            lookups.ask(Table::Sbox, LinearCombination::zero() + asked.get_variable(), asked.get_value());
        }
        lookups.count(&mut cs).unwrap();
        let x = AllocatedNum::alloc_input(cs.namespace(|| "x"), || Ok(F::from(123_456_789))).unwrap();
        lookups.argue(&mut cs, &x).unwrap();
        cs
    }

    #[test]
    fn rows_are_found_and_nothing_else() {
        assert!(argued(&[1, 5, 9], &[5, 5, 1, 5]).is_satisfied());
        assert!(argued(&[1, 5, 5, 9], &[5, 9]).is_satisfied(), "a row may be there twice");
        assert!(!argued(&[1, 5, 9], &[5, 6]).is_satisfied());
        assert!(!argued(&[1, 5, 9], &[0]).is_satisfied());
    }

    #[test]
    fn no_other_count_or_share_holds() {
        for path in ["Sbox: times 1/num", "Sbox: share 0/num", "Sbox: row share 2/num", "asked 0/num"] {
            let mut cs = argued(&[1, 5, 9], &[5, 9]);
            assert!(cs.is_satisfied());
            let value = cs.get(path);
            cs.set(path, value + F::from(1));
            assert!(!cs.is_satisfied(), "{path}");
        }
    }
}
