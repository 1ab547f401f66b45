//! The words that the models have seen in training. A message with several others is in a language, a dialect or a jargon
//! that they do not know, however sure they are.

use std::collections::HashSet;

use parlance_grounding::{Grounding, Intent, encode};

/// The known words.
#[derive(Clone, Debug, Default)]
pub struct Words(HashSet<String>);

impl Words {
    /// From a list, one a line.
    #[must_use]
    pub fn parse(text: &str) -> Words {
        Words(text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect())
    }

    /// Words of the message that are not known and that the intent does not copy (names, texts). Scripts without spaces
    /// between words are not looked at.
    #[must_use]
    pub fn unknown(&self, grounding: &Grounding, intent: &Intent) -> Vec<String> {
        let line = encode(intent, grounding).unwrap_or_default();
        let copied = copied(&line);
        let text = grounding.delexicalised();
        let words = text.split(' ').filter(|w| w.chars().any(char::is_alphabetic) && !w.starts_with('<') && !w.chars().any(unspaced));
        words.filter(|w| !self.0.contains(*w) && !copied.contains(w)).map(str::to_owned).collect()
    }
}

/// Words that a line copies as names or texts, which may be any. An asset may not: `60 kay carlos` names none.
fn copied(line: &str) -> HashSet<&str> {
    let swap = line.starts_with("swap ");
    let mut copied = HashSet::new();
    let mut inside = false;
    for part in line.split(' ') {
        if let Some((key, value)) = part.split_once('=') {
            let asset = matches!(key, "asset" | "from" | "of") || key == "to" && swap;
            inside = value == "\"" && !asset;
        } else if part == "\"" {
            inside = false;
        } else if inside {
            copied.insert(part);
        }
    }
    copied
}

/// Of a script that writes words without spaces: Chinese, Japanese, Thai.
fn unspaced(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0E7F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}

#[cfg(test)]
mod tests {
    use parlance_grounding::{Message, decode, ground};

    use super::Words;

    #[test]
    fn what_is_neither_known_nor_copied_is_told() {
        let words = Words::parse("send\nto\n");
        let grounding = ground(&Message { text: "pakipadala 5 usdc to mctavish".into(), ..Message::default() });
        let intent = decode("send asset=<T1> amount=<A1> to=\" mctavish \"", &grounding).expect("an intent");
        assert_eq!(words.unknown(&grounding, &intent), ["pakipadala"]);
        let grounding = ground(&Message { text: "给 bob 转 5 usdc".into(), contacts: vec!["Bob".into()], ..Message::default() });
        let intent = decode("send asset=<T1> amount=<A1> to=<N1>", &grounding).expect("an intent");
        assert!(words.unknown(&grounding, &intent).is_empty());
    }
}
