//! From "at least so much" to a lender's verdict: offer, checks of the offer, session with the bank through the notary, proof,
//! file in the store, verdict. Nothing is sent to the lender before the last step but who asks, for which bank and how much.

use std::time::{Duration, Instant};

use alloy_primitives::{Address, B256};
use ed25519_dalek::VerifyingKey;
use parlance_credit::{Attestation, Offer, api};
use parlance_zktls_protocol::{ProofFile, ProtocolError, Salt, Session};
use parlance_zktls_prove::{BankSession, Notary, ProveError, Refusal, Roots, Stage, Terms, Values};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::{
    Threshold,
    banks::{Bank, banks},
    lenders::{self, KnownLender},
    logins, money,
    offer::{Asked, check_offer, check_verdict},
    threshold,
};
use crate::{
    Wallet,
    error::{Result, WalletError},
    store::{ProofRecord, now},
};

/// Seconds for the session with the bank.
const PATIENCE: u64 = 90;
/// Setting: how long the parts took last.
const PACE: &str = "credit/pace";
/// Offer, the session's stages, proof, verdict.
const STAGES: u32 = 9;
/// The proof's own stage, and the verdict's.
const PROVING: u32 = 8;
const SENDING: u32 = 9;

/// What is to be proved, to whom, about which account.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The lender.
    pub lender: KnownLender,
    /// What it offers now.
    pub info: api::Lender,
    /// The bank.
    pub bank: &'static Bank,
    /// The balance.
    pub threshold: Threshold,
    /// The borrower.
    pub account: Address,
}

/// How far a proof is.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// From 1.
    pub stage: u32,
    /// How many there are.
    pub stages: u32,
    /// In words.
    pub sentence: String,
    /// Until the end, as it took before.
    pub seconds_left: Option<f64>,
}

/// Seconds that the parts took last.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Pace {
    session: f64,
    proof: f64,
    verdict: f64,
}

impl Default for Pace {
    /// On two cores of a laptop.
    fn default() -> Self {
        Self { session: 3.0, proof: 6.0, verdict: 3.0 }
    }
}

/// Everything that a proof needs, found and checked.
///
/// # Errors
/// [`WalletError::Ask`] where something has to be asked; what asking the lender can fail with.
pub async fn wish(wallet: &Wallet, at_least: &str, bank: Option<&str>, lender: Option<&str>) -> Result<Wish> {
    wish_given(wallet, at_least, bank, lender, false).await
}

/// As [`wish`]; with `given` the login comes with the wish, so that none has to be kept.
///
/// # Errors
/// As [`wish`].
pub async fn wish_given(wallet: &Wallet, at_least: &str, bank: Option<&str>, lender: Option<&str>, given: bool) -> Result<Wish> {
    let lender = lenders::lender(wallet, lender)?;
    let named = match bank {
        Some(name) if given => Some(super::bank(name)?),
        Some(name) => Some(logins::bank_for(wallet, Some(name), &[])?),
        None => None,
    };
    let info = lenders::refresh(wallet, &lender).await?;
    let accepted: Vec<B256> = info.templates.iter().map(|t| t.digest).collect();
    let bank = match named {
        Some(bank) => bank,
        None => logins::bank_for(wallet, None, &accepted)?,
    };
    if !accepted.contains(&bank.digest) {
        return Err(not_accepted(&info, bank));
    }
    // What was proved of this bank before, else what the lender lists first.
    let before = wallet.store.proofs()?.into_iter().find(|p| p.bank == bank.template.id).map(|p| p.offer.currency);
    let usual = before.as_deref().or(info.tiers.first().map(|tier| tier.currency.as_str()));
    let threshold = threshold(at_least, &bank.template, usual)?;
    Ok(Wish { account: wallet.signer.account().await?, lender, info, bank, threshold })
}

