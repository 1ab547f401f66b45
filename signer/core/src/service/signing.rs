//! Preview and signature.

use alloy_primitives::Bytes;
use parlance_signer_protocol::approver::{Approval, Prompt, Verdict};
use parlance_signer_protocol::{Claims, Decided, Outcome, Payload, Refusal, RefusalCode, Signed};
use serde_json::{Value, json};

use super::custody::Custody;
use super::failpoint::reach;
use super::{APPROVAL_SECONDS, Deadline, Service, refusal};
use crate::SignerError;
use crate::contacts::quote;
use crate::decide::{Judgement, Knowledge, judge, understand};
use crate::keys::Password;
use crate::origins::Capability;
use crate::sign::{self, Understood};
use crate::state::Event;

/// How often a wrong password may be corrected within one approval.
const PASSWORD_TRIES: u32 = 3;

/// What a person was asked about: the approval is for exactly this.
struct Asked {
    understood: Understood,
    judgement: Judgement,
    rules_version: u64,
    doubt: Option<String>,
}

impl Service {
    pub(super) fn decide(&self, who: &Capability, payload: &Payload, claims: &Claims) -> Result<Decided, Refusal> {
        let mut custody = self.lock_custody();
        custody.ready()?;
        let (_, judgement) = custody.judge(who, payload, claims)?;
        Ok(judgement.decided)
    }

    pub(super) fn sign(&self, who: &Capability, payload: &Payload, claims: &Claims, deadline: Deadline) -> Result<Signed, Refusal> {
        let asked = {
            let mut custody = self.lock_custody();
            custody.ready()?;
            custody.not_paused(&who.origin)?;
            let (understood, judgement) = custody.judge(who, payload, claims)?;
            custody.permitted(who, &judgement, claims)?;
            if judgement.decided.outcome == Outcome::Allow {
                self.in_time(deadline)?;
                return custody.commit(understood, judgement, claims);
            }
            let (rules_version, doubt) = (custody.book.rules.version, custody.time.doubt());
            Asked { understood, judgement, rules_version, doubt }
        };
        self.ask_to_sign(who, payload, claims, deadline, asked)
    }

    fn ask_to_sign(
        &self,
        who: &Capability,
        payload: &Payload,
        claims: &Claims,
        deadline: Deadline,
        asked: Asked,
    ) -> Result<Signed, Refusal> {
        let level = asked.judgement.decided.outcome;
        let mut approval = self.approval(who, &asked, claims);
        for _ in 0..PASSWORD_TRIES {
            let verdict = self.ask(Prompt::Approve(approval.clone()), APPROVAL_SECONDS, deadline)?;
            let password = match verdict {
                Verdict::Approved { password } => password,
                Verdict::Rejected => {
                    let mut custody = self.lock_custody();
                    custody.note(json!({"event": "rejected", "origin": who.origin,
                        "digest": asked.understood.digest(), "level": level}));
                    custody.answered(&who.origin, false);
                    return Err(refusal::with(refusal::rejected(), asked.judgement.decided));
                }
                _ => return Err(refusal::confused()),
            };
            let mut custody = self.lock_custody();
            custody.notice_suspend().map_err(refusal::of)?;
            custody.ready()?;
            if level >= Outcome::Password
                && let Err(wrong) = custody.check_password(password)
            {
                approval.warnings.insert(0, format!("{wrong}. Type it again."));
                continue;
            }
            return self.approved(who, payload, claims, deadline, asked, custody);
        }
        Err(refusal::refuse(
            RefusalCode::Password,
            "the password was wrong three times",
            "Ask again when you are sure of it; each wrong one makes the next try wait longer.",
        ))
    }

    /// The person said yes. Rules, ledger and time are looked at again: the yes was to what was shown.
    fn approved(
        &self,
        who: &Capability,
        payload: &Payload,
        claims: &Claims,
        deadline: Deadline,
        asked: Asked,
        mut custody: std::sync::MutexGuard<'_, Custody>,
    ) -> Result<Signed, Refusal> {
        reach("after-approval");
        self.in_time(deadline)?;
        who.check(&parlance_signer_protocol::Request::Sign { payload: payload.clone(), claims: claims.clone() }, custody.now())
            .map_err(|e| refusal::not_allowed(&e))?;
        custody.not_paused(&who.origin)?;
        let (understood, mut judgement) = custody.judge(who, payload, claims)?;
        let changed = |what: &str| {
            let reason = format!("{what} while you were asked");
            refusal::refuse(RefusalCode::Expired, reason, "Ask again, and look at what is shown then.")
        };
        if custody.book.rules.version != asked.rules_version {
            return Err(changed("the rules changed"));
        }
        if understood.digest() != asked.understood.digest()
            || judgement.decided.effects != asked.judgement.decided.effects
            || judgement.addresses != asked.judgement.addresses
        {
            return Err(changed("what is known of the addresses or tokens changed"));
        }
        custody.permitted(who, &judgement, claims)?;
        let level = asked.judgement.decided.outcome;
        if judgement.decided.outcome > level {
            return Err(refusal::with(changed("something else was signed, and more than your answer is needed"), judgement.decided));
        }
        judgement.entry.level = judgement.entry.level.max(asked.judgement.entry.level);
        judgement.decided.outcome = level;
        let signed = custody.commit(understood, judgement, claims)?;
        custody.answered(&who.origin, true);
        if asked.doubt.is_some() {
            custody.time.accept();
        }
        Ok(signed)
    }

