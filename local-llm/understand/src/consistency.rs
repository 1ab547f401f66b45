//! Contradictions between an intent and the order of the words: a direction turned round, a price taken for an amount,
//! a number counted in the wrong asset. Each check can only refuse.

use parlance_grounding::{Grounding, Intent, Kind, SlotName, encode};
use serde_json::Value;

/// Why the words contradict the intent, where they do.
pub(crate) fn contradiction(intent: &Intent, grounding: &Grounding) -> Option<String> {
    let line = encode(intent, grounding).ok()?;
    let value = serde_json::to_value(intent).ok()?;
    let text = Text::of(grounding);
    spent_twice(&line, &text).or_else(|| text.walk(&value))
}

/// An amount that was said once is used once: a trigger's price is not also the amount.
fn spent_twice(line: &str, text: &Text<'_>) -> Option<String> {
    text.grounding.of(Kind::Amount).find_map(|slot| {
        let uses = line.matches(slot.name.to_string().as_str()).count();
        (uses > slot.mentions.len()).then(|| format!("\"{}\" was said once and would be used {uses} times.", slot.value))
    })
}

struct Text<'a> {
    grounding: &'a Grounding,
    words: Vec<&'a str>,
}

impl<'a> Text<'a> {
    fn of(grounding: &'a Grounding) -> Text<'a> {
        Text { grounding, words: grounding.delex.iter().map(|w| w.text.as_str()).collect() }
    }

    fn walk(&self, value: &Value) -> Option<String> {
        let inner = match value.get("do") {
            Some(Value::Array(list)) => list.iter().find_map(|v| self.walk(v).or_else(|| self.borrowed(v))),
            Some(inner) => self.walk(inner),
            None => None,
        };
        inner.or_else(|| self.one(value))
    }

    fn one(&self, value: &Value) -> Option<String> {
        let field = |key: &str| value.get(key).and_then(Value::as_str);
        match field("intent")? {
            "swap" => self
                .direction(field("from"), field("to"))
                .or_else(|| self.price(field("amount")))
                .or_else(|| self.unit(field("amount"), field("from"), field("to"), field("side") == Some("out"))),
            "send" | "approve" | "bridge" | "loan_apply" | "loan_draw" | "loan_repay" => {
                let places = if field("intent") == Some("bridge") { self.places(field("from_chain"), field("to_chain")) } else { None };
                places.or_else(|| self.unit(field("amount"), field("asset"), None, false))
            }
            "when" => self.trigger(field("below").is_some()),
            "cancel_tx" => self.lacks(CANCELS, "cancels anything"),
            "speed_up" => self.lacks(HURRIES, "hurries anything"),
            "sign_message" => self.lacks(SIGNS, "asks for a signature"),
            "amend" | "confirm" => self.quotes(),
            "pay" | "agent_hire" => self.bound(field("max")).or_else(|| self.task(value)),
            _ => None,
        }
    }

    /// In a list of steps, a swap's asset that only stands beside another step's amount belongs to that step.
    fn borrowed(&self, value: &Value) -> Option<String> {
        let field = |key: &str| value.get(key).and_then(Value::as_str);
        let amount = field("amount").filter(|_| field("intent") == Some("swap"))?;
        [field("from"), field("to")].into_iter().flatten().find_map(|asset| {
            let name = self.name(Kind::Token, Some(asset))?;
            let elsewhere = |i: usize| {
                let k = if self.before(i) == "of" { i.saturating_sub(1) } else { i };
                let beside =
                    k.checked_sub(1).and_then(|k| self.grounding.delex.get(k)).and_then(|w| w.slot).filter(|s| s.kind == Kind::Amount);
                beside
                    .and_then(|s| self.grounding.slot(s))
                    .is_some_and(|s| s.value.trim_start_matches('$') != amount.trim_start_matches('$'))
            };
            let mut places = self.positions(name).peekable();
            (places.peek().is_some() && places.all(elsewhere)).then(|| format!("{asset} belongs to another step."))
        })
    }

    fn name(&self, kind: Kind, value: Option<&str>) -> Option<SlotName> {
        self.grounding.of(kind).find(|s| Some(s.value.as_str()) == value).map(|s| s.name)
    }

    /// Where a slot stands.
    fn positions(&self, name: SlotName) -> impl Iterator<Item = usize> + '_ {
        self.grounding.delex.iter().enumerate().filter(move |(_, w)| w.slot == Some(name)).map(|(i, _)| i)
    }

