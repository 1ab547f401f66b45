use std::fs;

use parlance_models::{Choice, EXAM_VERSION, Exam, ExamResult, Layers, ModelsError, Source, Standing, Store, Verdicts};
use parlance_understand::Licence;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::files::shipped;
use crate::sample::Sample;

fn go() -> CancellationToken {
    CancellationToken::new()
}

fn leftovers(store: &Store) -> Vec<String> {
    let names = fs::read_dir(store.folder()).map(|d| d.map(|f| f.expect("read").file_name().to_string_lossy().into_owned()).collect());
    let mut names: Vec<String> = names.unwrap_or_default();
    names.sort();
    names
}

/// An exam without a mistake.
fn perfect(model: &str) -> ExamResult {
    let mut verdicts = Verdicts::default();
    for question in Exam::built_in().expect("questions").questions() {
        verdicts.count(&question.intent, &question.intent);
    }
    ExamResult { version: EXAM_VERSION, model: model.to_owned(), at: 1, verdicts, ms: 1.0, mistakes: Vec::new() }
}

#[test]
fn a_file_is_taken_in_listed_and_removed() {
    let dir = TempDir::new().expect("a folder");
    let store = Store::of(&dir.path().join("wallet"));
    assert!(store.list().expect("no folder is no model").is_empty());
    let file = dir.path().join("My Model (Q4).gguf");
    fs::write(&file, Sample::default().bytes()).expect("written");
    let mut told = Vec::new();
    let entry = store.import(&file, None, &go(), |p| told.push(p)).expect("taken in");
    assert_eq!(entry.record.name, "My-Model--Q4");
    assert_eq!(told.last().map(|p| (p.done, p.total)), Some((entry.record.bytes, Some(entry.record.bytes))));
    assert!(matches!(entry.record.source, Source::File(_)));
    assert_eq!(fs::read(&entry.path).expect("there"), fs::read(&file).expect("still there"));
    assert_eq!(store.list().expect("a list"), std::slice::from_ref(&entry));
    let again = store.import(&file, None, &go(), |_| {}).expect_err("the same again");
    assert!(matches!(again, ModelsError::Known { ref name } if name == "My-Model--Q4"), "{again}");
    assert_eq!(fs::read(&file).expect("untouched"), fs::read(&entry.path).expect("there"));

    // Another one of the same name stands beside it.
    fs::remove_file(&file).expect("moved away");
    fs::write(&file, Sample { seed: 2, ..Sample::default() }.bytes()).expect("written");
    assert_eq!(store.import(&file, None, &go(), |_| {}).expect("taken in").record.name, "My-Model--Q4-2");
    store.remove("My-Model--Q4").expect("removed");
    assert!(matches!(store.remove("My-Model--Q4"), Err(ModelsError::Unknown { .. })));
    assert!(matches!(store.remove("../wallet"), Err(ModelsError::Unknown { .. })));
    assert_eq!(leftovers(&store), ["My-Model--Q4-2.gguf", "My-Model--Q4-2.json"]);
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    let dir = TempDir::new().expect("a folder");
    let store = Store::of(dir.path());
    let file = dir.path().join("m.gguf");
    let whole = Sample::default().bytes();
    for (bytes, hash) in [
        (whole[..whole.len() - 100].to_vec(), None),
        (b"PK\x03\x04".to_vec(), None),
        (Sample { template: None, ..Sample::default() }.bytes(), None),
        (Sample { context: 2048, ..Sample::default() }.bytes(), None),
        (whole.clone(), Some("00".repeat(32))),
        (whole.clone(), Some("nonsense".to_owned())),
    ] {
        fs::write(&file, bytes).expect("written");
        assert!(store.import(&file, hash.as_deref(), &go(), |_| {}).is_err());
        assert!(leftovers(&store).is_empty(), "{:?}", leftovers(&store));
    }
    let stopped = go();
    stopped.cancel();
    fs::write(&file, &whole).expect("written");
    assert!(matches!(store.import(&file, None, &stopped, |_| {}), Err(ModelsError::Stopped)));
    assert!(leftovers(&store).is_empty());
    assert_eq!(fs::read(&file).expect("the owner's own file"), whole);
    let hash = parlance_models::Hashes::of(&file, &go(), |_| {}).expect("hashes").sha256;
    assert!(store.import(&file, Some(&hash.to_uppercase()), &go(), |_| {}).is_ok());
}

