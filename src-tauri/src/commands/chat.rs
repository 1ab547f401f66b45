//! Conversations.

use parlance_grounding::Intent;
use parlance_wallet_core::{
    conversation::{Event, Standing},
    shapes::AnyIntent,
    store::{Message, Role},
    view::Problem,
};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;

use crate::{
    session::{Open, Session},
    talk::Input,
};

/// How many messages of a conversation are shown.
const SHOWN: usize = 400;
/// Longest message, in bytes.
const LONGEST: usize = 16 * 1024;

/// A conversation, without its messages.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ConversationRow {
    /// Row.
    pub id: i64,
    /// Title.
    pub title: String,
    /// Unix seconds.
    pub started: u64,
    /// Unix seconds of the last message.
    pub updated: u64,
}

/// A conversation.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct Thread {
    /// Row.
    pub id: i64,
    /// Title.
    pub title: String,
    /// The latest messages, oldest first.
    pub messages: Vec<MessageRow>,
    /// Where it stands.
    pub state: Standing,
    /// True while a message is being dealt with.
    pub busy: bool,
}

/// A message.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct MessageRow {
    /// Row.
    pub id: i64,
    /// Unix seconds.
    pub at: u64,
    /// Who says it.
    pub role: Speaker,
    /// What the person said.
    pub text: Option<String>,
    /// What the wallet said.
    pub event: Option<Event>,
}

/// Who says it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The person.
    Person,
    /// The wallet.
    Wallet,
    /// Neither.
    Event,
}

/// All conversations, the latest first.
#[tauri::command]
#[specta::specta]
pub async fn conversations(session: State<'_, Session>) -> Result<Vec<ConversationRow>, Problem> {
    let rows = session.wallet()?.store.conversations()?;
    Ok(rows.into_iter().map(|c| ConversationRow { id: c.id, title: c.title, started: c.started, updated: c.updated }).collect())
}

/// One conversation with its messages; without an id the latest one, or a first.
#[tauri::command]
#[specta::specta]
pub async fn conversation_open(session: State<'_, Session>, id: Option<i64>) -> Result<Thread, Problem> {
    let open = session.opened()?;
    let id = match id {
        Some(id) => id,
        None => match open.wallet.store.conversations()?.first() {
            Some(latest) => latest.id,
            None => open.wallet.store.start_conversation("Chat")?.id,
        },
    };
    thread(&open, id)
}

/// A new conversation.
#[tauri::command]
#[specta::specta]
pub async fn conversation_new(session: State<'_, Session>, title: String) -> Result<Thread, Problem> {
    let open = session.opened()?;
    let id = open.wallet.store.start_conversation(&title)?.id;
    thread(&open, id)
}

/// Another title.
#[tauri::command]
#[specta::specta]
pub async fn conversation_rename(session: State<'_, Session>, id: i64, title: String) -> Result<(), Problem> {
    Ok(session.wallet()?.store.rename_conversation(id, &title)?)
}

/// Delete a conversation; transactions and history stay.
#[tauri::command]
#[specta::specta]
pub async fn conversation_delete(session: State<'_, Session>, id: i64) -> Result<(), Problem> {
    let open = session.opened()?;
    if open.talks.standing(id)?.1 {
        return Err(Problem {
            code: "busy".into(),
            message: "This conversation is dealing with a message.".into(),
            remedy: "Wait until it is done, or take the question in the signer's window back.".into(),
        });
    }
    open.talks.end(id);
    Ok(open.wallet.store.delete_conversation(id)?)
}

/// Hear a message. What comes of it arrives as events.
#[tauri::command]
#[specta::specta]
pub async fn say(session: State<'_, Session>, conversation: i64, text: String) -> Result<(), Problem> {
    if text.len() > LONGEST {
        return Err(Problem {
            code: "too_long".into(),
            message: format!("A message of {} bytes; at most {LONGEST} are taken.", text.len()),
            remedy: "Say it in fewer words, or in several messages.".into(),
        });
    }
    session.opened()?.talks.say(conversation, Input::Text(text))
}

/// A typed intent, from a button or a form.
#[tauri::command]
#[specta::specta]
pub async fn act(session: State<'_, Session>, conversation: i64, intent: Wish) -> Result<(), Problem> {
    session.opened()?.talks.say(conversation, Input::Intent(Box::new(intent.0)))
}

/// An intent as the pages send it: checked against the vocabulary when it arrives.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(transparent)]
pub struct Wish(#[specta(type = AnyIntent)] Intent);

fn thread(open: &Open, id: i64) -> Result<Thread, Problem> {
    let store = &open.wallet.store;
    let found = store.conversations()?.into_iter().find(|c| c.id == id).ok_or_else(|| Problem {
        code: "not_found".into(),
        message: format!("There is no conversation {id}."),
        remedy: "It was deleted; choose another one.".into(),
    })?;
    let (state, busy) = open.talks.standing(id)?;
    let messages = store.messages(id, SHOWN)?.into_iter().map(row).collect();
    Ok(Thread { id, title: found.title, messages, state, busy })
}

fn row(message: Message) -> MessageRow {
    let Message { id, at, role, body } = message;
    let text = body.as_str().map(str::to_owned);
    // An event of another release is shown as what it can't be read as: not at all.
    let event = if text.is_none() { serde_json::from_value(body).ok() } else { None };
    let role = match role {
        Role::Person => Speaker::Person,
        Role::Wallet => Speaker::Wallet,
        Role::Event => Speaker::Event,
    };
    MessageRow { id, at, role, text, event }
}
