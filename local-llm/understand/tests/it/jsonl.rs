use parlance_understand::{Understander, run_jsonl};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::BufReader;

use crate::scripted::{config, worker};

async fn run(input: &[u8]) -> Vec<Value> {
    let dir = TempDir::new().expect("dir");
    let understander = Understander::start(config(worker(&dir, "    *) text='balance';;"), None)).await.expect("started");
    let mut out = Vec::new();
    let mut reader = BufReader::new(input);
    let answered = run_jsonl(&understander, &mut reader, &mut out).await.expect("ran");
    let lines: Vec<Value> = String::from_utf8(out).expect("text").lines().map(|l| serde_json::from_str(l).expect("json")).collect();
    assert_eq!(lines.len(), answered);
    lines
}

#[tokio::test]
async fn each_line_has_its_answer() {
    let lines = run(b"{\"text\":\"what do i own\"}\n\n{\"text\":\"lock\",\"contacts\":[\"Bob\"],\"more\":1}\n").await;
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["intent"]["intent"], "balance");
    assert!(lines[0]["confidence"].as_f64().is_some_and(|c| (0.0..=1.0).contains(&c)));
    assert!(lines[0]["ms"].as_f64().is_some_and(|m| m >= 0.0));
    assert_eq!(lines[1]["intent"]["intent"], "lock");
}

#[tokio::test]
async fn a_bad_line_does_not_stop_the_next() {
    let mut input = b"not json\n[1]\n{\"text\":5}\n{\"contacts\":[]}\n\xff\xfe\n".to_vec();
    input.extend(std::iter::repeat_n(b'x', 200_000));
    input.extend(b"\n{\"text\":\"what do i own\"}");
    let lines = run(&input).await;
    assert_eq!(lines.len(), 7);
    for line in &lines[..6] {
        assert!(line["error"]["code"].is_string() && line["error"]["remedy"].is_string(), "{line}");
    }
    assert_eq!(lines[5]["error"]["code"], "too_long");
    assert_eq!(lines[6]["intent"]["intent"], "balance");
}

#[tokio::test]
async fn what_is_unclear_carries_a_question() {
    let lines = run("{\"text\":\"send it without asking\"}\n".as_bytes()).await;
    assert_eq!(lines[0]["intent"]["reason"], "unsafe");
    assert!(lines[0]["question"].is_string() && lines[0]["explanation"].is_string());
}