    fn before(&self, i: usize) -> &str {
        i.checked_sub(1).and_then(|k| self.words.get(k)).copied().unwrap_or("")
    }

    /// "into X" is what is received; "X to Y" goes from X to Y.
    fn direction(&self, from: Option<&str>, to: Option<&str>) -> Option<String> {
        let from_slot = self.name(Kind::Token, from);
        let turned = || Some("The direction of the swap contradicts your words.".to_owned());
        if let Some(name) = from_slot
            && self.positions(name).all(|i| matches!(self.before(i), "into" | "becomes" | "->"))
        {
            return turned();
        }
        let (Some(from), Some(to)) = (from_slot, self.name(Kind::Token, to)) else {
            return None;
        };
        let backwards = self
            .positions(to)
            .any(|a| self.positions(from).any(|b| b == a + 2 && matches!(self.words.get(a + 1), Some(&("to" | "into" | "for" | "→")))));
        let forwards = self
            .positions(from)
            .any(|a| self.positions(to).any(|b| b == a + 2 && matches!(self.words.get(a + 1), Some(&("to" | "into" | "for" | "→")))));
        // "buy X for Y" pays with Y.
        let bought = self.words.iter().any(|w| matches!(*w, "buy" | "get" | "buying" | "purchase" | "acquire" | "grab" | "price"));
        if backwards && !forwards && !bought { turned() } else { None }
    }

    /// What stands after "at" is a price.
    fn price(&self, amount: Option<&str>) -> Option<String> {
        let amount = amount?;
        let slot = self.grounding.of(Kind::Amount).find(|s| s.value == amount)?.name;
        let mut places = self.positions(slot).peekable();
        let priced = places.peek().is_some()
            && places.all(|i| matches!(self.before(i), "at" | "@") || self.before(i) == "$" && self.before(i - 1) == "at");
        priced.then(|| format!("{amount} is a price, not an amount."))
    }

    /// A plain number that stands right before an asset counts that asset.
    fn unit(&self, amount: Option<&str>, given: Option<&str>, received: Option<&str>, out: bool) -> Option<String> {
        let amount = amount.filter(|a| a.chars().all(|c| c.is_ascii_digit() || c == '.'))?;
        let slot = self.grounding.of(Kind::Amount).find(|s| s.value == amount)?.name;
        let units: Vec<&str> = self
            .positions(slot)
            .filter_map(|i| {
                let next = if self.words.get(i + 1) == Some(&"of") { i + 2 } else { i + 1 };
                let name = self.grounding.delex.get(next)?.slot.filter(|s| s.kind == Kind::Token)?;
                Some(self.grounding.slot(name)?.value.as_str())
            })
            .collect();
        let counted = if out { received } else { given };
        // "10 dai out" is what comes out.
        let said_out = self
            .positions(slot)
            .any(|i| self.words.get(i + 1).is_some_and(|w| w.starts_with("<T")) && self.words.get(i + 2) == Some(&"out"));
        if said_out && received.is_some() && !out {
            return Some(format!("{amount} is what you want to receive."));
        }
        // Nothing named on that side: the number must not count the other.
        let wrong = match counted {
            Some(counted) if !counted.starts_with("0x") => !units.is_empty() && !units.contains(&counted),
            Some(_) => false,
            None => !units.is_empty() && !out,
        };
        wrong.then(|| format!("{amount} counts {}, not what it would be taken for.", units.join(" and ")))
    }

    /// "from X" is where it leaves, "to X" where it arrives.
    fn places(&self, from: Option<&str>, to: Option<&str>) -> Option<String> {
        let stands_after = |value: Option<&str>, words: &[&str]| {
            self.name(Kind::Chain, value).is_some_and(|name| {
                let mut places = self.positions(name).peekable();
                places.peek().is_some() && places.all(|i| words.contains(&self.before(i)))
            })
        };
        let turned = stands_after(to, &["from", "off", "von", "de", "desde", "从"])
            || stands_after(from, &["to", "onto", "into", "nach", "vers", "para", "到"]);
        turned.then(|| "The direction of the bridge contradicts your words.".to_owned())
    }

    /// A stop loss waits for a fall, taking profit for a rise.
    fn trigger(&self, below: bool) -> Option<String> {
        let says = |run: &[&str]| self.words.windows(run.len()).any(|w| w == run);
        let word = |cues: &[&str]| self.words.iter().any(|w| cues.contains(w));
        let falls = says(&["sl"]) || says(&["stop", "loss"]) || says(&["stop", "-", "loss"]) || word(FALLS);
        let rises = says(&["tp"]) || says(&["take", "profit"]) || says(&["take", "-", "profit"]) || word(RISES);
        (falls && !rises && !below || rises && !falls && below).then(|| "The direction of the trigger contradicts your words.".to_owned())
    }

