//! A message becomes slots and the delexicalised text that the model reads.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::entities::party::Fit;
use crate::entities::{Scene, amount, chain, clock, hex, party, period, quote, recurrence, reference, token};
use crate::entity::{Derivation, Found, Grounded, Kind, MAX_SLOTS, Slot, SlotName};
use crate::script::{self, Deception};
use crate::text::{self, Shape, Word};

/// What came in: the text, and what the conversation knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// As typed.
    pub text: String,
    /// Names of the address book.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Names of known lenders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lenders: Vec<String>,
    /// The intent that waits for an answer, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Value>,
    /// What was spoken of last, latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub referents: Vec<Referent>,
}

impl Message {
    /// A message without any context.
    pub fn of(text: impl Into<String>) -> Message {
        Message { text: text.into(), ..Message::default() }
    }
}

/// Something that "it", "him" or "the same" may mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referent {
    /// Which field it came from: `asset`, `amount`, `to`, `chain`, `spender`.
    pub field: String,
    /// Its value there.
    pub value: String,
}

/// What the recognisers noticed beside entities. Vetoes and questions are made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Hidden, reordering or look-alike characters.
    pub deceptions: Vec<Deception>,
    /// Typed names that fit several contacts, or a part of one.
    pub doubtful_names: Vec<Fit>,
    /// Addresses whose capital letters betray a typing error (EIP-55).
    pub bad_checksums: Vec<Range<usize>>,
    /// Numbers that two conventions read differently.
    pub two_ways: Vec<Range<usize>>,
    /// The text is longer than is read, or names more things than there are slots.
    pub too_much: bool,
}

/// One word of the delexicalised text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelexWord {
    /// A folded word or a slot.
    pub text: String,
    /// Byte offsets in the message.
    pub span: Range<usize>,
    /// The slot, where it is one.
    pub slot: Option<SlotName>,
}

/// A message with everything that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grounding {
    /// The message.
    pub message: Message,
    /// Its words.
    pub words: Vec<Word>,
    /// The entities.
    pub slots: Vec<Slot>,
    /// The text as the model reads it, word by word.
    pub delex: Vec<DelexWord>,
    /// What else was noticed.
    pub findings: Findings,
}

/// Reads a message. Never fails: what can't be read is a finding.
pub fn ground(message: &Message) -> Grounding {
    let (readable, whole) = readable(&message.text);
    let (words, all) = text::words(readable);
    let contacts: Vec<String> = message.contacts.iter().map(|c| text::fold(c)).collect();
    let deceptions = script::deceptions(readable, &words, |name| token::known(name).is_some() || contacts.iter().any(|c| c == name));
    let mut scene = Scene::new(readable, &words);
    hex::find(&mut scene);
    reference::find(&mut scene);
    period::find(&mut scene);
    recurrence::find(&mut scene);
    let doubtful_names = party::find_contacts(&mut scene, &message.contacts);
    party::find_lenders(&mut scene, &message.lenders);
    clock::find(&mut scene);
    chain::find(&mut scene, asks_for_a_place(message.pending.as_ref()));
    token::find_foreign(&mut scene);
    party::find_protocols(&mut scene);
    let two_ways = amount::find(&mut scene);
    token::find_known(&mut scene);
    token::find_tickers(&mut scene);
    quote::find(&mut scene);
    let mut found = scene.found;
    found.sort_by_key(|f| f.words.start);
    let span_of = |range: &Range<usize>| match (words.get(range.start), range.end.checked_sub(1).and_then(|e| words.get(e))) {
        (Some(first), Some(last)) => first.span.start..last.span.end,
        _ => 0..0,
    };
    let bad_checksums = found
        .iter()
        .filter(|f| f.kind == Kind::Address && hex::Hex::of(&f.value) == hex::Hex::BadChecksum)
        .map(|f| span_of(&f.words))
        .collect();
    let two_ways = two_ways.into_iter().map(|i| span_of(&(i..i + 1))).collect();
    let mut slots = Slots::default();
    let delex = delexicalise(readable, &words, &found, &mut slots);
    let refers = message.pending.is_none() && words.iter().any(|w| w.any(REFERRING));
    for referent in message.referents.iter().filter(|_| refers) {
        slots.refer(referent);
    }
    let findings = Findings { deceptions, doubtful_names, bad_checksums, two_ways, too_much: !whole || !all || slots.overflow };
    Grounding { message: message.clone(), words, slots: slots.slots, delex, findings }
}

