//! `parlance understand`: JSON Lines in, JSON Lines out.

use parlance_grounding::Message;
use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncWrite, AsyncWriteExt};

use crate::error::UnderstandError;
use crate::lines::{self, Line};
use crate::understander::{Understander, Understanding};
use crate::wire::MAX_LINE;

/// Understands each line of `reader` and writes one line for it: `{"intent", "confidence", "ms"}`, and for what is unclear
/// `explanation`, `question` and `alternatives`. A line that is no message gives `{"error": {"code", "message", "remedy"}}`;
/// the next line is read all the same. Empty lines are passed over. Returns how many lines were answered.
///
/// # Errors
/// [`UnderstandError::Io`] where reading or writing fails.
pub async fn run_jsonl<R, W>(understander: &Understander, reader: &mut R, writer: &mut W) -> Result<usize, UnderstandError>
where
    R: AsyncBufRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut answered = 0;
    loop {
        let answer = match lines::next(reader, MAX_LINE).await? {
            Line::End => break,
            Line::Text(line) if line.trim().is_empty() => continue,
            Line::Text(line) => match message(&line) {
                Ok(message) => answer(&understander.understand(&message).await),
                Err(why) => error("bad_message", &why, "Each line is an object with a string \"text\", as in docs/intents.md."),
            },
            Line::TooLong => error("too_long", &format!("a line is longer than {MAX_LINE} bytes"), "Send shorter messages."),
            Line::NotText => error("bad_message", "a line is not UTF-8", "Write the file as UTF-8."),
        };
        writer.write_all(answer.to_string().as_bytes()).await?;
        writer.write_all(b"\n").await?;
        // Whoever waits for this answer may send the next message only after it.
        writer.flush().await?;
        answered += 1;
    }
    Ok(answered)
}

fn message(line: &str) -> Result<Message, String> {
    serde_json::from_str::<Message>(line).map_err(|e| e.to_string())
}

fn answer(understanding: &Understanding) -> Value {
    let mut value =
        json!({"intent": understanding.intent, "confidence": round(understanding.confidence, 4), "ms": round(understanding.ms, 3)});
    if let Some(explanation) = &understanding.explanation {
        value["explanation"] = json!(explanation);
    }
    if let Some(question) = &understanding.question {
        value["question"] = json!(question);
    }
    if !understanding.alternatives.is_empty() {
        value["alternatives"] = json!(understanding.alternatives);
    }
    value
}

fn round(number: f64, places: i32) -> f64 {
    let by = 10_f64.powi(places);
    (number * by).round() / by
}

fn error(code: &str, message: &str, remedy: &str) -> Value {
    json!({"error": {"code": code, "message": message, "remedy": remedy}})
}
