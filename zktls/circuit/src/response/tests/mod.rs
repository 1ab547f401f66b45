//! Responses that prove a claim and responses that must not.

mod attacks;
mod cost;
mod random;
mod reference;
mod spelling;
mod wrong;

use std::collections::BTreeSet;

use bellpepper_core::ConstraintSystem;
use bellpepper_core::num::AllocatedNum;
use bellpepper_core::test_cs::TestConstraintSystem;
use ff::Field;
use vega_prover::provider::T256HyraxEngine;
use vega_prover::traits::Engine;

use super::native::{Found, Refusal, find};
use super::*;
use crate::lookup::Table;
use crate::record::Record;
use crate::request::text_rows;
use crate::sum::number;

pub(super) type F = <T256HyraxEngine as Engine>::Scalar;

/// One bank's answer about one account.
fn shape() -> ResponseShape {
    ResponseShape {
        depth: 1,
        balance: FieldPath::two("amount", "value"),
        form: Form::Decimal(2),
        quoted: false,
        currency: Some(FieldPath::two("amount", "currency")),
        kind: Some((FieldPath::one("type"), "CHECKING".into())),
        id: Some(FieldPath::one("id")),
    }
}

const EUR: Threshold = Threshold { at_least: 100_000, currency: *b"EUR" };
const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
const ID: &str = "7f3f0f0a-3c5c-4f6e-9d8b-0d4d5a8f6c21";

fn answer(body: &str) -> Vec<u8> {
    [HEAD, body].concat().into_bytes()
}

