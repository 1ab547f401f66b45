//! EIP-712 as such: digests, well-formedness, bounds.

use parlance_effects::{Effect, EffectsError, Registry, Subject, TypedNode, Warning, decode_typed_data};
use serde_json::{Value, json};

use crate::support::*;

fn decode(json: &Value) -> Result<parlance_effects::Decoded<parlance_effects::TypedData>, EffectsError> {
    decode_typed_data(Registry::builtin_ref(), ACCOUNT, &json.to_string())
}

fn mail() -> Value {
    json!({
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"}, {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"},
            ],
            "Person": [{"name": "name", "type": "string"}, {"name": "wallets", "type": "address[]"}],
            "Mail": [{"name": "to", "type": "Person[2]"}, {"name": "weight", "type": "int8"}, {"name": "urgent", "type": "bool"},
                     {"name": "data", "type": "bytes"}, {"name": "tag", "type": "bytes4"}],
        },
        "primaryType": "Mail",
        "domain": {"name": "Ether Mail", "version": "1", "chainId": 1, "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},
        "message": {
            "to": [{"name": "Cow", "wallets": ["0xcd2a3d9f938e13cd947ec05abc7fe734df8dd826"]}, {"name": "Bob", "wallets": []}],
            "weight": -128, "urgent": true, "data": "0xC0ffee", "tag": "0x01020304",
        },
    })
}

#[test]
fn digests_are_those_of_ethers() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../vectors/eip712.json")).expect("JSON");
    assert!(vectors.len() > 100);
    for vector in &vectors {
        let typed = json!({
            "types": vector["types"], "primaryType": vector["primaryType"], "domain": vector["domain"],
            "message": vector["data"],
        });
        let decoded = decode(&typed).unwrap_or_else(|error| panic!("{}: {error}", vector["name"]));
        assert_eq!(decoded.digest.to_string(), vector["digest"].as_str().expect("hex"), "{}", vector["name"]);
        assert!(matches!(decoded.effects.items[..], [Effect::UnknownTypedData { .. }]));
    }
}

