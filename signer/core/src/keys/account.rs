//! Accounts: what the owner sees of a key.

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};

use super::AccountPath;
use crate::SignerError;

/// One account. Nothing in it is secret, but all of it is private.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its address.
    pub address: Address,
    /// The owner's name for it.
    pub label: Label,
    /// What it is for.
    pub purpose: Purpose,
    /// Where its key comes from.
    pub source: AccountSource,
}

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The owner's own payments.
    Everyday,
    /// The small account that agents spend from: its balance bounds their losses whatever else fails.
    Agents,
}

/// Where an account's key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum AccountSource {
    /// From a phrase.
    Derived {
        /// Which of the vault's phrases, counted from 0.
        phrase: u32,
        /// The BIP-44 path.
        path: AccountPath,
    },
    /// Imported as a key or a keystore file: no phrase restores it.
    Imported,
    /// No key here.
    WatchOnly,
}

/// An owner's name for an account: 1 to 64 characters, none of them invisible, trimmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

impl Label {
    /// Longest label, in characters.
    pub const LIMIT: usize = 64;

    /// Checks and trims.
    ///
    /// # Errors
    /// [`SignerError::Label`] where it is empty, too long, or has control or bidirectional characters, with which one
    /// label could be made to look like another one.
    pub fn new(text: &str) -> Result<Self, SignerError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SignerError::Label { reason: "it is empty" });
        }
        if text.chars().count() > Self::LIMIT {
            return Err(SignerError::Label { reason: "it is longer than 64 characters" });
        }
        if text.chars().any(is_invisible) {
            return Err(SignerError::Label { reason: "it has control or invisible characters" });
        }
        Ok(Self(text.to_owned()))
    }

    /// The label.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Label {
    type Error = SignerError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Control, zero-width, bidirectional and tag characters.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_plain_and_short() {
        assert_eq!(Label::new("  Rent & food ").unwrap().as_str(), "Rent & food");
        assert_eq!(Label::new("Größe 家").unwrap().as_str(), "Größe 家");
        for bad in ["", "   ", "a\u{202e}b", "zero\u{200b}width", "line\nbreak", &"x".repeat(65)] {
            assert!(Label::new(bad).is_err(), "{bad:?}");
        }
        assert!(serde_json::from_str::<Label>("\"a\\u202eb\"").is_err());
    }
}
