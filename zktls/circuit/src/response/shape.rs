//! What is public of a response: where the fields stand and what is claimed of them.

use bellpepper_core::boolean::Boolean;
use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use super::machine::DEPTHS;
use crate::sum::{Sum, bits};

/// The longest key or text that can be matched.
pub const LONGEST: usize = 24;
/// Bytes of a text that are compared: itself and its opening quote.
pub const COMPARED: usize = LONGEST + 1;
/// Texts that are compared: two keys of each field, and the kind.
pub const TEXTS: usize = 9;
/// How many public numbers there are.
pub const NUMBERS: usize = DEPTHS + 1 + 3 * 2 + 3 + 3 + 2 + TEXTS * COMPARED * 2;
/// How many bits each of them has, in the order of [`ResponseShape::numbers`].
pub const WIDTHS: [usize; NUMBERS] = widths();
/// More decimal digits than any currency's minor unit has.
pub const MOST_DIGITS: u8 = 4;

/// Flags; digits, currency, the kind's length, threshold; place and byte of each letter.
const fn widths() -> [usize; NUMBERS] {
    let mut widths = [1; NUMBERS];
    let mut at = DEPTHS + 1 + 3 * 2 + 2;
    let others = [3, 8, 8, 8, 5, 64];
    let mut i = 0;
    while i < others.len() {
        widths[at] = others[i];
        (at, i) = (at + 1, i + 1);
    }
    while at < NUMBERS {
        (widths[at], widths[at + 1]) = (5, 9);
        at += 2;
    }
    widths
}

/// Where a field stands: one or two keys from the template's object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath {
    /// A key of the object.
    pub first: String,
    /// A key of the object that stands there.
    pub second: Option<String>,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Units, with or without a fraction; digits behind this many are cut.
    Decimal(u8),
    /// Minor units, without a fraction.
    Minor,
}

/// Where the fields stand in a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseShape {
    /// Depth of the object that holds them: 1 the top-level object, 2 an element of a top-level array, 3 an element of an array in the
    /// top-level object or array, 4 one level further in.
    pub depth: u8,
    /// The balance.
    pub balance: FieldPath,
    /// How it is written.
    pub form: Form,
    /// Whether it is written as a string.
    pub quoted: bool,
    /// A string of three letters, where the currency is not fixed by the template.
    pub currency: Option<FieldPath>,
    /// A string that must be there.
    pub kind: Option<(FieldPath, String)>,
    /// The account's id, a string, where it is not a parameter of the request.
    pub id: Option<FieldPath>,
}

/// What is claimed of the balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// In minor units, at the shape's scale.
    pub at_least: u64,
    /// In which currency.
    pub currency: [u8; 3],
}

/// Why no circuit can be made for a shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// A depth.
    #[error("the object stands at depth {0}; 1 to 4 can be proved")]
    Depth(u8),
    /// A key or a text.
    #[error("{0:?} can't be matched; 1 to 24 printable ASCII characters without \" and \\ can")]
    Text(String),
    /// Decimal digits.
    #[error("the balance has {0} decimal digits; at most 4 can be proved")]
    Digits(u8),
}

/// Whether a field is asked for, and how.
#[derive(Clone, Debug)]
pub struct Field<F: PrimeField> {
    /// Whether it is asked for.
    pub present: Sum<F>,
    /// Whether its path has two keys.
    pub nested: Sum<F>,
}

/// One byte of a text, counted from its closing quote: [`COMPARED`] of them, the last ones repeated where the text is shorter.
#[derive(Clone, Debug)]
pub struct Letter<F: PrimeField> {
    /// [`BACK`] less the distance from the closing quote.
    pub place: Sum<F>,
    /// The byte; [`NO_BYTE`] where there is no such text.
    pub byte: Sum<F>,
}

/// More than any letter's distance.
pub const BACK: u64 = 32;
/// A byte that no text has.
pub const NO_BYTE: u64 = 256;

/// The public numbers, made of their bits.
#[derive(Clone, Debug)]
pub struct Public<F: PrimeField> {
    /// One bit for each depth.
    pub depth: [Sum<F>; DEPTHS],
    /// Balance, currency, kind, id.
    pub fields: [Field<F>; 4],
    /// Whether the balance is in minor units.
    pub minor: Sum<F>,
    /// Whether it is a string.
    pub quoted: Sum<F>,
    /// How many digits behind the point count.
    pub digits: Sum<F>,
    /// The currency's letters.
    pub currency: [Sum<F>; 3],
    /// The kind's length.
    pub kind_length: Sum<F>,
    /// The threshold.
    pub at_least: Sum<F>,
    /// The first and the second key of each field, and the kind.
    pub texts: Vec<Vec<Letter<F>>>,
    bits: Vec<Boolean>,
}

impl FieldPath {
    /// A path of one key.
    #[must_use]
    pub fn one(first: &str) -> Self {
        Self { first: first.to_owned(), second: None }
    }

    /// A path of two keys.
    #[must_use]
    pub fn two(first: &str, second: &str) -> Self {
        Self { first: first.to_owned(), second: Some(second.to_owned()) }
    }

    /// For people.
    #[must_use]
    pub fn words(&self) -> String {
        self.second.as_ref().map_or_else(|| self.first.clone(), |second| format!("{}.{second}", self.first))
    }
}

