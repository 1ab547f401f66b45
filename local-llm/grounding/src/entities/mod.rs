//! Recognisers: each reads the words that nobody claimed before it and says what they name.

pub(crate) mod amount;
pub(crate) mod chain;
pub(crate) mod clock;
pub(crate) mod english;
pub(crate) mod hex;
pub(crate) mod language;
pub(crate) mod numbers;
pub(crate) mod party;
pub(crate) mod period;
pub(crate) mod quote;
pub(crate) mod recurrence;
pub(crate) mod reference;
pub(crate) mod token;

use std::ops::Range;

use crate::entity::{Derivation, Found, Kind};
use crate::text::{Shape, Word};

/// A message being read: its words, and which of them are taken.
pub(crate) struct Scene<'a> {
    pub text: &'a str,
    pub words: &'a [Word],
    pub found: Vec<Found>,
    pub languages: language::Languages,
    taken: Vec<bool>,
}

impl<'a> Scene<'a> {
    pub fn new(text: &'a str, words: &'a [Word]) -> Self {
        Scene { text, words, found: Vec::new(), languages: language::Languages::of(words), taken: vec![false; words.len()] }
    }

    pub fn is_free(&self, i: usize) -> bool {
        self.taken.get(i).is_some_and(|t| !t)
    }

    pub fn are_free(&self, range: Range<usize>) -> bool {
        range.end <= self.taken.len() && range.clone().all(|i| self.is_free(i))
    }

    pub fn take(&mut self, words: Range<usize>, kind: Kind, value: impl Into<String>, how: Derivation) {
        for i in words.clone() {
            if let Some(t) = self.taken.get_mut(i) {
                *t = true;
            }
        }
        self.found.push(Found { kind, value: value.into(), words, how });
    }

    /// Gives back the words of everything inside, so that another reading can have them.
    pub fn release_inside(&mut self, words: Range<usize>) {
        self.found.retain(|f| !(f.words.start >= words.start && f.words.end <= words.end));
        for i in words {
            if let Some(t) = self.taken.get_mut(i) {
                *t = self.found.iter().any(|f| f.words.contains(&i));
            }
        }
    }

    /// Marks words as read without an entity.
    pub fn hide(&mut self, words: Range<usize>) {
        for i in words {
            if let Some(t) = self.taken.get_mut(i) {
                *t = true;
            }
        }
    }

    pub fn word(&self, i: usize) -> &str {
        self.words.get(i).map_or("", |w| w.folded.as_str())
    }

    pub fn before(&self, i: usize) -> &str {
        i.checked_sub(1).map_or("", |k| self.word(k))
    }

    pub fn shape(&self, i: usize) -> Option<Shape> {
        self.words.get(i).map(|w| w.shape)
    }

    pub fn written(&self, words: Range<usize>) -> &'a str {
        match (self.words.get(words.start), words.end.checked_sub(1).and_then(|e| self.words.get(e))) {
            (Some(first), Some(last)) if first.span.start <= last.span.end => &self.text[first.span.start..last.span.end],
            _ => "",
        }
    }

    /// Whether word `i` touches the word before it.
    pub fn glued(&self, i: usize) -> bool {
        match (i.checked_sub(1).and_then(|k| self.words.get(k)), self.words.get(i)) {
            (Some(a), Some(b)) => a.span.end == b.span.start,
            _ => false,
        }
    }

    /// Whether any word of the message is one of these.
    pub fn says(&self, any: &[&str]) -> bool {
        self.words.iter().any(|w| w.any(any))
    }

    pub fn kind_at(&self, i: usize) -> Option<Kind> {
        self.found.iter().find(|f| f.words.contains(&i)).map(|f| f.kind)
    }
}
