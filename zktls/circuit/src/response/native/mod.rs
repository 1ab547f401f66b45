//! The same without a circuit: whether a response proves a claim, why not, and where everything stands.

mod http;
mod json;
mod refusal;

use json::{Kind, Member, Object};
pub use refusal::Refusal;
use zeroize::Zeroizing;

use super::keys::KEYS;
use super::machine::{Class, State, Trace};
use super::number::{LONGEST_NUMBER, WHOLE};
use super::shape::{FieldPath, Form, ResponseShape, Threshold};
use crate::request::LONGEST_ID;
use crate::request::alphabet::Kind as Alphabet;

/// Where everything stands in a response that proves its claim: the circuit's witness.
#[derive(Clone)]
pub struct Found {
    /// Where the JSON begins.
    pub data: usize,
    /// The first chunk's size, where the body is chunked.
    pub chunk: Option<ChunkSize>,
    /// The object's opening bracket.
    pub opened: usize,
    /// Behind its closing bracket.
    pub closed: usize,
    /// Its keys and those of the objects it holds.
    pub keys: Vec<Key>,
    /// Balance, currency, kind, id.
    pub fields: [Option<Value>; 4],
    /// The balance.
    pub number: Number,
    /// The id, empty where the shape has none.
    pub id: Zeroizing<Vec<u8>>,
    /// The machine's way up to the object's end.
    pub trace: Trace,
}

/// The digits of a chunk's size.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChunkSize {
    /// How many.
    pub digits: usize,
    /// Behind the last one.
    pub end: usize,
}

/// A key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Key {
    /// Its colon.
    pub colon: usize,
    /// Whether it is an inner object's.
    pub nested: bool,
    /// Whether a space stands before the colon.
    pub spaced: bool,
}

/// A field's value.
#[derive(Clone, Copy, Debug)]
pub struct Value {
    /// Its first key.
    pub first: Key,
    /// Its second key.
    pub second: Option<Key>,
    /// Its first byte.
    pub begin: usize,
}

/// A number.
#[derive(Clone, Copy, Debug)]
pub struct Number {
    /// Its first digit.
    pub start: usize,
    /// Integer digits.
    pub whole: usize,
    /// All digits and the point.
    pub length: usize,
    /// How many digits behind the point count.
    pub digits: usize,
    /// By how much it is above the threshold.
    pub above: u64,
}

/// Where the response proves the claim.
///
/// # Errors
/// Why it does not: of the object that comes nearest.
pub fn find(shape: &ResponseShape, claim: &Threshold, response: &[u8]) -> Result<Found, Refusal> {
    shape.check()?;
    let body = http::body(response)?;
    let (objects, stop) = json::objects(response, body.data, body.end, shape.depth);
    let mut nearest: Option<Refusal> = None;
    for object in &objects {
        match prove(shape, claim, response, object) {
            Ok(found) => return Ok(Found { data: body.data, chunk: body.chunk, ..found }),
            Err(refusal) if nearest.as_ref().is_none_or(|nearest| refusal.nearness() > nearest.nearness()) => nearest = Some(refusal),
            Err(_) => {}
        }
    }
    Err(nearest.or(stop).unwrap_or(Refusal::NoObject { depth: shape.depth }))
}

fn prove(shape: &ResponseShape, claim: &Threshold, response: &[u8], object: &Object) -> Result<Found, Refusal> {
    let [balance, currency, kind, id] = shape.paths().map(|path| path.map(|path| members(object, path)).transpose());
    let (balance_path, currency_path, kind_path, id_path) = (balance?, currency?, kind?, id?);
    let [balance, currency, kind, id] =
        [balance_path, currency_path, kind_path, id_path].map(|path| path.map(|(first, second)| second.unwrap_or(first)));
    let text = |path: Option<&FieldPath>, member: &Member| Text {
        name: path.map_or_else(String::new, FieldPath::words),
        found: member.text(response),
    };
    if let (Some((path, wanted)), Some(member)) = (&shape.kind, kind) {
        text(Some(path), member).is(wanted)?;
    }
    if let Some(member) = currency {
        text(shape.currency.as_ref(), member).is(&String::from_utf8_lossy(&claim.currency))?;
    }
    let id = match id {
        Some(member) => Zeroizing::new(text(shape.id.as_ref(), member).id()?),
        None => Zeroizing::default(),
    };
    let number = number(shape, claim, response, balance)?;
    let keys = keys(object)?;

    let (mut trace, stopped) = Trace::run(response.get(..object.closed).unwrap_or(response), shape.depth);
    if let Some(at) = stopped {
        return Err(stop_of(trace.state(at), at, response));
    }
    trace.states.truncate(object.closed + 1);
    trace.events.truncate(object.closed);
    let value = |path: Option<Path<'_>>| {
        let (first, second) = path?;
        let begin = second.unwrap_or(first).value.start;
        Some(Value { first: key(first, false), second: second.map(|second| key(second, true)), begin })
    };
    let fields = [balance_path, currency_path, kind_path, id_path].map(value);
    Ok(Found { data: 0, chunk: None, opened: object.opened, closed: object.closed, keys, fields, number, id, trace })
}

/// Why the machine can't go on.
fn stop_of(state: State, at: usize, response: &[u8]) -> Refusal {
    match (state, response.get(at).map(|byte| Class::of(*byte))) {
        (State::Plain(0 | 1), Some(Class::Colon)) => Refusal::KeyAsWritten { at },
        (_, Some(Class::Brace | Class::Bracket)) => Refusal::TooDeep { at },
        _ => Refusal::NotJson { at, why: "a byte that may not stand there" },
    }
}

