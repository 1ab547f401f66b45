//! From a signed application to an attestation.

use std::collections::HashMap;

use alloy_primitives::{B256, Bytes, Signature, U256};
use alloy_signer::SignerSync;
use parlance_credit::api::{ApplicationRequest, Attested};
use parlance_credit::{Application, Attestation, Offer};

use crate::app::{App, Standing, check_expiry, no_line, now, random};
use crate::chain::backer;
use crate::store::{Issued, NewAttestation, StoredProof};
use crate::{LenderError, Refusal, words};

/// What stands in the way of another line of some size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Room {
    wanted: U256,
    decimals: u8,
    symbol: String,
    paused: bool,
    idle: U256,
    /// What the attester's cap leaves, without attestations that may still open lines.
    attester: U256,
    /// What the notary's cap leaves.
    notary: U256,
    /// What the configured total leaves.
    total: U256,
}

impl Room {
    /// Why there is none, if so.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        if self.paused {
            return Some(Refusal::new(409, "pool_paused", "the pool is stopped at the moment", "try again later"));
        }
        let lacking = [
            (self.idle, "pool_short", "the pool has", "in cash"),
            (self.attester, "attester_cap", "the lender may back", "more on chain"),
            (self.notary, "notary_cap", "lines through this notary may grow by", "on chain"),
            (self.total, "total_reached", "the lender gives out", "more at the moment"),
        ];
        let (least, code, what, rest) = lacking.into_iter().find(|(least, ..)| *least < self.wanted)?;
        let amount = |amount| words::asset(amount, self.decimals, &self.symbol);
        let message = format!("{what} {} {rest}, and the line would be {}", amount(least), amount(self.wanted));
        Some(Refusal::new(409, code, message, "try again when others have repaid, or ask for a smaller line"))
    }
}

impl App {
    /// `POST /v1/applications`. The same application has the same attestation again, unless it was revoked or is stale.
    pub async fn application(&self, request: &ApplicationRequest) -> Result<Attested, LenderError> {
        let proof = self.store.proof(request.proof).await?.ok_or_else(|| {
            let message = format!("no accepted proof has the digest {}", request.proof);
            Refusal::new(404, "proof_unknown", message, "send the proof file first")
        })?;
        let application = Application { offer: proof.offer.clone(), proof: request.proof };
        let statement = application.digest(self.chain.info().chain, self.chain.info().address);
        check_signer(&statement, &request.signature, &proof.offer)?;
        let _one_at_a_time = self.issuing.lock().await;
        let now = now()?;
        if let Some(issued) = self.store.attestation_for(request.proof).await? {
            return self.again(issued, now).await;
        }
        check_expiry(&proof.offer, now)?;
        let oldest = proof.facts.opened.saturating_add(self.max_age());
        if now > oldest {
            let message = format!("the session with the bank counted until {}", words::time(oldest));
            return Err(Refusal::new(409, "session_old", message, "ask for another offer, and prove again").into());
        }
        let standing = self.standing_of(proof.offer.borrower.into(), proof.facts.nullifier, now).await?;
        let room = self.room(&proof.offer, &standing, (proof.facts.nullifier, proof.facts.notary), now).await?;
        if let Some(refusal) = no_line(&proof.offer, &standing, &room) {
            return Err(refusal.into());
        }
        let attested = self.attest(&proof, statement, now).await?;
        let opens = attested.attestation.expiry.min(oldest);
        let new = NewAttestation { proof: request.proof, attested: attested.clone(), signature: request.signature.clone(), opens };
        // It leaves this process only after it stands in the book.
        self.store.add_attestation(&new).await?;
        tracing::info!(attestation = %attested.attestation.id, borrower = %attested.attestation.borrower, limit = %attested.attestation.limit, "attested");
        Ok(attested)
    }

    /// What was attested before, as long as the chain would take it, or has taken it.
    async fn again(&self, issued: Issued, now: u64) -> Result<Attested, LenderError> {
        let attestation = &issued.attested.attestation;
        let gone = |code, message| Err(Refusal::new(409, code, message, "prove again, for another offer").into());
        if issued.revoked.is_some() || self.chain.revoked(attestation.id).await? {
            return gone("attestation_revoked", format!("the attestation {} was revoked", attestation.id));
        }
        if issued.line.is_none() && self.chain.used_by(attestation.id).await?.is_zero() {
            if now > issued.opens {
                return gone("attestation_stale", format!("the attestation opened a line until {}", words::time(issued.opens)));
            }
            if self.chain.attesters().await?.epoch != attestation.epoch {
                return gone("attestation_stale", "the pool has other attesters since it was signed".to_owned());
            }
        }
        Ok(issued.attested)
    }

