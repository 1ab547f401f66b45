//! The request: fixed text with holes.
//!
//! `{name}` is a hole, `{{` and `}}` are braces. Every byte of the request is fixed by the template and the *lengths* of
//! the holes; the holes' contents are hidden and come from alphabets that can't leave their place: no separator of
//! HTTP, paths, queries, cookies or JSON strings is among them.

use std::ops::Range;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{IdForm, Source, Template};
use crate::{Hole, MAX_HOLES, MAX_ID, ProtocolError};

/// Name of the hole for the login's token or cookie.
pub const CREDENTIAL: &str = "credential";
const MAX_PARAMETER: u64 = 64;
const MAX_CREDENTIAL: u64 = 4096;
/// How a UUID is written; any other spelling would give the same account another nullifier.
const UUID: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
/// Lines that the template can't give: they are written for it, or frame the request.
const RESERVED: [&str; 8] = ["host", "accept-encoding", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade"];

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// GET, or POST with a body.
    pub method: Method,
    /// Path and query, with `{parameter}`s.
    pub path: String,
    /// `Name: value` each, one of them with `{credential}`. Host, Accept-Encoding: identity, Connection: close and
    /// Content-Length are written without being named.
    pub headers: Vec<Header>,
    /// JSON with `"{parameter}"`s.
    pub body: Option<String>,
}

/// A request's method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Without a body.
    Get,
    /// With a body.
    Post,
}

/// A header line without its CRLF.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Header(pub String);

impl Header {
    /// Name in lower case and value with holes.
    #[must_use]
    pub fn parts(&self) -> Option<(String, &str)> {
        self.0.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value))
    }
}

/// What is known of one byte of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// The byte.
    Fixed(u8),
    /// One of [`is_parameter`].
    Parameter,
    /// A lower-case hexadecimal digit of a UUID that is the account's id; its hyphens are fixed.
    Hex,
    /// One of [`is_credential`].
    Credential,
}

/// All that is public of a request's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// One for each byte.
    pub slots: Vec<Slot>,
    /// Where the account's id stands, when it is a parameter.
    pub id: Option<Range<usize>>,
}

/// A request as it is sent, and what of it is public.
pub struct Filled {
    /// All bytes, with the credential.
    pub bytes: Zeroizing<Vec<u8>>,
    /// The hidden parts' lengths.
    pub holes: Vec<Hole>,
}

impl Slot {
    /// Whether the byte may stand here.
    #[must_use]
    pub fn admits(self, byte: u8) -> bool {
        match self {
            Self::Fixed(fixed) => byte == fixed,
            Self::Parameter => is_parameter(byte),
            Self::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Self::Credential => is_credential(byte),
        }
    }
}

/// A parameter's alphabet: nothing that ends a path segment, a query's value or a JSON string, no dots, no escapes.
#[must_use]
pub fn is_parameter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// A credential's alphabet: cookie octets, which hold token68.
#[must_use]
pub fn is_credential(byte: u8) -> bool {
    (0x21..=0x7e).contains(&byte) && !matches!(byte, b'"' | b',' | b';' | b'\\')
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Hole(String),
}

impl Template {
    /// Which bytes the request has when its holes have these lengths.
    pub fn shape(&self, holes: &[Hole]) -> Result<Shape, ProtocolError> {
        let mut given = holes.iter();
        let mut next = |name: &str| -> Result<usize, ProtocolError> {
            match given.next() {
                Some(hole) if hole.name == name => hole_length(name, hole.length.into()),
                other => Err(ProtocolError::value("hole", other.map_or("none", |hole| &hole.name), "the template's holes in their order")),
            }
        };
        let body = self.request.body.as_deref().unwrap_or_default();
        // The head comes first and states the body's length, so the body's holes are known from the end.
        let in_body = holes_of(&split("request.body", body)?).len();
        let in_head = holes.len().checked_sub(in_body);
        let body_holes = in_head.and_then(|start| holes.get(start..)).unwrap_or_default();
        let body_length: usize =
            text_of(&split("request.body", body)?) + body_holes.iter().map(|hole| usize::from(hole.length)).sum::<usize>();
        let mut slots = Vec::new();
        let mut id = None;
        for piece in self.request.pieces(&self.domain, body_length)? {
            match piece {
                Piece::Text(text) => slots.extend(text.bytes().map(Slot::Fixed)),
                Piece::Hole(name) => {
                    let start = slots.len();
                    slots.extend(self.hole_slots(&name, next(&name)?)?);
                    if self.is_id(&name) {
                        id = Some(start..slots.len());
                    }
                }
            }
        }
        match given.next() {
            Some(extra) => Err(ProtocolError::value("hole", &extra.name, "no more holes than the template has")),
            None => Ok(Shape { slots, id }),
        }
    }

