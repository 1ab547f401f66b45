//! The proof about a session, in the file that the lender gets.

use parlance_zktls_circuit::proof::{self, Keys};
use parlance_zktls_circuit::response::native;
use parlance_zktls_circuit::schedule::{Midstates, Secrets};
use parlance_zktls_circuit::statement::{Statement, VERSION, Witness};
use parlance_zktls_protocol::{Claim, InnerHashes, ProofFile, Salt, Session, Template, nullifier};
use parlance_zktls_verify::{PublicInputs, circuit_inputs};
use zeroize::Zeroizing;

use crate::{BankSession, ProveError};

/// What the lender asks for, and for whom.
#[derive(Clone, Debug)]
pub struct Terms {
    /// For whom; with the salt it opens the session's commitment.
    pub session: Session,
    /// The commitment's salt.
    pub salt: Salt,
    /// The balance is at least this, minor units.
    pub at_least: u64,
    /// In this currency.
    pub currency: [u8; 3],
    /// Of the nullifier.
    pub scope: [u8; 8],
}

/// Proves that the session's account holds at least what the terms ask. Seconds of both cores and up to 1.6 GB of memory (2.6 with
/// ChaCha20); not for an async thread.
///
/// # Errors
/// [`ProveError::Claim`] says in words what the answer does not show; nothing is disclosed then.
pub fn prove(session: &BankSession, template: &Template, terms: &Terms) -> Result<ProofFile, ProveError> {
    let secrets = Secrets::derive(session.facts.suite, session.secret.bytes(), &session.facts.th1, &session.facts.th2);
    let Midstates { handshake, derived, master, client, server } = secrets.midstates();
    let mut file = ProofFile {
        version: VERSION,
        session: terms.session.clone(),
        salt: terms.salt.clone(),
        notarized: session.notarized.clone(),
        shts: *session.shts,
        inner: InnerHashes { handshake, derived, master, client, server },
        claim: Claim {
            template: template.digest()?,
            at_least: terms.at_least,
            currency: terms.currency,
            scope: terms.scope,
            nullifier: [0; 32],
        },
        request_holes: session.holes.clone(),
        tickets: session.tickets,
        proof: Vec::new(),
    };
    let mut public = circuit_inputs(&PublicInputs::new(&file, session.facts.clone(), template)?)?;
    let response = session.response.get(..public.response.length).unwrap_or(&session.response);
    let found = native::find(&public.shape, &public.threshold, response)?;
    let id = match public.id {
        Some((start, length)) => Zeroizing::new(session.request.iter().skip(start.into()).take(length.into()).copied().collect()),
        None => found.id.clone(),
    };
    file.claim.nullifier = nullifier(&terms.scope, &template.domain, &id)?;
    public.nullifier = file.claim.nullifier;
    let keys = Keys::of(public.class)?;
    let witness = Witness { handshake: Zeroizing::new(*session.secret.bytes()), found, id };
    file.proof = proof::prove(&keys, &Statement::new(public, witness))?;
    Ok(file)
}
