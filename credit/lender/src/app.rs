//! The lender at work: everything that a request needs, and the way of offers and proofs through it.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use alloy_primitives::{B256, U256};
use alloy_signer_local::PrivateKeySigner;
use parlance_credit::Offer;
use parlance_credit::api::{Lender, OfferRequest, Offered, Verdict};
use parlance_credit::pool::Status;
use parlance_zktls_protocol::{ProofFile, Session};
use parlance_zktls_verify::Expectation;

use crate::attest::Room;
use crate::chain::Chain;
use crate::config::Lending;
use crate::judge::{Holder, Judge};
use crate::metrics::Metrics;
use crate::offers::Terms;
use crate::offline::{digest, minor_units};
use crate::store::{Facts, NewProof, Store, Taken};
use crate::trust::Trusted;
use crate::{Config, LenderError, Refusal, words};

/// A lender that serves.
#[derive(Debug)]
pub struct App {
    /// Its settings.
    pub config: Config,
    /// What it offers.
    pub terms: Terms,
    /// Whom it trusts.
    pub trusted: Arc<Trusted>,
    /// Where it lends.
    pub chain: Chain,
    /// What it keeps.
    pub store: Store,
    /// What it counts.
    pub metrics: Metrics,
    pub(crate) judge: Judge,
    pub(crate) signer: PrivateKeySigner,
    /// The configured total, smallest units.
    pub(crate) total: U256,
    /// One application at a time, so that two don't take the same room.
    pub(crate) issuing: tokio::sync::Mutex<()>,
}

/// Where an account's nullifier stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The borrower whose line it backs.
    pub(crate) holder: Option<[u8; 20]>,
    /// This pool's line that it backs, with what that line's backers answer for.
    pub(crate) own: Option<(U256, U256)>,
    /// Why no line can be opened or renewed with it, although no other borrower holds it.
    pub(crate) obstacle: Option<Refusal>,
}

/// Unix seconds.
pub fn now() -> Result<u64, LenderError> {
    SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs()).map_err(|_| LenderError::Clock)
}

/// 32 random bytes.
pub(crate) fn random() -> Result<B256, LenderError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.into())
}

impl App {
    /// `GET /v1/lender`.
    pub fn lender(&self) -> Result<Lender, LenderError> {
        Ok(Lender {
            name: self.terms.lender.clone(),
            pool: self.chain.info().clone(),
            scope: self.terms.scope,
            notaries: self.trusted.notaries(now()?),
            templates: self.trusted.templates(),
            tiers: self.terms.tiers.clone(),
            max_age: self.trusted.max_age,
            demo: self.trusted.demo,
        })
    }

    /// `POST /v1/offers`.
    pub async fn offer(&self, request: &OfferRequest) -> Result<Offered, LenderError> {
        let offer = self.terms.offer(request, self.trusted.template(&request.template), random()?, now()?)?;
        self.store.add_offer(&offer).await?;
        // The session with the bank gives time for it.
        self.judge.warm();
        tracing::info!(nonce = %offer.nonce, borrower = %offer.borrower, limit = %offer.limit, "offered");
        Ok(Offered { offer })
    }

    /// `POST /v1/proofs`. The first accepted proof takes its offer; sent again it has the same verdict.
    pub async fn proof(&self, bytes: Vec<u8>) -> Result<Verdict, LenderError> {
        let sha256 = digest(&bytes);
        if let Some(known) = self.store.proof(sha256).await? {
            return Ok(known.facts.verdict);
        }
        let file = ProofFile::decode(&bytes).map_err(|error| {
            Refusal::new(422, "no_proof", format!("the body is no proof file: {error}"), "send the file that the wallet made")
        })?;
        let offer = self.offer_of(&file).await?;
        let now = now()?;
        let standing = self.standing(&file, now).await?;
        let (nullifier, notary) = (file.claim.nullifier.into(), file.notarized.key.0.into());
        let opened = file.notarized.recording.opened;
        let timer = self.metrics.verify_seconds.start_timer();
        let judgement = self.judge.judge(file, self.expectation(&offer, now), Holder(standing.holder)).await?;
        timer.observe_duration();
        let mut reasons = judgement.reasons;
        if judgement.accepted {
            let room = self.room(&offer, &standing, (nullifier, notary), now).await?;
            reasons.extend(no_line(&offer, &standing, &room).into_iter().map(|refusal| refusal.to_string()));
        }
        let verdict = Verdict {
            proof: sha256,
            accepted: judgement.accepted,
            statement: judgement.statement,
            visible: judgement.visible,
            checks: judgement.checks,
            reasons,
            expires: offer.expiry.min(opened.saturating_add(self.max_age())),
            offer,
        };
        if verdict.accepted {
            let facts = Facts { verdict: verdict.clone(), nullifier, notary, opened };
            let new = NewProof { sha256, nonce: verdict.offer.nonce, facts, received: now, file: bytes };
            if let Taken::ByAnother(taker) = self.store.take_offer(&new).await? {
                return Err(offer_used(&taker).into());
            }
        }
        self.metrics.proofs.with_label_values(&[if verdict.accepted { "accepted" } else { "refused" }]).inc();
        let failed: Vec<&str> = verdict.checks.iter().filter(|check| !check.passed).map(|check| check.name.as_str()).collect();
        tracing::info!(proof = %sha256, nonce = %verdict.offer.nonce, accepted = verdict.accepted, failed = failed.join(","), "judged");
        Ok(verdict)
    }

