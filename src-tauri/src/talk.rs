//! Conversations that are under way: each in a task of its own, one message at a time.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use parlance_grounding::Intent;
use parlance_mind::Mind;
use parlance_wallet_core::{
    Wallet,
    conversation::{Conversation, Event, Standing, State, Told},
    store::ConversationId,
    view::Problem,
};
use tauri::AppHandle;
use tauri_specta::Event as _;
use tokio::sync::{
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    watch,
};

use crate::{
    api::{ChatEvent, Done, Said},
    notify,
};

/// What a person says or presses.
pub enum Input {
    /// A message.
    Text(String),
    /// A button or a form.
    Intent(Box<Intent>),
    /// What it asked for is done already.
    Nothing,
}

impl Input {
    /// Whether it is nothing but a "cancel".
    fn cancels(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().eq_ignore_ascii_case("cancel"),
            Self::Intent(intent) => matches!(**intent, Intent::Cancel {}),
            Self::Nothing => false,
        }
    }
}

/// All conversations that are under way.
pub struct Talks {
    app: AppHandle,
    wallet: Arc<Wallet>,
    mind: Arc<Mind>,
    talks: Mutex<HashMap<ConversationId, Talk>>,
}

#[derive(Clone)]
struct Talk {
    inputs: UnboundedSender<Input>,
    waiting: Arc<AtomicUsize>,
    standing: watch::Receiver<Standing>,
}

impl Talks {
    pub fn new(app: AppHandle, wallet: Arc<Wallet>, mind: Arc<Mind>) -> Self {
        Self { app, wallet, mind, talks: Mutex::default() }
    }

    /// After the start: the latest conversation, and with it every transaction that is under way.
    pub fn take_up(&self) {
        let latest = self.wallet.store.conversations().ok().and_then(|all| all.first().map(|c| c.id));
        let begun = match latest {
            Some(id) => Ok(id),
            None => self.wallet.store.start_conversation("Chat").map(|c| c.id),
        };
        match begun {
            Ok(id) => drop(self.begin(id, true)),
            Err(e) => tracing::error!("the conversation can't be taken up: {e}"),
        }
    }

    /// Say something; what comes of it arrives as events. A cancel stops what goes on without waiting for its end.
    pub fn say(&self, id: ConversationId, input: Input) -> Result<(), Problem> {
        let talk = self.begin(id, false);
        let input = if input.cancels() && self.wallet.stop(id) { Input::Nothing } else { input };
        talk.waiting.fetch_add(1, Ordering::SeqCst);
        talk.inputs.send(input).map_err(|_| Problem {
            code: "task".into(),
            message: "This conversation has stopped.".into(),
            remedy: "Start Parlance again; what was said is kept.".into(),
        })
    }

    /// Where a conversation stands, and whether it is busy.
    pub fn standing(&self, id: ConversationId) -> Result<(Standing, bool), Problem> {
        if let Some(talk) = self.lock().get(&id) {
            return Ok((talk.standing.borrow().clone(), talk.waiting.load(Ordering::SeqCst) > 0));
        }
        Ok((written(&self.wallet, id)?, false))
    }

    /// Let a conversation go.
    pub fn end(&self, id: ConversationId) {
        self.lock().remove(&id);
    }

    fn begin(&self, id: ConversationId, first: bool) -> Talk {
        let mut talks = self.lock();
        if let Some(talk) = talks.get(&id) {
            return talk.clone();
        }
        let (inputs, heard) = unbounded_channel();
        let (stands, standing) = watch::channel(Standing::of(&State::Idle));
        let talk = Talk { inputs, waiting: Arc::default(), standing };
        let task = Task { app: self.app.clone(), wallet: Arc::clone(&self.wallet), id, waiting: Arc::clone(&talk.waiting), stands };
        tauri::async_runtime::spawn(task.run(Arc::clone(&self.mind), heard, first));
        talks.insert(id, talk.clone());
        talk
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ConversationId, Talk>> {
        self.talks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a conversation stands that nobody has taken up.
fn written(wallet: &Wallet, id: ConversationId) -> Result<Standing, Problem> {
    let state = match wallet.store.pending(id)? {
        // What another release wrote is told and dropped once the conversation is taken up.
        Some(pending) => serde_json::from_value(pending.body).unwrap_or(State::Idle),
        None => State::Idle,
    };
    Ok(Standing::of(&state))
}

struct Task {
    app: AppHandle,
    wallet: Arc<Wallet>,
    id: ConversationId,
    waiting: Arc<AtomicUsize>,
    stands: watch::Sender<Standing>,
}

impl Task {
    async fn run(self, mind: Arc<Mind>, mut heard: UnboundedReceiver<Input>, first: bool) {
        let (events, mut told) = unbounded_channel();
        let of = if first { None } else { Some(self.id) };
        // In a window a transaction's progress is seen on its card: the conversation is free for the next message at once.
        let mut conversation = match Conversation::open(Arc::clone(&self.wallet), mind, of, events).await {
            Ok(conversation) => conversation.with_patience(Duration::ZERO),
            Err(e) => {
                self.tell(Said::Event(Event::error(&e)), self.id, None, now());
                return;
            }
        };
        let mut standing = conversation.standing();
        loop {
            self.stands.send_replace(standing.borrow_and_update().clone());
            tokio::select! {
                Some(told) = told.recv() => self.pass_on(told),
                input = heard.recv() => {
                    let Some(input) = input else { return };
                    self.deal_with(&mut conversation, &mut standing, input, &mut told).await;
                }
            }
        }
    }

    async fn deal_with(
        &self,
        conversation: &mut Conversation,
        standing: &mut watch::Receiver<Standing>,
        input: Input,
        told: &mut UnboundedReceiver<Told>,
    ) {
        {
            let dealing = async {
                match input {
                    Input::Text(text) => conversation.hear(&text).await,
                    Input::Intent(intent) => conversation.act(*intent).await,
                    Input::Nothing => {}
                }
            };
            tokio::pin!(dealing);
            loop {
                tokio::select! {
                    biased;
                    Some(told) = told.recv() => {
                        self.stands.send_replace(standing.borrow_and_update().clone());
                        self.pass_on(told);
                    }
                    () = &mut dealing => break,
                }
            }
        }
        self.stands.send_replace(standing.borrow_and_update().clone());
        while let Ok(told) = told.try_recv() {
            self.pass_on(told);
        }
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        self.tell(Said::Done(Done::Done {}), self.id, None, now());
    }

    fn pass_on(&self, told: Told) {
        notify::of(&self.app, &told.event);
        self.tell(Said::Event(told.event), told.conversation, told.message, told.at);
    }

    fn tell(&self, event: Said, conversation: ConversationId, message: Option<i64>, at: u64) {
        let busy = self.waiting.load(Ordering::SeqCst) > 0;
        let state = if conversation == self.id {
            self.stands.borrow().clone()
        } else {
            written(&self.wallet, conversation).unwrap_or_else(|_| Standing::of(&State::Idle))
        };
        let told = ChatEvent { conversation, message, at, event, state, busy }.emit(&self.app);
        if let Err(e) = told {
            tracing::warn!("the pages can't be told an event: {e}");
        }
    }
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_cancel_stops_what_goes_on() {
        let words = |text: &str| Input::Text(text.into()).cancels();
        assert!(words("cancel") && words(" Cancel\n"));
        assert!(!words("cancel the transaction") && !words("") && !Input::Nothing.cancels());
        assert!(Input::Intent(Box::new(Intent::Cancel {})).cancels());
        assert!(!Input::Intent(Box::new(Intent::Confirm {})).cancels());
    }
}
