//! The way of one message: ground, ask the worker, ask the second voice, decide.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use parlance_grounding::{Derivation, Grounding, Intent, Kind, Message, decode, encode, grammar, ground, instructions, vetoes};
use serde::Serialize;
use tokio::sync::Mutex;

use crate::decide::{Decision, Decoded, Evidence, Licence, Thresholds, UNLICENSED, decide, is_final, unavailable};
use crate::error::UnderstandError;
use crate::exact::exact;
use crate::ngram::Ngram;
use crate::question::question;
use crate::readings::canonical;
use crate::wire::{Hello, ModelKind};
use crate::words::Words;
use crate::worker::{Answer, Ask, Worker, WorkerConfig};

/// Most tokens of one answer.
const MAX_TOKENS: u32 = 160;

/// What an understander is made of.
#[derive(Clone, Debug)]
pub struct Config {
    /// The worker.
    pub worker: WorkerConfig,
    /// The second voice's file. Without it nothing that moves money is accepted.
    pub ngram: Option<PathBuf>,
    /// The words that the models know; without it, all are taken for known.
    pub words: Option<PathBuf>,
    /// From which point on a voice counts.
    pub thresholds: Thresholds,
    /// What may be accepted from the model.
    pub licence: Licence,
}

impl Config {
    /// The worker beside this executable (or the one that `PARLANCE_LLM` names) with a model file; the other voices are the
    /// files of the same name that end in `.voice.gguf` and `.ngram`, the known words in `.words`.
    ///
    /// # Errors
    /// [`UnderstandError::File`] where this executable's own path is not known.
    pub fn for_model(model: impl Into<PathBuf>, licence: Licence) -> Result<Config, UnderstandError> {
        let model = model.into();
        Config::with_voices_of(&model, &model, licence)
    }

    /// As [`Config::for_model`], with the other voices of another model: those of the shipped one stay independent of a model
    /// that somebody else made.
    ///
    /// # Errors
    /// As [`Config::for_model`].
    pub fn with_voices_of(model: &Path, voices: &Path, licence: Licence) -> Result<Config, UnderstandError> {
        let program = worker_program()?;
        let there = |ending: &str| Some(voices.with_extension(ending)).filter(|path| path.exists());
        let args = std::iter::once(model.into()).chain(there("voice.gguf").map(Into::into)).collect();
        Ok(Config {
            worker: WorkerConfig { program, args, start_timeout: Duration::from_secs(60), answer_timeout: Duration::from_secs(20) },
            ngram: there("ngram"),
            words: there("words"),
            thresholds: Thresholds::default(),
            licence,
        })
    }
}

/// The worker's program: beside this executable, or the one that `PARLANCE_LLM` names.
///
/// # Errors
/// [`UnderstandError::File`] where this executable's own path is not known.
pub fn worker_program() -> Result<PathBuf, UnderstandError> {
    match std::env::var_os("PARLANCE_LLM") {
        Some(path) => Ok(PathBuf::from(path)),
        None => {
            let own = std::env::current_exe().map_err(|source| UnderstandError::File { path: PathBuf::from("parlance"), source })?;
            Ok(own.with_file_name(format!("parlance-llm{}", std::env::consts::EXE_SUFFIX)))
        }
    }
}

/// A message, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Understanding {
    /// What the person wants, or `unclear`.
    pub intent: Intent,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// How long it took, in milliseconds.
    pub ms: f64,
    /// Other readings, likeliest first: what to offer as "did you mean". Never to be acted on unasked.
    pub alternatives: Vec<Intent>,
    /// Why it is unclear, for the person.
    pub explanation: Option<String>,
    /// What to ask, for the person.
    pub question: Option<String>,
    /// Where each value came from.
    pub provenance: Vec<Provenance>,
}

/// Where one value of an intent came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// The value as the intent holds it, or as it was read.
    pub value: String,
    /// What it names.
    pub kind: Kind,
    /// How it was read.
    pub how: Derivation,
    /// The words, as typed.
    pub text: String,
    /// Byte offsets in the message.
    pub span: (usize, usize),
}

/// Understands messages, one at a time.
pub struct Understander {
    pub(crate) worker: Mutex<Worker>,
    ngram: Option<Ngram>,
    words: Option<Words>,
    thresholds: Thresholds,
    licence: Licence,
}