impl ResponseShape {
    /// Whether there is a circuit for this shape.
    ///
    /// # Errors
    /// With the first thing that does not fit.
    pub fn check(&self) -> Result<(), ShapeError> {
        if !(1..=DEPTHS).contains(&usize::from(self.depth)) {
            return Err(ShapeError::Depth(self.depth));
        }
        if let Form::Decimal(digits) = self.form
            && digits > MOST_DIGITS
        {
            return Err(ShapeError::Digits(digits));
        }
        let keys = self.paths().into_iter().flatten().flat_map(|path| [Some(&path.first), path.second.as_ref()]).flatten();
        match keys.chain(self.kind.as_ref().map(|(_, text)| text)).find(|text| !is_plain(text)) {
            Some(text) => Err(ShapeError::Text(text.clone())),
            None => Ok(()),
        }
    }

    /// The paths of balance, currency, kind and id.
    #[must_use]
    pub fn paths(&self) -> [Option<&FieldPath>; 4] {
        [Some(&self.balance), self.currency.as_ref(), self.kind.as_ref().map(|(path, _)| path), self.id.as_ref()]
    }

    /// The public numbers, each of as many bits as [`WIDTHS`] says.
    #[must_use]
    pub fn numbers(&self, claim: &Threshold) -> Vec<u64> {
        let mut numbers: Vec<u64> = (1..=DEPTHS).map(|depth| u64::from(usize::from(self.depth) == depth)).collect();
        let mut texts = Vec::with_capacity(TEXTS * COMPARED * 2);
        for (i, path) in self.paths().into_iter().enumerate() {
            if i > 0 {
                numbers.push(path.is_some().into());
            }
            let second = path.and_then(|path| path.second.as_deref());
            numbers.push(second.is_some().into());
            texts.extend(letters(path.map(|path| path.first.as_str())));
            texts.extend(letters(second));
        }
        let (minor, digits) = match self.form {
            Form::Decimal(digits) => (false, digits),
            Form::Minor => (true, 0),
        };
        let kind = self.kind.as_ref().map(|(_, text)| text.as_str());
        texts.extend(letters(kind));
        numbers.extend([u64::from(minor), self.quoted.into(), digits.into()]);
        numbers.extend(claim.currency.map(u64::from));
        numbers.extend([kind.map_or(0, |kind| kind.len() as u64), claim.at_least]);
        numbers.extend(texts);
        numbers
    }
}

/// A text's letters as numbers, from its closing quote back to its opening one.
fn letters(text: Option<&str>) -> Vec<u64> {
    let bytes = text.map(|text| text.bytes().rev().chain([b'"']));
    let letters: Vec<[u64; 2]> = match bytes {
        Some(bytes) => (1..).zip(bytes).map(|(distance, byte)| [BACK - distance, byte.into()]).collect(),
        None => vec![[BACK - 1, NO_BYTE]],
    };
    letters.iter().cycle().take(COMPARED).flatten().copied().collect()
}

impl<F: PrimeField> Public<F> {
    /// Bits for the public numbers; the caller ties [`Public::bits`] to public inputs.
    ///
    /// # Errors
    /// As the constraint system's.
    pub fn alloc<CS: ConstraintSystem<F>>(cs: &mut CS, public: Option<(&ResponseShape, &Threshold)>) -> Result<Self, SynthesisError> {
        let values = public.map(|(shape, claim)| shape.numbers(claim));
        let mut all = Vec::new();
        let mut numbers = Vec::with_capacity(NUMBERS);
        for (i, width) in WIDTHS.into_iter().enumerate() {
            let value = values.as_ref().and_then(|values| values.get(i)).copied();
            let bits = bits(cs, &format!("number {i}"), width, value)?;
            numbers.push(Sum::bits(&bits));
            all.extend(bits);
        }
        let mut left = numbers.into_iter();
        let mut next = || left.next().ok_or(SynthesisError::Unsatisfiable);
        let depth = [next()?, next()?, next()?, next()?];
        let balance = Field { present: Sum::constant(1), nested: next()? };
        let mut field = || Ok::<_, SynthesisError>(Field { present: next()?, nested: next()? });
        let fields = [balance, field()?, field()?, field()?];
        let (minor, quoted, digits) = (next()?, next()?, next()?);
        let currency = [next()?, next()?, next()?];
        let (kind_length, at_least) = (next()?, next()?);
        let mut letter = || Ok(Letter { place: next()?, byte: next()? });
        let texts = (0..TEXTS).map(|_| (0..COMPARED).map(|_| letter()).collect()).collect::<Result<_, SynthesisError>>()?;
        Ok(Self { depth, fields, minor, quoted, digits, currency, kind_length, at_least, texts, bits: all })
    }

    /// The bits of [`ResponseShape::numbers`], [`WIDTHS`] of each, least significant first.
    #[must_use]
    pub fn bits(&self) -> &[Boolean] {
        &self.bits
    }

    /// One number a depth, by the depth.
    pub fn by_depth(&self, number: impl Fn(u8) -> u64) -> Sum<F> {
        (1..).zip(&self.depth).fold(Sum::zero(), |sum, (depth, is)| sum.plus(&is.times(number(depth))))
    }
}

fn is_plain(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|b| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\\'))
}
