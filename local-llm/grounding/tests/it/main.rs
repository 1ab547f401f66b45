//! Tests of the whole crate through its public face.

mod addresses;
mod amounts;
mod gbnf;
mod grammar;
mod invariant;
mod people;
mod readings;
mod roundtrip;
mod scripts;
mod times;
mod tokens;
mod vetoes;

use parlance_grounding::{Grounding, Kind, Message, ground};

/// A message with contacts Alice, Bob, Carol and lenders Maple, Aspen.
pub fn message(text: &str) -> Message {
    Message {
        text: text.to_owned(),
        contacts: ["Alice", "Bob", "Carol"].map(String::from).to_vec(),
        lenders: ["Maple", "Aspen"].map(String::from).to_vec(),
        ..Message::default()
    }
}

/// That message, grounded.
pub fn read(text: &str) -> Grounding {
    ground(&message(text))
}

/// The values of one kind, in order.
pub fn values(grounding: &Grounding, kind: Kind) -> Vec<String> {
    grounding.of(kind).map(|s| s.value.clone()).collect()
}