#[test]
fn only_an_exam_that_was_passed_by_this_very_file_is_a_licence() {
    let dir = TempDir::new().expect("a folder");
    let store = Store::of(dir.path());
    let file = dir.path().join("m.gguf");
    fs::write(&file, Sample::default().bytes()).expect("written");
    let entry = store.import(&file, None, &go(), |_| {}).expect("taken in");
    let (name, hash) = (entry.record.name.as_str(), entry.record.hashes.blake3.as_str());
    assert_eq!(store.standing(&entry.path).expect("read"), Standing::NotExamined);
    assert_eq!(Standing::NotExamined.licence(), Licence::QuestionsOnly);

    store.examined(name, perfect(hash)).expect("written down");
    assert_eq!(store.standing(&entry.path).expect("read"), Standing::Licensed);
    assert_eq!(store.standing(&file).expect("the same file elsewhere"), Standing::Licensed);
    assert_eq!(store.standing(&shipped("parlance-small.gguf")).expect("read"), Standing::NotExamined);

    let mut harmful = perfect(hash);
    harmful.verdicts.harmful = 1;
    let older = ExamResult { version: EXAM_VERSION - 1, ..perfect(hash) };
    for (result, expected) in
        [(harmful, Standing::QuestionsOnly), (older, Standing::QuestionsOnly), (perfect("another"), Standing::NotExamined)]
    {
        store.examined(name, result).expect("written down");
        let standing = store.standing(&entry.path).expect("read");
        assert_eq!(standing, expected);
        assert_eq!(standing.licence(), Licence::QuestionsOnly);
    }

    // A file that changed after its exam has none.
    store.examined(name, perfect(hash)).expect("written down");
    let mut bytes = fs::read(&entry.path).expect("read");
    *bytes.last_mut().expect("a byte") ^= 1;
    fs::write(&entry.path, bytes).expect("written");
    assert_eq!(store.standing(&entry.path).expect("read"), Standing::NotExamined);
}

#[test]
fn a_record_that_is_broken_or_lies_about_its_name_counts_for_nothing() {
    let dir = TempDir::new().expect("a folder");
    let store = Store::of(dir.path());
    let file = dir.path().join("m.gguf");
    fs::write(&file, Sample::default().bytes()).expect("written");
    let entry = store.import(&file, None, &go(), |_| {}).expect("taken in");
    store.examined("m", perfect(&entry.record.hashes.blake3)).expect("written down");
    let record = entry.path.with_extension("json");
    let text = fs::read_to_string(&record).expect("read");
    for broken in [text.replace("\"m\"", "\"../../m\""), text[..text.len() / 2].to_owned(), "{}".to_owned(), String::new()] {
        fs::write(&record, broken).expect("written");
        assert!(store.list().expect("a list").is_empty());
        assert_eq!(store.standing(&entry.path).expect("read"), Standing::NotExamined);
    }
}

#[test]
fn the_choice_is_kept_until_its_model_goes() {
    let dir = TempDir::new().expect("a folder");
    let store = Store::of(dir.path());
    assert_eq!(store.choice(), Choice::default());
    let chosen = Choice { model: Some("m".to_owned()), gpu_layers: Layers::Exactly(7) };
    assert!(matches!(store.choose(&chosen), Err(ModelsError::Unknown { .. })));
    let file = dir.path().join("m.gguf");
    fs::write(&file, Sample::default().bytes()).expect("written");
    store.import(&file, None, &go(), |_| {}).expect("taken in");
    store.choose(&chosen).expect("chosen");
    assert_eq!(store.choice(), chosen);
    fs::write(store.folder().join("in-use"), "{\"model\": 3").expect("damaged");
    assert_eq!(store.choice(), Choice::default());
    store.choose(&chosen).expect("chosen");
    store.remove("m").expect("removed");
    assert_eq!(store.choice(), Choice { model: None, gpu_layers: Layers::Exactly(7) });
}
