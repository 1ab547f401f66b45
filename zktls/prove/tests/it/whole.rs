//! From the login at the bank to the lender's report.

use crate::common::*;
use parlance_zktls_bank::suites;
use parlance_zktls_protocol::{Claim, ProofFile, Salt, Session};
use parlance_zktls_prove::{BankSession, ProveError, Terms, prove};
use parlance_zktls_verify::{CheckName, Circuit, Expectation, Registry, Report, Trust, verify};

/// A registry in which this borrower holds every account, or nobody any.
struct Held(Option<[u8; 20]>);

impl Registry for Held {
    fn holder(&self, _: &[u8; 8], _: &[u8; 32]) -> Option<[u8; 20]> {
        self.0
    }
}

pub fn terms(at_least: u64) -> Terms {
    let session = Session { wallet: [1; 20], chain: 31337, contract: [2; 20], lender_nonce: [3; 32], offer: [4; 32] };
    Terms { session, salt: Salt([5; 32]), at_least, currency: *b"EUR", scope: *b"demo/one" }
}

pub async fn session(world: &World) -> Result<BankSession, ProveError> {
    let terms = terms(0);
    let mut plan = world.plan();
    plan.commitment = terms.session.commit(&terms.salt);
    parlance_zktls_prove::open(&plan, |_| {}, &tokio_util::sync::CancellationToken::new()).await
}

pub fn report(world: &World, file: &ProofFile, expected: &Terms, held: Option<[u8; 20]>) -> Report {
    let trust = Trust {
        roots: world.root.clone(),
        notaries: vec![world.notary_key.clone()],
        templates: vec![world.template.clone()],
        local_banks: true,
    };
    let expectation = Expectation {
        session: expected.session.clone(),
        at_least: expected.at_least,
        currency: expected.currency,
        scope: expected.scope,
        now: file.notarized.recording.closed + 10,
        max_age: 3600,
    };
    verify(file, &trust, &expectation, &Held(held), &Circuit)
}

pub fn failed(report: &Report) -> Vec<CheckName> {
    report.checks.iter().filter(|check| !check.passed).map(|check| check.name).collect()
}

#[tokio::test]
async fn the_lender_learns_that_there_is_enough_and_nothing_less_is_accepted() -> Outcome {
    for suite in [suites::AES_128_GCM, suites::CHACHA20_POLY1305] {
        let world = world(|config| config.suites = vec![suite]).await?;
        let bank = session(&world).await?;
        // The account holds 12345.67.
        let exact = terms(1_234_567);
        let file = prove(&bank, &world.template, &exact)?;
        let shown = report(&world, &file, &exact, None);
        assert!(shown.accepted, "{shown:?}");
        assert!(shown.statement.as_deref().is_some_and(|s| s.contains("at least 12345.67 EUR")), "{shown:?}");
        let bytes = file.encode()?;
        assert_eq!(ProofFile::decode(&bytes)?, file, "the file is what was proved");
        for secret in [TOKEN, ACCOUNT] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "no secret is in the file");
        }
        eprintln!("{:?}: proof {} bytes, file {} bytes", bank.facts.suite, file.proof.len(), bytes.len());

        // One cent more is not there, nor is another currency.
        assert!(matches!(prove(&bank, &world.template, &terms(1_234_568)), Err(ProveError::Claim(_))));
        assert!(matches!(prove(&bank, &world.template, &Terms { currency: *b"USD", ..exact.clone() }), Err(ProveError::Claim(_))));

        // A file that says something else than was proved.
        for (what, claim) in [
            ("more", Claim { at_least: 1_234_568, ..file.claim.clone() }),
            ("another account", Claim { nullifier: [7; 32], ..file.claim.clone() }),
            ("another scope", Claim { scope: *b"demo/two", ..file.claim.clone() }),
        ] {
            let forged = ProofFile { claim, ..file.clone() };
            let expected = Terms { at_least: forged.claim.at_least, scope: forged.claim.scope, ..exact.clone() };
            let shown = report(&world, &forged, &expected, None);
            assert_eq!(failed(&shown), [CheckName::Proof], "{what}");
            assert!(!shown.accepted && shown.statement.is_none(), "{what}");
        }

        // For another wallet, lender or offer; for an account that backs another borrower's line.
        let sold = Terms { session: Session { wallet: [9; 20], ..exact.session.clone() }, ..exact.clone() };
        assert!(failed(&report(&world, &file, &sold, None)).contains(&CheckName::Session));
        assert_eq!(failed(&report(&world, &file, &exact, Some([8; 20]))), [CheckName::Nullifier]);
        assert!(report(&world, &file, &exact, Some([1; 20])).accepted, "the same borrower may renew");
    }
    Ok(())
}

#[tokio::test]
async fn a_proof_about_one_session_is_none_about_another() -> Outcome {
    let world = world(|config| config.suites = vec![suites::AES_128_GCM]).await?;
    let (first, second) = (session(&world).await?, session(&world).await?);
    let file = prove(&first, &world.template, &terms(1_000_000))?;
    let other = prove(&second, &world.template, &terms(1_000_000))?;
    assert_eq!(file.claim.nullifier, other.claim.nullifier, "one account, one nullifier");
    let swapped = ProofFile { proof: other.proof.clone(), ..file.clone() };
    assert_eq!(failed(&report(&world, &swapped, &terms(1_000_000), None)), [CheckName::Proof]);
    Ok(())
}