    async fn attest(&self, proof: &StoredProof, statement: B256, now: u64) -> Result<Attested, LenderError> {
        let StoredProof { facts, offer, .. } = proof;
        let set = self.chain.attesters().await?;
        self.check_set(set.threshold, &set.attesters)?;
        // Not later than the latest block, where that is possible: who simulates on it finds the attestation valid.
        let issued = now.min(self.chain.time().await?).max(facts.opened);
        let notaries = vec![facts.notary];
        let attestation = Attestation {
            id: random()?,
            statement,
            borrower: offer.borrower,
            limit: offer.limit,
            rate: offer.rate,
            cycle: offer.cycle,
            scope: offer.scope,
            nullifier: facts.nullifier,
            notaries: Attestation::notaries(&notaries),
            template: offer.template,
            observedAt: facts.opened,
            issuedAt: issued,
            expiry: now.saturating_add(self.lending().attestation_time()),
            epoch: set.epoch,
        };
        let digest = attestation.digest(self.chain.info().chain, self.chain.info().address);
        let signature = self.signer.sign_hash_sync(&digest).map_err(|error| LenderError::Key(error.to_string()))?;
        Ok(Attested { attestation, notaries, signatures: vec![Bytes::from(signature.as_bytes())] })
    }

    /// Whether this key alone can attest at the pool.
    pub(crate) fn check_set(&self, threshold: U256, attesters: &[alloy_primitives::Address]) -> Result<(), LenderError> {
        let own = self.signer.address();
        if !attesters.contains(&own) {
            return Err(LenderError::Key(format!("{own} is no attester of the pool's present set; let its owner propose setAttesters")));
        }
        if threshold != U256::from(1) {
            return Err(LenderError::Key(format!(
                "the pool wants {threshold} attesters' signatures, and this lender has one key; use a pool with threshold 1"
            )));
        }
        Ok(())
    }

    /// What is left for an offer's line about this account and through this notary, beside lines that are open and
    /// attestations that may still open some.
    pub(crate) async fn room(&self, offer: &Offer, standing: &Standing, facts: (B256, B256), now: u64) -> Result<Room, LenderError> {
        let (nullifier, notary) = facts;
        let (promised, promised_through) = self.promised(nullifier, notary, now).await?;
        let renewed = standing.own.map_or(U256::ZERO, |(_, committed)| committed);
        let attester = self.chain.cap(backer(self.signer.address())).await?;
        let through = self.chain.cap(notary).await?;
        let left = |room: U256, promised: U256| room.saturating_add(renewed).saturating_sub(promised);
        Ok(Room {
            wanted: offer.limit,
            decimals: self.terms.decimals,
            symbol: self.terms.symbol.clone(),
            paused: self.chain.paused().await?,
            idle: self.chain.idle().await?,
            attester: left(attester.room(), promised),
            notary: left(through.room(), promised_through),
            total: left(self.total.saturating_sub(attester.exposure), promised),
        })
    }

    /// What attestations about other accounts may still open: in all, and through a notary. Of several about one account
    /// only one can open a line, so the highest counts.
    async fn promised(&self, nullifier: B256, notary: B256, now: u64) -> Result<(U256, U256), LenderError> {
        let (mut all, mut through) = (HashMap::<B256, U256>::new(), HashMap::<B256, U256>::new());
        for issued in self.store.unopened(now).await? {
            let attestation = &issued.attested.attestation;
            let line = self.chain.used_by(attestation.id).await?;
            if !line.is_zero() {
                self.store.note_line(attestation.id, line).await?;
            } else if attestation.nullifier != nullifier {
                let highest = |sums: &mut HashMap<B256, U256>| {
                    let sum = sums.entry(attestation.nullifier).or_default();
                    *sum = attestation.limit.max(*sum);
                };
                highest(&mut all);
                if issued.attested.notaries.contains(&notary) {
                    highest(&mut through);
                }
            }
        }
        let sum = |sums: HashMap<B256, U256>| sums.into_values().fold(U256::ZERO, U256::saturating_add);
        Ok((sum(all), sum(through)))
    }
}

fn check_signer(digest: &B256, signature: &Bytes, offer: &Offer) -> Result<(), Refusal> {
    let wrong = |got: String| {
        let message = format!("signature: got {got}, expected one by {}", offer.borrower);
        Refusal::new(422, "wrong_signer", message, "sign the application with the wallet that the offer is for")
    };
    let parsed = Signature::from_raw(signature).map_err(|_| wrong(format!("{} bytes that are no signature", signature.len())))?;
    let signer = parsed.recover_address_from_prehash(digest).map_err(|_| wrong("one that fits no key".into()))?;
    if signer == offer.borrower { Ok(()) } else { Err(wrong(format!("one by {signer}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_thing_that_lacks_is_named() {
        let amount = |amount: u64| U256::from(amount * 1_000_000);
        let enough = Room {
            wanted: amount(1500),
            decimals: 6,
            symbol: "USDC".into(),
            paused: false,
            idle: amount(1500),
            attester: amount(1500),
            notary: amount(1500),
            total: amount(1500),
        };
        assert_eq!(enough.refusal(), None);
        let code = |room: Room| room.refusal().map(|refusal| refusal.code);
        assert_eq!(code(Room { paused: true, ..enough.clone() }), Some("pool_paused"));
        assert_eq!(code(Room { idle: amount(1499), ..enough.clone() }), Some("pool_short"));
        assert_eq!(code(Room { attester: amount(0), ..enough.clone() }), Some("attester_cap"));
        assert_eq!(code(Room { notary: amount(1), ..enough.clone() }), Some("notary_cap"));
        let refusal = Room { total: amount(100), ..enough }.refusal();
        assert!(
            refusal.is_some_and(
                |refusal| refusal.message == "the lender gives out 100 USDC more at the moment, and the line would be 1,500 USDC"
            )
        );
    }
}
