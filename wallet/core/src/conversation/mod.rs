//! The conversation as a state machine:
//! understood → something missing? ask → preview → decision → approval → sent → receipt.
//!
//! Read [`Conversation::hear`] first. Every step that has an effect is preceded by a durable [`State`].

mod credit;
mod event;
mod execute;
mod follow;
mod questions;
mod resume;
mod state;
mod understanding;
mod words;

use std::{sync::Arc, time::Duration};

use parlance_grounding::{Intent, Message, Referent, UnclearReason};
use parlance_signer_protocol::Claims;
use serde_json::{Map, Value};
use tokio::sync::{mpsc::UnboundedSender, watch};
use zeroize::Zeroizing;

pub use event::{ApprovalState, Change, Event, Level, Party, Preview, RefusedWord, Told};
pub use state::{Amended, Standing, State, amend};
pub use understanding::{Understanding, Understood};
pub use words::words;

use crate::{
    Wallet,
    error::{Result, WalletError},
    intents,
    plan::{self, Produced},
    store::{ConversationId, Role, now},
};

/// How long a message waits for its receipt before the conversation goes on without it.
const PATIENCE: Duration = Duration::from_secs(20);

/// One conversation over a wallet.
pub struct Conversation {
    wallet: Arc<Wallet>,
    mind: Arc<dyn Understanding>,
    id: ConversationId,
    events: UnboundedSender<Told>,
    state: State,
    standing: watch::Sender<Standing>,
    patience: Duration,
    referents: Vec<Referent>,
    claims: Claims,
    /// Account id and token of a bank, for the next proof and for nothing else.
    login: Option<(String, Zeroizing<String>)>,
}

/// How far an intent got.
enum Reached {
    /// Done; what it gave, for the next step.
    Done(Option<Produced>),
    /// It waits for the person, was refused or failed: what comes after it does not happen.
    Stopped,
}

impl Conversation {
    /// Take up a conversation; its pending step is resumed and told through `events`. Without an id it is the latest one
    /// (or a first), and every transaction that is under way is looked after, of whichever conversation: once a process.
    ///
    /// # Errors
    /// Store errors.
    pub async fn open(
        wallet: Arc<Wallet>,
        mind: Arc<dyn Understanding>,
        id: Option<ConversationId>,
        events: UnboundedSender<Told>,
    ) -> Result<Self> {
        let all = id.is_none();
        let id = match id {
            Some(id) => id,
            None => match wallet.store.conversations()?.first() {
                Some(latest) => latest.id,
                None => wallet.store.start_conversation("Chat")?.id,
            },
        };
        let mut conversation = Self {
            wallet,
            mind,
            id,
            events,
            state: State::Idle,
            standing: watch::Sender::new(Standing::of(&State::Idle)),
            patience: PATIENCE,
            referents: Vec::new(),
            claims: Claims::default(),
            login: None,
        };
        conversation.resume(all).await?;
        Ok(conversation)
    }

    /// Wait so long for the receipt of what nothing waits behind, before the conversation is free for the next message. Where
    /// progress is shown otherwise, as in a window, that can be no time at all.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Ask the bank with this account id and token in the next proof; neither is kept.
    #[must_use]
    pub fn with_login(self, account: String, token: Zeroizing<String>) -> Self {
        Self { login: Some((account, token)), ..self }
    }

