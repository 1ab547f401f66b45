//! Which byte may stand where.

use ff::PrimeField;

use crate::lookup::{Lookups, Table};
use crate::sum::one;

/// What is asked of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// The expected byte.
    Fixed,
    /// A parameter: `[A-Za-z0-9_-]`.
    Parameter,
    /// A login's token or cookie: cookie octets (RFC 6265), which hold token68 (RFC 9110).
    Credential,
    /// Anything.
    Any,
    /// A digit of a UUID in lower case.
    Hex,
    /// A decimal digit.
    Digit,
    /// A decimal digit but zero.
    NotZero,
    /// What ends a number in JSON.
    AfterNumber,
    /// Printable ASCII that stands for itself in a JSON string.
    Plain,
}

const KINDS: [Kind; 9] =
    [Kind::Fixed, Kind::Parameter, Kind::Credential, Kind::Any, Kind::Hex, Kind::Digit, Kind::NotZero, Kind::AfterNumber, Kind::Plain];

impl Kind {
    /// Whether the byte may stand there.
    pub(crate) fn admits(self, expected: u8, byte: u8) -> bool {
        match self {
            Self::Fixed => byte == expected,
            Self::Parameter => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Credential => byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\'),
            Self::Any => true,
            Self::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Self::Digit => byte.is_ascii_digit(),
            Self::NotZero => matches!(byte, b'1'..=b'9'),
            Self::AfterNumber => matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'),
            Self::Plain => matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'),
        }
    }

    /// A row of the table, but for the byte.
    pub(crate) const fn row(self, expected: u8) -> u64 {
        (self as u64) << 16 | (expected as u64) << 8
    }
}

/// Make the table.
pub(crate) fn table<F: PrimeField>(lookups: &mut Lookups<F>) {
    lookups.fixed(Table::Alphabet, one(), || {
        let expected = |kind, byte| if kind == Kind::Fixed { byte } else { 0 };
        let all = KINDS.into_iter().flat_map(|kind| (0..=255).map(move |byte| (kind, expected(kind, byte), byte)));
        let rows = all.filter(|&(kind, expected, byte)| kind.admits(expected, byte));
        rows.map(|(kind, expected, byte)| F::from(kind.row(expected) + u64::from(byte))).collect()
    });
}
