//! Verifying a proof file, bounded, and saying what was found.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parlance_credit::api::Check;
use parlance_zktls_circuit::proof::Keys;
use parlance_zktls_circuit::statement::Class;
use parlance_zktls_protocol::{ProofFile, Suite};
use parlance_zktls_verify::{CheckName, Circuit, Expectation, Registry, Report, verify};
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::trust::Trusted;
use crate::{LenderError, Refusal};

/// What was found in a proof file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// Whether every check was made and holds.
    pub accepted: bool,
    /// What is proved, when it is accepted.
    pub statement: Option<String>,
    /// What anybody who has the file learns besides.
    pub visible: Vec<String>,
    /// The checks that could be made.
    pub checks: Vec<Check>,
    /// What was not compared with anything, and how to do it.
    pub unchecked: Vec<String>,
    /// Why it is not accepted.
    pub reasons: Vec<String>,
}

/// The borrower whose line an account backs, as was read beforehand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Holder(pub Option<[u8; 20]>);

impl Registry for Holder {
    fn holder(&self, _: &[u8; 8], _: &[u8; 32]) -> Option<[u8; 20]> {
        self.0
    }
}

/// Verifies one file after the other.
#[derive(Debug)]
pub struct Judge {
    trusted: Arc<Trusted>,
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    most: usize,
    warm: AtomicBool,
}

impl Judge {
    /// Verifies `at_once` files; `waiting` more may wait.
    #[must_use]
    pub fn new(trusted: Arc<Trusted>, at_once: usize, waiting: usize) -> Self {
        let places = Arc::new(Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS)));
        Self { trusted, places, waiting: AtomicUsize::new(0), most: at_once.saturating_add(waiting), warm: AtomicBool::new(false) }
    }

    /// Makes the circuit's keys for the commonest size beforehand, once: seconds that would else be the first file's.
    pub fn warm(&self) {
        if !self.warm.swap(true, Ordering::SeqCst) {
            drop(tokio::task::spawn_blocking(|| {
                let keys = Class::all(Suite::Aes128GcmSha256).first().map(|class| Keys::of(*class).map(drop));
                if let Some(Err(error)) = keys {
                    tracing::warn!(%error, "the circuit's keys");
                }
            }));
        }
    }

    /// Judges a file beside the other work.
    pub async fn judge(&self, file: ProofFile, expected: Expectation, holder: Holder) -> Result<Judgement, LenderError> {
        self.run(move |trusted| judge(&file, trusted, &expected, holder)).await
    }

    /// Does such work on a thread of its own when its turn has come.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Trusted) -> T + Send + 'static) -> Result<T, LenderError> {
        let _place = Waiting::enter(&self.waiting, self.most)?;
        let permit = self.places.clone().acquire_owned().await.map_err(|error| LenderError::Task(error.to_string()))?;
        let trusted = self.trusted.clone();
        let working = tokio::task::spawn_blocking(move || {
            // Held by the work itself: who hangs up does not make room.
            let _permit = permit;
            work(&trusted)
        });
        working.await.map_err(|error| LenderError::Task(error.to_string()))
    }
}

struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize, most: usize) -> Result<Self, Refusal> {
        let before = count.fetch_add(1, Ordering::SeqCst);
        let place = Self(count);
        if before < most {
            return Ok(place);
        }
        Err(Refusal::new(429, "busy", format!("{before} proofs are being verified or wait for it"), "send the proof again in a minute"))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Judges a file. Takes a second of all cores and hundreds of megabytes; the first of each size some seconds more.
#[must_use]
pub fn judge(file: &ProofFile, trusted: &Trusted, expected: &Expectation, holder: Holder) -> Judgement {
    let mut judgement = Judgement::from(verify(file, &trusted.trust, expected, &holder, &Circuit));
    if !judgement.visible.is_empty() && !file.request_holes.is_empty() {
        let holes: Vec<String> = file.request_holes.iter().map(|hole| format!("{} {} bytes", hole.name, hole.length)).collect();
        judgement.visible.push(format!("The lengths of the request's hidden parts ({}).", holes.join(", ")));
    }
    judgement
}

impl From<Report> for Judgement {
    fn from(report: Report) -> Self {
        let mut reasons: Vec<String> =
            report.checks.iter().filter(|check| !check.passed).map(|check| format!("{}: {}.", name(check.name), check.sentence)).collect();
        if !report.open.is_empty() {
            let open: Vec<String> = report.open.iter().map(|open| name(*open)).collect();
            reasons.push(format!("Not checked, because of that: {}.", open.join(", ")));
        }
        let checks =
            report.checks.iter().map(|check| Check { name: name(check.name), passed: check.passed, sentence: check.sentence.clone() });
        Self {
            accepted: report.accepted,
            statement: report.statement.clone(),
            visible: report.visible.clone(),
            checks: checks.collect(),
            unchecked: Vec::new(),
            reasons,
        }
    }
}

/// `notary-signature`, as in JSON.
#[must_use]
pub fn name(check: CheckName) -> String {
    serde_json::to_value(check).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_when_all_places_are_taken_is_told() {
        let count = AtomicUsize::new(0);
        let first = Waiting::enter(&count, 1);
        assert!(first.is_ok());
        assert_eq!(Waiting::enter(&count, 1).err().map(|refusal| refusal.status), Some(429));
        drop(first);
        assert!(Waiting::enter(&count, 1).is_ok());
    }

    #[test]
    fn checks_have_their_names_in_json() {
        assert_eq!(name(CheckName::NotarySignature), "notary-signature");
        assert_eq!(name(CheckName::Proof), "proof");
    }
}
