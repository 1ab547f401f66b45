//! What gets no line, and what the borrower is told.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_signer::SignerSync;
use parlance_credit::api::{ApplicationRequest, Attested, OfferRequest, Verdict};
use parlance_credit::{Application, Offer};
use parlance_lender::store::{Facts, NewProof, Store};
use parlance_zktls_protocol::ProofFile;

use crate::loan::*;
use crate::world::*;

fn failed(verdict: &Verdict) -> Vec<&str> {
    verdict.checks.iter().filter(|check| !check.passed).map(|check| check.name.as_str()).collect()
}

impl World {
    async fn verdict(&self, file: &ProofFile) -> Outcome<Verdict> {
        let verdict = self.send_proof(file).await?.map_err(|problem| format!("{problem:?}"))?;
        assert_eq!(verdict.accepted, verdict.statement.is_some());
        Ok(verdict)
    }
}

#[tokio::test]
async fn a_file_that_is_not_the_offers_own() -> Outcome {
    let world = world().await?;
    let (alice, bob) = (world.wallet().await?, world.wallet().await?);
    let (offer, other) = (world.offer(&alice, 1_000_000).await?, world.offer(&alice, 1_000_000).await?);
    let bobs = world.offer(&bob, 1_000_000).await?;

    let less = world.prove_at_least(&offer, 999_999).await?;
    assert_eq!(failed(&world.verdict(&less).await?), ["claim"], "one cent less");

    let file = world.prove(&offer).await?;
    let mut tampered = file.clone();
    let place = tampered.proof.len() / 2;
    tampered.proof[place] ^= 1;
    assert_eq!(failed(&world.verdict(&tampered).await?), ["proof"]);
    let mut altered = file.clone();
    altered.notarized.recording.opened -= 1;
    assert!(failed(&world.verdict(&altered).await?).contains(&"notary-signature"));
    let mut template = file.clone();
    template.claim.template[0] ^= 1;
    assert_eq!(failed(&world.verdict(&template).await?), ["template"]);

    // For another offer, or another's.
    for nonce in [other.nonce, bobs.nonce] {
        let mut moved = file.clone();
        moved.session.lender_nonce = nonce.0;
        assert_eq!(failed(&world.verdict(&moved).await?), ["session"]);
    }
    let mut unknown = file.clone();
    unknown.session.lender_nonce = [7; 32];
    assert_eq!(refused(world.send_proof(&unknown).await?)?, (404, "offer_unknown".into()));

    // All of that took nothing: the right file is accepted, and then the offer is taken.
    assert!(world.verdict(&file).await?.accepted);
    assert_eq!(refused(world.send_proof(&less).await?)?, (409, "offer_used".into()));
    Ok(())
}

#[tokio::test]
async fn an_application_that_the_borrower_did_not_sign_or_that_comes_too_late() -> Outcome {
    let world = world().await?;
    let (alice, mallory) = (world.wallet().await?, world.wallet().await?);
    let verdict = world.accepted(&alice, 100_000).await?;
    assert_eq!(refused(world.apply(&mallory, &verdict).await?)?, (422, "wrong_signer".into()));
    for signature in [vec![], vec![0; 64], vec![0; 65], vec![255; 65]] {
        let request = ApplicationRequest { proof: verdict.proof, signature: Bytes::from(signature) };
        let answer: Answer<Attested> = world.post("/v1/applications", &request).await?;
        assert_eq!(refused(answer)?, (422, "wrong_signer".into()));
    }
    let mut changed = verdict.clone();
    changed.offer.limit = usdc(50_000);
    assert_eq!(refused(world.apply(&alice, &changed).await?)?, (422, "wrong_signer".into()), "the terms are the lender's");
    let mut unknown = verdict.clone();
    unknown.proof = B256::repeat_byte(1);
    assert_eq!(refused(world.apply(&alice, &unknown).await?)?, (404, "proof_unknown".into()));

    // An offer of yesterday, and a proof that took it in time.
    let store = Store::open("sqlite:lender.db", world.folder.path()).await?;
    let expired = Offer { nonce: B256::repeat_byte(2), expiry: 1_700_000_000, ..verdict.offer.clone() };
    store.add_offer(&expired).await?;
    let mut late = world.prove(&verdict.offer).await?;
    late.session.lender_nonce = expired.nonce.0;
    assert_eq!(refused(world.send_proof(&late).await?)?, (409, "offer_expired".into()));
    let taken = Verdict { proof: B256::repeat_byte(3), offer: expired.clone(), ..verdict.clone() };
    let facts =
        Facts { verdict: taken.clone(), nullifier: B256::repeat_byte(4), notary: world.notary.id().0.into(), opened: 1_700_000_000 };
    store.take_offer(&NewProof { sha256: taken.proof, nonce: expired.nonce, facts, received: 1_700_000_000, file: vec![] }).await?;
    assert_eq!(refused(world.apply(&alice, &taken).await?)?, (409, "offer_expired".into()));

    // A session of yesterday under an offer that still counts.
    let open = Offer { nonce: B256::repeat_byte(5), expiry: u64::MAX, ..verdict.offer.clone() };
    store.add_offer(&open).await?;
    let old = Verdict { proof: B256::repeat_byte(6), offer: open.clone(), ..verdict.clone() };
    let facts = Facts { verdict: old.clone(), nullifier: B256::repeat_byte(4), notary: world.notary.id().0.into(), opened: 1_700_000_000 };
    store.take_offer(&NewProof { sha256: old.proof, nonce: open.nonce, facts, received: 1_700_000_000, file: vec![] }).await?;
    let application = Application { offer: open, proof: old.proof };
    let signature = alice.sign_hash_sync(&application.digest(31337, world.pool))?;
    let request = ApplicationRequest { proof: old.proof, signature: Bytes::from(signature.as_bytes()) };
    let answer: Answer<Attested> = world.post("/v1/applications", &request).await?;
    assert_eq!(refused(answer)?, (409, "session_old".into()));

    // Alice's own application was good all the time.
    world.attested(&alice, &verdict).await?;
    Ok(())
}

