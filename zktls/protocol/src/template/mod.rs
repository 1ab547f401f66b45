//! A bank's template: what is asked and where the balance stands in the answer. A TOML file in `zktls/templates`.
//!
//! [`Template::from_toml`] refuses what could not be proved; [`Template::lint`] finds what should not be trusted.

mod canonical;
mod field;
mod lint;
mod request;

use serde::Deserialize;

pub use field::{FieldPath, Source};
pub use lint::{Finding, MIN_ID_BITS};
pub use request::{CREDENTIAL, Filled, Header, Method, Request, Shape, Slot, is_credential, is_parameter};

use crate::ProtocolError;
use crate::codec::check_domain;

/// A bank's template.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Name of the file.
    pub id: String,
    /// For people.
    pub name: String,
    /// The bank's host.
    pub domain: String,
    /// Counts changes to request or response.
    pub version: u32,
    /// What is asked.
    pub request: Request,
    /// Where the answer stands.
    pub response: Response,
    /// Who looked at what, and when; not part of the digest.
    pub audit: Audit,
}

/// Where the fields stand in the response's JSON.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// Depth of the object that holds all fields: 1 the top-level object, 2 an element of a top-level array,
    /// 3 an element of an array in the top-level object or array, 4 one level further in.
    pub depth: u8,
    /// The balance.
    pub balance: Balance,
    /// Its currency: a string of three letters, or fixed for a bank that has only one.
    pub currency: Source,
    /// A string that must be there, such as the account's type.
    pub kind: Option<Kind>,
    /// The account's id: in the response, or a parameter of the request.
    pub id: Source,
    /// How the id is written.
    pub id_form: IdForm,
    /// Random bits in such an id.
    pub id_bits: u16,
}

/// The balance's field and form.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Balance {
    /// Where, from the object.
    pub path: FieldPath,
    /// Units with a fraction, or minor units.
    pub form: Form,
    /// Decimal digits of a minor unit: 2 for cents.
    pub scale: u8,
    /// Whether the number is written as a string.
    pub quoted: bool,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// `1234.50`; digits beyond the scale are cut.
    Decimal,
    /// `123450`, never a fraction.
    Minor,
}

/// How an account's id is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdForm {
    /// A UUID in lower case: as a parameter it has one spelling.
    Uuid,
    /// Anything else of up to 46 characters.
    Token,
}

/// A string that must stand in the object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Where, from the object.
    pub path: FieldPath,
    /// Its value.
    pub is: String,
}

/// What was looked at before the template was trusted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// The bank's documentation.
    pub source: String,
    /// When, `YYYY-MM-DD`.
    pub date: String,
    /// Why the field is an asset, why the host serves no test data, what remains in doubt.
    pub notes: String,
}

impl Template {
    /// Reads and checks a template file.
    pub fn from_toml(text: &str) -> Result<Self, ProtocolError> {
        let template: Self = toml::from_str(text).map_err(|error| ProtocolError::Template(error.to_string().trim().to_owned()))?;
        template.check()?;
        Ok(template)
    }

    /// Whether the template can be proved at all; done by [`from_toml`](Self::from_toml).
    pub fn check(&self) -> Result<(), ProtocolError> {
        let id_ok = self.id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')) && (1..=32).contains(&self.id.len());
        if !id_ok {
            return Err(ProtocolError::value("template id", &self.id, "1 to 32 lower-case letters, digits and hyphens"));
        }
        ProtocolError::length("template name", self.name.len(), 1, 64)?;
        check_domain(&self.domain)?;
        self.request.check()?;
        self.response.check()?;
        if let Source::Parameter(name) = &self.response.id
            && !self.request.parameters().iter().any(|parameter| parameter == name)
        {
            return Err(ProtocolError::value("response.id", name, "a parameter of the request"));
        }
        Ok(())
    }
}

impl Response {
    fn check(&self) -> Result<(), ProtocolError> {
        ProtocolError::bounds("response.depth", self.depth, 1, 4)?;
        ProtocolError::bounds("response.balance.scale", self.balance.scale, 0, 4)?;
        match &self.currency {
            Source::Parameter(name) => return Err(ProtocolError::value("response.currency", name, "a path or a fixed currency")),
            Source::Fixed(code) if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()) => {
                return Err(ProtocolError::value("response.currency", code, "three upper-case letters"));
            }
            _ => {}
        }
        if let Source::Fixed(id) = &self.id {
            return Err(ProtocolError::value("response.id", id, "a path or a parameter"));
        }
        if let Some(kind) = &self.kind
            && !field::is_plain(&kind.is)
        {
            return Err(ProtocolError::value("response.kind.is", &kind.is, field::PLAIN));
        }
        self.check_paths()
    }

    /// Two fields can't stand at one place, nor one inside the other.
    fn check_paths(&self) -> Result<(), ProtocolError> {
        let source = |source| match source {
            Source::Path(path) => Some(path),
            _ => None,
        };
        let kind = self.kind.clone().map(|kind| kind.path);
        let paths = [Some(self.balance.path.clone()), source(self.currency.clone()), kind, source(self.id.clone())];
        let paths: Vec<FieldPath> = paths.into_iter().flatten().collect();
        for (index, path) in paths.iter().enumerate() {
            if paths.iter().skip(index + 1).any(|other| path.keys().starts_with(other.keys()) || other.keys().starts_with(path.keys())) {
                return Err(ProtocolError::value("response", path.keys().join("."), "every field at a place of its own"));
            }
        }
        Ok(())
    }
}
