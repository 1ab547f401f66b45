//! What is public of a response: where the fields stand and what is claimed of them.

use bellpepper_core::num::AllocatedNum;
use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;

use super::machine::{DEPTHS, LONGEST};
use crate::sum::Sum;

/// How many public numbers there are.
pub const NUMBERS: usize = DEPTHS + 3 + 4 * 3 + 3 + 3 + 1;
/// More decimal digits than any currency's minor unit has.
pub const MOST_DIGITS: u8 = 4;

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
    /// Depth of the object that holds them: 1 the top-level object, 2 an element of a top-level array, ...
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

/// The numbers of one field.
#[derive(Clone, Debug)]
pub struct Field<F: PrimeField> {
    /// Whether it is asked for.
    pub present: Sum<F>,
    /// Whether its path has two keys.
    pub nested: Sum<F>,
    /// The keys' numbers; [`NO_KEY`] where there is none.
    pub keys: [Sum<F>; 2],
}

/// The public numbers as variables.
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
    /// The currency's number, with its quote.
    pub currency: Sum<F>,
    /// The kind's number, with its quote.
    pub kind: Sum<F>,
    /// The kind's length.
    pub kind_length: Sum<F>,
    /// The threshold.
    pub at_least: Sum<F>,
    numbers: Vec<Sum<F>>,
}

/// A number that no key has.
pub const NO_KEY: u64 = 1;

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

    /// The public numbers, in the order of [`Public::numbers`].
    #[must_use]
    pub fn numbers<F: PrimeField>(&self, claim: &Threshold) -> Vec<F> {
        let flag = |flag: bool| F::from(u64::from(flag));
        let mut numbers: Vec<F> = (1..=DEPTHS).map(|depth| flag(usize::from(self.depth) == depth)).collect();
        for (i, path) in self.paths().into_iter().enumerate() {
            if i > 0 {
                numbers.push(flag(path.is_some()));
            }
            let second = path.and_then(|path| path.second.as_ref());
            let key = |key: Option<&String>| key.map_or(F::from(NO_KEY), |key| text_number(key.as_bytes()));
            numbers.extend([flag(second.is_some()), key(path.map(|path| &path.first)), key(second)]);
        }
        let (minor, digits) = match self.form {
            Form::Decimal(digits) => (false, digits),
            Form::Minor => (true, 0),
        };
        let kind = self.kind.as_ref().map_or("", |(_, text)| text);
        numbers.extend([flag(minor), flag(self.quoted), F::from(u64::from(digits))]);
        numbers.extend([text_number(&claim.currency), text_number(kind.as_bytes()), F::from(kind.len() as u64)]);
        numbers.push(F::from(claim.at_least));
        numbers
    }
}

impl<F: PrimeField> Public<F> {
    /// Variables for the public numbers; the caller ties [`Public::numbers`] to public inputs.
    ///
    /// # Errors
    /// As the constraint system's.
    pub fn alloc<CS: ConstraintSystem<F>>(cs: &mut CS, public: Option<(&ResponseShape, &Threshold)>) -> Result<Self, SynthesisError> {
        let values = public.map(|(shape, claim)| shape.numbers::<F>(claim));
        let mut numbers = Vec::with_capacity(NUMBERS);
        for i in 0..NUMBERS {
            let value = values.as_ref().and_then(|values| values.get(i)).copied();
            let number = AllocatedNum::alloc(cs.namespace(|| format!("number {i}")), || value.ok_or(SynthesisError::AssignmentMissing));
            numbers.push(number?);
        }
        Self::of(numbers.iter().map(Sum::from).collect())
    }

    /// Over [`NUMBERS`] public numbers that are there already.
    ///
    /// # Errors
    /// [`SynthesisError::Unsatisfiable`] where there are fewer.
    pub fn of(numbers: Vec<Sum<F>>) -> Result<Self, SynthesisError> {
        let mut left = numbers.iter().cloned();
        let mut next = || left.next().ok_or(SynthesisError::Unsatisfiable);
        let depth = [next()?, next()?, next()?, next()?];
        let balance = Field { present: Sum::constant(1), nested: next()?, keys: [next()?, next()?] };
        let mut field = || Ok::<_, SynthesisError>(Field { present: next()?, nested: next()?, keys: [next()?, next()?] });
        let fields = [balance, field()?, field()?, field()?];
        Ok(Self {
            depth,
            fields,
            minor: next()?,
            quoted: next()?,
            digits: next()?,
            currency: next()?,
            kind: next()?,
            kind_length: next()?,
            at_least: next()?,
            numbers,
        })
    }

    /// The variables in the order of [`ResponseShape::numbers`].
    #[must_use]
    pub fn numbers(&self) -> &[Sum<F>] {
        &self.numbers
    }

    /// One number a depth, by the depth.
    pub fn by_depth(&self, number: impl Fn(u8) -> u64) -> Sum<F> {
        (1..).zip(&self.depth).fold(Sum::zero(), |sum, (depth, is)| sum.plus(&is.times(number(depth))))
    }
}

/// A string's bytes and its closing quote as digits to the base 256.
#[must_use]
pub fn text_number<F: PrimeField>(text: &[u8]) -> F {
    text.iter().chain(b"\"").fold(F::ZERO, |sum, byte| sum * F::from(256) + F::from(u64::from(*byte)))
}

fn is_plain(text: &str) -> bool {
    (1..=usize::from(LONGEST)).contains(&text.len()) && text.bytes().all(|b| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\\'))
}
