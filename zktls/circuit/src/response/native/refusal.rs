//! Why a response does not prove a claim.

use crate::response::shape::ShapeError;

/// Why a response does not prove a claim: what was found. It holds parts of the response, so it is for the account's owner, not for logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The template can't be proved at all.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// Another status than 200.
    #[error("the bank answered {found:?}; only \"HTTP/1.1 200\" proves anything: look at the account and the token")]
    Status {
        /// How the response begins.
        found: String,
    },
    /// Headers without end, or with a stray CR or LF.
    #[error("the response's headers have no end, or a stray CR or LF at byte {at}; ask again")]
    Headers {
        /// Position.
        at: usize,
    },
    /// No JSON object or array.
    #[error("the response's body begins with {found:?} and not with a JSON object or array; ask for JSON without compression")]
    Body {
        /// How it begins.
        found: String,
    },
    /// A chunk's line that can't be read.
    #[error("the first chunk's size at byte {at} can't be read; ask again, or tell the template's author")]
    Chunk {
        /// Position.
        at: usize,
    },
    /// Not JSON.
    #[error("the response is no JSON at byte {at}: {why}; ask again")]
    NotJson {
        /// Position.
        at: usize,
        /// What is wrong.
        why: &'static str,
    },
    /// It ends too early.
    #[error("the response, or its first chunk, ends at byte {at} inside an object; ask again, or for fewer accounts")]
    Truncated {
        /// Where it ends.
        at: usize,
    },
    /// No object there.
    #[error(
        "the response has no object at depth {depth} (from 2 on, it must be an array's element); the template does not fit this answer"
    )]
    NoObject {
        /// The template's depth.
        depth: u8,
    },
    /// A key is missing.
    #[error("{path}: there is no key {key:?}; the template does not fit this bank's answer")]
    Missing {
        /// The field.
        path: String,
        /// The key.
        key: String,
    },
    /// A key is there twice.
    #[error("{path}: the key {key:?} is there more than once in its object, which can be read in two ways")]
    Twice {
        /// The field.
        path: String,
        /// The key.
        key: String,
    },
    /// The path goes on in something that is no object.
    #[error("{path}: its first key holds no object; the template does not fit this bank's answer")]
    NoInnerObject {
        /// The field.
        path: String,
    },
    /// A key that can't be compared.
    #[error("a key before byte {at} is written with an escape or has white space before its colon; such keys are not compared")]
    KeyAsWritten {
        /// Position.
        at: usize,
    },
    /// Too many levels.
    #[error("the response nests too deeply at byte {at}; 15 levels below the template's object can be read")]
    TooDeep {
        /// Position.
        at: usize,
    },
    /// Too many keys.
    #[error("the object and those in it have {got} keys, at most {most} can be proved; take a template for a shorter answer")]
    TooManyKeys {
        /// Keys.
        got: usize,
        /// Keys that there is room for.
        most: usize,
    },
    /// Another account type or currency.
    #[error("{path} is {found}, the claim is about {wanted:?}; choose another account or claim")]
    OtherText {
        /// The field.
        path: String,
        /// Its value.
        found: String,
        /// What it should be.
        wanted: String,
    },
    /// An id that can't be used.
    #[error("{path} is {found}; an id is a string of 1 to 46 printable ASCII characters without escapes")]
    Id {
        /// The field.
        path: String,
        /// Its value.
        found: String,
    },
    /// A balance that is not read.
    #[error("{path} is {found}: {why}")]
    Number {
        /// The field.
        path: String,
        /// Its value.
        found: String,
        /// Why it is not read.
        why: &'static str,
    },
    /// Too little.
    #[error("the balance is {found} minor units, the claim says at least {at_least}; claim less")]
    Below {
        /// Minor units.
        found: u64,
        /// Minor units.
        at_least: u64,
    },
}

impl Refusal {
    /// How far an object got: of several, the nearest one's refusal is told.
    pub(super) const fn nearness(&self) -> u8 {
        match self {
            Self::OtherText { .. } => 1,
            Self::Id { .. } | Self::Twice { .. } => 2,
            Self::Number { .. } => 3,
            Self::Below { .. } => 4,
            Self::TooManyKeys { .. } | Self::TooDeep { .. } | Self::KeyAsWritten { .. } => 5,
            _ => 0,
        }
    }
}
