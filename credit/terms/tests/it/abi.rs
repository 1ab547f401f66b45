//! The interface in `pool.rs` is what the compiler made: every name stands in `credit/contracts/out-abi/`.

use std::collections::BTreeSet;

use alloy_sol_types::{SolError, SolInterface, SolStruct};
use parlance_credit::pool::{Line, Pool, Registry, Setup, Terms};
use serde_json::Value;

fn abi(name: &str) -> Value {
    let text = match name {
        "CreditPool" => include_str!("../../../contracts/out-abi/CreditPool.json"),
        _ => include_str!("../../../contracts/out-abi/NullifierRegistry.json"),
    };
    serde_json::from_str::<Value>(text).expect("JSON")["abi"].take()
}

/// A parameter's canonical type: tuples written out.
fn canonical(parameter: &Value) -> String {
    let kind = parameter["type"].as_str().expect("a type");
    match kind.strip_prefix("tuple") {
        Some(array) => format!("{}{array}", tuple(&parameter["components"])),
        None => kind.to_owned(),
    }
}

fn tuple(parameters: &Value) -> String {
    let all: Vec<String> = parameters.as_array().expect("a list").iter().map(canonical).collect();
    format!("({})", all.join(","))
}

fn signatures(name: &str, kind: &str) -> BTreeSet<String> {
    let abi = abi(name);
    let entries = abi.as_array().expect("a list").iter().filter(|entry| entry["type"] == kind);
    entries.map(|e| format!("{}{}", e["name"].as_str().expect("a name"), tuple(&e["inputs"]))).collect()
}

fn selectors(name: &str, kind: &str) -> BTreeSet<[u8; 4]> {
    let hash = |s: &String| alloy_primitives::keccak256(s.as_bytes())[..4].try_into().expect("four bytes");
    signatures(name, kind).iter().map(hash).collect()
}

#[test]
fn functions_errors_and_events_are_the_contracts() {
    use parlance_credit::pool::{
        Pool::{PoolCalls, PoolErrors, PoolEvents},
        Registry::{RegistryCalls, RegistryErrors},
    };
    for (name, own, theirs) in [
        ("pool calls", PoolCalls::selectors().collect::<Vec<_>>(), selectors("CreditPool", "function")),
        ("pool errors", PoolErrors::selectors().collect(), selectors("CreditPool", "error")),
        ("registry calls", RegistryCalls::selectors().collect(), selectors("NullifierRegistry", "function")),
        ("registry errors", RegistryErrors::selectors().collect(), selectors("NullifierRegistry", "error")),
    ] {
        let unknown: Vec<String> = own.iter().filter(|s| !theirs.contains(*s)).map(hex::encode).collect();
        assert!(!own.is_empty() && unknown.is_empty(), "{name}: not in the contract: {unknown:?}");
    }
    let events: BTreeSet<[u8; 32]> =
        signatures("CreditPool", "event").iter().map(|s| alloy_primitives::keccak256(s.as_bytes()).0).collect();
    for topic in PoolEvents::SELECTORS {
        assert!(events.contains(topic), "{}", hex::encode(topic));
    }
}

/// A struct as a tuple: `(address,uint32)` for `Line(address borrower,uint32 rate)`.
fn members<T: SolStruct>() -> String {
    let root = T::eip712_root_type();
    let (_, list) = root.split_once('(').expect("a type with members");
    let types: Vec<&str> = list.trim_end_matches(')').split(',').map(|member| member.split_once(' ').expect("type and name").0).collect();
    format!("({})", types.join(","))
}

/// Output types are not in a selector.
#[test]
fn what_the_calls_answer_has_the_contracts_types() {
    let output = |name: &str, function: &str| {
        let abi = abi(name);
        let entry = abi.as_array().expect("a list").iter().find(|e| e["name"] == function).cloned().expect("the function");
        tuple(&entry["outputs"])
    };
    assert_eq!(output("CreditPool", "lineOf"), format!("({})", members::<Line>()));
    assert_eq!(output("CreditPool", "statusOf"), "(uint8)");
    assert_eq!(output("CreditPool", "debtOf"), "(uint256,uint256)");
    assert_eq!(output("CreditPool", "dueOf"), "(uint256,uint256)");
    assert_eq!(output("NullifierRegistry", "entryOf"), "((address,uint64,uint256))");
    let constructor = abi("CreditPool").as_array().expect("a list").iter().find(|e| e["type"] == "constructor").cloned();
    assert_eq!(
        tuple(&constructor.expect("a constructor")["inputs"]),
        format!("({})", members::<Setup>().replace("Terms", &members::<Terms>()))
    );
    assert_eq!(Pool::ZeroAmount::SIGNATURE, "ZeroAmount()");
    assert_eq!(Registry::NullifierCoolingDown::SIGNATURE, "NullifierCoolingDown(uint256)");
}
