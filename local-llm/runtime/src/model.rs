//! A loaded model, and its completion of a prompt under a grammar.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::{LlamaAttentionType, LlamaContextParams};
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::vocab::LlamaVocab;
use parlance_understand::wire::{CHAT_BATCH, CHAT_CONTEXT, ModelKind, Work};

use crate::WorkerError;
use crate::chat::Chat;
use crate::choice::choose;

pub use parlance_understand::wire::CONTEXT;

/// Most tokens of one answer.
pub const MAX_TOKENS: usize = 384;

/// How a model is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Layers that are computed on a graphics card, where there is one.
    pub gpu_layers: u32,
    /// Threads for a chat model. One that was trained for Parlance has one: it is small and gains nothing from more, and two
    /// on a busy machine spin for seconds.
    pub threads: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { gpu_layers: 0, threads: 1 }
    }
}

/// A model in memory.
#[derive(Debug)]
pub struct Model {
    backend: Arc<LlamaBackend>,
    pub(crate) model: LlamaModel,
    settings: Settings,
}

/// What the model wrote under the grammar.
#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    /// The text, without end mark.
    pub text: String,
    /// Product of the chosen tokens' probabilities, each among the tokens that the grammar permitted there. 0 to 1.
    pub confidence: f64,
    /// Smallest of these probabilities. 0 to 1.
    pub weakest: f64,
}

impl Model {
    /// Reads a GGUF file. Once in a process; further models come by [`Model::beside`].
    ///
    /// # Errors
    /// [`WorkerError::Model`] where llama.cpp does not take it.
    pub fn load(path: &Path, settings: Settings) -> Result<Model, WorkerError> {
        let wrong = |why: String| WorkerError::Model { path: path.to_owned(), why };
        let mut backend = LlamaBackend::init().map_err(|e| wrong(e.to_string()))?;
        backend.void_logs();
        Self::read(Arc::new(backend), path, settings)
    }

    /// Reads another GGUF file into the same process.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn beside(&self, path: &Path) -> Result<Model, WorkerError> {
        Self::read(Arc::clone(&self.backend), path, Settings::default())
    }

    fn read(backend: Arc<LlamaBackend>, path: &Path, settings: Settings) -> Result<Model, WorkerError> {
        let wrong = |why: String| WorkerError::Model { path: path.to_owned(), why };
        if !path.exists() {
            return Err(WorkerError::File { path: path.to_owned(), source: std::io::ErrorKind::NotFound.into() });
        }
        // Copied rather than mapped: a file that changes under a running worker must not change what it computes.
        let params = LlamaModelParams::default().with_n_gpu_layers(settings.gpu_layers).with_use_mmap(false);
        let model = LlamaModel::load_from_file(&backend, path, &params).map_err(|e| wrong(e.to_string()))?;
        Ok(Model { backend, model, settings })
    }

    /// `general.name` of the file, or `unnamed`.
    pub fn name(&self) -> String {
        self.model.meta_val_str("general.name").unwrap_or_else(|_| "unnamed".to_owned())
    }

    /// The token numbers of a prompt, with its begin mark.
    pub fn tokens(&self, prompt: &str) -> Vec<i32> {
        self.tokenize(prompt).into_iter().map(|t| t.0).collect()
    }

    pub(crate) fn tokenize(&self, prompt: &str) -> Vec<LlamaToken> {
        // Slots are user-defined tokens, which are recognised in any text; control tokens must not be.
        self.model.vocab().tokenize(prompt.as_bytes(), true, false)
    }

    /// How it is spoken to: one token for a slot means that it was trained on Parlance's prompts.
    pub fn kind(&self) -> ModelKind {
        let slot = self.model.vocab().tokenize(b"<A1>", false, false);
        if slot.len() == 1 { ModelKind::Parlance } else { ModelKind::Chat }
    }

    /// Memory for one conversation with the model; reuse it for every message.
    ///
    /// # Errors
    /// [`WorkerError::Compute`] where there is not enough memory, [`WorkerError::Template`] where a chat model can't be spoken to.
    pub fn session(&self) -> Result<Session<'_>, WorkerError> {
        let (size, batch, threads, chat) = match self.kind() {
            ModelKind::Parlance => (CONTEXT, CONTEXT, 1, None),
            ModelKind::Chat => (CHAT_CONTEXT, CHAT_BATCH, self.settings.threads, Some(Chat::of(self)?)),
        };
        let context = self.context(size, batch, threads, LlamaAttentionType::Causal)?;
        Ok(Session { model: self, context, batch: LlamaBatch::new(batch, 1), size, chat, kept: Vec::new(), work: Work::default() })
    }

    pub(crate) fn context(
        &self,
        tokens: usize,
        batch: usize,
        threads: u32,
        attention: LlamaAttentionType,
    ) -> Result<LlamaContext<'_>, WorkerError> {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let threads = i32::try_from(threads).unwrap_or(1);
        let params = LlamaContextParams::default()
            .with_attention_type(attention)
            .with_n_ctx(NonZeroU32::new(number(tokens)))
            .with_n_batch(number(batch))
            .with_n_ubatch(number(batch))
            .with_n_threads(threads)
            .with_n_threads_batch(threads);
        self.model.new_context(&self.backend, params).map_err(|e| compute(&e))
    }

    pub(crate) fn vocabulary(&self) -> LlamaVocab<'_> {
        self.model.vocab()
    }
}

/// A model ready to answer.
#[derive(Debug)]
pub struct Session<'m> {
    model: &'m Model,
    context: LlamaContext<'m>,
    batch: LlamaBatch<'m>,
    /// Tokens of prompt and answer together.
    size: usize,
    chat: Option<Chat>,
    /// What stands at the beginning of the cache, and need not be computed again.
    kept: Vec<LlamaToken>,
    work: Work,
}

