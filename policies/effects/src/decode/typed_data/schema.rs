//! The `types` and `domain` of typed data, checked before anything is built from them.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};
use serde_json::{Map, Value};

use super::malformed;
use super::tree::{address, uint};
use crate::EffectsError;

const MOST_TYPES: usize = 64;
const MOST_FIELDS: usize = 64;
/// Levels of arrays in one type: `T[][2]` has two.
const MOST_ARRAY_LEVELS: usize = 4;
/// Fields with all the fields of their types in turn: the size of the expanded primary type.
const MOST_EXPANDED: usize = 2_048;
/// The name of the domain's type.
const DOMAIN: &str = "EIP712Domain";
/// Fields of the domain in the order and with the types of EIP-712.
const DOMAIN_FIELDS: [(&str, &str); 5] =
    [("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"), ("salt", "bytes32")];

/// Struct types by name: fields as (name, type).
pub(super) struct Schema {
    types: BTreeMap<String, Vec<(String, String)>>,
}

impl Schema {
    /// Reads and checks `types` and `primaryType` of the top-level object, and that it has these four keys only.
    pub fn read(json: &Value) -> Result<Self, EffectsError> {
        let top = object(json, "the object")?;
        exact_keys(top, &["types", "primaryType", "domain", "message"], "the object")?;
        let types = object(&top["types"], "types")?;
        if types.len() > MOST_TYPES {
            return Err(EffectsError::TypedDataTooComplex { what: "types", limit: MOST_TYPES });
        }
        let types =
            types.iter().map(|(name, fields)| Ok((name.clone(), struct_fields(name, fields)?))).collect::<Result<_, EffectsError>>()?;
        let schema = Self { types };
        schema.check_references()?;

        let primary = top["primaryType"].as_str().ok_or_else(|| malformed("primaryType", "it is no string"))?;
        if primary == DOMAIN || !schema.types.contains_key(primary) {
            return Err(malformed("primaryType", &format!("{primary:?} is not one of the types of a message")));
        }
        schema.check_size(primary)?;
        Ok(schema)
    }

