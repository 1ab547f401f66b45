//! The binary encoding of every document.
//!
//! ```text
//! document := "PZKT" version:u16 kind:u8 body            at most MAX_DOCUMENT bytes, nothing follows
//! string   := length:u16 bytes                           UTF-8 without control characters
//! bytes    := length:u32 bytes
//! list     := count:u32 items
//! option   := 0 | 1 item
//! ```
//! Numbers are big-endian. Lengths are checked against the field's bounds before anything is read.

use crate::ProtocolError;

/// Version of all documents.
pub const VERSION: u16 = 1;
/// Largest document, bytes.
pub const MAX_DOCUMENT: usize = 1 << 20;

const MAGIC: [u8; 4] = *b"PZKT";

/// A value that can be written in one way.
pub(crate) trait Wire: Sized {
    fn write(&self, to: &mut Writer) -> Result<(), ProtocolError>;
    fn read(from: &mut Reader<'_>) -> Result<Self, ProtocolError>;
}

/// Gives a [`Wire`] type its public `encode` and `decode`, with the kind's number.
macro_rules! document {
    ($type:ty, $kind:literal) => {
        impl $type {
            /// The document's bytes; refuses values outside of their bounds.
            pub fn encode(&self) -> Result<Vec<u8>, $crate::ProtocolError> {
                $crate::codec::encode($kind, self)
            }

            /// Reads a document; refuses all that [`encode`](Self::encode) would not have written.
            pub fn decode(bytes: &[u8]) -> Result<Self, $crate::ProtocolError> {
                $crate::codec::decode($kind, bytes)
            }
        }
    };
}
pub(crate) use document;

pub(crate) fn encode<T: Wire>(kind: u8, value: &T) -> Result<Vec<u8>, ProtocolError> {
    let mut to = Writer(MAGIC.to_vec());
    to.u16(VERSION);
    to.u8(kind);
    value.write(&mut to)?;
    ProtocolError::length("document", to.0.len(), 0, MAX_DOCUMENT as u64)?;
    Ok(to.0)
}

pub(crate) fn decode<T: Wire>(kind: u8, bytes: &[u8]) -> Result<T, ProtocolError> {
    ProtocolError::length("document", bytes.len(), 0, MAX_DOCUMENT as u64)?;
    let mut from = Reader(bytes);
    let got = from.array("magic")?;
    if got != MAGIC {
        return Err(ProtocolError::Magic { got });
    }
    let got = from.u16("version")?;
    if got != VERSION {
        return Err(ProtocolError::Version { got, expected: VERSION });
    }
    let got = from.u8("kind")?;
    if got != kind {
        return Err(ProtocolError::Kind { got, expected: kind });
    }
    let value = T::read(&mut from)?;
    if from.0.is_empty() { Ok(value) } else { Err(ProtocolError::Trailing(from.0.len())) }
}

/// Appends values.
#[derive(Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.raw(&value.to_be_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.raw(&value.to_be_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.raw(&value.to_be_bytes());
    }

    /// Bytes of a length that both sides know.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// A list's count, within bounds.
    pub(crate) fn count(&mut self, what: &'static str, count: usize, min: u64, max: u64) -> Result<(), ProtocolError> {
        ProtocolError::length(what, count, min, max)?;
        let count = u32::try_from(count).map_err(|_| ProtocolError::Bounds { what, got: u64::MAX, min, max })?;
        self.u32(count);
        Ok(())
    }

    pub(crate) fn bytes(&mut self, what: &'static str, bytes: &[u8], min: u64, max: u64) -> Result<(), ProtocolError> {
        self.count(what, bytes.len(), min, max)?;
        self.raw(bytes);
        Ok(())
    }

    pub(crate) fn string(&mut self, what: &'static str, text: &str, min: u64, max: u16) -> Result<(), ProtocolError> {
        ProtocolError::length(what, text.len(), min, max.into())?;
        printable(what, text)?;
        self.u16(u16::try_from(text.len()).unwrap_or(max));
        self.raw(text.as_bytes());
        Ok(())
    }
}

/// Takes values from the front.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    /// The next `length` bytes.
    pub(crate) fn raw(&mut self, what: &'static str, length: usize) -> Result<&'a [u8], ProtocolError> {
        let (taken, rest) =
            self.0.split_at_checked(length).ok_or_else(|| ProtocolError::Truncated { what, missing: length - self.0.len() })?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], ProtocolError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(|| ProtocolError::Truncated { what, missing: N - self.0.len() })?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn u8(&mut self, what: &'static str) -> Result<u8, ProtocolError> {
        self.array(what).map(u8::from_be_bytes)
    }

    pub(crate) fn u16(&mut self, what: &'static str) -> Result<u16, ProtocolError> {
        self.array(what).map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self, what: &'static str) -> Result<u32, ProtocolError> {
        self.array(what).map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self, what: &'static str) -> Result<u64, ProtocolError> {
        self.array(what).map(u64::from_be_bytes)
    }

    /// A list's count, within bounds.
    pub(crate) fn count(&mut self, what: &'static str, min: u64, max: u64) -> Result<usize, ProtocolError> {
        let count = ProtocolError::bounds(what, self.u32(what)?, min, max)?;
        usize::try_from(count).map_err(|_| ProtocolError::Bounds { what, got: count.into(), min, max })
    }

    pub(crate) fn bytes(&mut self, what: &'static str, min: u64, max: u64) -> Result<Vec<u8>, ProtocolError> {
        let length = self.count(what, min, max)?;
        Ok(self.raw(what, length)?.to_vec())
    }

    pub(crate) fn string(&mut self, what: &'static str, min: u64, max: u16) -> Result<String, ProtocolError> {
        let length = ProtocolError::bounds(what, self.u16(what)?, min, max.into())?;
        let bytes = self.raw(what, length.into())?;
        let text = std::str::from_utf8(bytes).map_err(|_| ProtocolError::value(what, String::from_utf8_lossy(bytes), "UTF-8"))?;
        printable(what, text)?;
        Ok(text.to_owned())
    }
}

fn printable(what: &'static str, text: &str) -> Result<(), ProtocolError> {
    if text.chars().any(char::is_control) {
        return Err(ProtocolError::value(what, text, "no control characters"));
    }
    Ok(())
}

/// Whether `domain` is a lower-case host name as certificates carry it: two or more labels, no address, no final dot.
pub(crate) fn check_domain(domain: &str) -> Result<(), ProtocolError> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    let last_is_number = domain.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    if domain.len() <= 253 && domain.contains('.') && !last_is_number && domain.split('.').all(label) {
        return Ok(());
    }
    Err(ProtocolError::value("domain", domain, "a lower-case host name such as api.bank.example"))
}
