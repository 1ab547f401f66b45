//! A plan to its receipts: preview, then for each transaction decision, approval, signature, broadcast, block.

use parlance_effects::AssetKind;
use parlance_grounding::Intent;
use parlance_signer_protocol::{Claims, Decided, Outcome, Payload, Signed};
use serde_json::json;

use super::{ApprovalState, Change, Conversation, Event, Level, Preview, Reached, State};
use crate::{
    chain::{Call, ChainClient, Delta, Outcome as SimOutcome, Sent, SimulatedBy},
    error::{Result, WalletError},
    plan::{Plan, PlannedTx, Produced, unsigned},
    store::{NewTx, Reservation, TxId},
    tokens::{Usd, format_units},
};

impl Conversation {
    /// Preview the plan and carry it out, one transaction after the other.
    pub(super) async fn execute(&mut self, plan: Plan, then: &[Intent]) -> Result<Reached> {
        let client = self.wallet.client_of(plan.chain)?;
        if plan.txs.is_empty() {
            self.settle(State::Idle)?;
            self.say("There is nothing to do.");
            return Ok(Reached::Done(None));
        }
        let preview = self.preview(&client, &plan).await?;
        self.claims.notes = preview.changes.iter().map(|c| format!("Balance change by simulation: {}", c.text)).collect();
        self.tell(Event::Preview(preview));
        if let Some(question) = plan.hesitates.clone() {
            self.settle(State::Hesitating { plan: Box::new(plan), question: question.clone(), then: then.to_vec() })?;
            self.say(question);
            return Ok(Reached::Stopped);
        }
        self.carry_on(&client, plan, 0, then).await
    }

    /// The plan's transactions from number `from` on.
    async fn carry_on(&mut self, client: &ChainClient, plan: Plan, from: usize, then: &[Intent]) -> Result<Reached> {
        let mut produced = None;
        for step in from..plan.txs.len() {
            match self.one(client, &plan, step, then).await? {
                Reached::Done(p) => produced = p,
                Reached::Stopped => {
                    let left = plan.txs.len() - step - 1;
                    if left > 0 && !matches!(self.state, State::AskingPublic { .. }) {
                        self.say(format!("{left} more of this wish {} not done.", if left == 1 { "was" } else { "were" }));
                    }
                    return Ok(Reached::Stopped);
                }
            }
        }
        self.settle(State::Idle)?;
        Ok(Reached::Done(produced))
    }

    async fn one(&mut self, client: &ChainClient, plan: &Plan, step: usize, then: &[Intent]) -> Result<Reached> {
        let tx = planned(plan, step)?;
        let reservation = match tx.replaces {
            Some(old) => Reservation { account: plan.account, chain: plan.chain, nonce: old.nonce },
            None => self.wallet.nonces.reserve(client, plan.account).await?,
        };
        let bytes = unsigned(tx, &reservation);
        let payload = Payload::Transaction { account: plan.account, unsigned: bytes.clone() };
        let claims = self.claims_for(plan);
        let decided = match self.wallet.signer.decide(payload.clone(), claims.clone()).await {
            Ok(decided) => decided,
            Err(e) => {
                self.give_back(tx, reservation)?;
                return Err(e);
            }
        };
        self.tell(Event::decision(&decided));
        if decided.outcome == Outcome::Refused {
            self.give_back(tx, reservation)?;
            self.settle(State::Refused { intent: Box::new(plan.intent.clone()) })?;
            self.say(refused(&decided));
            return Ok(Reached::Stopped);
        }
        let id = self.record(plan, tx, reservation, bytes)?;
        self.settle(State::Signing { plan: Box::new(plan.clone()), step, id, then: then.to_vec() })?;
        let Some(signed) = self.signature(payload, claims, &decided, id, &plan.intent).await? else {
            return Ok(Reached::Stopped);
        };
        if signed.decision.effects != decided.effects {
            self.wallet.outbox.abandon(id, "the signer decoded something else than it showed")?;
            return Err(WalletError::Task("the signer decoded the same bytes in two ways".into()));
        }
        self.wallet.outbox.signed(id, signed.bytes.clone())?;
        let route = self.wallet.outbox.default_route(client);
        match self.wallet.outbox.send(client, id, route).await? {
            Sent::Accepted | Sent::AlreadyKnown => self.sent(client, plan, step, id, then).await,
            Sent::NeedsPublic { why } => {
                let question = format!(
                    "The private relay did not take it ({why}). Send it through the public mempool, where everybody sees it before it is in a block?"
                );
                self.settle(State::AskingPublic {
                    id,
                    question: question.clone(),
                    plan: Box::new(plan.clone()),
                    step,
                    then: then.to_vec(),
                })?;
                self.say(question);
                Ok(Reached::Stopped)
            }
        }
    }

