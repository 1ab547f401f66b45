//! The worker with the model that is shipped: as a library, and as a program over its protocol.

#[path = "it/chat.rs"]
mod chat;
#[path = "it/conversation.rs"]
mod conversation;
#[path = "it/exam.rs"]
mod exam;
#[path = "it/injections.rs"]
mod injections;
#[path = "../../manager/tests/it/sample.rs"]
mod sample;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use parlance_grounding::{Message, decode, grammar, ground};
use parlance_llm::{CONTEXT, Line, Lines, Model, Settings, WorkerError};
use parlance_understand::wire::{Hello, MAX_LINE, Reply, Request, VERSION};
use parlance_understand::{Config, Licence, Thresholds, Understander, WorkerConfig};
use proptest::prelude::*;
use serde::Deserialize;

fn model_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/parlance-small.gguf")
}

/// The whole pipeline over the shipped models; patient, since other tests run beside it.
async fn shipped() -> Understander {
    let model = model_path();
    Understander::start(Config {
        worker: WorkerConfig {
            program: PathBuf::from(env!("CARGO_BIN_EXE_parlance-llm")),
            args: vec![model.clone().into(), model.with_extension("voice.gguf").into()],
            start_timeout: Duration::from_secs(60),
            answer_timeout: Duration::from_secs(20),
        },
        ngram: Some(model.with_extension("ngram")),
        words: Some(model.with_extension("words")),
        thresholds: Thresholds::default(),
        licence: Licence::Act,
    })
    .await
    .expect("the shipped model")
}

fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| Model::load(&model_path(), Settings::default()).expect("the shipped model loads"))
}

const CHOICE: &str = "root ::= \"fees\" | \"help\"";

