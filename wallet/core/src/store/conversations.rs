//! Conversations, their messages, and the step that each of them waits in.

use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Store, fill_body, now};
use crate::error::{Result, WalletError};
use crate::tokens::clean;

/// Row id of a conversation.
pub type ConversationId = i64;

const MAX_TITLE: usize = 80;

/// A conversation, without its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Row id.
    pub id: ConversationId,
    /// For the list; cleaned and cut at 80 characters.
    pub title: String,
    /// Unix seconds.
    pub started: u64,
    /// Unix seconds of the last message.
    pub updated: u64,
}

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person.
    Person,
    /// The wallet.
    Wallet,
    /// Neither: a receipt, a price alarm, a schedule.
    Event,
}

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Row id, rising.
    pub id: i64,
    /// Unix seconds.
    pub at: u64,
    /// Who says it.
    pub role: Role,
    /// What the conversation put there.
    pub body: Value,
}

/// The step in which a conversation waits, as it was before its last side effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Name of the step.
    pub step: String,
    /// Its data.
    pub body: Value,
    /// Unix seconds.
    pub at: u64,
}

#[derive(Serialize, Deserialize)]
struct ConversationBody {
    title: String,
    started: u64,
}

#[derive(Serialize, Deserialize)]
struct MessageBody {
    at: u64,
    role: Role,
    body: Value,
}

#[derive(Serialize, Deserialize)]
struct PendingBody {
    step: String,
    body: Value,
    at: u64,
}

impl Store {
    /// Begins a conversation.
    pub fn start_conversation(&self, title: &str) -> Result<Conversation> {
        let started = now();
        let body = ConversationBody { title: clean(title, MAX_TITLE), started };
        let id = self.write(|tx, seal| {
            tx.execute("INSERT INTO conversations (updated, body) VALUES (?1, x'')", [i64(started)])?;
            fill_body(tx, seal, "conversations", &body)
        })?;
        Ok(Conversation { id, title: body.title, started, updated: started })
    }

    /// All conversations, the latest first.
    pub fn conversations(&self) -> Result<Vec<Conversation>> {
        self.read(|db, seal| {
            let mut query = db.prepare_cached("SELECT id, updated, body FROM conversations ORDER BY updated DESC, id DESC")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.map(|row| {
                let (id, updated, blob): (i64, i64, Vec<u8>) = row?;
                let body: ConversationBody = seal.open("conversations", id, &blob)?;
                Ok(Conversation { id, title: body.title, started: body.started, updated: updated.unsigned_abs() })
            })
            .collect()
        })
    }

    /// Gives a conversation another title.
    pub fn rename_conversation(&self, id: ConversationId, title: &str) -> Result<()> {
        self.write(|tx, seal| {
            let blob: Option<Vec<u8>> = tx.query_row("SELECT body FROM conversations WHERE id = ?1", [id], |row| row.get(0)).optional()?;
            let blob = blob.ok_or_else(|| missing(id))?;
            let mut body: ConversationBody = seal.open("conversations", id, &blob)?;
            body.title = clean(title, MAX_TITLE);
            tx.execute("UPDATE conversations SET body = ?1 WHERE id = ?2", params![seal.seal("conversations", id, &body)?, id])?;
            Ok(())
        })
    }

    /// Deletes a conversation with its messages and pending step; transactions and history stay.
    pub fn delete_conversation(&self, id: ConversationId) -> Result<()> {
        self.write(|tx, _| match tx.execute("DELETE FROM conversations WHERE id = ?1", [id])? {
            0 => Err(missing(id)),
            _ => Ok(()),
        })
    }

    /// Adds a message.
    pub fn append(&self, conversation: ConversationId, role: Role, body: &impl Serialize) -> Result<Message> {
        let at = now();
        let body = serde_json::to_value(body).map_err(WalletError::json("message"))?;
        let row = MessageBody { at, role, body };
        let id = self.write(|tx, seal| {
            if tx.execute("UPDATE conversations SET updated = ?1 WHERE id = ?2", [i64(at), conversation])? == 0 {
                return Err(missing(conversation));
            }
            tx.execute("INSERT INTO messages (conversation, body) VALUES (?1, x'')", [conversation])?;
            fill_body(tx, seal, "messages", &row)
        })?;
        Ok(Message { id, at, role, body: row.body })
    }

    /// The last `limit` messages, oldest first.
    pub fn messages(&self, conversation: ConversationId, limit: usize) -> Result<Vec<Message>> {
        self.read(|db, seal| {
            let mut query = db.prepare_cached("SELECT id, body FROM messages WHERE conversation = ?1 ORDER BY id DESC LIMIT ?2")?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = query.query_map([conversation, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let mut messages = rows
                .map(|row| {
                    let (id, blob): (i64, Vec<u8>) = row?;
                    let MessageBody { at, role, body } = seal.open("messages", id, &blob)?;
                    Ok(Message { id, at, role, body })
                })
                .collect::<Result<Vec<_>>>()?;
            messages.reverse();
            Ok(messages)
        })
    }

    /// Writes the step in which a conversation waits. Call it *before* the side effect that the step announces.
    pub fn put_pending(&self, conversation: ConversationId, step: &str, body: &impl Serialize) -> Result<()> {
        let body = serde_json::to_value(body).map_err(WalletError::json("pending step"))?;
        let row = PendingBody { step: step.to_owned(), body, at: now() };
        self.write(|tx, seal| {
            let known: Option<i64> =
                tx.query_row("SELECT id FROM conversations WHERE id = ?1", [conversation], |row| row.get(0)).optional()?;
            known.ok_or_else(|| missing(conversation))?;
            tx.execute(
                "INSERT INTO pending (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
                params![conversation, seal.seal("pending", conversation, &row)?],
            )?;
            Ok(())
        })
    }

    /// The step in which a conversation waits, where there is one.
    pub fn pending(&self, conversation: ConversationId) -> Result<Option<Pending>> {
        Ok(self.pending_rows(Some(conversation))?.pop())
    }

    /// Every waiting step, after a restart.
    pub fn all_pending(&self) -> Result<Vec<Pending>> {
        self.pending_rows(None)
    }

    /// The step is over.
    pub fn clear_pending(&self, conversation: ConversationId) -> Result<()> {
        self.write(|tx, _| Ok(tx.execute("DELETE FROM pending WHERE id = ?1", [conversation]).map(drop)?))
    }

    fn pending_rows(&self, only: Option<ConversationId>) -> Result<Vec<Pending>> {
        self.read(|db, seal| {
            let mut query = db.prepare_cached("SELECT id, body FROM pending WHERE ?1 IS NULL OR id = ?1 ORDER BY id")?;
            let rows = query.query_map([only], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.map(|row| {
                let (conversation, blob): (i64, Vec<u8>) = row?;
                let PendingBody { step, body, at } = seal.open("pending", conversation, &blob)?;
                Ok(Pending { conversation, step, body, at })
            })
            .collect()
        })
    }
}

fn missing(id: ConversationId) -> WalletError {
    WalletError::NotFound { what: format!("conversation {id}") }
}

fn i64(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}
