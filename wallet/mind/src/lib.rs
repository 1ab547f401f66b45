//! The model worker as the conversation's understanding: which model is in use, how it does, and another in its place.
//!
//! Read [`Mind`] first. Both front ends use it; the model itself runs in the worker process (`local-llm/runtime`).

mod error;
mod models;

use std::{
    collections::BTreeMap,
    future::Future,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use parlance_grounding::{Derivation, Message};
use parlance_understand::{Config, Understander, Understanding as Found};
use parlance_wallet_core::{
    WalletError,
    conversation::{Understanding, Understood},
};

pub use error::MindError;
pub use models::shipped;
pub use parlance_understand::wire::Hello;

/// How long a look at the worker may take while it is busy with a message.
const LOOK: Duration = Duration::from_millis(300);

/// An understander that can be replaced while the wallet runs.
pub struct Mind {
    loaded: RwLock<Loaded>,
}

#[derive(Clone)]
struct Loaded {
    understander: Arc<Understander>,
    model: PathBuf,
    standing: Result<Hello, String>,
}

impl Mind {
    /// With the shipped model, or another one. A worker that does not start is tried again with each message.
    ///
    /// # Errors
    /// Where there is no such model file, or its second voice can't be read.
    pub async fn start(model: Option<&Path>) -> Result<Self, MindError> {
        Ok(Self { loaded: RwLock::new(load(model).await?) })
    }

    /// Take another model into use, or the shipped one again. It has to answer before the old one is let go.
    ///
    /// # Errors
    /// As [`Mind::start`]; [`MindError::Worker`] where the worker can't load it.
    pub async fn switch(&self, model: Option<&Path>) -> Result<Hello, MindError> {
        let loaded = load(model).await?;
        let hello = loaded.standing.clone().map_err(MindError::Worker)?;
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(hello)
    }

    /// The model file in use.
    #[must_use]
    pub fn model(&self) -> PathBuf {
        self.now().model
    }

    /// How the worker does: what it said of itself, or why it does not run. It is started where it does not run; while it is
    /// busy, what was known before.
    ///
    /// # Errors
    /// Why it does not run, in a sentence.
    pub async fn standing(&self) -> Result<Hello, String> {
        let loaded = self.now();
        match tokio::time::timeout(LOOK, loaded.understander.ready()).await {
            Err(_) => loaded.standing,
            Ok(found) => {
                let standing = found.map_err(|e| e.to_string());
                let mut now = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
                if Arc::ptr_eq(&now.understander, &loaded.understander) {
                    now.standing.clone_from(&standing);
                }
                standing
            }
        }
    }

    fn now(&self) -> Loaded {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// An understander with the named model, or the shipped one.
///
/// # Errors
/// As [`Mind::start`].
pub async fn understander(model: Option<&Path>) -> Result<Understander, MindError> {
    Ok(Understander::start(Config::for_model(file(model)?)?).await?)
}

fn file(model: Option<&Path>) -> Result<PathBuf, MindError> {
    match model {
        Some(path) if path.is_file() => Ok(path.to_owned()),
        Some(path) => Err(MindError::NoFile(path.to_owned())),
        None => shipped(),
    }
}

async fn load(model: Option<&Path>) -> Result<Loaded, MindError> {
    let model = file(model)?;
    let understander = Understander::start(Config::for_model(&model)?).await?;
    let standing = understander.ready().await.map_err(|e| e.to_string());
    Ok(Loaded { understander: Arc::new(understander), model, standing })
}

impl Understanding for Mind {
    fn understand<'a>(&'a self, message: &'a Message) -> Pin<Box<dyn Future<Output = Result<Understood, WalletError>> + Send + 'a>> {
        Box::pin(async move {
            let loaded = self.now();
            let found = loaded.understander.understand(message).await;
            Ok(understood(found, loaded.standing.ok().map(|hello| hello.hash), message))
        })
    }
}

fn understood(found: Found, model_hash: Option<String>, message: &Message) -> Understood {
    let mut provenance = BTreeMap::new();
    for p in &found.provenance {
        let kind = serde_json::to_value(p.kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        let source = match p.how {
            Derivation::AddressBook => "address_book",
            Derivation::Converted => "computed",
            Derivation::Pending | Derivation::Referent => "conversation",
            Derivation::Typed | Derivation::Canonical | Derivation::Words => "typed",
        };
        provenance.entry(kind).or_insert_with(|| source.to_owned());
    }
    Understood {
        intent: found.intent,
        confidence: found.confidence,
        ms: found.ms,
        provenance,
        question: found.question.or(found.explanation),
        alternatives: found.alternatives,
        model_hash,
        prompt_hash: Some(prompt_hash(message)),
    }
}

/// BLAKE3 of what the model was asked, for the audit log.
fn prompt_hash(message: &Message) -> String {
    blake3::hash(parlance_grounding::ground(message).prompt().as_bytes()).to_hex().to_string()
}
