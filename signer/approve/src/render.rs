//! Questions as lines of text. Pure: what is tested here is what a person reads.

use parlance_signer_protocol::{
    Outcome,
    approver::{Approval, Prompt},
};

/// The lines above the input, without colour.
pub fn lines(prompt: &Prompt) -> Vec<String> {
    let mut out = Vec::new();
    match prompt {
        Prompt::Approve(a) => approval(a, &mut out),
        Prompt::Change { title, old, new, notes, quote, .. } => {
            heading(title, &mut out);
            section("Now", if old.is_empty() { &NONE } else { old }, &mut out);
            section("Then", if new.is_empty() { &NONE } else { new }, &mut out);
            section("Note", notes, &mut out);
            said(quote.as_deref(), &mut out);
        }
        Prompt::Password { title, notes }
        | Prompt::NewPassword { title, notes, .. }
        | Prompt::SecretText { title, notes }
        | Prompt::Text { title, notes } => {
            heading(title, &mut out);
            out.extend(notes.iter().map(|n| clean(n)));
        }
        Prompt::Choose { title, options } => {
            heading(title, &mut out);
            out.extend(options.iter().enumerate().map(|(i, o)| format!("{}  {}", i + 1, clean(o))));
        }
        Prompt::ShowSecret { title, words, notes } => {
            heading(title, &mut out);
            out.extend(numbered(words));
            out.push(String::new());
            out.extend(notes.iter().map(|n| clean(n)));
        }
        Prompt::Notice { title, lines } => {
            heading(title, &mut out);
            out.extend(lines.iter().map(|l| clean(l)));
        }
    }
    out
}

static NONE: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| vec!["nothing".into()]);

fn approval(a: &Approval, out: &mut Vec<String>) {
    heading(if a.play_money { "Sign this? (play money)" } else { "Sign this?" }, out);
    out.extend(a.decision.sentences.iter().map(|s| clean(s)));
    out.push(worth(a));
    for terms in a.decision.effects.credit_terms() {
        section("Terms", &terms.rows.iter().map(|(name, value)| format!("{name:<11} {value}")).collect::<Vec<_>>(), out);
        section(LENDER_SAYS, &terms.quote.iter().map(|quote| format!("“{quote}”")).collect::<Vec<_>>(), out);
    }
    section(
        "Addresses",
        &a.addresses.iter().map(|l| format!("{:<9} {}  {}", clean(&l.role), clean(&l.address), clean(&l.known_as))).collect::<Vec<_>>(),
        out,
    );
    section("Careful", &a.warnings, out);
    let asks = asks_for(a.level);
    section(
        "Why you are asked",
        &a.decision
            .rules
            .iter()
            .map(|r| format!("{} ({}: {asks})", r.sentence, r.id))
            .chain(a.decision.why.iter().cloned())
            .collect::<Vec<_>>(),
        out,
    );
    section("Not checked by the signer", &a.claims, out);
    said(a.quote.as_deref(), out);
    out.push(format!("Asked by: {}", clean(&a.origin)));
}

/// Before the terms that a lender wrote.
pub const LENDER_SAYS: &str = "The lender says";

/// The value at the signer's prices. What is borrowed is not spent, so that its own value is not in it.
pub fn worth(a: &Approval) -> String {
    let dollars = |usd: u64| format!("${}.{:02}", usd / 1_000_000, usd % 1_000_000 / 10_000);
    match (a.decision.usd, a.decision.effects.owes()) {
        (Some(usd), false) => format!("Worth about {} at your own prices.", dollars(usd)),
        (Some(usd), true) => format!("Costs about {} now. What is borrowed has to be paid back, with interest.", dollars(usd)),
        (None, _) => "No price is known for this.".into(),
    }
}

/// What a rule of this level does.
pub fn asks_for(level: Outcome) -> &'static str {
    match level {
        Outcome::Password => "asks for your password",
        Outcome::Hardware => "asks for your hardware key",
        _ => "asks you",
    }
}

fn heading(title: &str, out: &mut Vec<String>) {
    out.push(clean(title));
    out.push(String::new());
}

fn section(title: &str, lines: &[String], out: &mut Vec<String>) {
    if lines.is_empty() {
        return;
    }
    out.push(String::new());
    out.push(format!("{title}:"));
    out.extend(lines.iter().map(|l| format!("  {}", clean(l))));
}

fn said(quote: Option<&str>, out: &mut Vec<String>) {
    if let Some(quote) = quote {
        out.push(String::new());
        out.push(format!("You said in chat: “{}”", clean(quote)));
    }
}

fn numbered(words: &[String]) -> Vec<String> {
    if let [one] = words {
        return vec![clean(one)];
    }
    words
        .chunks(4)
        .enumerate()
        .map(|(row, chunk)| {
            chunk
                .iter()
                .enumerate()
                .map(|(i, w)| format!("{:>2} {:<10}", row * 4 + i + 1, clean(w)))
                .collect::<String>()
                .trim_end()
                .to_owned()
        })
        .collect()
}

/// Text as it may be shown on a terminal: control characters (escape sequences among them) and bidirectional
/// overrides become a visible mark. The signer has done so before; the approver does not rely on it.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '�',
            c if c.is_control() => '�',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_bidirectional_overrides_can_not_reach_the_terminal() {
        assert_eq!(clean("a\x1b[2Jb\u{202e}c\u{200b}d\r\ne"), "a�[2Jb�c�d��e");
        let notice = Prompt::Notice { title: "t\x07".into(), lines: vec!["x\x1b]0;y".into()] };
        assert!(lines(&notice).iter().all(|l| !l.chars().any(char::is_control)));
    }

    #[test]
    fn words_are_numbered_in_rows_of_four() {
        let words: Vec<String> = (1..=12).map(|i| format!("word{i}")).collect();
        let rows = numbered(&words);
        assert_eq!(rows.len(), 3);
        assert!(rows[0].starts_with(" 1 word1"));
        assert!(rows[2].ends_with("12 word12"));
    }
}
