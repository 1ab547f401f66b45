//! The running hash over the handshake's messages.

use sha2::{Digest, Sha256};

/// Hash of the messages so far; both suites hash with SHA-256.
#[derive(Clone, Default)]
pub struct Transcript(Sha256);

impl Transcript {
    /// A transcript that begins with these messages.
    #[must_use]
    pub fn of(messages: &[&[u8]]) -> Self {
        let mut transcript = Self::default();
        messages.iter().for_each(|message| transcript.add(message));
        transcript
    }

    /// After a HelloRetryRequest the first ClientHello is replaced by a message that holds its hash (RFC 8446, 4.4.1).
    #[must_use]
    pub fn after_retry(first_hello: &[u8], retry: &[u8]) -> Self {
        Self::of(&[&[254, 0, 0, 32], &Sha256::digest(first_hello), retry])
    }

    /// Adds a message with its header.
    pub fn add(&mut self, message: &[u8]) {
        self.0.update(message);
    }

    /// Hash of all messages so far.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.0.clone().finalize().into()
    }
}
