//! Answers whose texts play a balance, and responses that were touched on their way, with real proofs.

use crate::common::*;
use crate::whole::{failed, report, session, terms};
use ed25519_dalek::SigningKey;
use parlance_zktls_bank::{Layout, suites};
use parlance_zktls_protocol::{Chunk, Claim, Direction, Notarized, ProofFile, Recording};
use parlance_zktls_prove::{ProveError, Terms, prove};
use parlance_zktls_verify::CheckName;

/// Her nickname and memos spell balances; she has 1.05 EUR.
const MALLORY: (&str, &str) = ("demo-token-mallory-93aa51c07f22", "6fa459ea-ee8a-4ca4-894e-db77e160355e");
/// Ada's account with -12.50 USD.
const OVERDRAWN: &str = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";

#[tokio::test]
async fn texts_that_play_a_balance_prove_nothing_in_either_layout() -> Outcome {
    for layout in [Layout::Minified, Layout::Pretty] {
        let mut world = world(|config| {
            config.suites = vec![suites::AES_128_GCM];
            config.layout = layout;
            config.transactions = 3;
        })
        .await?;
        world.values = values(MALLORY.0, MALLORY.1);
        let bank = session(&world).await?;
        assert!(body(&bank)?.contains("999999.00") && body(&bank)?.contains('\n') == (layout == Layout::Pretty));
        for more in [106, 99_999_900] {
            assert!(matches!(prove(&bank, &world.template, &terms(more)), Err(ProveError::Claim(_))), "{more}");
        }
        let file = prove(&bank, &world.template, &terms(105))?;
        assert!(report(&world, &file, &terms(105), None).accepted);
        let forged = ProofFile { claim: Claim { at_least: 99_999_900, ..file.claim.clone() }, ..file };
        assert_eq!(failed(&report(&world, &forged, &terms(99_999_900), None)), [CheckName::Proof]);
    }
    Ok(())
}

#[tokio::test]
async fn an_overdrawn_account_holds_not_even_nothing() -> Outcome {
    let mut world = world(|_| {}).await?;
    world.values = values(TOKEN, OVERDRAWN);
    let bank = session(&world).await?;
    assert!(body(&bank)?.contains("-12.50"));
    let refused = prove(&bank, &world.template, &Terms { currency: *b"USD", ..terms(0) });
    assert!(matches!(refused, Err(ProveError::Claim(_))));
    Ok(())
}

/// One record a chunk.
fn by_record(recording: &Recording) -> Outcome<Recording> {
    let mut chunks = Vec::new();
    for Chunk { direction, bytes } in &recording.chunks {
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let [_, _, _, high, low, ..] = *rest else { return Err("half a record".into()) };
            let (record, after) = rest.split_at_checked(5 + usize::from(u16::from_be_bytes([high, low]))).ok_or("half a record")?;
            chunks.push(Chunk { direction: *direction, bytes: record.to_vec() });
            rest = after;
        }
    }
    Ok(Recording { chunks, ..recording.clone() })
}

/// Even where the notary had signed it so.
#[tokio::test]
async fn a_response_of_several_records_can_not_be_dropped_reordered_replayed_or_mixed() -> Outcome {
    let mut world = world(|config| {
        config.suites = vec![suites::AES_128_GCM];
        config.tickets = 0;
        config.record = Some(128);
    })
    .await?;
    let (bank, other) = (session(&world).await?, session(&world).await?);
    let file = prove(&bank, &world.template, &terms(1_234_567))?;
    let key = SigningKey::from_bytes(&[1; 32]);
    world.notary_key.key = key.verifying_key();
    // Where the first three records of a response stand.
    let places = |session: &parlance_zktls_prove::BankSession, recording: &Recording| -> Outcome<[usize; 3]> {
        let mut first = [0; 3];
        for (place, record) in first.iter_mut().zip(&session.facts.response) {
            let sealed = |body: &[u8]| body.starts_with(&record.bytes) && body.len() == record.bytes.len() + 16;
            let is_it = |chunk: &Chunk| chunk.direction == Direction::ToClient && chunk.bytes.get(5..).is_some_and(sealed);
            *place = recording.chunks.iter().position(is_it).ok_or("no such record")?;
        }
        Ok(first)
    };
    assert!(bank.facts.response.len() > 3, "{} records with the alert", bank.facts.response.len());
    let (recording, foreign) = (by_record(&bank.notarized.recording)?, by_record(&other.notarized.recording)?);
    let ([first, second, third], [_, strange, _]) = (places(&bank, &recording)?, places(&other, &foreign)?);
    let verdict = |change: &dyn Fn(&mut Vec<Chunk>)| -> Outcome<Vec<CheckName>> {
        let mut changed = recording.clone();
        change(&mut changed.chunks);
        let report = report(&world, &ProofFile { notarized: Notarized::sign(changed, &key)?, ..file.clone() }, &terms(1_234_567), None);
        assert_eq!(report.accepted, failed(&report).is_empty());
        Ok(failed(&report))
    };
    assert_eq!(verdict(&|_| ())?, [], "signed anew, it holds");
    let strange = &foreign.chunks[strange];
    for (what, change) in [
        ("the first dropped", &(|chunks: &mut Vec<Chunk>| drop(chunks.remove(first))) as &dyn Fn(&mut Vec<Chunk>)),
        ("one in the middle dropped", &|chunks| drop(chunks.remove(second))),
        ("two exchanged", &|chunks| chunks.swap(first, second)),
        ("the last two exchanged", &|chunks| chunks.swap(second, third)),
        ("one twice", &|chunks| chunks.insert(second, chunks[second].clone())),
        ("the first again at the end", &|chunks| chunks.insert(third + 1, chunks[first].clone())),
        ("one of another session", &|chunks| chunks[second] = strange.clone()),
    ] {
        assert_eq!(verdict(change)?, [CheckName::Proof], "{what}");
    }
    Ok(())
}
