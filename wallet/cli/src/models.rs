//! `parlance models`: which there are, and everything that is done with them.

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use parlance_mind::MindError;
use parlance_models::{Catalogue, Choice, Entry, Fetch, Gguf, Kind, Layers, Memory, ModelsError, Need, Progress, Standing, Store};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    args::{Models, Place},
    error::CliError,
    open,
};

/// Said where the model in use has no licence.
pub const UNLICENSED: &str = "The language model in use may only answer questions: it has not passed the exam (parlance models exam NAME).";

/// Name for the model that came with Parlance.
const SHIPPED: &str = "shipped";

pub async fn run(place: &Place, command: &Models) -> Result<ExitCode, CliError> {
    let store = Store::of(open::folder(place)?);
    match command {
        Models::List { json } => list(&store, *json),
        Models::Add { what, sha256 } => add(&store, what, sha256.as_deref()).await,
        Models::Remove { name } => {
            store.remove(name)?;
            println!("{name} is gone.");
            Ok(ExitCode::SUCCESS)
        }
        Models::Use { name, gpu_layers } => choose(&store, name, gpu_layers.as_deref()).await,
        Models::Check { file } => check(file.as_deref()).await,
        Models::Exam { name, json } => exam(&store, name, *json).await,
        Models::Bench { model, json } => bench(&store, model.as_deref(), *json).await,
        Models::Catalogue { json } => catalogue(*json),
    }
}

