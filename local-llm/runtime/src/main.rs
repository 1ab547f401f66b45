//! `parlance-llm MODEL [VOICE]`: reads requests on standard input, writes answers on standard output.
//!
//! Both are GGUF files, or `/proc/self/fd/N` for inherited descriptors. The sandbox closes before a byte of them is read.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use llama_cpp_2::{LlamaBackendDeviceType, list_llama_ggml_backend_devices, llama_backend::LlamaBackend};
use parlance_llm::{Model, Settings, Voice, WorkerError, serve};
use parlance_understand::wire::{Device, Hello, VERSION};
use rustix::process::{Resource, Rlimit, setrlimit};

const HELP: &str = "\
parlance-llm: Parlance's model worker. The wallet starts it; it has no use of its own.

usage: parlance-llm MODEL.gguf [VOICE.gguf] [--gpu-layers N] [--threads N] [--memory BYTES]
       parlance-llm --devices
Reads one JSON request a line on standard input ({\"id\", \"prompt\", \"grammar\", \"max_tokens\", \"system\"}), answers one a line.

  --gpu-layers N   layers that are computed on a graphics card (default 0)
  --threads N      threads for a chat model (default: half of the processor's, at most 8)
  --memory BYTES   most memory that the process may take; beyond it, it ends
  --devices        print the graphics cards that this build can use, as JSON

example: echo '{\"id\":1,\"prompt\":\"gas?\\n\",\"grammar\":\"root ::= \\\"fees\\\" | \\\"help\\\"\",\"max_tokens\":8}' | parlance-llm parlance-small.gguf
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--help" | "-h"] => return print(HELP),
        ["--version"] => return print(concat!("parlance-llm ", env!("CARGO_PKG_VERSION"), "\n")),
        ["--devices"] => return devices(),
        _ => {}
    }
    let done = Command::of(&args).and_then(|command| command.run());
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e @ WorkerError::Usage { .. }) => fail(&e, 2),
        Err(e) => fail(&e, 1),
    }
}

/// The command line.
struct Command {
    model: PathBuf,
    voice: Option<PathBuf>,
    settings: Settings,
    memory: Option<u64>,
}

impl Command {
    fn of(args: &[String]) -> Result<Self, WorkerError> {
        let usage = |got: &str| WorkerError::Usage { got: got.to_owned() };
        let (mut files, mut memory) = (Vec::new(), None);
        let half = std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get() / 2).unwrap_or(8).clamp(1, 8));
        let mut settings = Settings { gpu_layers: 0, threads: half };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut number = || args.next().and_then(|n| n.parse::<u64>().ok()).ok_or_else(|| usage(&format!("{arg} without a number")));
            let small = |n: u64| u32::try_from(n).map_err(|_| usage(&format!("{arg} {n}")));
            match arg.as_str() {
                "--gpu-layers" => settings.gpu_layers = small(number()?)?,
                "--threads" => settings.threads = small(number()?)?.clamp(1, 64),
                "--memory" => memory = Some(number()?),
                option if option.starts_with("--") => return Err(usage(option)),
                file => files.push(PathBuf::from(file)),
            }
        }
        let mut files = files.into_iter();
        match (files.next(), files.next(), files.next()) {
            (Some(model), voice, None) => Ok(Self { model, voice, settings, memory }),
            (None, ..) => Err(usage("no model")),
            _ => Err(usage("more than two files")),
        }
    }

    fn run(&self) -> Result<(), WorkerError> {
        if let Some(most) = self.memory {
            // A file that lies about its size, or an estimate that was wrong, costs this process and not the computer.
            let limit = Rlimit { current: Some(most), maximum: Some(most) };
            setrlimit(Resource::Data, limit).map_err(|e| WorkerError::Pipe(e.into()))?;
        }
        let (path, voice) = (self.model.as_path(), self.voice.as_deref());
        let files: Vec<&Path> = std::iter::once(path).chain(voice).collect();
        let report = parlance_sandbox::enter_worker(&files)?;
        let began = Instant::now();
        let hash = hash(path)?;
        let model = Model::load(path, self.settings)?;
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
            kind: model.kind(),
            backend: backend(self.settings.gpu_layers),
            sandbox: report.sentences().join(" "),
            load_ms: began.elapsed().as_secs_f64() * 1000.0,
        };
        let mut output = io::stdout().lock();
        serde_json::to_writer(&mut output, &hello).map_err(io::Error::from)?;
        writeln!(output)?;
        output.flush()?;
        serve(&mut session, &mut voice, io::stdin().lock(), output)
    }
}

/// The graphics cards that this build's llama.cpp can use: none where it was built for the processor alone.
fn cards() -> Vec<Device> {
    let card = |kind| matches!(kind, LlamaBackendDeviceType::Gpu | LlamaBackendDeviceType::IntegratedGpu);
    let bytes = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let all = list_llama_ggml_backend_devices().into_iter().filter(|d| card(d.device_type));
    all.map(|d| Device { name: d.description, total: bytes(d.memory_total), free: bytes(d.memory_free) }).collect()
}

fn backend(gpu_layers: u32) -> String {
    match cards().first() {
        Some(card) if gpu_layers > 0 => format!("{} ({gpu_layers} layers)", card.name),
        _ => "CPU".to_owned(),
    }
}

fn devices() -> ExitCode {
    let backend = LlamaBackend::init();
    match serde_json::to_string(&cards()) {
        Ok(text) if backend.is_ok() => print(&format!("{text}\n")),
        _ => ExitCode::FAILURE,
    }
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
