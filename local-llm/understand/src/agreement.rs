//! Whether the other voices say the same as the decoder.
//!
//! The n-gram classifier names the intent, in this process: it must agree, since whatever the worker says may be a hijacked
//! model's word. The encoder, where there is one, names the intent and the field of each slot: it must agree as well.

use parlance_grounding::{Grounding, Intent, UnclearReason, encode};

use crate::decide::{Evidence, Thresholds};
use crate::wire::Heard;

/// How likely the other voices find a reading, 0 to 1; or the reason and the words with which they object.
pub(crate) fn agreement(
    evidence: &Evidence<'_>,
    intent: &Intent,
    label: &str,
    thresholds: &Thresholds,
) -> Result<f32, (UnclearReason, String)> {
    let voice = ngrams(evidence, label, thresholds)?;
    match evidence.heard {
        Some(heard) => Ok(voice.min(encoder(evidence, heard, intent, label, thresholds)?)),
        None => Ok(voice),
    }
}

fn encoder(
    evidence: &Evidence<'_>,
    heard: &Heard,
    intent: &Intent,
    label: &str,
    thresholds: &Thresholds,
) -> Result<f32, (UnclearReason, String)> {
    let likely = probability(&heard.intents, label);
    if likely < thresholds.encoder {
        return Err(disagree(label, heard.intents.first().map(|(top, _)| top.as_str())));
    }
    for (slot, fields) in used(intent, evidence.grounding) {
        let known = heard.fields.iter().find(|(name, _)| *name == slot).map(|(_, fields)| fields.as_slice()).unwrap_or_default();
        if !fields.iter().any(|field| probability(known, field) >= thresholds.field) {
            let value = evidence.grounding.slots.iter().find(|s| s.name.to_string() == slot).map_or(slot.as_str(), |s| s.value.as_str());
            return Err((UnclearReason::Ambiguous, format!("I am not sure what \"{value}\" is for.")));
        }
    }
    Ok(likely)
}

fn ngrams(evidence: &Evidence<'_>, label: &str, thresholds: &Thresholds) -> Result<f32, (UnclearReason, String)> {
    let Some(top) = evidence.votes.first() else {
        return Err((UnclearReason::Ambiguous, "The second model that must agree before anything is sent is missing.".to_owned()));
    };
    match evidence.votes.iter().find(|v| v.label == label) {
        Some(vote) if vote.probability >= thresholds.second_voice || top.label == label => Ok(vote.probability),
        _ => Err(disagree(label, Some(&top.label))),
    }
}

fn disagree(label: &str, top: Option<&str>) -> (UnclearReason, String) {
    let top = top.unwrap_or("something else");
    (reason_of(top).unwrap_or(UnclearReason::Ambiguous), format!("Two readings disagree: {label}, or {top}."))
}

/// The reason in a label such as `unclear:unsafe`.
pub(crate) fn reason_of(label: &str) -> Option<UnclearReason> {
    match label.strip_prefix("unclear:")? {
        "out_of_scope" => Some(UnclearReason::OutOfScope),
        "unsafe" => Some(UnclearReason::Unsafe),
        // What is missing is not known here.
        _ => Some(UnclearReason::Ambiguous),
    }
}

fn probability(list: &[(String, f32)], name: &str) -> f32 {
    list.iter().find(|(known, _)| known == name).map_or(0.0, |(_, p)| *p)
}

/// The slots that an intent uses, each with the fields that it is used in.
fn used(intent: &Intent, grounding: &Grounding) -> Vec<(String, Vec<String>)> {
    let line = encode(intent, grounding).unwrap_or_default();
    let mut used: Vec<(String, Vec<String>)> = Vec::new();
    for (field, values) in line.split(' ').filter_map(|part| part.split_once('=')) {
        for slot in values.split(',').filter(|v| v.starts_with('<') && v.ends_with('>')) {
            match used.iter_mut().find(|(known, _)| known == slot) {
                Some((_, fields)) => fields.push(field.to_owned()),
                None => used.push((slot.to_owned(), vec![field.to_owned()])),
            }
        }
    }
    used
}
