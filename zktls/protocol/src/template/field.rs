//! Where a field stands.

use serde::Deserialize;

use crate::ProtocolError;

pub(super) const PLAIN: &str = "1 to 24 printable ASCII characters without \" and \\";

/// One or two keys, from the object at the response's depth to a field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct FieldPath(Vec<String>);

impl FieldPath {
    /// The keys, outermost first.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.0
    }
}

impl TryFrom<Vec<String>> for FieldPath {
    type Error = ProtocolError;

    fn try_from(keys: Vec<String>) -> Result<Self, ProtocolError> {
        ProtocolError::length("keys of a path", keys.len(), 1, 2)?;
        match keys.iter().find(|key| !is_plain(key)) {
            Some(key) => Err(ProtocolError::value("key", key, PLAIN)),
            None => Ok(Self(keys)),
        }
    }
}

/// Whether the text can stand between quotes in one way only and fits the circuit's window.
pub(super) fn is_plain(text: &str) -> bool {
    (1..=24).contains(&text.len()) && text.bytes().all(|b| (b' '..=b'~').contains(&b) && !matches!(b, b'"' | b'\\'))
}

/// Where a value comes from: `{ path = [...] }`, `{ parameter = "..." }` or `{ fixed = "..." }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawSource")]
pub enum Source {
    /// A string in the response.
    Path(FieldPath),
    /// A parameter of the request.
    Parameter(String),
    /// Known beforehand.
    Fixed(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSource {
    path: Option<FieldPath>,
    parameter: Option<String>,
    fixed: Option<String>,
}

impl TryFrom<RawSource> for Source {
    type Error = ProtocolError;

    fn try_from(raw: RawSource) -> Result<Self, ProtocolError> {
        match (raw.path, raw.parameter, raw.fixed) {
            (Some(path), None, None) => Ok(Self::Path(path)),
            (None, Some(parameter), None) => Ok(Self::Parameter(parameter)),
            (None, None, Some(fixed)) => Ok(Self::Fixed(fixed)),
            _ => Err(ProtocolError::value("source", "none or several", "exactly one of path, parameter and fixed")),
        }
    }
}
