//! What wallet and notary say to each other, over a WebSocket.
//!
//! 1. The wallet sends an [`Opening`]. Only then the notary resolves and dials the bank.
//! 2. Each binary message is bytes of the TLS session. An *empty* one closes its direction.
//! 3. When both are closed the notary sends [`Notarized`](crate::Notarized), its last message.
//!
//! Whatever goes wrong is a close frame with a [`Refusal`]'s code and sentence.

use crate::codec::{Reader, Wire, Writer, check_domain, document};
use crate::{Commitment, ProtocolError};

/// The WebSocket subprotocol; its number changes with the messages.
pub const SUBPROTOCOL: &str = "parlance-zktls-1";

/// The wallet's first message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// For whom the session is.
    pub commitment: Commitment,
    /// The bank.
    pub domain: String,
}

document!(Opening, 6);

impl Wire for Opening {
    fn write(&self, to: &mut Writer) -> Result<(), ProtocolError> {
        to.raw(&self.commitment.0);
        check_domain(&self.domain)?;
        to.string("domain", &self.domain, 1, 253)
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        let commitment = Commitment(from.array("commitment")?);
        let domain = from.string("domain", 1, 253)?;
        check_domain(&domain)?;
        Ok(Self { commitment, domain })
    }
}

/// Why a notary ends a session without a signature. A sentence fits a close frame: at most 123 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The first message is no [`Opening`].
    #[error("expected commitment and domain as the first message; use a wallet of the same release")]
    Opening,
    /// A text message, or bytes after the end of their direction.
    #[error("expected binary messages, and none after an empty one; use a wallet of the same release")]
    Message,
    /// The domain is not on the list.
    #[error("this notary does not relay to that domain; choose another notary")]
    Domain,
    /// The first message did not come in time.
    #[error("the first message did not come in time; try again")]
    Late,
    /// Nothing was sent for too long.
    #[error("nothing was sent for too long; try again")]
    Idle,
    /// The session lasts too long.
    #[error("the session lasted too long; try again")]
    TooLong,
    /// More bytes or more turns than are recorded.
    #[error("more bytes than this notary records; ask the bank for less")]
    TooMuch,
    /// Too many sessions from this address in the last minute.
    #[error("too many sessions from this address in a minute; wait a minute")]
    TooOften,
    /// Too many sessions from this address at once.
    #[error("too many sessions from this address at once; wait until one has ended")]
    AtOnce,
    /// No key is valid for the time of this session.
    #[error("this notary has no valid key; choose another notary")]
    Key,
    /// The bank can't be reached at a public address.
    #[error("the bank can't be reached from this notary; try again later or choose another notary")]
    Unreachable,
    /// The bank broke off.
    #[error("the bank broke the connection; try again")]
    Broken,
    /// Too many sessions at once.
    #[error("the notary is busy; try again later or choose another notary")]
    Busy,
}

impl Refusal {
    const ALL: [Self; 13] = [
        Self::Opening,
        Self::Message,
        Self::Domain,
        Self::Late,
        Self::Idle,
        Self::TooLong,
        Self::TooMuch,
        Self::TooOften,
        Self::AtOnce,
        Self::Key,
        Self::Unreachable,
        Self::Broken,
        Self::Busy,
    ];

    /// The close frame's code, of the range for private use; near HTTP's numbers.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Opening => 4400,
            Self::Message => 4406,
            Self::Domain => 4403,
            Self::Late => 4408,
            Self::Idle => 4409,
            Self::TooLong => 4410,
            Self::TooMuch => 4413,
            Self::TooOften => 4429,
            Self::AtOnce => 4430,
            Self::Key => 4500,
            Self::Unreachable => 4502,
            Self::Broken => 4504,
            Self::Busy => 4503,
        }
    }

    /// The refusal with this code.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_codes_of_their_own_and_fit_a_close_frame() {
        for refusal in Refusal::ALL {
            assert_eq!(Refusal::from_code(refusal.code()), Some(refusal));
            assert!((4000..5000).contains(&refusal.code()) && refusal.to_string().len() <= 123, "{refusal}");
        }
        assert_eq!(Refusal::from_code(1000), None);
    }

    #[test]
    fn openings_are_read_as_written() -> Result<(), ProtocolError> {
        let opening = Opening { commitment: Commitment([7; 32]), domain: "api.bank.example".into() };
        let bytes = opening.encode()?;
        assert_eq!(Opening::decode(&bytes)?, opening);
        for end in 0..bytes.len() {
            assert!(Opening::decode(&bytes[..end]).is_err());
        }
        for domain in ["", "localhost", "10.0.0.1", "API.bank.example", "api.bank.example."] {
            assert!(Opening { domain: domain.into(), ..opening.clone() }.encode().is_err(), "{domain}");
        }
        Ok(())
    }
}
