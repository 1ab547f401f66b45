//! The values for a template's holes.

use std::collections::BTreeMap;
use std::fmt;

use parlance_zktls_protocol::template::{CREDENTIAL, Filled};
use parlance_zktls_protocol::{ProtocolError, Template};
use zeroize::Zeroizing;

/// What the person gives: their token, and the parameters by name.
#[derive(Clone)]
pub struct Values {
    credential: Zeroizing<String>,
    parameters: BTreeMap<String, Zeroizing<String>>,
}

impl Values {
    /// With a credential and no parameters.
    #[must_use]
    pub fn new(credential: Zeroizing<String>) -> Self {
        Self { credential, parameters: BTreeMap::new() }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.insert(name.into(), Zeroizing::new(value.into()));
        self
    }

    /// A parameter's value.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(|value| value.as_str())
    }

    /// The request. Values that the alphabets refuse are refused, and so are parameters that the template lacks.
    pub(crate) fn request(&self, template: &Template) -> Result<Filled, ProtocolError> {
        let known = template.request.parameters();
        if let Some(unknown) = self.parameters.keys().find(|name| !known.contains(name)) {
            return Err(ProtocolError::Value { what: "parameter", got: format!("{unknown:?}"), expected: "a parameter of the template" });
        }
        template.fill(|name| if name == CREDENTIAL { Some(&self.credential) } else { self.parameter(name) })
    }
}

// Neither token nor account.
impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values").field("parameters", &self.parameters.keys()).finish_non_exhaustive()
    }
}
