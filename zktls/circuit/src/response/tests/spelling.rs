//! Keys, numbers and texts that are written in another way.

use super::attacks::{forgery, with_trace, written};
use super::*;

#[test]
fn pretty_and_minified() {
    let value: serde_json::Value = serde_json::from_str(&account("1000.25", "EUR")).unwrap();
    accepted(&shape(), &EUR, &answer(&serde_json::to_string(&value).unwrap()));
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    accepted(&shape(), &EUR, &answer(&pretty));
    accepted(&shape(), &EUR, &answer(&pretty.replace('\n', "\r\n")));
    accepted(&shape(), &EUR, &answer(&pretty.replace(':', " :")));
    accepted(&shape(), &EUR, &answer(&pretty.replace(": ", ":\t\r\n  ")));
    accepted(&shape(), &EUR, &answer(&account("1000.25", "EUR").replace(',', " , ").replace('}', "\n}\n")));
    assert!(matches!(refused(&shape(), &EUR, &answer(&pretty.replace(':', "  :"))), Refusal::KeyAsWritten { .. }));
}

#[test]
fn numbers_that_are_not_read() {
    for value in [
        "-1000.00",
        "1e9",
        "1000.0E5",
        "01000.00",
        "00",
        "1234567890123456",
        "null",
        "true",
        "\"1000.00\"",
        "1.000,00",
        "\"1,000.00\"",
        "1000.",
        ".5",
        "+1000",
        "[1000]",
        "1000.00.00",
        "1 000",
        "1_000",
        "0x1000",
        "1000.000000000000000000000000000000",
        "٣",
    ] {
        let real = written(value);
        let refusal = refused(&shape(), &EUR, &real);
        assert!(matches!(refusal, Refusal::Number { .. } | Refusal::NotJson { .. }), "{value}: {refusal}");
        // As if some other number of this length stood there.
        for dream in ["9".repeat(value.len().min(15)), "0".to_owned()] {
            let dream = written(&format!("{dream:<width$}", width = value.len()));
            if let Ok(found) = find(&shape(), &Threshold { at_least: 0, ..EUR }, &dream) {
                for trace in [found.clone(), with_trace(&found, &shape(), &real)] {
                    assert!(broken(&shape(), &Threshold { at_least: 0, ..EUR }, &real, &trace).is_some(), "{value}");
                }
            }
        }
    }
    let quoted = ResponseShape { quoted: true, ..shape() };
    accepted(&quoted, &EUR, &written("\"1000.00\""));
    assert!(matches!(refused(&quoted, &EUR, &written("1000.00")), Refusal::Number { .. }));
    for value in ["\"1000.00 \"", "\" 1000.00\"", "\"1000.00\\u0030\"", "\"-1000\"", "\"\"", "\"1000"] {
        refused(&quoted, &EUR, &written(value));
    }
    let minor = ResponseShape { form: Form::Minor, ..shape() };
    accepted(&minor, &EUR, &written("100000"));
    assert!(matches!(refused(&minor, &EUR, &written("99999")), Refusal::Below { .. }));
    assert!(matches!(refused(&minor, &EUR, &written("100000.0")), Refusal::Number { .. }));
    accepted(&shape(), &Threshold { at_least: 99_999_999_999_999_999, ..EUR }, &written("999999999999999.99"));
    accepted(&shape(), &Threshold { at_least: 0, ..EUR }, &written("0"));
    accepted(&shape(), &Threshold { at_least: 1, ..EUR }, &written("0.01"));
    let four = ResponseShape { form: Form::Decimal(4), ..shape() };
    accepted(&four, &Threshold { at_least: 9_999_999_999_999_990_000, ..EUR }, &written("999999999999999"));
}

#[test]
fn a_quoted_number_where_none_should_be() {
    let value = written("\"1000.00\"");
    let dream = accepted(&shape(), &EUR, &written(" 1000.00 "));
    assert!(broken(&shape(), &EUR, &value, &with_trace(&dream, &shape(), &value)).is_some());
    let quoted = ResponseShape { quoted: true, ..shape() };
    let dream = accepted(&quoted, &EUR, &value);
    assert!(broken(&quoted, &EUR, &written(" 1000.00 "), &with_trace(&dream, &quoted, &written(" 1000.00 "))).is_some());
    assert!(broken(&shape(), &EUR, &value, &dream).is_some(), "the shape is public");
}