/// Words that point back. Few on purpose: every value that is offered can also be misread into a message that does not mean
/// it ("never let more than $200 leave" speaks of nobody). What is pending speaks for itself.
const REFERRING: &[&str] = &[
    "it", "him", "her", "them", "same", "again", "that", "he", "she", "they", "there", "another", "lui", "ihm", "ihr", "usko", "他", "她",
    "它",
];

/// The pending intent is a bridge or a change of chain, or waits for a chain.
fn asks_for_a_place(pending: Option<&Value>) -> bool {
    let Some(pending) = pending else { return false };
    let name = |v: &Value| v.get("intent").and_then(Value::as_str).is_some_and(|i| matches!(i, "bridge" | "chain_switch"));
    let waits =
        pending.get("missing").and_then(Value::as_array).is_some_and(|m| m.iter().filter_map(Value::as_str).any(|f| f.ends_with("chain")));
    name(pending) || pending.get("partial").is_some_and(name) || waits
}

fn readable(text: &str) -> (&str, bool) {
    if text.len() <= text::MAX_TEXT {
        return (text, true);
    }
    let mut end = text::MAX_TEXT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (&text[..end], false)
}

#[derive(Default)]
struct Slots {
    slots: Vec<Slot>,
    overflow: bool,
}

impl Slots {
    fn name(&mut self, kind: Kind, value: &str) -> Option<&mut Slot> {
        if let Some(i) = self.slots.iter().position(|s| s.name.kind == kind && s.value == value) {
            return self.slots.get_mut(i);
        }
        let taken = self.slots.iter().filter(|s| s.name.kind == kind).count();
        let number = u8::try_from(taken + 1).ok().filter(|n| *n <= MAX_SLOTS);
        let Some(number) = number else {
            self.overflow = true;
            return None;
        };
        self.slots.push(Slot { name: SlotName { kind, number }, value: value.to_owned(), mentions: Vec::new() });
        self.slots.last_mut()
    }

    fn mention(&mut self, found: &Found, span: Range<usize>) -> Option<SlotName> {
        let slot = self.name(found.kind, &found.value)?;
        slot.mentions.push(Grounded { value: found.value.clone(), span, how: found.how });
        Some(slot.name)
    }

    fn refer(&mut self, referent: &Referent) {
        let value = referent.value.as_str();
        let address = value.starts_with("0x");
        let kind = match referent.field.as_str() {
            "amount" => Kind::Amount,
            "asset" | "from" if address => Kind::Address,
            "asset" | "from" => Kind::Token,
            "to" | "with" | "spender" if address => Kind::Address,
            "to" | "with" if value.ends_with(".eth") => Kind::Ens,
            "to" | "with" => Kind::Contact,
            "spender" => Kind::Protocol,
            "chain" | "to_chain" | "from_chain" => Kind::Chain,
            "url" => Kind::Url,
            "tx" => Kind::Hash,
            _ => return,
        };
        if let Some(slot) = self.name(kind, value)
            && slot.mentions.is_empty()
        {
            slot.mentions.push(Grounded { value: value.to_owned(), span: 0..0, how: Derivation::Referent });
        }
    }
}