impl Understander {
    /// Reads the second voice and starts the worker. A worker that does not start now is tried again with the first
    /// message: [`Understander::ready`] tells.
    ///
    /// # Errors
    /// Those of the n-gram file.
    pub async fn start(config: Config) -> Result<Understander, UnderstandError> {
        let ngram = match &config.ngram {
            Some(path) => {
                let bytes = tokio::fs::read(path).await.map_err(|source| UnderstandError::File { path: path.clone(), source })?;
                Some(Ngram::parse(&bytes)?)
            }
            None => None,
        };
        let words = match &config.words {
            Some(path) => {
                let text = tokio::fs::read_to_string(path).await.map_err(|source| UnderstandError::File { path: path.clone(), source })?;
                Some(Words::parse(&text))
            }
            None => None,
        };
        let mut worker = Worker::new(config.worker);
        if let Err(error) = worker.ensure().await {
            tracing::warn!(%error, "the model worker is not ready yet");
        }
        Ok(Understander { worker: Mutex::new(worker), ngram, words, thresholds: config.thresholds, licence: config.licence })
    }

    /// Starts the worker if it does not run, and says what it is.
    ///
    /// # Errors
    /// Why it can't be started.
    pub async fn ready(&self) -> Result<Hello, UnderstandError> {
        let mut worker = self.worker.lock().await;
        worker.ensure().await?;
        worker.hello().cloned().ok_or(UnderstandError::Stopped { why: "it is not running".to_owned() })
    }

    /// Understands one message. Never fails: what goes wrong is in the explanation of an `unclear` intent.
    pub async fn understand(&self, message: &Message) -> Understanding {
        let began = Instant::now();
        let grounding = ground(message);
        let (decision, alternatives) = match exact(message) {
            Some(intent) => (Decision { intent, confidence: 1.0, rejected: None, explanation: None }, Vec::new()),
            None => self.weigh(&grounding).await,
        };
        let decision = Decision { intent: canonical(decision.intent), ..decision };
        // That the model has no licence is all that there is to say: asking again would not help.
        let unlicensed = decision.explanation.as_deref() == Some(UNLICENSED);
        let asked = if unlicensed { None } else { question(&decision.intent, alternatives.first(), &grounding) };
        Understanding {
            provenance: provenance(&decision.intent, &grounding),
            intent: decision.intent,
            confidence: decision.confidence,
            ms: began.elapsed().as_secs_f64() * 1000.0,
            alternatives,
            explanation: decision.explanation,
            question: asked,
        }
    }

    /// What the model writes to a prompt under a grammar; a chat model is told the vocabulary before.
    pub(crate) async fn complete(&self, prompt: String, grammar: String) -> Result<Answer, UnderstandError> {
        let mut worker = self.worker.lock().await;
        worker.ensure().await?;
        let system = worker.hello().is_some_and(|hello| hello.kind == ModelKind::Chat).then(|| instructions().to_owned());
        worker.ask(Ask { prompt, grammar: Some(grammar), max_tokens: MAX_TOKENS, system }).await
    }

    async fn weigh(&self, grounding: &Grounding) -> (Decision, Vec<Intent>) {
        let vetoes = vetoes(grounding);
        let prompt = grounding.prompt();
        let votes = self.ngram.as_ref().map(|n| n.votes(&prompt)).unwrap_or_default();
        // What is vetoed whatever it means need not be read by a model.
        let settled = vetoes.iter().any(is_final);
        let mut heard = None;
        let decoded = if settled {
            Err(String::new())
        } else {
            let mut answer = self.complete(prompt, grammar(grounding)).await;
            heard = answer.as_mut().ok().and_then(|answer| answer.heard.take());
            match answer {
                Ok(answer) => match decode(&answer.text, grounding) {
                    Ok(intent) => Ok(Decoded { intent, confidence: answer.confidence, weakest: answer.weakest }),
                    Err(error) => Err(format!("The model's answer made no sense: {error}.")),
                },
                Err(UnderstandError::Failed { code, message }) => Err(format!("The model could not finish: {code}: {message}.")),
                Err(error) => {
                    tracing::warn!(%error, "no answer from the model worker");
                    return (unavailable(format!("The language model is not available: {error}. {}", error.remedy())), Vec::new());
                }
            }
        };
        let decision = decide(
            &Evidence {
                grounding,
                vetoes: &vetoes,
                decoded,
                votes: &votes,
                heard: heard.as_ref(),
                words: self.words.as_ref(),
                licence: self.licence,
            },
            &self.thresholds,
        );
        let alternatives = decision.rejected.iter().cloned().collect();
        (decision, alternatives)
    }
}

/// The entities that an intent uses, with their words.
fn provenance(intent: &Intent, grounding: &Grounding) -> Vec<Provenance> {
    let line = encode(intent, grounding).unwrap_or_default();
    grounding
        .slots
        .iter()
        .filter(|s| line.contains(&s.name.to_string()))
        .filter_map(|s| s.mentions.first().map(|m| (s, m)))
        .map(|(s, m)| Provenance {
            value: s.value.clone(),
            kind: s.name.kind,
            how: m.how,
            text: grounding.message.text.get(m.span.clone()).unwrap_or("").to_owned(),
            span: (m.span.start, m.span.end),
        })
        .collect()
}
