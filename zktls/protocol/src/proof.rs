//! What is claimed, and the file that a borrower hands to a lender.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::codec::{Reader, Wire, Writer, document};
use crate::{Notarized, ProtocolError, Salt, Session};

/// Most holes in a request.
pub const MAX_HOLES: u64 = 8;
/// Largest proof, bytes.
pub const MAX_PROOF: u64 = 512 << 10;
/// Longest account id under a nullifier, bytes: prefix, id and padding fill one block of SHA-256.
pub const MAX_ID: usize = 46;

const SCOPE: &[u8] = b"parlance-zktls/1 scope\0";

/// What is claimed of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Digest of the template.
    pub template: [u8; 32],
    /// The balance is at least this, in minor units at the template's scale.
    pub at_least: u64,
    /// Three upper-case letters.
    pub currency: [u8; 3],
    /// Within which nullifiers of one account are equal: lenders that share a registry share it.
    pub scope: [u8; 8],
    /// [`nullifier`] of the account at its bank.
    pub nullifier: [u8; 32],
}

/// The scope at one bank, by its domain: two banks may give two accounts the same id.
#[must_use]
pub fn scope_at(scope: &[u8; 8], domain: &str) -> [u8; 8] {
    let hash: [u8; 32] = Sha256::new().chain_update(SCOPE).chain_update(scope).chain_update(domain).finalize().into();
    std::array::from_fn(|i| hash[i])
}

/// SHA-256 over the scope at the bank, length of the id and the id padded with zeros to [`MAX_ID`]: one compression.
pub fn nullifier(scope: &[u8; 8], domain: &str, id: &[u8]) -> Result<[u8; 32], ProtocolError> {
    ProtocolError::length("account id", id.len(), 1, MAX_ID as u64)?;
    let mut padded = [0; MAX_ID];
    padded.iter_mut().zip(id).for_each(|(to, from)| *to = *from);
    let length = u8::try_from(id.len()).unwrap_or(u8::MAX);
    Ok(Sha256::new().chain_update(scope_at(scope, domain)).chain_update([length]).chain_update(padded).finalize().into())
}

/// A hidden part of the request, in the order of the request's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// The template's name for it.
    pub name: String,
    /// Bytes.
    pub length: u16,
}

/// The published midstates `M(K) = compress(IV, K xor ipad)` of the five HMAC keys of the key schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InnerHashes {
    /// Handshake secret.
    pub handshake: [u8; 32],
    /// Derived from the handshake secret.
    pub derived: [u8; 32],
    /// Master secret.
    pub master: [u8; 32],
    /// Client application traffic secret.
    pub client: [u8; 32],
    /// Server application traffic secret.
    pub server: [u8; 32],
}

/// All that a lender needs to check a claim offline.
#[derive(Clone, PartialEq, Eq)]
pub struct ProofFile {
    /// Which statement the proof is about: the circuit's number.
    pub version: u16,
    /// For whom.
    pub session: Session,
    /// Opens the recording's commitment.
    pub salt: Salt,
    /// The recorded session.
    pub notarized: Notarized,
    /// Server handshake traffic secret.
    pub shts: [u8; 32],
    /// Midstates of the key schedule.
    pub inner: InnerHashes,
    /// What is claimed.
    pub claim: Claim,
    /// Lengths of the request's hidden parts.
    pub request_holes: Vec<Hole>,
    /// How many of the server's records between its Finished and the response are session tickets.
    pub tickets: u8,
    /// The proof.
    pub proof: Vec<u8>,
}

// The salt and the handshake's secret are the lender's to keep: not for logs.
impl fmt::Debug for ProofFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProofFile")
            .field("version", &self.version)
            .field("session", &self.session)
            .field("domain", &self.notarized.recording.domain)
            .field("claim", &self.claim)
            .field("proof", &format_args!("{} bytes", self.proof.len()))
            .finish_non_exhaustive()
    }
}

document!(Claim, 4);
document!(ProofFile, 5);

impl Wire for Claim {
    fn write(&self, to: &mut Writer) -> Result<(), ProtocolError> {
        check_currency(&self.currency)?;
        to.raw(&self.template);
        to.u64(self.at_least);
        to.raw(&self.currency);
        to.raw(&self.scope);
        to.raw(&self.nullifier);
        Ok(())
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        let claim = Self {
            template: from.array("template")?,
            at_least: from.u64("threshold")?,
            currency: from.array("currency")?,
            scope: from.array("scope")?,
            nullifier: from.array("nullifier")?,
        };
        check_currency(&claim.currency)?;
        Ok(claim)
    }
}

impl Wire for ProofFile {
    fn write(&self, to: &mut Writer) -> Result<(), ProtocolError> {
        to.u16(self.version);
        self.session.write(to)?;
        to.raw(&self.salt.0);
        self.notarized.write(to)?;
        to.raw(&self.shts);
        self.inner.write(to)?;
        self.claim.write(to)?;
        to.count("holes", self.request_holes.len(), 0, MAX_HOLES)?;
        self.request_holes.iter().try_for_each(|hole| hole.write(to))?;
        to.u8(self.tickets);
        to.bytes("proof", &self.proof, 0, MAX_PROOF)
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        Ok(Self {
            version: from.u16("statement")?,
            session: Session::read(from)?,
            salt: Salt(from.array("salt")?),
            notarized: Notarized::read(from)?,
            shts: from.array("server handshake traffic secret")?,
            inner: InnerHashes::read(from)?,
            claim: Claim::read(from)?,
            request_holes: {
                let count = from.count("holes", 0, MAX_HOLES)?;
                (0..count).map(|_| Hole::read(from)).collect::<Result<_, _>>()?
            },
            tickets: from.u8("tickets")?,
            proof: from.bytes("proof", 0, MAX_PROOF)?,
        })
    }
}

impl Wire for Hole {
    fn write(&self, to: &mut Writer) -> Result<(), ProtocolError> {
        to.string("hole", &self.name, 1, 24)?;
        to.u16(self.length);
        Ok(())
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        Ok(Self { name: from.string("hole", 1, 24)?, length: from.u16("hole's length")? })
    }
}

impl Wire for InnerHashes {
    fn write(&self, to: &mut Writer) -> Result<(), ProtocolError> {
        [self.handshake, self.derived, self.master, self.client, self.server].iter().for_each(|midstate| to.raw(midstate));
        Ok(())
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        Ok(Self {
            handshake: from.array("midstate")?,
            derived: from.array("midstate")?,
            master: from.array("midstate")?,
            client: from.array("midstate")?,
            server: from.array("midstate")?,
        })
    }
}

fn check_currency(currency: &[u8; 3]) -> Result<(), ProtocolError> {
    if currency.iter().all(u8::is_ascii_uppercase) {
        return Ok(());
    }
    Err(ProtocolError::value("currency", String::from_utf8_lossy(currency), "three letters such as EUR"))
}
