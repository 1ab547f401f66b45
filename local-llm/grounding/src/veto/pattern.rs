//! A small pattern language over the delexicalised words, for tables of phrases.
//!
//! Words are separated by spaces. `a|b` is either; `inst*` is any word that begins so; `..` skips up to four words and
//! `...` up to twelve; `^` and `$` are the ends; `#` is a word of digits; `<a>` is any amount slot (likewise the other
//! letters), `<?>` any slot; `\#` is the sign itself. Patterns joined by ` & ` must all match, of those joined by ` / ` one.

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(Vec<Vec<Vec<Piece>>>);

#[derive(Clone, Debug)]
enum Piece {
    Any(Vec<Word>),
    Skip(usize),
    Start,
    End,
}

#[derive(Clone, Debug)]
enum Word {
    Exact(String),
    Prefix(String),
    Slot(char),
    AnySlot,
    Digits,
}

impl Pattern {
    pub fn parse(text: &str) -> Option<Pattern> {
        let parts = |option: &str| option.split(" & ").map(part).collect::<Option<Vec<Vec<Piece>>>>();
        let options: Vec<Vec<Vec<Piece>>> = text.split(" / ").map(parts).collect::<Option<_>>()?;
        options.iter().flatten().all(|part| part.iter().any(|w| matches!(w, Piece::Any(_)))).then_some(Pattern(options))
    }

    /// Whether the pattern occurs in these words.
    pub fn occurs(&self, words: &[&str]) -> bool {
        self.0.iter().any(|parts| parts.iter().all(|part| (0..=words.len()).any(|i| matches(part, words, i))))
    }
}

fn part(text: &str) -> Option<Vec<Piece>> {
    let pieces: Option<Vec<Piece>> = text
        .split_whitespace()
        .map(|token| {
            Some(match token {
                ".." => Piece::Skip(4),
                "..." => Piece::Skip(12),
                "^" => Piece::Start,
                "$" => Piece::End,
                _ => Piece::Any(token.split('|').map(word).collect::<Option<Vec<Word>>>()?),
            })
        })
        .collect();
    pieces
}

fn word(text: &str) -> Option<Word> {
    match text {
        "" => None,
        "#" => Some(Word::Digits),
        "\\#" => Some(Word::Exact("#".to_owned())),
        "<?>" => Some(Word::AnySlot),
        _ if text.len() == 3 && text.starts_with('<') && text.ends_with('>') => {
            text.chars().nth(1).map(|c| Word::Slot(c.to_ascii_uppercase()))
        }
        _ => Some(match text.strip_suffix('*') {
            Some(prefix) if !prefix.is_empty() => Word::Prefix(prefix.to_owned()),
            _ => Word::Exact(text.to_owned()),
        }),
    }
}

fn matches(pieces: &[Piece], words: &[&str], at: usize) -> bool {
    let Some((piece, rest)) = pieces.split_first() else {
        return true;
    };
    match piece {
        Piece::Start => at == 0 && matches(rest, words, at),
        Piece::End => at == words.len() && matches(rest, words, at),
        Piece::Skip(most) => (0..=*most).any(|n| at + n <= words.len() && matches(rest, words, at + n)),
        Piece::Any(options) => words.get(at).is_some_and(|w| options.iter().any(|o| o.is(w))) && matches(rest, words, at + 1),
    }
}

impl Word {
    fn is(&self, word: &str) -> bool {
        match self {
            Word::Exact(text) => word == text,
            Word::Prefix(prefix) => word.starts_with(prefix.as_str()),
            Word::Slot(letter) => word.starts_with('<') && word.chars().nth(1) == Some(*letter),
            Word::AnySlot => word.starts_with('<'),
            Word::Digits => !word.is_empty() && word.chars().all(|c| c.is_ascii_digit()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> bool {
        let words: Vec<&str> = text.split(' ').collect();
        Pattern::parse(pattern).expect("a pattern").occurs(&words)
    }

    #[test]
    fn each_element_matches_what_it_says() {
        assert!(found("ignore|disregard .. rule*", "please ignore all of your rules now"));
        assert!(!found("ignore .. rule*", "ignore a b c d e rules"));
        assert!(found("ignore ... rule*", "ignore a b c d e rules"));
        assert!(found("^ gm $", "gm"));
        assert!(!found("^ gm $", "gm bob"));
        assert!(found("# x", "long with 10 x"));
        assert!(found("send <a> <t>", "send <A1> <T2>"));
        assert!(found("memo & comply", "comply with the memo"));
        assert!(!found("memo & comply", "read the memo"));
        assert!(found("gm / hi there", "hi there"));
        assert!(found("\\# #", "ape # 12"));
        assert!(!found("\\# #", "ape 1 2"));
    }

    #[test]
    fn empty_alternatives_are_no_pattern() {
        assert!(Pattern::parse("a||b").is_none());
        assert!(Pattern::parse(".. ..").is_none());
        assert!(Pattern::parse("").is_none());
    }
}
