//! Language models: the shipped one, and those that the person brought.

use std::path::{Path, PathBuf};

use parlance_mind::{MindError, shipped};
use parlance_wallet_core::view::Problem;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;

use crate::session::{Open, Session};

/// Setting: the model that was chosen; absent for the shipped one.
pub(crate) const MODEL: &str = "model";
/// Setting: models that were taken into use once.
const MODELS: &str = "models";

/// A model file.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ModelRow {
    /// File name without its ending.
    pub name: String,
    /// Where it lies.
    pub path: String,
    /// Size.
    pub bytes: u64,
    /// True for the one that came with Parlance.
    pub shipped: bool,
    /// True for the one that understands at present.
    pub in_use: bool,
    /// What it runs on, where it is in use.
    pub backend: String,
    /// BLAKE3, hex, where it is in use.
    pub hash: Option<String>,
    /// Why it can't be used.
    pub problem: Option<String>,
}

/// All of them, the shipped one first.
#[tauri::command]
#[specta::specta]
pub async fn models(session: State<'_, Session>) -> Result<Vec<ModelRow>, Problem> {
    let open = session.opened()?;
    let mut paths = vec![shipped().map_err(problem)?];
    let known: Vec<PathBuf> = open.wallet.store.setting(MODELS)?.unwrap_or_default();
    paths.extend(known.into_iter().filter(|p| *p != paths[0]).collect::<Vec<_>>());
    let mut rows = Vec::new();
    for path in paths {
        rows.push(row(&open, &path).await);
    }
    Ok(rows)
}

/// Take a GGUF file into use, or the shipped one again. It has to load before the old one is let go.
#[tauri::command]
#[specta::specta]
pub async fn model_use(session: State<'_, Session>, path: Option<String>) -> Result<ModelRow, Problem> {
    let open = session.opened()?;
    let chosen = path.map(PathBuf::from);
    open.mind.switch(chosen.as_deref()).await.map_err(problem)?;
    match &chosen {
        Some(path) => {
            let mut known: Vec<PathBuf> = open.wallet.store.setting(MODELS)?.unwrap_or_default();
            if !known.contains(path) {
                known.push(path.clone());
                open.wallet.store.set(MODELS, &known)?;
            }
            open.wallet.store.set(MODEL, path)?;
        }
        None => open.wallet.store.unset(MODEL)?,
    }
    session.nudge.notify_one();
    Ok(row(&open, &open.mind.model()).await)
}

async fn row(open: &Open, path: &Path) -> ModelRow {
    let in_use = open.mind.model() == path;
    let (bytes, mut problem) = match std::fs::metadata(path) {
        Ok(meta) => (meta.len(), None),
        Err(e) => (0, Some(e.to_string())),
    };
    let (mut backend, mut hash) = (String::new(), None);
    if in_use {
        match open.mind.standing().await {
            Ok(hello) => (backend, hash) = (hello.backend, Some(hello.hash)),
            Err(why) => problem = Some(why),
        }
    }
    ModelRow {
        name: path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default(),
        path: path.display().to_string(),
        bytes,
        shipped: shipped().is_ok_and(|s| s == path),
        in_use,
        backend,
        hash,
        problem,
    }
}

fn problem(e: MindError) -> Problem {
    Problem { code: "model".into(), message: e.to_string(), remedy: e.remedy().into() }
}
