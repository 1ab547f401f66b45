//! What went wrong, for people: every command of a front end fails with this.

use parlance_signer_protocol::RefusalCode;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::error::WalletError;

/// What went wrong and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Problem {
    /// Stable name. A signer that is locked is `locked`.
    pub code: String,
    /// What was got and what was expected.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl From<&WalletError> for Problem {
    fn from(error: &WalletError) -> Self {
        let code = match error {
            WalletError::SignerRefused(refusal) if refusal.code == RefusalCode::Locked => "locked",
            other => other.code(),
        };
        Self { code: code.into(), message: error.to_string(), remedy: error.remedy() }
    }
}

impl From<WalletError> for Problem {
    fn from(error: WalletError) -> Self {
        Self::from(&error)
    }
}
