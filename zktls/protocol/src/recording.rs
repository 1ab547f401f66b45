//! What a notary relayed, and its signature.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::codec::{MAX_DOCUMENT, Reader, Wire, Writer, check_domain, document};
use crate::{Commitment, KeyId, ProtocolError};

const SEPARATOR: &[u8] = b"parlance-zktls/1 recording\0";
const MAX_CHUNKS: u64 = 1 << 16;

/// Which way bytes went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the wallet to the bank.
    ToBank,
    /// From the bank to the wallet.
    ToClient,
}

/// Bytes that the notary relayed in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Which way.
    pub direction: Direction,
    /// At least one byte.
    pub bytes: Vec<u8>,
}

/// A whole connection as the notary saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Received before the notary dialled.
    pub commitment: Commitment,
    /// The bank, which the notary itself resolved.
    pub domain: String,
    /// Where it dialled.
    pub address: SocketAddr,
    /// When it dialled, Unix seconds.
    pub opened: u64,
    /// When both directions were closed.
    pub closed: u64,
    /// All bytes in the order in which the notary *received* them; empty chunks are not allowed.
    pub chunks: Vec<Chunk>,
}

impl Recording {
    /// Appends relayed bytes; what goes on in the same direction joins the last chunk.
    pub fn push(&mut self, direction: Direction, bytes: &[u8]) {
        match self.chunks.last_mut() {
            Some(last) if last.direction == direction => last.bytes.extend_from_slice(bytes),
            _ if bytes.is_empty() => {}
            _ => self.chunks.push(Chunk { direction, bytes: bytes.to_vec() }),
        }
    }

    /// The digest that a notary signs.
    pub fn digest(&self) -> Result<[u8; 32], ProtocolError> {
        Ok(Sha256::new().chain_update(SEPARATOR).chain_update(self.encode()?).finalize().into())
    }
}

/// A recording with the notary's Ed25519 signature over [`Recording::digest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notarized {
    /// What was relayed.
    pub recording: Recording,
    /// Which key signed.
    pub key: KeyId,
    /// Ed25519.
    pub signature: [u8; 64],
}

impl Notarized {
    /// Signs.
    pub fn sign(recording: Recording, key: &SigningKey) -> Result<Self, ProtocolError> {
        let signature = key.sign(&recording.digest()?).to_bytes();
        Ok(Self { recording, key: KeyId::of(&key.verifying_key()), signature })
    }

    /// Whether `key` is the named one and its signature fits. Strict: no small-order keys, one signature per message.
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), ProtocolError> {
        let wrong = || ProtocolError::Signature { key: self.key.to_string() };
        if KeyId::of(key) != self.key {
            return Err(wrong());
        }
        key.verify_strict(&self.recording.digest()?, &Signature::from_bytes(&self.signature)).map_err(|_| wrong())
    }
}

document!(Recording, 2);
document!(Notarized, 3);

impl Wire for Recording {
    fn write(&self, to: &mut Writer) -> Result<(), ProtocolError> {
        to.raw(&self.commitment.0);
        check_domain(&self.domain)?;
        to.string("domain", &self.domain, 1, 253)?;
        self.address.write(to)?;
        to.u64(self.opened);
        to.u64(self.closed);
        to.count("chunks", self.chunks.len(), 0, MAX_CHUNKS)?;
        self.chunks.iter().try_for_each(|chunk| chunk.write(to))
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        let commitment = Commitment(from.array("commitment")?);
        let domain = from.string("domain", 1, 253)?;
        check_domain(&domain)?;
        let address = SocketAddr::read(from)?;
        let opened = from.u64("opened")?;
        let closed = from.u64("closed")?;
        let count = from.count("chunks", 0, MAX_CHUNKS)?;
        let chunks = (0..count).map(|_| Chunk::read(from)).collect::<Result<_, _>>()?;
        Ok(Self { commitment, domain, address, opened, closed, chunks })
    }
}

impl Wire for Notarized {
    fn write(&self, to: &mut Writer) -> Result<(), ProtocolError> {
        self.recording.write(to)?;
        to.raw(&self.key.0);
        to.raw(&self.signature);
        Ok(())
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        Ok(Self { recording: Recording::read(from)?, key: KeyId(from.array("key id")?), signature: from.array("signature")? })
    }
}

impl Wire for Chunk {
    fn write(&self, to: &mut Writer) -> Result<(), ProtocolError> {
        to.u8(match self.direction {
            Direction::ToBank => 0,
            Direction::ToClient => 1,
        });
        to.bytes("chunk", &self.bytes, 1, MAX_DOCUMENT as u64)
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        let direction = match from.u8("direction")? {
            0 => Direction::ToBank,
            1 => Direction::ToClient,
            other => return Err(ProtocolError::value("direction", other.to_string(), "0 or 1")),
        };
        Ok(Self { direction, bytes: from.bytes("chunk", 1, MAX_DOCUMENT as u64)? })
    }
}

impl Wire for SocketAddr {
    fn write(&self, to: &mut Writer) -> Result<(), ProtocolError> {
        match self {
            Self::V4(address) => {
                to.u8(4);
                to.raw(&address.ip().octets());
            }
            // Flow label and scope have no meaning for others.
            Self::V6(address) if address.flowinfo() == 0 && address.scope_id() == 0 => {
                to.u8(6);
                to.raw(&address.ip().octets());
            }
            Self::V6(_) => return Err(ProtocolError::value("address", self.to_string(), "no flow label and no scope")),
        }
        to.u16(self.port());
        Ok(())
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        let ip: IpAddr = match from.u8("address family")? {
            4 => Ipv4Addr::from(from.array::<4>("address")?).into(),
            6 => Ipv6Addr::from(from.array::<16>("address")?).into(),
            other => return Err(ProtocolError::value("address family", other.to_string(), "4 or 6")),
        };
        Ok(Self::new(ip, from.u16("port")?))
    }
}
