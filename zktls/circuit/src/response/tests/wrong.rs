//! Wrong witnesses, one family of constraints after the other.

use std::sync::OnceLock;

use super::super::machine::State;
use super::*;

/// Everything that is read in one answer: a chunk, two objects, a space before a colon, a long key, white space.
fn rich() -> &'static (ResponseShape, Vec<u8>, Found) {
    static RICH: OnceLock<(ResponseShape, Vec<u8>, Found)> = OnceLock::new();
    RICH.get_or_init(make_rich)
}

fn make_rich() -> (ResponseShape, Vec<u8>, Found) {
    let account = account("1000.00", "EUR").replacen('{', r#"{"a key of more than twenty-four bytes":0,"n" :[{}],"#, 1);
    let body = format!("[{}, {account}]", account_of("9.00"));
    let response = answer(&format!("{:x};x\r\n{body}\r\n0\r\n\r\n", body.len()));
    let shape = ResponseShape { depth: 2, ..shape() };
    let found = accepted(&shape, &EUR, &response);
    (shape, response, found)
}

fn account_of(value: &str) -> String {
    account(value, "EUR").replace(ID, "b").replace("CHECKING", "c")
}

/// No variable can be changed alone, save those that mean nothing; and each kind of constraint refuses some change.
#[test]
fn no_variable_is_loose() {
    let (shape, response, found) = rich();
    let mut cs = Record::named();
    let (lookups, _) = synthesize(&mut cs, shape, &EUR, &padded(response), response.len(), found);
    assert!(cs.broken(&lookups).is_empty());
    let (loose, vacuous) = cs.loose(&lookups, &[F::ONE, -F::ONE, F::from(256), F::from(2).invert().unwrap()]);
    let unused = ["/long", "/spaced", "before the colon", "the space is cut", "is the key"];
    let means_nothing = |name: &str| {
        // The text's own bits are tied elsewhere; public numbers by the caller.
        name.starts_with("text ") || name.starts_with("public")
            // Bytes and digits behind the end of what is read, and questions that nobody wants answered.
            || (name.starts_with("number/digit ") && name.contains("/byte/"))
            || (name.starts_with("frame/digit ") && name.contains("/bit"))
            // What proves that something is not zero, where it is.
            || name.ends_with("inverse/num")
            // In slots without a key all but level, colon and hits.
            || (found.keys.len()..KEYS).any(|k| name.starts_with(&format!("key {k}/"))) && unused.iter().any(|part| name.contains(part))
    };
    let loose: Vec<_> = loose.into_iter().filter(|name| !means_nothing(name)).collect();
    assert_eq!(loose, Vec::<String>::new());
    assert!(vacuous.is_empty(), "{vacuous:?}");
}

/// The witness after a change is refused.
fn refuses(what: &str, change: impl Fn(&mut Found)) -> String {
    let (shape, response, honest) = rich();
    let mut found = honest.clone();
    change(&mut found);
    broken(shape, &EUR, response, &found).unwrap_or_else(|| panic!("{what}: it holds"))
}

#[test]
fn the_machine_can_not_be_led_astray() {
    let (_, response, found) = rich();
    let other =
        [State::End, State::Plain(0), State::Outer(1), State::Header, State::Text(0), State::AfterColon(1), State::AfterKey(0, true)];
    for (at, state) in (1..found.trace.states.len()).step_by(7).zip(other.into_iter().cycle()) {
        if state != found.trace.states[at] {
            let name = refuses("state", |found| found.trace.states[at] = state);
            assert!(["Step", "ResponseState"].contains(&&*name), "{name}");
        }
        refuses("event", |found| found.trace.steps[at].0 ^= true);
        refuses("take", |found| found.trace.steps[at].1 ^= true);
    }
    // From a byte on, another way: an object skipped, a string taken for structure, the end too early.
    let memo = response.iter().position(|byte| *byte == b'n').unwrap();
    refuses("end", |found| found.trace.states[memo..].fill(State::End));
    let opened = found.opened;
    refuses("no object", |found| {
        found.trace.states[opened + 1] = State::Outer(2);
        found.trace.steps[opened].0 = false;
    });
    refuses("two events", |found| found.trace.steps[opened + 1].0 = true);
}

#[test]
fn positions_are_where_they_are() {
    for by in [1, 7] {
        refuses("opened", |found| found.opened += by);
        refuses("opened", |found| found.opened -= by);
        refuses("closed", |found| found.closed -= by);
        refuses("data", |found| found.data += by);
        refuses("data", |found| found.data -= by);
        refuses("number", |found| found.number.start += by);
        for f in 0..4 {
            refuses("value", |found| found.fields[f].as_mut().unwrap().begin += by);
            refuses("value", |found| found.fields[f].as_mut().unwrap().begin -= by);
            refuses("colon", |found| found.fields[f].as_mut().unwrap().colon += by);
        }
    }
    let (_, response, found) = rich();
    // Behind its bracket, up to the next event, the object is closed still; never behind the response.
    refuses("closed", |found| found.closed = response.len() + 1);
    for f in 0..4 {
        for g in (0..4).filter(|g| *g != f) {
            refuses("another field", |other| other.fields[f] = found.fields[g]);
            refuses("another value", |other| other.fields[f].as_mut().unwrap().begin = found.fields[g].unwrap().begin);
        }
    }
}

#[test]
fn the_list_of_keys_is_whole() {
    let (_, _, found) = rich();
    let count = found.keys.len();
    for k in 0..count {
        refuses("left out", |found| {
            found.keys.remove(k);
        });
        refuses("twice", |found| found.keys.insert(k, found.keys[k]));
        refuses("level", |found| found.keys[k].nested ^= true);
        refuses("spaced", |found| found.keys[k].spaced ^= true);
        refuses("colon", |found| found.keys[k].colon += 1);
        refuses("length", |found| {
            let length = &mut found.keys[k].length;
            *length = if length.is_some() { None } else { Some(3) };
        });
        if let Some(length) = found.keys[k].length {
            refuses("shorter", |found| found.keys[k].length = Some(length - 1));
            refuses("longer", |found| found.keys[k].length = Some(length + 1));
        }
        if k > 0 {
            refuses("order", |found| found.keys.swap(k - 1, k));
        }
    }
    refuses("the last", |found| found.keys.truncate(count - 1));
    refuses("none", |found| found.keys.clear());
}

#[test]
fn the_number_is_the_text_s() {
    let honest = rich().2.number;
    for whole in 1..=15 {
        for length in 1..12 {
            for digits in 0..4 {
                if (whole, length, digits) != (honest.whole, honest.length, honest.digits) && (whole + length + digits) % 5 == 0 {
                    refuses("number", |found| found.number = native::Number { whole, length, digits, ..honest });
                }
            }
        }
    }
    for above in [1, 99, u64::MAX] {
        refuses("above", |found| found.number.above = above);
    }
}

#[test]
fn the_chunk_is_as_large_as_it_says() {
    let (_, _, found) = rich();
    let chunk = found.chunk.unwrap();
    refuses("plain", |found| found.chunk = None);
    for digits in [0, 1, 3, 8] {
        refuses("digits", |found| found.chunk = Some(native::ChunkSize { digits, ..chunk }));
    }
    refuses("end", |found| found.chunk = Some(native::ChunkSize { end: chunk.end + 1, ..chunk }));
    refuses("end", |found| found.chunk = Some(native::ChunkSize { end: chunk.end - 1, ..chunk }));
}

/// Each public number says something.
#[test]
fn another_claim_or_shape_is_refused() {
    let (shape, response, found) = rich();
    let holds = |shape: &ResponseShape, claim: &Threshold| broken(shape, claim, response, found).is_none();
    let refuses = |shape: &ResponseShape, claim: &Threshold| assert!(!holds(shape, claim), "{shape:?} {claim:?}");
    let two = |a, b| FieldPath::two(a, b);
    refuses(shape, &Threshold { at_least: 100_001, ..EUR });
    refuses(shape, &Threshold { at_least: 99_999, ..EUR });
    refuses(shape, &Threshold { currency: *b"EUS", ..EUR });
    for depth in [1, 3, 4] {
        refuses(&ResponseShape { depth, ..shape.clone() }, &EUR);
    }
    for balance in [two("amount", "valud"), two("amounu", "value"), FieldPath::one("amount"), FieldPath::one("value")] {
        refuses(&ResponseShape { balance, ..shape.clone() }, &EUR);
    }
    for currency in [Some(two("amount", "currencx")), Some(FieldPath::one("currency"))] {
        refuses(&ResponseShape { currency, ..shape.clone() }, &EUR);
    }
    let kind = |key: &str, is: &str| Some((FieldPath::one(key), is.to_owned()));
    for kind in [kind("typf", "CHECKING"), kind("type", "CHECKINH"), kind("type", "CHECKIN"), kind("id", "CHECKING")] {
        refuses(&ResponseShape { kind, ..shape.clone() }, &EUR);
    }
    // Who asks for less gets it.
    assert!(holds(&ResponseShape { currency: None, kind: None, ..shape.clone() }, &Threshold { currency: *b"CHF", ..EUR }));
    for id in [None, Some(FieldPath::one("ie")), Some(two("amount", "id"))] {
        refuses(&ResponseShape { id, ..shape.clone() }, &EUR);
    }
    for form in [Form::Minor, Form::Decimal(1), Form::Decimal(3)] {
        refuses(&ResponseShape { form, ..shape.clone() }, &EUR);
    }
    refuses(&ResponseShape { quoted: true, ..shape.clone() }, &EUR);
}

/// A text that the rest of the statement did not decrypt.
#[test]
fn bytes_that_are_read_are_the_text_s() {
    let (shape, response, found) = rich();
    let number = found.number.start;
    for (at, byte) in [(number, b'9'), (number + 4, b','), (9, b'3'), (found.opened, b'x'), (found.closed - 1, b']'), (found.data, b'{')] {
        let mut cs = Record::new();
        let (mut lookups, _) = synthesize(&mut cs, shape, &EUR, &padded(response), response.len(), found);
        // The caller's question about the byte that it decrypted there.
        let asked = F::from(256 * at as u64 + u64::from(byte));
        lookups.ask(Table::ResponseText, bellpepper_core::LinearCombination::zero() + (asked, Record::<F>::one()), Some(asked));
        assert_eq!(cs.broken(&lookups), only(&["ResponseText"]), "{at}");
    }
}

fn only(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Each rule of the number's grammar refuses a number that all others let through.
#[test]
fn each_rule_of_the_number_counts() {
    let minor = ResponseShape { form: Form::Minor, ..shape() };
    let quoted = ResponseShape { quoted: true, ..shape() };
    // As written; as if it were; the shape; the digits of integer part and number; what alone stands against it.
    type Case<'a> = (&'a str, &'a str, &'a ResponseShape, usize, usize, &'a [&'a str]);
    let cases: [Case<'_>; 12] = [
        ("01000.00", "91000.00", &shape(), 5, 8, &["number/digit /no zero before a digit"]),
        ("91000.  ", "91000.00", &shape(), 5, 6, &["number/digit /a digit behind the point"]),
        ("91000000", "91000000", &shape(), 0, 8, &["number/a digit"]),
        ("910000.0", "91000000", &minor, 6, 8, &["number/minor units have no fraction"]),
        ("91000.0x", "91000.00", &shape(), 5, 7, &["Alphabet"]),
        ("91000.0-", "91000.00", &shape(), 5, 8, &["Alphabet"]),
        ("91000e00", "91000.00", &shape(), 5, 5, &["Alphabet"]),
        ("-91000.0", "91000.00", &shape(), 5, 8, &["Alphabet"]),
        ("91000,00", "91000.00", &shape(), 5, 8, &["Alphabet"]),
        ("910.0.00", "91000.00", &shape(), 3, 8, &["Alphabet"]),
        ("\"91000\" ", "\"91000\" ", &quoted, 5, 6, &["Alphabet", "number/digit /a digit behind the point"]),
        ("9100 000", "91000000", &shape(), 8, 8, &["Alphabet"]),
    ];
    let claim = Threshold { at_least: 0, ..EUR };
    for (real, dream, shape, whole, length, expected) in cases {
        let mut found = accepted(shape, &claim, &answer(&account(dream, "EUR")));
        found.number = native::Number { whole, length, ..found.number };
        let text = answer(&account(real, "EUR"));
        let start = found.number.start;
        // The amount that the circuit sums up from these bytes.
        let digit = |j: usize| if j < length { u64::from(text[start + j] & 15) } else { 0 };
        let kept = (0..=whole + found.number.digits).filter(|j| *j != whole || whole == 0);
        found.number.above = kept.fold(0, |sum, j| sum * 10 + digit(j));
        assert_eq!(fails(shape, &claim, &text, &found), only(expected), "{real}");
    }
    let found = accepted(&shape(), &EUR, &answer(&account("1000.00", "EUR")));
    let mut less = found.clone();
    less.number.digits = 1;
    less.number.above = 0;
    assert!(fails(&shape(), &EUR, &answer(&account("1000.00", "EUR")), &less).contains("number/what counts"));
}