/// The program, spoken to line by line.
struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    fn start() -> (Worker, Hello) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_parlance-llm"))
            .arg(model_path())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the worker starts");
        let input = child.stdin.take().expect("piped");
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        output.read_line(&mut line).expect("hello");
        let hello = serde_json::from_str(&line).expect("hello is JSON");
        (Worker { child, input, output }, hello)
    }

    fn say(&mut self, bytes: &[u8]) -> Reply {
        self.input.write_all(bytes).expect("write");
        self.input.write_all(b"\n").expect("write");
        self.input.flush().expect("flush");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("an answer");
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"))
    }

    fn ask(&mut self, id: u64, prompt: &str, grammar: &str, max_tokens: u32) -> Reply {
        let request = Request { id, prompt: prompt.to_owned(), grammar: Some(grammar.to_owned()), max_tokens, system: None };
        self.say(&serde_json::to_vec(&request).expect("JSON"))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn code(reply: &Reply) -> &str {
    match reply {
        Reply::Failed { error, .. } => &error.code,
        Reply::Done { .. } => "done",
    }
}

#[test]
fn tokens_are_those_of_the_trainer() {
    #[derive(Deserialize)]
    struct Row {
        text: String,
        ids: Vec<i32>,
    }
    let fixture = include_str!("fixtures/tokens.jsonl");
    let mut rows = 0;
    for line in fixture.lines() {
        let row: Row = serde_json::from_str(line).expect("fixture");
        assert_eq!(model().tokens(&row.text), row.ids, "{:?}", row.text);
        rows += 1;
    }
    assert!(rows > 200, "{rows} rows");
}

#[test]
fn plain_messages_are_understood_under_their_own_grammar() {
    let mut session = model().session().expect("a session");
    for (text, expected) in [
        ("send 50 usdc to alice", r#"{"intent":"send","asset":"USDC","amount":"50","to":"Alice"}"#),
        ("what's my balance", r#"{"intent":"balance"}"#),
        ("swap 100 usdc for eth", r#"{"intent":"swap","from":"USDC","to":"ETH","amount":"100"}"#),
        ("don't send 50 usdc to alice", r#"{"intent":"unclear","reason":"ambiguous"}"#),
        ("how much gas did i burn last week", r#"{"intent":"spending","of":"gas","period":"last_week"}"#),
    ] {
        let message = Message { contacts: vec!["Alice".to_owned()], ..Message::of(text) };
        let grounding = ground(&message);
        let done = session.complete(&grounding.prompt(), &grammar(&grounding), 128).expect("a completion");
        let intent = decode(&done.text, &grounding).expect("the grammar permits readable lines only");
        assert_eq!(serde_json::to_string(&intent).expect("JSON"), expected, "{text}: {done:?}");
        assert!((0.0..=1.0).contains(&done.confidence) && done.confidence <= done.weakest, "{done:?}");
    }
}

#[test]
fn nothing_outside_the_grammar_can_be_said() {
    let mut session = model().session().expect("a session");
    let done = session.complete("send 5 eth to bob\n", "root ::= \"zq\" [0-9] \"!\"", 16).expect("a completion");
    assert!(done.text.len() == 4 && done.text.starts_with("zq") && done.text.ends_with('!'), "{done:?}");
    let forced = session.complete("send\n", "root ::= \"<A1>\"", 8).expect("a completion");
    assert_eq!(forced.text, "<A1>");
}

#[test]
fn a_session_forgets_the_message_before() {
    let mut session = model().session().expect("a session");
    let first = session.complete("gas ?\n", CHOICE, 8).expect("a completion");
    session.complete("what can you do ?\n", CHOICE, 8).expect("a completion");
    assert_eq!(session.complete("gas ?\n", CHOICE, 8).expect("a completion"), first);
}

#[test]
fn too_much_text_and_bad_grammars_are_errors() {
    let mut session = model().session().expect("a session");
    let long = "x1 ".repeat(CONTEXT);
    assert!(matches!(session.complete(&long, CHOICE, 8), Err(WorkerError::TooLong { most: CONTEXT, .. })));
    for bad in ["", "root := \"a\"", "root ::= missing", "start ::= \"a\"", "root ::= \"a", "root ::= root \"a\""] {
        assert!(matches!(session.complete("hi\n", bad, 8), Err(WorkerError::Grammar { .. })), "{bad:?}");
    }
    assert!(matches!(session.complete("hi\n", "root ::= \"a\"+ \"b\"{200}", 4), Err(WorkerError::Unfinished { most: 4, .. })));
    session.complete("gas ?\n", CHOICE, 8).expect("still answers");
}

#[test]
fn the_program_says_hello_answers_and_survives_garbage() {
    let (mut worker, hello) = Worker::start();
    assert_eq!(hello.version, VERSION);
    assert_eq!(hello.model, "parlance-small");
    assert_eq!(hello.hash, blake3_of(&model_path()));
    assert!(hello.sandbox.contains("system-call list"), "{}", hello.sandbox);
    assert!(matches!(worker.ask(7, "gas ?\n", CHOICE, 8), Reply::Done { id: 7, .. }));

    for garbage in [
        &b"{}"[..],
        b"not json",
        b"{\"id\":1}",
        b"[1,2,3]",
        b"\xff\xfe\x00",
        b"{\"id\":-1,\"prompt\":\"\",\"grammar\":\"\",\"max_tokens\":1}",
        b"null",
        &[b'['; 4096],
    ] {
        assert_eq!(code(&worker.say(garbage)), "bad_request", "{garbage:?}");
    }
    assert_eq!(code(&worker.say(&vec![b'x'; MAX_LINE + 1])), "too_long");
    assert_eq!(code(&worker.ask(8, &"word ".repeat(3000), CHOICE, 8)), "too_long");
    assert_eq!(code(&worker.ask(9, "", CHOICE, u32::MAX)), "done");
    assert_eq!(code(&worker.ask(10, "gas ?\n", "root := \"a\"", 8)), "bad_grammar");
    assert_eq!(code(&worker.ask(11, "gas ?\n", CHOICE, 0)), "unfinished");
    assert!(matches!(worker.ask(12, "gas ?\n", CHOICE, 8), Reply::Done { id: 12, .. }));
}

#[test]
fn the_sandbox_is_closed_before_the_model_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = folder.path().join("broken.gguf");
    std::fs::write(&broken, b"GGUF\x03\0\0\0 not really").expect("write");
    for (path, says) in [(broken, "expected a gguf model"), (folder.path().join("missing.gguf"), "can't")] {
        let done = Command::new(env!("CARGO_BIN_EXE_parlance-llm")).arg(&path).stdin(Stdio::null()).output().expect("runs");
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{said}");
        assert!(done.stdout.is_empty());
        assert!(said.to_lowercase().contains(says) || said.contains("could not be entered"), "{said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_running_worker_is_under_seccomp() {
    let (worker, _) = Worker::start();
    let status = std::fs::read_to_string(format!("/proc/{}/status", worker.child.id())).expect("status");
    let field = |name: &str| status.lines().find_map(|l| l.strip_prefix(name)).map(|v| v.trim().to_owned());
    assert_eq!(field("Seccomp:").as_deref(), Some("2"), "filter mode");
    assert_eq!(field("NoNewPrivs:").as_deref(), Some("1"));
    assert_eq!(field("Threads:").as_deref(), Some("1"), "one thread");
}

#[cfg(target_os = "linux")]
#[test]
fn the_model_can_come_as_an_inherited_descriptor() {
    // Standard input of a shell that hands its descriptor 9 on.
    let script = format!("exec 9<'{}'; exec '{}' /proc/self/fd/9", model_path().display(), env!("CARGO_BIN_EXE_parlance-llm"));
    let done = Command::new("/bin/sh").args(["-c", &script]).stdin(Stdio::null()).output().expect("runs");
    let hello: Hello = serde_json::from_slice(done.stdout.split(|b| *b == b'\n').next().unwrap_or_default())
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&done.stderr)));
    assert_eq!(hello.hash, blake3_of(&model_path()));
}

#[test]
fn usage_is_explained() {
    let run = |args: &[&str]| Command::new(env!("CARGO_BIN_EXE_parlance-llm")).args(args).stdin(Stdio::null()).output().expect("runs");
    assert_eq!(run(&[]).status.code(), Some(2));
    assert_eq!(run(&["a", "b", "c"]).status.code(), Some(2));
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&help.stdout).contains("example:"));
}

fn blake3_of(path: &Path) -> String {
    blake3::hash(&std::fs::read(path).expect("the model file")).to_hex().to_string()
}

proptest! {
    #[test]
    fn lines_are_cut_like_split_and_never_exceed_the_bound(bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..400), most in 0_usize..40, buffer in 1_usize..64) {
        let mut lines = Lines::new(BufReader::with_capacity(buffer, bytes.as_slice()), most);
        let mut expected: Vec<&[u8]> = bytes.split(|b| *b == b'\n').collect();
        if expected.last().is_some_and(|l| l.is_empty()) {
            expected.pop();
        }
        for line in expected {
            let wanted = if line.len() > most { Line::TooLong } else { Line::Whole(line.to_vec()) };
            prop_assert_eq!(lines.read().expect("memory does not fail"), Some(wanted));
        }
        prop_assert_eq!(lines.read().expect("memory does not fail"), None);
    }

    #[test]
    fn tokenizing_any_text_neither_fails_nor_makes_control_tokens(text in "\\PC{0,200}") {
        let tokens = model().tokens(&format!("{text}<eos><bos>"));
        // 0 to 2 are the marks; the first one is put there by the tokenizer itself.
        prop_assert!(tokens.iter().skip(1).all(|t| *t > 2), "{tokens:?}");
    }
}
