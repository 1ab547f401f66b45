//! Text that comes from outside, made safe to show.

use crate::SignerError;

/// Longest quote of chat that is shown, in characters.
const QUOTE: usize = 140;
/// Longest name of a contact, in characters.
const NAME: usize = 40;

/// A piece of text from outside: control, bidirectional and invisible characters stripped, white space folded, cut at
/// 140 characters with an ellipsis.
#[must_use]
pub fn quote(text: &str) -> String {
    // Bounded before anything else: the text may be as long as a frame.
    let visible = text.chars().take(QUOTE * 64).filter(|c| c.is_whitespace() || !deceives(*c));
    let mut out = String::new();
    let mut length = 0;
    let mut gap = false;
    for c in visible {
        if c.is_whitespace() || c.is_control() {
            gap = length > 0;
            continue;
        }
        let needs = 1 + usize::from(gap);
        if length + needs > QUOTE - 1 {
            out.push('…');
            break;
        }
        if gap {
            out.push(' ');
            gap = false;
        }
        out.push(c);
        length += needs;
    }
    out
}

/// Text of several lines for a person to read, such as rules: the same characters stripped, nothing cut.
#[must_use]
pub fn visible(text: &str) -> Vec<String> {
    let line = |line: &str| line.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| !deceives(*c)).collect();
    text.lines().map(line).collect()
}

/// Control characters, bidirectional overrides and isolates, zero-width and tag characters, private use.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E000}'..='\u{F8FF}' | '\u{E0000}'..='\u{E0FFF}' | '\u{F0000}'..='\u{10FFFF}')
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    Some(match u32::from(c) {
        0x41..=0x5A | 0x61..=0x7A | 0xAA | 0xBA | 0xC0..=0x24F | 0x1E00..=0x1EFF | 0x2C60..=0x2C7F | 0xFF21..=0xFF5A => Script::Latin,
        0x370..=0x3FF | 0x1F00..=0x1FFF => Script::Greek,
        0x400..=0x52F | 0x1C80..=0x1C8F | 0x2DE0..=0x2DFF | 0xA640..=0xA69F => Script::Cyrillic,
        0x530..=0x58F => Script::Armenian,
        0x13A0..=0x13FF | 0xAB70..=0xABBF => Script::Cherokee,
        _ => Script::Other,
    })
}

/// True where letters of look-alike scripts are mixed in one word, as in "аlice" with a Cyrillic а.
#[must_use]
pub fn mixed_scripts(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        let mut scripts = word.chars().filter_map(script).filter(|s| *s != Script::Other);
        let first = scripts.next();
        scripts.any(|s| Some(s) != first)
    })
}

/// A contact's name, trimmed.
///
/// # Errors
/// [`SignerError::Label`] for names that can't be shown safely: empty, long, with control or invisible characters, or
/// of mixed scripts; and for names that look like an address or an ENS name, which would vouch for something else.
pub fn check_name(name: &str) -> Result<String, SignerError> {
    let name = name.trim();
    let refuse = |reason| Err(SignerError::Label { reason });
    if name.is_empty() {
        return refuse("it is empty");
    }
    if name.chars().count() > NAME {
        return refuse("it is longer than 40 characters");
    }
    if name.chars().any(deceives) {
        return refuse("it has control or invisible characters");
    }
    if mixed_scripts(name) {
        return refuse("it mixes letters of several scripts");
    }
    if name.starts_with("0x") {
        return refuse("it looks like an address");
    }
    if name.contains('.') && !name.contains(' ') && !name.ends_with('.') {
        return refuse("it looks like a domain name");
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_stripped_and_cut() {
        assert_eq!(quote("send\u{202E} 5\n\n\tusdc\u{200B}!"), "send 5 usdc!");
        let cut = quote(&"ab ".repeat(100));
        assert_eq!(cut.chars().count(), 140);
        assert!(cut.ends_with('…'));
        assert_eq!(quote(&"x".repeat(139)).chars().count(), 139);
        assert_eq!(quote("\u{1b}[2Jhello"), "[2Jhello");
    }

    #[test]
    fn names_of_mixed_scripts_are_refused() {
        assert!(mixed_scripts("\u{0430}lice"));
        assert!(!mixed_scripts("Алиса"));
        assert!(!mixed_scripts("Алиса Smith"));
        assert!(check_name("\u{0430}lice").is_err());
        assert!(check_name("Ali\u{200D}ce").is_err());
        assert!(check_name("0x1234").is_err());
        assert!(check_name("vitalik.eth").is_err());
        assert_eq!(check_name("  Alice Jr. ").unwrap(), "Alice Jr.");
    }
}
