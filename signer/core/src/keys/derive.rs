//! BIP-32 derivation along BIP-44 paths.

use bip32::{ChildNumber, XPrv};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Password, Phrase, PrivateKey};
use crate::SignerError;

/// A BIP-44 path for Ethereum, `m/44'/60'/account'/0/index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountPath {
    account: u32,
    index: u32,
}

impl AccountPath {
    /// Where the account for agents lives: a BIP-44 account of its own, so that its number never depends on how many
    /// everyday accounts there are.
    pub const AGENTS: Self = Self { account: 1, index: 0 };

    /// `m/44'/60'/0'/0/index`.
    ///
    /// # Errors
    /// [`SignerError::Derivation`] where `index` has its top bit set (BIP-32 keeps that for hardened children).
    pub fn everyday(index: u32) -> Result<Self, SignerError> {
        let path = Self { account: 0, index };
        path.children()?;
        Ok(path)
    }

    /// The last number of the path.
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

    /// True for `m/44'/60'/0'/0/i`.
    #[must_use]
    pub fn is_everyday(self) -> bool {
        self.account == 0
    }

    fn children(self) -> Result<[ChildNumber; 5], SignerError> {
        let child = |number, hardened| {
            ChildNumber::new(number, hardened).map_err(|_| SignerError::Derivation { reason: format!("{number} is not below 2^31") })
        };
        Ok([child(44, true)?, child(60, true)?, child(self.account, true)?, child(0, false)?, child(self.index, false)?])
    }
}

impl std::fmt::Display for AccountPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "m/44'/60'/{}'/0/{}", self.account, self.index)
    }
}

/// The root of a phrase's keys (BIP-32 master key). Wiped on drop.
pub(crate) struct Root(Zeroizing<[u8; 64]>);

impl Root {
    /// Runs PBKDF2 once; deriving many accounts from one root is cheap.
    pub(crate) fn of(phrase: &Phrase, passphrase: Option<&Password>) -> Result<Self, SignerError> {
        Ok(Self(phrase.seed(passphrase)?))
    }

    /// The key at `path`.
    pub(crate) fn key(&self, path: AccountPath) -> Result<PrivateKey, SignerError> {
        let children = path.children()?;
        let mut key = XPrv::new(self.0.as_slice()).map_err(derivation_error)?;
        for child in children {
            key = key.derive_child(child).map_err(derivation_error)?;
        }
        let bytes = Zeroizing::new(<[u8; 32]>::from(key.private_key().to_bytes()));
        PrivateKey::from_bytes(bytes.as_slice())
    }
}

fn derivation_error(error: bip32::Error) -> SignerError {
    // BIP-32: with probability below 2^-127 a child does not exist, and the next one shall be used.
    SignerError::Derivation { reason: error.to_string() }
}
