//! A table of scores: in all, by intent of the label, by voice or tag of the message.

use std::collections::BTreeMap;
use std::fmt;

use parlance_grounding::{Intent, UnclearReason};
use serde_json::Value;

use crate::score::{Score, Verdict, compare};

/// Scores of one labelled file.
#[derive(Clone, Debug, Default)]
pub struct Report {
    all: Score,
    actionable: Score,
    unclear: Score,
    /// Answered `unclear` among those labelled so, whatever the reason.
    declined: usize,
    intents: BTreeMap<String, Score>,
    tags: BTreeMap<String, Score>,
    times: Vec<f64>,
}

impl Report {
    /// Counts one answer, and says how it compares. `ms` is the time it took, `tags` are the message's own.
    pub fn add(&mut self, answer: &Intent, label: &Intent, ms: f64, tags: &[String]) -> Verdict {
        self.times.push(ms);
        self.all.add(answer, label);
        let unclear = matches!(label, Intent::Unclear { .. });
        if unclear {
            self.unclear.add(answer, label);
            self.declined += usize::from(matches!(answer, Intent::Unclear { .. }));
        } else {
            self.actionable.add(answer, label);
        }
        self.intents.entry(name(label)).or_default().add(answer, label);
        for tag in tags {
            self.tags.entry(tag.clone()).or_default().add(answer, label);
        }
        compare(answer, label)
    }

    /// Milliseconds below which this share of the messages took.
    fn time(&self, share: f64) -> f64 {
        let mut sorted = self.times.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        sorted.get(((last as f64) * share).round() as usize).copied().unwrap_or(0.0)
    }
}

fn name(label: &Intent) -> String {
    match label {
        Intent::Unclear { reason: Some(UnclearReason::Ambiguous), .. } => "unclear: ambiguous".to_owned(),
        Intent::Unclear { reason: Some(UnclearReason::Incomplete), .. } => "unclear: incomplete".to_owned(),
        Intent::Unclear { reason: Some(UnclearReason::OutOfScope), .. } => "unclear: out_of_scope".to_owned(),
        Intent::Unclear { reason: Some(UnclearReason::Unsafe), .. } => "unclear: unsafe".to_owned(),
        other => {
            let value = serde_json::to_value(other).unwrap_or(Value::Null);
            value.get("intent").and_then(Value::as_str).unwrap_or("unclear").to_owned()
        }
    }
}

fn share(part: usize, whole: usize) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) }
}

/// With 95 % confidence the true rate is below this, where none of `n` was seen (rule of three).
fn below(n: usize) -> String {
    if n == 0 { "-".to_owned() } else { format!("{:.2} %", 100.0 * (1.0 - 0.05_f64.powf(1.0 / n as f64))) }
}

impl fmt::Display for Report {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (act, un) = (&self.actionable, &self.unclear);
        writeln!(f, "| | |\n|---|---|")?;
        writeln!(f, "| messages | {} |", self.all.total)?;
        writeln!(f, "| exact | {} ({}) |", self.all.exact, share(self.all.exact, self.all.total))?;
        write!(f, "| **harmful** | **{}**", self.all.harmful)?;
        if self.all.harmful == 0 {
            write!(f, " (the true rate is below {} with 95 % confidence)", below(self.all.total))?;
        }
        writeln!(f, " |")?;
        writeln!(f, "| labelled with something to do: exact | {} of {} ({}) |", act.exact, act.total, share(act.exact, act.total))?;
        writeln!(f, "| ... needlessly answered `unclear` | {} ({}) |", act.asked, share(act.asked, act.total))?;
        writeln!(f, "| ... harmlessly wrong | {} ({}) |", act.wrong, share(act.wrong, act.total))?;
        writeln!(f, "| labelled `unclear`: answered `unclear` | {} of {} ({}) |", self.declined, un.total, share(self.declined, un.total))?;
        writeln!(f, "| ... with reason, fields and all | {} ({}) |", un.exact, share(un.exact, un.total))?;
        let (median, tail) = (self.time(0.5), self.time(0.95));
        writeln!(f, "| milliseconds: median, 95 %, worst | {median:.1}, {tail:.1}, {:.1} |", self.time(1.0))?;
        for (title, rows) in [("label", &self.intents), ("voice or tag", &self.tags)] {
            if rows.is_empty() {
                continue;
            }
            writeln!(f, "\n| {title} | messages | exact | unclear | wrong | harmful |\n|---|---|---|---|---|---|")?;
            for (name, s) in rows {
                writeln!(f, "| {name} | {} | {} | {} | {} | {} |", s.total, share(s.exact, s.total), s.unclear, s.wrong, s.harmful)?;
            }
        }
        Ok(())
    }
}
