//! `parlance chat`: messages in, events out, for people and for scripts.

use std::{collections::VecDeque, process::ExitCode, sync::Arc};

use parlance_grounding::Intent;
use parlance_wallet_core::{
    Wallet,
    conversation::{Conversation, Event, Told},
    view::ProofView,
};
use rustyline::{DefaultEditor, error::ReadlineError};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};

use parlance_mind::Mind;
use parlance_understand::Licence;

use crate::{
    act,
    args::{Chat, Place},
    error::CliError,
    models, open, show,
};

/// Longest message, in bytes.
const LONGEST: usize = 16 * 1024;

pub async fn run(place: &Place, chat: &Chat) -> Result<ExitCode, CliError> {
    let (wallet, warning) = open::wallet(place)?;
    let wallet = Arc::new(wallet);
    let mind = Arc::new(Mind::start(open::folder(place)?, chat.model.as_deref()).await?);
    // What the conversation tells, and what this front end says itself, are printed in one order.
    let (events, heard) = unbounded_channel();
    let printer = tokio::spawn(print(heard, chat.json));
    if let Some(warning) = warning {
        drop(events.send(own(Event::say(warning))));
    }
    if mind.licence().licence() == Licence::QuestionsOnly {
        drop(events.send(own(Event::say(models::UNLICENSED.to_owned()))));
    }
    let mut conversation = Conversation::open(Arc::clone(&wallet), mind, None, events.clone()).await?;
    let result = if chat.json { lines(&mut conversation, &wallet, &events).await } else { talk(&mut conversation, &wallet, &events).await };
    // Receipts that are still to come keep the channel open; they are waited for by scripts, not by people.
    drop(conversation);
    drop(events);
    let failed = if chat.json { wait(printer).await } else { false };
    result?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn wait(printer: tokio::task::JoinHandle<Heard>) -> bool {
    const RECEIPTS: std::time::Duration = std::time::Duration::from_secs(120);
    match tokio::time::timeout(RECEIPTS, printer).await {
        Ok(Ok(heard)) => heard.failed,
        Ok(Err(_)) | Err(_) => true,
    }
}

/// One message a line on standard input. While one is dealt with the next ones wait, but for a cancel that stops something.
async fn lines(
    conversation: &mut Conversation,
    wallet: &Wallet,
    events: &tokio::sync::mpsc::UnboundedSender<Told>,
) -> Result<(), CliError> {
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    let mut waiting = VecDeque::new();
    let mut open = true;
    loop {
        let line = match waiting.pop_front() {
            Some(line) => line,
            None if !open => return Ok(()),
            None => match input.next_line().await? {
                Some(line) => line,
                None => return Ok(()),
            },
        };
        let message = match read(line.trim()) {
            _ if line.trim().is_empty() => continue,
            Ok(message) => message,
            Err(message) => {
                drop(events.send(own(Event::Error {
                    code: "bad_line".into(),
                    message,
                    remedy: "One message a line: plain text, a JSON string, {\"text\": \"...\"} or {\"intent\": {...}}.".into(),
                })));
                continue;
            }
        };
        let id = conversation.id();
        let dealing = async {
            match message {
                Message::Text(text) => conversation.hear(&text).await,
                Message::Intent(intent) => conversation.act(*intent).await,
            }
        };
        tokio::pin!(dealing);
        loop {
            tokio::select! {
                biased;
                () = &mut dealing => break,
                next = input.next_line(), if open => match next? {
                    Some(next) if is_cancel(next.trim()) && wallet.stop(id) => {}
                    Some(next) => waiting.push_back(next),
                    None => open = false,
                },
            }
        }
    }
}

fn is_cancel(line: &str) -> bool {
    match read(line) {
        Ok(Message::Text(text)) => text.trim().eq_ignore_ascii_case("cancel"),
        Ok(Message::Intent(intent)) => matches!(*intent, Intent::Cancel {}),
        Err(_) => false,
    }
}

enum Message {
    Text(String),
    Intent(Box<Intent>),
}

fn read(line: &str) -> Result<Message, String> {
    if line.len() > LONGEST {
        return Err(format!("a message of {} bytes, expected at most {LONGEST}", line.len()));
    }
    if !line.starts_with('{') && !line.starts_with('"') {
        return Ok(Message::Text(line.to_owned()));
    }
    match serde_json::from_str::<Value>(line) {
        Ok(Value::String(text)) => Ok(Message::Text(text)),
        Ok(Value::Object(object)) => match (object.get("text"), object.get("intent")) {
            (Some(Value::String(text)), _) => Ok(Message::Text(text.clone())),
            (None, Some(intent)) => serde_json::from_value(intent.clone())
                .map(|i| Message::Intent(Box::new(i)))
                .map_err(|e| format!("the intent can't be read: {e}")),
            _ => Err("got an object without \"text\" and \"intent\"".into()),
        },
        // A person may well begin a message with a quotation mark or a brace.
        Ok(_) | Err(_) => Ok(Message::Text(line.to_owned())),
    }
}

/// A person at a terminal.
async fn talk(conversation: &mut Conversation, wallet: &Wallet, events: &tokio::sync::mpsc::UnboundedSender<Told>) -> Result<(), CliError> {
    greet(wallet, events).await;
    let mut editor = DefaultEditor::new().map_err(|e| CliError::Terminal(e.to_string()))?;
    loop {
        // Let what was told be printed before the prompt.
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        let (line, back) = tokio::task::spawn_blocking(move || {
            let line = editor.readline("> ");
            (line, editor)
        })
        .await
        .map_err(|e| CliError::Terminal(e.to_string()))?;
        editor = back;
        match line {
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) if matches!(line.trim(), "quit" | "exit" | "bye") => return Ok(()),
            Ok(line) => {
                // A line that can't be remembered can still be answered.
                let _ = editor.add_history_entry(line.trim());
                let id = conversation.id();
                tokio::select! {
                    () = conversation.hear(line.trim()) => {}
                    () = act::interrupted(wallet, id) => {
                        println!("Stopped waiting. What was signed and sent goes on; ask for the status.");
                    }
                }
            }
            Err(ReadlineError::Eof) => return Ok(()),
            Err(ReadlineError::Interrupted) => {
                println!("Ctrl-D or \"quit\" ends the conversation.")
            }
            Err(e) => return Err(CliError::Terminal(e.to_string())),
        }
    }
}

