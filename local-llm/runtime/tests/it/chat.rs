//! Chat models: random weights, a real vocabulary and template, the real worker.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use parlance_grounding::{Intent, Message, grammar, ground, instructions};
use parlance_llm::{Completion, Model, WorkerError};
use parlance_models::{Gguf, Need};
use parlance_understand::wire::{CHAT_CONTEXT, ModelKind};
use parlance_understand::{Config, Licence, Thresholds, UnderstandError, Understander, WorkerConfig};
use tempfile::TempDir;

use crate::sample::Sample;
use crate::{code, model_path};

/// A random chat model in a folder of its own.
pub fn random(dir: &TempDir, sample: Sample) -> PathBuf {
    let path = dir.path().join("random.gguf");
    std::fs::write(&path, Sample { text: instructions().to_owned(), ..sample }.bytes()).expect("written");
    path
}

pub fn config(model: &Path, licence: Licence, extra: &[&str]) -> Config {
    let voices = model_path();
    let mut args = vec![model.into(), voices.with_extension("voice.gguf").into()];
    args.extend(extra.iter().map(Into::into));
    Config {
        worker: WorkerConfig {
            program: PathBuf::from(env!("CARGO_BIN_EXE_parlance-llm")),
            args,
            start_timeout: Duration::from_secs(60),
            answer_timeout: Duration::from_secs(60),
        },
        ngram: Some(voices.with_extension("ngram")),
        words: Some(voices.with_extension("words")),
        thresholds: Thresholds::default(),
        licence,
    }
}

fn message(text: &str) -> Message {
    Message { contacts: vec!["Alice".to_owned(), "Bob".to_owned()], ..Message::of(text) }
}

/// llama.cpp's back end is there once in a process: every test of the library uses this one model.
fn in_process() -> Model {
    let dir = TempDir::new().expect("a folder");
    crate::model().beside(&random(&dir, Sample::default())).expect("llama.cpp reads it")
}

fn said(session: &mut parlance_llm::Session<'_>, text: &str) -> Completion {
    let grounding = ground(&message(text));
    session.respond(Some(instructions()), &grounding.prompt(), Some(&grammar(&grounding)), 200).expect("a line of the grammar")
}

#[test]
fn the_prompt_is_computed_once_and_a_message_costs_its_own_tokens() {
    let model = in_process();
    assert_eq!(model.kind(), ModelKind::Chat);
    let mut session = model.session().expect("a session");
    let first = said(&mut session, "send 5 usdc to bob");
    let whole = session.work().prompt_tokens;
    assert!(whole > 500 && (whole as usize) < CHAT_CONTEXT - 300, "{whole} tokens");
    let other = said(&mut session, "what is my balance");
    let own = session.work().prompt_tokens;
    assert!(own < 60, "{own} of {whole} tokens");
    // What was said between does not change an answer, to the last bit; nor does a session without anything kept.
    assert_eq!(said(&mut session, "send 5 usdc to bob"), first);
    let mut fresh = model.session().expect("a session");
    assert_eq!(said(&mut fresh, "what is my balance"), other);
    assert_eq!(fresh.work().prompt_tokens - own, whole - tail(&mut session, "send 5 usdc to bob"), "the head is the same");

    // Nor does a failure in between, or other instructions.
    let failed = session.respond(Some(instructions()), "x\n", Some("root ::= \"a\"+ \"b\"{400}"), 5);
    assert!(matches!(failed, Err(WorkerError::Unfinished { .. })), "{failed:?}");
    assert_eq!(said(&mut session, "what is my balance"), other);
    session.respond(Some("Other instructions."), "x\n", Some("root ::= \"yes\" | \"no\""), 9).expect("yes or no");
    assert_eq!(said(&mut session, "what is my balance"), other);
}

fn tail(session: &mut parlance_llm::Session<'_>, text: &str) -> u32 {
    said(session, text);
    session.work().prompt_tokens
}

#[test]
fn no_message_can_end_its_turn() {
    let model = in_process();
    let mut session = model.session().expect("a session");
    let grammar = Some("root ::= \"yes\" | \"no\"");
    let tokens = |session: &mut parlance_llm::Session<'_>, text: &str| {
        session.respond(Some("Instructions."), "", grammar, 9).expect("yes or no");
        session.respond(Some("Instructions."), text, grammar, 9).expect("yes or no");
        session.work().prompt_tokens
    };
    let none = tokens(&mut session, "");
    // As letters, not as the one token that ends a turn.
    assert!(tokens(&mut session, "<|im_end|>") - none > 3);
    assert!(tokens(&mut session, "<|im_start|>system") - none > 6);
}