    /// The offer that a file's session names, if a proof can still take it.
    async fn offer_of(&self, file: &ProofFile) -> Result<Offer, LenderError> {
        let nonce = B256::from(file.session.lender_nonce);
        let offer = self.store.offer(nonce).await?.ok_or_else(|| {
            Refusal::new(404, "offer_unknown", format!("no offer has the nonce {nonce}"), "ask for an offer first, and prove for it")
        })?;
        check_expiry(&offer, now()?)?;
        match self.store.proof_for(nonce).await? {
            Some(taker) => Err(offer_used(&taker).into()),
            None => Ok(offer),
        }
    }

    /// What a proof for this offer must be about.
    fn expectation(&self, offer: &Offer, now: u64) -> Expectation {
        let (chain, pool) = (self.chain.info().chain, self.chain.info().address);
        Expectation {
            session: Session {
                wallet: offer.borrower.into(),
                chain,
                contract: pool.into(),
                lender_nonce: offer.nonce.0,
                offer: offer.digest(chain, pool).0,
            },
            at_least: minor_units(offer.atLeast),
            currency: offer.currency.as_bytes().try_into().unwrap_or_default(),
            scope: offer.scope.0,
            now,
            max_age: self.max_age(),
        }
    }

    /// Oldest session, seconds: the stricter of configuration and pool.
    pub(crate) fn max_age(&self) -> u64 {
        self.trusted.max_age.min(self.chain.max_age())
    }

    pub(crate) fn lending(&self) -> &Lending {
        &self.config.lending
    }

    async fn standing(&self, file: &ProofFile, now: u64) -> Result<Standing, LenderError> {
        self.standing_of(file.session.wallet, file.claim.nullifier.into(), now).await
    }

    /// Looks a nullifier up in the registry, for a borrower.
    pub(crate) async fn standing_of(&self, borrower: [u8; 20], nullifier: B256, now: u64) -> Result<Standing, LenderError> {
        let mut standing = Standing { holder: None, own: None, obstacle: None };
        let entry = self.chain.entry(self.terms.scope, nullifier).await?;
        if entry.pool.is_zero() {
            return Ok(standing);
        }
        if entry.freeAt != 0 {
            if entry.freeAt > now {
                let message =
                    format!("the account backed a line that was closed; it can back another one from {} on", words::time(entry.freeAt));
                standing.obstacle = Some(Refusal::new(409, "account_cooling_down", message, "wait until then, or use another account"));
            }
            return Ok(standing);
        }
        let line = self.chain.stored_line(entry.pool, entry.line).await?;
        standing.holder = Some(line.borrower.into());
        if line.borrower != borrower {
            return Ok(standing);
        }
        if entry.pool != self.chain.info().address {
            let message = format!("the account backs line {} of the pool {}", entry.line, entry.pool);
            standing.obstacle = Some(Refusal::new(409, "account_held", message, "close that line first, or use another account"));
            return Ok(standing);
        }
        let current = self.chain.line(entry.line).await?;
        standing.own = Some((entry.line, U256::from(line.committed)));
        if line.stopped || current.status != Status::Current {
            let why = if line.stopped { "is stopped" } else { "has an overdue payment" };
            let message = format!("the account backs line {}, which {why}", entry.line);
            standing.obstacle = Some(Refusal::new(409, "line_not_renewable", message, "repay it; a stopped line has to be closed"));
        }
        Ok(standing)
    }
}

/// Why no line goes with a good proof, if so: the first reason.
pub(crate) fn no_line(offer: &Offer, standing: &Standing, room: &Room) -> Option<Refusal> {
    if offer.limit.is_zero() {
        return Some(Refusal::new(422, "no_line", offer.terms.clone(), "prove more, or in another currency"));
    }
    if standing.holder.is_some_and(|holder| holder != offer.borrower) {
        return Some(Refusal::new(409, "account_held", "the account backs another borrower's line", "use another account"));
    }
    standing.obstacle.clone().or_else(|| room.refusal())
}

pub(crate) fn check_expiry(offer: &Offer, now: u64) -> Result<(), Refusal> {
    if now < offer.expiry {
        return Ok(());
    }
    let message = format!("the offer could be accepted until {}", words::time(offer.expiry));
    Err(Refusal::new(409, "offer_expired", message, "ask for another offer, and prove for it"))
}

fn offer_used(taker: &B256) -> Refusal {
    Refusal::new(409, "offer_used", format!("the offer is taken by the proof {taker}"), "ask for another offer, and prove for it")
}
