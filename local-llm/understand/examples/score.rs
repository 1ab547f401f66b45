//! Scores a model on a labelled file: `score MODEL.gguf LABELLED.jsonl [--show]`.
//!
//! Each line is a message as in docs/intents.md with its label as `intent`. `--show` prints what differs.

use std::io;

use parlance_grounding::{Intent, Message};
use parlance_understand::{Config, Score, Understander, Verdict};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let show = args.iter().any(|a| a == "--show");
    let files: Vec<&String> = args.iter().filter(|a| !a.starts_with("--")).collect();
    let [model, labelled] = files.as_slice() else {
        return Err(io::Error::other("usage: score MODEL.gguf LABELLED.jsonl [--show]").into());
    };
    let understander = Understander::start(Config::for_model(model.as_str())?).await?;
    let mut score = Score::default();
    let mut times = Vec::new();
    for line in std::fs::read_to_string(labelled)?.lines().filter(|l| !l.trim().is_empty()) {
        let message: Message = serde_json::from_str(line)?;
        let label: Intent = serde_json::from_value(serde_json::from_str::<Value>(line)?.get("intent").cloned().unwrap_or(Value::Null))?;
        let understanding = understander.understand(&message).await;
        times.push(understanding.ms);
        let verdict = score.add(&understanding.intent, &label);
        if show && verdict != Verdict::Exact {
            println!(
                "{verdict:?}\t{}\n\tgot   {}\n\tlabel {}\n\twhy   {}",
                message.text,
                serde_json::to_string(&understanding.intent)?,
                serde_json::to_string(&label)?,
                understanding.explanation.unwrap_or_default()
            );
        }
    }
    times.sort_by(f64::total_cmp);
    println!("{score}");
    if let (Some(median), Some(slowest)) = (times.get(times.len() / 2), times.last()) {
        println!("median {median:.1} ms, slowest {slowest:.1} ms");
    }
    Ok(())
}