#[test]
fn a_request_must_fit_the_kind_of_model() {
    let model = in_process();
    let mut session = model.session().expect("a session");
    assert!(matches!(session.complete("x\n", "root ::= \"a\"", 5), Err(WorkerError::Usage { .. })));
    let long = "word ".repeat(CHAT_CONTEXT);
    assert!(matches!(session.respond(Some("Hi."), &long, None, 5), Err(WorkerError::TooLong { most: CHAT_CONTEXT, .. })));
    let mut small = crate::model().session().expect("a session");
    assert!(matches!(small.respond(Some("Hi."), "x\n", Some("root ::= \"a\""), 5), Err(WorkerError::Usage { .. })));
    assert!(matches!(small.respond(None, "x\n", None, 5), Err(WorkerError::Usage { .. })));
}

#[test]
fn templates_that_cannot_be_used_are_said() {
    for (template, says) in [(None, "it has none"), (Some("{{ nothing_that_anybody_knows }}"), "it is not one that this llama.cpp knows")] {
        let dir = TempDir::new().expect("a folder");
        let path = random(&dir, Sample { template, ..Sample::default() });
        let model = crate::model().beside(&path).expect("llama.cpp reads it");
        let error = model.session().expect_err("no session");
        assert!(matches!(error, WorkerError::Template { .. }) && error.to_string().contains(says), "{error}");
        assert!(!error.remedy().is_empty());
    }
    // The usual ones, by what llama.cpp knows them by.
    for template in [
        "{{ bos_token }}{% for message in messages %}[INST] {{ message['content'] }} [/INST]{% endfor %}",
        "{% for message in messages %}{{'<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] + '<|eot_id|>'}}{% endfor %}",
        "{% for message in messages %}{{'<start_of_turn>' + message['role'] + '\\n' + message['content'] + '<end_of_turn>\\n'}}{% endfor %}",
    ] {
        let dir = TempDir::new().expect("a folder");
        let model = crate::model().beside(&random(&dir, Sample { template: Some(template), ..Sample::default() })).expect("read");
        let mut session = model.session().unwrap_or_else(|e| panic!("{template}: {e}"));
        session.respond(Some("Instructions."), "x\n", Some("root ::= \"yes\" | \"no\""), 9).expect("yes or no");
    }
}

#[tokio::test]
async fn a_chat_model_goes_the_same_way_and_without_a_licence_moves_nothing() {
    let dir = TempDir::new().expect("a folder");
    let path = random(&dir, Sample::default());
    for licence in [Licence::Act, Licence::QuestionsOnly] {
        let understander = Understander::start(config(&path, licence, &[])).await.expect("started");
        assert_eq!(understander.ready().await.expect("ready").kind, ModelKind::Chat);
        for text in ["send 5 usdc to bob", "swap 10 dai to eth", "what is my balance", "approve uniswap for 5 usdc", "yes"] {
            let found = understander.understand(&message(text)).await;
            assert!(!found.explanation.unwrap_or_default().contains("not available"), "{text}");
            if text != "yes" && licence == Licence::QuestionsOnly {
                assert!(licence.permits(&found.intent), "{text}: {:?}", found.intent);
                assert!(found.alternatives.iter().all(|i| licence.permits(i)), "{text}: {:?}", found.alternatives);
            }
        }
        let bench = understander.bench().await.expect("measured");
        assert!(bench.read_per_s > 0.0 && bench.written_per_s > 0.0 && bench.ms_first > 0.0 && bench.ms_message > 0.0, "{bench:?}");
        // A random model says nothing that can be shown, and that is said.
        let answer = understander.answer("how much do I have", &["You have 5 USDC.".to_owned()]).await;
        assert!(matches!(answer, Err(UnderstandError::Unfounded(_) | UnderstandError::Failed { .. })), "{answer:?}");
        assert!(matches!(understander.understand(&message("lock")).await.intent, Intent::Lock {}));
    }
    let shipped = crate::shipped().await;
    assert!(matches!(shipped.answer("how much do I have", &[]).await, Err(UnderstandError::NoChat)));
}

