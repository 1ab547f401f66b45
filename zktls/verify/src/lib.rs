//! Checks a proof file offline: the recorded TLS session natively, the rest by its proof.
//!
//! [`verify`] is what a lender calls. It makes a [`Report`]: one [`Check`] with a sentence for everything that must hold.
//! [`examine`] is the part about the TLS session alone, which the prover runs on its own recording first.
//!
//! ```text
//! Recording --records--> records of both sides --hello--> the hellos are plain TLS 1.3 without resumption
//!           --transcript, flight, certificate--> the bank's certificate and Finished fit, under the disclosed SHTS
//!           --accounting--> which ciphertext is the request, and which the response
//!           --public--> PublicInputs --ProofSystem--> the claim
//! ```
//! What no check can exclude: a notary that colludes with the borrower, or somebody on the path between notary and bank.
//! Certificates are not checked for revocation, since this happens offline.

pub mod accounting;
mod certificate;
mod circuit;
mod error;
pub mod flight;
pub mod hello;
mod keys;
mod public;
pub mod records;
mod report;
mod session;
pub mod transcript;
mod trust;
mod verify;
mod wire;

pub use accounting::Ciphertext;
pub use circuit::{Circuit, circuit_inputs};
pub use error::VerifyError;
pub use public::{ProofSystem, PublicInputs};
pub use report::{Check, CheckName, Report};
pub use session::{SessionFacts, examine};
pub use trust::{Expectation, Registry, Trust};
pub use verify::verify;
