//! An intent in the target language: what the model should write for this message.

use serde_json::{Map, Value};

use super::{flattened, output, pending_fields};
use crate::canonical::carried;
use crate::entity::Kind;
use crate::error::GroundingError;
use crate::fields::{self, Field, Holds};
use crate::ground::Grounding;
use crate::intent::Intent;

/// The line that the model must write for `intent` on this message.
///
/// # Errors
/// [`GroundingError::Ungrounded`] names the first field whose value the message does not give.
pub fn encode(intent: &Intent, grounding: &Grounding) -> Result<String, GroundingError> {
    let value = serde_json::to_value(intent).map_err(|e| GroundingError::Shape { why: e.to_string() })?;
    let write = Write { grounding };
    match value.get("intent").and_then(Value::as_str) {
        Some("unclear") => write.unclear(&value),
        Some("amend") => write.amend(&value),
        Some("steps") => write.items(value.get("do").unwrap_or(&Value::Null)),
        _ => write.item(&value, None, false),
    }
}

struct Write<'a> {
    grounding: &'a Grounding,
}

fn shape(why: &str) -> GroundingError {
    GroundingError::Shape { why: why.to_owned() }
}

impl Write<'_> {
    fn unclear(&self, value: &Value) -> Result<String, GroundingError> {
        let reason = value.get("reason").and_then(Value::as_str).unwrap_or("ambiguous");
        if reason != "incomplete" {
            return Ok(format!("unclear {reason}"));
        }
        let missing: Vec<&str> =
            value.get("missing").and_then(Value::as_array).map(|m| m.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
        if missing.is_empty() {
            return Err(shape("incomplete without a missing field"));
        }
        let mut line = format!("unclear incomplete missing={}", missing.join(","));
        if let Some(partial) = value.get("partial") {
            line.push_str(&format!(" ( {} )", self.item(partial, None, true)?));
        }
        Ok(line)
    }

    fn amend(&self, value: &Value) -> Result<String, GroundingError> {
        let set = value.get("set").and_then(Value::as_object).ok_or_else(|| shape("amend without fields"))?;
        let pending = self.grounding.message.pending.as_ref();
        let fields = pending_fields(pending);
        let mut all = flattened(pending);
        all.extend(set.clone());
        let mut line = "amend".to_owned();
        let mut written = 0;
        for field in fields {
            if let Some(value) = set.get(field.key) {
                line.push_str(&self.field(field, value, &all, None)?);
                written += 1;
            }
        }
        if written != set.len() || set.is_empty() {
            return Err(shape("amend sets a field that the pending intent does not have"));
        }
        Ok(line)
    }

    fn items(&self, list: &Value) -> Result<String, GroundingError> {
        let list = list.as_array().filter(|l| !l.is_empty()).ok_or_else(|| shape("no steps"))?;
        let mut lines = Vec::new();
        let mut previous = None;
        for item in list {
            lines.push(self.item(item, previous, false)?);
            previous = Some(item);
        }
        Ok(lines.join(" ; "))
    }

    fn item(&self, value: &Value, previous: Option<&Value>, partial: bool) -> Result<String, GroundingError> {
        let map = value.as_object().ok_or_else(|| shape("an intent is an object"))?;
        let name = map.get("intent").and_then(Value::as_str).ok_or_else(|| shape("an intent has a name"))?;
        let spec = fields::intent(name).ok_or_else(|| shape(&format!("{name} can't stand inside another intent")))?;
        let mut line = name.to_owned();
        for field in spec.fields {
            if let Some(value) = map.get(field.key) {
                line.push_str(&self.field(field, value, map, previous)?);
            } else if field.required && !partial {
                return Err(shape(&format!("{name} without {}", field.key)));
            }
        }
        if let Some(unknown) = map.keys().find(|k| !matches!(k.as_str(), "intent" | "do") && spec.field(k).is_none()) {
            return Err(shape(&format!("{name} has no field {unknown}")));
        }
        if spec.nests {
            match map.get("do") {
                Some(inner) if inner.get("intent").and_then(Value::as_str) == Some("steps") => {
                    line.push_str(&format!(" do ( {} )", self.items(inner.get("do").unwrap_or(&Value::Null))?))
                }
                Some(inner) => line.push_str(&format!(" do ( {} )", self.item(inner, None, partial)?)),
                None if partial => {}
                None => return Err(shape(&format!("{name} without do"))),
            }
        }
        Ok(line)
    }

    fn field(&self, field: &Field, value: &Value, item: &Map<String, Value>, previous: Option<&Value>) -> Result<String, GroundingError> {
        let key = field.key;
        match (field.holds, value) {
            (Holds::Flag, Value::Bool(true)) => Ok(format!(" {key}")),
            (Holds::Flag, _) => Ok(String::new()),
            (Holds::Word(_, _), Value::String(s)) if key == "side" && s == "in" => Ok(String::new()),
            (Holds::Word(words, _), Value::String(s)) if words.contains(&s.as_str()) => {
                let all_of_it = key == "of" && item.get("amount").and_then(Value::as_str) == Some("max");
                Ok(if all_of_it { String::new() } else { format!(" {key}={s}") })
            }
            (Holds::Names(_), Value::Array(list)) => {
                let each: Result<Vec<String>, GroundingError> =
                    list.iter().map(|v| self.value(field, v.as_str().unwrap_or(""), item, previous)).collect();
                Ok(format!(" {key}={}", each?.join(",")))
            }
            (_, Value::String(s)) => Ok(format!(" {key}={}", self.value(field, s, item, previous)?)),
            _ => Err(shape(&format!("{key} can't hold {value}"))),
        }
    }

    fn value(&self, field: &Field, value: &str, item: &Map<String, Value>, previous: Option<&Value>) -> Result<String, GroundingError> {
        let key = field.key;
        if key == "amount" && value == "max" && item.get("of").and_then(Value::as_str) == Some("previous") {
            return Ok("it".to_owned());
        }
        let kinds = field.holds.kinds();
        let slots = || kinds.iter().flat_map(|k| self.grounding.of(*k));
        if let Some(slot) =
            slots().find(|s| s.value == value && (s.name.kind != Kind::Amount || carried(key, &s.value, item).as_deref() == Ok(value)))
        {
            return Ok(slot.name.to_string());
        }
        if let Some(slot) = slots().find(|s| s.name.kind == Kind::Amount && carried(key, &s.value, item).as_deref() == Ok(value)) {
            return Ok(slot.name.to_string());
        }
        if key == "asset" && previous.and_then(output).as_deref() == Some(value) {
            return Ok("it".to_owned());
        }
        if field.holds.takes_words()
            && let Some(words) = self.words(value)
        {
            return Ok(format!("\" {words} \""));
        }
        Err(GroundingError::Ungrounded { field: key.to_owned(), value: value.to_owned() })
    }

    /// The run of delexicalised words behind a piece of the message.
    fn words(&self, value: &str) -> Option<String> {
        let words = &self.grounding.delex;
        for start in 0..words.len() {
            for end in start + 1..=words.len() {
                let run = words.get(start..end)?;
                if run.iter().any(|w| w.text == "\"") {
                    break;
                }
                let typed = self.grounding.typed_range(start..end)?;
                if typed == value {
                    let run: Vec<&str> = run.iter().map(|w| w.text.as_str()).collect();
                    // The same words may stand elsewhere in other letters: the first such run is what would be read back.
                    return (self.grounding.typed(&run) == Some(value)).then(|| run.join(" "));
                }
                if typed.len() > value.len() {
                    break;
                }
            }
        }
        None
    }
}