async fn greet(wallet: &Wallet, events: &tokio::sync::mpsc::UnboundedSender<Told>) {
    let say = |text: String| drop(events.send(own(Event::say(text))));
    match wallet.signer.status().await {
        Ok(status) if !status.vault => {
            say("Welcome. There is no wallet here yet; continue in the signer's prompt.".into());
            match wallet.signer.ceremony(parlance_signer_protocol::Ceremony::FirstRun).await {
                Ok(message) => say(message),
                Err(e) => drop(events.send(own(Event::error(&e)))),
            }
        }
        Ok(status) => {
            if status.play_money {
                say(show::PLAY_MONEY.into());
            }
            if status.locked {
                match wallet.signer.unlock().await {
                    Ok(message) => say(message),
                    Err(e) => drop(events.send(own(Event::error(&e)))),
                }
            }
            if let Some(why) = status.rollback {
                say(format!("Careful: {why}"));
            }
            say("Say what you want to do, for example:\n  shoot alice fifty bucks in usdc\n  what have I got\n  never let more than $200 a day leave\n\"help\" tells more, \"quit\" ends.".into());
        }
        Err(e) => drop(events.send(own(Event::error(&e)))),
    }
}

/// An event of this front end, which belongs to no conversation.
fn own(event: Event) -> Told {
    Told { conversation: 0, message: None, at: 0, event }
}

/// What was heard of a conversation.
#[derive(Default)]
pub struct Heard {
    /// True where an event was an error.
    pub failed: bool,
    /// The last proof.
    pub proof: Option<ProofView>,
}

/// Prints events as they come.
pub async fn print(mut told: UnboundedReceiver<Told>, json: bool) -> Heard {
    let mut heard = Heard::default();
    let mut stage = 0;
    while let Some(Told { event, .. }) = told.recv().await {
        match &event {
            Event::Error { .. } => heard.failed = true,
            Event::Proof { proof } => heard.proof = Some(proof.clone()),
            // Its seconds are for a gauge; on a terminal a stage is one line.
            Event::Progress { stage: now, .. } if !json && std::mem::replace(&mut stage, *now) == *now => continue,
            _ => {}
        }
        if json {
            match serde_json::to_string(&event) {
                Ok(line) => println!("{line}"),
                Err(e) => eprintln!("parlance: an event can't be written: {e}"),
            }
        } else {
            println!("{}", show::words(&event));
        }
    }
    heard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_message_in_any_of_four_forms() {
        assert!(matches!(read("send 5 usdc to bob"), Ok(Message::Text(t)) if t == "send 5 usdc to bob"));
        assert!(matches!(read("\"send 5\""), Ok(Message::Text(t)) if t == "send 5"));
        assert!(matches!(read("{\"text\": \"hi\"}"), Ok(Message::Text(t)) if t == "hi"));
        assert!(matches!(read("{\"intent\": {\"intent\": \"lock\"}}"), Ok(Message::Intent(_))));
        assert!(read("{\"intent\": {\"intent\": \"drain\"}}").is_err());
        assert!(read("{\"foo\": 1}").is_err());
        assert!(read(&"a".repeat(LONGEST + 1)).is_err());
        assert!(is_cancel("Cancel") && is_cancel("{\"intent\": {\"intent\": \"cancel\"}}") && is_cancel("\"cancel\""));
        assert!(!is_cancel("cancel the transaction") && !is_cancel(""));
    }
}
