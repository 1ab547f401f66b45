//! What a lender offers, checked against what was asked before anything is done for it: a session that is opened for another
//! offer proves nothing, and a signature under another offer accepts other terms.

use alloy_primitives::{Address, B256, U256};
use parlance_credit::{
    Attestation, Offer,
    api::{Attested, Lender, Tier, Verdict},
};

use crate::{
    error::{Result, WalletError},
    store::ProofRecord,
    tokens::clean,
};

/// Longest terms, bytes.
const MAX_TERMS: usize = 4_000;
/// An offer has to last so long at least, seconds: a proof takes its time.
const SHORTEST: u64 = 60;
/// And at most so long, seconds.
const LONGEST: u64 = 366 * 86_400;
/// How far clocks may be apart, seconds.
const CLOCKS: u64 = 600;
/// Most of a verdict's lists, and longest of its sentences.
const MAX_LIST: usize = 64;
const MAX_SENTENCE: usize = 400;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The account.
    pub borrower: Address,
    /// Digest of the bank's template.
    pub template: B256,
    /// ISO 4217.
    pub currency: String,
    /// Minor units.
    pub at_least: u64,
}

/// The tier with the highest limit that a balance reaches.
#[must_use]
pub fn tier<'a>(lender: &'a Lender, currency: &str, at_least: u64) -> Option<&'a Tier> {
    let reached = lender.tiers.iter().filter(|tier| tier.currency == currency && tier.at_least <= at_least);
    reached.max_by_key(|tier| tier.limit)
}

/// The least tier that lends so much, in the currency that the lender lists first if there is one.
#[must_use]
pub fn tier_for(lender: &Lender, amount: U256) -> Option<&Tier> {
    lender.tiers.iter().find(|tier| tier.limit >= amount)
}

/// Refuse an offer that differs from what was asked and from what the lender says it offers.
///
/// # Errors
/// [`WalletError::LenderAnswer`] names the first field that is not as it should be.
pub fn check_offer(offer: &Offer, asked: &Asked, lender: &Lender, now: u64) -> Result<()> {
    let wrong = answer_of(&lender.name);
    let same = |what, got: &dyn ToString, expected: &dyn ToString| {
        let (got, expected) = (got.to_string(), expected.to_string());
        if got == expected { Ok(()) } else { Err(wrong(what, got, expected)) }
    };
    if offer.nonce.is_zero() {
        return Err(wrong("the offer's nonce", "zero".into(), "a random number".into()));
    }
    same("the offer's borrower", &offer.borrower, &asked.borrower)?;
    same("the offer's lender", &offer.lender, &lender.name)?;
    same("the offer's bank", &offer.template, &asked.template)?;
    same("the offer's balance", &offer.atLeast, &asked.at_least)?;
    same("the offer's currency", &offer.currency, &asked.currency)?;
    same("the offer's scope", &offer.scope, &lender.scope)?;
    let tier = tier(lender, &asked.currency, asked.at_least);
    // No line goes with a limit of zero: a lender may well say less than its list, never more and never dearer.
    if !offer.limit.is_zero() {
        let tier = tier.ok_or_else(|| wrong("the offer's limit", offer.limit.to_string(), "none for so little".into()))?;
        same("the offer's limit", &offer.limit, &tier.limit)?;
        same("the offer's rate", &offer.rate, &tier.rate)?;
        same("the offer's cycle", &offer.cycle, &tier.cycle)?;
    }
    let least = now.saturating_add(SHORTEST);
    if offer.expiry < least || offer.expiry > now.saturating_add(LONGEST) {
        return Err(wrong("the offer's end", format!("{} (Unix time)", offer.expiry), "a minute to a year from now".into()));
    }
    if offer.terms.len() > MAX_TERMS || offer.terms.chars().any(|c| c != '\n' && crate::tokens::text::is_invisible(c)) {
        return Err(wrong("the offer's terms", format!("{} bytes", offer.terms.len()), "a text that can be read".into()));
    }
    Ok(())
}

