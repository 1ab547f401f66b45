//! A GBNF grammar for one message: only the slots that it has, only the intents that they can fill.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::entity::Kind;
use crate::fields::{self, Field, Holds, IntentSpec};
use crate::ground::Grounding;
use crate::target::pending_fields;

/// Words of a message that a span may use; longer messages are cut for the grammar only.
const MAX_SPAN_WORDS: usize = 80;

/// The grammar of [`crate::decode`]'s language for this message; its start symbol is `root`.
pub fn grammar(grounding: &Grounding) -> String {
    Rules { grounding, values: BTreeMap::new() }.write()
}

struct Rules<'a> {
    grounding: &'a Grounding,
    /// Rules for kinds of values, by name.
    values: BTreeMap<String, String>,
}

impl Rules<'_> {
    fn write(mut self) -> String {
        let mut rules = String::new();
        let (mut simple, mut nesting, mut partial) = (Vec::new(), Vec::new(), Vec::new());
        let pending = self.grounding.message.pending.is_some();
        for spec in fields::INTENTS.iter().filter(|s| pending || s.name != "confirm") {
            let name = spec.name.replace('_', "-");
            if let Some(body) = self.intent(spec) {
                let _ = writeln!(rules, "{name} ::= {body}");
                if spec.nests { nesting.push(name.clone()) } else { simple.push(name.clone()) }
            }
            if !spec.fields.is_empty() {
                let body = self.partial(spec);
                let _ = writeln!(rules, "p-{name} ::= {body}");
                partial.push(format!("p-{name}"));
            }
        }
        let mut keys: Vec<&str> = fields::INTENTS
            .iter()
            .flat_map(|i| i.fields)
            .filter(|f| !matches!(f.key, "of" | "split" | "side" | "kind" | "per" | "slippage"))
            .map(|f| f.key)
            .collect();
        keys.push("do");
        keys.sort_unstable();
        keys.dedup();
        let keys: Vec<String> = keys.into_iter().map(|k| format!("\"{k}\"")).collect();
        let mut root = "items | unclear".to_owned();
        if pending {
            let amend: String = pending_fields(self.grounding.message.pending.as_ref())
                .into_iter()
                .filter_map(|f| self.field(None, f))
                .map(|f| format!(" ({f})?"))
                .collect();
            if !amend.is_empty() {
                let _ = writeln!(rules, "amend ::= \"amend\"{amend}");
                root.push_str(" | amend");
            }
        }
        let mut item = vec!["simple".to_owned()];
        item.extend(nesting);
        let mut out =
            format!("root ::= {root}\nitems ::= item (\" ; \" item)*\nitem ::= {}\nsimple ::= {}\n", item.join(" | "), simple.join(" | "));
        let _ = writeln!(
            out,
            "unclear ::= \"unclear \" (\"ambiguous\" | \"out_of_scope\" | \"unsafe\" | \"incomplete missing=\" key (\",\" key)* (\" ( \" partial \" )\")?)"
        );
        let _ = writeln!(out, "key ::= {}", keys.join(" | "));
        let _ = writeln!(out, "partial ::= {}", partial.join(" | "));
        out.push_str(&rules);
        for (name, body) in &self.values {
            let _ = writeln!(out, "{name} ::= {body}");
        }
        out
    }

    /// A whole intent, where this message can fill what it requires.
    fn intent(&mut self, spec: &IntentSpec) -> Option<String> {
        let mut body = format!("\"{}\"", spec.name);
        for field in spec.fields {
            match self.field(Some(spec), field) {
                Some(text) if field.required => body.push_str(&format!(" {text}")),
                Some(text) => body.push_str(&format!(" ({text})?")),
                None if field.required => return None,
                None => {}
            }
        }
        // One of two at least.
        match spec.name {
            "swap" => {
                let from = self.field(Some(spec), spec.field("from")?)?;
                let to = self.field(Some(spec), spec.field("to")?)?;
                let rest: String =
                    spec.fields.iter().skip(2).filter_map(|f| self.field(Some(spec), f)).map(|f| format!(" ({f})?")).collect();
                body = format!("\"swap\" ({from} ({to})? | {to}){rest}");
            }
            "agent_hire" => {
                let agent = self.field(Some(spec), spec.field("agent")?)?;
                let task = self.field(Some(spec), spec.field("task")?)?;
                let max = self.field(Some(spec), spec.field("max")?).map(|m| format!(" ({m})?")).unwrap_or_default();
                body = format!("\"agent_hire\" ({agent} ({task})? | {task}){max}");
            }
            "when" => {
                let asset = self.field(Some(spec), spec.field("asset")?)?;
                let below = self.field(Some(spec), spec.field("below")?)?;
                let above = self.field(Some(spec), spec.field("above")?)?;
                body = format!("\"when\" {asset} ({below} | {above})");
            }
            _ => {}
        }
        if spec.nests {
            body.push_str(" \" do ( \" simple (\" ; \" simple)* \" )\"");
        }
        Some(body)
    }

    fn partial(&mut self, spec: &IntentSpec) -> String {
        let mut body = format!("\"{}\"", spec.name);
        for field in spec.fields.iter().filter(|f| !is_reference(f)) {
            if let Some(text) = self.field(Some(spec), field) {
                body.push_str(&format!(" ({text})?"));
            }
        }
        if spec.nests {
            body.push_str(" (\" do ( \" partial \" )\")?");
        }
        body
    }

    /// `" key=" value`, where there is a value.
    fn field(&mut self, spec: Option<&IntentSpec>, field: &Field) -> Option<String> {
        let key = field.key;
        let follows = spec.is_some_and(|s| s.field("of").is_some_and(is_reference)) && matches!(key, "amount" | "asset");
        match field.holds {
            Holds::Flag => Some(format!("\" {key}\"")),
            Holds::Word(words, kinds) => {
                let mut options: Vec<String> = words.iter().map(|w| format!("\"{w}\"")).collect();
                options.extend(self.slots(kinds));
                Some(format!("\" {key}=\" ({})", options.join(" | ")))
            }
            Holds::Slot(kinds) => {
                let mut options = self.slots(kinds);
                if follows {
                    options.push("\"it\"".to_owned());
                }
                let only_it = options.len() == 1 && follows;
                // "it" needs a step before, and that needs something to move.
                if options.is_empty()
                    || only_it && self.grounding.of(Kind::Token).next().is_none() && self.grounding.of(Kind::Amount).next().is_none()
                {
                    return None;
                }
                let name = format!("v-{}{}", letters(kinds), if follows { "-it" } else { "" });
                self.values.insert(name.clone(), options.join(" | "));
                Some(format!("\" {key}=\" {name}"))
            }
            Holds::Name(kinds) | Holds::Names(kinds) => {
                let mut options = self.slots(kinds);
                if self.span() {
                    options.push("span".to_owned());
                }
                if options.is_empty() {
                    return None;
                }
                let name = format!("n-{}", letters(kinds));
                self.values.insert(name.clone(), options.join(" | "));
                let more = if matches!(field.holds, Holds::Names(_)) { format!(" (\",\" {name})*") } else { String::new() };
                Some(format!("\" {key}=\" {name}{more}"))
            }
        }
    }

    fn slots(&self, kinds: &[Kind]) -> Vec<String> {
        kinds.iter().flat_map(|k| self.grounding.of(*k)).map(|s| format!("\"{}\"", s.name)).collect()
    }

    /// Rules for contiguous words of the message; says whether there are any.
    fn span(&mut self) -> bool {
        if self.values.contains_key("span") {
            return true;
        }
        let words: Vec<&str> = self.grounding.delex.iter().take(MAX_SPAN_WORDS).map(|w| w.text.as_str()).collect();
        let usable = |i: usize| words.get(i).is_some_and(|w| *w != "\"");
        let starts: Vec<String> = (0..words.len()).filter(|&i| usable(i)).map(|i| format!("w{i}")).collect();
        if starts.is_empty() {
            return false;
        }
        for i in (0..words.len()).filter(|&i| usable(i)) {
            let next = if usable(i + 1) { format!(" (w{})?", i + 1) } else { String::new() };
            self.values.insert(format!("w{i}"), format!("\"{} \"{next}", escape(words[i])));
        }
        self.values.insert("span".to_owned(), format!("\"\\\" \" ({}) \"\\\"\"", starts.join(" | ")));
        true
    }
}

/// `of=previous`, not the `of` of `spending`.
fn is_reference(field: &Field) -> bool {
    field.key == "of" && matches!(field.holds, Holds::Word(["previous"], _))
}

fn letters(kinds: &[Kind]) -> String {
    kinds.iter().map(|k| k.letter().to_ascii_lowercase()).collect()
}

fn escape(word: &str) -> String {
    word.chars()
        .map(|c| match c {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' | '\r' | '\t' => " ".to_owned(),
            c => c.to_string(),
        })
        .collect()
}