fn account(value: &str, currency: &str) -> String {
    format!(r#"{{"id":"{ID}","type":"CHECKING","amount":{{"value":{value},"currency":"{currency}"}}}}"#)
}

/// The circuit for a witness, right or wrong, and the id it gives. `length` bytes of the text are the response.
fn synthesize<CS: ConstraintSystem<F>>(
    cs: &mut CS,
    shape: &ResponseShape,
    claim: &Threshold,
    text: &[u8],
    length: usize,
    found: &Found,
) -> (Lookups<F>, Id) {
    let mut lookups = Lookups::default();
    let bytes: Vec<Byte> =
        text.iter().enumerate().map(|(i, b)| Byte::alloc(&mut cs.namespace(|| format!("text {i}")), Some(*b)).unwrap()).collect();
    let public = Public::alloc(&mut cs.namespace(|| "public"), Some((shape, claim))).unwrap();
    let length = number(cs, "public length", Some(F::from(length as u64))).unwrap();
    text_rows(&mut lookups, Table::ResponseText, &bytes);
    let id = enforce(cs, &mut lookups, &bytes, &length, &public, Some(found)).unwrap();
    (lookups, id)
}

/// Some bytes of room behind the response.
fn padded(response: &[u8]) -> Vec<u8> {
    [response, b" } padding \"\\".as_slice()].concat()
}

/// All that does not hold.
fn fails(shape: &ResponseShape, claim: &Threshold, response: &[u8], found: &Found) -> BTreeSet<String> {
    let mut cs = Record::new();
    let (lookups, _) = synthesize(&mut cs, shape, claim, &padded(response), response.len(), found);
    cs.broken(&lookups)
}

/// One thing that does not hold.
fn broken(shape: &ResponseShape, claim: &Threshold, response: &[u8], found: &Found) -> Option<String> {
    fails(shape, claim, response, found).pop_first()
}

/// Native and circuit accept.
fn accepted(shape: &ResponseShape, claim: &Threshold, response: &[u8]) -> Found {
    let found = find(shape, claim, response).unwrap_or_else(|refusal| panic!("{refusal}: {}", String::from_utf8_lossy(response)));
    assert_eq!(broken(shape, claim, response, &found), None, "{}", String::from_utf8_lossy(response));
    found
}

fn refused(shape: &ResponseShape, claim: &Threshold, response: &[u8]) -> Refusal {
    match find(shape, claim, response) {
        Ok(_) => panic!("accepted: {}", String::from_utf8_lossy(response)),
        Err(refusal) => refusal,
    }
}

#[test]
fn a_plain_answer_proves_its_balance_with_the_whole_argument() {
    let response = answer(&account("1000.00", "EUR"));
    let found = accepted(&shape(), &EUR, &response);
    let mut cs = TestConstraintSystem::<F>::new();
    let (mut lookups, id) = synthesize(&mut cs, &shape(), &EUR, &padded(&response), response.len(), &found);
    assert_eq!(id.length.value(), Some(36));
    let bytes: Vec<u8> = id.bytes.iter().map(|byte| byte.value().unwrap()).collect();
    assert_eq!(&bytes[..36], ID.as_bytes());
    assert_eq!(bytes[36..], [0; 10]);
    lookups.count(&mut cs).unwrap();
    let x = AllocatedNum::alloc_input(cs.namespace(|| "x"), || Ok(F::from(0x1234_5678_9abc_def0))).unwrap();
    lookups.argue(&mut cs, &x).unwrap();
    assert_eq!(cs.which_is_unsatisfied(), None);
    for path in ["byte 70/class/num", "key 3/top/boolean", "key 1/balance/first/boolean", "Step: times 40/num", "byte 9/last event/num"] {
        let was = cs.get(path);
        cs.set(path, was + F::ONE);
        assert!(!cs.is_satisfied(), "{path}");
        cs.set(path, was);
    }
    assert!(cs.is_satisfied());
}

/// The circuit must not depend on the witness.
#[test]
fn the_circuit_is_the_same_for_every_response() {
    let build = |shape: &ResponseShape, body: &str| {
        let mut text = answer(body);
        let found = find(shape, &EUR, &text).unwrap();
        let length = text.len();
        text.resize(400, 0);
        let mut cs = TestConstraintSystem::<F>::new();
        let (mut lookups, _) = synthesize(&mut cs, shape, &EUR, &text, length, &found);
        lookups.count(&mut cs).unwrap();
        cs.hash()
    };
    let other =
        ResponseShape { depth: 3, balance: FieldPath::one("minor"), form: Form::Minor, quoted: true, currency: None, kind: None, id: None };
    let first = build(&shape(), &account("1000.00", "EUR"));
    assert_eq!(first, build(&other, r#"{"list":[{"minor":"123456"}]}"#));
    let mut chunked = account("52345.1", "EUR");
    chunked = format!("{:x}\r\n{chunked}\r\n0\r\n\r\n", chunked.len());
    assert_eq!(first, build(&shape(), &chunked));
}

#[test]
fn a_circuit_is_made_without_a_witness() {
    // No value is asked for where none is there.
    let mut cs = shape_only::Shape::default();
    let mut lookups = Lookups::<F>::default();
    let bytes: Vec<Byte> = (0..64).map(|_| Byte::alloc(&mut cs, None).unwrap()).collect();
    let public = Public::alloc(&mut cs, None).unwrap();
    let length = number(&mut cs, "", None).unwrap();
    text_rows(&mut lookups, Table::ResponseText, &bytes);
    enforce(&mut cs, &mut lookups, &bytes, &length, &public, None).unwrap();
    lookups.count(&mut cs).unwrap();
    assert!(cs.constraints > 1000);
}

/// A constraint system that never looks at values.
mod shape_only {
    use bellpepper_core::{Index, LinearCombination, Variable};

    use super::*;

    #[derive(Default)]
    pub(super) struct Shape {
        variables: usize,
        pub(super) constraints: usize,
    }

    impl ConstraintSystem<F> for Shape {
        type Root = Self;

        fn alloc<V, A, AR>(&mut self, _: A, _: V) -> Result<Variable, SynthesisError>
        where
            V: FnOnce() -> Result<F, SynthesisError>,
            A: FnOnce() -> AR,
            AR: Into<String>,
        {
            self.variables += 1;
            Ok(Variable(Index::Aux(self.variables - 1)))
        }

        fn alloc_input<V, A, AR>(&mut self, annotation: A, value: V) -> Result<Variable, SynthesisError>
        where
            V: FnOnce() -> Result<F, SynthesisError>,
            A: FnOnce() -> AR,
            AR: Into<String>,
        {
            self.alloc(annotation, value)
        }

        fn enforce<A, AR, LA, LB, LC>(&mut self, _: A, _: LA, _: LB, _: LC)
        where
            A: FnOnce() -> AR,
            AR: Into<String>,
            LA: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
            LB: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
            LC: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
        {
            self.constraints += 1;
        }

        fn push_namespace<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

        fn pop_namespace(&mut self) {}

        fn get_root(&mut self) -> &mut Self {
            self
        }
    }
}
