//! A notary's keys.

use std::fmt;

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::ProtocolError;

/// SHA-256 of a notary's Ed25519 public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 32]);

impl KeyId {
    /// Of this key.
    #[must_use]
    pub fn of(key: &VerifyingKey) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// One key in a notary's public log, as lenders keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotaryKey {
    /// The Ed25519 public key, hexadecimal in files.
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    pub key: VerifyingKey,
    /// Who runs the notary.
    pub operator: String,
    /// First second of its validity, Unix time.
    pub from: u64,
    /// Last second of its validity.
    pub until: u64,
    /// From when on its signatures count no more, whatever time they state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<u64>,
}

impl NotaryKey {
    /// The key's id.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::of(&self.key)
    }

    /// Whether the key was valid at `time`. A revoked key could state any time, so it is valid at none.
    #[must_use]
    pub fn valid_at(&self, time: u64) -> bool {
        self.revoked.is_none() && (self.from..=self.until).contains(&time)
    }
}

fn to_hex<S: Serializer>(key: &VerifyingKey, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&KeyId(key.to_bytes()))
}

fn from_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<VerifyingKey, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_key(&text).map_err(serde::de::Error::custom)
}

fn parse_key(text: &str) -> Result<VerifyingKey, ProtocolError> {
    let wrong = || ProtocolError::value("notary key", text, "64 hexadecimal digits of an Ed25519 public key");
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>().ok_or_else(wrong)?;
    let bytes: Vec<u8> = digits.chunks(2).filter_map(|pair| Some(pair.first()? << 4 | pair.get(1)?)).collect();
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| wrong())?;
    if digits.len() != 64 {
        return Err(wrong());
    }
    VerifyingKey::from_bytes(&bytes).map_err(|_| wrong())
}