    /// Checks the domain: known fields only, each in the form of its type, and those that the type `EIP712Domain`
    /// declares where that is given.
    pub fn check_domain(&self, json: &Value) -> Result<(), EffectsError> {
        let stated = object(&json["domain"], "domain")?;
        let present: Vec<_> = DOMAIN_FIELDS.into_iter().filter(|(name, _)| stated.contains_key(*name)).collect();
        if present.len() != stated.len() {
            return Err(malformed("domain", "it has fields that EIP-712 does not name"));
        }
        if let Some(declared) = self.types.get(DOMAIN) {
            let declared = declared.iter().map(|(name, r#type)| (name.as_str(), r#type.as_str()));
            if !declared.eq(present.iter().copied()) {
                let detail = "its fields are not those of the domain, in EIP-712's order";
                return Err(malformed("types.EIP712Domain", detail));
            }
        }
        for (name, value) in stated {
            let place = format!("domain.{name}");
            match name.as_str() {
                "chainId" => {
                    uint(value, &place)?;
                }
                "verifyingContract" => {
                    address(value, &place)?;
                }
                "salt" if value.as_str().is_none_or(|salt| !salt.starts_with("0x") || salt.parse::<B256>().is_err()) => {
                    return Err(malformed(&place, "it is no 32 bytes of hex"));
                }
                _ if !value.is_string() => return Err(malformed(&place, "it is no string")),
                _ => {}
            }
        }
        Ok(())
    }

    /// Fields of a struct type as (name, type); `None` for basic types.
    pub fn fields(&self, r#type: &str) -> Option<&[(String, String)]> {
        self.types.get(r#type).map(Vec::as_slice)
    }

    fn check_references(&self) -> Result<(), EffectsError> {
        for (name, fields) in &self.types {
            for (field, r#type) in fields {
                let place = format!("types.{name}.{field}");
                let stem = stem(r#type, &place)?;
                if stem == DOMAIN || !(is_basic(stem) || self.types.contains_key(stem)) {
                    return Err(malformed(&place, &format!("the type {stem:?} is not defined")));
                }
            }
        }
        Ok(())
    }

    /// Types that contain themselves, or that are small to write and huge to expand, are refused.
    fn check_size(&self, primary: &str) -> Result<(), EffectsError> {
        let mut sizes = BTreeMap::new();
        let size = self.expanded(primary, &mut BTreeSet::new(), &mut sizes)?;
        if size > MOST_EXPANDED {
            return Err(EffectsError::TypedDataTooComplex { what: "fields in all", limit: MOST_EXPANDED });
        }
        Ok(())
    }

    fn expanded<'a>(
        &'a self,
        name: &'a str,
        open: &mut BTreeSet<&'a str>,
        sizes: &mut BTreeMap<&'a str, usize>,
    ) -> Result<usize, EffectsError> {
        let Some(fields) = self.types.get(name) else {
            return Ok(1);
        };
        if let Some(size) = sizes.get(name) {
            return Ok(*size);
        }
        // `open` has at most MOST_TYPES names: so deep goes the recursion.
        if !open.insert(name) {
            return Err(malformed(&format!("types.{name}"), "the type contains itself"));
        }
        let mut size = 1usize;
        for (_, r#type) in fields {
            let stem = r#type.split('[').next().unwrap_or_default();
            size = size.saturating_add(self.expanded(stem, open, sizes)?);
        }
        open.remove(name);
        sizes.insert(name, size);
        Ok(size)
    }
}

fn struct_fields(name: &str, fields: &Value) -> Result<Vec<(String, String)>, EffectsError> {
    let place = format!("types.{name}");
    if !is_identifier(name) || is_basic(name) || is_reserved(name) {
        return Err(malformed(&place, "it is no name for a struct"));
    }
    let fields = fields.as_array().ok_or_else(|| malformed(&place, "it is no list"))?;
    if fields.len() > MOST_FIELDS {
        return Err(EffectsError::TypedDataTooComplex { what: "fields in a type", limit: MOST_FIELDS });
    }
    let mut names = BTreeSet::new();
    fields
        .iter()
        .map(|field| {
            let field = object(field, &place)?;
            exact_keys(field, &["name", "type"], &place)?;
            let (Some(field), Some(r#type)) = (field["name"].as_str(), field["type"].as_str()) else {
                return Err(malformed(&place, "name or type of a field is no string"));
            };
            if !is_identifier(field) || !names.insert(field) {
                return Err(malformed(&place, &format!("{field:?} is no name for a field, or stands there twice")));
            }
            Ok((field.to_owned(), r#type.to_owned()))
        })
        .collect()
}

/// The type without its array brackets, which are checked.
fn stem<'a>(r#type: &'a str, place: &str) -> Result<&'a str, EffectsError> {
    let (stem, brackets) = match r#type.find('[') {
        Some(at) => r#type.split_at(at),
        None => (r#type, ""),
    };
    let mut rest = brackets;
    let mut levels = 0;
    while let Some(inside) = rest.strip_prefix('[') {
        let Some((length, after)) = inside.split_once(']') else {
            return Err(malformed(place, "a bracket is not closed"));
        };
        let plain = length.is_empty() || length.parse::<u16>().is_ok_and(|n| n > 0 && n.to_string() == length);
        levels += 1;
        if !plain || levels > MOST_ARRAY_LEVELS {
            return Err(malformed(place, "its array brackets are not understood"));
        }
        rest = after;
    }
    if !rest.is_empty() || !is_identifier(stem) {
        return Err(malformed(place, &format!("{type:?} is no type")));
    }
    Ok(stem)
}

/// The types of EIP-712 that are no structs. `uint` and `int` without size are none: programs hash them differently.
fn is_basic(name: &str) -> bool {
    if matches!(name, "address" | "bool" | "string" | "bytes") {
        return true;
    }
    let number = |digits: &str| digits.parse::<u16>().ok().filter(|n| n.to_string() == digits);
    if let Some(bits) = name.strip_prefix("uint").or_else(|| name.strip_prefix("int")).and_then(number) {
        return (8..=256).contains(&bits) && bits % 8 == 0;
    }
    name.strip_prefix("bytes").and_then(number).is_some_and(|bytes| (1..=32).contains(&bytes))
}

/// Solidity's other elementary names, under which no struct can go.
fn is_reserved(name: &str) -> bool {
    matches!(name, "uint" | "int" | "byte" | "function" | "fixed" | "ufixed" | "mapping" | "tuple")
        || ["uint", "int", "bytes"]
            .iter()
            .any(|stem| name.strip_prefix(stem).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())))
}

fn is_identifier(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$';
    name.len() <= 128 && name.bytes().next().is_some_and(letter) && name.bytes().all(|byte| letter(byte) || byte.is_ascii_digit())
}

fn object<'a>(value: &'a Value, place: &str) -> Result<&'a Map<String, Value>, EffectsError> {
    value.as_object().ok_or_else(|| malformed(place, "it is no object"))
}

/// Checks that an object has these keys and no others.
pub(super) fn exact_keys(object: &Map<String, Value>, keys: &[&str], place: &str) -> Result<(), EffectsError> {
    if let Some(missing) = keys.iter().find(|key| !object.contains_key(**key)) {
        return Err(malformed(place, &format!("{missing:?} is missing")));
    }
    if let Some(extra) = object.keys().find(|key| !keys.contains(&key.as_str())) {
        return Err(malformed(place, &format!("{extra:?} does not belong there")));
    }
    Ok(())
}

/// An address with 40 hex digits, whose EIP-55 checksum is right where it has one.
pub(super) fn parse_address(text: &str) -> Option<Address> {
    let digits = text.strip_prefix("0x")?;
    let address: Address = text.parse().ok()?;
    let one_case = !digits.bytes().any(|b| b.is_ascii_lowercase()) || !digits.bytes().any(|b| b.is_ascii_uppercase());
    (one_case || address.to_checksum(None) == text).then_some(address)
}
