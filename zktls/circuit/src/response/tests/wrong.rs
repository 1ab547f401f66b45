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
    let unused = ["/spaced", "before the colon"];
    // Keys that could be a field's first or second one and are not.
    let must_differ = |name: &str| {
        (0..found.keys.len()).zip(&found.keys).any(|(k, key)| {
            (0..4).zip(["balance", "currency", "kind", "id"]).any(|(f, field)| {
                let value = found.fields[f].unwrap();
                let around = found.keys[..=k].iter().rfind(|around| !around.nested).unwrap();
                let is = [Some(value.first), value.second].into_iter().flatten().any(|wanted| wanted.colon == key.colon);
                name == format!("key {k}/{field}/another byte/num") && !is && around.colon == value.first.colon
                    || name == format!("key {k}/{field}/another byte/num") && !is && !key.nested
            })
        })
    };
    let means_nothing = |name: &str| {
        // The text's own bits are tied elsewhere; public numbers by the caller.
        name.starts_with("text ") || name.starts_with("public")
            // Bytes and digits behind the end of what is read, and questions that nobody wants answered.
            || (name.starts_with("number/digit ") && name.contains("/byte/"))
            || (name.starts_with("frame/digit ") && name.contains("/bit"))
            // Where no key is, the space before its colon and the place where it would differ.
            || (found.keys.len()..KEYS).any(|k| name.starts_with(&format!("key {k}/"))) && unused.iter().any(|part| name.contains(part))
            || name.ends_with("another byte/num") && !must_differ(name)
            || ["key of kind/end of the second/num", "key of id/end of the second/num"].contains(&name)
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
        refuses("event", |found| found.trace.events[at] ^= true);
    }
    // From a byte on, another way: an object skipped, a string taken for structure, the end too early.
    let memo = response.iter().position(|byte| *byte == b'n').unwrap();
    refuses("end", |found| found.trace.states[memo..].fill(State::End));
    let opened = found.opened;
    refuses("no object", |found| {
        found.trace.states[opened + 1] = State::Outer(2);
        found.trace.events[opened] = false;
    });
    refuses("two events", |found| found.trace.events[opened + 1] = true);
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
            refuses("first", |found| found.fields[f].as_mut().unwrap().first.colon += by);
            refuses("spaced", |found| found.fields[f].as_mut().unwrap().first.spaced ^= true);
            if rich().2.fields[f].unwrap().second.is_some() {
                refuses("second", |found| found.fields[f].as_mut().unwrap().second.as_mut().unwrap().colon += by);
            }
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
    let refuses =
        |shape: &ResponseShape, claim: &Threshold| assert!(broken(shape, claim, response, found).is_some(), "{shape:?} {claim:?}");
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
    // Who asks for less gets it, with a witness for that.
    let less = ResponseShape { currency: None, kind: None, ..shape.clone() };
    accepted(&less, &Threshold { currency: *b"XXX", ..EUR }, response);
    refuses(&less, &EUR);
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
        ("01000.00", "91000.00", &shape(), 5, 8, &["Alphabet"]),
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
        for name in ["balance", "currency", "kind", "id"] {
            let place = cs.low(&format!("key {slot}/{name}/place/num"));
            cs.set(&format!("key {slot}/{name}/found byte/num"), real[last - 1 + usize::from(place) - 32].into());
        }
    }
    assert_eq!(cs.broken(&lookups), only(&["key /no key, no further"]));
}

