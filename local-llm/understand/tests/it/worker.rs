use std::time::Duration;

use parlance_grounding::{Intent, Message};
use parlance_understand::{UnderstandError, Understander, wire};
use tempfile::TempDir;

use crate::scripted::{HELLO, config, nothing, program, worker};

const BALANCE: &str = r#"    *) text='balance';;"#;

async fn ask(understander: &Understander, text: &str) -> (Intent, String) {
    let understanding = understander.understand(&Message::of(text)).await;
    (understanding.intent, understanding.explanation.unwrap_or_default())
}

fn balance() -> Intent {
    Intent::Balance { asset: None, chain: None }
}

#[tokio::test]
async fn it_answers_one_message_after_another() {
    let dir = TempDir::new().expect("dir");
    let understander = Understander::start(config(worker(&dir, BALANCE), None)).await.expect("started");
    assert_eq!(understander.ready().await.expect("ready").model, "scripted");
    for _ in 0..50 {
        assert_eq!(ask(&understander, "what do i own").await.0, balance());
    }
}

#[tokio::test]
async fn a_crash_costs_one_message() {
    let dir = TempDir::new().expect("dir");
    let understander =
        Understander::start(config(worker(&dir, &format!("    *crash*) kill -9 $$;;\n{BALANCE}")), None)).await.expect("started");
    assert_eq!(ask(&understander, "what do i own").await.0, balance());
    let (intent, why) = ask(&understander, "crash now").await;
    assert!(matches!(intent, Intent::Unclear { .. }), "{intent:?}");
    assert!(why.contains("not available"), "{why}");
    assert_eq!(ask(&understander, "what do i own").await.0, balance());
}

#[tokio::test]
async fn a_hang_is_ended_and_costs_one_message() {
    let dir = TempDir::new().expect("dir");
    let mut worker = worker(&dir, &format!("    *hang*) exec /bin/sleep 1000;;\n{BALANCE}"));
    worker.answer_timeout = Duration::from_millis(1500);
    let understander = Understander::start(config(worker, None)).await.expect("started");
    let (intent, why) = ask(&understander, "hang now").await;
    assert!(matches!(intent, Intent::Unclear { .. }));
    assert!(why.contains("no answer within"), "{why}");
    assert_eq!(ask(&understander, "what do i own").await.0, balance());
}

#[tokio::test]
async fn what_breaks_the_protocol_is_ended() {
    let cases = [
        ("garbage", r#"    *nonsense*) printf 'hello\n'; continue;;"#),
        ("another request's reply", r#"    *nonsense*) id=77; text=balance;;"#),
        ("a probability beyond one", r#"    *nonsense*) confidence=7; text=balance;;"#),
        ("not text", r#"    *nonsense*) printf '\377\376\n'; continue;;"#),
        (
            "an endless line",
            r#"    *nonsense*) i=0; while [ $i -lt 2000 ]; do printf 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'; i=$((i+1)); done; printf '\n'; continue;;"#,
        ),
    ];
    for (what, arm) in cases {
        let dir = TempDir::new().expect("dir");
        let understander = Understander::start(config(worker(&dir, &format!("{arm}\n{BALANCE}")), None)).await.expect("started");
        let (intent, why) = ask(&understander, "nonsense please").await;
        assert!(matches!(intent, Intent::Unclear { .. }), "{what}: {intent:?}");
        assert!(why.contains("protocol"), "{what}: {why}");
        assert_eq!(ask(&understander, "what do i own").await.0, balance(), "{what}");
    }
}

#[tokio::test]
async fn a_failure_that_it_tells_of_does_not_end_it() {
    let dir = TempDir::new().expect("dir");
    let arm = r#"    *'hard one'*) printf '{"id":%s,"error":{"code":"unfinished","message":"too many tokens"}}\n' "$id"; continue;;"#;
    let understander = Understander::start(config(worker(&dir, &format!("{arm}\n{BALANCE}")), None)).await.expect("started");
    let (intent, why) = ask(&understander, "hard one").await;
    assert!(matches!(intent, Intent::Unclear { .. }));
    assert!(why.contains("unfinished"), "{why}");
    assert_eq!(ask(&understander, "what do i own").await.0, balance());
}

#[tokio::test]
async fn starts_are_spaced_out_after_failures() {
    let dir = TempDir::new().expect("dir");
    let understander = Understander::start(config(program(&dir, "exit 3"), None)).await.expect("started without a worker");
    // The first failure was the start; the second is this; then it rests.
    let mut last = String::new();
    for _ in 0..4 {
        last = ask(&understander, "what do i own").await.1;
    }
    assert!(last.contains("the next start is in"), "{last}");
    assert!(matches!(understander.ready().await, Err(UnderstandError::Resting { .. })));
}

#[tokio::test]
async fn a_wrong_version_or_no_hello_is_said() {
    let dir = TempDir::new().expect("dir");
    let old = HELLO.replace("\"version\":3", "\"version\":99");
    let understander =
        Understander::start(config(program(&dir, &format!("printf '%s\\n' '{old}'; read -r line")), None)).await.expect("started");
    assert!(matches!(understander.ready().await, Err(UnderstandError::Protocol { .. })));
    let silent = TempDir::new().expect("dir");
    let mut slow = program(&silent, "exec /bin/sleep 1000");
    slow.start_timeout = Duration::from_millis(300);
    let understander = Understander::start(config(slow, None)).await.expect("started");
    let error = understander.ready().await.expect_err("not ready");
    assert!(error.to_string().contains("not ready within"), "{error}");
    assert!(!error.remedy().is_empty());
}

#[tokio::test]
async fn its_environment_is_empty() {
    let dir = TempDir::new().expect("dir");
    // Cargo sets this variable for tests.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    let body = r#"printf '{"version":3,"kind":"parlance","model":"%s","hash":"00","backend":"CPU","sandbox":"none","load_ms":1.0}\n' "${CARGO_MANIFEST_DIR:-clean}${HOME:-}"
read -r line"#;
    let understander = Understander::start(config(program(&dir, body), None)).await.expect("started");
    assert_eq!(understander.ready().await.expect("ready").model, "clean");
}

#[tokio::test]
async fn a_missing_program_is_said_with_a_remedy() {
    let understander = Understander::start(config(nothing(), None)).await.expect("started without a worker");
    let (intent, why) = ask(&understander, "what do i own").await;
    assert!(matches!(intent, Intent::Unclear { .. }));
    assert!(why.contains("not available") && why.contains("parlance-llm"), "{why}");
    // A few words need no model.
    assert_eq!(ask(&understander, "lock").await.0, Intent::Lock {});
    assert_eq!(ask(&understander, "help").await.0, Intent::Help { topic: None });
}

#[test]
fn the_wire_is_what_the_documents_say() {
    let request =
        wire::Request { id: 7, prompt: "balance\n".into(), grammar: Some("root ::= \"balance\"\n".into()), max_tokens: 9, system: None };
    let line = serde_json::to_string(&request).expect("json");
    assert_eq!(line, r#"{"id":7,"prompt":"balance\n","grammar":"root ::= \"balance\"\n","max_tokens":9}"#);
    assert!(matches!(
        serde_json::from_str::<wire::Reply>(r#"{"id":7,"error":{"code":"too_long","message":"x"}}"#),
        Ok(wire::Reply::Failed { id: 7, .. })
    ));
    assert!(serde_json::from_str::<wire::Reply>(r#"{"id":7}"#).is_err());
}
