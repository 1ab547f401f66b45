//! What both databases must do.

use alloy_primitives::{Address, B256, Bytes, FixedBytes, U256};
use parlance_credit::api::{Attested, Verdict};
use parlance_credit::{Attestation, Offer};
use parlance_lender::store::{Facts, NewAttestation, NewProof, Store, Taken};

use crate::world::*;

fn offer(nonce: u8, expiry: u64) -> Offer {
    Offer {
        nonce: B256::repeat_byte(nonce),
        borrower: Address::repeat_byte(1),
        lender: "Maple 'quoted' ☘".into(),
        template: B256::repeat_byte(2),
        atLeast: U256::from(1_000_000),
        currency: "EUR".into(),
        scope: FixedBytes(*b"parlance"),
        limit: U256::MAX,
        rate: U256::from(1200),
        cycle: 2_592_000,
        expiry,
        terms: "Terms.".into(),
    }
}

fn proof(sha256: u8, offer: &Offer, received: u64) -> NewProof {
    let verdict = Verdict {
        proof: B256::repeat_byte(sha256),
        accepted: true,
        statement: Some("At least.".into()),
        visible: vec!["The time.".into()],
        checks: vec![],
        reasons: vec![],
        offer: offer.clone(),
        expires: offer.expiry,
    };
    let facts = Facts { verdict, nullifier: B256::repeat_byte(7), notary: B256::repeat_byte(8), opened: received };
    NewProof { sha256: B256::repeat_byte(sha256), nonce: offer.nonce, facts, received, file: vec![0, 255, sha256] }
}

fn attestation(id: u8, proof: u8, issued: u64) -> NewAttestation {
    let attestation = Attestation {
        id: B256::repeat_byte(id),
        statement: B256::ZERO,
        borrower: Address::repeat_byte(1),
        limit: U256::from(u128::MAX),
        rate: U256::ZERO,
        cycle: 86_400,
        scope: FixedBytes::ZERO,
        nullifier: B256::repeat_byte(7),
        notaries: B256::ZERO,
        template: B256::ZERO,
        observedAt: issued,
        issuedAt: issued,
        expiry: issued + 1000,
        epoch: 1,
    };
    let attested = Attested { attestation, notaries: vec![B256::repeat_byte(8)], signatures: vec![Bytes::from(vec![9; 65])] };
    NewAttestation { proof: B256::repeat_byte(proof), attested, signature: Bytes::from(vec![5; 65]), opens: issued + 100 }
}

/// Everything that the store promises.
pub async fn keeps_its_promises(store: &Store) -> Outcome {
    let (first, second) = (offer(1, 5000), offer(2, 500_000));
    store.add_offer(&first).await?;
    store.add_offer(&second).await?;
    assert!(store.add_offer(&first).await.is_err(), "a nonce is used once");
    assert_eq!(store.offer(first.nonce).await?.as_ref(), Some(&first));
    assert_eq!(store.offer(B256::ZERO).await?, None);

    // One proof an offer, whoever comes at the same time.
    let (a, b) = (proof(10, &first, 100), proof(11, &first, 100));
    let (x, y) = tokio::join!(store.take_offer(&a), store.take_offer(&b));
    let taken = [x?, y?];
    assert_eq!(taken.iter().filter(|taken| **taken == Taken::ByThis).count(), 1, "{taken:?}");
    let winner = if taken[0] == Taken::ByThis { a } else { b };
    assert_eq!(store.take_offer(&winner).await?, Taken::ByThis, "again");
    assert_eq!(store.proof_for(first.nonce).await?, Some(winner.sha256));
    let stored = store.proof(winner.sha256).await?.ok_or("no proof")?;
    assert_eq!((&stored.facts, &stored.offer, stored.received), (&winner.facts, &first, 100));
    assert_eq!(store.proof_file(winner.sha256).await?, Some(winner.file.clone()));

    // One attestation a proof.
    let sha256 = winner.sha256.0[0];
    let issued = attestation(20, sha256, 100);
    store.add_attestation(&issued).await?;
    assert!(store.add_attestation(&attestation(21, sha256, 100)).await.is_err());
    let found = store.attestation_for(winner.sha256).await?.ok_or("none")?;
    assert_eq!((&found.attested, &found.signature, found.issued, found.opens), (&issued.attested, &issued.signature, 100, 200));
    assert_eq!((found.line, found.revoked), (None, None));
    assert_eq!((store.unopened(200).await?.len(), store.unopened(201).await?.len()), (1, 0));

    // A renewal is the line's only row; what has no line stands for itself.
    store.take_offer(&proof(12, &second, 300)).await?;
    let renewal = attestation(22, 12, 300);
    store.add_attestation(&renewal).await?;
    assert_eq!(store.book(0, 10).await?.len(), 2);
    let (old, new) = (issued.attested.attestation.id, renewal.attested.attestation.id);
    store.note_line(old, U256::MAX).await?;
    store.note_line(new, U256::MAX).await?;
    let book = store.book(0, 10).await?;
    assert_eq!(book.iter().map(|row| (row.attested.attestation.id, row.line)).collect::<Vec<_>>(), [(new, Some(U256::MAX))]);
    assert!(store.book(1, 10).await?.is_empty() && store.unopened(0).await?.is_empty());
    store.note_revoked(new, 400).await?;
    store.note_revoked(new, 500).await?;
    assert_eq!(store.attestation(new).await?.and_then(|row| row.revoked), Some(400));

    // Offers that nobody took go a day after they expired, files when they were kept long enough; what they say stays.
    store.add_offer(&offer(3, 5000)).await?;
    assert_eq!(store.tidy(5000 + 86_400, 1_000_000).await?, (0, 0));
    assert_eq!(store.tidy(5001 + 86_400, 5001 + 86_400 - 200).await?, (1, 1));
    assert_eq!(store.proof_file(winner.sha256).await?, None);
    assert!(store.proof(winner.sha256).await?.is_some() && store.offer(B256::repeat_byte(3)).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn sqlite_keeps_its_promises_for_its_owners_eyes_only() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = Store::open("sqlite:a book.db", folder.path()).await?;
    keeps_its_promises(&store).await?;
    store.close().await;
    for entry in std::fs::read_dir(folder.path())? {
        let entry = entry?;
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&entry.metadata()?.permissions()) & 0o077, 0, "{:?}", entry.path());
    }
    // It opens again, tables and all.
    let again = Store::open("sqlite:a book.db", folder.path()).await?;
    assert_eq!(again.book(0, 10).await?.len(), 1);
    Ok(())
}
