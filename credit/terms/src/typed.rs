//! What is signed, as EIP-712 typed data in the domain of one pool.

use alloy_primitives::{Address, B256, keccak256};
use alloy_sol_types::{Eip712Domain, SolStruct, eip712_domain, sol};
use serde::{Deserialize, Serialize};

pub use crate::pool::Attestation;

sol! {
    /// What a lender offers to one borrower. Its digest is the offer in a zkTLS session, so that the proof is for it alone.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct Offer {
        /// Random, used once: the lender's nonce of the zkTLS session.
        bytes32 nonce;
        /// Who may accept.
        address borrower;
        /// The lender's name, as it calls itself.
        string lender;
        /// Digest of the bank's template.
        bytes32 template;
        /// The balance to be proved, in minor units of the currency.
        uint256 atLeast;
        /// Three capital letters (ISO 4217).
        string currency;
        /// Scope of the nullifier.
        bytes8 scope;
        /// Highest principal, in the asset's smallest unit. Zero: no line goes with it, only a verdict.
        uint256 limit;
        /// Simple interest in basis points a year of 365 days.
        uint256 rate;
        /// Seconds in a repayment cycle.
        uint32 cycle;
        /// From this second on it can't be accepted.
        uint64 expiry;
        /// The lender's terms in words.
        string terms;
    }

    /// The borrower's signature under an offer: it accepts the terms, with one proof.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct Application {
        Offer offer;
        /// SHA-256 of the proof file.
        bytes32 proof;
    }
}

/// The domain of a pool.
#[must_use]
pub fn domain(chain: u64, pool: Address) -> Eip712Domain {
    eip712_domain! { name: "Parlance Credit", version: "1", chain_id: chain, verifying_contract: pool, }
}

impl Offer {
    /// `Session::offer` of the zkTLS session: the EIP-712 digest in the pool's domain.
    #[must_use]
    pub fn digest(&self, chain: u64, pool: Address) -> B256 {
        self.eip712_signing_hash(&domain(chain, pool))
    }
}

impl Application {
    /// What the borrower signs.
    #[must_use]
    pub fn digest(&self, chain: u64, pool: Address) -> B256 {
        self.eip712_signing_hash(&domain(chain, pool))
    }
}

impl Attestation {
    /// What attesters sign.
    #[must_use]
    pub fn digest(&self, chain: u64, pool: Address) -> B256 {
        self.eip712_signing_hash(&domain(chain, pool))
    }

    /// The field `notaries`: keccak-256 of the key ids, ascending, one after the other.
    #[must_use]
    pub fn notaries(ids: &[B256]) -> B256 {
        keccak256(ids.concat())
    }
}
