//! Reading the vectors of TLS.

use crate::VerifyError;

/// Takes values from the front of a handshake message.
pub(crate) struct Reader<'a> {
    message: &'static str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(message: &'static str, bytes: &'a [u8]) -> Self {
        Self { message, rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Result<&'a [u8], VerifyError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| VerifyError::message(self.message, format!("{} bytes", self.rest.len()), "more bytes"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// A number of `width` bytes.
    fn number(&mut self, width: usize) -> Result<usize, VerifyError> {
        Ok(self.bytes(width)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    pub(crate) fn u8(&mut self) -> Result<u8, VerifyError> {
        Ok(self.bytes(1)?.iter().fold(0, |_, byte| *byte))
    }

    pub(crate) fn u16(&mut self) -> Result<u16, VerifyError> {
        Ok(self.bytes(2)?.iter().fold(0, |number, byte| number << 8 | u16::from(*byte)))
    }

    /// A vector with a length of `width` bytes.
    pub(crate) fn vector(&mut self, width: usize) -> Result<&'a [u8], VerifyError> {
        let length = self.number(width)?;
        self.bytes(length)
    }

    /// Nothing may follow.
    pub(crate) fn end(self) -> Result<(), VerifyError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(VerifyError::message(self.message, format!("{} bytes too many", self.rest.len()), "the end"))
    }
}

/// One handshake message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message<'a> {
    pub(crate) kind: u8,
    pub(crate) body: &'a [u8],
    /// With its header, as it is hashed.
    pub(crate) whole: &'a [u8],
}

/// Takes the first whole message off the front, if there is one.
pub(crate) fn take_message<'a>(bytes: &mut &'a [u8]) -> Option<Message<'a>> {
    let [kind, a, b, c, after @ ..] = *bytes else { return None };
    let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
    let body = after.get(..length)?;
    let (whole, rest) = bytes.split_at_checked(length + 4)?;
    *bytes = rest;
    Some(Message { kind: *kind, body, whole })
}

/// `0a1b` for messages of errors.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
