//! From the shared secret to the handshake secret (RFC 8446, 7.1).

use std::fmt;

use parlance_zktls_circuit::schedule::native::{Label, expand_label, handshake_secret};
use zeroize::Zeroizing;

/// TLS 1.3's handshake secret: all keys of the session follow from it and the transcript. The proof's witness.
#[derive(Clone)]
pub struct HandshakeSecret(Zeroizing<[u8; 32]>);

impl HandshakeSecret {
    /// Without a pre-shared key.
    pub(crate) fn of(shared: &[u8]) -> Self {
        Self(handshake_secret(shared))
    }

    /// Its bytes. Never for logs, files or messages.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The server handshake traffic secret, given the transcript hash up to the ServerHello.
    #[must_use]
    pub fn server_handshake_traffic(&self, th1: &[u8; 32]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(expand_label(&self.0, Label::ServerHandshakeTraffic, Some(th1)))
    }
}

impl fmt::Debug for HandshakeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandshakeSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        std::array::from_fn(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2).unwrap_or_default(), 16).unwrap_or_default())
    }

    /// RFC 8448, section 3: simple 1-RTT handshake.
    #[test]
    fn rfc_8448() {
        let shared: [u8; 32] = bytes("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d");
        let secret = HandshakeSecret::of(&shared);
        assert_eq!(secret.bytes(), &bytes("1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"));
        let th1 = bytes("860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8");
        let shts = bytes("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
        assert_eq!(*secret.server_handshake_traffic(&th1), shts);
        assert_eq!(format!("{secret:?}"), "HandshakeSecret(..)");
    }
}
