//! What a response costs.

use super::*;

/// Constraints and variables with the argument of the lookups.
fn cost(capacity: usize) -> (usize, usize) {
    let mut text = answer(&account("1000.00", "EUR"));
    let length = text.len();
    let found = find(&shape(), &EUR, &text).unwrap();
    text.resize(capacity, b' ');
    let mut cs = Record::new();
    let (mut lookups, _) = synthesize(&mut cs, &shape(), &EUR, &text, length, &found);
    lookups.count(&mut cs).unwrap();
    let x = AllocatedNum::alloc_input(cs.namespace(|| "x"), || Ok(F::from(77))).unwrap();
    lookups.argue(&mut cs, &x).unwrap();
    // The text's bits are the caller's; those of the public numbers count.
    (cs.constraints() - 8 * capacity, cs.variables() - 8 * capacity)
}

#[test]
fn a_byte_costs_seven_constraints_and_the_rest_twelve_thousand() {
    let (small, large) = (cost(512), cost(2048));
    println!("512 bytes: {small:?}; 2048 bytes: {large:?} (constraints, variables)");
    assert_eq!(large.0 - small.0, 7 * 1536);
    assert!(large.0 < 7 * 2048 + 12_000, "{large:?}");
}