/// The members of a path: one, or two of which the second is in the first one's value.
type Path<'a> = (&'a Member, Option<&'a Member>);

fn members<'a>(object: &'a Object, path: &FieldPath) -> Result<Path<'a>, Refusal> {
    let first = once(&object.members, &path.first, path)?;
    match (&path.second, &first.kind) {
        (None, _) => Ok((first, None)),
        (Some(second), Kind::Object(members)) => Ok((first, Some(once(members, second, path)?))),
        (Some(_), _) => Err(Refusal::NoInnerObject { path: path.words() }),
    }
}

fn once<'a>(members: &'a [Member], key: &str, path: &FieldPath) -> Result<&'a Member, Refusal> {
    let mut with_key = members.iter().filter(|member| member.key == key.as_bytes());
    match (with_key.next(), with_key.next()) {
        (Some(member), None) => Ok(member),
        (None, _) => Err(Refusal::Missing { path: path.words(), key: key.to_owned() }),
        (Some(_), Some(_)) => Err(Refusal::Twice { path: path.words(), key: key.to_owned() }),
    }
}

/// The keys in their order, as the circuit lists them.
fn keys(object: &Object) -> Result<Vec<Key>, Refusal> {
    let mut keys = Vec::new();
    for member in &object.members {
        keys.push(key(member, false));
        if let Kind::Object(members) = &member.kind {
            keys.extend(members.iter().map(|member| key(member, true)));
        }
    }
    if keys.len() > KEYS { Err(Refusal::TooManyKeys { got: keys.len(), most: KEYS }) } else { Ok(keys) }
}

fn key(member: &Member, nested: bool) -> Key {
    Key { colon: member.colon, nested, spaced: member.colon > member.key_end + 1 }
}

/// A value that should be a string.
struct Text<'a> {
    name: String,
    found: &'a [u8],
}

impl Text<'_> {
    fn words(&self) -> String {
        String::from_utf8_lossy(self.found.get(..40).unwrap_or(self.found)).into_owned()
    }

    fn is(&self, wanted: &str) -> Result<(), Refusal> {
        let inner = self.found.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
        if inner == Some(wanted.as_bytes()) {
            return Ok(());
        }
        Err(Refusal::OtherText { path: self.name.clone(), found: self.words(), wanted: wanted.to_owned() })
    }

    fn id(&self) -> Result<Vec<u8>, Refusal> {
        let inner = self.found.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
        let fits = |id: &&[u8]| (1..=LONGEST_ID).contains(&id.len()) && id.iter().all(|byte| Alphabet::Plain.admits(0, *byte));
        let id = inner.filter(fits).ok_or_else(|| Refusal::Id { path: self.name.clone(), found: self.words() })?;
        Ok(id.to_vec())
    }
}

/// The balance, at least the threshold.
fn number(shape: &ResponseShape, claim: &Threshold, response: &[u8], member: Option<&Member>) -> Result<Number, Refusal> {
    let member = member.ok_or_else(|| Refusal::Missing { path: shape.balance.words(), key: shape.balance.first.clone() })?;
    let found = member.text(response);
    let refuse = |why| Refusal::Number {
        path: shape.balance.words(),
        found: String::from_utf8_lossy(found.get(..40).unwrap_or(found)).into_owned(),
        why,
    };
    let inner = found.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let digits = match (shape.quoted, inner) {
        (true, Some(inner)) => inner,
        (false, None) => found,
        (true, None) => return Err(refuse("it is not a string, and the template says that it is one")),
        (false, Some(_)) => return Err(refuse("it is a string, and the template says that it is none")),
    };
    let whole = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (integer, rest) = digits.split_at(whole);
    if rest.first().is_some_and(|byte| matches!(byte, b'e' | b'E')) {
        return Err(refuse("an exponent is not read"));
    }
    let fraction = match rest {
        [] => rest,
        [b'.', fraction @ ..] if !fraction.is_empty() && fraction.iter().all(u8::is_ascii_digit) => fraction,
        _ if digits.first() == Some(&b'-') => return Err(refuse("it is negative")),
        _ => return Err(refuse("digits and at most one point with digits behind it are read, nothing else")),
    };
    if whole == 0 || whole > WHOLE || digits.len() > LONGEST_NUMBER {
        return Err(refuse("1 to 15 digits before the point and 34 characters in all are read"));
    }
    if whole > 1 && integer.first() == Some(&b'0') {
        return Err(refuse("it begins with a zero"));
    }
    let count = match shape.form {
        Form::Decimal(count) => usize::from(count),
        Form::Minor if fraction.is_empty() => 0,
        Form::Minor => return Err(refuse("minor units have no fraction")),
    };
    let kept = integer.iter().chain(fraction.iter().chain(std::iter::repeat(&b'0')).take(count));
    // At most 19 digits.
    let amount = kept.fold(0, |sum: u64, digit| sum * 10 + u64::from(digit - b'0'));
    let above = amount.checked_sub(claim.at_least).ok_or(Refusal::Below { found: amount, at_least: claim.at_least })?;
    let start = member.value.start + usize::from(shape.quoted);
    Ok(Number { start, whole, length: digits.len(), digits: count, above })
}