fn list(store: &Store, json: bool) -> Result<ExitCode, CliError> {
    let chosen = store.choice().model;
    let shipped = parlance_mind::shipped()?;
    let mut rows = vec![json!({
        "name": SHIPPED, "path": shipped, "bytes": std::fs::metadata(&shipped).map_err(CliError::file(&shipped))?.len(),
        "standing": Standing::Shipped, "in_use": chosen.is_none(),
    })];
    for entry in store.list()? {
        // By the hash that was written down; a model is hashed anew each time that it is taken into use.
        let standing = entry.record.standing(&entry.record.hashes.blake3);
        let need = Gguf::open(&entry.path).ok().map(|model| Need::of(&model).total());
        let Entry { path, record } = entry;
        rows.push(json!({
            "name": record.name, "path": path, "bytes": record.bytes, "standing": standing, "in_use": chosen.as_ref() == Some(&record.name),
            "title": record.title, "licence": record.licence, "architecture": record.architecture, "quantization": record.quantization,
            "memory": need, "sha256": record.hashes.sha256, "exam": record.exam,
        }));
    }
    if json {
        println!("{}", json!(rows));
        return Ok(ExitCode::SUCCESS);
    }
    for row in &rows {
        let text = |key: &str| row[key].as_str().unwrap_or("-");
        let used = if row["in_use"] == true { "  in use" } else { "" };
        let memory = row["memory"].as_u64().map(|n| format!(", {} of memory", size(n))).unwrap_or_default();
        println!("{}  {}{memory}  {}{used}", text("name"), size(row["bytes"].as_u64().unwrap_or(0)), words(text("standing")));
        if row["licence"].is_string() {
            println!("    {} {}, licence {}", text("architecture"), text("quantization"), text("licence"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn words(standing: &str) -> &'static str {
    match standing {
        "shipped" => "shipped",
        "licensed" => "passed the exam",
        "questions_only" => "may only answer questions (exam not passed)",
        _ => "may only answer questions (no exam yet)",
    }
}

async fn add(store: &Store, what: &str, sha256: Option<&str>) -> Result<ExitCode, CliError> {
    let stop = on_interrupt();
    let offered = Catalogue::built_in()?;
    let offer = offered.find(what).ok().map(|offer| offer.source().map(|(url, hash)| (url.to_owned(), hash.to_owned()))).transpose()?;
    let entry = match offer {
        Some((url, hash)) => Fetch::new(&url, store)?.run(store, Some(&hash), &stop, bar("Downloading")).await?,
        None if what.contains("://") => Fetch::new(what, store)?.run(store, sha256, &stop, bar("Downloading")).await?,
        None => {
            let (store, file, hash) = (store.clone(), PathBuf::from(what), sha256.map(str::to_owned));
            blocking(move || store.import(&file, hash.as_deref(), &stop, bar("Reading"))).await?
        }
    };
    let record = &entry.record;
    println!("{} is added: {}, SHA-256 {}", record.name, size(record.bytes), record.hashes.sha256);
    if sha256.is_none() && what.contains("://") {
        println!("Nobody has vouched for this file: compare the SHA-256 with its publisher's page.");
    }
    println!("It may only answer questions until it passes the exam: parlance models exam {}", record.name);
    Ok(ExitCode::SUCCESS)
}

async fn choose(store: &Store, name: &str, layers: Option<&str>) -> Result<ExitCode, CliError> {
    let before = store.choice();
    let gpu_layers = match layers {
        None => before.gpu_layers,
        Some("auto") => Layers::Auto,
        Some(n) => {
            Layers::Exactly(n.parse().map_err(|_| CliError::Understanding(format!("got {n:?}, expected auto or a number of layers")))?)
        }
    };
    let model = (name != SHIPPED).then(|| name.to_owned());
    let path = model.as_deref().map(|name| store.find(name)).transpose()?.map(|entry| entry.path);
    // It has to answer before it is relied on.
    let (hello, _) = parlance_mind::check(path.as_deref()).await?;
    store.choose(&Choice { model, gpu_layers })?;
    println!("{} understands you from the next start on, on {}.", hello.model, hello.backend);
    if let Some(path) = path {
        let store = store.clone();
        if blocking(move || store.standing(&path)).await? != Standing::Licensed {
            println!("It may only answer questions until it passes the exam: parlance models exam {name}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn check(file: Option<&Path>) -> Result<ExitCode, CliError> {
    let path = match file {
        Some(path) => path.to_owned(),
        None => parlance_mind::shipped()?,
    };
    let model = Gguf::open(&path)?;
    let kind = match model.kind {
        Kind::Parlance => "trained for Parlance",
        Kind::Chat => "chat model",
        Kind::Neither => "neither a chat model nor trained for Parlance",
    };
    println!(
        "{} ({}, {kind}): {} layers, {} of context, {} weights, {}",
        model.name.as_deref().unwrap_or("unnamed"),
        model.architecture,
        model.layers,
        model.context,
        model.quantization,
        size(model.bytes)
    );
    let free = Memory::now().map(|m| format!(", {} is free", size(m.free))).unwrap_or_default();
    println!("It needs about {} of memory{free}.", size(Need::of(&model).total()));
    let (hello, ms) = parlance_mind::check(file).await?;
    println!("{} ({}) loaded in {:.0} ms on {}; BLAKE3 {}", hello.model, hello.backend, hello.load_ms, std::env::consts::ARCH, hello.hash);
    println!("{}", hello.sandbox);
    println!("A message took {ms:.1} ms.");
    Ok(ExitCode::SUCCESS)
}

async fn exam(store: &Store, name: &str, json: bool) -> Result<ExitCode, CliError> {
    let stop = on_interrupt();
    let result = parlance_mind::examine(store, name, &stop, bar("Question")).await?;
    if json {
        let mut value = json!(result);
        value["passed"] = json!(result.passed());
        println!("{value}");
    } else {
        println!("{name} {}.", result.sentence());
        for (message, understood) in &result.mistakes {
            println!("  {message:?} was understood as {understood}");
        }
    }
    if result.passed() { Ok(ExitCode::SUCCESS) } else { Err(CliError::Failed) }
}

async fn bench(store: &Store, model: Option<&str>, json: bool) -> Result<ExitCode, CliError> {
    let path = match model {
        None | Some(SHIPPED) => None,
        Some(name) => match store.find(name) {
            Ok(entry) => Some(entry.path),
            Err(ModelsError::Unknown { .. }) => Some(PathBuf::from(name)),
            Err(e) => return Err(e.into()),
        },
    };
    let found = parlance_mind::bench(path.as_deref(), store.choice().gpu_layers).await?;
    if json {
        println!(
            "{}",
            json!({"read_per_s": found.read_per_s, "written_per_s": found.written_per_s, "ms_message": found.ms_message, "ms_first": found.ms_first})
        );
    } else {
        println!("{:.0} tokens/s read, {:.0} tokens/s written.", found.read_per_s, found.written_per_s);
        println!("{:.1} ms a message; {:.1} ms for the first one after the start.", found.ms_message, found.ms_first);
    }
    Ok(ExitCode::SUCCESS)
}

fn catalogue(json: bool) -> Result<ExitCode, CliError> {
    let catalogue = Catalogue::built_in()?;
    if json {
        println!("{}", json!(catalogue));
        return Ok(ExitCode::SUCCESS);
    }
    for offer in &catalogue.offers {
        println!("{}  about {}, {} of memory, licence {}", offer.name, size(offer.bytes), size(offer.memory), offer.licence);
        println!("    {} File: {}", offer.about, offer.file);
        if offer.source().is_err() {
            println!(
                "    This release has no address and hash for it yet: download it from its publisher, then `parlance models add FILE`."
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Ctrl-C stops what is under way.
fn on_interrupt() -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        match tokio::signal::ctrl_c().await {
            Ok(()) => token.cancel(),
            Err(error) => tracing::warn!(%error, "Ctrl-C can't be heard"),
        }
    });
    stop
}

/// Work that holds a thread.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, ModelsError> + Send + 'static) -> Result<T, CliError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| CliError::Mind(MindError::Worker(e.to_string())))?.map_err(CliError::from)
}

/// Tells progress on the error stream, where somebody looks at it.
fn bar(what: &'static str) -> impl FnMut(Progress) + Send + 'static {
    let shown = std::io::stderr().is_terminal();
    let mut last: Option<Instant> = None;
    move |progress| {
        let whole = progress.total == Some(progress.done);
        let due = last.is_none_or(|at| at.elapsed() > Duration::from_millis(200));
        if !shown || !(due || whole) {
            return;
        }
        last = Some(Instant::now());
        let count = |n| if what == "Question" { format!("{n}") } else { size(n) };
        let of = progress.total.map(|total| format!(" of {}", count(total))).unwrap_or_default();
        let end = if whole { "\n" } else { "" };
        let mut stream = std::io::stderr();
        // A terminal that is gone leaves nobody to tell.
        let _ = write!(stream, "\r{what} {}{of}   {end}", count(progress.done)).and_then(|()| stream.flush());
    }
}

/// `12.3 MB`, `4.2 GB`.
fn size(bytes: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let megabytes = bytes as f64 / 1e6;
    if megabytes < 1000.0 { format!("{megabytes:.1} MB") } else { format!("{:.1} GB", megabytes / 1000.0) }
}
