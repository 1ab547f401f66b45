//! Vetoes that need more than a phrase: deceiving characters, entities that no field can hold, pasted structures.

use super::{Stops, Veto};
use crate::entity::Kind;
use crate::ground::Grounding;
use crate::intent::UnclearReason::{Ambiguous, Incomplete, OutOfScope, Unsafe};

pub(super) fn vetoes(grounding: &Grounding) -> Vec<Veto> {
    let mut vetoes = Vec::new();
    let mut say = |rule, reason, stops, why, missing| vetoes.push(Veto { rule, reason, stops, why, missing });
    let has = |kind: Kind| grounding.of(kind).next().is_some();
    let findings = &grounding.findings;
    if !findings.deceptions.is_empty() {
        say(
            "deceiving-characters",
            Unsafe,
            Stops::Everything,
            "The message holds hidden characters, or letters of another script that pass for Latin ones.",
            None,
        );
    }
    if pasted(&grounding.message.text) {
        say("pasted-structure", Unsafe, Stops::Everything, "The message holds pasted data or a role label, which is not acted on.", None);
    }
    if findings.too_much {
        say("too-much", Ambiguous, Stops::Everything, "The message is too long or names too many things at once.", None);
    }
    if has(Kind::Foreign) && !about_agents(grounding) {
        say("foreign-asset", OutOfScope, Stops::Everything, "That asset or chain is not supported.", None);
    }
    if !findings.doubtful_names.is_empty() {
        say("doubtful-name", Ambiguous, Stops::Spending, "The name fits more than one contact, or only a part of one.", None);
    }
    if !findings.two_ways.is_empty() {
        say("number-two-ways", Ambiguous, Stops::Spending, "The number can be read in two ways.", None);
    }
    let address_field = "to";
    if !findings.bad_checksums.is_empty() {
        say(
            "address-checksum",
            Incomplete,
            Stops::Spending,
            "The address has a typing error: its capital letters do not fit its digits.",
            Some(address_field),
        );
    }
    if has(Kind::Malformed) {
        say("address-malformed", Incomplete, Stops::Spending, "The address is not a whole address.", Some(address_field));
    }
    if has(Kind::Handle) {
        say("handle", Incomplete, Stops::Spending, "A @name is not a contact.", Some(address_field));
    }
    let recurs = has(Kind::Every);
    if has(Kind::Clock) && !recurs {
        say("one-time", OutOfScope, Stops::SpendingNow, "Doing something once at a later time is not supported.", None);
    }
    for slot in grounding.of(Kind::Relative) {
        if slot.value.contains(|c: char| c.is_ascii_digit()) && slot.value.starts_with(['-', '+']) {
            say("relative", Incomplete, Stops::Spending, "A change in percent needs a price to start from.", Some("below"));
        } else {
            say(
                "recurrence",
                OutOfScope,
                Stops::Spending,
                "That rhythm is not supported: every day, week, month, weekday, day of the month, or number of hours.",
                None,
            );
        }
    }
    vetoes
}

/// What an agent is asked to do may be about anything.
fn about_agents(grounding: &Grounding) -> bool {
    grounding.delex.iter().any(|w| w.text.starts_with("agent") || matches!(w.text.as_str(), "hire" | "代"))
}

/// JSON, markup of chat models, role labels, settings.
fn pasted(text: &str) -> bool {
    let lower = text.to_lowercase();
    let object = lower.contains('{') && lower.contains('}') && (lower.contains('"') || lower.contains("intent")) && lower.contains(':');
    let markup = [
        "<|",
        "|>",
        "[inst]",
        "[/inst]",
        "<<sys>>",
        "</s>",
        "<system",
        "</system",
        "[system]",
        "(system)",
        "### instruction",
        "### system",
        "```",
        "<tool",
        "</tool",
        "<assistant",
        "<user>",
        "begin system",
        "{{",
    ];
    let role = lower.lines().flat_map(|l| l.split([';', '|', '.', '"', '\'', '(', ')', '\u{2022}'])).any(|part| {
        let part = part.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '#' | '*' | '-' | '>' | '[' | '_'));
        [
            "system",
            "assistant",
            "developer",
            "admin",
            "root",
            "tool",
            "tool result",
            "tool output",
            "function",
            "sysadmin",
            "system message",
            "system prompt",
            "system note",
            "system override",
            "ai",
            "instruction",
            "instructions",
            "important instruction",
            "new instructions",
        ]
        .iter()
        .any(|r| part.strip_prefix(r).is_some_and(|rest| rest.trim_start_matches([' ', ']', '*', '_']).starts_with(':')))
    });
    object || markup.iter().any(|m| lower.contains(m)) || role
}