/// A double that is left out of the list, with the slots behind the list placed as if it were there.
#[test]
fn nothing_is_skipped_behind_the_list() {
    let body = |key: &str| answer(&account("1000.00", "EUR").replacen('}', &format!(r#","{key}":1}}"#), 1));
    let (real, dream) = (body("value"), body("valuX"));
    let mut found = accepted(&shape(), &EUR, &dream);
    let last = found.keys.pop().unwrap().colon;
    let mut cs = Record::named();
    let (lookups, _) = synthesize(&mut cs, &shape(), &EUR, &padded(&real), real.len(), &found);
    assert_eq!(cs.broken(&lookups), only(&["ResponseState"]), "the end's last event is another");
    for slot in found.keys.len()..KEYS {
        cs.set(&format!("key {slot}/colon: low/num"), last as u64 & 255);
        cs.set(&format!("key {slot}/colon: high/num"), last as u64 >> 8);
    }
    assert_eq!(cs.broken(&lookups), only(&["key /no key, no further"]));
}

/// Equal keys can't be called different, nor different ones equal.
#[test]
fn a_double_is_counted() {
    let body = |key: &str| answer(&account("1000.00", "EUR").replacen('{', &format!(r#"{{"{key}":1,"#), 1));
    let (real, dream) = (body("type"), body("typX"));
    let mut found = accepted(&shape(), &EUR, &dream);
    assert_eq!(
        fails(&shape(), &EUR, &real, &found),
        only(&["key /kind/the field's colon", "kind: first key once"]),
        "the first one is where the witness says, the second is not"
    );
    found.fields[2].as_mut().unwrap().colon = found.keys[0].colon;
    found.fields[2].as_mut().unwrap().begin = found.keys[0].colon + 1;
    let broken = fails(&shape(), &EUR, &real, &found);
    assert!(broken.contains("kind: first key once"), "{broken:?}");
    // Said to be no hit.
    let mut cs = Record::named();
    let found = accepted(&shape(), &EUR, &dream);
    let (lookups, _) = synthesize(&mut cs, &shape(), &EUR, &padded(&real), real.len(), &found);
    cs.set("key 0/kind/is the key/num", 0);
    cs.set("key 0/kind/first/num", 0);
    assert_eq!(cs.broken(&lookups), only(&["key /kind/is the key: set where zero"]));
    // And another key said to be one.
    let missing = answer(&account("1000.00", "EUR").replace("type", "typX"));
    let found = accepted(&shape(), &EUR, &answer(&account("1000.00", "EUR")));
    let mut cs = Record::named();
    let (lookups, _) = synthesize(&mut cs, &shape(), &EUR, &padded(&missing), missing.len(), &found);
    assert!(cs.broken(&lookups).contains("kind: first key once"));
    for name in ["is the key/num", "is the key: inverse/num", "first/num"] {
        cs.set(&format!("key 1/kind/{name}"), u64::from(!name.contains("inverse")));
    }
    cs.set("key 1/kind/is the key: inverse/num", 0);
    assert_eq!(cs.broken(&lookups), only(&["key /kind/is the key: only there"]));
}

/// Only the end of the chunk, or of the response, stands against an object that goes beyond it.
#[test]
fn ends_are_ends() {
    let body = account("1000.00", "EUR");
    let response = |size: usize| answer(&format!("{size:x}\r\n{body}\r\n0\r\n\r\n"));
    let found = accepted(&shape(), &EUR, &response(body.len()));
    let less = fails(&shape(), &EUR, &response(body.len() - 1), &found);
    assert_eq!(less, only(&["frame/the object is inside the first chunk"]));
    let text = answer(&body);
    let found = accepted(&shape(), &EUR, &text);
    let mut cs = Record::new();
    let (lookups, _) = synthesize(&mut cs, &shape(), &EUR, &padded(&text), text.len() - 1, &found);
    assert_eq!(
        cs.broken(&lookups),
        only(&["the object is inside the response"].map(|name| format!("frame/{name}")).each_ref().map(String::as_str))
    );
    // Another status.
    let mut other = text;
    other[9] = b'3';
    assert_eq!(fails(&shape(), &EUR, &other, &found), only(&["status "]));
}
