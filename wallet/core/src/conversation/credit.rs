//! Proofs and loans in a conversation: what is asked, told and written down between a wish and the lender's answer.

use alloy_primitives::U256;
use parlance_grounding::Intent;
use parlance_signer_protocol::Payload;
use serde_json::json;
use tokio::sync::mpsc::UnboundedSender;

use super::{Conversation, Event, Reached, State, Told, words};
use crate::{
    credit::{self, LineStatus, Progress},
    error::{Result, WalletError},
    store::{ConversationId, ProofRecord, now},
    tokens::{Token, format_amount, format_units},
    view,
};

impl Conversation {
    /// Names of the lenders, for the understanding. A name that a contact has too means the contact there.
    pub(super) fn lenders(&self) -> Result<Vec<String>> {
        Ok(credit::lenders(&self.wallet)?.into_iter().map(|lender| lender.name).collect())
    }

    /// A proof to the lender's verdict.
    pub(super) async fn prove_balance(
        &mut self,
        intent: &Intent,
        at_least: &str,
        bank: Option<&str>,
        lender: Option<&str>,
        then: &[Intent],
    ) -> Result<Reached> {
        let given = self.login.take();
        let wish = credit::wish_given(&self.wallet, at_least, bank, lender, given.is_some()).await?;
        let values = match given {
            Some((account, token)) => Some(credit::values_given(wish.bank, &account, &token)?),
            None => None,
        };
        self.settle(State::Proving { intent: Box::new(intent.clone()), then: then.to_vec() })?;
        let wallet = self.wallet.clone();
        let stoppable = wallet.stoppable(self.id);
        let progress = teller(&self.events, self.id);
        let answered = credit::prove(&wallet, &wish, values, progress, &stoppable.token).await;
        drop(stoppable);
        match answered {
            Ok(proof) => self.verdict(&proof, then),
            Err(e) if e.code() == "cancelled" => {
                self.settle(State::Idle)?;
                self.say("Stopped. Nothing was sent to a lender.");
                Ok(Reached::Stopped)
            }
            Err(e) => {
                self.settle(State::Idle)?;
                Err(self.kept(&wish, e)?)
            }
        }
    }

    /// Where the file is there and only the answer is missing, making it again is not what helps.
    fn kept(&self, wish: &credit::Wish, error: WalletError) -> Result<WalletError> {
        Ok(match (error, credit::unanswered(&self.wallet, wish)?) {
            (WalletError::LenderOffline { lender, why }, Some(_)) => WalletError::Ask {
                code: "lender_offline",
                message: format!("The proof is made, but {lender} can't be reached: {why}."),
                remedy: "It is kept. Say the same again later, and it is sent without being made anew.".into(),
            },
            (error, _) => error,
        })
    }

    fn verdict(&mut self, proof: &ProofRecord, then: &[Intent]) -> Result<Reached> {
        self.settle(State::Idle)?;
        let shown = view::proof_view(&self.wallet, proof)?;
        let (accepted, statement, reasons) = (shown.accepted, credit::claim(proof), shown.reasons.join(" "));
        let limit = shown.limit.clone();
        self.tell(Event::Proof { proof: shown });
        if !accepted {
            self.say(format!("{} did not accept it. {reasons}", proof.lender).trim_end().to_owned());
            return Ok(Reached::Stopped);
        }
        let until = credit::moment(proof.expires_at());
        let Some(limit) = limit else {
            self.say(format!("{} accepted it: {statement} No credit line goes with it. {reasons}", proof.lender).trim_end().to_owned());
            return Ok(Reached::Done(None));
        };
        let text = format!("{} accepted it: {statement} Until {until} a credit line of up to {limit} goes with it.", proof.lender);
        if then.is_empty() {
            let lender = Some(proof.lender.clone());
            self.offer(text, vec![Intent::LoanApply { amount: "max".into(), asset: None, lender }]);
        } else {
            self.say(text);
        }
        Ok(Reached::Done(None))
    }

