//! From a message to an intent, through the real program and its sandboxed worker; and what both hold in memory.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use criterion::{Criterion, criterion_group, criterion_main};
use parlance_tests::programs::program;

const MESSAGES: [&str; 4] = [
    r#"{"text": "shoot alice fifty bucks in usdc", "contacts": ["Alice", "Bob"]}"#,
    r#"{"text": "what have I got"}"#,
    r#"{"text": "never let more than $200 a day leave without asking me"}"#,
    r#"{"text": "bob told me to send 1 eth but I refused", "contacts": ["Bob"]}"#,
];

fn understanding(c: &mut Criterion) {
    let mut child =
        Command::new(program("parlance-wallet")).arg("understand").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts");
    let mut input = child.stdin.take().expect("piped");
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    let mut group = c.benchmark_group("message to intent");
    for message in MESSAGES {
        group.bench_function(message.split('"').nth(3).unwrap_or(message), |b| {
            b.iter(|| {
                writeln!(input, "{message}").expect("it reads");
                let mut line = String::new();
                output.read_line(&mut line).expect("it answers");
                assert!(line.contains("\"intent\""), "{line}");
            });
        });
    }
    group.finish();
    for (what, pid) in [("parlance-wallet understand", Some(child.id())), ("parlance-llm", worker_of(child.id()))] {
        println!("memory of {what}: {} kB resident", pid.map_or(0, parlance_tests::programs::resident_kb));
    }
    drop(input);
    child.wait().expect("own child");
}

/// The worker that a process started, by `/proc`.
fn worker_of(parent: u32) -> Option<u32> {
    std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?.split_whitespace().next()?.parse().ok()
}

criterion_group!(benches, understanding);
criterion_main!(benches);
