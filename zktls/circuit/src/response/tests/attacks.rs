//! Answers whose claim must be refused: by the native parser, and by the circuit whatever the prover writes into its witness.
//!
//! Where a forgery is tried, `dream` is the answer that the prover would like to have had: as long as the real one, so its witness
//! fits, and it is tried with the machine's way through either text.

use super::super::machine::Trace;
use super::*;

/// The dream is accepted, the real answer is not, with no mix of both.
pub(super) fn forgery(shape: &ResponseShape, claim: &Threshold, real: &[u8], dream: &[u8]) -> Refusal {
    assert_eq!(real.len(), dream.len(), "{}\n{}", String::from_utf8_lossy(real), String::from_utf8_lossy(dream));
    let refusal = refused(shape, claim, real);
    let found = accepted(shape, claim, dream);
    assert!(broken(shape, claim, real, &found).is_some(), "the dream's witness holds");
    assert!(broken(shape, claim, real, &with_trace(&found, shape, real)).is_some(), "with the real trace it holds");
    refusal
}

pub(super) fn with_trace(found: &Found, shape: &ResponseShape, real: &[u8]) -> Found {
    let (mut trace, _) = Trace::run(real, shape.depth);
    trace.states.truncate(found.closed + 1);
    trace.events.truncate(found.closed);
    Found { trace, ..found.clone() }
}

/// An answer of one account whose balance is written so.
pub(super) fn written(value: &str) -> Vec<u8> {
    answer(&account(value, "EUR"))
}

#[test]
fn one_cent_is_missed() {
    let real = written("999.99");
    assert_eq!(refused(&shape(), &EUR, &real), Refusal::Below { found: 99_999, at_least: 100_000 });
    let mut found = accepted(&shape(), &Threshold { at_least: 99_999, ..EUR }, &real);
    for above in [0, 1, u64::MAX] {
        found.number.above = above;
        assert!(broken(&shape(), &EUR, &real, &found).is_some());
    }
    // More digits than the number has, or fewer integer digits.
    let digits = found.number.digits;
    for (whole, length, digits) in [(3, 6, digits + 1), (2, 6, digits), (4, 6, digits), (3, 5, digits), (3, 7, digits)] {
        found.number = native::Number { whole, length, digits, ..found.number };
        assert!(broken(&shape(), &EUR, &real, &found).is_some());
    }
    accepted(&shape(), &EUR, &written("1000"));
    accepted(&shape(), &EUR, &written("1000.0"));
    accepted(&shape(), &EUR, &written("1000.009999999999999999"));
}

fn many() -> ResponseShape {
    ResponseShape { depth: 2, ..shape() }
}

#[test]
fn the_balance_of_one_account_and_the_currency_of_another() {
    let real = answer(&format!("[{},{}]", account("5000.00", "XAF"), account("5.00", "EUR")));
    assert!(matches!(refused(&many(), &EUR, &real), Refusal::Below { found: 500, .. }));
    let rich = accepted(&many(), &Threshold { currency: *b"XAF", ..EUR }, &real);
    let poor = accepted(&many(), &Threshold { at_least: 0, ..EUR }, &real);
    let mut mixed = rich.clone();
    mixed.fields[1] = poor.fields[1];
    assert!(broken(&many(), &EUR, &real, &mixed).is_some());
    mixed = poor.clone();
    mixed.fields[0] = rich.fields[0];
    mixed.number = rich.number;
    assert!(broken(&many(), &EUR, &real, &mixed).is_some());
    // Both accounts' keys in one list.
    let mut both = Found { opened: rich.opened, ..poor.clone() };
    both.keys = rich.keys.iter().chain(&poor.keys).copied().collect();
    both.fields[0] = rich.fields[0];
    both.number = rich.number;
    assert!(broken(&many(), &EUR, &real, &both).is_some());
    both.keys = rich.keys.iter().take(3).chain(&poor.keys).copied().collect();
    assert!(broken(&many(), &EUR, &real, &both).is_some());
    // The first, the middle and the last of several are found.
    for at in 0..3 {
        let accounts: Vec<String> = (0..3).map(|i| account(if i == at { "1000.00" } else { "1.00" }, "EUR")).collect();
        accepted(&many(), &EUR, &answer(&format!("[{}]", accounts.join(" ,\n"))));
    }
}

