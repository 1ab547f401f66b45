//! The model worker as the conversation's understanding.

use std::{
    collections::BTreeMap,
    future::Future,
    path::{Path, PathBuf},
    pin::Pin,
};

use parlance_grounding::{Derivation, Message};
use parlance_understand::{Config, Understander};
use parlance_wallet_core::{
    WalletError,
    conversation::{Understanding, Understood},
};

use crate::error::CliError;

/// File name of the shipped model.
const SHIPPED: &str = "parlance-small.gguf";

/// An understander with the hash of its model.
pub struct Mind {
    understander: Understander,
    model_hash: Option<String>,
}

impl Mind {
    /// With the shipped model, or another one. A worker that does not start is tried again with each message.
    pub async fn start(model: Option<&Path>) -> Result<Self, CliError> {
        let understander = understander(model).await?;
        let model_hash = understander.ready().await.ok().map(|hello| hello.hash);
        Ok(Self { understander, model_hash })
    }
}

/// An understander with the named model, or the shipped one.
pub async fn understander(model: Option<&Path>) -> Result<Understander, CliError> {
    let model = match model {
        Some(path) => path.to_owned(),
        None => shipped()?,
    };
    let config = Config::for_model(model).map_err(|e| CliError::Understanding(e.to_string()))?;
    Understander::start(config).await.map_err(|e| CliError::Understanding(e.to_string()))
}

/// Where the shipped model is: named by `PARLANCE_MODEL`, beside the programs, in an installed package, or in the source tree
/// that these programs were built from.
pub fn shipped() -> Result<PathBuf, CliError> {
    if let Some(path) = std::env::var_os("PARLANCE_MODEL") {
        return Ok(path.into());
    }
    let own = std::env::current_exe()?;
    let beside = own.parent().unwrap_or(Path::new("/"));
    let places = [
        beside.join("models"),
        beside.join("../share/parlance/models"),
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../local-llm/models")),
    ];
    places.iter().map(|p| p.join(SHIPPED)).find(|p| p.exists()).ok_or_else(|| {
        let tried: Vec<String> = places.iter().map(|p| p.display().to_string()).collect();
        CliError::Understanding(format!("the model {SHIPPED} is in none of {}", tried.join(", ")))
    })
}

impl Understanding for Mind {
    fn understand<'a>(&'a self, message: &'a Message) -> Pin<Box<dyn Future<Output = Result<Understood, WalletError>> + Send + 'a>> {
        Box::pin(async move {
            let found = self.understander.understand(message).await;
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
            Ok(Understood {
                intent: found.intent,
                confidence: found.confidence,
                ms: found.ms,
                provenance,
                question: found.question.or(found.explanation),
                alternatives: found.alternatives,
                model_hash: self.model_hash.clone(),
                prompt_hash: Some(prompt_hash(message)),
            })
        })
    }
}

/// BLAKE3 of what the model was asked, for the audit log.
fn prompt_hash(message: &Message) -> String {
    blake3::hash(parlance_grounding::ground(message).prompt().as_bytes()).to_hex().to_string()
}
