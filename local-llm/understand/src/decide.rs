//! What is accepted: vetoes, the decoder, the second voice and coverage must not contradict each other.
//!
//! Pure: everything that it needs is in [`Evidence`].

use parlance_grounding::{Grounding, Intent, Kind, Stops, UnclearReason, Veto, validate};
use serde_json::{Value, json};

use crate::agreement::{agreement, reason_of};
use crate::consistency::contradiction;
use crate::coverage::{kinds, leftovers};
use crate::ngram::Vote;
use crate::wire::Heard;
use crate::words::Words;

/// From which point on a voice counts. All from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Least confidence of the decoder in an intent that moves money or widens a permission.
    pub spend_confidence: f64,
    /// Least probability of its weakest choice there.
    pub spend_weakest: f64,
    /// Least probability that the n-grams give to that intent where it is not their first choice.
    pub second_voice: f32,
    /// Least probability that the encoder gives to that intent.
    pub encoder: f32,
    /// Least probability that the encoder gives to each field of that intent, at the slot that fills it.
    pub field: f32,
    /// Most words that no model has seen, in an intent that moves money or widens a permission.
    pub strange: usize,
    /// Least confidence of the decoder in an intent that only reads.
    pub read_confidence: f64,
    /// A second voice as sure as this that the message is unclear or something else overrules a read.
    pub objection: f32,
    /// Both voices as sure as this of the same reading that only reads overrule a veto on the topic's words.
    pub overrule: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            spend_confidence: 0.55,
            spend_weakest: 0.4,
            second_voice: 0.3,
            encoder: 0.5,
            field: 0.3,
            strange: 1,
            read_confidence: 0.3,
            objection: 0.9,
            overrule: 0.9,
        }
    }
}

/// What the voices said about one message.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// The message.
    pub grounding: &'a Grounding,
    /// What speaks against acting.
    pub vetoes: &'a [Veto],
    /// What the decoder wrote, read back; `Err` says in words why there is nothing.
    pub decoded: Result<Decoded, String>,
    /// What the n-grams say, most likely first; empty where there are none.
    pub votes: &'a [Vote],
    /// What the encoder says, where there is one.
    pub heard: Option<&'a Heard>,
    /// The words that the models know, where that is known.
    pub words: Option<&'a Words>,
    /// What may be accepted from the decoder's model.
    pub licence: Licence,
}

/// What may be accepted from a model, whatever it says and however sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Licence {
    /// Everything that the other checks let through.
    Act,
    /// Only intents that change nothing and cost nothing.
    QuestionsOnly,
}

impl Licence {
    /// Whether an intent of it, with all that it carries, may be accepted.
    #[must_use]
    pub fn permits(self, intent: &Intent) -> bool {
        self == Licence::Act || {
            let value = serde_json::to_value(intent).unwrap_or(Value::Null);
            kinds(&value).iter().all(|kind| only_reads(kind) || kind == "steps")
        }
    }
}

/// The decoder's reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The intent.
    pub intent: Intent,
    /// Product of the probabilities of the choices, 0 to 1.
    pub confidence: f64,
    /// Smallest of them, 0 to 1.
    pub weakest: f64,
}

/// What is made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Accepted, or `unclear`.
    pub intent: Intent,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// The decoder's reading, where it was not accepted.
    pub rejected: Option<Intent>,
    /// Why it is unclear.
    pub explanation: Option<String>,
}

/// Intents that change nothing and cost nothing.
fn only_reads(kind: &str) -> bool {
    matches!(
        kind,
        "balance"
            | "receive"
            | "history"
            | "spending"
            | "price"
            | "fees"
            | "status"
            | "contacts"
            | "rules"
            | "agent_find"
            | "loan_status"
            | "schedules"
            | "help"
            | "cancel"
            | "lock"
            | "unclear"
    )
}

/// Decides.
pub fn decide(evidence: &Evidence<'_>, thresholds: &Thresholds) -> Decision {
    let decision = weigh(evidence, thresholds);
    // Last and on its own, so that no way through the rest passes it by.
    if evidence.licence.permits(&decision.intent) {
        let rejected = decision.rejected.filter(|intent| evidence.licence.permits(intent));
        return Decision { rejected, ..decision };
    }
    unclear(UnclearReason::OutOfScope, 0.5, None, UNLICENSED.to_owned())
}