#[test]
fn tree_shows_every_value() {
    let decoded = decode(&mail()).expect("well-formed");
    let Subject::TypedData { tree, domain, digest, .. } = &decoded.effects.subject else { panic!("no typed data") };
    assert_eq!(*digest, decoded.parsed.eip712_signing_hash().expect("a digest"));
    assert_eq!(domain.name.as_deref(), Some("Ether Mail"));
    let mut lines = Vec::new();
    fn walk(node: &TypedNode, depth: usize, lines: &mut Vec<String>) {
        lines.push(format!("{}{} {} {}", "  ".repeat(depth), node.r#type, node.name, node.value.as_deref().unwrap_or("-")));
        node.children.iter().for_each(|child| walk(child, depth + 1, lines));
    }
    walk(tree, 0, &mut lines);
    assert_eq!(
        lines,
        [
            "Mail Mail -",
            "  Person[2] to -",
            "    Person [0] -",
            "      string name Cow",
            "      address[] wallets -",
            "        address [0] 0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826",
            "    Person [1] -",
            "      string name Bob",
            "      address[] wallets -",
            "  int8 weight -128",
            "  bool urgent true",
            "  bytes data 0xc0ffee",
            "  bytes4 tag 0x01020304",
        ]
    );
}

#[track_caller]
fn refused(change: impl FnOnce(&mut Value)) -> EffectsError {
    let mut typed = mail();
    assert!(decode(&typed).is_ok());
    change(&mut typed);
    match decode(&typed) {
        Err(error) => error,
        Ok(decoded) => panic!("expected a refusal, got {:?}", decoded.effects.subject),
    }
}

#[test]
fn missing_and_additional_fields() {
    for key in ["types", "primaryType", "domain", "message"] {
        refused(|typed| drop(typed.as_object_mut().expect("object").remove(key)));
    }
    refused(|typed| typed["extra"] = 1.into());
    refused(|typed| typed["message"]["extra"] = 1.into());
    refused(|typed| typed["message"]["to"][0]["extra"] = 1.into());
    refused(|typed| drop(typed["message"].as_object_mut().expect("object").remove("urgent")));
    refused(|typed| typed["message"]["urgent"] = Value::Null);
    refused(|typed| typed["types"]["Person"][0]["extra"] = 1.into());
}

#[test]
fn domains_are_what_they_declare() {
    refused(|typed| typed["domain"]["extra"] = 1.into());
    refused(|typed| typed["domain"]["salt"] = "0x00".into());
    refused(|typed| drop(typed["domain"].as_object_mut().expect("object").remove("version")));
    refused(|typed| typed["types"]["EIP712Domain"].as_array_mut().expect("list").swap(0, 1));
    refused(|typed| typed["types"]["EIP712Domain"][2]["type"] = "uint64".into());
    refused(|typed| typed["domain"]["chainId"] = "one".into());
    refused(|typed| typed["domain"]["chainId"] = (-1).into());
    refused(|typed| typed["domain"]["chainId"] = "0x1ffffffffffffffff".into());
    refused(|typed| typed["domain"]["verifyingContract"] = "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCccccccCC".into());
    refused(|typed| typed["domain"]["verifyingContract"] = "cccccccccccccccccccccccccccccccccccccccc".into());
    refused(|typed| typed["domain"]["name"] = 5.into());
    refused(|typed| typed["primaryType"] = "EIP712Domain".into());
    // Forms of one and the same chain.
    for chain in [json!(1), json!("1"), json!("0x1")] {
        let mut typed = mail();
        typed["domain"]["chainId"] = chain;
        assert_eq!(decode(&typed).expect("well-formed").digest, decode(&mail()).expect("well-formed").digest);
    }
}

#[test]
fn types_are_sound() {
    refused(|typed| typed["primaryType"] = "Letter".into());
    refused(|typed| typed["types"]["Mail"][0]["type"] = "Nobody".into());
    refused(|typed| typed["types"]["Mail"][0]["type"] = "EIP712Domain".into());
    refused(|typed| typed["types"]["Person"][1]["type"] = "Person[]".into());
    refused(|typed| typed["types"]["Person"][1]["type"] = "Mail".into());
    for kind in [
        "uint",
        "int",
        "uint7",
        "uint264",
        "uint08",
        "bytes0",
        "bytes33",
        "function",
        "",
        "Person[",
        "Person[0]",
        "Person[01]",
        "Person[2]x",
        "Person[][][][][]",
        "(Person)",
        "tuple",
        "Person[]]",
        " Person",
        "ﬁeld",
    ] {
        refused(|typed| typed["types"]["Mail"][0]["type"] = kind.into());
    }
    // Structs that go by the name of something else.
    for name in ["uint256", "address", "uint", "bytes33", "string", "a b", "", "Person(", "Pers\u{43e}n"] {
        refused(|typed| typed["types"][name] = json!([{"name": "x", "type": "bool"}]));
    }
    refused(|typed| typed["types"]["Person"][1]["name"] = "name".into());
    refused(|typed| typed["types"]["Person"][1]["name"] = "to),X(".into());
}

#[test]
fn values_have_their_types() {
    let value = |path: &str, value: Value| {
        refused(|typed| *typed.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value);
    };
    for weight in
        [json!(128), json!(-129), json!("128"), json!(1.0), json!("0b1"), json!("+1"), json!("1_0"), json!(true), json!(""), json!("-")]
    {
        value("/message/weight", weight);
    }
    for urgent in [json!("true"), json!(1), json!("yes")] {
        value("/message/urgent", urgent);
    }
    for data in [json!("c0ffee"), json!("0xc0f"), json!([1, 2]), json!("0xzz"), json!(5)] {
        value("/message/data", data);
    }
    for tag in [json!("0x010203"), json!("0x0102030405"), json!("01020304")] {
        value("/message/tag", tag);
    }
    for wallet in [json!("0xCd2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"), json!("0x00"), json!(0), json!({})] {
        value("/message/to/0/wallets/0", wallet);
    }
    value("/message/to", json!([]));
    value("/message/to/0", json!([]));
    value("/message/to/0/name", json!(["Cow"]));
    value("/message", json!([]));
    // The other end of the range, and hex.
    for weight in [json!(127), json!("-128"), json!("0x7f")] {
        let mut typed = mail();
        typed["message"]["weight"] = weight.clone();
        assert!(decode(&typed).is_ok(), "{weight}");
    }
}

#[test]
fn duplicate_keys_are_refused() {
    let text = mail().to_string();
    let twice = text.replacen("\"urgent\":true", "\"urgent\":true,\"urgent\":false", 1);
    assert_ne!(text, twice);
    let error = decode_typed_data(Registry::builtin_ref(), ACCOUNT, &twice).expect_err("a key stands there twice");
    assert!(matches!(&error, EffectsError::Json { detail } if detail.contains("urgent")), "{error}");
    for text in ["", "null", "[]", "\"\"", "{", &format!("{text} {text}"), &format!("\"{}\"", text.replace('"', "\\\""))] {
        assert!(decode_typed_data(Registry::builtin_ref(), ACCOUNT, text).is_err(), "{text:.40}");
    }
}

#[test]
fn bombs_are_refused() {
    // Types that double at each level.
    let mut types = serde_json::Map::new();
    for level in 0..40 {
        let next = if level == 39 { "bool".to_owned() } else { format!("T{}", level + 1) };
        types.insert(format!("T{level}"), json!([{"name": "a", "type": next}, {"name": "b", "type": next}]));
    }
    let bomb = json!({"types": types, "primaryType": "T0", "domain": {}, "message": {}});
    assert!(matches!(decode(&bomb), Err(EffectsError::TypedDataTooComplex { .. })));
    // JSON that is deep, or has many values, or is long.
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(decode_typed_data(Registry::builtin_ref(), ACCOUNT, &deep), Err(EffectsError::TooLarge { .. })));
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    assert!(matches!(decode_typed_data(Registry::builtin_ref(), ACCOUNT, &deep), Err(EffectsError::Json { .. })));
    refused(|typed| typed["message"]["to"][0]["wallets"] = json!(vec![0; 10_000]));
    refused(|typed| {
        (0..80).for_each(|n| typed["types"][format!("X{n}")] = json!([]));
    });
    refused(|typed| {
        typed["types"]["Person"] = (0..80).map(|n| json!({"name": format!("f{n}"), "type": "bool"})).collect();
    });
}

#[test]
fn deceptive_text_is_named() {
    let mut typed = mail();
    assert_eq!(decode(&typed).expect("well-formed").effects.warnings, []);
    typed["message"]["to"][1]["name"] = "B\u{43e}b".into();
    assert_eq!(decode(&typed).expect("well-formed").effects.warnings, [Warning::DeceptiveText]);
    let mut typed = mail();
    typed["domain"]["name"] = "Ether\u{202e} Mail".into();
    assert_eq!(decode(&typed).expect("well-formed").effects.warnings, [Warning::DeceptiveText]);
}
