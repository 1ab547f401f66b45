//! Cutting a message into words that still know where they stood.
//!
//! Word boundaries are made for entities rather than for prose: `50usdc` is two words, `0.5` is one, every Han
//! character is one, `Alice's` is `Alice` and `'s`. Links, hexadecimal strings, ENS names and handles are one word each.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

/// Longest message that is read, in bytes.
pub const MAX_TEXT: usize = 4096;

/// Most words that are read.
pub const MAX_WORDS: usize = 256;

/// What a word is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Letters, then letters or digits.
    Letters,
    /// Digits with separators: `1,250.50`.
    Number,
    /// One Han character.
    Han,
    /// One punctuation mark or symbol.
    Mark,
    /// A link.
    Url,
    /// Begins with `0x`.
    Hex,
    /// Ends in a name service's suffix.
    Ens,
    /// `@someone`.
    Handle,
}

/// One word and where it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Byte offsets in the message.
    pub span: Range<usize>,
    /// Folded: NFC, lower case, full-width forms as ASCII, one kind of quotation mark.
    pub folded: String,
    /// What it is made of.
    pub shape: Shape,
}

impl Word {
    pub(crate) fn any(&self, texts: &[&str]) -> bool {
        texts.contains(&self.folded.as_str())
    }
}

/// Folds one text as words are folded, so that lists compare with messages.
pub(crate) fn fold(text: &str) -> String {
    text.nfc().map(fold_char).flat_map(char::to_lowercase).collect()
}

fn fold_char(c: char) -> char {
    match c {
        // Before the other full-width forms: nobody may type a slot.
        '<' | '\u{ff1c}' => '\u{2039}',
        '>' | '\u{ff1e}' => '\u{203a}',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{2018}' | '\u{2019}' | '\u{02bc}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' | '`' | '\u{300c}' | '\u{300d}' => '"',
        '\u{3002}' => '.',
        '\u{3001}' => ',',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        c => c,
    }
}

/// Cuts a message into words, at most [`MAX_WORDS`]; the second value says whether that was all of it.
pub fn words(text: &str) -> (Vec<Word>, bool) {
    let mut cut = Cut { text, at: 0, words: Vec::new() };
    while cut.at < text.len() {
        if cut.words.len() >= MAX_WORDS {
            return (cut.words, false);
        }
        cut.next();
    }
    (cut.words, true)
}

pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

struct Cut<'a> {
    text: &'a str,
    at: usize,
    words: Vec<Word>,
}

impl<'a> Cut<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn next(&mut self) {
        let rest = self.rest();
        let Some(c) = rest.chars().next() else { return };
        if c.is_whitespace() {
            self.at += c.len_utf8();
            return;
        }
        let fresh = !self.text[..self.at].chars().next_back().is_some_and(|p| p.is_alphanumeric() && !is_han(p));
        if fresh {
            if let Some(len) = url_len(rest) {
                return self.push(len, Shape::Url);
            }
            if let Some(len) = hex_len(rest) {
                return self.push(len, Shape::Hex);
            }
            if let Some(len) = handle_len(rest) {
                return self.push(len, Shape::Handle);
            }
            if let Some((len, shape)) = dotted_len(rest) {
                return self.push(len, shape);
            }
        }
        let folded = fold_char(c);
        if folded.is_ascii_digit() || (folded == '.' && fresh && starts_with_digit(&rest[c.len_utf8()..])) {
            return self.push(number_len(rest), Shape::Number);
        }
        if is_han(c) {
            return self.push(c.len_utf8(), Shape::Han);
        }
        if c.is_alphabetic() || c == '_' {
            return self.push(letters_len(rest), Shape::Letters);
        }
        // `'s` after a word is one word, so that a possessive leaves the name whole.
        if folded == '\'' && !fresh {
            let after: String = rest.chars().skip(1).take(2).flat_map(char::to_lowercase).collect();
            let mut tail = after.chars();
            if tail.next() == Some('s') && !tail.next().is_some_and(char::is_alphanumeric) {
                return self.push(c.len_utf8() + 1, Shape::Letters);
            }
        }
        self.push(c.len_utf8(), Shape::Mark);
    }

    fn push(&mut self, len: usize, shape: Shape) {
        let span = self.at..self.at + len;
        let folded = fold(&self.text[span.clone()]);
        self.at = span.end;
        self.words.push(Word { span, folded, shape });
    }
}

fn starts_with_digit(text: &str) -> bool {
    text.chars().next().is_some_and(|c| fold_char(c).is_ascii_digit())
}

fn letters_len(rest: &str) -> usize {
    let mut len = 0;
    let chars = rest.char_indices().peekable();
    for (i, c) in chars {
        let joins = c.is_alphanumeric() && !is_han(c) || c == '_' || unicode_normalization::char::is_combining_mark(c);
        // An apostrophe stays inside `don't` and `o'brien`, not before a final s.
        let apostrophe = fold_char(c) == '\'' && {
            let mut after = rest[i + c.len_utf8()..].chars();
            let first = after.next();
            first.is_some_and(char::is_alphabetic)
                && (!first.is_some_and(|f| f.eq_ignore_ascii_case(&'s')) || after.next().is_some_and(char::is_alphanumeric))
        };
        if !(joins || apostrophe) {
            break;
        }
        len = i + c.len_utf8();
    }
    len.max(rest.chars().next().map_or(1, char::len_utf8))
}