impl Session<'_> {
    /// Completes `prompt` under `grammar`, choosing the likeliest permitted token each time. Without a grammar, which only
    /// chat models do, any token is permitted. What a chat model is told in `system` is computed once.
    ///
    /// # Errors
    /// [`WorkerError::Usage`] where the kind of model and the request do not fit; [`WorkerError::TooLong`], [`WorkerError::Grammar`],
    /// [`WorkerError::Unfinished`], [`WorkerError::DeadEnd`], [`WorkerError::Template`] or [`WorkerError::Compute`].
    pub fn respond(
        &mut self,
        system: Option<&str>,
        prompt: &str,
        grammar: Option<&str>,
        max_tokens: usize,
    ) -> Result<Completion, WorkerError> {
        let wrong = |got: &str| Err(WorkerError::Usage { got: got.to_owned() });
        let (head, tail) = match (&mut self.chat, system) {
            (Some(chat), Some(system)) => chat.tokens(self.model, system, prompt)?,
            (Some(_), None) => return wrong("a request to a chat model without what it is to be told"),
            (None, Some(_)) => return wrong("a request to a chat model; this one is none"),
            (None, None) if grammar.is_none() => return wrong("a request without a grammar"),
            (None, None) => (Vec::new(), self.model.tokenize(prompt)),
        };
        self.write(head, &tail, grammar, max_tokens.min(MAX_TOKENS))
    }

    /// [`Session::respond`] for a model that was trained for Parlance.
    ///
    /// # Errors
    /// As there.
    pub fn complete(&mut self, prompt: &str, grammar: &str, max_tokens: usize) -> Result<Completion, WorkerError> {
        self.respond(None, prompt, Some(grammar), max_tokens)
    }

    /// What the last answer took.
    pub fn work(&self) -> Work {
        self.work
    }

    fn write(
        &mut self,
        head: Vec<LlamaToken>,
        tail: &[LlamaToken],
        grammar: Option<&str>,
        max_tokens: usize,
    ) -> Result<Completion, WorkerError> {
        let length = head.len() + tail.len();
        if tail.is_empty() || length + max_tokens > self.size {
            return Err(WorkerError::TooLong { got: length + max_tokens, most: self.size });
        }
        let mut rules = grammar
            .map(|text| LlamaSampler::grammar(&self.model.model, text, "root"))
            .transpose()
            .map_err(|e| WorkerError::Grammar { why: e.to_string() })?;
        let began = Instant::now();
        let computed = self.read(head, tail)?;
        let read = Instant::now();
        let vocab = self.model.model.vocab();
        let mut written: Vec<u8> = Vec::new();
        let (mut confidence, mut weakest) = (1.0_f64, 1.0_f64);
        let text = |written: &[u8]| String::from_utf8_lossy(written).into_owned();
        for step in 0..max_tokens {
            let candidates = self.context.token_data_array_ith(self.batch.n_tokens() - 1);
            let (token, probability) = choose(candidates, rules.as_mut()).ok_or_else(|| WorkerError::DeadEnd { text: text(&written) })?;
            confidence *= probability;
            weakest = weakest.min(probability);
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            self.work = Work {
                prompt_tokens: count(computed),
                prompt_ms: (read - began).as_secs_f64() * 1000.0,
                written_tokens: count(step + 1),
                written_ms: read.elapsed().as_secs_f64() * 1000.0,
            };
            if vocab.is_eog(token) {
                return Ok(Completion { text: text(&written), confidence, weakest });
            }
            // In free words, a control token is none of the answer.
            written.extend(vocab.token_to_piece(token, rules.is_some(), None));
            if let Some(rules) = &mut rules {
                rules.accept(token);
            }
            self.feed(&[token], length + step)?;
        }
        Err(WorkerError::Unfinished { most: max_tokens, text: text(&written) })
    }

    /// Computes head and tail, the head only where it does not stand in the cache already. Gives the number of tokens computed.
    fn read(&mut self, head: Vec<LlamaToken>, tail: &[LlamaToken]) -> Result<usize, WorkerError> {
        // Taken, so that a failure or a panic on the way leaves nothing that is believed to be in the cache.
        let kept = std::mem::take(&mut self.kept);
        let from = u32::try_from(head.len()).map_err(|e| compute(&e))?;
        let stands = !head.is_empty() && kept == head && self.context.clear_kv_cache_seq(Some(0), Some(from), None).is_ok_and(|done| done);
        let mut computed = tail.len();
        if !stands {
            self.context.clear_kv_cache();
            self.feed(&head, 0)?;
            computed += head.len();
        }
        self.feed(tail, head.len())?;
        self.kept = head;
        Ok(computed)
    }

    /// Computes these tokens at this place, a batch at a time; the last one's logits can be read afterwards.
    fn feed(&mut self, tokens: &[LlamaToken], at: usize) -> Result<(), WorkerError> {
        let most = if self.chat.is_some() { CHAT_BATCH } else { CONTEXT };
        let mut place = i32::try_from(at).map_err(|e| compute(&e))?;
        for part in tokens.chunks(most) {
            self.batch.clear();
            for (i, token) in part.iter().enumerate() {
                self.batch.add(*token, place, &[0], i + 1 == part.len()).map_err(|e| compute(&e))?;
                place += 1;
            }
            self.context.decode(&mut self.batch).map_err(|e| compute(&e))?;
        }
        Ok(())
    }
}

pub(crate) fn compute(e: &impl std::fmt::Display) -> WorkerError {
    WorkerError::Compute { why: e.to_string() }
}
