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
    reliability: [Bin; BINS],
}

/// Equal steps of confidence in the reliability diagram.
const BINS: usize = 10;

/// Answers of about one confidence.
#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    answers: usize,
    exact: usize,
    confidence: f64,
}

impl Report {
    /// Counts one answer, and says how it compares. `confidence` (0 to 1) and `ms` (how long it took) are the answer's, `tags` the message's own.
    pub fn add(&mut self, answer: &Intent, label: &Intent, confidence: f64, ms: f64, tags: &[String]) -> Verdict {
        self.times.push(ms);
        let verdict = compare(answer, label);
        // A question claims nothing: only what is acted on must be as sure as it says.
        if !matches!(answer, Intent::Unclear { .. })
            && let Some(bin) = self.reliability.get_mut(((confidence * BINS as f64) as usize).min(BINS - 1))
        {
            bin.answers += 1;
            bin.exact += usize::from(verdict == Verdict::Exact);
            bin.confidence += confidence;
        }
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
        verdict
    }

    /// Mean distance of confidence and share of exact answers, over the answers that do something (expected calibration error, 0 to 1).
    #[must_use]
    pub fn calibration_error(&self) -> f64 {
        let answers: usize = self.reliability.iter().map(|b| b.answers).sum();
        let off: f64 = self.reliability.iter().map(|b| (b.confidence - b.exact as f64).abs()).sum();
        if answers == 0 { 0.0 } else { off / answers as f64 }
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
        writeln!(f, "| calibration error of what is acted on | {:.3} |", self.calibration_error())?;
        writeln!(f, "\n| confidence | answers acted on | mean confidence | exact | |\n|---|---|---|---|---|")?;
        for (i, bin) in self.reliability.iter().enumerate().filter(|(_, bin)| bin.answers > 0) {
            let (low, high) = (i as f64 / BINS as f64, (i + 1) as f64 / BINS as f64);
            let (mean, exact) = (bin.confidence / bin.answers as f64, bin.exact as f64 / bin.answers as f64);
            let bar = "█".repeat((exact * 20.0).round() as usize);
            writeln!(f, "| {low:.1} to {high:.1} | {} | {mean:.2} | {exact:.2} | {bar} |", bin.answers)?;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn intent(text: &str) -> Intent {
        serde_json::from_str(text).expect("an intent")
    }

    #[test]
    fn confidence_is_held_against_what_was_exact() {
        let (fees, help) = (intent(r#"{"intent": "fees"}"#), intent(r#"{"intent": "help"}"#));
        let mut report = Report::default();
        for right in [true, true, true, false] {
            report.add(if right { &fees } else { &help }, &fees, 0.75, 1.0, &[]);
        }
        assert!(report.calibration_error() < 1e-9, "three of four at 0.75");
        report.add(&intent(r#"{"intent": "unclear"}"#), &fees, 0.99, 1.0, &[]);
        assert!(report.calibration_error() < 1e-9, "a question claims nothing");
        report.add(&help, &fees, 1.0, 1.0, &[]);
        assert!((report.calibration_error() - 0.2).abs() < 1e-9, "one of five was sure and wrong");
        assert!(report.to_string().contains("| 0.7 to 0.8 | 4 | 0.75 | 0.75 |"), "{report}");
    }
}