/// Digits, with `.`, `,`, `'`, `_`, no-break spaces (or a plain space before a whole group of three) between them.
fn number_len(rest: &str) -> usize {
    let chars: Vec<(usize, char)> = rest.char_indices().map(|(i, c)| (i, fold_char(c))).collect();
    let digit = |k: usize| chars.get(k).is_some_and(|(_, c)| c.is_ascii_digit());
    let group = |k: usize| digit(k) && digit(k + 1) && digit(k + 2) && !digit(k + 3);
    let mut k = 0;
    let mut run = 0;
    let mut plain = true;
    let mut spaced = false;
    while let Some(&(_, c)) = chars.get(k) {
        if c.is_ascii_digit() {
            run += 1;
            k += 1;
        } else if matches!(c, '.' | ',') && digit(k + 1) {
            plain = false;
            run = 0;
            k += 1;
        } else if matches!(c, '\'' | '_' | '\u{a0}' | '\u{202f}' | '\u{2009}') && group(k + 1) {
            run = 0;
            k += 1;
        } else if c == ' '
            && plain
            && (run <= 3 && run > 0)
            && (spaced || k <= 3)
            && group(k + 1)
            && !chars.get(k + 4).is_some_and(|(_, c)| c.is_alphabetic())
        {
            spaced = true;
            run = 0;
            k += 1;
        } else {
            break;
        }
    }
    chars.get(k).map_or(rest.len(), |(i, _)| *i)
}

fn url_len(rest: &str) -> Option<usize> {
    let lower: String = rest.chars().take(8).collect::<String>().to_ascii_lowercase();
    let scheme = ["https://", "http://"].into_iter().find(|s| lower.starts_with(s))?;
    let end = link_end(rest);
    (end > scheme.len()).then_some(end)
}

fn link_end(rest: &str) -> usize {
    let stop = |c: char| {
        c.is_whitespace()
            || matches!(c, '<' | '>' | '"' | '\'' | '`' | '|' | '\u{201c}' | '\u{201d}' | '\u{2019}' | '\u{ab}' | '\u{bb}')
            || is_han(c)
            || fold_char(c) != c
    };
    let end = rest.find(stop).unwrap_or(rest.len());
    let mut link = &rest[..end];
    while let Some(last) = link.chars().next_back() {
        let unbalanced = |open: char, close: char| last == close && link.matches(open).count() < link.matches(close).count();
        if matches!(last, '.' | ',' | ';' | ':' | '!' | '?') || unbalanced('(', ')') || unbalanced('[', ']') || unbalanced('{', '}') {
            link = &link[..link.len() - last.len_utf8()];
        } else {
            break;
        }
    }
    link.len()
}

/// `0x` and what is glued to it, dots and ellipses included, so that a shortened address is seen whole.
fn hex_len(rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices().peekable();
    if chars.next()?.1 != '0' || !matches!(chars.next()?.1, 'x' | 'X') {
        return None;
    }
    let mut end = 2;
    for (i, c) in chars {
        let more = c.is_alphanumeric() && !is_han(c)
            || matches!(c, '\u{2026}' | '_')
            || (matches!(c, '.' | '*') && rest[i..].starts_with(if c == '.' { ".." } else { "**" }))
            || (matches!(c, '.' | '*') && i > 0 && rest[..i].ends_with(c));
        if !more {
            break;
        }
        end = i + c.len_utf8();
    }
    // A full stop after an ellipsis still belongs to the sentence when nothing follows; it does no harm inside.
    (end > 2).then_some(end)
}

fn handle_len(rest: &str) -> Option<usize> {
    let name = rest.strip_prefix('@')?;
    let len = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
    (len > 0).then_some(len + 1)
}

const SERVICES: [&str; 2] = ["eth", "id"];
const DOMAINS: [&str; 20] = [
    "com", "org", "net", "io", "xyz", "dev", "app", "ai", "co", "finance", "fi", "gg", "me", "info", "example", "network", "de", "uk",
    "es", "fr",
];

/// `alice.eth`, `example.com/page`.
fn dotted_len(rest: &str) -> Option<(usize, Shape)> {
    let label = |c: char| {
        c.is_alphanumeric() && !is_han(c) || c == '-' || c == '_' || c > '\u{2fff}' && !c.is_whitespace() && !is_han(c) && fold_char(c) == c
    };
    let host_len = rest.find(|c: char| !(label(c) || c == '.')).unwrap_or(rest.len());
    let host = rest[..host_len].trim_end_matches(['.', '-', '_']);
    let (labels, last) = host.rsplit_once('.')?;
    if labels.is_empty() || labels.split('.').any(str::is_empty) {
        return None;
    }
    let last = last.to_lowercase();
    if last == SERVICES[0] || (last == SERVICES[1] && labels.to_lowercase().ends_with(".cb")) {
        return Some((host.len(), Shape::Ens));
    }
    let path = rest[host.len()..].starts_with('/');
    let www = labels.to_lowercase().starts_with("www.");
    if labels.chars().all(|c| c.is_ascii_digit())
        || !(DOMAINS.contains(&last.as_str()) || path && last.chars().all(char::is_alphabetic) && last.len() > 1)
    {
        return None;
    }
    (path || www || labels.len() > 2).then(|| (if path { link_end(rest).max(host.len()) } else { host.len() }, Shape::Url))
}

/// Words of a phrase in a table: cut like a message.
pub(crate) fn phrase(text: &str) -> Vec<String> {
    words(text).0.into_iter().map(|w| w.folded).collect()
}

/// How many words of `words[at..]` the phrase takes, where it stands there.
pub(crate) fn phrase_at(words: &[Word], at: usize, phrase: &[String]) -> Option<usize> {
    let here = words.get(at..at + phrase.len())?;
    (!phrase.is_empty() && here.iter().zip(phrase).all(|(w, p)| w.folded == *p)).then_some(phrase.len())
}