    fn lacks(&self, cues: &[&str], what: &str) -> Option<String> {
        (!self.words.iter().any(|w| cues.iter().any(|c| w.starts_with(c)))).then(|| format!("Nothing in your words {what}."))
    }

    /// Whoever corrects or confirms something quotes nobody.
    fn quotes(&self) -> Option<String> {
        let quote = self.grounding.of(Kind::Quote).next()?;
        Some(format!("\"{}\" is quoted: it changes nothing.", quote.value))
    }

    /// A most to pay is said as one: "up to", "at most", "max".
    fn bound(&self, max: Option<&str>) -> Option<String> {
        let max = max?;
        let slot = self.grounding.of(Kind::Amount).find(|s| s.value == max)?.name;
        let said = self.positions(slot).any(|i| {
            let before = self.words.get(i.saturating_sub(3)..i).unwrap_or(&[]);
            let after = self.words.get(i + 1..(i + 3).min(self.words.len())).unwrap_or(&[]);
            before.iter().any(|w| BOUNDS.contains(w))
                || after.iter().any(|w| matches!(*w, "max" | "maximum" | "tops" | "most" | "budget" | "limit" | "cap"))
        });
        (!said).then(|| format!("{max} is not said to be the most to pay."))
    }

    /// "agent 4 for a poem" names a task: an intent without one has lost it.
    fn task(&self, value: &Value) -> Option<String> {
        let agent = value.get("agent")?.as_str()?;
        if value.get("task").is_some() {
            return None;
        }
        let slot = [Kind::Agent, Kind::Ens, Kind::Address, Kind::Contact].into_iter().find_map(|k| self.name(k, Some(agent)))?;
        let named = self
            .positions(slot)
            .any(|i| matches!(self.words.get(i + 1), Some(&("for" | "to"))) && self.words.get(i + 2).is_some_and(|w| !w.starts_with('<')));
        named.then(|| "The task was not understood.".to_owned())
    }
}

const SIGNS: &[&str] =
    &["sign", "firm", "assin", "unterschr", "unterzeich", "autograph", "hastakshar", "sahi", "签", "imza", "tekenen", "onderteken"];
const FALLS: &[&str] = &[
    "cheaper", "below", "under", "beneath", "drops", "drop", "dips", "dip", "falls", "fall", "sinks", "slips", "crashes", "dumps", "lower",
    "unter", "baja", "cae", "sous", "abaixo", "cai", "niche", "跌",
];
const RISES: &[&str] = &[
    "above", "over", "exceeds", "climbs", "climb", "rises", "rise", "pumps", "tops", "higher", "dearer", "moons", "beyond", "über", "sube",
    "supera", "dépasse", "acima", "sobe", "upar", "涨",
];
const CANCELS: &[&str] = &[
    "cancel", "drop", "kill", "stop", "replace", "abort", "undo", "void", "revert", "annul", "nuke", "scrap", "back", "retract",
    "withdraw", "pull", "take", "storn", "abbrech", "取", "remove", "forget", "unsend", "roh", "rok",
];
const HURRIES: &[&str] = &[
    "speed",
    "fast",
    "quick",
    "bump",
    "boost",
    "accelerat",
    "hurry",
    "rush",
    "priorit",
    "push",
    "expedit",
    "raise",
    "increase",
    "more",
    "higher",
    "up",
    "schnell",
    "beschleun",
    "acelera",
    "accélér",
    "jaldi",
    "tez",
    "加",
    "rápid",
    "rapid",
    "vite",
    "ages",
    "slow",
    "stuck",
    "rbf",
    "resubmit",
    "nudge",
    "now",
    "sooner",
];
const BOUNDS: &[&str] = &[
    "max",
    "maximum",
    "most",
    "up",
    "than",
    "under",
    "below",
    "cap",
    "capped",
    "budget",
    "limit",
    "within",
    "over",
    "exceed",
    "exceeding",
    "beyond",
    "paying",
    "pay",
    "tops",
    "ceiling",
    "spend",
    "spending",
    "less",
    "for",
    "máximo",
    "höchstens",
    "maximal",
    "hasta",
    "bis",
    "jusqu'à",
    "até",
    "cost",
    "costs",
    "worth",
];