    fn approval(&self, who: &Capability, asked: &Asked, claims: &Claims) -> Approval {
        let judgement = &asked.judgement;
        Approval {
            decision: judgement.decided.clone(),
            level: judgement.decided.outcome,
            addresses: judgement.addresses.clone(),
            warnings: judgement.warnings.clone(),
            quote: claims.quote.as_deref().map(quote).filter(|q| !q.is_empty()),
            claims: judgement.claims.clone(),
            origin: who.origin.clone(),
            play_money: self.lock_custody().book.play_money,
        }
    }
}

impl Custody {
    /// Decode and decide. No effects.
    pub(super) fn judge(&self, who: &Capability, payload: &Payload, claims: &Claims) -> Result<(Understood, Judgement), Refusal> {
        let understood =
            understand(&self.registry, payload).map_err(|e| refusal::refuse(RefusalCode::Payload, e.to_string(), e.remedy()))?;
        let vault = self.vault.as_ref().ok_or_else(refusal::locked)?;
        vault.key(understood.effects().account).map_err(refusal::of)?;
        let knowledge = Knowledge {
            book: &self.book,
            registry: &self.registry,
            rules: &self.rules,
            rules_alike: self.rules_alike,
            accounts: vault.accounts(),
            now: self.time.now(),
            utc_offset: self.utc_offset,
            doubt: self.time.doubt(),
            origin: &who.origin,
            claims,
        };
        let mut judgement = judge(understood.effects(), &knowledge).map_err(|e| refusal::overflow(&e))?;
        if let Some(broken) = &self.rules_broken {
            judgement.decided.why.push(format!("refused: the rules can't be used: {broken}"));
        }
        Ok((understood, judgement))
    }

    /// May it go on, to the person or to the key? A refusal is written down.
    fn permitted(&mut self, who: &Capability, judgement: &Judgement, claims: &Claims) -> Result<(), Refusal> {
        let decided = &judgement.decided;
        let effects = &decided.effects;
        let refused = if let Err(e) = who.check_effects(effects.account, effects.chain, judgement.usd) {
            Some(refusal::not_allowed(&e))
        } else if let Some(why) = &judgement.outstanding {
            let remedy = "Sign the next one, or replace one that is waiting. If another wallet uses this account too, tell the signer the chain's count.";
            Some(refusal::refuse(RefusalCode::Outstanding, why.clone(), remedy))
        } else if decided.outcome == Outcome::Refused {
            let reason = decided.why.first().cloned().unwrap_or_else(|| "refused: no rule permits it".into());
            Some(refusal::refuse(
                RefusalCode::Rules,
                reason,
                "Change the amount, or propose another rule and approve it in the signer's window.",
            ))
        } else if decided.outcome > who.most {
            Some(refusal::not_allowed(&crate::origins::NotAllowed::Level { origin: who.origin.clone() }))
        } else if decided.outcome == Outcome::Hardware {
            Some(refusal::refuse(
                RefusalCode::Rules,
                "the rules ask for a hardware key, and none is set up",
                "Set one up, or change the rule.",
            ))
        } else {
            None
        };
        let Some(refused) = refused else {
            return Ok(());
        };
        self.may_refuse()?;
        let mut line = line_of("refused", judgement, claims, self.rules_id());
        line["why"] = json!(refused.reason);
        self.note(line);
        Err(refusal::with(refused, decided.clone()))
    }

    /// Reserve durably, then sign.
    fn commit(&mut self, understood: Understood, judgement: Judgement, claims: &Claims) -> Result<Signed, Refusal> {
        let line = line_of("signed", &judgement, claims, self.rules_id());
        let account = judgement.entry.account;
        let reserved = Event::Reserved { entry: Box::new(judgement.entry) };
        let audit = self.record(vec![reserved], Some(line)).map_err(refusal::of)?;
        let vault = self.vault.as_ref().ok_or_else(refusal::locked)?;
        let key = vault.key(account).map_err(refusal::of)?;
        let signed = sign::sign(key, &understood).map_err(refusal::of)?;
        if let Some(vault) = self.vault.as_mut() {
            vault.touch();
        }
        reach("after-signature");
        let (bytes, hash) = match signed {
            sign::Signed::Transaction { raw, hash } => (raw, hash),
            sign::Signed::Signature(bytes) => (Bytes::copy_from_slice(&bytes.0), understood.digest()),
            sign::Signed::Authorization(authorization) => {
                let signature = authorization.signature().map_err(|e| refusal::of(SignerError::Signing { reason: e.to_string() }))?;
                (Bytes::copy_from_slice(&signature.as_bytes()), understood.digest())
            }
        };
        Ok(Signed { bytes, hash, decision: judgement.decided, audit })
    }

    pub(super) fn check_password(&mut self, password: Option<String>) -> Result<(), SignerError> {
        let password = Password::new(password.unwrap_or_default())?;
        let vault = self.vault.as_mut().ok_or(SignerError::Locked)?;
        let checked = vault.verify_password(&password);
        if let Err(e) = &checked {
            self.note(json!({"event": "wrong_password", "why": e.to_string()}));
        }
        checked
    }
}

fn line_of(event: &str, judgement: &Judgement, claims: &Claims, rules: &str) -> Value {
    let entry = &judgement.entry;
    let decided = &judgement.decided;
    let claim = |text: &Option<String>| text.as_deref().map(quote);
    json!({
        "event": event,
        "origin": entry.origin,
        "account": entry.account,
        "chain": entry.chain,
        "nonce": entry.nonce,
        "digest": entry.digest,
        "level": decided.outcome,
        "usd": decided.usd,
        "does": decided.sentences,
        "rules": decided.rules.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(),
        "rules_version": rules,
        "claims": {
            "quote": claim(&claims.quote),
            "host": claim(&claims.host),
            "via": claim(&claims.via),
            "model": claim(&claims.model_hash),
            "prompt": claim(&claims.prompt_hash),
            "intent": claim(&claims.intent_hash),
        },
    })
}
