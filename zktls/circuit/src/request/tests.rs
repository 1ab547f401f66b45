//! Requests that are of their shape and requests that are not.

use bellpepper_core::test_cs::TestConstraintSystem;
use ff::Field;
use proptest::prelude::*;
use vega_prover::provider::T256HyraxEngine;
use vega_prover::traits::Engine;

use super::*;
use crate::record::Record;

type F = <T256HyraxEngine as Engine>::Scalar;

const ID: &str = "7f3f0f0a-3c5c-4f6e-9d8b-0d4d5a8f6c21";

fn fixed(text: &str) -> Vec<Place> {
    text.bytes().map(Place::Fixed).collect()
}

fn uuid() -> Vec<Place> {
    ID.bytes().map(|b| if b == b'-' { Place::Fixed(b) } else { Place::Hex }).collect()
}

/// A request for one account, and where its id stands.
fn example() -> (RequestShape, Vec<u8>, usize) {
    let head = "GET /v1/";
    let parts = [
        (fixed(head), head),
        (uuid(), ID),
        (fixed("/b/"), "/b/"),
        (vec![Place::Parameter; 5], "aZ_-9"),
        (fixed(" HTTP/1.1\r\nAuthorization: Bearer "), " HTTP/1.1\r\nAuthorization: Bearer "),
        (vec![Place::Credential; 8], "t0k~e.n="),
        (fixed("\r\n\r\n"), "\r\n\r\n"),
    ];
    let places = parts.iter().flat_map(|(places, _)| places.clone()).collect();
    let text = parts.iter().map(|(_, text)| *text).collect::<String>();
    (RequestShape(places), text.into_bytes(), head.len())
}

fn synthesize<CS: ConstraintSystem<F>>(cs: &mut CS, shape: &RequestShape, text: &[u8], id: (usize, &[u8])) -> (Lookups<F>, Id) {
    let mut lookups = Lookups::default();
    let numbers = shape.numbers::<F>(text.len()).unwrap();
    let number = |cs: &mut CS, name: &str, value: F| AllocatedNum::alloc(cs.namespace(|| name), || Ok(value)).unwrap();
    let places: Vec<_> = numbers.into_iter().enumerate().map(|(i, value)| number(cs, &format!("place {i}"), value)).collect();
    let bytes: Vec<_> =
        text.iter().enumerate().map(|(i, b)| Byte::alloc(&mut cs.namespace(|| format!("text {i}")), Some(*b)).unwrap()).collect();
    enforce(&mut lookups, &bytes, &places).unwrap();
    text_rows(&mut lookups, Table::RequestText, &bytes);
    let start = Sum::from(&number(cs, "public start", F::from(id.0 as u64)));
    let length = Sum::from(&number(cs, "public length", F::from(id.1.len() as u64)));
    let id = id_from_request(cs, &mut lookups, &bytes, &start, &length, Some(id.1)).unwrap();
    (lookups, id)
}

fn broken(shape: &RequestShape, text: &[u8], id: (usize, &[u8])) -> Option<String> {
    let mut cs = Record::new();
    let (lookups, _) = synthesize(&mut cs, shape, text, id);
    cs.broken(&lookups).pop_first()
}

fn padded(text: &[u8]) -> Vec<u8> {
    [text, b"\0\xff\r\n".as_slice()].concat()
}

#[test]
fn a_request_and_its_id_with_the_whole_argument() {
    let (shape, text, at) = example();
    shape.check(&text).unwrap();
    let mut cs = TestConstraintSystem::<F>::new();
    let (mut lookups, id) = synthesize(&mut cs, &shape, &padded(&text), (at, ID.as_bytes()));
    assert_eq!(id.length.value(), Some(36));
    assert_eq!(id.bytes.iter().map(|b| b.value().unwrap()).collect::<Vec<_>>(), [ID.as_bytes(), &[0; 10]].concat());
    lookups.count(&mut cs).unwrap();
    let x = AllocatedNum::alloc_input(cs.namespace(|| "x"), || Ok(F::from(987_654_321))).unwrap();
    lookups.argue(&mut cs, &x).unwrap();
    assert_eq!(cs.which_is_unsatisfied(), None);
    for path in ["text 5/bit 0/boolean", "place 3/num", "there 35/boolean", "byte 3/bit 1/boolean", "asked 40/num", "length/bit 2/boolean"]
    {
        let was = cs.get(path);
        cs.set(path, F::ONE - was);
        assert!(!cs.is_satisfied(), "{path}");
        cs.set(path, was);
    }
}

