//! From an intent to unsigned transactions: names become addresses, words become amounts, and each transaction gets its
//! gas and fees. A plan is data: it can be stored, shown, amended and thrown away; nothing is reserved or signed here.

mod amount;
mod build;
mod gas;
mod recipient;

use alloy_primitives::{Address, Bytes, U256};
use parlance_effects::{AssetKind, ChainId};
use parlance_grounding::Intent;
use serde::{Deserialize, Serialize};

pub use amount::{AmountContext, resolve as resolve_amount};
pub use build::{decode_unsigned, plan, unsigned};
pub use gas::estimate;
pub use recipient::{Resolved, Source, address as resolve_address, resolve as resolve_recipient};

use crate::{
    chain::Fees,
    conversation::Party,
    store::{Purpose, TxId},
};

/// What an intent becomes on a chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The intent it was made from.
    pub intent: Intent,
    /// On this chain.
    pub chain: ChainId,
    /// By this account.
    pub account: Address,
    /// In this order, one after the other.
    pub txs: Vec<PlannedTx>,
    /// Who takes part.
    pub parties: Vec<Party>,
    /// What could go wrong, in sentences.
    pub risks: Vec<String>,
    /// Set where the wallet should not go on without a yes: the question.
    pub hesitates: Option<String>,
}

/// One transaction before nonce and signature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedTx {
    /// In a sentence: `Send 50 USDC to Alice`.
    pub sentence: String,
    /// What it is for.
    pub purpose: Purpose,
    /// What moves or is allowed; nothing for a replacement that cancels.
    pub moves: Option<Moves>,
    /// Called or paid.
    pub to: Address,
    /// Wei.
    pub value: U256,
    /// Calldata.
    pub data: Bytes,
    /// Gas limit.
    pub gas_limit: u64,
    /// Fees per gas.
    pub fees: Fees,
    /// Set for a replacement: the nonce and the row of what it replaces.
    pub replaces: Option<Replaces>,
    /// True where it works only after the one before it in its plan, so that it can't be simulated alone.
    #[serde(default)]
    pub follows: bool,
}

/// What a transaction replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaces {
    /// Row in the store.
    pub id: TxId,
    /// Its nonce.
    pub nonce: u64,
}

/// What moves or is allowed, for words, history and follow-ups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moves {
    /// Which asset.
    pub asset: AssetKind,
    /// Symbol as shown.
    pub symbol: String,
    /// Decimals of the smallest unit.
    pub decimals: u8,
    /// In the smallest unit.
    pub amount: U256,
    /// Who is paid or trusted.
    pub counterparty: Option<Address>,
    /// Name of the counterparty as shown.
    pub name: Option<String>,
    /// What arrives in exchange, one to one: symbol (wrap, unwrap).
    pub becomes: Option<(AssetKind, String)>,
}

/// What the step before gave, for `of: "previous"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Produced {
    /// Symbol.
    pub symbol: String,
    /// Smallest units.
    pub amount: U256,
    /// Decimals of the asset.
    pub decimals: u8,
}