    /// Its row in the store.
    #[must_use]
    pub fn id(&self) -> ConversationId {
        self.id
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Where it stands, to be followed while it is busy.
    #[must_use]
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// A message from the person. Everything that comes of it is told through events, failures too.
    pub async fn hear(&mut self, text: &str) {
        if let Err(e) = self.try_hear(text).await {
            self.tell(Event::error(&e));
        }
    }

    /// A typed intent instead of a message, from a button or a script.
    pub async fn act(&mut self, intent: Intent) {
        let understood = Understood {
            intent,
            confidence: 1.0,
            ms: 0.0,
            provenance: std::collections::BTreeMap::default(),
            question: None,
            alternatives: Vec::new(),
            model_hash: None,
            prompt_hash: None,
        };
        let done = match self.unlocked().await {
            Ok(_) => self.follow_up(understood, None).await,
            Err(e) => Err(e),
        };
        if let Err(e) = done {
            self.tell(Event::error(&e));
        }
    }

    /// What needs the vault has it unlocked first, by the owner. False where there is no vault.
    async fn unlocked(&self) -> Result<bool> {
        let status = self.wallet.signer.status().await?;
        if status.vault && status.locked {
            self.wallet.signer.unlock().await?;
        }
        Ok(status.vault)
    }

    async fn try_hear(&mut self, text: &str) -> Result<()> {
        self.wallet.store.append(self.id, Role::Person, &Value::String(text.to_owned()))?;
        // Contacts' names are needed to understand.
        let contacts = if self.unlocked().await? { self.wallet.signer.contacts().await? } else { Vec::new() };
        let message = Message {
            text: text.to_owned(),
            contacts: contacts.into_iter().map(|c| c.name).collect(),
            lenders: self.lenders()?,
            referents: self.referents.clone(),
            pending: self.state.pending(),
        };
        let understood = self.mind.understand(&message).await?;
        self.follow_up(understood, Some(text)).await
    }

    async fn follow_up(&mut self, understood: Understood, quote: Option<&str>) -> Result<()> {
        let hash = serde_json::to_vec(&understood.intent).map_err(WalletError::json("an intent"))?;
        self.claims = Claims {
            quote: quote.map(str::to_owned),
            provenance: understood.provenance.clone(),
            via: Some("chat".into()),
            model_hash: understood.model_hash.clone(),
            prompt_hash: understood.prompt_hash.clone(),
            intent_hash: Some(blake3::hash(&hash).to_hex().to_string()),
            ..Claims::default()
        };
        self.tell(Event::Understood {
            intent: understood.intent.clone(),
            confidence: understood.confidence,
            ms: understood.ms,
            provenance: understood.provenance,
        });
        match understood.intent {
            Intent::Unclear { reason, missing, partial } => {
                self.unclear(reason, missing, partial, understood.question, &understood.alternatives)
            }
            Intent::Confirm {} => self.confirm().await,
            Intent::Cancel {} => self.cancel(),
            Intent::Amend { set } => self.amend(&set).await,
            Intent::Steps { r#do } => self.run(r#do, None).await,
            intent => self.run(vec![intent], None).await,
        }
    }

    /// Run intents one after the other; each waits until the one before is in a block.
    async fn run(&mut self, intents: Vec<Intent>, mut previous: Option<Produced>) -> Result<()> {
        let mut rest = std::collections::VecDeque::from(intents);
        while let Some(intent) = rest.pop_front() {
            self.remember(&intent);
            let then: Vec<Intent> = rest.iter().cloned().collect();
            let reached = match self.perform(&intent, previous.as_ref(), &then).await {
                Ok(reached) => reached,
                Err(e) => self.stumble(&intent, then, e)?,
            };
            match reached {
                Reached::Done(produced) => previous = produced.or(previous),
                Reached::Stopped => {
                    if !rest.is_empty() && matches!(self.state, State::Idle | State::Refused { .. }) {
                        self.say(format!(
                            "The {} after it {} not done.",
                            count(rest.len(), "step"),
                            if rest.len() == 1 { "was" } else { "were" }
                        ));
                    }
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn perform(&mut self, intent: &Intent, previous: Option<&Produced>, then: &[Intent]) -> Result<Reached> {
        match intent {
            Intent::Send { .. } | Intent::Wrap { .. } | Intent::Unwrap { .. } | Intent::Approve { .. } => {
                let plan = plan::plan(&self.wallet, intent, previous).await?;
                self.execute(plan, then).await
            }
            Intent::Revoke { asset, spender, .. } if asset.is_some() || spender.is_some() => {
                let plan = plan::plan(&self.wallet, intent, previous).await?;
                self.execute(plan, then).await
            }
            Intent::SpeedUp { tx } => {
                let plan = intents::replace::speed_up(&self.wallet, intent, tx.as_deref()).await?;
                self.execute(plan, then).await
            }
            Intent::CancelTx { tx } => {
                let plan = intents::replace::cancel(&self.wallet, intent, tx.as_deref()).await?;
                self.execute(plan, then).await
            }
            Intent::SignMessage { text } => self.sign_message(intent, text).await,
            Intent::ProveBalance { at_least, bank, lender } => {
                self.prove_balance(intent, at_least, bank.as_deref(), lender.as_deref(), then).await
            }
            Intent::LoanApply { amount, asset, lender } => self.loan_apply(intent, amount, asset.as_deref(), lender.as_deref(), then).await,
            Intent::LoanDraw { amount, asset } => {
                let plan = crate::credit::draw(&self.wallet, intent, amount, asset.as_deref()).await?;
                self.execute(plan, then).await
            }
            Intent::LoanRepay { amount, asset } => {
                let plan = crate::credit::repay(&self.wallet, intent, amount, asset.as_deref()).await?;
                self.execute(plan, then).await
            }
            other => {
                let said = intents::answer(&self.wallet, other, self.claims.quote.as_deref()).await?;
                self.settle(State::Idle)?;
                self.tell(said);
                Ok(Reached::Done(None))
            }
        }
    }

    /// A failure that a further word can mend becomes a question; any other ends the intent.
    fn stumble(&mut self, intent: &Intent, then: Vec<Intent>, error: WalletError) -> Result<Reached> {
        let field = questions::field_of(intent, &error);
        self.tell(Event::error(&error));
        let Some(field) = field else {
            self.settle(State::Idle)?;
            return Ok(Reached::Stopped);
        };
        let Ok(Value::Object(mut partial)) = serde_json::to_value(intent) else {
            return Ok(Reached::Stopped);
        };
        partial.remove(field);
        let question = questions::question(&partial, field);
        self.settle(State::Asking { partial, missing: vec![field.into()], question: question.clone(), then })?;
        self.say(question);
        Ok(Reached::Stopped)
    }

    fn unclear(
        &mut self,
        reason: Option<UnclearReason>,
        missing: Vec<String>,
        partial: Option<Value>,
        question: Option<String>,
        alternatives: &[Intent],
    ) -> Result<()> {
        if let (Some(UnclearReason::Incomplete), Some(Value::Object(partial)), Some(first)) = (reason, partial, missing.first()) {
            let question = question.unwrap_or_else(|| questions::question(&partial, first));
            self.settle(State::Asking { partial, missing, question: question.clone(), then: Vec::new() })?;
            self.say(question);
            return Ok(());
        }
        let text = question.unwrap_or_else(|| questions::unclear(reason).to_owned());
        let offers: Vec<Value> =
            alternatives.iter().map(|intent| serde_json::json!({ "intent": intent, "words": words(intent) })).collect();
        let data = if offers.is_empty() { Value::Null } else { serde_json::json!({ "alternatives": offers }) };
        self.tell(Event::Say { text, data });
        Ok(())
    }

    async fn confirm(&mut self) -> Result<()> {
        match std::mem::take(&mut self.state) {
            State::Hesitating { mut plan, then, .. } => {
                plan.hesitates = None;
                match self.execute(*plan, &then).await {
                    Ok(Reached::Done(produced)) => self.run(then, produced).await,
                    Ok(Reached::Stopped) => Ok(()),
                    Err(e) => {
                        self.settle(State::Idle)?;
                        Err(e)
                    }
                }
            }
            State::AskingPublic { id, plan, step, then, .. } => match self.send_public(id, &plan, step, &then).await? {
                Reached::Done(produced) => self.run(then, produced).await,
                Reached::Stopped => Ok(()),
            },
            State::Resuming { then, previous, .. } => {
                self.settle(State::Idle)?;
                self.run(then, previous).await
            }
            asking @ State::Asking { .. } => {
                let question = asking.question().unwrap_or_default().to_owned();
                self.stand(asking);
                self.say(question);
                Ok(())
            }
            other => {
                self.stand(other);
                self.say("There is nothing waiting for a yes. Say what you want to do.");
                Ok(())
            }
        }
    }

    fn cancel(&mut self) -> Result<()> {
        let words = match &self.state {
            State::Idle => "There is nothing pending. To stop a transaction that was sent, say \"cancel the transaction\".",
            State::AskingPublic { .. } => {
                "Not sent. It is signed, though, and keeps its place: \"cancel the transaction\" puts nothing in its place, \"speed it up\" sends it at a higher fee."
            }
            _ => "Cancelled. Nothing was sent.",
        };
        self.settle(State::Idle)?;
        self.say(words);
        Ok(())
    }

    async fn amend(&mut self, set: &Map<String, Value>) -> Result<()> {
        match amend(&self.state, set) {
            Ok(Amended::Whole { intent, then }) => {
                let mut all = vec![intent];
                all.extend(then);
                self.run(all, None).await
            }
            Ok(Amended::Partial { partial, missing, then }) => {
                let first = missing.first().cloned().unwrap_or_default();
                let question = questions::question(&partial, &first);
                self.settle(State::Asking { partial, missing, question: question.clone(), then })?;
                self.say(question);
                Ok(())
            }
            Err(why) => Err(WalletError::Ask {
                code: "amend",
                message: format!("That can't be changed: {why}."),
                remedy: "Say the whole wish again.".into(),
            }),
        }
    }

    /// Recipients and assets for words such as "him" and "it", latest first.
    fn remember(&mut self, intent: &Intent) {
        let Ok(value) = serde_json::to_value(intent) else {
            return;
        };
        for field in ["asset", "to", "spender", "chain"] {
            let words: Vec<&str> = match &value[field] {
                Value::String(one) => vec![one],
                Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
                _ => continue,
            };
            for word in words {
                let referent = Referent { field: field.to_owned(), value: word.to_owned() };
                self.referents.retain(|known| *known != referent);
                self.referents.insert(0, referent);
            }
        }
        self.referents.truncate(8);
    }

    /// Write the state down, then take it.
    fn settle(&mut self, state: State) -> Result<()> {
        match state {
            State::Idle => self.wallet.store.clear_pending(self.id)?,
            _ => self.wallet.store.put_pending(self.id, state.name(), &state)?,
        }
        self.stand(state);
        Ok(())
    }

    fn stand(&mut self, state: State) {
        self.standing.send_replace(Standing::of(&state));
        self.state = state;
    }

    fn say(&self, text: impl Into<String>) {
        self.tell(Event::say(text));
    }

    fn tell(&self, event: Event) {
        tell(&self.wallet, &self.events, self.id, event);
    }
}

/// Write an event down and pass it on.
fn tell(wallet: &Wallet, events: &UnboundedSender<Told>, conversation: ConversationId, event: Event) {
    let (message, at) = match wallet.store.append(conversation, Role::Wallet, &event) {
        Ok(message) => (Some(message.id), message.at),
        Err(e) => {
            tracing::warn!("the conversation could not be written down: {e}");
            (None, now())
        }
    };
    // Nobody listens any more where the front end has closed; what was done stands in the store.
    drop(events.send(Told { conversation, message, at, event }));
}

fn count(n: usize, noun: &str) -> String {
    if n == 1 { noun.to_owned() } else { format!("{n} {noun}s") }
}