#[test]
fn something_that_looks_alike_deeper_or_elsewhere() {
    let inner = account("5000.00", "EUR");
    let real = answer(&format!(r#"{{"a":[{inner}],"id":"x","type":"CHECKING","amount":{{"value":1,"currency":"EUR"}}}}"#));
    assert!(matches!(refused(&shape(), &EUR, &real), Refusal::Below { found: 100, .. }));
    // The inner one's witness, at its depth and at the real one.
    let deeper = accepted(&ResponseShape { depth: 3, ..shape() }, &EUR, &real);
    assert!(broken(&shape(), &EUR, &real, &deeper).is_some());
    let mut mixed = accepted(&shape(), &Threshold { at_least: 0, ..EUR }, &real);
    mixed.fields[0] = deeper.fields[0];
    mixed.number = deeper.number;
    assert!(broken(&shape(), &EUR, &real, &mixed).is_some());
    // A nested value in the wrong inner object.
    let real = answer(r#"{"id":"x","type":"CHECKING","limit":{"value":9000,"currency":"EUR"},"amount":{"value":1,"currency":"EUR"}}"#);
    let dream = answer(r#"{"id":"x","type":"CHECKING","amount":{"value":9000,"currency":"EUR"},"limit":{"value":1,"currency":"EUR"}}"#);
    forgery(&shape(), &EUR, &real, &dream);
    // In an array: the path goes through objects only.
    let real = answer(r#"{"id":"x","type":"CHECKING","amount":[{"value":9000,"currency":"EUR"}]}"#);
    assert!(matches!(refused(&shape(), &EUR, &real), Refusal::NoInnerObject { .. }));
    forgery(&shape(), &EUR, &real, &answer(r#"{"id":"x","type":"CHECKING","amount": {"value":9000,"currency":"EUR"} }"#));
}

#[test]
fn a_memo_that_holds_the_fields() {
    let memo = r#"x\",\"amount\":{\"value\":9000,\"currency\":\"EUR\"},\"y\":\"}]{["#;
    let real = answer(&format!(r#"{{"memo":"{memo}","id":"x","type":"CHECKING","amounX":{{"value":1,"currency":"EUR"}}}}"#));
    let dream = String::from_utf8(real.clone()).unwrap().replace("\\\"", "\" ").replace("\" :", "\": ");
    let dream = dream.replace("\" amount", " \"amount").replace("\" value", " \"value").replace("\" currency", " \"currency");
    let dream = dream.replace("\" EUR", " \"EUR").replace("\" y", " \"y").replace(":\" }]{[", ": \"}]{[");
    assert!(matches!(forgery(&shape(), &EUR, &real, dream.as_bytes()), Refusal::Missing { .. }), "{dream}");
    // Braces and backslashes in strings leave the depth as it is.
    for memo in [r"}}}", r"[[[{", r#"\\"#, r#"\\\""#, r#"\"}"#, r#"\u0022}"#, "\u{2028}ü{", r#"a\\\\"#] {
        accepted(&shape(), &EUR, &answer(&account("1000.00", "EUR").replacen('{', &format!(r#"{{"memo":"{memo}","#), 1)));
        accepted(&shape(), &EUR, &answer(&account("1000.00", "EUR").replacen(r#"{"value"#, &format!(r#"{{"m":["{memo}"],"value"#), 1)));
    }
}

#[test]
fn a_key_that_is_there_twice() {
    for (real, dream) in [
        (r#""amount":{"value":1,"value":9000,"currency":"EUR"}"#, r#""amount":{"valuX":1,"value":9000,"currency":"EUR"}"#),
        (r#""amount":{"value":9000,"value":1,"currency":"EUR"}"#, r#""amount":{"value":9000,"valuX":1,"currency":"EUR"}"#),
        (
            r#""amount":{"value":1},"amount":{"value":9000,"currency":"EUR"}"#,
            r#""amounX":{"value":1},"amount":{"value":9000,"currency":"EUR"}"#,
        ),
        (r#""amount":{"value":9000,"currency":"EUR"},"type":"LOAN""#, r#""amount":{"value":9000,"currency":"EUR"},"typX":"LOAN""#),
    ] {
        let body = |part: &str| answer(&format!(r#"{{"id":"x","type":"CHECKING",{part}}}"#));
        let (real, dream) = (body(real), body(dream));
        assert!(matches!(forgery(&shape(), &EUR, &real, &dream), Refusal::Twice { .. }));
        // The double left out of the list.
        let found = accepted(&shape(), &EUR, &dream);
        for left_out in 0..found.keys.len() {
            let mut found = with_trace(&found, &shape(), &real);
            found.keys.remove(left_out);
            assert!(broken(&shape(), &EUR, &real, &found).is_some(), "{left_out}");
        }
    }
    // The same keys in another object are another matter.
    accepted(&shape(), &EUR, &answer(&account("1000.00", "EUR").replacen('{', r#"{"other":{"value":1,"amount":2,"type":"y"},"#, 1)));
}

#[test]
fn other_statuses_and_heads() {
    let body = account("1000.00", "EUR");
    for head in ["HTTP/1.1 201 OK\r\n\r\n", "HTTP/1.1 404 No\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 2000 K\r\n\r\n"] {
        let real = [head, &body].concat();
        assert!(matches!(refused(&shape(), &EUR, real.as_bytes()), Refusal::Status { .. }));
        let dream = ["HTTP/1.1 200 OK\r\n\r\n", &body].concat();
        forgery(&shape(), &EUR, real.as_bytes(), dream.as_bytes());
    }
    let real = ["HTTP/1.1 500 Oh\r\nX: HTTP/1.1 200 OK\r\n\r\n", &body].concat();
    refused(&shape(), &EUR, real.as_bytes());
    // JSON in a header, before the body's own.
    let poor = account("1.00", "EUR");
    let real = format!("HTTP/1.1 200 OK\r\nX:{body}\r\n\r\n{poor}");
    let dream = format!("HTTP/1.1 200 OK\r\n\r\n{body}\r\n\r\n{poor}");
    forgery(&shape(), &EUR, real.as_bytes(), dream.as_bytes());
    // What looks like a header's end and is none, and stray line ends.
    for end in ["\r\r\n\n", "\n\n\r\n", "\r\n\n\r", "\n\r\n\r", "\r\n\r\r"] {
        let real = format!("HTTP/1.1 200 OK{end}{body}\r\n\r\n{poor}");
        let dream = format!("HTTP/1.1 200 OK\r\n\r\n{body}\r\n\r\n{poor}");
        forgery(&shape(), &EUR, real.as_bytes(), dream.as_bytes());
    }
    for start in ["\u{feff}", " ", "\r\n", "\0", "\"", "true", "\u{1f}\u{8b}"] {
        let real = format!("HTTP/1.1 200 OK\r\n\r\n{start}{body}");
        assert!(matches!(refused(&shape(), &EUR, real.as_bytes()), Refusal::Body { .. }), "{start:?}");
    }
    accepted(&shape(), &EUR, format!("HTTP/1.1 200 \r\n\r\n{body}").as_bytes());
    accepted(&shape(), &EUR, format!("HTTP/1.1 200 OK\r\nA: {{\"b\r\nC:\\\r\n\r\n{body}").as_bytes());
}

#[test]
fn a_body_that_ends_too_early_or_goes_on() {
    let whole = answer(&account("1000.00", "EUR"));
    for cut in [1, 2, 10, 40] {
        let real = &whole[..whole.len() - cut];
        assert!(matches!(refused(&shape(), &EUR, real), Refusal::Truncated { .. }));
        // The rest comes from the prover.
        let mut found = accepted(&shape(), &EUR, &whole);
        let length = real.len();
        let mut cs = Record::new();
        let (lookups, _) = synthesize(&mut cs, &shape(), &EUR, &padded(&whole), length, &found);
        assert!(!cs.broken(&lookups).is_empty(), "{cut}");
        found.closed = length;
        let mut cs = Record::new();
        let (lookups, _) = synthesize(&mut cs, &shape(), &EUR, &padded(&whole), length, &found);
        assert!(!cs.broken(&lookups).is_empty(), "{cut}");
    }
    // Two documents: only the first one counts.
    let two = answer(&format!("{}{}", account("1.00", "EUR"), account("1000.00", "EUR")));
    assert!(matches!(refused(&shape(), &EUR, &two), Refusal::Below { .. }));
    let dream = two.iter().map(|_| b' ').collect::<Vec<_>>();
    let second = HEAD.len() + account("1.00", "EUR").len();
    let dream = [HEAD.as_bytes(), &dream[..second - HEAD.len()], &two[second..]].concat();
    refused(&shape(), &EUR, &dream);
    let alone = accepted(&shape(), &EUR, &answer(&account("1000.00", "EUR")));
    let shift = second - HEAD.len();
    let shifted = moved(&alone, shift);
    assert!(broken(&shape(), &EUR, &two, &with_trace(&shifted, &shape(), &two)).is_some());
    let arrays = answer(&format!("[{}][{}]", account("1.00", "EUR"), account("1000.00", "EUR")));
    assert!(matches!(refused(&many(), &EUR, &arrays), Refusal::Below { .. }));
    let alone = accepted(&many(), &EUR, &answer(&format!("[{}]", account("1000.00", "EUR"))));
    let shifted = moved(&alone, account("1.00", "EUR").len() + 2);
    assert!(broken(&many(), &EUR, &arrays, &with_trace(&shifted, &many(), &arrays)).is_some());
    // Behind the object anything may follow.
    accepted(&many(), &EUR, &answer(&format!("[{},\"\\", account("1000.00", "EUR"))));
    accepted(&shape(), &EUR, &answer(&format!("{}}}}}]]:\"\\", account("1000.00", "EUR"))));
}

fn moved(found: &Found, by: usize) -> Found {
    let mut found = found.clone();
    found.opened += by;
    found.closed += by;
    found.number.start += by;
    found.keys.iter_mut().for_each(|key| key.colon += by);
    for field in found.fields.iter_mut().flatten() {
        field.first.colon += by;
        field.second.iter_mut().for_each(|second| second.colon += by);
        field.begin += by;
    }
    found
}

fn chunked(line: &str, body: &str) -> Vec<u8> {
    answer(&format!("{line}\r\n{body}\r\n0\r\n\r\n"))
}

#[test]
fn chunks() {
    let body = account("1000.00", "EUR");
    let size = body.len();
    for line in [format!("{size:x}"), format!("{size:X}"), format!("{size:08x}"), format!("{size:x};name=\"x:{{\"")] {
        accepted(&shape(), &EUR, &chunked(&line, &body));
    }
    accepted(&shape(), &EUR, &chunked("ffffffff", &body));
    for line in [format!("{size:09x}"), format!("{size:x} "), format!("{size:x}\n"), "g".into(), String::new(), format!("0x{size:x}")] {
        refused(&shape(), &EUR, &chunked(&line, &body));
    }
    // The object ends in a later chunk: a boundary may stand in its number.
    for less in 1..4 {
        let line = format!("{:x}", size - less);
        let real = chunked(&line, &body);
        assert!(matches!(refused(&shape(), &EUR, &real), Refusal::Truncated { .. }));
        let dream = chunked(&format!("{size:x}"), &body);
        assert!(matches!(forgery(&shape(), &EUR, &real, &dream), Refusal::Truncated { .. }));
        let mut plain = accepted(&shape(), &EUR, &dream);
        plain.chunk = None;
        assert!(broken(&shape(), &EUR, &real, &with_trace(&plain, &shape(), &real)).is_some(), "it is no plain body");
        plain.data = HEAD.len();
        assert!(broken(&shape(), &EUR, &real, &with_trace(&plain, &shape(), &real)).is_some(), "it is no plain body");
    }
    let (left, right) = body.split_at(body.find("1000").unwrap() + 1);
    refused(&shape(), &EUR, &answer(&format!("{:x}\r\n{left}\r\n{:x}\r\n{right}\r\n0\r\n\r\n", left.len(), right.len())));
    // Fewer digits than there are make the chunk smaller, never larger.
    let real = chunked(&format!("{size:x}"), &body);
    let mut found = accepted(&shape(), &EUR, &real);
    found.chunk = Some(native::ChunkSize { digits: 1, end: HEAD.len() + 1 });
    assert!(broken(&shape(), &EUR, &real, &found).is_some());
    // A whole element in the first chunk is enough.
    let list = format!("[{body},");
    accepted(&many(), &EUR, &answer(&format!("{:x}\r\n{list}\r\n5\r\n{{}}]  \r\n0\r\n\r\n", list.len())));
}

#[test]
fn depths() {
    let object = account("1000.00", "EUR");
    // What is no element of an array, though at the same depth, is no match.
    for (depth, body) in [
        (2, format!(r#"{{"a":{object}}}"#)),
        (3, format!(r#"{{"a":{{"b":{object}}}}}"#)),
        (4, format!(r#"{{"a":[{{"b":{object}}}]}}"#)),
        (3, format!(r#"{{"a":{{"b}}":[{object}],"c":{object}}},"d":[]}}"#)),
    ] {
        let shape = ResponseShape { depth, ..shape() };
        assert_eq!(refused(&shape, &EUR, &answer(&body)), Refusal::NoObject { depth });
        // The object's witness as it would be in arrays, with the real trace.
        let at = body.find(&object).unwrap() + HEAD.len();
        let alone = accepted(&ResponseShape { depth: 1, ..shape.clone() }, &EUR, &answer(&object));
        let mut found = with_trace(&moved(&alone, at - HEAD.len()), &shape, &answer(&body));
        for data in [HEAD.len(), at] {
            found.data = data;
            assert!(broken(&shape, &EUR, &answer(&body), &found).is_some());
        }
    }
    let sibling = format!(r#"{{"total":{{"x":{{"y":[{{}}]}},"n":"}}"}},"data":[{object}]}}"#);
    accepted(&ResponseShape { depth: 3, ..shape() }, &EUR, &answer(&sibling));
    let bodies = [object.clone(), format!("[{object}]"), format!(r#"{{"data":[{object}]}}"#), format!(r#"{{"a":{{"b]":[1,{object}]}}}}"#)];
    for (depth, body) in (1..).zip(&bodies) {
        for (other, _) in (1..).zip(&bodies) {
            let shape = ResponseShape { depth: other, ..shape() };
            if other == depth {
                let found = accepted(&shape, &EUR, &answer(body));
                for wrong in (1..=4).filter(|wrong| *wrong != depth) {
                    let shape = ResponseShape { depth: wrong, ..shape.clone() };
                    assert!(broken(&shape, &EUR, &answer(body), &found).is_some());
                    assert!(broken(&shape, &EUR, &answer(body), &with_trace(&found, &shape, &answer(body))).is_some());
                }
            } else {
                refused(&shape, &EUR, &answer(body));
            }
        }
    }
    let nest = |levels: usize| object.replacen('{', &format!(r#"{{"deep":{}{},"#, "[".repeat(levels), "]".repeat(levels)), 1);
    accepted(&shape(), &EUR, &answer(&nest(15)));
    assert!(matches!(refused(&shape(), &EUR, &answer(&nest(16))), Refusal::TooDeep { .. }));
    let keys = |count: usize| object.replacen('{', &format!("{{{}", (0..count).map(|i| format!("\"k{i}\":0,")).collect::<String>()), 1);
    accepted(&shape(), &EUR, &answer(&keys(KEYS - 5)));
    assert!(matches!(refused(&shape(), &EUR, &answer(&keys(KEYS - 4))), Refusal::TooManyKeys { .. }));
}

#[test]
fn shapes_that_can_not_be_proved() {
    let wrong = [
        ResponseShape { depth: 0, ..shape() },
        ResponseShape { depth: 5, ..shape() },
        ResponseShape { form: Form::Decimal(5), ..shape() },
        ResponseShape { balance: FieldPath::one(""), ..shape() },
        ResponseShape { balance: FieldPath::one("a-key-of-more-than-24-bytes"), ..shape() },
        ResponseShape { currency: Some(FieldPath::two("a", "b\"")), ..shape() },
        ResponseShape { id: Some(FieldPath::one("ü")), ..shape() },
        ResponseShape { kind: Some((FieldPath::one("a"), "a\\b".into())), ..shape() },
    ];
    for shape in wrong {
        assert!(shape.check().is_err());
        assert!(matches!(refused(&shape, &EUR, &written("1000.00")), Refusal::Shape(_)));
    }
}