/// A verdict with its words cleaned, where it is about this proof and this offer.
///
/// # Errors
/// [`WalletError::LenderAnswer`].
pub fn check_verdict(verdict: Verdict, proof: &ProofRecord) -> Result<Verdict> {
    let wrong = answer_of(&proof.lender);
    if verdict.proof != proof.digest {
        return Err(wrong("the proof that it speaks of", verdict.proof.to_string(), proof.digest.to_string()));
    }
    if verdict.offer != proof.offer {
        return Err(wrong("the offer in its answer", "another one".into(), "the one that was proved for".into()));
    }
    let lists = [verdict.visible.len(), verdict.checks.len(), verdict.reasons.len()];
    if let Some(long) = lists.into_iter().find(|length| *length > MAX_LIST) {
        return Err(wrong("a list in its answer", format!("{long} entries"), format!("at most {MAX_LIST}")));
    }
    let words = |all: Vec<String>| all.iter().map(|text| clean(text, MAX_SENTENCE)).collect();
    let checks = verdict.checks.into_iter().map(|mut check| {
        check.name = clean(&check.name, 40);
        check.sentence = clean(&check.sentence, MAX_SENTENCE);
        check
    });
    Ok(Verdict {
        statement: verdict.statement.as_deref().map(|text| clean(text, MAX_SENTENCE)),
        visible: words(verdict.visible),
        checks: checks.collect(),
        reasons: words(verdict.reasons),
        ..verdict
    })
}

/// Refuse an attestation that says anything else than what was proved and accepted.
///
/// # Errors
/// [`WalletError::LenderAnswer`].
pub fn check_attested(attested: &Attested, proof: &ProofRecord, now: u64) -> Result<()> {
    let wrong = answer_of(&proof.lender);
    let Attestation { limit, rate, cycle, scope, nullifier, notaries, template, observedAt, issuedAt, expiry, .. } = attested.attestation;
    let offer = &proof.offer;
    let same = |what, got: &dyn ToString, expected: &dyn ToString| {
        let (got, expected) = (got.to_string(), expected.to_string());
        if got == expected { Ok(()) } else { Err(wrong(what, got, expected)) }
    };
    if attested.attestation.id.is_zero() || attested.attestation.statement.is_zero() {
        return Err(wrong("the attestation's id or statement", "zero".into(), "hashes".into()));
    }
    same("the attestation's borrower", &attested.attestation.borrower, &offer.borrower)?;
    same("the attestation's limit", &limit, &offer.limit)?;
    same("the attestation's rate", &rate, &offer.rate)?;
    same("the attestation's cycle", &cycle, &offer.cycle)?;
    same("the attestation's scope", &scope, &offer.scope)?;
    same("the attestation's nullifier", &nullifier, &proof.nullifier)?;
    same("the attestation's bank", &template, &offer.template)?;
    same("the attestation's notaries", &notaries, &proof.notaries)?;
    same("the list of notaries", &Attestation::notaries(&attested.notaries), &notaries)?;
    if observedAt.abs_diff(proof.observed_at) > CLOCKS {
        return Err(wrong("the attestation's observation", observedAt.to_string(), format!("about {}", proof.observed_at)));
    }
    if issuedAt > now.saturating_add(CLOCKS) || issuedAt < observedAt {
        return Err(wrong("the attestation's date", issuedAt.to_string(), "between the observation and now".into()));
    }
    if expiry <= now {
        return Err(wrong("the attestation's end", expiry.to_string(), "later than now".into()));
    }
    if attested.signatures.is_empty() || attested.signatures.len() > MAX_LIST || attested.signatures.iter().any(|s| s.len() != 65) {
        return Err(wrong("its signatures", attested.signatures.len().to_string(), "signatures of 65 bytes".into()));
    }
    Ok(())
}

fn answer_of(lender: &str) -> impl Fn(&'static str, String, String) -> WalletError + Copy {
    move |what, got, expected| WalletError::LenderAnswer { lender: lender.to_owned(), what, got: clean(&got, 100), expected }
}
