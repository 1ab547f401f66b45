//! What a conversation gets from a model of the owner. The worker's program is named in the environment, so the test starts itself.

#[path = "../../../local-llm/manager/tests/it/sample.rs"]
mod sample;

use std::path::{Path, PathBuf};

use parlance_grounding::{Intent, Message};
use parlance_mind::{Mind, shipped};
use parlance_models::{Choice, EXAM_VERSION, Exam, ExamResult, Standing, Store, Verdicts};
use parlance_wallet_core::conversation::{Understanding, Understood};
use tokio_util::sync::CancellationToken;

use sample::Sample;

/// Beside the folder of the tests.
fn worker() -> PathBuf {
    let own = std::env::current_exe().expect("a test knows its own path");
    own.ancestors().nth(2).expect("target/release").join("parlance-llm")
}

#[test]
fn the_licence_is_of_the_file_and_decides() {
    assert!(worker().exists(), "{} is not built; run `make build` first", worker().display());
    let done = std::process::Command::new(std::env::current_exe().expect("own path"))
        .args(["--ignored", "--exact", "inside", "--nocapture"])
        .env("PARLANCE_LLM", worker())
        .env_remove("PARLANCE_MODEL")
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&done.stderr));
}

async fn understood(mind: &Mind, text: &str) -> Understood {
    let message = Message { contacts: vec!["Bob".to_owned()], ..Message::of(text) };
    mind.understand(&message).await.expect("never fails")
}

async fn heard(mind: &Mind, text: &str) -> Intent {
    understood(mind, text).await.intent
}

/// The shipped model under another name: a model of the owner that understands.
#[tokio::test]
#[ignore = "started by the test above, with the worker in the environment"]
async fn inside() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path();
    let store = Store::of(data);
    let own = data.join("own.gguf");
    std::fs::copy(shipped().expect("shipped"), &own).expect("copied");
    let entry = store.import(&own, None, &CancellationToken::new(), |_| {}).expect("taken in");
    let (payment, question) = ("send 5 usdc to bob", "what is my balance");

    let mind = Mind::start(data, None).await.expect("the shipped one");
    assert_eq!(mind.licence(), Standing::Shipped);
    assert!(matches!(heard(&mind, payment).await, Intent::Send { .. }));

    // The same weights without a licence answer, and move nothing.
    store.choose(&Choice { model: Some("own".into()), ..Choice::default() }).expect("chosen");
    let mind = Mind::start(data, None).await.expect("the chosen one");
    assert_eq!((mind.licence(), mind.model()), (Standing::NotExamined, entry.path.clone()));
    let declined = understood(&mind, payment).await;
    assert!(matches!(declined.intent, Intent::Unclear { .. }) && declined.alternatives.is_empty());
    assert!(declined.question.is_some_and(|why| why.contains("exam")), "the person is told why");
    assert!(matches!(heard(&mind, question).await, Intent::Balance { .. }));

    // An exam that was passed lets it act, from the next time that it is taken into use.
    let mut verdicts = Verdicts::default();
    for question in Exam::built_in().expect("questions").questions() {
        verdicts.count(&question.intent, &question.intent);
    }
    let model = entry.record.hashes.blake3.clone();
    store.examined("own", ExamResult { version: EXAM_VERSION, model, at: 1, verdicts, ms: 1.0, mistakes: Vec::new() }).expect("written");
    assert!(matches!(heard(&mind, payment).await, Intent::Unclear { .. }));
    mind.switch(Some(&entry.path)).await.expect("it loads");
    assert_eq!(mind.licence(), Standing::Licensed);
    assert!(matches!(heard(&mind, payment).await, Intent::Send { .. }));

    // What is put in its place is another model, whatever the record says; here one that knows nothing.
    let sample = Sample { text: parlance_grounding::instructions().to_owned(), ..Sample::default() };
    replace(&entry.path, &sample.bytes());
    mind.switch(Some(&entry.path)).await.expect("it loads");
    assert_eq!(mind.licence(), Standing::NotExamined);
    assert!(!matches!(heard(&mind, payment).await, Intent::Send { .. }));

    // One that can't be loaded leaves the shipped one in charge.
    replace(&entry.path, b"GGUF\x03\0\0\0");
    assert!(mind.switch(Some(&entry.path)).await.is_err());
    let mind = Mind::start(data, None).await.expect("the shipped one");
    assert_eq!(mind.licence(), Standing::Shipped);
}

fn replace(path: &Path, bytes: &[u8]) {
    std::fs::remove_file(path).expect("removed");
    std::fs::write(path, bytes).expect("written");
}
