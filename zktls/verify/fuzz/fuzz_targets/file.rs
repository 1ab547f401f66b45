//! Any bytes as documents: what is read is written the same. And a proof file that is read never passes a lender who trusts
//! nobody, whatever it states of itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parlance_zktls_protocol::{Claim, Notarized, ProofFile, Recording, Session};
use parlance_zktls_verify::{Expectation, ProofSystem, PublicInputs, Registry, Trust, VerifyError, circuit_inputs, verify};

/// Takes every proof for which there is a circuit.
struct Credulous;

impl ProofSystem for Credulous {
    fn verify(&self, public: &PublicInputs, _: &[u8]) -> Result<(), VerifyError> {
        let inputs = circuit_inputs(public)?;
        inputs.elements()?;
        Ok(())
    }
}

struct Nobody;

impl Registry for Nobody {
    fn holder(&self, _: &[u8; 8], _: &[u8; 32]) -> Option<[u8; 20]> {
        None
    }
}

fuzz_target!(|bytes: &[u8]| {
    let same = |again: Result<Vec<u8>, _>| assert!(again.is_ok_and(|again: Vec<u8>| again == bytes), "another spelling");
    if let Ok(session) = Session::decode(bytes) {
        same(session.encode());
    }
    if let Ok(recording) = Recording::decode(bytes) {
        same(recording.encode());
    }
    if let Ok(notarized) = Notarized::decode(bytes) {
        same(notarized.encode());
    }
    if let Ok(claim) = Claim::decode(bytes) {
        same(claim.encode());
    }
    let Ok(file) = ProofFile::decode(bytes) else { return };
    same(file.encode());
    let expected = Expectation {
        session: file.session.clone(),
        at_least: file.claim.at_least,
        currency: file.claim.currency,
        scope: file.claim.scope,
        now: file.notarized.recording.closed,
        max_age: u64::MAX,
    };
    assert!(!verify(&file, &Trust::default(), &expected, &Nobody, &Credulous).accepted);
});
