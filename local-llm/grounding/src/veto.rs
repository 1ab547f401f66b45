//! Reasons not to act, found by words alone: deterministic, and deaf to what a model thinks.
//!
//! The phrases are data (`data/veto/*.tsv`); what needs more than phrases is in [`circumstance`].

mod circumstance;
mod pattern;

use std::sync::LazyLock;

use crate::ground::Grounding;
use crate::intent::UnclearReason;
use pattern::Pattern;

/// One reason not to act on a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Veto {
    /// Which rule spoke, e.g. `reported-speech`.
    pub rule: &'static str,
    /// How the message is to be answered.
    pub reason: UnclearReason,
    /// Which intents it stops.
    pub stops: Stops,
    /// For a person, one sentence.
    pub why: &'static str,
    /// The field that is missing through it, where it is one.
    pub missing: Option<&'static str>,
}

/// Which intents a veto stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stops {
    /// All of them: the message is not to be acted on in any way.
    Everything,
    /// Those that move money or let others move it.
    Spending,
    /// Those that move money now, rather than on a condition.
    SpendingNow,
    /// Swaps, alone or inside another intent.
    Swaps,
}

impl Stops {
    /// Whether an intent of these kinds (its own name first, then those inside it) is stopped.
    pub fn stops(self, kinds: &[&str]) -> bool {
        let spends = |k: &&str| {
            matches!(
                *k,
                "send"
                    | "swap"
                    | "bridge"
                    | "wrap"
                    | "unwrap"
                    | "approve"
                    | "pay"
                    | "agent_hire"
                    | "agent_register"
                    | "loan_apply"
                    | "loan_draw"
                    | "loan_repay"
                    | "schedule"
                    | "when"
                    | "sign_message"
                    | "prove_balance"
                    | "contact_add"
            )
        };
        match self {
            Stops::Everything => true,
            Stops::Spending => kinds.iter().any(spends),
            Stops::SpendingNow => kinds.iter().any(spends) && !kinds.contains(&"when"),
            Stops::Swaps => kinds.contains(&"swap"),
        }
    }
}

struct Rule {
    name: &'static str,
    reason: UnclearReason,
    stops: Stops,
    why: &'static str,
    pattern: Pattern,
    unless: Option<Pattern>,
}

const TABLES: [&str; 4] = [
    include_str!("../data/veto/unsafe.tsv"),
    include_str!("../data/veto/scope.tsv"),
    include_str!("../data/veto/mood.tsv"),
    include_str!("../data/veto/bounds.tsv"),
];

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| TABLES.iter().flat_map(|t| t.lines()).filter_map(rule).collect());

/// One line: rule, reason, stops, pattern, unless (or `-`), why.
fn rule(line: &'static str) -> Option<Rule> {
    let mut columns = line.split('\t').map(str::trim);
    let name = columns.next().filter(|n| !n.is_empty() && !n.starts_with('#'))?;
    let reason = match columns.next()? {
        "unsafe" => UnclearReason::Unsafe,
        "out_of_scope" => UnclearReason::OutOfScope,
        "ambiguous" => UnclearReason::Ambiguous,
        "incomplete" => UnclearReason::Incomplete,
        _ => return None,
    };
    let stops = match columns.next()? {
        "everything" => Stops::Everything,
        "spending" => Stops::Spending,
        "now" => Stops::SpendingNow,
        "swaps" => Stops::Swaps,
        _ => return None,
    };
    let pattern = Pattern::parse(columns.next()?)?;
    let unless = match columns.next()? {
        "-" => None,
        text => Some(Pattern::parse(text)?),
    };
    Some(Rule { name, reason, stops, why: columns.next().filter(|w| !w.is_empty())?, pattern, unless })
}

/// Everything that speaks against acting on this message, the gravest first.
pub fn vetoes(grounding: &Grounding) -> Vec<Veto> {
    let words: Vec<&str> = grounding.delex.iter().map(|w| w.text.as_str()).collect();
    let mut vetoes: Vec<Veto> = circumstance::vetoes(grounding);
    // Where something waits for an answer, "cool" is one.
    let chat = grounding.message.pending.is_none();
    for rule in RULES.iter().filter(|r| chat || r.name != "small-talk") {
        let here = rule.pattern.occurs(&words) && !rule.unless.as_ref().is_some_and(|u| u.occurs(&words));
        if here && !vetoes.iter().any(|v| v.rule == rule.name && v.reason == rule.reason && v.stops == rule.stops) {
            vetoes.push(Veto { rule: rule.name, reason: rule.reason, stops: rule.stops, why: rule.why, missing: None });
        }
    }
    vetoes.sort_by_key(|v| match v.reason {
        UnclearReason::Unsafe => 0,
        UnclearReason::OutOfScope => 1,
        UnclearReason::Incomplete => 2,
        UnclearReason::Ambiguous => 3,
    });
    vetoes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_is_a_rule() {
        for line in TABLES.iter().flat_map(|t| t.lines()).filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
            assert!(rule(line).is_some(), "not a rule: {line}");
        }
        assert!(RULES.len() > 80);
    }
}
