//! Proof and verification over `vega-prover`: the single circuit, with zero knowledge.
//!
//! The proving system stays behind this file. What it does not do for us is done here: bounded deserialization, no panic beyond
//! this boundary, the verifier's key built from our own circuit (never read from a file), all public values compared.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bincode::Options;
use vega_prover::provider::T256HyraxEngine;
use vega_prover::traits::Engine;
use vega_prover::traits::snark::{DigestHelperTrait, R1CSSNARKTrait};
use vega_prover::vega_sc_zkp::{VegaProverKey, VegaVerifierKey, VegaZkSNARK};

use crate::error::CircuitError;
use crate::statement::{Class, Statement};

/// The field of the constraint system: the scalars of T256.
pub type Scalar = <T256HyraxEngine as Engine>::Scalar;
type Snark = VegaZkSNARK<T256HyraxEngine>;

/// Largest proof that is looked at, bytes.
pub const MAX_PROOF: u64 = 512 << 10;

/// Keys of a size class, from our own circuit. Tens of megabytes to a gigabyte; built in seconds, kept for the process.
pub struct Keys {
    prover: VegaProverKey<T256HyraxEngine>,
    verifier: VegaVerifierKey<T256HyraxEngine>,
}

impl Keys {
    /// Those of a class; built where they are not there yet.
    ///
    /// # Errors
    /// [`CircuitError::Proving`] where the circuit can't be set up.
    pub fn of(class: Class) -> Result<Arc<Self>, CircuitError> {
        type Slot = Arc<OnceLock<Arc<Keys>>>;
        static KEYS: OnceLock<Mutex<HashMap<Class, Slot>>> = OnceLock::new();
        let slot = {
            let mut known = KEYS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(class).or_default())
        };
        if let Some(keys) = slot.get() {
            return Ok(Arc::clone(keys));
        }
        let (prover, verifier) = Snark::setup(Statement::shape(class)).map_err(|e| CircuitError::Proving(e.to_string()))?;
        Ok(Arc::clone(slot.get_or_init(|| Arc::new(Self { prover, verifier }))))
    }

    /// What identifies the circuit: the digest of the verifier's key.
    ///
    /// # Errors
    /// [`CircuitError::Proving`].
    pub fn digest(&self) -> Result<[u8; 32], CircuitError> {
        self.verifier.digest().map_err(|e| CircuitError::Proving(e.to_string()))
    }

    /// Constraints, variables and public inputs of the circuit.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        let [constraints, _, committed_first, committed_last, padded, _, _, _, public, _] = self.prover.sizes();
        Sizes { constraints, padded, first: committed_first, last: committed_last, public }
    }
}

/// How large a circuit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Constraints.
    pub constraints: usize,
    /// The same, padded to a power of two.
    pub padded: usize,
    /// Variables that are committed before the random point is drawn.
    pub first: usize,
    /// Those after it.
    pub last: usize,
    /// Public inputs.
    pub public: usize,
}

fn format() -> impl Options {
    bincode::DefaultOptions::new().with_fixint_encoding().with_limit(MAX_PROOF).reject_trailing_bytes()
}

/// Nothing that the proving system does wrong goes beyond here.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("the proving system gave up".to_owned()))
}

/// Proves a statement with its witness, and checks the proof.
///
/// # Errors
/// [`CircuitError::Proving`] where the witness does not satisfy the statement.
pub fn prove(keys: &Keys, statement: &Statement) -> Result<Vec<u8>, CircuitError> {
    let bytes = guarded(|| {
        let text = |e: vega_prover::errors::VegaError| e.to_string();
        // All that is committed first fits 64 bits; the shares of the lookups, behind the random point, don't.
        let prepared = Snark::prep_prove(&keys.prover, statement.clone(), true).map_err(text)?;
        let (proof, _) = Snark::prove(&keys.prover, statement.clone(), prepared, false).map_err(text)?;
        format().serialize(&proof).map_err(|e| e.to_string())
    })
    .map_err(CircuitError::Proving)?;
    // The prover itself does not notice a witness that does not fit.
    verify(keys, &statement.public_elements()?, &bytes)?;
    Ok(bytes)
}

/// Checks a proof for exactly these public inputs.
///
/// # Errors
/// [`CircuitError::Refused`] with the reason.
pub fn verify(keys: &Keys, public: &[Scalar], proof: &[u8]) -> Result<(), CircuitError> {
    let shown = guarded(|| {
        let proof: Snark = format().deserialize(proof).map_err(|e| format!("it is no proof: {e}"))?;
        proof.verify(&keys.verifier).map_err(|e| e.to_string())
    })
    .map_err(CircuitError::Refused)?;
    if shown != public {
        return Err(CircuitError::Refused("it is about other public values than those of this session and claim".to_owned()));
    }
    Ok(())
}