    fn hole_slots(&self, name: &str, length: usize) -> Result<Vec<Slot>, ProtocolError> {
        if name == CREDENTIAL {
            return Ok(vec![Slot::Credential; length]);
        }
        if self.is_id(name) {
            ProtocolError::length("account id", length, 1, MAX_ID as u64)?;
            if self.response.id_form == IdForm::Uuid {
                ProtocolError::length("length of a UUID", length, UUID.len() as u64, UUID.len() as u64)?;
                return Ok(UUID.bytes().map(|b| if b == b'-' { Slot::Fixed(b) } else { Slot::Hex }).collect());
            }
        }
        Ok(vec![Slot::Parameter; length])
    }

    /// The request with its holes filled; `value` gives the credential and the parameters by name.
    pub fn fill<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> Result<Filled, ProtocolError> {
        let body = self.request.body.as_deref().unwrap_or_default();
        let mut body_length = 0;
        for piece in split("request.body", body)? {
            body_length += match piece {
                Piece::Text(text) => text.len(),
                Piece::Hole(name) => self.hole_value(&name, value(&name))?.len(),
            };
        }
        // Never grown, so that no copy of the credential stays behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(16 << 10));
        let mut holes = Vec::new();
        for piece in self.request.pieces(&self.domain, body_length)? {
            match piece {
                Piece::Text(text) => bytes.extend_from_slice(text.as_bytes()),
                Piece::Hole(name) => {
                    let filling = self.hole_value(&name, value(&name))?;
                    bytes.extend_from_slice(filling.as_bytes());
                    holes.push(Hole { length: u16::try_from(filling.len()).unwrap_or(u16::MAX), name });
                }
            }
        }
        Ok(Filled { bytes, holes })
    }

    fn is_id(&self, name: &str) -> bool {
        matches!(&self.response.id, Source::Parameter(id) if id == name)
    }

    /// The value, when every byte of it fits. It is secret: the errors name the hole only.
    fn hole_value<'a>(&self, name: &str, value: Option<&'a str>) -> Result<&'a str, ProtocolError> {
        let value = value.ok_or_else(|| ProtocolError::value("hole", name, "a value for every hole"))?;
        let slots = self.hole_slots(name, hole_length(name, value.len())?)?;
        if slots.iter().zip(value.bytes()).all(|(slot, byte)| slot.admits(byte)) {
            return Ok(value);
        }
        let expected = match slots.first() {
            Some(Slot::Credential) => "a token or cookie value without spaces, quotes, commas, semicolons and backslashes",
            Some(Slot::Hex) => "a UUID in lower case",
            _ => "letters, digits, _ and -",
        };
        Err(ProtocolError::value("hole", name, expected))
    }
}

impl Request {
    /// Names of the parameters, in the request's order.
    #[must_use]
    pub fn parameters(&self) -> Vec<String> {
        let pieces = [Some(&self.path), self.body.as_ref()].into_iter().flatten();
        pieces.flat_map(|text| split("request", text).map(|pieces| holes_of(&pieces)).unwrap_or_default()).collect()
    }

    fn pieces(&self, domain: &str, body_length: usize) -> Result<Vec<Piece>, ProtocolError> {
        let method = match self.method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        let text = |text: String| Piece::Text(text);
        let mut pieces = vec![text(format!("{method} "))];
        pieces.extend(split("request.path", &self.path)?);
        pieces.push(text(format!(" HTTP/1.1\r\nHost: {domain}\r\n")));
        for header in &self.headers {
            pieces.extend(split("request.headers", &header.0)?);
            pieces.push(text("\r\n".into()));
        }
        pieces.push(text("Accept-Encoding: identity\r\nConnection: close\r\n".into()));
        if self.body.is_some() {
            pieces.push(text(format!("Content-Length: {body_length}\r\n")));
        }
        pieces.push(text("\r\n".into()));
        pieces.extend(split("request.body", self.body.as_deref().unwrap_or_default())?);
        Ok(pieces)
    }

    pub(super) fn check(&self) -> Result<(), ProtocolError> {
        ProtocolError::length("request.path", self.path.len(), 1, 512)?;
        let path_byte = |b: u8| b.is_ascii_alphanumeric() || b"/?&=%._~-:,+{}".contains(&b);
        if !self.path.starts_with('/') || self.path.starts_with("//") || !self.path.bytes().all(path_byte) {
            return Err(ProtocolError::value("request.path", &self.path, "a path that begins with one / and its query"));
        }
        self.check_headers()?;
        match (self.method, &self.body) {
            (Method::Get, None) => {}
            (Method::Post, Some(body)) => {
                ProtocolError::length("request.body", body.len(), 1, 1024)?;
                if !body.bytes().all(|b| (b' '..=b'~').contains(&b)) {
                    return Err(ProtocolError::value("request.body", body, "printable ASCII"));
                }
            }
            _ => return Err(ProtocolError::value("request.body", format!("{:?}", self.body), "a body with POST and none with GET")),
        }
        self.check_holes()
    }

