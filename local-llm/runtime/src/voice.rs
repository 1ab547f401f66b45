//! The encoder: a model that reads a prompt both ways and names the intent, and the field of each slot.
//!
//! Its vocabulary ends in control tokens `<|i:send|>` and `<|f:amount|>`. At the begin mark the likeliest of the former is
//! the intent; at each slot, the likeliest of the latter is the field. No text can spell either.

use std::path::Path;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaAttentionType;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::token::LlamaToken;
use parlance_understand::wire::Heard;

use crate::WorkerError;
use crate::model::{Model, compute};

/// Tokens of a prompt.
const CONTEXT: usize = 512;
/// How many of each list are told.
const TOLD: usize = 4;

/// The encoder, ready to read.
#[derive(Debug)]
pub struct Voice<'m> {
    model: &'m Model,
    context: LlamaContext<'m>,
    batch: LlamaBatch<'m>,
    intents: Vec<(LlamaToken, String)>,
    fields: Vec<(LlamaToken, String)>,
}

impl<'m> Voice<'m> {
    /// Of a model from the file `path`.
    ///
    /// # Errors
    /// [`WorkerError::Model`] where its vocabulary has no intents or fields; [`WorkerError::Compute`] without memory.
    pub fn of(model: &'m Model, path: &Path) -> Result<Self, WorkerError> {
        let (mut intents, mut fields) = (Vec::new(), Vec::new());
        let vocab = model.vocabulary();
        for token in vocab.tokens() {
            let text = vocab.text(token).and_then(|t| t.to_str().ok()).unwrap_or_default();
            let Some((kind, name)) = text.strip_prefix("<|").and_then(|t| t.strip_suffix("|>")).and_then(|t| t.split_once(':')) else {
                continue;
            };
            match kind {
                "i" => intents.push((token, name.to_owned())),
                "f" => fields.push((token, name.to_owned())),
                _ => {}
            }
        }
        if intents.is_empty() || fields.is_empty() {
            let why = "a vocabulary without intents (<|i:send|>) and fields (<|f:amount|>)".to_owned();
            return Err(WorkerError::Model { path: path.to_owned(), why });
        }
        let context = model.context(CONTEXT, CONTEXT, 1, LlamaAttentionType::NonCausal)?;
        Ok(Self { model, context, batch: LlamaBatch::new(CONTEXT, 1), intents, fields })
    }

    /// Reads a prompt.
    ///
    /// # Errors
    /// [`WorkerError::TooLong`], [`WorkerError::Compute`].
    pub fn hear(&mut self, prompt: &str) -> Result<Heard, WorkerError> {
        let tokens = self.model.tokenize(prompt);
        if tokens.is_empty() || tokens.len() > CONTEXT {
            return Err(WorkerError::TooLong { got: tokens.len(), most: CONTEXT });
        }
        let vocab = self.model.vocabulary();
        let mut slots: Vec<(usize, String)> = Vec::new();
        for (i, token) in tokens.iter().enumerate() {
            let text = vocab.text(*token).and_then(|t| t.to_str().ok()).unwrap_or_default();
            if is_slot(text) {
                slots.push((i, text.to_owned()));
            }
        }
        self.context.clear_kv_cache();
        self.batch.clear();
        for (i, token) in tokens.iter().enumerate() {
            let place = i32::try_from(i).map_err(|e| compute(&e))?;
            let asked = i == 0 || slots.iter().any(|(at, _)| *at == i);
            self.batch.add(*token, place, &[0], asked).map_err(|e| compute(&e))?;
        }
        self.context.decode(&mut self.batch).map_err(|e| compute(&e))?;
        let mut heard = Heard { intents: self.said(0, &self.intents)?, fields: Vec::new() };
        for (at, slot) in slots {
            if heard.fields.iter().any(|(known, _)| *known == slot) {
                // The same slot further on: its first place is told.
                continue;
            }
            heard.fields.push((slot, self.said(at, &self.fields)?));
        }
        Ok(heard)
    }

    /// The likeliest of these tokens at a place, each with its probability among them.
    fn said(&self, at: usize, among: &[(LlamaToken, String)]) -> Result<Vec<(String, f32)>, WorkerError> {
        let logits = self.context.get_logits_ith(i32::try_from(at).map_err(|e| compute(&e))?);
        let of = |token: &LlamaToken| usize::try_from(token.0).ok().and_then(|i| logits.get(i)).copied().unwrap_or(f32::NEG_INFINITY);
        let top = among.iter().map(|(token, _)| of(token)).fold(f32::NEG_INFINITY, f32::max);
        let mut said: Vec<(String, f32)> = among.iter().map(|(token, name)| (name.clone(), (of(token) - top).exp())).collect();
        let total: f32 = said.iter().map(|(_, weight)| weight).sum();
        if !total.is_finite() {
            return Err(compute(&"the encoder's output is no number"));
        }
        said.iter_mut().for_each(|(_, weight)| *weight /= total);
        said.sort_by(|a, b| b.1.total_cmp(&a.1));
        said.truncate(TOLD);
        Ok(said)
    }
}

/// `<A1>`: a letter and a digit.
fn is_slot(text: &str) -> bool {
    matches!(text.as_bytes(), [b'<', letter, digit, b'>'] if letter.is_ascii_uppercase() && digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_slot;

    #[test]
    fn slots_are_a_letter_and_a_digit() {
        assert!(is_slot("<A1>"));
        assert!(["<|i:send|>", "<a1>", "<A>", "A1", "<A12>", ""].iter().all(|text| !is_slot(text)));
    }
}
