//! What the proof is about, and who checks it.

use parlance_zktls_protocol::template::Shape;
use parlance_zktls_protocol::{Claim, Commitment, InnerHashes, ProofFile, Suite, Template};

use crate::{Ciphertext, SessionFacts, VerifyError};

/// All that prover and verifier agree on beforehand. The verifier derives it from the recording; nothing of it is taken
/// from the prover but the midstates, the claim and the holes' lengths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicInputs {
    /// Which statement.
    pub version: u16,
    /// The suite.
    pub suite: Suite,
    /// Hash of the handshake up to the ServerHello.
    pub th1: [u8; 32],
    /// Hash of the handshake up to the server's Finished.
    pub th2: [u8; 32],
    /// Server handshake traffic secret, under which the flight was checked.
    pub shts: [u8; 32],
    /// Midstates of the key schedule.
    pub inner: InnerHashes,
    /// Opened by the session.
    pub commitment: Commitment,
    /// The bank's template.
    pub template: Template,
    /// Threshold, currency, scope, nullifier.
    pub claim: Claim,
    /// What is known of each byte of the request.
    pub shape: Shape,
    /// The request, record by record, from sequence 0.
    pub request: Vec<Ciphertext>,
    /// Records to be proved tickets.
    pub tickets: Vec<Ciphertext>,
    /// The response from its first byte on, with all that follows.
    pub response: Vec<Ciphertext>,
}

impl PublicInputs {
    /// From a checked session and what the file states; refuses a request of another length than the template's.
    pub fn new(file: &ProofFile, facts: SessionFacts, template: &Template) -> Result<Self, VerifyError> {
        let shape = template.shape(&file.request_holes)?;
        let length: usize = facts.request.iter().map(Ciphertext::content_length).sum();
        if length != shape.slots.len() {
            return Err(VerifyError::condition("request", format!("{length} bytes"), format!("{} by the template", shape.slots.len())));
        }
        Ok(Self {
            version: file.version,
            suite: facts.suite,
            th1: facts.th1,
            th2: facts.th2,
            shts: file.shts,
            inner: file.inner,
            commitment: file.notarized.recording.commitment,
            template: template.clone(),
            claim: file.claim.clone(),
            shape,
            request: facts.request,
            tickets: facts.tickets,
            response: facts.response,
        })
    }
}

/// Checks proofs of one or several statements.
pub trait ProofSystem {
    /// Whether the proof holds for these public inputs.
    fn verify(&self, public: &PublicInputs, proof: &[u8]) -> Result<(), VerifyError>;
}
