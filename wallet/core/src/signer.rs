//! The signer process as the wallet sees it: questions out, answers and refusals back.

use std::{
    os::unix::net::UnixStream,
    sync::{Arc, Mutex},
};

use alloy_primitives::Address;
use parlance_signer_protocol::{
    Ceremony, Claims, Client, Contact, Decided, Payload, Refusal, RefusalCode, Request, Response, RulesInForce, Signed, Status,
};

use crate::error::{Result, WalletError};

/// How long a question that needs no person may take, milliseconds.
const QUICK: u64 = 15_000;
/// How long a person may take over an approval or a ceremony, milliseconds.
const PATIENT: u64 = 15 * 60 * 1000;

/// Connections to the signer; clones share them, one question at a time on each.
#[derive(Clone, Debug)]
pub struct Signer {
    /// For what a person may take long over.
    client: Arc<Mutex<Client>>,
    /// For what is answered at once, where there is a second connection: a window goes on showing what stands while the
    /// owner is asked.
    look: Option<Arc<Mutex<Client>>>,
}

impl Signer {
    /// Over the socket that the launcher handed down.
    #[must_use]
    pub fn new(socket: UnixStream) -> Self {
        Self { client: Arc::new(Mutex::new(Client::new(socket))), look: None }
    }

    /// Over two sockets: looking does not wait for the person, and never has the approver ask for the password by itself.
    #[must_use]
    pub fn with_second(socket: UnixStream, look: UnixStream) -> Self {
        Self { look: Some(Arc::new(Mutex::new(Client::new(look)))), ..Self::new(socket) }
    }

    /// Take back what the approver asks at present; it is answered as rejected.
    ///
    /// # Errors
    /// As [`Signer::status`]. [`WalletError::Task`] where there is no second connection over which to say so.
    pub async fn withdraw(&self) -> Result<String> {
        if self.look.is_none() {
            return Err(WalletError::Task("the only connection to the signer waits for the answer".into()));
        }
        match self.ask(Request::Withdraw {}, QUICK).await? {
            Response::Done { message } => Ok(message),
            other => Err(unexpected(&other)),
        }
    }

    /// State of the signer.
    ///
    /// # Errors
    /// [`WalletError::Signer`], [`WalletError::SignerRefused`].
    pub async fn status(&self) -> Result<Status> {
        match self.ask(Request::Status {}, QUICK).await? {
            Response::Status(status) => Ok(status),
            other => Err(unexpected(&other)),
        }
    }

    /// Decide without signing.
    ///
    /// # Errors
    /// As [`Signer::status`]; a decision "refused" is not an error.
    pub async fn decide(&self, payload: Payload, claims: Claims) -> Result<Decided> {
        match self.ask_unlocked(Request::Decide { payload, claims }, QUICK).await? {
            Response::Decided(decided) => Ok(decided),
            other => Err(unexpected(&other)),
        }
    }

    /// Decide, ask the owner where the rules say so, and sign.
    ///
    /// # Errors
    /// As [`Signer::status`]; [`WalletError::SignerRefused`] carries the decision.
    pub async fn sign(&self, payload: Payload, claims: Claims) -> Result<Signed> {
        match self.ask_unlocked(Request::Sign { payload, claims }, PATIENT).await? {
            Response::Signed(signed) => Ok(signed),
            other => Err(unexpected(&other)),
        }
    }

    /// The rules in force.
    ///
    /// # Errors
    /// As [`Signer::status`].
    pub async fn rules(&self) -> Result<RulesInForce> {
        match self.ask_unlocked(Request::Rules {}, QUICK).await? {
            Response::Rules(rules) => Ok(rules),
            other => Err(unexpected(&other)),
        }
    }

    /// The address book.
    ///
    /// # Errors
    /// As [`Signer::status`].
    pub async fn contacts(&self) -> Result<Vec<Contact>> {
        match self.ask_unlocked(Request::Contacts {}, QUICK).await? {
            Response::Contacts { contacts } => Ok(contacts),
            other => Err(unexpected(&other)),
        }
    }

    /// A proposal or ceremony that ends in a sentence; the person answers in the approver.
    ///
    /// # Errors
    /// As [`Signer::status`].
    pub async fn propose(&self, request: Request) -> Result<String> {
        match self.ask_unlocked(request, PATIENT).await? {
            Response::Done { message } => Ok(message),
            other => Err(unexpected(&other)),
        }
    }

