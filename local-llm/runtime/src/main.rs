//! `parlance-llm MODEL [VOICE]`: reads requests on standard input, writes answers on standard output.
//!
//! Both are GGUF files, or `/proc/self/fd/N` for inherited descriptors. The sandbox closes before a byte of them is read.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use parlance_llm::{Model, Voice, WorkerError, serve};
use parlance_understand::wire::{Hello, VERSION};

const HELP: &str = "\
parlance-llm: Parlance's model worker. The wallet starts it; it has no use of its own.

usage: parlance-llm MODEL.gguf [VOICE.gguf]
Reads one JSON request a line on standard input ({\"id\", \"prompt\", \"grammar\", \"max_tokens\"}), answers one a line.

example: echo '{\"id\":1,\"prompt\":\"gas?\\n\",\"grammar\":\"root ::= \\\"fees\\\" | \\\"help\\\"\",\"max_tokens\":8}' | parlance-llm parlance-small.gguf
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (model, voice) = match args.as_slice() {
        [model] => (model, None),
        [model, voice] => (model, Some(PathBuf::from(voice))),
        _ => return fail(&WorkerError::Usage { got: format!("{} arguments", args.len()) }, 2),
    };
    match model.as_str() {
        "--help" | "-h" => print(HELP),
        "--version" => print(concat!("parlance-llm ", env!("CARGO_PKG_VERSION"), "\n")),
        path => match work(&PathBuf::from(path), voice.as_deref()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(e) => fail(&e, 1),
        },
    }
}

fn work(path: &Path, voice: Option<&Path>) -> Result<(), WorkerError> {
    let files: Vec<&Path> = std::iter::once(path).chain(voice).collect();
    let report = parlance_sandbox::enter_worker(&files)?;
    let began = Instant::now();
    let hash = hash(path)?;
    let model = Model::load(path)?;
    let mut session = model.session()?;
    let second = voice.map(|path| model.beside(path)).transpose()?;
    let mut voice = match (&second, voice) {
        (Some(model), Some(path)) => Some(Voice::of(model, path)?),
        _ => None,
    };
    let hello = Hello {
        version: VERSION,
        model: model.name(),
        hash,
        backend: "CPU".to_owned(),
        sandbox: report.sentences().join(" "),
        load_ms: began.elapsed().as_secs_f64() * 1000.0,
    };
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, &hello).map_err(io::Error::from)?;
    writeln!(output)?;
    output.flush()?;
    serve(&mut session, &mut voice, io::stdin().lock(), output)
}

/// BLAKE3 of the file, hex.
fn hash(path: &Path) -> Result<String, WorkerError> {
    let unreadable = |source| WorkerError::File { path: path.to_owned(), source };
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut file, &mut hasher).map_err(unreadable)?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn print(text: &str) -> ExitCode {
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn fail(error: &WorkerError, code: u8) -> ExitCode {
    // A closed standard error leaves nobody to tell.
    let _ = writeln!(io::stderr(), "parlance-llm: {error}\n{}", error.remedy());
    ExitCode::from(code)
}
