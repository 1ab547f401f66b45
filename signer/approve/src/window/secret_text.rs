//! A secret as it is typed: one buffer of fixed size that never moves, wiped when dropped. No undo, no copies.

use unicode_segmentation::UnicodeSegmentation;
use zeroize::{Zeroize, Zeroizing};

/// Longest secret, bytes: a keystore file's JSON fits.
const ROOM: usize = 16 * 1024;

/// A secret and where the next character goes.
pub struct SecretText {
    text: Zeroizing<String>,
    /// Byte index.
    caret: usize,
}

/// Where the caret goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Back,
    Forward,
    Start,
    End,
}

impl SecretText {
    pub fn new() -> Self {
        Self { text: Zeroizing::new(String::with_capacity(ROOM)), caret: 0 }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub fn chars(&self) -> usize {
        self.text.chars().count()
    }

    pub fn words(&self) -> usize {
        self.text.split_whitespace().count()
    }

    /// Characters before the caret.
    pub fn caret_chars(&self) -> usize {
        self.text[..self.caret].chars().count()
    }

    /// At the caret; line breaks and tabs become blanks. What does not fit is not taken, and false.
    pub fn insert(&mut self, typed: &str) -> bool {
        if self.text.len() + typed.len() > ROOM {
            return false;
        }
        // Within the capacity: nothing is moved to other memory, where it would stay behind.
        for c in typed.chars() {
            let c = if c.is_control() { ' ' } else { c };
            self.text.insert(self.caret, c);
            self.caret += c.len_utf8();
        }
        true
    }

    pub fn step(&mut self, step: Step) {
        self.caret = match step {
            Step::Start => 0,
            Step::End => self.text.len(),
            Step::Back => self.before(),
            Step::Forward => self.after(),
        };
    }

    /// The character before the caret, as a person counts characters.
    pub fn rub_out(&mut self) {
        let from = self.before();
        self.cut(from, self.caret);
    }

    /// The character after it.
    pub fn delete(&mut self) {
        let to = self.after();
        self.cut(self.caret, to);
    }

    pub fn clear(&mut self) {
        self.cut(0, self.text.len());
    }

    /// A copy for the signer; this one is empty afterwards.
    pub fn take(&mut self) -> String {
        let out = self.text.as_str().to_owned();
        self.clear();
        out
    }

    fn before(&self) -> usize {
        self.text[..self.caret].grapheme_indices(true).next_back().map_or(0, |(i, _)| i)
    }

    fn after(&self) -> usize {
        self.text[self.caret..].graphemes(true).next().map_or(self.caret, |g| self.caret + g.len())
    }

    fn cut(&mut self, from: usize, to: usize) {
        let mut tail = Zeroizing::new(self.text[to..].to_owned());
        let mut whole = std::mem::take(&mut *self.text).into_bytes();
        whole[from..].zeroize();
        whole.truncate(from);
        // `from` was a boundary of characters, and so is what is left.
        *self.text = String::from_utf8(whole).unwrap_or_default();
        self.text.push_str(&tail);
        tail.zeroize();
        self.caret = from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Key {
        Type(String),
        Step(Step),
        RubOut,
        Delete,
    }

    fn key() -> impl Strategy<Value = Key> {
        let step = prop_oneof![Just(Step::Back), Just(Step::Forward), Just(Step::Start), Just(Step::End)];
        prop_oneof![3 => "[a-zä好 ]{1,4}".prop_map(Key::Type), 2 => step.prop_map(Key::Step), 1 => Just(Key::RubOut), 1 => Just(Key::Delete)]
    }

    proptest! {
        /// As a list of characters with a caret would do; and the buffer stays where it is.
        #[test]
        fn it_edits_like_a_line(keys in proptest::collection::vec(key(), 0..40)) {
            let mut field = SecretText::new();
            let place = field.text.as_ptr();
            let (mut model, mut at) = (Vec::<char>::new(), 0);
            for key in keys {
                match key {
                    Key::Type(text) => {
                        prop_assert!(field.insert(&text));
                        for c in text.chars() {
                            model.insert(at, c);
                            at += 1;
                        }
                    }
                    Key::Step(step) => {
                        field.step(step);
                        at = match step {
                            Step::Back => at.saturating_sub(1),
                            Step::Forward => (at + 1).min(model.len()),
                            Step::Start => 0,
                            Step::End => model.len(),
                        };
                    }
                    Key::RubOut => {
                        field.rub_out();
                        if at > 0 {
                            at -= 1;
                            model.remove(at);
                        }
                    }
                    Key::Delete => {
                        field.delete();
                        if at < model.len() {
                            model.remove(at);
                        }
                    }
                }
                prop_assert_eq!(field.as_str(), model.iter().collect::<String>());
                prop_assert_eq!(field.caret_chars(), at);
                prop_assert_eq!(field.text.as_ptr(), place);
            }
            let copy = field.take();
            prop_assert_eq!(copy, model.iter().collect::<String>());
            prop_assert!(field.is_empty());
        }
    }

    #[test]
    fn what_does_not_fit_is_not_taken() {
        let mut field = SecretText::new();
        assert!(field.insert("one two\tthree\n"));
        assert_eq!(field.as_str(), "one two three ");
        assert_eq!(field.words(), 3);
        assert!(!field.insert(&"x".repeat(ROOM)));
        assert_eq!(field.chars(), 14);
    }
}
