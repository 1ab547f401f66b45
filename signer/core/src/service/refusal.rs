//! Refusals, with reason and remedy.

use parlance_policy::Overflow;
use parlance_signer_protocol::{Decided, Refusal, RefusalCode};

use super::in_flight::TakenBack;
use crate::SignerError;
use crate::origins::NotAllowed;

pub(super) fn refuse(code: RefusalCode, reason: impl Into<String>, remedy: impl Into<String>) -> Refusal {
    Refusal { code, reason: reason.into(), remedy: remedy.into(), decision: None }
}

pub(super) fn with(refusal: Refusal, decision: Decided) -> Refusal {
    Refusal { decision: Some(Box::new(decision)), ..refusal }
}

/// Of an error of this crate.
pub(super) fn of(error: SignerError) -> Refusal {
    use SignerError as E;
    let code = match &error {
        E::NoVault { .. } => RefusalCode::NoVault,
        E::Locked => RefusalCode::Locked,
        E::WrongPassword { .. } | E::TooSoon { .. } | E::PasswordTooShort { .. } => RefusalCode::Password,
        E::UnknownAccount { .. } | E::WatchOnly { .. } | E::AccountExists { .. } | E::WrongKey { .. } => RefusalCode::Account,
        E::NotDecoded { .. } | E::Unsupported { .. } => RefusalCode::Payload,
        E::NewerFormat { .. }
        | E::Damaged { .. }
        | E::RolledBack { .. }
        | E::KeyringSecretMissing
        | E::KeyringMismatch
        | E::VaultExists { .. } => RefusalCode::State,
        E::Phrase { .. } | E::QuizFailed { .. } | E::PrivateKey { .. } | E::Keystore { .. } | E::Label { .. } => RefusalCode::Rejected,
        _ => RefusalCode::Internal,
    };
    refuse(code, error.to_string(), error.remedy())
}

pub(super) fn not_allowed(error: &NotAllowed) -> Refusal {
    refuse(RefusalCode::NotAllowed, error.to_string(), error.remedy())
}

pub(super) fn overflow(error: &Overflow) -> Refusal {
    refuse(RefusalCode::Rules, error.to_string(), error.remedy())
}

pub(super) fn locked() -> Refusal {
    refuse(RefusalCode::Locked, "the wallet is locked", "Unlock it: you will be asked in the signer's own window.")
}

pub(super) fn expired() -> Refusal {
    refuse(RefusalCode::Expired, "nobody answered in time", "Ask again, and answer in the signer's window.")
}

pub(super) fn rejected() -> Refusal {
    refuse(RefusalCode::Rejected, "you said no", "Nothing was signed or changed. Ask again if that was a mistake.")
}

pub(super) fn taken_back(who: TakenBack) -> Refusal {
    let reason = match who {
        TakenBack::Wallet => "taken back by the wallet",
        TakenBack::Gone => "the connection that asked is closed",
        TakenBack::Incident => "everything was locked while you were asked",
    };
    refuse(RefusalCode::Rejected, reason, "Nothing was signed or changed. Ask again when you want it.")
}

pub(super) fn no_approver(reason: &str) -> Refusal {
    refuse(
        RefusalCode::NoApprover,
        format!("there is nobody to ask: {reason}"),
        "Start Parlance from a terminal or a desktop session, so that the signer can ask you.",
    )
}

pub(super) fn confused() -> Refusal {
    refuse(RefusalCode::Internal, "the approver answered something else than was asked", "Start Parlance again.")
}
