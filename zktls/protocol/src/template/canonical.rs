//! The encoding under a template's digest: all that is enforced, nothing that is only said.

use sha2::{Digest, Sha256};

use super::{FieldPath, Form, IdForm, Method, Source, Template};
use crate::ProtocolError;
use crate::codec::Writer;

const SEPARATOR: &[u8] = b"parlance-zktls/1 template\0";

impl Template {
    /// What claims and attestations name.
    pub fn digest(&self) -> Result<[u8; 32], ProtocolError> {
        Ok(Sha256::new().chain_update(SEPARATOR).chain_update(self.canonical()?).finalize().into())
    }

    /// All but name and audit, each value in one way.
    pub fn canonical(&self) -> Result<Vec<u8>, ProtocolError> {
        self.check()?;
        let mut to = Writer::default();
        to.string("id", &self.id, 1, 32)?;
        to.string("domain", &self.domain, 1, 253)?;
        to.u32(self.version);
        to.u8(match self.request.method {
            Method::Get => 0,
            Method::Post => 1,
        });
        to.string("path", &self.request.path, 1, 512)?;
        to.count("headers", self.request.headers.len(), 1, 16)?;
        for header in &self.request.headers {
            to.string("header", &header.0, 1, 512)?;
        }
        option(&mut to, self.request.body.as_ref(), |to, body| to.string("body", body, 1, 1024))?;
        let response = &self.response;
        to.u8(response.depth);
        path(&mut to, &response.balance.path)?;
        to.u8(match response.balance.form {
            Form::Decimal => 0,
            Form::Minor => 1,
        });
        to.u8(response.balance.scale);
        to.u8(response.balance.quoted.into());
        source(&mut to, &response.currency)?;
        option(&mut to, response.kind.as_ref(), |to, kind| {
            path(to, &kind.path)?;
            to.string("kind", &kind.is, 1, 24)
        })?;
        source(&mut to, &response.id)?;
        to.u8(match response.id_form {
            IdForm::Uuid => 0,
            IdForm::Token => 1,
        });
        to.u16(response.id_bits);
        Ok(to.0)
    }
}

fn option<T>(
    to: &mut Writer,
    value: Option<&T>,
    write: impl Fn(&mut Writer, &T) -> Result<(), ProtocolError>,
) -> Result<(), ProtocolError> {
    to.u8(value.is_some().into());
    value.map_or(Ok(()), |value| write(to, value))
}

fn path(to: &mut Writer, path: &FieldPath) -> Result<(), ProtocolError> {
    to.count("keys", path.keys().len(), 1, 2)?;
    path.keys().iter().try_for_each(|key| to.string("key", key, 1, 24))
}

fn source(to: &mut Writer, source: &Source) -> Result<(), ProtocolError> {
    match source {
        Source::Path(keys) => {
            to.u8(0);
            path(to, keys)
        }
        Source::Parameter(name) => {
            to.u8(1);
            to.string("parameter", name, 1, 24)
        }
        Source::Fixed(text) => {
            to.u8(2);
            to.string("fixed", text, 1, 24)
        }
    }
}