    fn check_headers(&self) -> Result<(), ProtocolError> {
        ProtocolError::length("request.headers", self.headers.len(), 1, 16)?;
        let mut names = Vec::new();
        for header in &self.headers {
            let wrong = |expected| ProtocolError::value("request.headers", &header.0, expected);
            let (name, value) = header.parts().ok_or_else(|| wrong("Name: value"))?;
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                return Err(wrong("a name of letters, digits and hyphens"));
            }
            let edges = value.starts_with(' ') || value.ends_with(' ') || value.is_empty();
            if edges || header.0.len() > 512 || !value.bytes().all(|b| (b' '..=b'~').contains(&b)) {
                return Err(wrong("a value of printable ASCII, at most 512 characters"));
            }
            if RESERVED.contains(&name.as_str()) {
                return Err(wrong("no header that is written anyway or that frames the request"));
            }
            if names.contains(&name) {
                return Err(wrong("each header once"));
            }
            names.push(name);
        }
        Ok(())
    }

    /// Every hole once, in its part, between separators that its alphabet lacks.
    fn check_holes(&self) -> Result<(), ProtocolError> {
        let mut seen = Vec::new();
        let mut part = |what: &'static str, text: &str, credential: bool, before: &[u8], after: &[u8]| -> Result<(), ProtocolError> {
            let pieces = split(what, text)?;
            for (index, piece) in pieces.iter().enumerate() {
                let Piece::Hole(name) = piece else { continue };
                let wrong = |expected| ProtocolError::value(what, name, expected);
                if (name == CREDENTIAL) != credential {
                    return Err(wrong("{credential} in a header, parameters in path and body"));
                }
                let edge = |neighbour: Option<&Piece>, last: bool, allowed: &[u8]| match neighbour {
                    Some(Piece::Text(text)) => {
                        (if last { text.bytes().last() } else { text.bytes().next() }).is_some_and(|b| allowed.contains(&b))
                    }
                    Some(Piece::Hole(_)) => false,
                    // At the end of a path or a header; a body's parameter is always followed by its quote.
                    None => !last && !allowed.contains(&b'"'),
                };
                let left = edge(index.checked_sub(1).and_then(|left| pieces.get(left)), true, before);
                if !left || !edge(pieces.get(index + 1), false, after) {
                    return Err(wrong("separators on both sides of the hole"));
                }
                if seen.contains(name) {
                    return Err(wrong("each hole once"));
                }
                seen.push(name.clone());
            }
            Ok(())
        };
        part("request.path", &self.path, false, b"/=", b"/?&")?;
        for header in &self.headers {
            part("request.headers", &header.0, true, b" =", b";")?;
        }
        part("request.body", self.body.as_deref().unwrap_or_default(), false, b"\"", b"\"")?;
        ProtocolError::length("holes", seen.len(), 1, MAX_HOLES)?;
        if !seen.iter().any(|name| name == CREDENTIAL) {
            return Err(ProtocolError::value("request", "no {credential}", "exactly one {credential}"));
        }
        Ok(())
    }
}

/// Text and holes in turn; no empty text.
fn split(what: &'static str, text: &str) -> Result<Vec<Piece>, ProtocolError> {
    let wrong = || ProtocolError::value(what, text, "{name} for holes, {{ and }} for braces");
    let mut pieces = Vec::new();
    let mut fixed = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '{' | '}' if rest.peek() == Some(&c) => {
                rest.next();
                fixed.push(c);
            }
            '{' => {
                let name: String = rest.by_ref().take_while(|c| *c != '}').collect();
                if !(1..=24).contains(&name.len()) || !name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'_')) {
                    return Err(wrong());
                }
                if !fixed.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut fixed)));
                }
                pieces.push(Piece::Hole(name));
            }
            '}' => return Err(wrong()),
            _ => fixed.push(c),
        }
    }
    if !fixed.is_empty() {
        pieces.push(Piece::Text(fixed));
    }
    Ok(pieces)
}

fn holes_of(pieces: &[Piece]) -> Vec<String> {
    pieces.iter().filter_map(|piece| if let Piece::Hole(name) = piece { Some(name.clone()) } else { None }).collect()
}

fn text_of(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| if let Piece::Text(text) = piece { text.len() } else { 0 }).sum()
}

fn hole_length(name: &str, length: usize) -> Result<usize, ProtocolError> {
    let max = if name == CREDENTIAL { MAX_CREDENTIAL } else { MAX_PARAMETER };
    ProtocolError::length("hole's length", length, 1, max).map(|()| length)
}
