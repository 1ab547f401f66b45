//! A chat model's own template around a message.
//!
//! Instructions and template are ours and the model's; the message is somebody's. It is put in as tokens of its own that were
//! never read for control tokens, so that no message can end its turn and speak as somebody else.

use llama_cpp_2::model::{LlamaChatMessage, LlamaChatTemplate};
use llama_cpp_2::token::LlamaToken;

use crate::WorkerError;
use crate::model::Model;

/// Stands for the message while the template is applied; no instruction contains it.
const MARK: &str = "\u{1a}message\u{1a}";

/// The template, and what it made of the last instructions.
#[derive(Debug)]
pub(crate) struct Chat {
    template: LlamaChatTemplate,
    told: Option<Told>,
}

#[derive(Debug)]
struct Told {
    system: String,
    before: Vec<LlamaToken>,
    after: Vec<LlamaToken>,
}

impl Chat {
    /// Of a model; the template is tried at once.
    pub fn of(model: &Model) -> Result<Self, WorkerError> {
        let template = model
            .model
            .chat_template(None)
            .map_err(|_| WorkerError::Template { why: "it has none, and it was not trained for Parlance either".to_owned() })?;
        let chat = Self { template, told: None };
        chat.apply(model, "Instructions.")?;
        Ok(chat)
    }

    /// What stands before the message, the same for the same instructions; and the message with what follows it.
    pub fn tokens(&mut self, model: &Model, system: &str, message: &str) -> Result<(Vec<LlamaToken>, Vec<LlamaToken>), WorkerError> {
        let told = match self.told.take().filter(|told| told.system == system) {
            Some(told) => told,
            None => self.apply(model, system)?,
        };
        let mut tail = model.model.vocab().tokenize(message.as_bytes(), false, false);
        tail.extend(&told.after);
        let head = told.before.clone();
        self.told = Some(told);
        Ok((head, tail))
    }

    fn apply(&self, model: &Model, system: &str) -> Result<Told, WorkerError> {
        let wrong = |why: String| WorkerError::Template { why };
        let say = |role: &str, text: &str| LlamaChatMessage::new(role.to_owned(), text.to_owned()).map_err(|e| wrong(e.to_string()));
        let messages = [say("system", system)?, say("user", MARK)?];
        let text = model
            .model
            .apply_chat_template(&self.template, &messages, true)
            .map_err(|e| wrong(format!("it is not one that this llama.cpp knows ({e})")))?;
        let (before, after) = text.split_once(MARK).ok_or_else(|| wrong("it leaves the message out".to_owned()))?;
        if !before.contains(system.trim()) {
            return Err(wrong("it leaves the instructions out".to_owned()));
        }
        let vocab = model.model.vocab();
        Ok(Told {
            system: system.to_owned(),
            before: vocab.tokenize(before.as_bytes(), true, true),
            after: vocab.tokenize(after.as_bytes(), false, true),
        })
    }
}
