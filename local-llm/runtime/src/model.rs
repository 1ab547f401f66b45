//! A loaded model, and its completion of a prompt under a grammar.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::{LlamaAttentionType, LlamaContextParams};
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::vocab::LlamaVocab;

use crate::WorkerError;
use crate::choice::choose;

/// Tokens of prompt and answer together.
pub const CONTEXT: usize = 1024;

/// Most tokens of one answer.
pub const MAX_TOKENS: usize = 384;

/// One thread: a small model gains nothing from more, and two on a busy machine spin for seconds.
const THREADS: i32 = 1;

/// A model in memory.
#[derive(Debug)]
pub struct Model {
    backend: Arc<LlamaBackend>,
    pub(crate) model: LlamaModel,
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
    pub fn load(path: &Path) -> Result<Model, WorkerError> {
        let wrong = |why: String| WorkerError::Model { path: path.to_owned(), why };
        let mut backend = LlamaBackend::init().map_err(|e| wrong(e.to_string()))?;
        backend.void_logs();
        Self::read(Arc::new(backend), path)
    }

    /// Reads another GGUF file into the same process.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn beside(&self, path: &Path) -> Result<Model, WorkerError> {
        Self::read(Arc::clone(&self.backend), path)
    }

    fn read(backend: Arc<LlamaBackend>, path: &Path) -> Result<Model, WorkerError> {
        let wrong = |why: String| WorkerError::Model { path: path.to_owned(), why };
        if !path.exists() {
            return Err(WorkerError::File { path: path.to_owned(), source: std::io::ErrorKind::NotFound.into() });
        }
        // Copied rather than mapped: a file that changes under a running worker must not change what it computes.
        let params = LlamaModelParams::default().with_n_gpu_layers(0).with_use_mmap(false);
        let model = LlamaModel::load_from_file(&backend, path, &params).map_err(|e| wrong(e.to_string()))?;
        Ok(Model { backend, model })
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

    /// Memory for one conversation with the model; reuse it for every message.
    ///
    /// # Errors
    /// [`WorkerError::Compute`] where there is not enough memory.
    pub fn session(&self) -> Result<Session<'_>, WorkerError> {
        let context = self.context(CONTEXT, LlamaAttentionType::Causal)?;
        Ok(Session { model: self, context, batch: LlamaBatch::new(CONTEXT, 1) })
    }

    pub(crate) fn context(&self, tokens: usize, attention: LlamaAttentionType) -> Result<LlamaContext<'_>, WorkerError> {
        let size = u32::try_from(tokens).unwrap_or(u32::MAX);
        let params = LlamaContextParams::default()
            .with_attention_type(attention)
            .with_n_ctx(NonZeroU32::new(size))
            .with_n_batch(size)
            .with_n_ubatch(size)
            .with_n_threads(THREADS)
            .with_n_threads_batch(THREADS);
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
}

impl Session<'_> {
    /// Completes `prompt` under `grammar`, choosing the likeliest permitted token each time.
    ///
    /// # Errors
    /// [`WorkerError::TooLong`], [`WorkerError::Grammar`], [`WorkerError::Unfinished`], [`WorkerError::DeadEnd`] or [`WorkerError::Compute`].
    pub fn complete(&mut self, prompt: &str, grammar: &str, max_tokens: usize) -> Result<Completion, WorkerError> {
        let max_tokens = max_tokens.min(MAX_TOKENS);
        let prompt = self.model.tokenize(prompt);
        let asked = prompt.len() + max_tokens;
        if prompt.is_empty() || asked > CONTEXT {
            return Err(WorkerError::TooLong { got: asked, most: CONTEXT });
        }
        let mut rules =
            LlamaSampler::grammar(&self.model.model, grammar, "root").map_err(|e| WorkerError::Grammar { why: e.to_string() })?;
        let vocab = self.model.model.vocab();
        self.context.clear_kv_cache();
        self.feed(&prompt, 0)?;
        let mut written: Vec<u8> = Vec::new();
        let (mut confidence, mut weakest) = (1.0_f64, 1.0_f64);
        for step in 0..max_tokens {
            let candidates = self.context.token_data_array_ith(self.batch.n_tokens() - 1);
            let (token, probability) = choose(candidates, Some(&mut rules))
                .ok_or_else(|| WorkerError::DeadEnd { text: String::from_utf8_lossy(&written).into_owned() })?;
            confidence *= probability;
            weakest = weakest.min(probability);
            if vocab.is_eog(token) {
                return Ok(Completion { text: String::from_utf8_lossy(&written).into_owned(), confidence, weakest });
            }
            written.extend(vocab.token_to_piece(token, true, None));
            rules.accept(token);
            self.feed(&[token], prompt.len() + step)?;
        }
        Err(WorkerError::Unfinished { most: max_tokens, text: String::from_utf8_lossy(&written).into_owned() })
    }

    /// Computes these tokens at this place; the last one's logits can be read afterwards.
    fn feed(&mut self, tokens: &[LlamaToken], at: usize) -> Result<(), WorkerError> {
        self.batch.clear();
        for (i, token) in tokens.iter().enumerate() {
            let place = i32::try_from(at + i).map_err(|e| compute(&e))?;
            self.batch.add(*token, place, &[0], i + 1 == tokens.len()).map_err(|e| compute(&e))?;
        }
        self.context.decode(&mut self.batch).map_err(|e| compute(&e))
    }
}

pub(crate) fn compute(e: &impl std::fmt::Display) -> WorkerError {
    WorkerError::Compute { why: e.to_string() }
}