    /// An application to the transaction that opens or renews a line.
    pub(super) async fn loan_apply(
        &mut self,
        intent: &Intent,
        amount: &str,
        asset: Option<&str>,
        lender: Option<&str>,
        then: &[Intent],
    ) -> Result<Reached> {
        let lender = credit::lender(&self.wallet, lender)?;
        let info = credit::refresh(&self.wallet, &lender).await?;
        let token = credit::lent(&self.wallet, &info).await?;
        if let Some(asset) = asset.filter(|a| !a.eq_ignore_ascii_case(&token.symbol)) {
            return Err(WalletError::Ask {
                code: "which_asset",
                message: format!("{} lends {}, not {}.", lender.name, token.symbol, crate::tokens::clean(asset, 48)),
                remedy: format!("Say the amount in {}.", token.symbol),
            });
        }
        let most = info.tiers.iter().map(|t| t.limit).max().unwrap_or_default();
        let wanted = credit::borrowed(amount, &token, most)?;
        let account = self.wallet.signer.account().await?;
        let lines = credit::lines(&self.wallet, account).await?;
        if let Some(e) = lines.problem {
            return Err(e);
        }
        let at_lender = |l: &&credit::CreditLine| (l.chain, l.pool) == (info.pool.chain, info.pool.address);
        if let Some(line) = lines.lines.iter().filter(at_lender).find(|l| l.state.available >= wanted) {
            self.settle(State::Idle)?;
            let text = format!(
                "You have a line at {} already, with {} left. Drawing from it needs no new one.",
                lender.name,
                format_amount(line.state.available, &token)
            );
            self.offer(text, vec![draw(wanted, &token)]);
            return Ok(Reached::Done(None));
        }
        // A line that is renewed has to carry what is drawn already; where all is meant, all that the proofs at hand carry.
        let drawn = lines.lines.iter().filter(at_lender).filter(|l| l.state.status != LineStatus::Closed).map(|l| l.state.principal).max();
        let wanted = if amount == "max" { wanted } else { wanted.saturating_add(drawn.unwrap_or_default()) };
        let least = if amount == "max" { U256::from(1) } else { wanted };
        let Some(proof) = credit::fresh_proof(&self.wallet, &info, account, least).await? else {
            return self.ask_for_a_proof(intent, &info, &token, wanted, then);
        };
        self.settle(State::Applying { intent: Box::new(intent.clone()), then: then.to_vec() })?;
        let Some(proof) = self.signed_application(intent, proof).await? else { return Ok(Reached::Stopped) };
        let (proof, attested) = match credit::send_application(&self.wallet, &lender, proof).await {
            Ok(done) => done,
            Err(e) => {
                self.settle(State::Idle)?;
                return Err(e);
            }
        };
        if credit::under_way(&self.wallet, &attested)? {
            self.settle(State::Idle)?;
            self.say("The transaction that opens this line is on its way already; ask for its status.");
            return Ok(Reached::Stopped);
        }
        let line = credit::renews(&lines.lines, &proof);
        let plan = credit::open(&self.wallet, intent, &proof, &attested, &token, line).await?;
        let reached = self.execute(plan, then).await?;
        if matches!(reached, Reached::Done(_)) && then.is_empty() {
            self.offer(
                "Once that is in a block, you can draw from the line.".into(),
                vec![draw(wanted.min(proof.offer.limit).saturating_sub(drawn.unwrap_or_default()), &token)],
            );
        }
        Ok(reached)
    }

    /// The signature under the offer: the kept one, or a new one, kept before it is used.
    async fn signed_application(&mut self, intent: &Intent, mut proof: ProofRecord) -> Result<Option<ProofRecord>> {
        if proof.signature.is_some() {
            return Ok(Some(proof));
        }
        let application = credit::application(&proof);
        let json = credit::typed_data(&application, proof.chain, proof.pool);
        self.say(format!("To apply, you sign {}'s offer: what it lends, at which rate, and its terms.", proof.lender));
        let Some(signed) = self.consent(intent, Payload::TypedData { account: proof.offer.borrower, json }).await? else {
            return Ok(None);
        };
        if signed.hash != application.digest(proof.chain, proof.pool) {
            self.settle(State::Idle)?;
            return Err(WalletError::Task("the signer signed another text than the offer".into()));
        }
        proof.signature = Some(signed.bytes);
        self.wallet.store.update_proof(&proof)?;
        Ok(Some(proof))
    }

    /// No proof is at hand: say what has to be proved, and do it after a yes.
    fn ask_for_a_proof(
        &mut self,
        intent: &Intent,
        info: &parlance_credit::api::Lender,
        token: &Token,
        wanted: U256,
        then: &[Intent],
    ) -> Result<Reached> {
        let Some(tier) = credit::tier_for(info, wanted) else {
            let most = info.tiers.iter().map(|t| t.limit).max().unwrap_or_default();
            return Err(WalletError::Ask {
                code: "too_much",
                message: format!("{} lends at most {}.", info.name, format_amount(most, token)),
                remedy: "Say a smaller amount, or ask another lender.".into(),
            });
        };
        let prove = Intent::ProveBalance { at_least: credit::tier_at_least(tier, info), bank: None, lender: Some(info.name.clone()) };
        let mut steps = vec![prove, intent.clone()];
        steps.extend(then.iter().cloned());
        let what = credit::tier_words(&info.name, tier, token);
        // A login is missing: the question would lead nowhere.
        let accepted: Vec<_> = info.templates.iter().map(|t| t.digest).collect();
        if let Err(e) = credit::bank_for(&self.wallet, None, &accepted)
            && e.code() == "no_login"
        {
            self.say(format!("{what}."));
            return Err(e);
        }
        let question = format!("{what}. Prove it now?");
        self.settle(State::Resuming { then: steps.clone(), previous: None, question: question.clone() })?;
        self.offer(question, vec![Intent::Steps { r#do: steps }]);
        Ok(Reached::Stopped)
    }

    /// Say something, with what could be done next as buttons.
    fn offer(&self, text: String, intents: Vec<Intent>) {
        let offers: Vec<_> = intents.iter().map(|intent| json!({ "intent": intent, "words": words(intent) })).collect();
        self.tell(Event::Say { text, data: json!({ "alternatives": offers }) });
    }
}

/// Progress is told and not written down: a minute later nobody wants to read it.
fn teller(events: &UnboundedSender<Told>, conversation: ConversationId) -> impl FnMut(Progress) + Send + use<> {
    let events = events.clone();
    move |Progress { stage, stages, sentence, seconds_left }| {
        let event = Event::Progress { what: "proof".into(), stage, stages, sentence, seconds_left };
        // Nobody listens any more where the front end has closed.
        drop(events.send(Told { conversation, message: None, at: now(), event }));
    }
}

fn draw(amount: U256, token: &Token) -> Intent {
    Intent::LoanDraw { amount: format_units(amount, token.decimals), asset: Some(token.symbol.clone()) }
}
