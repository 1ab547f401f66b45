//! Characters that deceive: hidden ones, reordering ones, letters of one script that pass for another's (UTS #39).

use std::ops::Range;

use crate::text::{Shape, Word, fold};

/// One deception, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deception {
    /// Byte offsets in the message.
    pub span: Range<usize>,
    /// Which trick.
    pub trick: Trick,
}

/// How a text deceives the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trick {
    /// Zero width, filler, tag or control character.
    Hidden,
    /// Changes the direction of what follows.
    Reordering,
    /// One word in two scripts, such as Latin with a Cyrillic letter.
    MixedScript,
    /// Letters of another script that together look like a Latin name, or styled letters.
    LookAlike,
}

/// Every deception in a message. `known` says whether a folded Latin name means something here (a ticker, a contact).
pub fn deceptions(text: &str, words: &[Word], known: impl Fn(&str) -> bool) -> Vec<Deception> {
    let mut found = hidden(text);
    for word in words.iter().filter(|w| matches!(w.shape, Shape::Letters | Shape::Ens | Shape::Handle | Shape::Hex | Shape::Url)) {
        let written = &text[word.span.clone()];
        if written.is_ascii() {
            continue;
        }
        for part in written.split(['.', '-', '_', '/']) {
            if let Some(trick) = deceives(part, matches!(word.shape, Shape::Ens | Shape::Hex | Shape::Url), &known) {
                found.push(Deception { span: word.span.clone(), trick });
                break;
            }
        }
    }
    found
}

fn deceives(part: &str, name: bool, known: &impl Fn(&str) -> bool) -> Option<Trick> {
    if part.chars().any(is_styled) {
        return Some(Trick::LookAlike);
    }
    let mut scripts: Vec<Script> = part.chars().filter_map(script).collect();
    scripts.sort_unstable();
    scripts.dedup();
    let latin = scripts.contains(&Script::Latin);
    let confusable = scripts.iter().any(|s| matches!(s, Script::Cyrillic | Script::Greek | Script::Armenian | Script::Cherokee));
    if scripts.len() > 1 && (confusable || latin && name) {
        return Some(Trick::MixedScript);
    }
    let skeleton: Option<String> = part.chars().map(|c| if c.is_ascii_alphanumeric() { Some(c) } else { latin_twin(c) }).collect();
    match skeleton {
        Some(skeleton) if skeleton != part && (name || known(&fold(&skeleton))) => Some(Trick::LookAlike),
        _ => None,
    }
}

fn hidden(text: &str) -> Vec<Deception> {
    let mut found = Vec::new();
    let mut before: Option<char> = None;
    let mut chars = text.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let after = chars.peek().map(|(_, c)| *c);
        let trick = match c {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' => Some(Trick::Reordering),
            // Joiners are part of emoji and of several scripts' spelling.
            '\u{200c}' | '\u{200d}' if before.is_some_and(joins) && after.is_some_and(joins) => None,
            '\u{fe0e}' | '\u{fe0f}' if before.is_some_and(|b| !b.is_ascii_alphabetic()) => None,
            '\u{200b}'..='\u{200d}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}'
            | '\u{feff}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{180e}' => Some(Trick::Hidden),
            '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}' | '\u{fff9}'..='\u{fffb}' | '\u{fe00}'..='\u{fe0f}' => {
                Some(Trick::Hidden)
            }
            '\u{e0000}'..='\u{e0fff}' => Some(Trick::Hidden),
            c if c.is_control() && !matches!(c, '\n' | '\r' | '\t') => Some(Trick::Hidden),
            _ => None,
        };
        if let Some(trick) = trick {
            found.push(Deception { span: i..i + c.len_utf8(), trick });
        }
        before = Some(c);
    }
    found
}

fn joins(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{6ff}' | '\u{900}'..='\u{dff}' | '\u{2600}'..='\u{27bf}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

/// Mathematical and enclosed letters: nobody types them by accident.
fn is_styled(c: char) -> bool {
    matches!(c, '\u{1d400}'..='\u{1d7ff}' | '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f189}' | '\u{2100}'..='\u{214f}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}')
        && c.is_alphanumeric()
        || matches!(c, '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f169}')
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Cherokee,
    Other,
}

fn script(c: char) -> Option<Script> {
    if !c.is_alphabetic() {
        return None;
    }
    Some(match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{250}'..='\u{2af}' | '\u{1e00}'..='\u{1eff}' => Script::Latin,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Script::Greek,
        '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' => Script::Cyrillic,
        '\u{530}'..='\u{58f}' => Script::Armenian,
        '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Script::Cherokee,
        _ => Script::Other,
    })
}

/// The Latin letter that a Cyrillic, Greek or Latin-extension letter passes for.
fn latin_twin(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'є' => 'e',
        'һ' | 'հ' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'м' => 'm',
        'п' | 'ո' => 'n',
        'о' | 'ο' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'С' => 'C',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'І' | 'Ι' => 'I',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' => 'O',
        'Р' | 'Ρ' => 'P',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'Υ' | 'У' => 'Y',
        'Х' | 'Χ' => 'X',
        'Ζ' => 'Z',
        _ => return None,
    })
}
