//! From an offer to money, over restarts and renewals.

use parlance_credit::Attestation;
use parlance_credit::api::Attested;
use parlance_credit::pool::Pool;

use crate::loan::*;
use crate::world::*;

#[tokio::test]
async fn a_proof_becomes_a_line_and_the_line_money_although_the_lender_is_killed_between() -> Outcome {
    let mut world = world().await?;
    whole_loan(&mut world).await
}

/// The story on any database.
pub async fn whole_loan(world: &mut World) -> Outcome {
    let (alice, bob) = (world.wallet().await?, world.wallet().await?);
    let lender = world.lender_info().await?;
    assert_eq!((lender.name.as_str(), lender.demo, lender.pool.address), ("Maple", true, world.pool));
    assert_eq!((lender.pool.symbol.as_str(), lender.pool.decimals, lender.tiers.len()), ("USDC", 6, 2));

    let offer = world.offer(&alice, 1_000_000).await?;
    assert_eq!((offer.limit, offer.lender.as_str()), (usdc(1500), "Maple"));
    assert!(offer.terms.contains("Play money") && offer.terms.contains("prove again every 30 days"), "{}", offer.terms);
    let file = world.prove(&offer).await?;
    let verdict = world.send_proof(&file).await?.map_err(|problem| format!("{problem:?}"))?;
    assert!(verdict.accepted && verdict.reasons.is_empty(), "{verdict:?}");
    assert_eq!((&verdict.offer, verdict.checks.len()), (&offer, 20));
    assert!(verdict.statement.as_deref().is_some_and(|statement| statement.contains("at least 10000.00 EUR")), "{verdict:?}");
    assert!(verdict.visible.iter().any(|sentence| sentence.contains("api.demo-bank.example")), "{verdict:?}");
    assert_eq!(world.send_proof(&file).await?, Ok(verdict.clone()), "the same file has the same verdict");

    // What was answered is there after a kill, and an application has one attestation, however often it is sent.
    world.kill_and_restart().await?;
    let attested = world.attested(&alice, &verdict).await?;
    world.kill_and_restart().await?;
    assert_eq!(world.attested(&alice, &verdict).await?, attested);
    let Attested { attestation, notaries, signatures } = &attested;
    assert_eq!((attestation.borrower, attestation.limit), (alice.address(), usdc(1500)));
    assert_eq!(notaries.as_slice(), [world.notary.id().0]);
    assert_eq!((attestation.notaries, signatures.len()), (Attestation::notaries(notaries), 1));
    assert_eq!(attestation.observedAt, file.notarized.recording.opened);

    let line = world.open(&alice, &attested).await?;
    assert!(world.draw(&alice, line, 1500).await? && !world.draw(&alice, line, 1).await?);
    assert_eq!(world.chain.token_balance(lender.pool.asset, alice.address()).await?, usdc(1500));

    // The account backs Alice's line: Bob can't have one on it, even with the login.
    let offer = world.offer(&bob, 1_000_000).await?;
    let verdict = world.send_proof(&world.prove(&offer).await?).await?.map_err(|problem| format!("{problem:?}"))?;
    assert!(!verdict.accepted && verdict.reasons.iter().any(|reason| reason.starts_with("nullifier")), "{verdict:?}");

    // Alice renews on it.
    let renewal = world.attested(&alice, &world.accepted(&alice, 1_200_000).await?).await?;
    let Attested { attestation, notaries, signatures } = renewal.clone();
    succeed(&world.chain, alice.address(), world.pool, Pool::renewCall { id: line, attestation, notaries, signatures }).await?;
    assert_eq!(world.chain.call(world.pool, Pool::lineOfCall { id: line }).await?.attestation, renewal.attestation.id);

    // Nothing secret or private went into the log.
    let log = world.log();
    let salt = alloy_primitives::hex::encode(file.salt.0);
    let secret = alloy_primitives::hex::encode(file.shts);
    for secret in [TOKEN, ACCOUNT, PASSWORD, &salt, &secret] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    assert!(log.contains("attested"), "{log}");
    Ok(())
}
