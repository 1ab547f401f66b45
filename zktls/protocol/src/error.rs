//! What can go wrong with a document or a template.

/// Errors of this crate, each with what was got, what was expected and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// The document ends early.
    #[error("{what}: {missing} more bytes were expected; the document is cut off, ask for it again")]
    Truncated {
        /// The field being read.
        what: &'static str,
        /// How many bytes are missing.
        missing: usize,
    },
    /// Bytes follow the document.
    #[error("{0} bytes follow the end of the document; it was altered or joined with another, ask for it again")]
    Trailing(usize),
    /// A length, count or number is outside of its bounds.
    #[error("{what}: got {got}, expected {min} to {max}; the document or template was not made by a correct program")]
    Bounds {
        /// The field.
        what: &'static str,
        /// What was got.
        got: u64,
        /// The smallest value that is allowed.
        min: u64,
        /// The largest value that is allowed.
        max: u64,
    },
    /// Another file format.
    #[error("the document begins with {got:02x?}, expected \"PZKT\"; choose a file made by Parlance's zkTLS")]
    Magic {
        /// The first bytes.
        got: [u8; 4],
    },
    /// Another version.
    #[error("document version {got}, expected {expected}; both sides need the same release")]
    Version {
        /// Of the document.
        got: u16,
        /// [`crate::VERSION`].
        expected: u16,
    },
    /// Another kind of document.
    #[error("document of kind {got}, expected {expected}; choose the right file")]
    Kind {
        /// Of the document.
        got: u8,
        /// Of the type that was asked for.
        expected: u8,
    },
    /// A value that has no meaning.
    #[error("{what}: got {got}, expected {expected}; correct it at its source")]
    Value {
        /// The field.
        what: &'static str,
        /// What was got.
        got: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A template that is no TOML or lacks fields.
    #[error("the template can't be read: {0}; compare it with zktls/templates/demo.toml")]
    Template(String),
    /// The notary's signature does not fit.
    #[error("the notary's signature does not fit the recording and key {key}; the recording was altered or the key is another's")]
    Signature {
        /// The key, hexadecimal.
        key: String,
    },
}

impl ProtocolError {
    /// A [`ProtocolError::Value`] with what was got shortened for the reader.
    pub(crate) fn value(what: &'static str, got: impl Into<String>, expected: &'static str) -> Self {
        let mut got: String = got.into();
        if got.chars().count() > 80 {
            got = got.chars().take(80).chain("...".chars()).collect();
        }
        Self::Value { what, got: format!("{got:?}"), expected }
    }

    /// `got` when it lies within `min..=max`.
    pub(crate) fn bounds<T: Copy + Into<u64>>(what: &'static str, got: T, min: u64, max: u64) -> Result<T, Self> {
        let number = got.into();
        if (min..=max).contains(&number) { Ok(got) } else { Err(Self::Bounds { what, got: number, min, max }) }
    }

    /// The same for lengths and counts.
    pub(crate) fn length(what: &'static str, got: usize, min: u64, max: u64) -> Result<(), Self> {
        Self::bounds(what, u64::try_from(got).unwrap_or(u64::MAX), min, max).map(|_| ())
    }
}
