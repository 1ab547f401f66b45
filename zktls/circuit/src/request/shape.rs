//! What is public of a request's bytes.

use ff::PrimeField;

use super::alphabet::Kind;

/// What is known of one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The byte.
    Fixed(u8),
    /// One of `[A-Za-z0-9_-]`.
    Parameter,
    /// One of `[0-9a-f]`: a digit of a UUID.
    Hex,
    /// One of a token's or a cookie's.
    Credential,
}

/// One place for each byte of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestShape(pub Vec<Place>);

/// Why a request is not of its shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Longer than the circuit.
    #[error("the request has {got} bytes, at most {most} can be proved; shorten its parameters or take a larger class")]
    TooLong {
        /// Bytes.
        got: usize,
        /// Bytes that there is room for.
        most: usize,
    },
    /// Another length than the shape's.
    #[error("the request has {got} bytes, its shape {expected}; make both from the same template and holes")]
    Length {
        /// Bytes.
        got: usize,
        /// Places.
        expected: usize,
    },
    /// A byte that may not stand there. Which byte is not said: it may be of a credential.
    #[error("byte {at} of the request is not {expected}; make the request from its template")]
    Byte {
        /// Position.
        at: usize,
        /// What may stand there.
        expected: &'static str,
    },
}

impl Place {
    const fn kind(self) -> (Kind, u8) {
        match self {
            Self::Fixed(byte) => (Kind::Fixed, byte),
            Self::Parameter => (Kind::Parameter, 0),
            Self::Hex => (Kind::Hex, 0),
            Self::Credential => (Kind::Credential, 0),
        }
    }

    /// Whether the byte may stand here.
    #[must_use]
    pub fn admits(self, byte: u8) -> bool {
        let (kind, expected) = self.kind();
        kind.admits(expected, byte)
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Fixed(_) => "the template's",
            Self::Parameter => "a letter, a digit, _ or -",
            Self::Hex => "a lower-case hexadecimal digit",
            Self::Credential => "of a token or a cookie (no spaces, quotes, commas, semicolons, backslashes)",
        }
    }
}

impl RequestShape {
    /// The public numbers: one for each byte of a circuit for `capacity` bytes.
    ///
    /// # Errors
    /// [`RequestError::TooLong`].
    pub fn numbers<F: PrimeField>(&self, capacity: usize) -> Result<Vec<F>, RequestError> {
        if self.0.len() > capacity {
            return Err(RequestError::TooLong { got: self.0.len(), most: capacity });
        }
        let row = |place: &Place| F::from(place.kind().0.row(place.kind().1));
        let padding = std::iter::repeat(F::from(Kind::Any.row(0)));
        Ok(self.0.iter().map(row).chain(padding).take(capacity).collect())
    }

    /// Whether a request has this shape.
    ///
    /// # Errors
    /// With the first byte that does not fit.
    pub fn check(&self, request: &[u8]) -> Result<(), RequestError> {
        if request.len() != self.0.len() {
            return Err(RequestError::Length { got: request.len(), expected: self.0.len() });
        }
        match self.0.iter().zip(request).enumerate().find(|(_, (place, byte))| !place.admits(**byte)) {
            Some((at, (place, _))) => Err(RequestError::Byte { at, expected: place.words() }),
            None => Ok(()),
        }
    }
}
