//! Any bytes as a bank's HTTP answer, read with one of four templates' shapes (the first byte): a refusal, or a balance that really
//! stands there and is enough.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parlance_zktls_circuit::response::native::find;
use parlance_zktls_circuit::response::{FieldPath, Form, ResponseShape, Threshold};

const CLAIM: Threshold = Threshold { at_least: 1_000, currency: *b"EUR" };

fn shape(which: u8) -> ResponseShape {
    let (one, two) = (FieldPath::one, FieldPath::two);
    let demo = ResponseShape {
        depth: 1,
        balance: two("balance", "amount"),
        form: Form::Decimal(2),
        quoted: true,
        currency: Some(two("balance", "currency")),
        kind: Some((one("type"), "current-account".into())),
        id: Some(one("id")),
    };
    match which % 4 {
        0 => demo,
        1 => ResponseShape { balance: one("balance"), form: Form::Minor, quoted: false, currency: Some(one("currency")), kind: None, id: None, ..demo },
        2 => ResponseShape { depth: 2, balance: two("amount", "value"), quoted: false, currency: Some(two("amount", "currency")), kind: None, ..demo },
        _ => ResponseShape { depth: 3, balance: one("availableBalance"), quoted: false, currency: None, kind: None, ..demo },
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&which, answer)) = bytes.split_first() else { return };
    let shape = shape(which);
    let Ok(found) = find(&shape, &CLAIM, answer) else { return };
    let number = answer.get(found.number.start..found.number.start + found.number.length).expect("inside the answer");
    let number = std::str::from_utf8(number).expect("ASCII");
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = match shape.form {
        Form::Decimal(digits) => usize::from(digits),
        Form::Minor => 0,
    };
    let units: u64 = format!("{whole}{:0<digits$}", part.get(..digits).unwrap_or(part)).parse().expect("digits");
    assert_eq!(units - CLAIM.at_least, found.number.above);
    assert!(found.closed <= answer.len() && found.opened < found.number.start && found.number.start < found.closed);
    assert_eq!(found.id.is_empty(), shape.id.is_none());
});
