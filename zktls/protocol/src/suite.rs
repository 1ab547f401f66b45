//! The two cipher suites.

use serde::{Deserialize, Serialize};

use crate::ProtocolError;

/// A TLS 1.3 cipher suite of which sessions can be proved. Both hash with SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Suite {
    /// TLS_AES_128_GCM_SHA256.
    #[serde(rename = "TLS_AES_128_GCM_SHA256")]
    Aes128GcmSha256,
    /// TLS_CHACHA20_POLY1305_SHA256.
    #[serde(rename = "TLS_CHACHA20_POLY1305_SHA256")]
    ChaCha20Poly1305Sha256,
}

impl Suite {
    /// The number in TLS.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::Aes128GcmSha256 => 0x1301,
            Self::ChaCha20Poly1305Sha256 => 0x1303,
        }
    }

    /// Length of a traffic key, bytes.
    #[must_use]
    pub const fn key_length(self) -> u8 {
        match self {
            Self::Aes128GcmSha256 => 16,
            Self::ChaCha20Poly1305Sha256 => 32,
        }
    }

    /// The IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Aes128GcmSha256 => "TLS_AES_128_GCM_SHA256",
            Self::ChaCha20Poly1305Sha256 => "TLS_CHACHA20_POLY1305_SHA256",
        }
    }
}

impl TryFrom<u16> for Suite {
    type Error = ProtocolError;

    fn try_from(number: u16) -> Result<Self, ProtocolError> {
        match number {
            0x1301 => Ok(Self::Aes128GcmSha256),
            0x1303 => Ok(Self::ChaCha20Poly1305Sha256),
            _ => Err(ProtocolError::value("cipher suite", format!("{number:04x}"), "1301 or 1303")),
        }
    }
}