    /// The owner said that the public mempool is fine.
    pub(super) async fn send_public(&mut self, id: TxId, plan: &Plan, step: usize, then: &[Intent]) -> Result<Reached> {
        let client = self.wallet.client_of(plan.chain)?;
        match self.wallet.outbox.send(&client, id, crate::chain::Route::Public).await? {
            Sent::Accepted | Sent::AlreadyKnown => match self.sent(&client, plan, step, id, then).await? {
                Reached::Done(_) if step + 1 < plan.txs.len() => self.carry_on(&client, plan.clone(), step + 1, then).await,
                Reached::Done(produced) => {
                    self.settle(State::Idle)?;
                    Ok(Reached::Done(produced))
                }
                Reached::Stopped => Ok(Reached::Stopped),
            },
            Sent::NeedsPublic { why } => Err(WalletError::Refused { chain: client.chain().name.clone(), why }),
        }
    }

    /// Sign, telling of the approval; `None` where the owner or the rules said no.
    async fn signature(
        &mut self,
        payload: Payload,
        claims: Claims,
        decided: &Decided,
        id: TxId,
        intent: &Intent,
    ) -> Result<Option<Signed>> {
        let level = Level::from(decided.outcome);
        let asks = decided.outcome != Outcome::Allow;
        if asks {
            self.tell(Event::Approval { state: ApprovalState::Asked, level });
        }
        match self.wallet.signer.sign(payload, claims).await {
            Ok(signed) => {
                if asks {
                    self.tell(Event::Approval { state: ApprovalState::Approved, level });
                }
                Ok(Some(signed))
            }
            Err(WalletError::SignerRefused(refusal)) => {
                self.wallet.outbox.abandon(id, &refusal.reason)?;
                if asks {
                    self.tell(Event::Approval { state: ApprovalState::Rejected, level });
                }
                self.settle(State::Refused { intent: Box::new(intent.clone()) })?;
                self.tell(Event::error(&WalletError::SignerRefused(refusal)));
                Ok(None)
            }
            Err(e) => {
                self.wallet.outbox.abandon(id, "the signer's answer was lost")?;
                self.settle(State::Idle)?;
                Err(e)
            }
        }
    }

    fn record(&self, plan: &Plan, tx: &PlannedTx, reservation: Reservation, bytes: alloy_primitives::Bytes) -> Result<TxId> {
        let record = self.wallet.outbox.record(NewTx {
            reservation,
            purpose: tx.purpose,
            unsigned: bytes,
            fees: tx.fees,
            gas_limit: tx.gas_limit,
            intent: serde_json::to_value(&plan.intent).map_err(WalletError::json("an intent"))?,
            summary: tx.sentence.clone(),
            quotes: json!({ "moves": tx.moves, "parties": plan.parties }),
            conversation: Some(self.id),
            replaces: tx.replaces.map(|r| r.id),
        })?;
        Ok(record.id)
    }

    /// A nonce that was only looked at goes back; a replacement's belongs to what it would have replaced.
    fn give_back(&self, tx: &PlannedTx, reservation: Reservation) -> Result<()> {
        if tx.replaces.is_none() {
            self.wallet.nonces.release(&reservation)?;
        }
        Ok(())
    }

    fn claims_for(&self, plan: &Plan) -> Claims {
        let mut claims = self.claims.clone();
        for party in &plan.parties {
            claims.provenance.insert(party.role.clone(), party.source.clone());
            if let (Some(name), "ens", Ok(address)) = (&party.name, party.source.as_str(), party.address.parse()) {
                claims.names.insert(address, name.clone());
            }
        }
        claims
    }

    async fn preview(&self, client: &ChainClient, plan: &Plan) -> Result<Preview> {
        let mut changes = Vec::new();
        let mut risks = plan.risks.clone();
        let mut by = None;
        for (step, tx) in plan.txs.iter().enumerate() {
            if tx.follows {
                // Only the state after the step before would show it: what it is meant to do is told instead.
                if let Some(moves) = &tx.moves {
                    changes.push(self.change(client, &moves.asset, Delta::Out(moves.amount)).await);
                }
                continue;
            }
            let call = Call::new(plan.account, tx.to).value(tx.value).data(tx.data.clone()).gas(tx.gas_limit);
            match client.simulate(&call).await {
                Ok(simulation) => {
                    by = Some(if simulation.by == SimulatedBy::Node { "node" } else { "local" });
                    if let SimOutcome::Reverted { reason } = &simulation.outcome {
                        return Err(WalletError::Reverted { reason: reason.to_string() });
                    }
                    for change in &simulation.changes {
                        changes.push(self.change(client, &change.asset, change.delta()).await);
                    }
                }
                Err(e @ WalletError::Reverted { .. }) => return Err(e),
                Err(e) if e.is_transient() || matches!(e, WalletError::Simulation { .. } | WalletError::Unsupported { .. }) => {
                    risks.push(format!("Step {} could not be simulated: {e}.", step + 1));
                }
                Err(e) => return Err(e),
            }
        }
        Ok(Preview {
            intent: plan.intent.clone(),
            chain: client.chain().name.clone(),
            account: plan.account.to_checksum(None),
            steps: plan.txs.iter().map(|t| t.sentence.clone()).collect(),
            changes,
            fee: self.fee_words(client, plan).await?,
            parties: plan.parties.clone(),
            risks,
            simulated_by: by.map(str::to_owned),
        })
    }

