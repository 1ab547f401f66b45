//! The message as a tree, made of the very values that are hashed, with the JSON checked beside them.

use alloy_dyn_abi::DynSolValue;
use alloy_primitives::{Address, U256};
use serde_json::Value;

use super::malformed;
use super::schema::{Schema, exact_keys, parse_address};
use crate::warnings::is_deceptive;
use crate::{EffectsError, TypedNode};

/// The tree of a message of type `primary`, whose JSON was read as `value`.
pub(super) fn of(schema: &Schema, primary: &str, json: &Value, value: &DynSolValue) -> Result<TypedNode, EffectsError> {
    node(schema, primary.to_owned(), primary, json, value)
}

/// True where a string in the tree could deceive its reader.
pub(super) fn has_deceptive_text(node: &TypedNode) -> bool {
    let text = node.value.as_deref().filter(|_| node.r#type == "string");
    text.is_some_and(is_deceptive) || node.children.iter().any(has_deceptive_text)
}

/// Recursion is as deep as the types, which [`Schema`] bounds.
fn node(schema: &Schema, name: String, r#type: &str, json: &Value, value: &DynSolValue) -> Result<TypedNode, EffectsError> {
    let inner = |value: Option<String>, children| TypedNode { name: name.clone(), r#type: r#type.to_owned(), value, children };
    match value {
        DynSolValue::CustomStruct { tuple, .. } => {
            let fields = schema.fields(r#type).ok_or_else(|| wrong(&name, r#type))?;
            let object = json.as_object().ok_or_else(|| wrong(&name, r#type))?;
            let keys: Vec<_> = fields.iter().map(|(key, _)| key.as_str()).collect();
            exact_keys(object, &keys, &name)?;
            if tuple.len() != fields.len() {
                return Err(wrong(&name, r#type));
            }
            let children = fields
                .iter()
                .zip(tuple)
                .map(|((key, r#type), value)| node(schema, key.clone(), r#type, &object[key.as_str()], value))
                .collect::<Result<_, _>>()?;
            Ok(inner(None, children))
        }
        DynSolValue::Array(values) | DynSolValue::FixedArray(values) => {
            // The outermost brackets stand last: `T[2][]` is a list of `T[2]`.
            let element = r#type.rfind('[').map(|at| &r#type[..at]).ok_or_else(|| wrong(&name, r#type))?;
            let items = json.as_array().filter(|items| items.len() == values.len()).ok_or_else(|| wrong(&name, r#type))?;
            let children = items
                .iter()
                .zip(values)
                .enumerate()
                .map(|(index, (json, value))| node(schema, format!("[{index}]"), element, json, value))
                .collect::<Result<_, _>>()?;
            Ok(inner(None, children))
        }
        leaf => {
            let text = leaf_text(leaf, json, &name).ok_or_else(|| wrong(&name, r#type))??;
            Ok(inner(Some(text), Vec::new()))
        }
    }
}

/// The value as text, once the JSON has the one form that a value of its type should have.
fn leaf_text(value: &DynSolValue, json: &Value, place: &str) -> Option<Result<String, EffectsError>> {
    let hex_form = |text: &str| text.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    Some(match value {
        DynSolValue::Bool(value) => {
            json.as_bool()?;
            Ok(value.to_string())
        }
        DynSolValue::Address(value) => address(json, place).map(|_| value.to_checksum(None)),
        DynSolValue::Uint(value, _) => uint(json, place).map(|_| value.to_string()),
        DynSolValue::Int(value, bits) => {
            // Sign extension of the value to its own width must not change it.
            let excess = 256usize.checked_sub(*bits)?;
            if !is_integer(json) || ((*value << excess).asr(excess)) != *value {
                return None;
            }
            Ok(value.to_string())
        }
        DynSolValue::FixedBytes(word, size) => {
            json.as_str().filter(|text| hex_form(text))?;
            Ok(format!("0x{}", hex::encode(word.get(..*size)?)))
        }
        DynSolValue::Bytes(bytes) => {
            json.as_str().filter(|text| hex_form(text))?;
            Ok(format!("0x{}", hex::encode(bytes)))
        }
        DynSolValue::String(text) => {
            json.as_str()?;
            Ok(text.clone())
        }
        _ => return None,
    })
}

/// An integer as JSON number, or as string in decimal or `0x` form; no other prefix, sign of plus, or separator.
fn is_integer(json: &Value) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match json {
        Value::Number(number) => number.is_u64() || number.is_i64(),
        Value::String(text) => match text.strip_prefix("0x") {
            Some(hex) => !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()),
            None => digits(text.strip_prefix('-').unwrap_or(text)),
        },
        _ => false,
    }
}

/// An unsigned integer of at most 256 bits.
pub(super) fn uint(json: &Value, place: &str) -> Result<U256, EffectsError> {
    let parsed = match json {
        _ if !is_integer(json) => None,
        Value::Number(number) => number.as_u64().map(U256::from),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    parsed.ok_or_else(|| malformed(place, "it is no unsigned integer"))
}

/// An address; mixed case must be its EIP-55 checksum.
pub(super) fn address(json: &Value, place: &str) -> Result<Address, EffectsError> {
    json.as_str()
        .and_then(parse_address)
        .ok_or_else(|| malformed(place, "it is no address of 0x and 40 hex digits, or its checksum is wrong"))
}

fn wrong(place: &str, r#type: &str) -> EffectsError {
    malformed(place, &format!("it is no value of type {type}"))
}