/// Make the proof and have the lender look at it. A file that was made for the same wish and never answered is sent again
/// instead of another one being made.
///
/// # Errors
/// [`WalletError::Proof`], also where `stop` ended it; [`WalletError::LenderOffline`], [`WalletError::LenderRefused`],
/// [`WalletError::LenderAnswer`]; store errors.
pub async fn prove(
    wallet: &Wallet,
    wish: &Wish,
    given: Option<Values>,
    mut progress: impl FnMut(Progress) + Send,
    stop: &CancellationToken,
) -> Result<ProofRecord> {
    let pace: Pace = wallet.store.setting(PACE)?.unwrap_or_default();
    let mut tell = |stage: u32, sentence: String, left: f64| {
        progress(Progress { stage, stages: STAGES, sentence, seconds_left: Some(left.max(1.0)) });
    };
    let whole = pace.session + pace.proof + pace.verdict;
    if let Some(kept) = unanswered(wallet, wish)? {
        tell(SENDING, format!("Sending the proof to {} again", wish.lender.name), pace.verdict);
        return send(wallet, &wish.lender, kept).await;
    }
    tell(1, format!("Asking {} for an offer", wish.lender.name), whole);
    let values = match given {
        Some(values) => values,
        None => logins::values(wallet, wish.bank).await?,
    };
    let offer = offer(wish).await?;
    let terms = terms(wish, &offer)?;
    let begun = Instant::now();
    let at = |stage: Stage| 2 + stage as u32;
    let left = |begun: Instant, rest: f64, part: f64| rest + (part - begun.elapsed().as_secs_f64()).max(0.5);
    let session = session(
        wallet,
        wish,
        &values,
        &terms,
        |stage| tell(at(stage), stage.sentence().into(), left(begun, pace.proof + pace.verdict, pace.session)),
        stop,
    )
    .await?;
    let session_took = begun.elapsed().as_secs_f64();

    let begun = Instant::now();
    let (of, wished) = (terms.clone(), wish.clone());
    let observed_at = session.notarized.recording.opened;
    let mut proving = tokio::task::spawn_blocking(move || make(&session, &wished, &of));
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let file = loop {
        tokio::select! {
            biased;
            // The proof can't be interrupted; what comes of it is thrown away.
            () = stop.cancelled() => return Err(ProveError::Cancelled.into()),
            done = &mut proving => break done.map_err(|e| WalletError::Task(e.to_string()))??,
            _ = second.tick() => tell(PROVING, "Making the proof on this computer".into(), left(begun, pace.verdict, pace.proof)),
        }
    };
    let proof_took = begun.elapsed().as_secs_f64();
    let kept = keep(wallet, wish, offer, &file, observed_at)?;
    tell(SENDING, format!("{} looks at the proof", wish.lender.name), pace.verdict);
    let begun = Instant::now();
    let answered = send(wallet, &wish.lender, kept).await?;
    wallet.store.set(PACE, &Pace { session: session_took, proof: proof_took, verdict: begun.elapsed().as_secs_f64() })?;
    Ok(answered)
}

/// The proof about a session; seconds of all cores.
///
/// # Errors
/// [`WalletError::Ask`] with code `not_shown` where the account does not show it: in words, without anything of the answer,
/// which the bank gave to the owner and not to a conversation. [`WalletError::Proof`].
pub fn make(session: &BankSession, wish: &Wish, terms: &Terms) -> Result<ProofFile> {
    parlance_zktls_prove::prove(session, &wish.bank.template, terms).map_err(|error| match error {
        ProveError::Claim(refusal) => not_shown(&refusal, wish),
        other => other.into(),
    })
}

