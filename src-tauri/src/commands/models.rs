//! Language models: the shipped one, and those that the person brought.

use std::path::{Path, PathBuf};

use parlance_mind::{MindError, shipped};
use parlance_models::{Catalogue, Choice, Entry, ExamResult, Fetch, Gguf, Layers, Memory, ModelsError, Need, Progress, Standing, Store};
use parlance_wallet_core::view::Problem;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, State};
use tauri_specta::Event as _;
use tokio_util::sync::CancellationToken;

use crate::session::{Open, Session};

/// A model file.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ModelRow {
    /// Its name here.
    pub name: String,
    /// Where it lies.
    pub path: String,
    /// Size.
    pub bytes: u64,
    /// Memory that it needs, about; absent for the shipped one.
    pub memory: Option<u64>,
    /// Its licence, as the file says.
    pub licence: Option<String>,
    /// Storage type of its weights, as the file says.
    pub quantization: Option<String>,
    /// What it may do.
    pub standing: ModelStanding,
    /// Its last exam.
    pub exam: Option<ExamView>,
    /// True for the one that came with Parlance.
    pub shipped: bool,
    /// True for the one that understands at present.
    pub in_use: bool,
    /// What it runs on, where it is in use.
    pub backend: String,
    /// BLAKE3, hex.
    pub hash: Option<String>,
    /// Why it can't be used.
    pub problem: Option<String>,
}

/// What a model may do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ModelStanding {
    /// Everything: it came with Parlance.
    Shipped,
    /// Everything: it passed the exam.
    Licensed,
    /// Answer questions: it did not pass.
    QuestionsOnly,
    /// Answer questions: no exam was held yet.
    NotExamined,
}

/// What an exam found.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ExamView {
    /// Whether it is a licence.
    pub passed: bool,
    /// Unix seconds.
    pub at: u64,
    /// Messages that ask for something, and those of them that were understood exactly.
    pub actionable: u32,
    /// See there.
    pub exact: u32,
    /// Messages on which nothing may be done, and those of them on which nothing was.
    pub unclear: u32,
    /// See there.
    pub declined: u32,
    /// Answers that would have moved money otherwise than asked.
    pub harmful: u32,
    /// Some of the mistakes.
    pub mistakes: Vec<ExamMistake>,
}

/// A message that was misunderstood.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ExamMistake {
    /// The message.
    pub text: String,
    /// The intent that was understood, as JSON.
    pub understood: String,
}

/// How models are run here, and which are recommended.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ModelSetup {
    /// Layers on the graphics card; `null`: as many as fit.
    pub gpu_layers: Option<u32>,
    /// Graphics cards that this build can use.
    pub devices: Vec<String>,
    /// Bytes of memory that are free now.
    pub free_memory: Option<u64>,
    /// Recommended models.
    pub offers: Vec<ModelOffer>,
}

/// A recommended model.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ModelOffer {
    /// As its publisher calls it.
    pub name: String,
    /// The file that is meant.
    pub file: String,
    /// SPDX identifier.
    pub licence: String,
    /// Bytes of the file, about.
    pub bytes: u64,
    /// Bytes of memory, about.
    pub memory: u64,
    /// Whether this release has its address and hash.
    pub ready: bool,
}

/// How fast a model is here.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct BenchView {
    /// Tokens a second, of a prompt.
    pub read_per_s: u32,
    /// Tokens a second, of an answer.
    pub written_per_s: u32,
    /// Milliseconds for a message.
    pub ms_message: u32,
    /// Milliseconds for the first message after the start.
    pub ms_first: u32,
}

/// How far adding a model, or its exam, has come.
#[derive(Clone, Debug, Serialize, Deserialize, Type, tauri_specta::Event)]
pub struct ModelProgress {
    /// Bytes or questions, so far.
    pub done: u64,
    /// In all, where that is known.
    pub total: Option<u64>,
}

/// All of them, the shipped one first.
#[tauri::command]
#[specta::specta]
pub async fn models(session: State<'_, Session>) -> Result<Vec<ModelRow>, Problem> {
    let open = session.opened()?;
    let mut rows = vec![row(&open, &shipped().map_err(problem)?, None).await];
    for entry in open.mind.store().list().map_err(own)? {
        rows.push(row(&open, &entry.path, Some(&entry)).await);
    }
    Ok(rows)
}

