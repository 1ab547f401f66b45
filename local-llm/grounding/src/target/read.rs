//! What the model wrote, read back into an intent. The text is untrusted: everything is bounded and checked.

use serde_json::{Map, Value, json};

use super::{flattened, output, pending_fields};
use crate::canonical::carried;
use crate::entity::{Kind, SlotName};
use crate::error::GroundingError;
use crate::fields::{self, Field, Holds, IntentSpec};
use crate::ground::Grounding;
use crate::intent::Intent;

/// Longest line that is read.
const MAX_LINE: usize = 2048;
/// Most steps.
const MAX_STEPS: usize = 8;

/// Reads a line of the target language in terms of this message.
///
/// # Errors
/// Says where the line leaves the language, which slot the message does not have, or which amount a field can't carry.
pub fn decode(line: &str, grounding: &Grounding) -> Result<Intent, GroundingError> {
    let mut read = Read { rest: line.trim_end(), grounding };
    if line.len() > MAX_LINE {
        return Err(read.expected("a shorter line"));
    }
    let value = if read.eat("unclear ") {
        read.unclear()?
    } else if read.rest == "amend" || read.rest.starts_with("amend ") {
        read.rest = &read.rest["amend".len()..];
        read.amend()?
    } else {
        let items = read.items(0)?;
        together(items)
    };
    if !read.rest.is_empty() {
        return Err(read.expected("the end"));
    }
    serde_json::from_value(value).map_err(|e| GroundingError::Shape { why: e.to_string() })
}

fn together(mut items: Vec<Value>) -> Value {
    if items.len() == 1 { items.remove(0) } else { json!({"intent": "steps", "do": items}) }
}

struct Read<'a> {
    rest: &'a str,
    grounding: &'a Grounding,
}

impl<'a> Read<'a> {
    fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expected(&self, what: &str) -> GroundingError {
        GroundingError::Syntax { expected: what.to_owned(), at: self.rest.chars().take(40).collect() }
    }