#[test]
fn no_variable_is_loose() {
    let (shape, text, at) = example();
    let mut cs = Record::named();
    let (lookups, _) = synthesize(&mut cs, &shape, &text, (at, ID.as_bytes()));
    let (loose, vacuous) = cs.loose(&lookups, &[F::ONE, -F::ONE, F::from(256), F::from(2).invert().unwrap()]);
    // A hole's byte may be another of its alphabet: it is tied to the plaintext elsewhere, as the place is to the template.
    let holes = shape.0.iter().enumerate().filter(|(_, place)| !matches!(place, Place::Fixed(_)));
    let holes: Vec<String> = holes.flat_map(|(i, _)| [format!("text {i}/"), format!("place {i}/")]).collect();
    let loose: Vec<_> = loose.into_iter().filter(|name| !holes.iter().any(|hole| name.starts_with(hole))).collect();
    assert_eq!(loose, Vec::<String>::new());
    assert!(vacuous.is_empty(), "{vacuous:?}");
}

#[test]
fn nothing_is_wide() {
    let (shape, text, at) = example();
    let mut cs = Record::named();
    let (mut lookups, _) = synthesize(&mut cs, &shape, &padded(&text), (at, ID.as_bytes()));
    lookups.count(&mut cs).unwrap();
    assert_eq!(cs.wide(), Vec::<&str>::new());
}

#[test]
fn bytes_that_may_not_stand_there() {
    let (shape, text, at) = example();
    let id = (at, ID.as_bytes());
    assert_eq!(broken(&shape, &padded(&text), id), None);
    let credential = text.len() - 8;
    for (at, bytes) in [
        (0, b"P".as_slice()),
        (at + 1, b"Gg/.%A-"),
        (at + 8, b"0"),
        (48, b"/?&%.=; \r\n\"\0\x80"),
        (credential, b" \r\n\t\0;,\"\\\x7f\x80\xff"),
        (text.len() - 1, b"\r\0"),
    ] {
        for byte in bytes {
            let mut wrong = text.clone();
            wrong[at] = *byte;
            assert!(matches!(shape.check(&wrong), Err(RequestError::Byte { at: found, .. }) if found == at), "{at} {byte}");
            assert!(broken(&shape, &padded(&wrong), id).is_some(), "{at} {byte}");
        }
    }
    assert!(matches!(shape.check(&text[1..]), Err(RequestError::Length { .. })));
    assert!(matches!(shape.numbers::<F>(10), Err(RequestError::TooLong { most: 10, .. })));
    assert!(!shape.check(&[&text[..text.len() - 5], b" \r\n\r\n"].concat()).unwrap_err().to_string().contains("t0k"));
}

#[test]
fn another_id_is_refused() {
    let (shape, text, at) = example();
    let other = ID.replace('7', "8");
    let long = ID.repeat(2);
    for id in [(at, other.as_bytes()), (at + 1, ID.as_bytes()), (at, &ID.as_bytes()[1..]), (at - 1, &b"/7f"[..]), (at, long.as_bytes())] {
        assert!(broken(&shape, &padded(&text), id).is_some(), "{id:?}");
    }
    // Where the template has its id elsewhere, it is empty.
    let mut cs = Record::new();
    let (lookups, id) = synthesize(&mut cs, &shape, &text, (0, b""));
    assert!(cs.broken(&lookups).is_empty());
    assert!(id.bytes.iter().chain([&id.length]).all(|byte| byte.value() == Some(0)));
}

#[test]
fn one_of_two_ids() {
    let (shape, text, at) = example();
    let mut cs = Record::new();
    let (_, there) = synthesize(&mut cs, &shape, &text, (at, ID.as_bytes()));
    let (_, none) = synthesize(&mut cs, &shape, &text, (0, b""));
    for (a, b) in [(&there, &none), (&none, &there)] {
        let id = Id::either(&mut cs, a, b).unwrap();
        assert_eq!(id.length.value(), Some(36));
        assert_eq!(id.bytes.iter().take(36).map(|b| b.value().unwrap()).collect::<Vec<_>>(), ID.as_bytes());
    }
}

#[test]
fn a_byte_costs_two_constraints() {
    let cost = |capacity: usize| {
        let (shape, mut text, at) = example();
        text.resize(capacity, 0);
        let mut cs = Record::new();
        let (mut lookups, _) = synthesize(&mut cs, &shape, &text, (at, ID.as_bytes()));
        lookups.count(&mut cs).unwrap();
        let x = AllocatedNum::alloc_input(cs.namespace(|| "x"), || Ok(F::from(77))).unwrap();
        lookups.argue(&mut cs, &x).unwrap();
        (cs.constraints() - 8 * capacity, cs.variables() - 8 * capacity)
    };
    let (small, large) = (cost(256), cost(1024));
    println!("256 bytes: {small:?}; 1024 bytes: {large:?} (constraints, variables)");
    assert_eq!(large.0 - small.0, 2 * 768);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn native_and_circuit_agree(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..2)) {
        let (shape, mut text, at) = example();
        for (index, byte) in changes {
            let at = index.index(text.len());
            text[at] = byte;
        }
        let id = text[at..at + 36].to_vec();
        let holds = broken(&shape, &padded(&text), (at, &id)).is_none();
        prop_assert_eq!(holds, shape.check(&text).is_ok());
    }
}