#[tokio::test]
async fn a_worker_that_runs_out_of_memory_costs_itself_and_says_so() {
    let dir = TempDir::new().expect("a folder");
    let path = random(&dir, Sample { width: 256, layers: 4, ..Sample::default() });
    let need = Need::of(&Gguf::open(&path).expect("a model"));
    let start = async |limit: u64| {
        let limited = config(&path, Licence::Act, &["--memory", &limit.to_string()]);
        Understander::start(limited).await.expect("started")
    };
    let understander = start(need.limit()).await;
    assert_eq!(understander.ready().await.expect("the limit is enough").kind, ModelKind::Chat);
    let found = understander.understand(&message("what is my balance")).await;
    assert!(!found.explanation.unwrap_or_default().contains("not available"));

    let understander = start(need.total() / 8).await;
    let error = understander.ready().await.expect_err("too little");
    assert!(error.to_string().contains("ended before it was ready"), "{error}");
    let found = understander.understand(&message("what is my balance")).await;
    assert!(matches!(found.intent, Intent::Unclear { .. }), "{found:?}");
    assert!(matches!(understander.understand(&message("lock")).await.intent, Intent::Lock {}));
}

#[cfg(target_os = "linux")]
#[test]
fn the_estimate_is_above_what_is_taken_and_not_far() {
    let dir = TempDir::new().expect("a folder");
    for (width, layers) in [(32, 2), (512, 4)] {
        let path = random(&dir, Sample { width, layers, ..Sample::default() });
        let estimate = Need::of(&Gguf::open(&path).expect("a model")).total();
        let mut child = Command::new(env!("CARGO_BIN_EXE_parlance-llm"))
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let (mut input, output) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        let mut lines = BufReader::new(output).lines();
        lines.next().expect("hello").expect("text");
        let request = serde_json::json!({"id": 1, "prompt": "x\n", "grammar": "root ::= \"yes\" | \"no\"", "max_tokens": 9, "system": "Instructions."});
        writeln!(input, "{request}").expect("written");
        assert!(lines.next().expect("an answer").expect("text").contains("confidence"));
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("status");
        let peak =
            status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok()).expect("kB") * 1024;
        child.kill().expect("killed");
        child.wait().expect("own child");
        assert!(peak <= estimate && estimate < 2 * peak + (64 << 20), "{peak} taken, {estimate} estimated");
    }
}

#[test]
fn damaged_files_end_the_worker_and_nothing_else() {
    let dir = TempDir::new().expect("a folder");
    let path = random(&dir, Sample::default());
    let whole = std::fs::read(&path).expect("read");
    let mut flipped = whole.clone();
    for at in (24..4000).step_by(97) {
        flipped[at] ^= 0x55;
    }
    for bytes in [whole[..whole.len() / 2].to_vec(), whole[..5000].to_vec(), whole[..30].to_vec(), flipped, Vec::new()] {
        std::fs::write(&path, bytes).expect("written");
        let done = Command::new(env!("CARGO_BIN_EXE_parlance-llm")).arg(&path).stdin(Stdio::null()).output().expect("runs");
        assert!(!done.status.success() && done.stdout.is_empty(), "{done:?}");
    }
}

#[test]
fn options_and_devices() {
    let run = |args: &[&str]| Command::new(env!("CARGO_BIN_EXE_parlance-llm")).args(args).stdin(Stdio::null()).output().expect("runs");
    let found = run(&["--devices"]);
    let devices: Vec<parlance_models::Device> = serde_json::from_slice(&found.stdout).expect("JSON");
    assert!(devices.is_empty(), "this build is for the processor alone: {devices:?}");
    for wrong in [&["--gpu-layers"][..], &["m", "--threads", "x"], &["m", "--what"], &["--memory", "5"], &["m", "--gpu-layers", "-1"]] {
        assert_eq!(run(wrong).status.code(), Some(2), "{wrong:?}");
    }
    let model = model_path();
    let done = run(&[model.to_str().expect("a path"), "--gpu-layers", "99", "--threads", "2"]);
    assert!(done.status.success() && String::from_utf8_lossy(&done.stdout).contains("\"backend\":\"CPU\""), "{done:?}");
    let mut worker = crate::Worker::start().0;
    assert_eq!(code(&worker.say(br#"{"id":1,"prompt":"x\n","max_tokens":5}"#)), "bad_request");
    assert_eq!(code(&worker.say(br#"{"id":1,"prompt":"x\n","max_tokens":5,"grammar":"root ::= \"a\"","system":"Hi."}"#)), "bad_request");
}
