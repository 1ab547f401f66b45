//! Grounds JSON Lines: what the model would read, and what it must write for a labelled message.
//!
//! `ground [--no-grammar] < lines.jsonl`, or `ground --slots` for every slot token.

use std::io::{self, BufRead, Write};

use parlance_grounding::{Intent, Message, SlotName, decode, encode, grammar, ground, vetoes};
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut out = io::BufWriter::new(io::stdout().lock());
    if args.iter().any(|a| a == "--slots") {
        for name in SlotName::all() {
            writeln!(out, "{name}")?;
        }
        return Ok(());
    }
    let with_grammar = !args.iter().any(|a| a == "--no-grammar");
    for line in io::stdin().lock().lines() {
        let line = line?;
        if !line.trim().is_empty() {
            writeln!(out, "{}", answer(&line, with_grammar))?;
        }
    }
    out.flush()
}

fn answer(line: &str, with_grammar: bool) -> Value {
    let message: Message = match serde_json::from_str(line) {
        Ok(message) => message,
        Err(e) => return json!({"error": e.to_string()}),
    };
    let grounding = ground(&message);
    let slots: Vec<Value> = grounding
        .slots
        .iter()
        .map(|s| {
            let first = s.mentions.first();
            let span = first.map_or(0..0, |m| m.span.clone());
            json!({"slot": s.name.to_string(), "kind": s.name.kind, "value": s.value, "text": message.text.get(span.clone()), "start": span.start, "end": span.end, "how": first.map(|m| m.how)})
        })
        .collect();
    let mut answer = json!({"delex": grounding.delexicalised(), "prompt": grounding.prompt(), "slots": slots});
    let vetoes: Vec<Value> =
        vetoes(&grounding).iter().map(|v| json!({"rule": v.rule, "reason": v.reason, "stops": format!("{:?}", v.stops)})).collect();
    if !vetoes.is_empty() {
        answer["vetoes"] = json!(vetoes);
    }
    if with_grammar {
        answer["grammar"] = json!(grammar(&grounding));
    }
    let label = serde_json::from_str::<Value>(line).ok().and_then(|v| v.get("intent").cloned());
    if let Some(label) = label {
        match serde_json::from_value::<Intent>(label).map_err(|e| e.to_string()).and_then(|intent| {
            let target = encode(&intent, &grounding).map_err(|e| e.to_string())?;
            match decode(&target, &grounding) {
                Ok(back) if back == intent => Ok(target),
                Ok(back) => Err(format!("{target} reads back as {}", serde_json::to_string(&back).unwrap_or_default())),
                Err(e) => Err(format!("{target} does not read back: {e}")),
            }
        }) {
            Ok(target) => answer["target"] = json!(target),
            Err(error) => answer["error"] = json!(error),
        }
    }
    answer
}
