//! The exam, held by the real pipeline: the shipped model, and one that knows nothing.

use parlance_models::{Exam, ExamResult, ModelsError, Standing, Store};
use parlance_understand::{Licence, Understander};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::chat::{config, random};
use crate::sample::Sample;

async fn held(understander: &Understander, model: &str) -> ExamResult {
    let exam = Exam::built_in().expect("questions");
    let mut told = Vec::new();
    let result = exam.hold(understander, model, &CancellationToken::new(), |p| told.push(p.done)).await.expect("held");
    assert_eq!(told, (1..=exam.questions().len() as u64).collect::<Vec<_>>());
    result
}

/// What the shipped model reaches. Its licence is that it ships: its scores stand in `models/README.md`.
#[tokio::test]
async fn the_shipped_model_does_no_harm_in_the_exam() {
    let result = held(&crate::shipped().await, "shipped").await;
    println!("{}", result.sentence());
    for (text, got) in &result.mistakes {
        println!("  {text}  ->  {got}");
    }
    assert_eq!(result.verdicts.harmful, 0, "{:?}", result.mistakes);
}

#[tokio::test]
async fn a_model_that_knows_nothing_fails_and_may_then_move_nothing() {
    let dir = TempDir::new().expect("a folder");
    let file = random(&dir, Sample { width: 16, layers: 1, ..Sample::default() });
    let store = Store::of(dir.path());
    let entry = store.import(&file, None, &CancellationToken::new(), |_| {}).expect("taken in");
    let examinee = Understander::start(config(&entry.path, Licence::Act, &[])).await.expect("started");
    let result = held(&examinee, &entry.record.hashes.blake3).await;
    println!("{}", result.sentence());
    assert!(!result.passed(), "{}", result.sentence());
    store.examined(&entry.record.name, result).expect("written down");
    let standing = store.standing(&entry.path).expect("read");
    assert_eq!(standing, Standing::QuestionsOnly);
    let understander = Understander::start(config(&entry.path, standing.licence(), &[])).await.expect("started");
    for question in Exam::built_in().expect("questions").questions().iter().step_by(6) {
        // Single words such as "yes" are matched without a model.
        let found = understander.understand(&question.message).await;
        assert!(Licence::QuestionsOnly.permits(&found.intent), "{}: {:?}", question.message.text, found.intent);
        assert!(found.alternatives.iter().all(|i| Licence::QuestionsOnly.permits(i)), "{}", question.message.text);
    }
}

#[tokio::test]
async fn an_exam_can_be_stopped_and_needs_a_worker() {
    let exam = Exam::built_in().expect("questions");
    let stop = CancellationToken::new();
    let halt = stop.clone();
    let shipped = crate::shipped().await;
    let stopped = exam.hold(&shipped, "shipped", &stop, move |p| {
        if p.done == 3 {
            halt.cancel();
        }
    });
    assert!(matches!(stopped.await, Err(ModelsError::Stopped)));
    let dir = TempDir::new().expect("a folder");
    let gone = Understander::start(config(&dir.path().join("none.gguf"), Licence::Act, &[])).await.expect("started");
    assert!(exam.hold(&gone, "none", &CancellationToken::new(), |_| {}).await.is_err());
}