    /// A dialogue that belongs to the approver alone; needs no unlocked vault.
    ///
    /// # Errors
    /// As [`Signer::status`].
    pub async fn ceremony(&self, kind: Ceremony) -> Result<String> {
        match self.ask(Request::Ceremony { kind }, PATIENT).await? {
            Response::Done { message } => Ok(message),
            other => Err(unexpected(&other)),
        }
    }

    /// Lock at once.
    ///
    /// # Errors
    /// As [`Signer::status`].
    pub async fn lock(&self) -> Result<String> {
        match self.ask(Request::Lock {}, QUICK).await? {
            Response::Done { message } => Ok(message),
            other => Err(unexpected(&other)),
        }
    }

    /// Have the approver ask for the password.
    ///
    /// # Errors
    /// As [`Signer::status`].
    pub async fn unlock(&self) -> Result<String> {
        match self.ask(Request::Unlock {}, PATIENT).await? {
            Response::Done { message } => Ok(message),
            other => Err(unexpected(&other)),
        }
    }

    /// Entries of the audit log, and how many there are.
    ///
    /// # Errors
    /// As [`Signer::status`].
    pub async fn audit(&self, from: u64, limit: u32) -> Result<(Vec<serde_json::Value>, u64)> {
        match self.ask_unlocked(Request::Audit { from, limit }, QUICK).await? {
            Response::Audit { entries, total } => Ok((entries, total)),
            other => Err(unexpected(&other)),
        }
    }

    /// Verify the audit log's chain: number of entries and hash of the last one.
    ///
    /// # Errors
    /// As [`Signer::status`]; [`WalletError::SignerRefused`] where the chain is broken.
    pub async fn audit_verify(&self) -> Result<(u64, String)> {
        match self.ask_unlocked(Request::AuditVerify {}, PATIENT).await? {
            Response::AuditVerified { entries, head } => Ok((entries, head)),
            other => Err(unexpected(&other)),
        }
    }

    /// The account that pays: the first one with a key.
    ///
    /// # Errors
    /// As [`Signer::status`]; [`WalletError::Ask`] where there is no vault or no account with a key.
    pub async fn account(&self) -> Result<Address> {
        let mut status = self.status().await?;
        if status.vault && status.locked && status.accounts.is_empty() {
            if self.look.is_some() {
                return Err(WalletError::SignerRefused(Box::new(locked())));
            }
            self.unlock().await?;
            status = self.status().await?;
        }
        if !status.vault {
            return Err(WalletError::Ask {
                code: "no_vault",
                message: "There is no wallet in this folder yet.".into(),
                remedy: "Make one with `parlance vault create`, or try the play-money world: `parlance dev up`.".into(),
            });
        }
        status.accounts.iter().find(|a| !a.watch_only).map(|a| a.address).ok_or_else(|| WalletError::Ask {
            code: "no_account",
            message: "This wallet has no account with a key.".into(),
            remedy: "Add one with `parlance vault add-account` or `parlance vault import`.".into(),
        })
    }

    /// Ask; where the vault is locked, let the owner unlock it and ask once more.
    async fn ask_unlocked(&self, request: Request, deadline: u64) -> Result<Response> {
        let insist = deadline == PATIENT || self.look.is_none();
        match self.ask(request.clone(), deadline).await {
            Err(WalletError::SignerRefused(r)) if r.code == RefusalCode::Locked && insist => {
                self.unlock().await?;
                self.ask(request, deadline).await
            }
            other => other,
        }
    }

    async fn ask(&self, request: Request, deadline: u64) -> Result<Response> {
        let client = match &self.look {
            Some(look) if deadline == QUICK => Arc::clone(look),
            _ => Arc::clone(&self.client),
        };
        let response = tokio::task::spawn_blocking(move || {
            let mut client = client.lock().map_err(|_| WalletError::Task("a question to the signer broke off".into()))?;
            client.call(request, deadline).map_err(WalletError::from)
        })
        .await
        .map_err(|e| WalletError::Task(e.to_string()))??;
        match response {
            Response::Refused(refusal) => Err(WalletError::SignerRefused(Box::new(refusal))),
            other => Ok(other),
        }
    }
}

/// What the signer itself says of a locked vault.
fn locked() -> Refusal {
    Refusal {
        code: RefusalCode::Locked,
        reason: "the wallet is locked".into(),
        remedy: "Unlock it in the signer's window.".into(),
        decision: None,
    }
}

fn unexpected(response: &Response) -> WalletError {
    let got = serde_json::to_value(response).ok().and_then(|v| v["answer"].as_str().map(str::to_owned)).unwrap_or_default();
    WalletError::Signer(parlance_signer_protocol::ProtocolError::Malformed(format!("answer {got:?} to another question")))
}
