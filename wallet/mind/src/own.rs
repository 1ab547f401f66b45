//! Models of the owner: which file is meant, how it stands, and how its worker is started.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use parlance_models::{Device, Exam, ExamResult, Gguf, Kind, Layers, Memory, Progress, Standing, Store, check_fit, gpu_layers};
use parlance_understand::{Bench, Config, Licence, Understander, wire::Hello, worker_program};
use tokio_util::sync::CancellationToken;

use crate::{MindError, shipped};

/// A message that any model of this vocabulary understands.
pub(crate) const TRIAL: &str = "what is my balance";
/// How long a large model may take to be read, and to answer.
const LOADING: Duration = Duration::from_secs(300);
const ANSWERING: Duration = Duration::from_secs(180);
/// How long the worker may take to name the graphics cards.
const LOOKING: Duration = Duration::from_secs(20);

/// An understander with the named model, else the one that `PARLANCE_MODEL` names, else the shipped one. It accepts whatever
/// its checks let through: for messages whose meaning is only printed, never acted on.
///
/// # Errors
/// Where there is no such file, it does not fit, or its second voice can't be read.
pub async fn understander(model: Option<&Path>) -> Result<Understander, MindError> {
    let named = model.map(Path::to_owned).or_else(|| std::env::var_os("PARLANCE_MODEL").map(PathBuf::from));
    let model = file(named.as_deref())?;
    Ok(Understander::start(config(&model, Licence::Act, Layers::Auto).await?).await?)
}

/// Whether this file is the one that came with Parlance.
#[must_use]
pub fn is_shipped(model: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    shipped().is_ok_and(|own| real(&own).is_some() && real(&own) == real(model))
}

fn file(model: Option<&Path>) -> Result<PathBuf, MindError> {
    match model {
        Some(path) if path.is_file() => Ok(path.to_owned()),
        Some(path) => Err(MindError::NoFile(path.to_owned())),
        None => shipped(),
    }
}

/// The file, and what it may do by what it holds now.
pub(crate) async fn standing(store: &Store, model: Option<&Path>) -> Result<(PathBuf, Standing), MindError> {
    let model = file(model)?;
    if is_shipped(&model) {
        return Ok((model, Standing::Shipped));
    }
    let (store, path) = (store.clone(), model.clone());
    // Gigabytes are hashed.
    let standing = tokio::task::spawn_blocking(move || store.standing(&path)).await.map_err(|e| MindError::Worker(e.to_string()))??;
    Ok((model, standing))
}

/// How the worker of a model is started: within its memory, and with the voices of the shipped model beside it.
pub(crate) async fn config(model: &Path, licence: Licence, layers: Layers) -> Result<Config, MindError> {
    if is_shipped(model) {
        return Ok(Config::for_model(model, licence)?);
    }
    let facts = Gguf::open(model)?;
    let need = check_fit(&facts, Memory::now())?;
    let mut config = Config::with_voices_of(model, &shipped()?, licence)?;
    let layers = gpu_layers(&facts, layers, &devices().await);
    let more = ["--memory".to_owned(), need.limit().to_string(), "--gpu-layers".to_owned(), layers.to_string()];
    config.worker.args.extend(more.map(Into::into));
    config.worker.start_timeout = LOADING;
    if facts.kind == Kind::Chat {
        config.worker.answer_timeout = ANSWERING;
    }
    Ok(config)
}

/// The graphics cards that the worker can use; none where it says none, or nothing.
pub async fn devices() -> Vec<Device> {
    let asked = async {
        let program = worker_program().ok()?;
        let mut command = tokio::process::Command::new(program);
        command.arg("--devices").env_clear().stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let done = tokio::time::timeout(LOOKING, command.output()).await.ok()?.ok()?;
        serde_json::from_slice(&done.stdout).ok()
    };
    asked.await.unwrap_or_default()
}

/// Loads a model and tries one message: what the worker says of itself, and milliseconds for the message.
///
/// # Errors
/// Why it can't be used.
pub async fn check(model: Option<&Path>) -> Result<(Hello, f64), MindError> {
    let understander = understander(model).await?;
    let hello = understander.ready().await?;
    let found = understander.understand(&parlance_grounding::Message::of(TRIAL)).await;
    // One that died of its first message is not ready now.
    understander.ready().await?;
    Ok((hello, found.ms))
}

/// Measures a model.
///
/// # Errors
/// Why it can't be used.
pub async fn bench(model: Option<&Path>, layers: Layers) -> Result<Bench, MindError> {
    let model = file(model)?;
    Ok(Understander::start(config(&model, Licence::Act, layers).await?).await?.bench().await?)
}

/// Holds the exam with a model of the store, and writes the result down.
///
/// # Errors
/// Where there is no such model, it can't be used, or the person stopped.
pub async fn examine(store: &Store, name: &str, stop: &CancellationToken, progress: impl FnMut(Progress)) -> Result<ExamResult, MindError> {
    let entry = store.find(name)?;
    let understander = Understander::start(config(&entry.path, Licence::Act, store.choice().gpu_layers).await?).await?;
    // Of what the file holds, not of what a record says.
    let (path, stopped) = (entry.path.clone(), stop.clone());
    let hashes = tokio::task::spawn_blocking(move || parlance_models::Hashes::of(&path, &stopped, |_| {}))
        .await
        .map_err(|e| MindError::Worker(e.to_string()))??;
    let result = Exam::built_in()?.hold(&understander, &hashes.blake3, stop, progress).await?;
    store.examined(name, result.clone())?;
    Ok(result)
}