#[test]
fn text_that_is_not_quite_it() {
    for (real, dream) in [
        (r#""currency":"USD""#, r#""currency":"EUR""#),
        (r#""currency":"EURX""#, r#""currency":"EUR" "#),
        (r#""currency":"EU\u0052""#, r#""currency":"EUR"     "#),
        (r#""currency":null  "#, r#""currency":"EUR" "#),
        (r#""currency":1,"EUR":2"#, r#""currency":"EUR"    "#),
        (r#""currency": ["EUR"]"#, r#""currency":  "EUR" "#),
        (r#""currency":{"EUR":1}"#, r#""currency": "EUR"   "#),
        (r#""currenc\u0079":"EUR""#, r#""currency"     :"EUR""#),
    ] {
        let body = |part: &str| answer(&account("1000.00", "EUR").replace(r#""currency":"EUR""#, part));
        let dream = if dream.contains("     :") { r#""currency" :    "EUR""# } else { dream };
        forgery(&shape(), &EUR, &body(real), &body(dream));
    }
    let body = |part: &str| answer(&account("1000.00", "EUR").replace("CHECKING", part));
    let refusal = forgery(&shape(), &EUR, &body("MORTGAGE"), &body("CHECKING"));
    assert!(refusal.to_string().contains("type is \"MORTGAGE\""), "{refusal}");
    for id in ["", "a\\u0062", "\"", &"x".repeat(47), "ü"] {
        let real = answer(&account("1000.00", "EUR").replace(ID, id));
        assert!(matches!(refused(&shape(), &EUR, &real), Refusal::Id { .. } | Refusal::NotJson { .. }), "{id}");
    }
    accepted(&shape(), &EUR, &answer(&account("1000.00", "EUR").replace(ID, &"x".repeat(46))));
}

/// Another id than the account's: its nullifier would be new.
#[test]
fn another_id() {
    let real = written("1000.00");
    let honest = accepted(&shape(), &EUR, &real);
    let mut found = honest.clone();
    for id in [&ID[..35], &ID[1..], "", "7f3f0f0a-3c5c-4f6e-9d8b-0d4d5a8f6c22", "7f3f0f0a-3c5c-4f6e-9d8b-0d4d5a8f6c21\"", "CHECKING"] {
        found.id = id.as_bytes().to_vec().into();
        assert!(broken(&shape(), &EUR, &real, &found).is_some(), "{id}");
    }
    found = honest;
    found.id = b"CHECKING".to_vec().into();
    found.fields[3] = found.fields[2];
    assert!(broken(&shape(), &EUR, &real, &found).is_some());
}

#[test]
fn keys_with_escapes_and_other_spellings() {
    let real = r#"{"b\u0061lance":5000,"c":"EUR"}"#;
    let flat = ResponseShape { balance: FieldPath::one("balance"), currency: Some(FieldPath::one("c")), kind: None, id: None, ..shape() };
    refused(&flat, &EUR, &answer(real));
    forgery(&flat, &EUR, &answer(real), &answer(r#"{     "balance":5000,"c":"EUR"}"#));
    // The second spelling of a key is no hiding place for a double.
    let double = r#"{"balance":5000,"b\u0061lance":1,"c":"EUR"}"#;
    assert!(matches!(refused(&flat, &EUR, &answer(double)), Refusal::KeyAsWritten { .. }));
    forgery(&flat, &EUR, &answer(double), &answer(r#"{"balance":5000,"b\\0061lance":1,"c":"EUR"}"#.replace("\\\\", "uu").as_str()));
    for key in ["Balance", "balanc", "balances", "xbalance", "balance ", " balance", "balance\\u0000", "BALANCE"] {
        let real = answer(&format!(r#"{{"{key}":5000,"c":"EUR"}}"#));
        refused(&flat, &EUR, &real);
        let dream = answer(&format!(r#"{{{:>width$}:5000,"c":"EUR"}}"#, "\"balance\"", width = key.len() + 2));
        if dream.len() == real.len() && key.len() >= 7 {
            forgery(&flat, &EUR, &real, &dream);
        }
    }
    // Long keys match nothing and hide nothing.
    let long = "a-key-of-more-than-24-bytes";
    accepted(&flat, &EUR, &answer(&format!(r#"{{"{long}" : {{"balance":1}},"balance":5000,"c":"EUR"}}"#)));
    assert!(matches!(
        refused(&flat, &EUR, &answer(&format!(r#"{{"{long}":1,"balance":5000,"balance":1,"c":"EUR"}}"#))),
        Refusal::Twice { .. }
    ));
    assert!(matches!(
        refused(&flat, &EUR, &answer(&format!(r#"{{"{long}"  :1,"balance":5000,"c":"EUR"}}"#))),
        Refusal::KeyAsWritten { .. }
    ));
    // 24 bytes are the longest that match.
    let key = "abcdefghijklmnopqrstuvwx";
    let edge = ResponseShape { balance: FieldPath::one(key), ..flat };
    accepted(&edge, &EUR, &answer(&format!(r#"{{"{key}":5000,"c":"EUR"}}"#)));
    accepted(&edge, &EUR, &answer(&format!(r#"{{"{key}" :5000,"c":"EUR"}}"#)));
    refused(&edge, &EUR, &answer(&format!(r#"{{"{key}y":5000,"c":"EUR"}}"#)));
}
