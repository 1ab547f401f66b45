//! `parlance models` from adding a file to removing it, with the real worker and a chat model of random weights.

#[path = "../../../local-llm/manager/tests/it/sample.rs"]
mod sample;

use std::path::Path;
use std::process::{Command, Output};

use sample::Sample;
use serde_json::Value;

fn models(data: &Path, args: &[&str]) -> Output {
    let worker = Path::new(env!("CARGO_BIN_EXE_parlance-wallet")).with_file_name("parlance-llm");
    assert!(worker.exists(), "{} is not built; run `make build` first", worker.display());
    Command::new(env!("CARGO_BIN_EXE_parlance-wallet")).arg("models").args(args).arg("--data").arg(data).output().expect("it runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn list(data: &Path) -> Vec<Value> {
    serde_json::from_slice(&models(data, &["list", "--json"]).stdout).expect("JSON")
}

#[test]
fn a_model_is_added_examined_used_and_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let file = folder.path().join("tiny.gguf");
    let sample = Sample { text: parlance_grounding::instructions().to_owned(), width: 16, layers: 1, ..Sample::default() };
    std::fs::write(&file, sample.bytes()).expect("written");
    let path = file.to_str().expect("text");

    let wrong = models(&data, &["add", path, "--sha256", &"00".repeat(32)]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(said(&wrong).contains("SHA-256") && said(&wrong).contains("Do not use the file"), "{}", said(&wrong));
    assert_eq!(list(&data).len(), 1, "the shipped one");

    let added = models(&data, &["add", path]);
    assert!(added.status.success() && said(&added).contains("may only answer questions"), "{}", said(&added));
    let rows = list(&data);
    assert_eq!((&rows[0]["in_use"], &rows[1]["name"], &rows[1]["standing"]), (&true.into(), &"tiny".into(), &"not_examined".into()));
    assert!(rows[1]["memory"].as_u64().is_some_and(|n| n > 1 << 20));

    let checked = models(&data, &["check", path]);
    assert!(
        checked.status.success() && said(&checked).contains("chat model") && said(&checked).contains("A message took"),
        "{}",
        said(&checked)
    );
    let measured: Value = serde_json::from_slice(&models(&data, &["bench", "tiny", "--json"]).stdout).expect("JSON");
    assert!(measured["written_per_s"].as_f64().is_some_and(|n| n > 0.0), "{measured}");

    let used = models(&data, &["use", "tiny", "--gpu-layers", "3"]);
    assert!(used.status.success() && said(&used).contains("may only answer questions"), "{}", said(&used));
    assert_eq!(list(&data)[1]["in_use"], true);

    let failed = models(&data, &["exam", "tiny", "--json"]);
    assert_eq!(failed.status.code(), Some(1), "{}", said(&failed));
    let result: Value = serde_json::from_slice(&failed.stdout).expect("JSON");
    assert_eq!((&result["passed"], &result["verdicts"]["harmful"]), (&false.into(), &0.into()));
    assert_eq!(list(&data)[1]["standing"], "questions_only");

    assert!(models(&data, &["remove", "tiny"]).status.success());
    assert_eq!(list(&data)[0]["in_use"], true);
    assert!(file.exists(), "the owner's own file stays");
    for (args, says) in [
        (&["remove", "tiny"][..], "no model called"),
        (&["use", "tiny"], "no model called"),
        (&["exam", "shipped"], "no model called"),
        (&["add", "http://models.example/x.gguf"], "https://"),
        (&["add", "Qwen2.5 7B Instruct"], "no address or hash"),
        (&["check", "/nowhere.gguf"], "No such file"),
    ] {
        let done = models(&data, args);
        assert_eq!(done.status.code(), Some(1), "{args:?}");
        assert!(said(&done).contains(says), "{args:?}: {}", said(&done));
    }
}

#[test]
fn a_damaged_file_is_said_to_be_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cut.gguf");
    let whole = Sample::default().bytes();
    for (bytes, says) in [(&whole[..whole.len() / 2], "cut off"), (&whole[..100], "cut off"), (b"<html>", "expected a GGUF model")] {
        std::fs::write(&file, bytes).expect("written");
        for command in ["add", "check"] {
            let done = models(folder.path(), &[command, file.to_str().expect("text")]);
            assert_eq!(done.status.code(), Some(1));
            assert!(said(&done).contains(says), "{command}: {}", said(&done));
        }
    }
}