    async fn change(&self, client: &ChainClient, asset: &AssetKind, delta: Delta) -> Change {
        let token = self.wallet.tokens.at(client.chain().id, *asset);
        let (Delta::In(amount) | Delta::Out(amount)) = delta;
        let usd = match &token {
            Some(token) => self.wallet.prices.of(client, token).await.ok().filter(|p| !p.stale),
            None => None,
        }
        .map(|price| price.value(amount, token.as_ref().map_or(0, |t| t.decimals)).to_string());
        let (symbol, decimals) = match (token, asset) {
            (Some(token), _) => (token.symbol, token.decimals),
            (None, AssetKind::Token(contract)) => (format!("units of unknown token {contract}"), 0),
            (None, AssetKind::Native) => ("wei".into(), 0),
        };
        let sign = if matches!(delta, Delta::In(_)) { '+' } else { '-' };
        Change { text: format!("{sign}{} {symbol}", format_units(amount, decimals)), symbol, usd }
    }

    async fn fee_words(&self, client: &ChainClient, plan: &Plan) -> Result<String> {
        let ceiling = plan.txs.iter().fold(alloy_primitives::U256::ZERO, |sum, tx| sum.saturating_add(tx.fees.ceiling(tx.gas_limit)));
        let native = self.wallet.native(client);
        let worth = match self.wallet.prices.of(client, &native).await {
            Ok(price) if !price.stale => format!(" ({})", price.value(ceiling, native.decimals)),
            _ => String::new(),
        };
        Ok(format!("at most {} {}{worth}", crate::tokens::format_short(ceiling, native.decimals), native.symbol))
    }

    /// An EIP-191 message.
    pub(super) async fn sign_message(&mut self, intent: &Intent, text: &str) -> Result<Reached> {
        let account = self.wallet.signer.account().await?;
        let payload = Payload::Message { account, bytes: text.as_bytes().to_vec().into() };
        let Some(signed) = self.consent(intent, payload).await? else { return Ok(Reached::Stopped) };
        self.settle(State::Idle)?;
        self.tell(Event::Say {
            text: format!("Signed as {account}:\n{}", signed.bytes),
            data: json!({ "account": account, "message": text, "signature": signed.bytes }),
        });
        Ok(Reached::Done(None))
    }

    /// A signature under something that is no transaction: decision, approval; `None` where the owner or the rules said no.
    pub(super) async fn consent(&mut self, intent: &Intent, payload: Payload) -> Result<Option<Signed>> {
        let claims = self.claims.clone();
        let decided = self.wallet.signer.decide(payload.clone(), claims.clone()).await?;
        self.tell(Event::decision(&decided));
        if decided.outcome == Outcome::Refused {
            self.settle(State::Refused { intent: Box::new(intent.clone()) })?;
            self.say(refused(&decided));
            return Ok(None);
        }
        let level = Level::from(decided.outcome);
        let asks = decided.outcome != Outcome::Allow;
        if asks {
            self.tell(Event::Approval { state: ApprovalState::Asked, level });
        }
        let answer = self.wallet.signer.sign(payload, claims).await;
        let state = match &answer {
            Ok(_) => Some(ApprovalState::Approved),
            Err(WalletError::SignerRefused(_)) => Some(ApprovalState::Rejected),
            Err(_) => None,
        };
        if let Some(state) = state.filter(|_| asks) {
            self.tell(Event::Approval { state, level });
        }
        match answer {
            Ok(signed) => Ok(Some(signed)),
            Err(e @ WalletError::SignerRefused(_)) => {
                self.settle(State::Refused { intent: Box::new(intent.clone()) })?;
                self.tell(Event::error(&e));
                Ok(None)
            }
            Err(e) => {
                self.settle(State::Idle)?;
                Err(e)
            }
        }
    }
}

/// What a transaction gives to the step after it.
pub(super) fn produced(tx: &PlannedTx) -> Option<Produced> {
    let moves = tx.moves.as_ref()?;
    let symbol = moves.becomes.as_ref().map_or_else(|| moves.symbol.clone(), |(_, symbol)| symbol.clone());
    Some(Produced { symbol, amount: moves.amount, decimals: moves.decimals })
}

pub(super) fn planned(plan: &Plan, step: usize) -> Result<&PlannedTx> {
    plan.txs.get(step).ok_or_else(|| WalletError::Task("a step that is not in its plan".into()))
}

fn refused(decided: &Decided) -> String {
    let why = if decided.why.is_empty() { "no rule permits it".to_owned() } else { decided.why.join("; ") };
    let worth = decided.usd.map(|u| format!(" (worth {})", Usd::from_micro(u.into()))).unwrap_or_default();
    format!("Your rules refuse this{worth}: {why}. You can change the amount, or the rules (\"show my rules\").")
}
