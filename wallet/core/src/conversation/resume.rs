//! After a restart: find what was under way, never send twice, say how it stands.

use super::{Conversation, Event, State, execute, follow, tell};
use crate::{
    error::Result,
    store::{TxFilter, TxState},
};

impl Conversation {
    pub(super) async fn resume(&mut self, all: bool) -> Result<()> {
        if let Some(pending) = self.wallet.store.pending(self.id)? {
            match serde_json::from_value::<State>(pending.body) {
                Ok(state) => self.take_up(state).await?,
                Err(e) => {
                    tracing::warn!("a pending step of another release was dropped: {e}");
                    self.settle(State::Idle)?;
                    self.say("What was pending before the restart can't be read any more. Nothing of it was sent; say it again.");
                }
            }
        }
        if all { self.look_after().await } else { Ok(()) }
    }

    async fn take_up(&mut self, state: State) -> Result<()> {
        match state {
            State::Signing { plan, step, id, then } => {
                let record = self.wallet.store.transaction(id)?;
                if record.raw.is_some() {
                    // Signed and stored: it may or may not have been sent, and sending the same bytes again changes nothing.
                    return self.offer_rest(&plan, step, then);
                }
                // The signature, if there was one, never reached this process, so it can't have been sent.
                if record.state == TxState::Prepared {
                    self.wallet.outbox.abandon(id, "Parlance stopped before the signature arrived")?;
                }
                self.settle(State::Refused { intent: Box::new(plan.intent.clone()) })?;
                self.say(format!(
                    "Before the restart this was not sent: {}. Say it again if you still want it.",
                    execute::planned(&plan, step)?.sentence
                ));
            }
            State::Waiting { plan, step, then, .. } => return self.offer_rest(&plan, step, then),
            State::Proving { intent, then } => {
                return self.offer_again(*intent, then, "Before the restart a proof was not finished. Go on with it?");
            }
            State::Applying { intent, then } => {
                return self.offer_again(*intent, then, "Before the restart your application for a loan was not finished. Go on with it?");
            }
            State::Idle => self.settle(State::Idle)?,
            other => {
                let question = other.question().map(str::to_owned);
                self.stand(other);
                if let Some(question) = question {
                    self.say(format!("Before the restart I had asked: {question}"));
                }
            }
        }
        Ok(())
    }

    /// What was to come after the transaction under way is only done after a yes.
    fn offer_rest(&mut self, plan: &crate::plan::Plan, step: usize, then: Vec<parlance_grounding::Intent>) -> Result<()> {
        let left = plan.txs.len().saturating_sub(step + 1);
        if left > 0 {
            self.say(format!(
                "Before the restart, {left} more of \"{}\" {} not done.",
                execute::planned(plan, step)?.sentence,
                if left == 1 { "was" } else { "were" }
            ));
        }
        if then.is_empty() {
            return self.settle(State::Idle);
        }
        let question = format!(
            "Before the restart, {} more {} waiting. Go on with {}?",
            then.len(),
            if then.len() == 1 { "step was" } else { "steps were" },
            if then.len() == 1 { "it" } else { "them" }
        );
        let previous = execute::produced(execute::planned(plan, step)?);
        self.settle(State::Resuming { then, previous, question: question.clone() })?;
        self.say(question);
        Ok(())
    }

    /// What was interrupted before anything was sent is done after a yes: what was kept of it is used, not made again.
    fn offer_again(&mut self, intent: parlance_grounding::Intent, then: Vec<parlance_grounding::Intent>, question: &str) -> Result<()> {
        let then = std::iter::once(intent).chain(then).collect();
        self.settle(State::Resuming { then, previous: None, question: question.to_owned() })?;
        self.say(question);
        Ok(())
    }

    /// Transactions that were signed are sent again (the same bytes) and watched.
    async fn look_after(&mut self) -> Result<()> {
        let unsettled = self.wallet.store.transactions(&TxFilter { unsettled: true, ..TxFilter::default() })?;
        let mut chains: Vec<_> = unsettled.iter().map(|t| t.chain).collect();
        chains.sort_unstable();
        chains.dedup();
        for chain in chains {
            let client = match self.wallet.client_of(chain) {
                Ok(client) => client,
                Err(e) => {
                    self.tell(Event::error(&e));
                    continue;
                }
            };
            match self.wallet.outbox.resume(&client).await {
                Ok(records) => {
                    for record in records {
                        let conversation = record.conversation.unwrap_or(self.id);
                        if record.state.is_mined() || record.state.is_settled() {
                            for event in follow::report(&self.wallet, &client, record.id).await? {
                                tell(&self.wallet, &self.events, conversation, event);
                            }
                        } else {
                            self.watch_on(client.clone(), record.id, conversation);
                        }
                    }
                }
                Err(e) => self.tell(Event::error(&e)),
            }
        }
        Ok(())
    }
}