fn delexicalise(text: &str, words: &[Word], found: &[Found], slots: &mut Slots) -> Vec<DelexWord> {
    let mut delex = Vec::with_capacity(words.len());
    let mut i = 0;
    while let Some(word) = words.get(i) {
        let here = found.iter().find(|f| f.words.start == i && !f.words.is_empty());
        let last = here.and_then(|f| words.get(f.words.end - 1));
        if let (Some(f), Some(last)) = (here, last) {
            let span = word.span.start..last.span.end;
            if let Some(name) = slots.mention(f, span.clone()) {
                delex.push(DelexWord { text: name.to_string(), span, slot: Some(name) });
                i = f.words.end;
                continue;
            }
        }
        // Digits that are no amount are still the person's: they stay, as one word each.
        let folded = if word.shape == Shape::Number { text[word.span.clone()].to_owned() } else { word.folded.clone() };
        if !folded.trim().is_empty() {
            delex.push(DelexWord { text: folded.split_whitespace().collect::<Vec<_>>().join("_"), span: word.span.clone(), slot: None });
        }
        i += 1;
    }
    delex
}

impl Grounding {
    /// The delexicalised text.
    pub fn delexicalised(&self) -> String {
        self.delex.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// What the model is asked to complete: context, delexicalised text, newline.
    pub fn prompt(&self) -> String {
        let mut prompt = String::new();
        if let Some(pending) = self.message.pending.as_ref().and_then(Value::as_object) {
            let text = |v: Option<&Value>| v.and_then(Value::as_str).unwrap_or("").to_owned();
            let mut parts = vec![text(pending.get("intent"))];
            let keys = |parts: &mut Vec<String>, map: &serde_json::Map<String, Value>| {
                parts.extend(map.keys().filter(|k| !matches!(k.as_str(), "intent" | "reason" | "missing" | "partial")).cloned());
            };
            keys(&mut parts, pending);
            if let Some(partial) = pending.get("partial").and_then(Value::as_object) {
                parts.push(text(partial.get("intent")));
                keys(&mut parts, partial);
            }
            if let Some(missing) = pending.get("missing").and_then(Value::as_array) {
                parts.push("?".to_owned());
                parts.extend(missing.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            parts.retain(|p| !p.is_empty() && p.len() <= 24 && p.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '?')));
            parts.truncate(16);
            prompt.push_str(&format!("[{}] ", parts.join(" ")));
        }
        let referred: Vec<String> =
            self.slots.iter().filter(|s| s.mentions.iter().all(|m| m.how == Derivation::Referent)).map(|s| s.name.to_string()).collect();
        if !referred.is_empty() {
            prompt.push_str(&format!("[last {}] ", referred.join(" ")));
        }
        prompt.push_str(&self.marked());
        prompt.push('\n');
        prompt
    }

    /// The delexicalised text with a mark before each amount that is no plain number: `$`, `%` or `max`.
    fn marked(&self) -> String {
        let mark = |value: &str| match value.chars().next_back() {
            Some('%') => "% ",
            _ if value == "max" => "max ",
            _ if value.starts_with(|c: char| c.is_ascii_digit()) => "",
            _ => "$ ",
        };
        let amount = |name: SlotName| self.slot(name).filter(|s| s.name.kind == Kind::Amount);
        let marked: Vec<String> =
            self.delex.iter().map(|w| format!("{}{}", w.slot.and_then(amount).map_or("", |s| mark(&s.value)), w.text)).collect();
        marked.join(" ")
    }

    /// The slot of that name.
    pub fn slot(&self, name: SlotName) -> Option<&Slot> {
        self.slots.iter().find(|s| s.name == name)
    }

    /// The slots of one kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(move |s| s.name.kind == kind)
    }

    /// The words of the message behind a run of delexicalised words; `None` where that run does not occur.
    pub fn typed(&self, run: &[&str]) -> Option<&str> {
        let n = run.len();
        let start = (0..self.delex.len())
            .find(|&i| n > 0 && self.delex.get(i..i + n).is_some_and(|w| w.iter().zip(run).all(|(w, r)| w.text == *r)))?;
        self.typed_range(start..start + n)
    }

    pub(crate) fn typed_range(&self, range: Range<usize>) -> Option<&str> {
        let words = self.delex.get(range)?;
        self.message.text.get(words.first()?.span.start..words.last()?.span.end)
    }
}
