//! What a lender brings along: whom it trusts, what it offered, and which accounts back a line already.

use std::net::SocketAddr;

use parlance_zktls_protocol::{Claim, Notarized, NotaryKey, ProofFile, Recording, Session, Template, is_public};
use rustls_pki_types::CertificateDer;

use crate::VerifyError;

/// Clocks of notary and lender may differ by this, seconds.
const CLOCK_SKEW: u64 = 300;

/// Whom a lender trusts.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Roots of the web's certificates.
    pub roots: Vec<CertificateDer<'static>>,
    /// Notaries' keys, with revocations.
    pub notaries: Vec<NotaryKey>,
    /// Accepted templates.
    pub templates: Vec<Template>,
    /// Whether a bank may stand at a local address and any port: for trials only.
    pub local_banks: bool,
}

/// What the lender offered, and what it asks for.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// For whom, with the nonce and the offer's hash.
    pub session: Session,
    /// The balance must be at least this, minor units.
    pub at_least: u64,
    /// In this currency.
    pub currency: [u8; 3],
    /// Of the registry.
    pub scope: [u8; 8],
    /// Now, Unix seconds.
    pub now: u64,
    /// How old a session may be, seconds.
    pub max_age: u64,
}

/// Which accounts back a line.
pub trait Registry {
    /// The borrower whose line the account backs, if any.
    fn holder(&self, scope: &[u8; 8], nullifier: &[u8; 32]) -> Option<[u8; 20]>;
}

impl Trust {
    pub(crate) fn check_signature<'a>(&'a self, notarized: &Notarized) -> Result<&'a NotaryKey, VerifyError> {
        let unknown = || VerifyError::condition("notary key", notarized.key, "a notary that the lender trusts");
        let key = self.notaries.iter().find(|key| key.id() == notarized.key).ok_or_else(unknown)?;
        notarized.verify(&key.key)?;
        Ok(key)
    }

    pub(crate) fn template(&self, file: &ProofFile) -> Result<&Template, VerifyError> {
        let digest = file.claim.template;
        let found = self.templates.iter().find(|template| template.digest().is_ok_and(|own| own == digest));
        let template =
            found.ok_or_else(|| VerifyError::condition("template", crate::wire::hex(&digest), "a template that the lender accepts"))?;
        let domain = &file.notarized.recording.domain;
        if template.domain != *domain {
            return Err(VerifyError::condition("domain", domain, &template.domain));
        }
        Ok(template)
    }

    pub(crate) fn check_address(&self, address: SocketAddr) -> Result<(), VerifyError> {
        if self.local_banks || (address.port() == 443 && is_public(address.ip())) {
            return Ok(());
        }
        Err(VerifyError::condition("the bank's address", address, "a public address and port 443"))
    }
}

impl Expectation {
    pub(crate) fn check_session(&self, file: &ProofFile) -> Result<(), VerifyError> {
        if file.session != self.session {
            return Err(VerifyError::condition("session", "another wallet, chain, contract, nonce or offer", "the lender's own"));
        }
        if file.session.commit(&file.salt) != file.notarized.recording.commitment {
            return Err(VerifyError::condition("commitment", "one to another session", "the notary's, opened by session and salt"));
        }
        Ok(())
    }

    pub(crate) fn check_age(&self, recording: &Recording) -> Result<u64, VerifyError> {
        let Recording { opened, closed, .. } = recording;
        if opened > closed || *closed > self.now.saturating_add(CLOCK_SKEW) {
            return Err(VerifyError::condition("time", format!("{opened} to {closed}"), format!("a time before {}", self.now)));
        }
        let age = self.now.saturating_sub(*opened);
        if age > self.max_age {
            return Err(VerifyError::condition("age", format!("{age} s"), format!("at most {} s", self.max_age)));
        }
        Ok(age)
    }

    pub(crate) fn check_claim(&self, claim: &Claim) -> Result<(), VerifyError> {
        if claim.at_least < self.at_least {
            return Err(VerifyError::condition("threshold", claim.at_least, self.at_least));
        }
        if claim.currency != self.currency {
            let text = |currency: &[u8; 3]| String::from_utf8_lossy(currency).into_owned();
            return Err(VerifyError::condition("currency", text(&claim.currency), text(&self.currency)));
        }
        if claim.scope != self.scope {
            return Err(VerifyError::condition("scope", crate::wire::hex(&claim.scope), crate::wire::hex(&self.scope)));
        }
        Ok(())
    }
}

/// Whether the notary's key was valid for the whole session.
pub(crate) fn check_key(key: &NotaryKey, recording: &Recording) -> Result<(), VerifyError> {
    if key.valid_at(recording.opened) && key.valid_at(recording.closed) {
        return Ok(());
    }
    let got = if key.revoked.is_some() { "a revoked key".into() } else { format!("a key valid {} to {}", key.from, key.until) };
    Err(VerifyError::condition("notary key", got, format!("validity {} to {}", recording.opened, recording.closed)))
}

pub(crate) fn check_nullifier(registry: &dyn Registry, file: &ProofFile) -> Result<(), VerifyError> {
    match registry.holder(&file.claim.scope, &file.claim.nullifier) {
        Some(other) if other != file.session.wallet => {
            Err(VerifyError::condition("account", "one that backs another borrower's line", "an account that backs no other line"))
        }
        _ => Ok(()),
    }
}
