//! Invariant 8: everything in an intent occurs in what the person typed, or in what the conversation holds.

use serde_json::{Map, Value};

use crate::canonical::carried;
use crate::entity::Kind;
use crate::error::GroundingError;
use crate::fields::{self, Holds};
use crate::ground::Grounding;
use crate::intent::Intent;
use crate::target::{flattened, output, pending_fields};

/// Checks every value of an intent against the message, its pending intent and its referents. It does not look at how the
/// intent was made: it holds for an intent from anywhere.
///
/// # Errors
/// [`GroundingError::Ungrounded`] names the first value that was not given.
pub fn validate(intent: &Intent, grounding: &Grounding) -> Result<(), GroundingError> {
    let value = serde_json::to_value(intent).map_err(|e| GroundingError::Shape { why: e.to_string() })?;
    Check { grounding }.value(&value, None)
}

struct Check<'a> {
    grounding: &'a Grounding,
}

impl Check<'_> {
    fn value(&self, value: &Value, previous: Option<&Value>) -> Result<(), GroundingError> {
        let Some(map) = value.as_object() else {
            return Err(GroundingError::Shape { why: "an intent is an object".to_owned() });
        };
        match map.get("intent").and_then(Value::as_str) {
            Some("steps") => self.list(map.get("do")),
            Some("unclear") => map.get("partial").map_or(Ok(()), |p| self.value(p, None)),
            Some("amend") => {
                let set = map.get("set").and_then(Value::as_object).cloned().unwrap_or_default();
                let pending = self.grounding.message.pending.as_ref();
                let mut all = flattened(pending);
                all.extend(set.clone());
                for field in pending_fields(pending) {
                    if let Some(value) = set.get(field.key) {
                        self.field(field.key, field.holds, value, &all, None)?;
                    }
                }
                match set.keys().find(|k| !pending_fields(pending).iter().any(|f| f.key == k.as_str())) {
                    Some(key) => Err(GroundingError::Shape { why: format!("the pending intent has no {key}") }),
                    None => Ok(()),
                }
            }
            Some(name) => {
                let spec = fields::intent(name).ok_or_else(|| GroundingError::Shape { why: format!("unknown intent {name}") })?;
                for field in spec.fields {
                    if let Some(value) = map.get(field.key) {
                        self.field(field.key, field.holds, value, map, previous)?;
                    }
                }
                match map.get("do") {
                    Some(inner) => self.value(inner, None),
                    None => Ok(()),
                }
            }
            None => Err(GroundingError::Shape { why: "an intent has a name".to_owned() }),
        }
    }

    fn list(&self, list: Option<&Value>) -> Result<(), GroundingError> {
        let mut previous = None;
        for item in list.and_then(Value::as_array).into_iter().flatten() {
            self.value(item, previous)?;
            previous = Some(item);
        }
        Ok(())
    }

    fn field(
        &self,
        key: &str,
        holds: Holds,
        value: &Value,
        item: &Map<String, Value>,
        previous: Option<&Value>,
    ) -> Result<(), GroundingError> {
        match value {
            Value::Array(list) => list.iter().try_for_each(|v| self.field(key, holds, v, item, previous)),
            Value::String(text) if self.occurs(key, holds, text, item, previous) => Ok(()),
            Value::Bool(_) if matches!(holds, Holds::Flag) => Ok(()),
            other => Err(GroundingError::Ungrounded {
                field: key.to_owned(),
                value: other.as_str().map_or_else(|| other.to_string(), str::to_owned),
            }),
        }
    }

    fn occurs(&self, key: &str, holds: Holds, text: &str, item: &Map<String, Value>, previous: Option<&Value>) -> bool {
        match holds {
            Holds::Flag => return false,
            Holds::Word(words, _) if words.contains(&text) || key == "side" && text == "in" => {
                return true;
            }
            _ => {}
        }
        let kinds = holds.kinds();
        let said = kinds.iter().flat_map(|k| self.grounding.of(*k)).any(|s| match s.name.kind {
            Kind::Amount => carried(key, &s.value, item).as_deref() == Ok(text),
            Kind::Address | Kind::Url | Kind::Hash => {
                s.value == text && (self.grounding.message.text.contains(text) || s.mentions.iter().any(|m| m.span.is_empty()))
            }
            _ => s.value == text,
        });
        let all_of_it = key == "amount" && text == "max" && item.get("of").and_then(Value::as_str) == Some("previous");
        let given_before = key == "asset" && previous.and_then(output).as_deref() == Some(text);
        said || all_of_it || given_before || holds.takes_words() && self.typed_words(text) || self.pending(key, text)
    }

    /// Whole words of the message.
    fn typed_words(&self, text: &str) -> bool {
        let message = self.grounding.message.text.as_str();
        !text.trim().is_empty()
            && message.match_indices(text).any(|(at, _)| {
                let starts = self.grounding.words.iter().any(|w| w.span.start == at);
                let ends = self.grounding.words.iter().any(|w| w.span.end == at + text.len());
                starts && ends
            })
    }

    /// The same field of the pending intent holds it.
    fn pending(&self, key: &str, text: &str) -> bool {
        fn holds(value: &Value, key: &str, text: &str) -> bool {
            match value {
                Value::Object(map) => map.iter().any(|(k, v)| {
                    k == key && (v.as_str() == Some(text) || v.as_array().is_some_and(|a| a.iter().any(|x| x.as_str() == Some(text))))
                        || (v.is_object() || v.is_array()) && holds(v, key, text)
                }),
                Value::Array(list) => list.iter().any(|v| holds(v, key, text)),
                _ => false,
            }
        }
        self.grounding.message.pending.as_ref().is_some_and(|p| holds(p, key, text))
    }
}
