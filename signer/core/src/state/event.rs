//! What the journal records.

use alloy_primitives::{Address, B256};
use parlance_effects::ChainId;
use parlance_policy::AssetId;
use serde::{Deserialize, Serialize};

use crate::clock::Mark;
use crate::ledger::Entry;

/// One row of the journal: everything that one durable step changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The ledger's time and boot clock at the change.
    pub mark: Mark,
    /// Generation of the vault's file at the change: a vault that is older was put back.
    pub vault: u64,
    /// The changes, in order.
    pub events: Vec<Event>,
    /// Where the audit log stands after this step, if the step wrote a line.
    pub audit: Option<AuditHead>,
}

/// The end of the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHead {
    /// Sequence number of the last line; the first is 1.
    pub seq: u64,
    /// Its chained hash.
    pub hash: B256,
}

/// A change of the signer's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// First row of a journal.
    Created {
        /// True for the local world: this vault signs for chain 31337 only.
        play_money: bool,
    },
    /// A signature is about to be made; its spends count from here on, whatever becomes of it.
    Reserved {
        /// The ledger entry.
        entry: Box<Entry>,
    },
    /// The owner gave back the spends of a signature that never took effect.
    Released {
        /// Digest that was signed.
        digest: B256,
    },
    /// The owner said how many transactions of an account the chain has.
    NonceSet {
        /// Account.
        account: Address,
        /// Chain.
        chain: ChainId,
        /// Next nonce.
        next: u64,
    },
    /// A new or renamed contact.
    ContactAdded {
        /// Display name.
        name: String,
        /// Address.
        address: Address,
        /// Unix seconds.
        added: u64,
    },
    /// A contact is gone.
    ContactRemoved {
        /// Display name.
        name: String,
    },
    /// The owner approved a price.
    PriceApproved {
        /// Of what.
        asset: AssetId,
        /// Micro-USD for one whole unit.
        micro_usd: u64,
        /// Unix seconds.
        at: u64,
    },
    /// The owner approved a token for the registry.
    TokenAdded {
        /// Chain.
        chain: ChainId,
        /// Contract.
        token: Address,
        /// Symbol.
        symbol: String,
        /// Decimals of the smallest unit.
        decimals: u8,
    },
    /// The owner enacted rules.
    RulesEnacted {
        /// Name of the pack.
        pack: String,
        /// Cedar source of the owner's own rules.
        own: String,
    },
    /// This ledger is older than one that was seen before, or damaged.
    RollbackNoted {
        /// In a sentence.
        why: String,
    },
    /// The owner has seen that, with the password.
    RollbackAcknowledged,
    /// Only the time, e.g. at a lock or when the owner accepted a clock jump.
    Time,
}
