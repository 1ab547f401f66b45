//! What a message names, and where.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// A value that remembers where it stood in the message and how it was read from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grounded<T> {
    /// In canonical form.
    pub value: T,
    /// Byte offsets in the message; empty for what the conversation brought.
    pub span: Range<usize>,
    /// How it was read.
    pub how: Derivation,
}

/// How a value was read from the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Derivation {
    /// As typed.
    Typed,
    /// Typed, in another spelling: lower case, shorthand, an alias.
    Canonical,
    /// A number in words.
    Words,
    /// Another unit: gwei, wei, sats, cents.
    Converted,
    /// Spelled as the address book (or the list of lenders) spells it.
    AddressBook,
    /// Of the intent that waits for an answer.
    Pending,
    /// Spoken of before.
    Referent,
}

/// The kinds of entities. Each has one letter, which its slots begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `50`, `$50`, `50%`, `max`.
    Amount,
    /// A symbol.
    Token,
    /// A well-formed address.
    Address,
    /// An ENS name.
    Ens,
    /// A name of the address book.
    Contact,
    /// A name of the list of lenders.
    Lender,
    /// A supported chain.
    Chain,
    /// A known venue or contract by name.
    Protocol,
    /// A link.
    Url,
    /// A transaction hash.
    Hash,
    /// A span of time in the past.
    Period,
    /// A time of day.
    Clock,
    /// A recurrence.
    Every,
    /// An agent's number.
    Agent,
    /// An automation's number.
    Automation,
    /// Quoted text.
    Quote,
    /// An address that can't be one.
    Malformed,
    /// `@someone`.
    Handle,
    /// An asset or a chain that is not supported.
    Foreign,
    /// A signed percentage, a date, a recurrence that no field carries.
    Relative,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 20] = [
        Kind::Amount,
        Kind::Token,
        Kind::Address,
        Kind::Ens,
        Kind::Contact,
        Kind::Lender,
        Kind::Chain,
        Kind::Protocol,
        Kind::Url,
        Kind::Hash,
        Kind::Period,
        Kind::Clock,
        Kind::Every,
        Kind::Agent,
        Kind::Automation,
        Kind::Quote,
        Kind::Malformed,
        Kind::Handle,
        Kind::Foreign,
        Kind::Relative,
    ];

    /// The letter of its slots.
    pub fn letter(self) -> char {
        match self {
            Kind::Amount => 'A',
            Kind::Token => 'T',
            Kind::Address => 'X',
            Kind::Ens => 'E',
            Kind::Contact => 'N',
            Kind::Lender => 'L',
            Kind::Chain => 'C',
            Kind::Protocol => 'P',
            Kind::Url => 'U',
            Kind::Hash => 'H',
            Kind::Period => 'D',
            Kind::Clock => 'O',
            Kind::Every => 'Y',
            Kind::Agent => 'G',
            Kind::Automation => 'I',
            Kind::Quote => 'Q',
            Kind::Malformed => 'M',
            Kind::Handle => 'W',
            Kind::Foreign => 'Z',
            Kind::Relative => 'R',
        }
    }
}

/// Most slots of one kind.
pub const MAX_SLOTS: u8 = 8;

/// `<A1>`: the name under which the model sees an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotName {
    /// Which kind.
    pub kind: Kind,
    /// 1 to [`MAX_SLOTS`].
    pub number: u8,
}

impl SlotName {
    /// Reads `<A1>`.
    pub fn parse(text: &str) -> Option<SlotName> {
        let inner = text.strip_prefix('<')?.strip_suffix('>')?;
        let mut chars = inner.chars();
        let letter = chars.next()?;
        let number: u8 = chars.as_str().parse().ok()?;
        let kind = Kind::ALL.into_iter().find(|k| k.letter() == letter)?;
        ((1..=MAX_SLOTS).contains(&number) && chars.as_str().len() == 1).then_some(SlotName { kind, number })
    }

    /// Every slot name there can be: a tokenizer's special tokens.
    pub fn all() -> impl Iterator<Item = SlotName> {
        Kind::ALL.into_iter().flat_map(|kind| (1..=MAX_SLOTS).map(move |number| SlotName { kind, number }))
    }
}

impl fmt::Display for SlotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}{}>", self.kind.letter(), self.number)
    }
}

/// One entity, named wherever it occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// `<A1>`.
    pub name: SlotName,
    /// In canonical form.
    pub value: String,
    /// Where; at least one.
    pub mentions: Vec<Grounded<String>>,
}

/// An entity that a recogniser found: which words it covers, and what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub kind: Kind,
    pub value: String,
    /// Word indices.
    pub words: Range<usize>,
    pub how: Derivation,
}