/// Equal keys can't be called different, nor different ones equal.
#[test]
fn a_double_is_counted() {
    let body = |key: &str| answer(&account("1000.00", "EUR").replacen('{', &format!(r#"{{"{key}":1,"#), 1));
    let (real, dream) = (body("type"), body("typX"));
    let found = accepted(&shape(), &EUR, &dream);
    assert_eq!(fails(&shape(), &EUR, &real, &found), only(&["Difference"]), "the double is said to be another key");
    let tampered = |what: &[(&str, u64)]| {
        let mut cs = Record::named();
        let (lookups, _) = synthesize(&mut cs, &shape(), &EUR, &padded(&real), real.len(), &found);
        what.iter().for_each(|(name, value)| cs.set(&format!("key 0/kind/{name}"), *value));
        cs.broken(&lookups)
    };
    // "type" at level 0 of the double, whose closing quote is 5 bytes behind its opening one.
    let first = 256 + u64::from(b'e');
    assert_eq!(tampered(&[("another byte/num", first)]), only(&["key /kind/another byte: as wanted"]));
    assert_eq!(tampered(&[("wanted byte/num", 1), ("another byte/num", 256 + u64::from(b'e') - 1)]), only(&["Keys"]));
    assert_eq!(tampered(&[("found byte/num", 1), ("another byte/num", 257 - u64::from(b'e'))]), only(&["ResponseText"]));
    // Another place of the same key, without its byte; another place in the text; places that no key has.
    for place in [30, 28, 27, 26, 0] {
        assert!(!tampered(&[("place/num", place), ("another byte/num", 300)]).is_empty());
        for found in (0..=255).step_by(15) {
            assert!(!tampered(&[("place/num", place), ("found byte/num", found), ("another byte/num", 300)]).is_empty());
        }
    }
    // Both are said to be the key.
    let broken = tampered(&[("first/boolean", 1), ("the only key/num", 1)]);
    assert!(broken.contains("kind: first key/once"), "{broken:?}");
    // And another key said to be the one.
    let missing = answer(&account("1000.00", "EUR").replace("type", "typX"));
    let found = accepted(&shape(), &EUR, &answer(&account("1000.00", "EUR")));
    assert_eq!(fails(&shape(), &EUR, &missing, &found), only(&["ResponseText"]));
}

/// A key of the object that is a value is no key of the object, and the other way round.
#[test]
fn levels_are_kept_apart() {
    let real =
        answer(&account("1000.00", "EUR").replace(r#""type":"CHECKING","#, "").replace(r#"{"value"#, r#"{"type":"CHECKING","value"#));
    let mut found = accepted(&ResponseShape { kind: None, ..shape() }, &EUR, &real);
    let nested = found.keys[2];
    found.fields[2] = Some(native::Value { first: native::Key { nested: false, ..nested }, second: None, begin: nested.colon + 1 });
    assert!(fails(&shape(), &EUR, &real, &found).contains("kind: first key/once"));
    let mut cs = Record::named();
    let (lookups, _) = synthesize(&mut cs, &shape(), &EUR, &padded(&real), real.len(), &found);
    cs.set("key 2/kind/first/boolean", 1);
    cs.set("key 2/kind/the only key/num", 1);
    let broken = cs.broken(&lookups);
    assert!(broken.contains("key /kind/the first key is at level "), "{broken:?}");
    // In another key's value.
    let other = answer(&account("1000.00", "EUR").replacen('{', r#"{"limit":{"value":5},"#, 1));
    let found = accepted(&shape(), &EUR, &other);
    let mut cs = Record::named();
    let (lookups, _) = synthesize(&mut cs, &shape(), &EUR, &padded(&other), other.len(), &found);
    cs.set("key 1/balance/second/boolean", 1);
    let broken = cs.broken(&lookups);
    assert!(broken.contains("key /balance/the second key is in the first one's value"), "{broken:?}");
}

/// Values that are committed before the random point have 64 bits.
#[test]
fn nothing_is_wide() {
    let (shape, response, found) = rich();
    let mut cs = Record::named();
    let (mut lookups, _) = synthesize(&mut cs, shape, &Threshold { at_least: 99_999, ..EUR }, &padded(response), response.len(), found);
    lookups.count(&mut cs).unwrap();
    assert_eq!(cs.wide(), Vec::<&str>::new());
    let claim = Threshold { at_least: 0, ..EUR };
    let form = ResponseShape { form: Form::Decimal(4), ..super::shape() };
    let response = answer(&account("999999999999999.9999", "EUR"));
    let found = accepted(&form, &claim, &response);
    let mut cs = Record::named();
    synthesize(&mut cs, &form, &claim, &padded(&response), response.len(), &found);
    assert_eq!(cs.wide(), Vec::<&str>::new());
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
