//! Scores a model on labelled files: `score MODEL.gguf [--show] LABELLED.jsonl...`.
//!
//! Each line is a message as in docs/intents.md with its label as `intent`, and if you like `voice` or `tags`. Prints a
//! table for each file, as Markdown; `--show` also prints what differs.

use std::io;

use parlance_grounding::{Intent, Message};
use parlance_understand::{Config, Licence, Report, Understander, Verdict};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let show = args.iter().any(|a| a == "--show");
    let files: Vec<&String> = args.iter().filter(|a| !a.starts_with("--")).collect();
    let [model, labelled @ ..] = files.as_slice() else {
        return Err(io::Error::other("usage: score MODEL.gguf [--show] LABELLED.jsonl...").into());
    };
    let understander = Understander::start(Config::for_model(model.as_str(), Licence::Act)?).await?;
    for file in labelled {
        let mut report = Report::default();
        for line in std::fs::read_to_string(file)?.lines().filter(|l| !l.trim().is_empty()) {
            let message: Message = serde_json::from_str(line)?;
            let whole: Value = serde_json::from_str(line)?;
            let label: Intent = serde_json::from_value(whole.get("intent").cloned().unwrap_or(Value::Null))?;
            let understanding = understander.understand(&message).await;
            let verdict = report.add(&understanding.intent, &label, understanding.confidence, understanding.ms, &tags(&whole));
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
        println!("## {file}\n\n{report}");
    }
    Ok(())
}

fn tags(line: &Value) -> Vec<String> {
    let voice = line.get("voice").and_then(Value::as_str);
    let tags = line.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    voice.into_iter().chain(tags).map(str::to_owned).collect()
}
