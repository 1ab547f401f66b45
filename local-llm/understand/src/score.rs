//! Scores on a labelled file: exact, unclear, harmful.

use parlance_grounding::fields::moves_or_permits;
use parlance_grounding::{Intent, Recipients};
use serde_json::Value;

use crate::coverage::kinds;

/// Counts over labelled messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Messages.
    pub total: usize,
    /// The intent equals the label, field by field.
    pub exact: usize,
    /// Answered `unclear` where the label is not.
    pub asked: usize,
    /// Answered `unclear` at all.
    pub unclear: usize,
    /// Would move money or widen a permission, and differs from the label.
    pub harmful: usize,
    /// Differs from the label and can't hurt.
    pub wrong: usize,
}

/// How one answer compares with its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Equal.
    Exact,
    /// A question where the label knows an answer, or for another reason than the label's.
    Asked,
    /// Would move money or widen a permission, and is not what was asked for.
    Harmful,
    /// Another harmless difference.
    Wrong,
}

/// Compares an answer with its label.
pub fn compare(answer: &Intent, label: &Intent) -> Verdict {
    let unclear = matches!(answer, Intent::Unclear { .. });
    if canonical(answer) == canonical(label) {
        Verdict::Exact
    } else if unclear {
        Verdict::Asked
    } else if kinds(&serde_json::to_value(answer).unwrap_or(Value::Null)).iter().any(|k| moves_or_permits(k)) {
        Verdict::Harmful
    } else {
        Verdict::Wrong
    }
}

impl Score {
    /// Counts one answer.
    pub fn add(&mut self, answer: &Intent, label: &Intent) -> Verdict {
        let verdict = compare(answer, label);
        self.total += 1;
        self.unclear += usize::from(matches!(answer, Intent::Unclear { .. }));
        match verdict {
            Verdict::Exact => self.exact += 1,
            Verdict::Asked => self.asked += 1,
            Verdict::Harmful => self.harmful += 1,
            Verdict::Wrong => self.wrong += 1,
        }
        verdict
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = |n: usize| {
            if self.total == 0 { 0.0 } else { 100.0 * n as f64 / self.total as f64 }
        };
        write!(
            f,
            "{} messages: exact {} ({:.1} %), unclear {} ({:.1} %), asked or declined differently {}, harmlessly wrong {}, HARMFUL {}",
            self.total,
            self.exact,
            of(self.exact),
            self.unclear,
            of(self.unclear),
            self.asked,
            self.wrong,
            self.harmful
        )
    }
}

/// A list of one recipient is that recipient; the side `in` is the default; the order of missing fields says nothing.
fn canonical(intent: &Intent) -> Value {
    let mut intent = intent.clone();
    if let Intent::Send { to, .. } = &mut intent
        && let Recipients::Many(list) = to
        && let [one] = list.as_slice()
    {
        *to = Recipients::One(one.clone());
    }
    let mut value = serde_json::to_value(&intent).unwrap_or(Value::Null);
    sort(&mut value);
    value
}

fn sort(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.get("side").and_then(Value::as_str) == Some("in") {
                map.remove("side");
            }
            if let Some(Value::Array(missing)) = map.get_mut("missing") {
                missing.sort_by_key(Value::to_string);
            }
            let mut entries: Vec<(String, Value)> = std::mem::take(map).into_iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            for (key, mut inner) in entries {
                sort(&mut inner);
                map.insert(key, inner);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(sort),
        _ => {}
    }
}
