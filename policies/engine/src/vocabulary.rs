//! The words of the schema with what its comments say of them: for completion in an editor.

use std::collections::BTreeMap;

use crate::schema::{Action, GROUPS, SCHEMA};

/// How deep records of records are followed.
const DEPTH: usize = 4;

/// A word that rules can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaWord {
    /// As it is written: `context.spent.day`, `Action::"send"`, `Symbol::`.
    pub word: String,
    /// What it is.
    pub kind: SchemaKind,
    /// Its Cedar type.
    pub type_: String,
    /// What the schema's comment says of it.
    pub info: String,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaKind {
    /// Something of `context`.
    Attribute,
    /// An action or a group of them.
    Action,
    /// A type of entity.
    Entity,
}

struct Field {
    name: String,
    type_: String,
    info: String,
}

/// Every attribute of the context, every action and group, every type of entity.
#[must_use]
pub fn schema_words() -> Vec<SchemaWord> {
    let mut words = Vec::new();
    let records = records();
    attributes("context", "Facts", &records, 0, &mut words);
    words.extend(Action::ALL.iter().map(|action| SchemaWord {
        word: format!("Action::\"{}\"", action.name()),
        kind: SchemaKind::Action,
        type_: String::new(),
        info: format!("For {}.", action.words()),
    }));
    words.extend(GROUPS.iter().map(|(name, about)| SchemaWord {
        word: format!("Action::\"{name}\""),
        kind: SchemaKind::Action,
        type_: "group".into(),
        info: format!("For {about}: `action in Action::\"{name}\"`."),
    }));
    words.extend(entities());
    words
}

fn attributes(path: &str, record: &str, records: &BTreeMap<String, Vec<Field>>, depth: usize, words: &mut Vec<SchemaWord>) {
    if depth > DEPTH {
        return;
    }
    for field in records.get(record).into_iter().flatten() {
        let word = format!("{path}.{}", field.name);
        if records.contains_key(&field.type_) {
            attributes(&word, &field.type_, records, depth + 1, words);
        }
        words.push(SchemaWord { word, kind: SchemaKind::Attribute, type_: field.type_.clone(), info: field.info.clone() });
    }
}

/// `type NAME = { ... };` → its fields, each with the comment above it or behind it.
fn records() -> BTreeMap<String, Vec<Field>> {
    let mut records = BTreeMap::new();
    let mut name: Option<String> = None;
    let mut fields = Vec::new();
    let mut comment = String::new();
    for line in SCHEMA.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("type ") {
            name = rest.split_whitespace().next().map(str::to_owned);
            comment.clear();
        } else if line.starts_with("};") {
            if let Some(name) = name.take() {
                records.insert(name, std::mem::take(&mut fields));
            }
        } else if name.is_some() {
            if let Some(said) = line.strip_prefix("//") {
                comment = joined(&comment, said);
            } else if line.is_empty() {
                comment.clear();
            } else if let Some((field, rest)) = line.split_once(':') {
                let (type_, behind) = rest.split_once("//").unwrap_or((rest, ""));
                let info = joined(&comment, behind);
                let name = field.trim().trim_end_matches('?').to_owned();
                fields.push(Field { name, type_: type_.trim().trim_end_matches(',').to_owned(), info });
            }
        }
    }
    records
}

fn entities() -> Vec<SchemaWord> {
    let mut words = Vec::new();
    let mut comment = String::new();
    for line in SCHEMA.lines() {
        if let Some(said) = line.strip_prefix("//") {
            comment = joined(&comment, said);
        } else if let Some(rest) = line.strip_prefix("entity ") {
            let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
            words.push(SchemaWord {
                word: format!("{name}::"),
                kind: SchemaKind::Entity,
                type_: "entity".into(),
                info: std::mem::take(&mut comment),
            });
        } else {
            comment.clear();
        }
    }
    words
}

fn joined(before: &str, said: &str) -> String {
    format!("{before} {}", said.trim()).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_context_is_there_with_its_comment() {
        let words = schema_words();
        let found = |word: &str| words.iter().find(|w| w.word == word).unwrap_or_else(|| panic!("no {word}"));
        assert_eq!(found("context.approval").type_, "Long");
        assert!(found("context.approval").info.contains("0 nobody is asked"));
        assert_eq!(found("context.recipient.known").type_, "Bool");
        assert!(found("context.recipient.known").info.contains("address book"));
        assert_eq!(found("context.spent.day").kind, SchemaKind::Attribute);
        assert!(found("Symbol::").info.contains("registry"));
        assert!(Action::ALL.iter().all(|a| words.iter().any(|w| w.word == format!("Action::\"{}\"", a.name()))));
    }

    #[test]
    fn every_attribute_is_one_that_a_rule_can_use() {
        for word in schema_words().iter().filter(|w| w.kind == SchemaKind::Attribute && w.type_ == "Bool") {
            let guard = if word.word.starts_with("context.recipient.") { "context has recipient && " } else { "" };
            let guard = if word.word.starts_with("context.typed.") { "context has typed && " } else { guard };
            let source = format!("@id(\"x\") forbid (principal, action == Action::\"send\", resource) when {{ {guard}{} }};", word.word);
            let checked = crate::RuleSet::check("own", &source);
            assert!(checked.is_ok(), "{source}: {:?}", checked.err());
        }
    }
}
