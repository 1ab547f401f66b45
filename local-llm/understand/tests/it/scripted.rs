//! A worker that follows a script: a shell program, since the real one needs a model.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use parlance_understand::{Config, Licence, Thresholds, WorkerConfig, features};
use tempfile::TempDir;

pub const HELLO: &str = r#"{"version":3,"kind":"parlance","model":"scripted","hash":"00","backend":"CPU","sandbox":"none","load_ms":1.0}"#;

/// Writes a worker that says hello and then, for each request, runs the arms of a shell `case` on its line. An arm sets
/// `text` (JSON-escaped), or does something else entirely.
pub fn worker(dir: &TempDir, arms: &str) -> WorkerConfig {
    program(
        dir,
        &format!(
            r#"printf '%s\n' '{HELLO}'
while read -r line; do
  id=${{line#*\"id\":}}; id=${{id%%,*}}
  text='unclear ambiguous'; confidence=0.99; weakest=0.98
  case "$line" in
{arms}
  esac
  printf '{{"id":%s,"text":"%s","confidence":%s,"weakest":%s,"ms":1.0}}\n' "$id" "$text" "$confidence" "$weakest"
done"#
        ),
    )
}

/// A worker that is this shell program.
pub fn program(dir: &TempDir, body: &str) -> WorkerConfig {
    let path = dir.path().join("worker.sh");
    write_program(&path, body);
    WorkerConfig { program: path, args: Vec::new(), start_timeout: Duration::from_secs(20), answer_timeout: Duration::from_secs(20) }
}

fn write_program(path: &Path, body: &str) {
    let mut file = std::fs::File::create(path).expect("a file");
    writeln!(file, "#!/bin/sh\n{body}").expect("written");
    drop(file);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("executable");
}

/// A second voice that hears these words: for each, the label that its features speak for.
pub fn second_voice(dir: &TempDir, words: &[(&str, &str)]) -> PathBuf {
    const BUCKETS: usize = 1 << 14;
    let mut labels: Vec<&str> = words.iter().map(|(_, l)| *l).collect();
    labels.extend(["balance", "unclear:ambiguous", "unclear:out_of_scope"]);
    labels.sort_unstable();
    labels.dedup();
    let block = labels.join("\n");
    let mut bytes = b"PLNGRAM1".to_vec();
    bytes.extend((BUCKETS as u32).to_le_bytes());
    bytes.extend((labels.len() as u32).to_le_bytes());
    bytes.extend(1.0_f32.to_le_bytes());
    bytes.extend((block.len() as u32).to_le_bytes());
    bytes.extend(block.as_bytes());
    bytes.extend(labels.iter().flat_map(|_| 0.0_f32.to_le_bytes()));
    bytes.extend(labels.iter().flat_map(|_| 0.05_f32.to_le_bytes()));
    let mut weights = vec![0_u8; BUCKETS * labels.len()];
    for (word, label) in words {
        let column = labels.iter().position(|l| l == label).expect("a label");
        for row in features(word, BUCKETS) {
            weights[row * labels.len() + column] = 127;
        }
    }
    bytes.extend(weights);
    let path = dir.path().join("second.ngram");
    std::fs::write(&path, bytes).expect("written");
    path
}

pub fn config(worker: WorkerConfig, ngram: Option<PathBuf>) -> Config {
    Config { worker, ngram, words: None, thresholds: Thresholds::default(), licence: Licence::Act }
}

/// A program that is not there.
pub fn nothing() -> WorkerConfig {
    WorkerConfig {
        program: PathBuf::from("/nonexistent/parlance-llm"),
        args: Vec::new(),
        start_timeout: Duration::from_secs(1),
        answer_timeout: Duration::from_secs(1),
    }
}
