//! For whom a session is opened, and the commitment that the notary signs without learning it.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::ProtocolError;
use crate::codec::{Reader, Wire, Writer, document};

const SEPARATOR: &[u8] = b"parlance-zktls/1 session\0";

/// For whom a session with a bank is opened. Lender and wallet agree on it beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The borrower's address.
    pub wallet: [u8; 20],
    /// Chain id.
    pub chain: u64,
    /// The lender's pool.
    pub contract: [u8; 20],
    /// Chosen by the lender, used once.
    pub lender_nonce: [u8; 32],
    /// Hash of the lender's offer.
    pub offer: [u8; 32],
}

impl Session {
    /// `C`: what the notary signs. Binding and, by the salt, hiding.
    #[must_use]
    pub fn commit(&self, salt: &Salt) -> Commitment {
        let hash = Sha256::new()
            .chain_update(SEPARATOR)
            .chain_update(self.wallet)
            .chain_update(self.chain.to_be_bytes())
            .chain_update(self.contract)
            .chain_update(self.lender_nonce)
            .chain_update(self.offer)
            .chain_update(salt.0);
        Commitment(hash.finalize().into())
    }
}

/// Keeps the notary from guessing the session; random, told to the lender only.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Salt(pub [u8; 32]);

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}

/// Commitment to a [`Session`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Commitment(pub [u8; 32]);

document!(Session, 1);

impl Wire for Session {
    fn write(&self, to: &mut Writer) -> Result<(), ProtocolError> {
        to.raw(&self.wallet);
        to.u64(self.chain);
        to.raw(&self.contract);
        to.raw(&self.lender_nonce);
        to.raw(&self.offer);
        Ok(())
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        Ok(Self {
            wallet: from.array("wallet")?,
            chain: from.u64("chain")?,
            contract: from.array("contract")?,
            lender_nonce: from.array("lender nonce")?,
            offer: from.array("offer")?,
        })
    }
}