fn not_shown(refusal: &Refusal, wish: &Wish) -> WalletError {
    let (bank, currency) = (&wish.bank.template.name, &wish.threshold.currency);
    let sum = money(wish.threshold.minor, currency, wish.bank.template.response.balance.scale);
    let (why, what) = match refusal {
        Refusal::Below { .. } => (format!("does not show at least {sum}: there is less in it"), "Prove less, or another account."),
        Refusal::OtherText { wanted, .. } if wanted == currency => {
            (format!("does not show a balance in {currency}"), "Say the account's own currency with the amount, for example 10000 EUR.")
        }
        Refusal::OtherText { .. } => {
            ("is of another kind than can be proved".into(), "Take the id of an account that holds money of your own.")
        }
        _ => ("does not show its balance as this release reads it".into(), "Look for a newer release, or prove another account."),
    };
    WalletError::Ask {
        code: "not_shown",
        message: format!("Your account at {bank} {why}."),
        remedy: format!("Nothing was sent to {}. {what}", wish.lender.name),
    }
}

/// Send a kept file to its lender; the record with the verdict.
///
/// # Errors
/// As [`prove`].
pub async fn send(wallet: &Wallet, lender: &KnownLender, mut proof: ProofRecord) -> Result<ProofRecord> {
    let file = wallet.store.proof_file(proof.id)?;
    let verdict = match lenders::api(lender)?.proof(file.to_vec()).await {
        Ok(verdict) => check_verdict(verdict, &proof)?,
        Err(WalletError::LenderRefused { message, .. }) => refused(&proof, message),
        Err(e) => return Err(e),
    };
    proof.verdict = Some(verdict);
    wallet.store.update_proof(&proof)?;
    Ok(proof)
}

/// The lender did not even look at it.
fn refused(proof: &ProofRecord, reason: String) -> api::Verdict {
    api::Verdict {
        proof: proof.digest,
        accepted: false,
        statement: None,
        visible: Vec::new(),
        checks: Vec::new(),
        reasons: vec![reason],
        offer: proof.offer.clone(),
        expires: proof.offer.expiry,
    }
}

/// A proof for the same wish that the lender has not answered and that can still be of use.
///
/// # Errors
/// Store errors.
pub fn unanswered(wallet: &Wallet, wish: &Wish) -> Result<Option<ProofRecord>> {
    let asked = wish.asked();
    Ok(wallet
        .store
        .proofs()?
        .into_iter()
        .find(|p| p.verdict.is_none() && p.lender == wish.lender.name && check_offer(&p.offer, &asked, &wish.info, now()).is_ok()))
}

impl Wish {
    /// What the lender is asked.
    #[must_use]
    pub fn asked(&self) -> Asked {
        Asked {
            borrower: self.account,
            template: self.bank.digest,
            currency: self.threshold.currency.clone(),
            at_least: self.threshold.minor,
        }
    }
}

async fn offer(wish: &Wish) -> Result<Offer> {
    let asked = wish.asked();
    let request = api::OfferRequest {
        borrower: asked.borrower,
        template: asked.template,
        currency: asked.currency.clone(),
        at_least: Some(asked.at_least),
        amount: None,
    };
    let offer = lenders::api(&wish.lender)?.offer(&request).await?;
    check_offer(&offer, &asked, &wish.info, now())?;
    Ok(offer)
}

/// For whom and for what the session is opened, with a fresh salt.
///
/// # Errors
/// [`WalletError::Task`] without entropy.
pub fn terms(wish: &Wish, offer: &Offer) -> Result<Terms> {
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).map_err(|e| WalletError::Task(format!("no entropy: {e}")))?;
    let pool = &wish.info.pool;
    let mut currency = [0; 3];
    currency.iter_mut().zip(wish.threshold.currency.bytes()).for_each(|(to, from)| *to = from);
    Ok(Terms {
        session: Session {
            wallet: offer.borrower.into_array(),
            chain: pool.chain,
            contract: pool.address.into_array(),
            lender_nonce: offer.nonce.0,
            offer: offer.digest(pool.chain, pool.address).0,
        },
        salt: Salt(salt),
        at_least: wish.threshold.minor,
        currency,
        scope: offer.scope.0,
    })
}

