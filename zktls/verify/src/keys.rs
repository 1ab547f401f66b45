//! Keys that follow from a traffic secret, and the opening of records under them.

use aes_gcm::Aes128Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::ChaCha20Poly1305;
use parlance_zktls_circuit::schedule::native::{Label, expand_label, traffic_iv};
use parlance_zktls_protocol::Suite;

use crate::VerifyError;
use crate::records::Record;

/// Opens the records of one direction in their order.
pub(crate) struct Opener {
    cipher: Cipher,
    iv: [u8; 12],
    sequence: u64,
}

enum Cipher {
    Aes(Box<Aes128Gcm>),
    ChaCha(Box<ChaCha20Poly1305>),
}

impl Opener {
    pub(crate) fn new(suite: Suite, secret: &[u8; 32]) -> Self {
        let cipher = match suite {
            Suite::Aes128GcmSha256 => Cipher::Aes(Box::new(Aes128Gcm::new(&expand_label::<16>(secret, Label::Key, None).into()))),
            Suite::ChaCha20Poly1305Sha256 => {
                Cipher::ChaCha(Box::new(ChaCha20Poly1305::new(&expand_label::<32>(secret, Label::Key, None).into())))
            }
        };
        Self { cipher, iv: traffic_iv(secret), sequence: 0 }
    }

    /// The next record's plaintext with its inner type, tag checked.
    pub(crate) fn open(&mut self, record: &Record) -> Result<Vec<u8>, VerifyError> {
        let mut nonce = self.iv;
        nonce.iter_mut().rev().zip(self.sequence.to_le_bytes()).for_each(|(byte, sequence)| *byte ^= sequence);
        let payload = Payload { msg: &record.payload, aad: &record.header };
        let plain = match &self.cipher {
            Cipher::Aes(cipher) => cipher.decrypt(&nonce.into(), payload),
            Cipher::ChaCha(cipher) => cipher.decrypt(&nonce.into(), payload),
        };
        let plain = plain.map_err(|_| VerifyError::Tag(self.sequence))?;
        self.sequence += 1;
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
    }

    /// RFC 8448, section 3: the server's handshake traffic secret, its key, IV and Finished key.
    #[test]
    fn rfc_8448() {
        let secret = bytes("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
        assert_eq!(expand_label::<16>(&secret, Label::Key, None), bytes("3fce516009c21727d0f2e4e86ee403bc"));
        assert_eq!(traffic_iv(&secret), bytes("5d313eb2671276ee13000b30"));
        assert_eq!(
            expand_label::<32>(&secret, Label::Finished, None),
            bytes("008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8")
        );
    }
}
