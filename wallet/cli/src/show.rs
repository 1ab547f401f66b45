//! Events as words on a terminal.

use parlance_grounding::Intent;
use parlance_wallet_core::{
    conversation::{ApprovalState, Event, Level, Preview},
    view::ProofView,
};

/// Shown where nothing is worth anything.
pub const PLAY_MONEY: &str = "*** PLAY MONEY: a local chain on this computer. Nothing here is worth anything. Password: play ***";

/// One event, for people.
pub fn words(event: &Event) -> String {
    match event {
        Event::Understood { intent, .. } => understood(intent),
        Event::Preview(preview) => self::preview(preview),
        Event::Decision { level, rules, why, effects, .. } => {
            let mut lines = vec!["The signer reads it as:".to_owned()];
            lines.extend(effects.iter().map(|e| format!("  {}", clean(e))));
            let says = match level {
                Level::Number(0) => "Your rules let it pass without asking",
                Level::Number(1) => "Your rules ask for your yes",
                Level::Number(2) => "Your rules ask for your password",
                Level::Number(_) => "Your rules ask for a hardware key",
                Level::Refused(_) => "Your rules refuse it",
            };
            let because: Vec<String> = if why.is_empty() { rules.iter().map(|r| r.sentence.clone()).collect() } else { why.clone() };
            lines.push(if because.is_empty() { format!("{says}.") } else { format!("{says}: {}", clean(&because.join("; "))) });
            lines.join("\n")
        }
        Event::Approval { state, .. } => match state {
            ApprovalState::Asked => "Continue in the signer's prompt.".into(),
            ApprovalState::Approved => "Approved.".into(),
            ApprovalState::Rejected => "Not approved.".into(),
        },
        Event::Sent { hash, chain, explorer, .. } => {
            let link = explorer.as_ref().map(|e| format!("\n  {e}")).unwrap_or_default();
            format!("Sent on {chain}: {hash}{link}")
        }
        Event::Receipt { success, block, text, .. } => format!("{} {} (block {block})", if *success { "✓" } else { "✗" }, clean(text)),
        Event::Progress { stage, stages, sentence, seconds_left, .. } => {
            let left = seconds_left.map(|s| format!(", about {s:.0} s left")).unwrap_or_default();
            format!("[{stage}/{stages}] {}{left}", clean(sentence))
        }
        Event::Proof { proof } => self::proof(proof),
        Event::Say { text, .. } => clean(text),
        Event::Error { message, remedy, .. } => format!("! {}\n  {}", clean(message), clean(remedy)),
    }
}

/// `→ send · asset USDC · amount 50 · to Alice`.
fn understood(intent: &Intent) -> String {
    let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(intent) else {
        return String::new();
    };
    let words: Vec<String> = fields
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "missing" | "partial" | "reason"))
        .map(|(name, value)| match (name.as_str(), value) {
            ("intent", serde_json::Value::String(text)) => text.replace('_', " "),
            (name, serde_json::Value::String(text)) => format!("{name} {text}"),
            (name, other) => format!("{name} {other}"),
        })
        .collect();
    format!("→ {}", clean(&words.join(" · ")))
}

fn preview(p: &Preview) -> String {
    let mut lines = vec![format!("Preview, on {}:", p.chain)];
    lines.extend(p.steps.iter().map(|s| format!("  {}", clean(s))));
    lines.extend(p.parties.iter().map(|party| {
        let name = party
            .name
            .as_deref()
            .map(|n| format!(" ({}, {})", clean(n), party.source.replace('_', " ")))
            .unwrap_or_else(|| format!(" ({})", party.source));
        format!("  {}: {}{name}", party.role, party.address)
    }));
    lines.extend(p.changes.iter().map(|c| format!("  {}", clean(&c.text))));
    lines.push(format!("  fee: {}", p.fee));
    lines.extend(p.risks.iter().map(|r| format!("  careful: {}", clean(r))));
    lines.join("\n")
}

/// The proof with all that the lender learned.
fn proof(proof: &ProofView) -> String {
    let mark = |good: bool| if good { "✓" } else { "✗" };
    let mut lines = vec![format!("{} {}", mark(proof.accepted), clean(&proof.statement))];
    lines.push(format!("  for {}, from {}, {}", clean(&proof.lender), clean(&proof.bank), proof.id));
    lines
        .extend(proof.checks.iter().filter(|c| !c.passed).map(|c| format!("  {} {}: {}", mark(false), clean(&c.name), clean(&c.sentence))));
    lines.push(format!("  {} of {} checks hold", proof.checks.iter().filter(|c| c.passed).count(), proof.checks.len()));
    lines.extend(proof.visible.iter().map(|seen| format!("  {} also sees: {}", clean(&proof.lender), clean(seen))));
    lines.extend(proof.reasons.iter().map(|why| format!("  {}", clean(why))));
    lines.join("\n")
}

/// Line breaks stay; everything else that steers a terminal becomes a visible mark.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => '\n',
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
    fn nothing_that_is_shown_can_steer_the_terminal() {
        let shown = words(&Event::say("a\x1b[31mb\u{202e}c\nd"));
        assert_eq!(shown, "a�[31mb�c\nd");
    }

    #[test]
    fn a_refusal_names_its_reason() {
        let event = Event::Decision {
            level: Level::from(parlance_signer_protocol::Outcome::Refused),
            rules: vec![],
            why: vec!["$200 a day, already $180".into()],
            effects: vec!["Send 50 USDC".into()],
            usd_micro: None,
        };
        assert!(words(&event).contains("refuse it: $200 a day, already $180"));
    }
}