/// Log in at the bank through the lender's notary.
///
/// # Errors
/// [`WalletError::Proof`], [`WalletError::LenderAnswer`].
pub async fn session(
    wallet: &Wallet,
    wish: &Wish,
    values: &Values,
    terms: &Terms,
    progress: impl FnMut(Stage),
    stop: &CancellationToken,
) -> Result<BankSession> {
    let notary = notary(wish)?;
    let roots = roots(wallet, wish.bank)?;
    let plan = parlance_zktls_prove::Plan {
        template: &wish.bank.template,
        values,
        commitment: terms.session.commit(&terms.salt),
        notary: &notary,
        roots: &roots,
        offer: parlance_zktls_prove::Offer::default(),
        patience: PATIENCE,
    };
    Ok(parlance_zktls_prove::open(&plan, progress, stop).await?)
}

/// The first of the lender's notaries whose key is valid now.
fn notary(wish: &Wish) -> Result<Notary> {
    let (info, now) = (&wish.info, now());
    let wrong = |got: String, expected: &str| WalletError::LenderAnswer {
        lender: info.name.clone(),
        what: "its notary",
        got,
        expected: expected.to_owned(),
    };
    let chosen = info.notaries.iter().find(|n| (n.from..=n.until).contains(&now));
    let chosen = chosen.ok_or_else(|| wrong("expired".into(), "one whose key is valid now"))?;
    // A lender elsewhere has no business with the ports of this computer.
    if !chosen.address.starts_with("wss://") && wish.lender.url.scheme() != "http" {
        return Err(wrong(crate::tokens::clean(&chosen.address, 80), "an address with wss://"));
    }
    let key = VerifyingKey::from_bytes(&chosen.key.0).map_err(|_| wrong(chosen.key.to_string(), "an Ed25519 key"))?;
    Ok(Notary::new(&chosen.address, vec![key])?)
}

/// The web's roots; the local world's bank has one of its own.
fn roots(wallet: &Wallet, bank: &Bank) -> Result<Roots> {
    let Some(local) = wallet.world.as_ref().and_then(|w| w.credit.as_ref()).filter(|c| c.bank.template == bank.template.id) else {
        return Ok(Roots::public());
    };
    let root = CertificateDer::from_pem_slice(local.bank.root.as_bytes())
        .map_err(|e| WalletError::Config { file: "devworld.json".into(), why: format!("the bank's root certificate: {e}") })?;
    Ok(Roots::only(vec![root.into_owned()]))
}

/// Write the file down before anybody gets it.
fn keep(wallet: &Wallet, wish: &Wish, offer: Offer, file: &ProofFile, observed_at: u64) -> Result<ProofRecord> {
    let bytes = file.encode().map_err(|e: ProtocolError| WalletError::Proof(e.into()))?;
    let record = ProofRecord {
        id: 0,
        digest: <[u8; 32]>::from(Sha256::digest(&bytes)).into(),
        lender: wish.lender.name.clone(),
        chain: wish.info.pool.chain,
        pool: wish.info.pool.address,
        bank: wish.bank.template.id.clone(),
        offer,
        nullifier: file.claim.nullifier.into(),
        notaries: Attestation::notaries(&[file.notarized.key.0.into()]),
        observed_at,
        made_at: now(),
        verdict: None,
        signature: None,
        attested: None,
    };
    wallet.store.add_proof(record, &bytes)
}

fn not_accepted(info: &api::Lender, bank: &Bank) -> WalletError {
    let known: Vec<&str> =
        banks().iter().filter(|b| info.templates.iter().any(|t| t.digest == b.digest)).map(|b| b.template.name.as_str()).collect();
    let other = info.templates.iter().any(|t| t.id == bank.template.id);
    let how = if other { " as this release of Parlance asks it" } else { "" };
    WalletError::Ask {
        code: "bank_not_accepted",
        message: format!("{} does not take proofs from {}{how}.", info.name, bank.template.name),
        remedy: if known.is_empty() {
            "It takes none of the banks that this release can ask. Look for a newer one.".into()
        } else {
            format!("It takes {}.", known.join(", "))
        },
    }
}