/// How models are run here, and which are recommended.
#[tauri::command]
#[specta::specta]
pub async fn model_setup(session: State<'_, Session>) -> Result<ModelSetup, Problem> {
    let open = session.opened()?;
    let offers = Catalogue::built_in().map_err(own)?.offers.into_iter().map(|offer| ModelOffer {
        ready: offer.source().is_ok(),
        name: offer.name,
        file: offer.file,
        licence: offer.licence,
        bytes: offer.bytes,
        memory: offer.memory,
    });
    Ok(ModelSetup {
        gpu_layers: match open.mind.store().choice().gpu_layers {
            Layers::Auto => None,
            Layers::Exactly(n) => Some(n),
        },
        devices: parlance_mind::devices().await.into_iter().map(|d| d.name).collect(),
        free_memory: Memory::now().map(|m| m.free),
        offers: offers.collect(),
    })
}

/// Take a model into use, or the shipped one again. It has to load before the old one is let go.
#[tauri::command]
#[specta::specta]
pub async fn model_use(session: State<'_, Session>, name: Option<String>) -> Result<ModelRow, Problem> {
    let open = session.opened()?;
    let store = open.mind.store();
    let entry = name.as_deref().map(|name| store.find(name)).transpose().map_err(own)?;
    open.mind.switch(entry.as_ref().map(|e| e.path.as_path())).await.map_err(problem)?;
    store.choose(&Choice { model: name, ..store.choice() }).map_err(own)?;
    session.nudge.notify_one();
    Ok(row(&open, &open.mind.model(), entry.as_ref()).await)
}

/// How many layers are computed on the graphics card; `null` for as many as fit. A model of one's own that is in use is loaded anew.
#[tauri::command]
#[specta::specta]
pub async fn model_layers(session: State<'_, Session>, layers: Option<u32>) -> Result<(), Problem> {
    let open = session.opened()?;
    let store = open.mind.store();
    let choice = Choice { gpu_layers: layers.map_or(Layers::Auto, Layers::Exactly), ..store.choice() };
    store.choose(&choice).map_err(own)?;
    reload(&open, &session).await
}

/// Add a model: a file, an https address, or a name of the catalogue. What has come of it so far is told by events.
#[tauri::command]
#[specta::specta]
pub async fn model_add(app: AppHandle, session: State<'_, Session>, source: String, sha256: Option<String>) -> Result<ModelRow, Problem> {
    let open = session.opened()?;
    let work = session.begin()?;
    let entry = add(open.mind.store().clone(), source, sha256, work.stop.clone(), tell(app)).await.map_err(own)?;
    Ok(row(&open, &entry.path, Some(&entry)).await)
}

async fn add(
    store: Store,
    source: String,
    sha256: Option<String>,
    stop: CancellationToken,
    tell: impl FnMut(Progress) + Send + 'static,
) -> Result<Entry, ModelsError> {
    let offer = Catalogue::built_in()?.find(&source).cloned().ok();
    if let Some(offer) = offer {
        let (url, hash) = offer.source()?;
        return Fetch::new(url, &store)?.run(&store, Some(hash), &stop, tell).await;
    }
    if source.contains("://") {
        return Fetch::new(&source, &store)?.run(&store, sha256.as_deref(), &stop, tell).await;
    }
    let work = move || store.import(&PathBuf::from(source), sha256.as_deref(), &stop, tell);
    tokio::task::spawn_blocking(work).await.map_err(|e| ModelsError::BrokeOff(e.to_string()))?
}

/// Stop adding a model, or its exam.
#[tauri::command]
#[specta::specta]
pub async fn model_stop(session: State<'_, Session>) -> Result<(), Problem> {
    session.stop();
    Ok(())
}

/// Forget a model and delete its file here. Where it was in use, the shipped one is again.
#[tauri::command]
#[specta::specta]
pub async fn model_remove(session: State<'_, Session>, name: String) -> Result<(), Problem> {
    let open = session.opened()?;
    let entry = open.mind.store().find(&name).map_err(own)?;
    if open.mind.model() == entry.path {
        open.mind.switch(None).await.map_err(problem)?;
        session.nudge.notify_one();
    }
    open.mind.store().remove(&name).map_err(own)
}

/// Hold the exam. What has come of it so far is told by events.
#[tauri::command]
#[specta::specta]
pub async fn model_exam(app: AppHandle, session: State<'_, Session>, name: String) -> Result<ModelRow, Problem> {
    let open = session.opened()?;
    let work = session.begin()?;
    parlance_mind::examine(open.mind.store(), &name, &work.stop, tell(app)).await.map_err(problem)?;
    let entry = open.mind.store().find(&name).map_err(own)?;
    if open.mind.model() == entry.path {
        // What it may do has changed.
        reload(&open, &session).await?;
    }
    Ok(row(&open, &entry.path, Some(&entry)).await)
}

