//! Text that strangers chose: names and symbols of tokens, made safe to show, and compared as an eye would.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_security::skeleton;

/// Longest symbol that is shown.
pub const MAX_SYMBOL: usize = 16;
/// Longest name that is shown.
pub const MAX_NAME: usize = 48;

/// Safe to show: NFC, without control, bidirectional, invisible and private-use characters; at most two combining marks in a
/// row; white space folded to single spaces; at most `max` characters, the last one `…` where it was cut.
pub fn clean(text: &str, max: usize) -> String {
    let mut out = String::new();
    let mut marks = 0;
    let mut count = 0;
    // Hostile strings can be megabytes: what is far beyond the cut is not looked at.
    for c in text.chars().take(max.saturating_mul(16).saturating_add(64)).nfc() {
        let c = if c.is_whitespace() { ' ' } else { c };
        if is_invisible(c) || (c == ' ' && (out.is_empty() || out.ends_with(' '))) {
            continue;
        }
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        if marks > 2 {
            continue;
        }
        if count == max {
            out.pop();
            out.push('…');
            return out;
        }
        out.push(c);
        count += 1;
    }
    out.trim_end().to_owned()
}

/// True for characters that show nothing, or that change how their neighbours are shown.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x2028..=0x202E
            | 0x2060..=0x206F | 0x2800 | 0x3164 | 0xE000..=0xF8FF | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB
            | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0x10FFFF)
}

/// True where a hasty eye takes `text` for `known`: equal without regard to case, decoration and invisible characters, or
/// with the same UTS #39 skeleton (so that `USDС` with a Cyrillic С, `U5DC`'s digits aside, looks like `USDC`).
pub fn looks_like(text: &str, known: &str) -> bool {
    let (text, known) = (bare(text), bare(known));
    if text.is_empty() || known.is_empty() {
        return false;
    }
    let fold = |s: &str| skeleton(&skeleton(s).collect::<String>().to_lowercase()).collect::<String>().to_lowercase();
    text == known || fold(&text) == fold(&known) || fold(&text.to_uppercase()) == fold(&known.to_uppercase())
}

/// Without what decorates a symbol (`$USDC`, `USDC!`, `U S D C`, full-width letters).
fn bare(text: &str) -> String {
    text.chars().take(256).nfkc().filter(|c| !is_invisible(*c) && c.is_alphanumeric()).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cleans() {
        assert_eq!(clean("USD\u{202e}C\u{200b}\u{0}", 16), "USDC");
        assert_eq!(clean("  a \n\t b  ", 16), "a b");
        assert_eq!(clean("abcdef", 4), "abc…");
        assert_eq!(clean("abcd", 4), "abcd");
        assert_eq!(clean("\u{feff}\u{e0041}", 4), "");
        assert!(clean(&format!("Z{}", "\u{0335}".repeat(500)), 16).chars().count() <= 3);
    }

    #[test]
    fn sees_what_an_eye_confuses() {
        for fake in ["usdc", "USDС", "$USDC", "USDC.", "U S D C", "ＵＳＤＣ", "USD\u{200b}C", "ՍSDC"] {
            assert!(looks_like(fake, "USDC"), "{fake}");
        }
        for other in ["USDT", "USDbC", "DAI", "USDC.e", "", "aUSDC"] {
            assert!(!looks_like(other, "USDC"), "{other}");
        }
        assert!(looks_like("DAl", "DAI"));
        assert!(looks_like("WBТС", "WBTC"));
    }

    proptest! {
        #[test]
        fn never_longer_and_never_invisible(text in any::<String>(), max in 1usize..64) {
            let shown = clean(&text, max);
            prop_assert!(shown.chars().count() <= max);
            prop_assert!(!shown.chars().any(is_invisible));
            prop_assert_eq!(clean(&shown, max), shown);
        }

        #[test]
        fn everything_looks_like_itself(text in "[A-Za-z0-9]{1,12}") {
            prop_assert!(looks_like(&text, &text));
        }
    }
}
