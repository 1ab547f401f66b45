//! What the launcher hands to the signer at start, over a pipe that nobody else holds.
//!
//! ```text
//! "PKH1" · has-secret u8 · secret 32 (zero where there is none) · generation u64, little-endian
//! ```

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;

use zeroize::Zeroizing;

use super::KeyringSecret;
use super::secret::read_up_to;
use crate::SignerError;

const MAGIC: &[u8; 4] = b"PKH1";
const LEN: usize = 4 + 1 + KeyringSecret::LEN + 8;

/// The keyring's part of a start: the secret, where there is a keyring, and the generation that was last seen there.
#[derive(Debug, PartialEq)]
pub struct Handover {
    /// `None` where the desktop has no keyring.
    pub secret: Option<KeyringSecret>,
    /// The highest vault or ledger generation that was stored in the keyring; 0 where none was.
    pub generation: u64,
}

impl Handover {
    /// The signer's side: reads up to the end and closes the descriptor.
    ///
    /// # Errors
    /// [`SignerError::KeyringSecret`] where it is not a handover, cut off or too long; [`SignerError::Keyring`].
    pub fn from_fd(fd: OwnedFd) -> Result<Self, SignerError> {
        let mut bytes = Zeroizing::new([0u8; LEN + 1]);
        let got = read_up_to(&mut File::from(fd), bytes.as_mut_slice())?;
        let wrong = SignerError::KeyringSecret { got, expected: LEN };
        if got != LEN {
            return Err(wrong);
        }
        let (magic, rest) = bytes.split_at(MAGIC.len());
        let (flag, rest) = rest.split_at(1);
        let (secret, rest) = rest.split_at(KeyringSecret::LEN);
        let mut generation = [0u8; 8];
        generation.copy_from_slice(rest.get(..8).unwrap_or_default());
        let secret = match flag {
            _ if magic != MAGIC => return Err(wrong),
            [0] => None,
            [1] => Some(KeyringSecret::from_bytes(secret)?),
            _ => return Err(wrong),
        };
        Ok(Self { secret, generation: u64::from_le_bytes(generation) })
    }

    /// The launcher's side: writes and closes. It fits into any pipe's buffer, so it never blocks.
    ///
    /// # Errors
    /// [`SignerError::Keyring`].
    pub fn to_fd(&self, fd: OwnedFd) -> Result<(), SignerError> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(LEN));
        bytes.extend_from_slice(MAGIC);
        match &self.secret {
            Some(secret) => {
                bytes.push(1);
                bytes.extend_from_slice(secret.expose());
            }
            None => bytes.extend_from_slice(&[0; 1 + KeyringSecret::LEN]),
        }
        bytes.extend_from_slice(&self.generation.to_le_bytes());
        File::from(fd).write_all(&bytes).map_err(|error| SignerError::Keyring { reason: format!("handing over: {error}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handover_arrives_as_sent() {
        for (secret, generation) in [(Some([7u8; 32]), 0), (None, u64::MAX)] {
            let secret = secret.map(|bytes| KeyringSecret::from_bytes(&bytes).unwrap());
            let sent = Handover { secret, generation };
            let (reader, writer) = rustix::pipe::pipe().unwrap();
            sent.to_fd(writer).unwrap();
            assert_eq!(Handover::from_fd(reader).unwrap(), sent);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let good = {
            let (reader, writer) = rustix::pipe::pipe().unwrap();
            Handover { secret: None, generation: 3 }.to_fd(writer).unwrap();
            let mut bytes = vec![0u8; 100];
            let got = read_up_to(&mut File::from(reader), &mut bytes).unwrap();
            bytes.truncate(got);
            bytes
        };
        let mut longer = good.clone();
        longer.push(0);
        let mut flag = good.clone();
        flag[4] = 2;
        let mut magic = good.clone();
        magic[0] = b'Q';
        for bad in [Vec::new(), good[..good.len() - 1].to_vec(), longer, flag, magic] {
            let (reader, writer) = rustix::pipe::pipe().unwrap();
            File::from(writer).write_all(&bad).unwrap();
            assert!(Handover::from_fd(reader).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_bare_secret_has_exactly_32_bytes() {
        for (len, fits) in [(0, false), (31, false), (32, true), (33, false), (1000, false)] {
            let (reader, writer) = rustix::pipe::pipe().unwrap();
            File::from(writer).write_all(&vec![9u8; len]).unwrap();
            assert_eq!(KeyringSecret::from_fd(reader).is_ok(), fits, "{len}");
        }
    }
}