/// Measure a model; the shipped one where none is named.
#[tauri::command]
#[specta::specta]
pub async fn model_bench(session: State<'_, Session>, name: Option<String>) -> Result<BenchView, Problem> {
    let open = session.opened()?;
    let store = open.mind.store();
    let path = name.as_deref().map(|name| store.find(name)).transpose().map_err(own)?.map(|entry| entry.path);
    let found = parlance_mind::bench(path.as_deref(), store.choice().gpu_layers).await.map_err(problem)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded for people, and bounded before")]
    let whole = |n: f64| n.round().clamp(0.0, 1e9) as u32;
    Ok(BenchView {
        read_per_s: whole(found.read_per_s),
        written_per_s: whole(found.written_per_s),
        ms_message: whole(found.ms_message),
        ms_first: whole(found.ms_first),
    })
}

async fn reload(open: &Open, session: &Session) -> Result<(), Problem> {
    let model = open.mind.model();
    if !parlance_mind::is_shipped(&model) {
        open.mind.switch(Some(&model)).await.map_err(problem)?;
        session.nudge.notify_one();
    }
    Ok(())
}

/// Tells the pages, a few times a second.
fn tell(app: AppHandle) -> impl FnMut(Progress) + Send + 'static {
    let mut last: Option<std::time::Instant> = None;
    move |Progress { done, total }| {
        if total != Some(done) && last.is_some_and(|at| at.elapsed().as_millis() < 200) {
            return;
        }
        last = Some(std::time::Instant::now());
        if let Err(e) = (ModelProgress { done, total }).emit(&app) {
            tracing::warn!("the pages can't be told the progress: {e}");
        }
    }
}

async fn row(open: &Open, path: &Path, entry: Option<&Entry>) -> ModelRow {
    let in_use = open.mind.model() == path;
    let (bytes, mut problem) = match std::fs::metadata(path) {
        Ok(meta) => (meta.len(), None),
        Err(e) => (0, Some(e.to_string())),
    };
    let record = entry.map(|e| &e.record);
    // By the hash that was written down; a model is hashed anew each time that it is taken into use.
    let recorded = record.map_or(Standing::Shipped, |r| r.standing(&r.hashes.blake3));
    let (mut backend, mut hash) = (String::new(), record.map(|r| r.hashes.blake3.clone()));
    if in_use {
        match open.mind.standing().await {
            Ok(hello) => (backend, hash) = (hello.backend, Some(hello.hash)),
            Err(why) => problem = Some(why),
        }
    }
    ModelRow {
        name: record.map_or_else(|| path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default(), |r| r.name.clone()),
        path: path.display().to_string(),
        bytes,
        memory: entry.and_then(|e| Gguf::open(&e.path).ok()).map(|model| Need::of(&model).total()),
        licence: record.and_then(|r| r.licence.clone()),
        quantization: record.map(|r| r.quantization.clone()),
        standing: match if in_use { open.mind.licence() } else { recorded } {
            Standing::Shipped => ModelStanding::Shipped,
            Standing::Licensed => ModelStanding::Licensed,
            Standing::QuestionsOnly => ModelStanding::QuestionsOnly,
            Standing::NotExamined => ModelStanding::NotExamined,
        },
        exam: record.and_then(|r| r.exam.as_ref()).map(exam_view),
        shipped: entry.is_none(),
        in_use,
        backend,
        hash,
        problem,
    }
}

fn exam_view(exam: &ExamResult) -> ExamView {
    let v = exam.verdicts;
    let mistake = |(text, understood): &(String, String)| ExamMistake { text: text.clone(), understood: understood.clone() };
    ExamView {
        passed: exam.passed(),
        at: exam.at,
        actionable: v.actionable,
        exact: v.exact,
        unclear: v.unclear,
        declined: v.declined,
        harmful: v.harmful,
        mistakes: exam.mistakes.iter().map(mistake).collect(),
    }
}

fn problem(e: MindError) -> Problem {
    match e {
        MindError::Models(e) => own(e),
        e => Problem { code: "model".into(), message: e.to_string(), remedy: e.remedy().into() },
    }
}

fn own(e: ModelsError) -> Problem {
    let code = if matches!(e, ModelsError::Stopped) { "stopped" } else { "model" };
    Problem { code: code.into(), message: e.to_string(), remedy: e.remedy().into() }
}
