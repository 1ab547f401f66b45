//! When a response proves a claim, written once more: with `serde_json` as the parser, from the documentation and not from the machine.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::*;

/// Whether it does.
pub(super) fn accepts(shape: &ResponseShape, claim: &Threshold, response: &[u8]) -> bool {
    let Some(json) = json(response) else { return false };
    let judge = RefCell::new(Judge { shape, claim, stopped: false, accepted: false });
    let mut from = serde_json::Deserializer::from_slice(json);
    let _ = Around { judge: &judge, depth: 1 }.deserialize(&mut from);
    judge.into_inner().accepted
}

/// The body, or its first chunk as far as it is there.
fn json(response: &[u8]) -> Option<&[u8]> {
    let end = response.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (&response[..end], &response[end + 4..]);
    let head = std::str::from_utf8(head).ok()?;
    if !head.starts_with("HTTP/1.1 200 ") || head.replace("\r\n", "").contains(['\r', '\n']) {
        return None;
    }
    if matches!(body.first()?, b'{' | b'[') {
        return Some(body);
    }
    let line_end = body.windows(2).position(|two| two == b"\r\n")?;
    let line = std::str::from_utf8(&body[..line_end]).ok()?;
    let (size, _) = line.split_once(';').unwrap_or((line, ""));
    if line.contains(['\r', '\n']) || !(1..=8).contains(&size.len()) || size.contains(|c: char| !c.is_ascii_hexdigit()) {
        return None;
    }
    let data = &body[line_end + 2..];
    let size = usize::from_str_radix(size, 16).ok()?;
    matches!(data.first()?, b'{' | b'[').then(|| &data[..data.len().min(size)])
}

struct Judge<'a> {
    shape: &'a ResponseShape,
    claim: &'a Threshold,
    stopped: bool,
    accepted: bool,
}

/// Containers around the template's depth; values at it are judged as they are read.
#[derive(Clone, Copy)]
struct Around<'r, 'a> {
    judge: &'r RefCell<Judge<'a>>,
    depth: u8,
}

impl<'de> DeserializeSeed<'de> for Around<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        if self.depth < self.judge.borrow().shape.depth {
            return from.deserialize_any(self);
        }
        let raw = <&RawValue as serde::Deserialize>::deserialize(from)?;
        self.judge.borrow_mut().judge(raw);
        Ok(())
    }
}

impl<'de> Visitor<'de> for Around<'_, '_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<serde::de::IgnoredAny>()?.is_some() {
            let shape_depth = self.judge.borrow().shape.depth;
            if self.depth + 1 == shape_depth {
                // No array: nothing in it is an element.
                let value = map.next_value::<&RawValue>()?;
                self.judge.borrow_mut().stopped |= depth_of(value) > 15 || shape_depth == 2;
                continue;
            }
            map.next_value_seed(Self { depth: self.depth + 1, ..self })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Self { depth: self.depth + 1, ..self })?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A key as `serde_json` reads it; `plain` where no escape was in it.
struct Key<'de> {
    text: String,
    plain: Option<&'de str>,
}

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Key<'de>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key { text: text.to_owned(), plain: Some(text) })
            }

            fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key { text: text.to_owned(), plain: None })
            }
        }
        from.deserialize_str(Read)
    }
}

/// All members, doubles too.
struct Members<'de>(Vec<(Key<'de>, &'de RawValue)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Members<'de>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(Read)
    }
}

fn members(raw: &RawValue) -> Option<Vec<(Key<'_>, &RawValue)>> {
    serde_json::from_str::<Members<'_>>(raw.get()).ok().map(|members| members.0)
}

impl Judge<'_> {
    fn judge(&mut self, raw: &RawValue) {
        self.stopped |= unread(raw, 0);
        self.accepted |= !self.stopped && self.proves(raw) == Some(true);
    }

    fn proves(&self, raw: &RawValue) -> Option<bool> {
        let object = members(raw)?;
        let inner = object.iter().filter_map(|(_, value)| members(value)).map(|inner| inner.len()).sum::<usize>();
        let text = |path: &FieldPath| serde_json::from_str::<&str>(at(&object, path)?).ok();
        let balance = at(&object, &self.shape.balance)?;
        let balance = if self.shape.quoted { serde_json::from_str::<&str>(balance).ok()? } else { balance };
        let kind = self.shape.kind.as_ref().is_none_or(|(path, is)| text(path) == Some(is));
        let currency = self.shape.currency.as_ref().is_none_or(|path| text(path).map(str::as_bytes) == Some(&self.claim.currency));
        let fits = |id: &str| (1..=46).contains(&id.len()) && id.bytes().all(|b| (b' '..=b'~').contains(&b));
        let id = self.shape.id.as_ref().is_none_or(|path| text(path).is_some_and(fits));
        Some(kind && currency && id && object.len() + inner <= 48 && minor_units(balance, self.shape.form)? >= self.claim.at_least.into())
    }
}

/// The one value at a path.
fn at<'a>(object: &[(Key<'_>, &'a RawValue)], path: &FieldPath) -> Option<&'a str> {
    let one = |object: &[(Key<'_>, &'a RawValue)], key: &str| -> Option<&'a RawValue> {
        let mut values = object.iter().filter(|(found, _)| found.text == key).map(|(_, value)| *value);
        values.next().filter(|_| values.next().is_none())
    };
    let first = one(object, &path.first)?;
    let value = match &path.second {
        None => first,
        Some(second) => one(&members(first)?, second)?,
    };
    Some(value.get())
}

/// A decimal number in minor units, the rest cut.
fn minor_units(text: &str, form: Form) -> Option<u128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let point = text.contains('.');
    let good = digits(whole) && digits(fraction) && (1..=15).contains(&whole.len()) && (!point || !fraction.is_empty()) && text.len() <= 34;
    if !good || (whole.starts_with('0') && whole.len() > 1) {
        return None;
    }
    match form {
        Form::Minor if point => None,
        Form::Minor => whole.parse().ok(),
        Form::Decimal(scale) => {
            let fraction: String = fraction.chars().chain(std::iter::repeat('0')).take(scale.into()).collect();
            format!("{whole}{fraction}").parse().ok()
        }
    }
}

/// How many containers are in each other.
fn depth_of(raw: &RawValue) -> usize {
    let inner: Vec<&RawValue> = match members(raw) {
        Some(object) => object.into_iter().map(|(_, value)| value).collect(),
        None => match serde_json::from_str(raw.get()) {
            Ok(list) => list,
            Err(_) => return 0,
        },
    };
    1 + inner.into_iter().map(depth_of).max().unwrap_or(0)
}

/// What the documentation says is refused though it is JSON.
fn unread(raw: &RawValue, level: usize) -> bool {
    if let Some(object) = members(raw) {
        return level > 15
            || object.iter().any(|(key, value)| {
                let white = || {
                    // Between the key's closing quote and the colon.
                    let plain = key.plain?;
                    let start = plain.as_ptr() as usize + plain.len() + 1 - raw.get().as_ptr() as usize;
                    let before = raw.get()[start..].split(':').next()?;
                    Some(matches!(before, "" | " "))
                };
                (level <= 1 && white() != Some(true)) || unread(value, level + 1)
            });
    }
    match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
        Ok(list) => level > 15 || list.iter().any(|value| unread(value, level + 1)),
        Err(_) => false,
    }
}