#[tokio::test]
async fn a_good_proof_without_room_for_a_line() -> Outcome {
    let world =
        world_with(Wishes { config: vec![("total = \"250000\"", "total = \"1600\"".into())], cash: 1600, ..Wishes::default() }).await?;
    let alice = world.wallet().await?;

    // Below every tier: a verdict, no line.
    let verdict = world.accepted(&alice, 99_999).await?;
    assert!(verdict.offer.limit.is_zero() && verdict.reasons.iter().any(|reason| reason.contains("up to 150 USDC")), "{verdict:?}");
    assert_eq!(refused(world.apply(&alice, &verdict).await?)?, (422, "no_line".into()));

    // Caps are lowered between verdict and application; the application says what lacks.
    let verdict = world.accepted(&alice, 1_000_000).await?;
    assert!(verdict.reasons.is_empty(), "{verdict:?}");
    let notary: B256 = world.notary.id().0.into();
    world.as_owner(More::lowerCapCall { backer: notary, cap: usdc(1499) }).await?;
    assert_eq!(refused(world.apply(&alice, &verdict).await?)?, (409, "notary_cap".into()));
    world.as_owner(More::lowerCapCall { backer: parlance_lender::chain::backer(world.attester), cap: usdc(1499) }).await?;
    assert_eq!(refused(world.apply(&alice, &verdict).await?)?, (409, "attester_cap".into()));
    world.as_owner(More::pauseCall {}).await?;
    assert_eq!(refused(world.apply(&alice, &verdict).await?)?, (409, "pool_paused".into()));
    world.as_owner(More::unpauseCall {}).await?;

    // A smaller line fits.
    let small = world.accepted(&alice, 100_000).await?;
    let attested = world.attested(&alice, &small).await?;
    assert_eq!(attested.attestation.limit, usdc(150));
    world.open(&alice, &attested).await?;
    Ok(())
}

#[tokio::test]
async fn what_was_promised_counts_before_it_is_opened() -> Outcome {
    let world =
        world_with(Wishes { config: vec![("total = \"250000\"", "total = \"1600\"".into())], cash: 1400, ..Wishes::default() }).await?;
    let alice = world.wallet().await?;
    let verdict = world.accepted(&alice, 1_000_000).await?;
    assert!(verdict.reasons.iter().any(|reason| reason.contains("the pool has 1,400 USDC in cash")), "{verdict:?}");
    assert_eq!(refused(world.apply(&alice, &verdict).await?)?, (409, "pool_short".into()));

    // Somebody else's attestation that may still be opened: 1,550 of 1,600 are gone.
    let store = Store::open("sqlite:lender.db", world.folder.path()).await?;
    let small = world.accepted(&alice, 100_000).await?;
    let facts = Facts { verdict: small.clone(), nullifier: B256::repeat_byte(8), notary: B256::repeat_byte(9), opened: 1_700_000_000 };
    let promised = Offer { nonce: B256::repeat_byte(10), ..small.offer.clone() };
    store.add_offer(&promised).await?;
    let sha256 = B256::repeat_byte(11);
    store.take_offer(&NewProof { sha256, nonce: promised.nonce, facts, received: 0, file: vec![] }).await?;
    let mut attested = world.attested(&alice, &small).await?;
    attested.attestation.id = B256::repeat_byte(12);
    attested.attestation.nullifier = B256::repeat_byte(8);
    attested.attestation.limit = usdc(1550);
    let new = parlance_lender::store::NewAttestation { proof: sha256, attested, signature: Bytes::new(), opens: u64::MAX >> 1 };
    store.add_attestation(&new).await?;
    let third = world.accepted(&alice, 100_000).await?;
    assert!(third.reasons.iter().any(|reason| reason.contains("the lender gives out 50 USDC more")), "{third:?}");
    assert_eq!(refused(world.apply(&alice, &third).await?)?, (409, "total_reached".into()));
    Ok(())
}

#[tokio::test]
async fn an_offer_that_makes_no_sense() -> Outcome {
    let world = world().await?;
    let right = OfferRequest {
        borrower: Address::repeat_byte(1),
        template: world.template.digest()?.into(),
        currency: "EUR".into(),
        at_least: None,
        amount: Some(usdc(200)),
    };
    let offer = world.ask(&right).await?.map_err(|problem| format!("{problem:?}"))?.offer;
    assert_eq!((offer.atLeast, offer.limit), (U256::from(1_000_000), usdc(1500)), "the least that the amount takes");
    for (wrong, code) in [
        (OfferRequest { template: B256::ZERO, ..right.clone() }, (422, "template_unknown")),
        (OfferRequest { amount: Some(usdc(1501)), ..right.clone() }, (422, "amount_above_limit")),
        (OfferRequest { amount: None, ..right.clone() }, (400, "malformed")),
        (OfferRequest { currency: "eur".into(), ..right.clone() }, (400, "malformed")),
        (OfferRequest { borrower: Address::ZERO, ..right.clone() }, (400, "malformed")),
    ] {
        let (status, got) = refused(world.ask(&wrong).await?)?;
        assert_eq!((status, got.as_str()), code, "{wrong:?}");
    }
    Ok(())
}

alloy_sol_types::sol! {
    /// What only the owner calls.
    interface More {
        function lowerCap(bytes32 backer, uint256 cap) external;
        function pause() external;
        function unpause() external;
    }
}