/// Said where a model without a licence would have moved money.
pub(crate) const UNLICENSED: &str =
    "This language model may only answer questions: it has not passed the exam. Hold the exam, or go back to the shipped model.";

fn weigh(evidence: &Evidence<'_>, thresholds: &Thresholds) -> Decision {
    let overruled = sure_of_reading(evidence, thresholds);
    if let Some(veto) = evidence.vetoes.iter().find(|v| is_final(v) || v.stops == Stops::Everything && !overruled) {
        let rejected = evidence.decoded.as_ref().ok().map(|d| d.intent.clone());
        return unclear(veto.reason, 0.99, rejected, veto.why.to_owned());
    }
    let decoded = match &evidence.decoded {
        Ok(decoded) => decoded,
        Err(why) => return unclear(UnclearReason::Ambiguous, 0.0, None, why.clone()),
    };
    let value = serde_json::to_value(&decoded.intent).unwrap_or(Value::Null);
    let names = kinds(&value);
    let kind = names.first().map_or("", String::as_str);
    if let Intent::Unclear { .. } = decoded.intent {
        return from_unclear(evidence, decoded);
    }
    let reject = |reason, why: String| unclear(reason, 0.5, Some(decoded.intent.clone()), why);
    if let Err(error) = validate(&decoded.intent, evidence.grounding) {
        return reject(UnclearReason::Ambiguous, format!("The model named something that you did not: {error}."));
    }
    if names.iter().all(|n| only_reads(n) || n == "steps") {
        return reads(evidence, decoded, kind, thresholds);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if let Some(veto) = evidence.vetoes.iter().find(|v| v.stops.stops(&names)) {
        return vetoed(evidence, decoded, &value, veto);
    }
    if let Err(why) = makes_sense(&value, evidence.grounding) {
        return reject(UnclearReason::Ambiguous, why);
    }
    if let Some(why) = contradiction(&decoded.intent, evidence.grounding) {
        return reject(UnclearReason::Ambiguous, why);
    }
    let left = leftovers(&decoded.intent, evidence.grounding);
    if let Some(first) = left.first() {
        let reason = if matches!(first.kind, Kind::Clock | Kind::Every | Kind::Relative | Kind::Foreign) {
            UnclearReason::OutOfScope
        } else {
            UnclearReason::Ambiguous
        };
        return reject(reason, format!("I could not place \"{}\" in what you said.", first.value));
    }
    let strange = evidence.words.map(|words| words.unknown(evidence.grounding, &decoded.intent)).unwrap_or_default();
    if strange.len() > thresholds.strange {
        return reject(UnclearReason::Ambiguous, format!("I do not know enough of these words: {}.", strange.join(", ")));
    }
    let label = label(&value);
    let voice = match agreement(evidence, &decoded.intent, &label, thresholds) {
        Ok(voice) => voice,
        Err((reason, why)) => return reject(reason, why),
    };
    if decoded.confidence < thresholds.spend_confidence || decoded.weakest < thresholds.spend_weakest {
        return reject(UnclearReason::Ambiguous, "I am not sure enough of what you mean to act on it.".to_owned());
    }
    Decision {
        intent: decoded.intent.clone(),
        confidence: decoded.confidence.min(f64::from(voice).sqrt()),
        rejected: None,
        explanation: None,
    }
}

/// Whether a veto stands whatever the voices say: all that stop everything, but for those that only go by the topic's words.
pub(crate) fn is_final(veto: &Veto) -> bool {
    veto.stops == Stops::Everything && (veto.reason != UnclearReason::OutOfScope || veto.rule == "foreign-asset")
}

/// Both voices are sure of the same reading, and it only reads: a topic's word alone ("any news on that transfer") does not stop it.
fn sure_of_reading(evidence: &Evidence<'_>, thresholds: &Thresholds) -> bool {
    let Ok(decoded) = &evidence.decoded else {
        return false;
    };
    let value = serde_json::to_value(&decoded.intent).unwrap_or(Value::Null);
    let names = kinds(&value);
    names.len() == 1
        && names.iter().all(|n| n != "unclear" && only_reads(n))
        && decoded.confidence >= thresholds.overrule
        && evidence.votes.first().is_some_and(|v| names.first() == Some(&v.label) && f64::from(v.probability) >= thresholds.overrule)
}

fn unclear(reason: UnclearReason, confidence: f64, rejected: Option<Intent>, why: String) -> Decision {
    let rejected = rejected.filter(|i| !matches!(i, Intent::Unclear { .. }));
    Decision {
        intent: Intent::Unclear { reason: Some(reason), missing: Vec::new(), partial: None },
        confidence,
        rejected,
        explanation: Some(why),
    }
}

/// The decoder itself says that the message is unclear: its reason stands, unless a veto knows better.
fn from_unclear(evidence: &Evidence<'_>, decoded: &Decoded) -> Decision {
    let why = match &decoded.intent {
        Intent::Unclear { reason: Some(UnclearReason::Incomplete), .. } => "Something that is needed is missing.",
        Intent::Unclear { reason: Some(UnclearReason::OutOfScope), .. } => "That is not something that this wallet does.",
        Intent::Unclear { reason: Some(UnclearReason::Unsafe), .. } => "The message asks for something that is never done.",
        _ => "The message can be read in more than one way.",
    };
    let intent = match validate(&decoded.intent, evidence.grounding) {
        Ok(()) => decoded.intent.clone(),
        Err(_) => Intent::Unclear { reason: Some(UnclearReason::Ambiguous), missing: Vec::new(), partial: None },
    };
    Decision { intent, confidence: decoded.confidence, rejected: None, explanation: Some(why.to_owned()) }
}

fn reads(evidence: &Evidence<'_>, decoded: &Decoded, kind: &str, thresholds: &Thresholds) -> Decision {
    let reject = |reason, why: String| unclear(reason, 0.5, Some(decoded.intent.clone()), why);
    if decoded.confidence < thresholds.read_confidence {
        return reject(UnclearReason::Ambiguous, "I am not sure enough of what you mean.".to_owned());
    }
    if let Some(first) = evidence.votes.first() {
        let same = first.label == kind || kind == "steps";
        if !same
            && first.probability >= thresholds.objection
            && let Some(reason) = reason_of(&first.label)
        {
            return reject(reason, format!("Two readings disagree: {kind}, or {}.", first.label));
        }
    }
    Decision { intent: decoded.intent.clone(), confidence: decoded.confidence, rejected: None, explanation: None }
}

/// A veto against this kind of intent. Where it says which field is missing, what was understood is kept.
fn vetoed(evidence: &Evidence<'_>, decoded: &Decoded, value: &Value, veto: &Veto) -> Decision {
    let mut decision = unclear(veto.reason, 0.9, Some(decoded.intent.clone()), veto.why.to_owned());
    let (UnclearReason::Incomplete, Some(field)) = (veto.reason, veto.missing) else {
        if veto.reason == UnclearReason::Incomplete {
            // Only a phrase said so: nothing that could be kept is certain.
            decision.intent = Intent::Unclear { reason: Some(UnclearReason::Ambiguous), missing: Vec::new(), partial: None };
        }
        return decision;
    };
    let Some(map) = value.as_object() else {
        return decision;
    };
    let field = match map.get("intent").and_then(Value::as_str) {
        Some("contact_add") => "address",
        Some("approve") => "spender",
        _ => field,
    };
    let broken: Vec<&str> =
        evidence.grounding.findings.bad_checksums.iter().filter_map(|s| evidence.grounding.message.text.get(s.clone())).collect();
    let mut partial = map.clone();
    partial.retain(|key, v| key != field && !v.as_str().is_some_and(|s| broken.contains(&s)));
    decision.intent =
        Intent::Unclear { reason: Some(UnclearReason::Incomplete), missing: vec![field.to_owned()], partial: Some(Value::Object(partial)) };
    decision
}

/// The label under which the second voice knows an intent.
pub(crate) fn label(value: &Value) -> String {
    let name = value.get("intent").and_then(Value::as_str).unwrap_or("");
    let inner = value.get("do").and_then(|d| d.get("intent")).and_then(Value::as_str);
    match (name, inner) {
        ("schedule" | "when", Some(inner)) => format!("{name}:{inner}"),
        _ => name.to_owned(),
    }
}

/// What no grammar can see: both sides the same, a description in place of a name.
fn makes_sense(value: &Value, grounding: &Grounding) -> Result<(), String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let same = |a: &str, b: &str| text(a).is_some() && text(a) == text(b);
    if same("name", "address") {
        return Err("An address is no name.".to_owned());
    }
    if same("from", "to") || same("from_chain", "to_chain") {
        return Err("Both sides are the same.".to_owned());
    }
    if text("amount").is_some_and(|a| a.ends_with('%') && over_hundred(a)) {
        return Err("That is more than all of it.".to_owned());
    }
    if value.get("split").is_some() && !value.get("to").is_some_and(Value::is_array) {
        return Err("There is nobody to split it with.".to_owned());
    }
    for key in ["to", "spender", "name", "with", "bank", "lender", "agent"] {
        let names: Vec<&str> = match value.get(key) {
            Some(Value::String(s)) => vec![s],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if let Some(bad) = names.iter().find(|n| !is_name(n, grounding)) {
            return Err(format!("\"{bad}\" is no name."));
        }
        // A swap's side is a token; who is paid, or may spend, is none.
        let party = key == "spender" || key == "to" && text("intent") == Some("send");
        if let Some(token) = names.iter().find(|name| party && is_token(name, grounding)) {
            return Err(format!("\"{token}\" is a token, not somebody."));
        }
        if names.iter().enumerate().any(|(i, n)| names.iter().take(i).any(|m| m == n)) {
            return Err("The same name is there twice.".to_owned());
        }
    }
    match value.get("do") {
        Some(Value::Array(list)) => list.iter().try_for_each(|v| makes_sense(v, grounding)),
        Some(inner) => makes_sense(inner, grounding),
        None => Ok(()),
    }
}

fn over_hundred(percent: &str) -> bool {
    let whole = percent.trim_end_matches('%').split('.').next().unwrap_or("");
    whole.len() > 3
        || whole
            .parse::<u32>()
            .is_ok_and(|n| n > 100 || n == 100 && percent.contains('.') && percent.trim_end_matches('%').trim_end_matches('0') != "100.")
}

/// Typed where a token was read, and no contact's name.
fn is_token(name: &str, grounding: &Grounding) -> bool {
    let typed = |kind| {
        grounding.of(kind).any(|slot| {
            slot.value == name
                || slot.mentions.iter().any(|m| grounding.message.text.get(m.span.clone()).is_some_and(|t| t.eq_ignore_ascii_case(name)))
        })
    };
    typed(Kind::Token) && ![Kind::Contact, Kind::Protocol, Kind::Address, Kind::Ens].into_iter().any(typed)
}

/// "my new wallet", "a random address", "him" are descriptions.
fn is_name(name: &str, grounding: &Grounding) -> bool {
    let other_thing = [Kind::Malformed, Kind::Amount, Kind::Handle, Kind::Url, Kind::Hash, Kind::Foreign]
        .into_iter()
        .any(|k| grounding.of(k).any(|s| s.value == name));
    if other_thing {
        return false;
    }
    let known = [Kind::Contact, Kind::Ens, Kind::Address, Kind::Lender, Kind::Protocol, Kind::Agent, Kind::Token, Kind::Quote]
        .into_iter()
        .any(|k| grounding.of(k).any(|s| s.value == name));
    if known {
        return true;
    }
    let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
    let describes = [
        "my",
        "a",
        "an",
        "the",
        "your",
        "this",
        "that",
        "his",
        "her",
        "their",
        "our",
        "some",
        "any",
        "random",
        "new",
        "other",
        "another",
        "wallet",
        "address",
        "account",
        "him",
        "them",
        "it",
        "me",
        "myself",
        "everyone",
        "everybody",
        "someone",
        "somebody",
        "anyone",
        "friend",
        "friends",
        "all",
        "both",
        "you",
        "same",
        "mi",
        "mon",
        "mein",
        "meu",
        "mera",
        "un",
        "una",
        "une",
        "ein",
        "eine",
        "um",
        "uma",
        "us",
        "these",
        "those",
        "of",
        "to",
        "for",
        "from",
        "and",
        "or",
        "with",
        "please",
        "pls",
        "now",
        "each",
        "who",
        "whoever",
    ];
    !words.is_empty()
        && words.len() <= 4
        && !words.iter().any(|w| describes.contains(&w.as_str()))
        && !name.contains(['<', '>', '{', '}', '=', ';'])
}

/// The intent `unclear` with the question's own reason, for a worker that is not there.
pub(crate) fn unavailable(why: String) -> Decision {
    Decision {
        intent: serde_json::from_value(json!({"intent": "unclear", "reason": "ambiguous"})).unwrap_or(Intent::Unclear {
            reason: None,
            missing: Vec::new(),
            partial: None,
        }),
        confidence: 0.0,
        rejected: None,
        explanation: Some(why),
    }
}
