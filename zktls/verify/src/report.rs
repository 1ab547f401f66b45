//! What was checked, in sentences.

use serde::Serialize;

use crate::VerifyError;

/// Everything that must hold, in the order of checking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckName {
    /// The notary's signature fits the recording.
    NotarySignature,
    /// Its key is one that the lender trusts, valid at the time.
    NotaryKey,
    /// The session is the lender's own offer, and the recording's commitment is to it.
    Session,
    /// Not too old.
    Age,
    /// The bank's address is public.
    Address,
    /// Both streams are TLS records.
    Records,
    /// The client's hello is plain TLS 1.3.
    ClientHello,
    /// The server's hello answers it.
    ServerHello,
    /// The server's handshake decrypts and is well-formed.
    Flight,
    /// The certificate's chain and name.
    Certificate,
    /// The certificate's key signed this handshake.
    CertificateVerify,
    /// The server's Finished.
    Finished,
    /// All that the client sent is accounted for.
    RequestRecords,
    /// All that the server sent until the response is accounted for.
    ResponseRecords,
    /// The request was sent before the response.
    Order,
    /// The template is one that the lender accepts, for this bank.
    Template,
    /// The request has the template's length.
    Request,
    /// Threshold, currency and scope are what the offer asks for.
    Claim,
    /// The account backs no other borrower's line.
    Nullifier,
    /// The proof.
    Proof,
}

impl CheckName {
    /// All of the TLS session.
    pub const SESSION: [Self; 10] = [
        Self::Records,
        Self::ClientHello,
        Self::ServerHello,
        Self::Flight,
        Self::Certificate,
        Self::CertificateVerify,
        Self::Finished,
        Self::RequestRecords,
        Self::ResponseRecords,
        Self::Order,
    ];
    /// All of a proof file.
    pub const ALL: [Self; 20] = [
        Self::NotarySignature,
        Self::NotaryKey,
        Self::Session,
        Self::Age,
        Self::Address,
        Self::Records,
        Self::ClientHello,
        Self::ServerHello,
        Self::Flight,
        Self::Certificate,
        Self::CertificateVerify,
        Self::Finished,
        Self::RequestRecords,
        Self::ResponseRecords,
        Self::Order,
        Self::Template,
        Self::Request,
        Self::Claim,
        Self::Nullifier,
        Self::Proof,
    ];
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Which.
    pub name: CheckName,
    /// Whether it holds.
    pub passed: bool,
    /// What was found.
    pub sentence: String,
}

/// All checks that could be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether every required check was made and holds.
    pub accepted: bool,
    /// What is proved, when it is accepted.
    pub statement: Option<String>,
    /// What anybody who has the file learns besides.
    pub visible: Vec<String>,
    /// The checks that could be made.
    pub checks: Vec<Check>,
    /// Required checks that could not be made, because others failed.
    pub open: Vec<CheckName>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { accepted: false, statement: None, visible: Vec::new(), checks: Vec::new(), open: Vec::new() }
    }

    /// Notes the outcome; gives the value on, when there is one.
    pub(crate) fn note<T>(&mut self, name: CheckName, result: Result<T, VerifyError>, sentence: impl FnOnce(&T) -> String) -> Option<T> {
        let (passed, sentence) = match &result {
            Ok(value) => (true, sentence(value)),
            Err(error) => (false, error.to_string()),
        };
        self.checks.push(Check { name, passed, sentence });
        result.ok()
    }

    /// Decides. A check that was not made counts as one that failed.
    pub(crate) fn close(mut self, required: &[CheckName]) -> Self {
        let made = |name: &CheckName| self.checks.iter().any(|check| check.name == *name);
        self.open = required.iter().filter(|name| !made(name)).copied().collect();
        self.accepted = self.open.is_empty() && self.checks.iter().all(|check| check.passed);
        self
    }

    /// The outcome of a check, if it was made.
    #[must_use]
    pub fn check(&self, name: CheckName) -> Option<&Check> {
        self.checks.iter().find(|check| check.name == name)
    }
}
