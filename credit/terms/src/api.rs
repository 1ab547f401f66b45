//! The lender's HTTP interface: JSON, except for the proof file. Bytes are `0x` hexadecimal, amounts `0x` quantities in
//! the asset's smallest unit (as in Ethereum's JSON-RPC), times Unix seconds.
//!
//! | call | body | answer |
//! |---|---|---|
//! | `GET /v1/lender` | | [`Lender`] |
//! | `POST /v1/offers` | [`OfferRequest`] | [`Offered`] |
//! | `POST /v1/proofs` | the proof file, `application/octet-stream` | [`Verdict`] |
//! | `POST /v1/applications` | [`ApplicationRequest`] | [`Attested`] |
//!
//! What fails answers with [`Problem`] and status 400, 404, 409, 413, 422, 429 or 500.

use alloy_primitives::{Address, B256, Bytes, FixedBytes, U256};
use serde::{Deserialize, Serialize};

use crate::typed::{Attestation, Offer};

/// Who lends, in what, to whom, and what it accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lender {
    /// As it calls itself.
    pub name: String,
    /// Where it lends.
    pub pool: PoolInfo,
    /// Scope of the nullifiers.
    pub scope: FixedBytes<8>,
    /// Notaries whose recordings it accepts; the first is the one to take.
    pub notaries: Vec<NotaryInfo>,
    /// Bank templates that it accepts.
    pub templates: Vec<TemplateInfo>,
    /// What it offers, by rising threshold.
    pub tiers: Vec<Tier>,
    /// Oldest session that it accepts, seconds.
    pub max_age: u64,
    /// Play money: invented banks, local addresses.
    pub demo: bool,
}

/// The pool and what is lent from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolInfo {
    /// EIP-155 chain id.
    pub chain: u64,
    /// The contract.
    pub address: Address,
    /// Nullifiers are registered here.
    pub registry: Address,
    /// Token contract.
    pub asset: Address,
    /// The token's symbol.
    pub symbol: String,
    /// The token's decimals.
    pub decimals: u8,
}

/// A notary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotaryInfo {
    /// `wss://...`, or `ws://` on this computer.
    pub address: String,
    /// Who runs it.
    pub operator: String,
    /// Ed25519 public key.
    pub key: B256,
    /// First and last second of the key's validity.
    pub from: u64,
    /// See `from`.
    pub until: u64,
}

/// A bank template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateInfo {
    /// `starling`.
    pub id: String,
    /// For people.
    pub name: String,
    /// The host that is asked.
    pub domain: String,
    /// SHA-256 of the canonical form: the wallet's own must have it too.
    pub digest: B256,
}

/// Terms by proven balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// Minor units of `currency`.
    pub at_least: u64,
    /// ISO 4217.
    pub currency: String,
    /// Highest principal.
    pub limit: U256,
    /// Basis points a year.
    pub rate: u32,
    /// Seconds in a repayment cycle.
    pub cycle: u32,
}

/// What the borrower wants to prove, or to borrow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferRequest {
    /// The wallet.
    pub borrower: Address,
    /// Which bank.
    pub template: B256,
    /// Of the balance.
    pub currency: String,
    /// Minor units. The offer has the best tier that this reaches, or no line. Absent: the least that `amount` takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u64>,
    /// Principal wanted. With `at_least` given, only checked against the tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<U256>,
}

/// An offer to open a session for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// The offer; its digest and nonce go into the zkTLS session.
    pub offer: Offer,
}

/// What the lender found in a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// SHA-256 of the proof file.
    pub proof: B256,
    /// Whether every check passed.
    pub accepted: bool,
    /// What is proved, in a sentence.
    pub statement: Option<String>,
    /// What the lender learned besides, in sentences.
    pub visible: Vec<String>,
    /// Each check.
    pub checks: Vec<Check>,
    /// Why there is no line with it although the proof is good, or why the proof is not.
    pub reasons: Vec<String>,
    /// The offer that can be accepted with it; its limit may be zero.
    pub offer: Offer,
    /// Until when the proof counts.
    pub expires: u64,
}

/// One check of a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// `certificate`.
    pub name: String,
    /// Whether it holds.
    pub passed: bool,
    /// What was found.
    pub sentence: String,
}

/// The offer is accepted: terms signed by the wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationRequest {
    /// SHA-256 of an accepted proof file.
    pub proof: B256,
    /// The borrower's signature over [`crate::Application`], 65 bytes.
    pub signature: Bytes,
}

/// What opens or renews the line: arguments of `open` and `renew`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attested {
    /// Signed by the attesters.
    pub attestation: Attestation,
    /// Key ids of the notaries, ascending.
    pub notaries: Vec<B256>,
    /// By attester, ascending.
    pub signatures: Vec<Bytes>,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable, for programs: `offer_expired`.
    pub code: String,
    /// What was got and what was expected.
    pub message: String,
    /// What to do.
    pub remedy: String,
}