    fn word(&mut self) -> &'a str {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn unclear(&mut self) -> Result<Value, GroundingError> {
        let reason = self.word();
        match reason {
            "ambiguous" | "out_of_scope" | "unsafe" => Ok(json!({"intent": "unclear", "reason": reason})),
            "incomplete" => {
                if !self.eat(" missing=") {
                    return Err(self.expected("missing="));
                }
                let mut missing = vec![self.word()];
                while self.eat(",") && missing.len() < 8 {
                    missing.push(self.word());
                }
                if missing.iter().any(|m| *m != "do" && !fields::INTENTS.iter().any(|i| i.field(m).is_some())) {
                    return Err(self.expected("names of fields"));
                }
                let mut value = json!({"intent": "unclear", "reason": "incomplete", "missing": missing});
                if self.eat(" ( ") {
                    let partial = self.item(None, 0, true)?;
                    if !self.eat(" )") {
                        return Err(self.expected(" )"));
                    }
                    value["partial"] = partial;
                }
                Ok(value)
            }
            _ => Err(self.expected("a reason")),
        }
    }

    fn amend(&mut self) -> Result<Value, GroundingError> {
        let pending = self.grounding.message.pending.as_ref();
        let fields = pending_fields(pending);
        let set = self.fields(&fields, None)?;
        if set.is_empty() {
            return Err(self.expected("a field to change"));
        }
        let mut all = flattened(pending);
        all.extend(set.clone());
        let set = self.settle(set, &all)?;
        Ok(json!({"intent": "amend", "set": set}))
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Value>, GroundingError> {
        let mut items: Vec<Value> = Vec::new();
        loop {
            let item = self.item(items.last(), depth, false)?;
            items.push(item);
            if items.len() > MAX_STEPS {
                return Err(self.expected("fewer steps"));
            }
            if !self.eat(" ; ") {
                return Ok(items);
            }
        }
    }

    fn item(&mut self, previous: Option<&Value>, depth: usize, partial: bool) -> Result<Value, GroundingError> {
        let before = self.rest;
        let name = self.word();
        let Some(spec) = fields::intent(name).filter(|s| depth == 0 || !s.nests) else {
            self.rest = before;
            return Err(self.expected("an intent"));
        };
        let fields: Vec<&'static Field> = spec.fields.iter().collect();
        let mut item = self.fields(&fields, previous)?;
        item.insert("intent".to_owned(), Value::String(name.to_owned()));
        let mut item = self.settle(item.clone(), &item)?;
        if spec.nests {
            if self.eat(" do ( ") {
                let inner = if partial { self.item(None, depth + 1, true)? } else { together(self.items(depth + 1)?) };
                if !self.eat(" )") {
                    return Err(self.expected(" )"));
                }
                item.insert("do".to_owned(), inner);
            } else if !partial {
                return Err(self.expected(" do ( "));
            }
        }
        if !partial {
            self.complete(spec, &item)?;
        }
        Ok(Value::Object(item))
    }

    fn complete(&self, spec: &IntentSpec, item: &Map<String, Value>) -> Result<(), GroundingError> {
        let has = |key: &str| item.contains_key(key);
        let either = match spec.name {
            "swap" => has("from") || has("to"),
            "agent_hire" => has("agent") || has("task"),
            "when" => has("below") != has("above"),
            _ => true,
        };
        match spec.fields.iter().find(|f| f.required && !has(f.key)) {
            Some(field) => Err(GroundingError::Shape { why: format!("{} without {}", spec.name, field.key) }),
            None if !either => Err(GroundingError::Shape { why: format!("{} with too few or contradicting fields", spec.name) }),
            None => Ok(()),
        }
    }

    /// Fields in the table's order, amounts still as their slots hold them.
    fn fields(&mut self, fields: &[&'static Field], previous: Option<&Value>) -> Result<Map<String, Value>, GroundingError> {
        let mut map = Map::new();
        for field in fields {
            let key = field.key;
            if let Holds::Flag = field.holds {
                let after = self.rest.strip_prefix(' ').and_then(|r| r.strip_prefix(key));
                if let Some(rest) = after.filter(|r| r.is_empty() || r.starts_with(' ')) {
                    self.rest = rest;
                    map.insert(key.to_owned(), Value::Bool(true));
                }
                continue;
            }
            if !self.eat(&format!(" {key}=")) {
                continue;
            }
            if key == "amount" && self.eat("it") {
                map.insert("amount".to_owned(), json!("max"));
                map.insert("of".to_owned(), json!("previous"));
                continue;
            }
            if key == "of" && map.contains_key("of") {
                return Err(self.expected("of only once"));
            }
            let first = self.value(field, previous)?;
            let mut several = vec![first];
            while matches!(field.holds, Holds::Names(_)) && self.eat(",") {
                let next = self.value(field, previous)?;
                several.push(next);
                if several.len() > 16 {
                    return Err(self.expected("fewer recipients"));
                }
            }
            let value = if several.len() == 1 { several.remove(0) } else { Value::Array(several) };
            map.insert(key.to_owned(), value);
        }
        Ok(map)
    }

    /// Amounts as their fields carry them.
    fn settle(&self, item: Map<String, Value>, all: &Map<String, Value>) -> Result<Map<String, Value>, GroundingError> {
        let mut settled = Map::new();
        // The name first, then the fields: the order in which an intent is shown.
        if let Some(name) = item.get("intent") {
            settled.insert("intent".to_owned(), name.clone());
        }
        for (key, value) in item {
            let is_amount = matches!(key.as_str(), "amount" | "slippage" | "over" | "max" | "at_least" | "below" | "above");
            let value = match &value {
                Value::String(raw) if is_amount => Value::String(carried(&key, raw, all)?),
                _ => value,
            };
            settled.insert(key, value);
        }
        Ok(settled)
    }

    fn value(&mut self, field: &Field, previous: Option<&Value>) -> Result<Value, GroundingError> {
        let key = field.key;
        if self.rest.starts_with('<') {
            let end = self.rest.find('>').ok_or_else(|| self.expected("a slot"))?;
            let (written, rest) = self.rest.split_at(end + 1);
            let wrong = || GroundingError::Slot { slot: written.to_owned(), field: key.to_owned() };
            let name = SlotName::parse(written).ok_or_else(wrong)?;
            let slot = self.grounding.slot(name).filter(|s| field.holds.kinds().contains(&s.name.kind)).ok_or_else(wrong)?;
            self.rest = rest;
            return Ok(Value::String(slot.value.clone()));
        }
        if field.holds.takes_words() && self.eat("\" ") {
            let end = self.rest.find(" \"").ok_or_else(|| self.expected("the end of the words"))?;
            let (run, rest) = self.rest.split_at(end);
            self.rest = &rest[2..];
            let run: Vec<&str> = run.split(' ').collect();
            let typed =
                self.grounding.typed(&run).ok_or_else(|| GroundingError::Ungrounded { field: key.to_owned(), value: run.join(" ") })?;
            return Ok(Value::String(typed.to_owned()));
        }
        let word = self.word();
        if let Holds::Word(words, _) = field.holds
            && words.contains(&word)
        {
            return Ok(Value::String(word.to_owned()));
        }
        if word == "it" && key == "asset" && field.holds.kinds().contains(&Kind::Token) {
            let asset =
                previous.and_then(output).ok_or_else(|| GroundingError::Ungrounded { field: key.to_owned(), value: "it".to_owned() })?;
            return Ok(Value::String(asset));
        }
        Err(self.expected("a value"))
    }
}
