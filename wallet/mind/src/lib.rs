//! The model worker as the conversation's understanding: which model is in use, how it does, and another in its place.
//!
//! Read [`Mind`] first. Both front ends use it; the model itself runs in the worker process (`local-llm/runtime`).

mod error;
mod models;
mod own;

use std::{
    collections::BTreeMap,
    future::Future,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use parlance_grounding::{Derivation, Message};
use parlance_models::{Layers, Standing, Store};
use parlance_understand::{Understander, Understanding as Found};
use parlance_wallet_core::{
    WalletError,
    conversation::{Understanding, Understood},
};

pub use error::MindError;
pub use models::shipped;
pub use own::{bench, check, devices, examine, is_shipped, understander};
pub use parlance_understand::wire::{Hello, ModelKind};

/// How long a look at the worker may take while it is busy with a message.
const LOOK: Duration = Duration::from_millis(300);

/// An understander that can be replaced while the wallet runs.
pub struct Mind {
    store: Store,
    loaded: RwLock<Loaded>,
}

#[derive(Clone)]
struct Loaded {
    understander: Arc<Understander>,
    model: PathBuf,
    licence: Standing,
    standing: Result<Hello, String>,
}

impl Mind {
    /// For the wallet in the folder `data`: with the named model, else the one that `PARLANCE_MODEL` names, else the one that
    /// the owner chose, else the shipped one. Where the chosen one can't be used, the shipped one is, with a line in the log.
    /// A worker that does not start is tried again with each message.
    ///
    /// # Errors
    /// Where there is no such model file, it does not fit, or its second voice can't be read.
    pub async fn start(data: &Path, model: Option<&Path>) -> Result<Self, MindError> {
        let store = Store::of(data);
        let choice = store.choice();
        let named = model.map(Path::to_owned).or_else(|| std::env::var_os("PARLANCE_MODEL").map(PathBuf::from));
        let loaded = match (named, choice.model) {
            (Some(path), _) => load(&store, Some(&path), choice.gpu_layers).await?,
            (None, Some(name)) => match chosen(&store, &name, choice.gpu_layers).await {
                Ok(loaded) => loaded,
                Err(error) => {
                    tracing::warn!(%error, "the chosen model can't be used, the shipped one is");
                    load(&store, None, Layers::Auto).await?
                }
            },
            (None, None) => load(&store, None, Layers::Auto).await?,
        };
        Ok(Self { store, loaded: RwLock::new(loaded) })
    }

    /// Take another model into use, or the shipped one again. It has to answer before the old one is let go.
    ///
    /// # Errors
    /// As [`Mind::start`]; [`MindError::Worker`] where the worker can't load it.
    pub async fn switch(&self, model: Option<&Path>) -> Result<Hello, MindError> {
        let loaded = load(&self.store, model, self.store.choice().gpu_layers).await?;
        let hello = loaded.standing.clone().map_err(MindError::Worker)?;
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(hello)
    }

    /// The owner's models.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What the model in use may do.
    #[must_use]
    pub fn licence(&self) -> Standing {
        self.now().licence
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

async fn chosen(store: &Store, name: &str, layers: Layers) -> Result<Loaded, MindError> {
    let path = store.find(name)?.path;
    let loaded = load(store, Some(&path), layers).await?;
    match &loaded.standing {
        Ok(_) => Ok(loaded),
        Err(why) => Err(MindError::Worker(why.clone())),
    }
}

async fn load(store: &Store, model: Option<&Path>, layers: Layers) -> Result<Loaded, MindError> {
    let (model, licence) = own::standing(store, model).await?;
    let understander = Arc::new(Understander::start(own::config(&model, licence.licence(), layers).await?).await?);
    let standing = understander.ready().await.map_err(|e| e.to_string());
    if standing.as_ref().is_ok_and(|hello| hello.kind == ModelKind::Chat) {
        // What all messages have in common is read now, and not while the first one waits.
        let early = Arc::clone(&understander);
        tokio::spawn(async move { early.understand(&Message::of(own::TRIAL)).await });
    }
    Ok(Loaded { understander, model, licence, standing })
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
