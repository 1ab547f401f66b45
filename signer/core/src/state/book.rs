//! The journal folded into what the signer works with.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use parlance_effects::ChainId;
use serde::{Deserialize, Serialize};

use super::{AuditHead, Event, Read, Record, Snapshot};
use crate::clock::Mark;
use crate::ledger::Ledger;
use crate::prices::PriceBook;

/// The rules in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesRecord {
    /// Rising with each change.
    pub version: u64,
    /// Name of the pack.
    pub pack: String,
    /// Cedar source of the owner's own rules.
    pub own: String,
}

impl Default for RulesRecord {
    fn default() -> Self {
        Self { version: 1, pack: "cautious".into(), own: String::new() }
    }
}

/// A contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactRecord {
    /// Display name.
    pub name: String,
    /// Address.
    pub address: Address,
    /// Unix seconds.
    pub added: u64,
}

/// A token that the owner added to the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRecord {
    /// Symbol.
    pub symbol: String,
    /// Decimals of the smallest unit.
    pub decimals: u8,
}

/// Everything that the signer remembers besides keys.
#[derive(Debug, Default)]
pub struct Book {
    /// True once the first row is there.
    pub created: bool,
    /// True for the local world's vault.
    pub play_money: bool,
    /// Rules.
    pub rules: RulesRecord,
    /// Contacts by lower-case name.
    pub contacts: BTreeMap<String, ContactRecord>,
    /// Owner-approved prices.
    pub prices: PriceBook,
    /// Tokens beyond the compiled-in registry.
    pub tokens: BTreeMap<(ChainId, Address), TokenRecord>,
    /// What was signed.
    pub ledger: Ledger,
    /// Set while a rollback is not acknowledged.
    pub rollback: Option<String>,
    /// The last moment that was recorded.
    pub mark: Option<Mark>,
    /// Highest generation of the vault's file that was recorded.
    pub vault: u64,
    /// End of the audit log as the journal knows it.
    pub audit: Option<AuditHead>,
}

impl Book {
    /// Fold what a journal has.
    #[must_use]
    pub fn fold(read: Read) -> Self {
        let mut book = read.snapshot.map(Snapshot::book).unwrap_or_default();
        for record in read.records {
            book.apply(record);
        }
        book
    }

    /// Apply one record.
    pub fn apply(&mut self, record: Record) {
        if self.mark.as_ref().is_none_or(|m| m.at <= record.mark.at) {
            self.mark = Some(record.mark);
        }
        self.vault = self.vault.max(record.vault);
        if record.audit.is_some() {
            self.audit = record.audit;
        }
        for event in record.events {
            self.apply_event(event);
        }
    }

    fn apply_event(&mut self, event: Event) {
        match event {
            Event::Created { play_money } => {
                self.created = true;
                self.play_money = play_money;
            }
            Event::Reserved { entry } => self.ledger.reserve(*entry),
            Event::Released { digest } => {
                self.ledger.release(digest);
            }
            Event::NonceSet { account, chain, next } => self.ledger.set_nonce(account, chain, next),
            Event::ContactAdded { name, address, added } => {
                self.contacts.insert(name.to_lowercase(), ContactRecord { name, address, added });
            }
            Event::ContactRemoved { name } => {
                self.contacts.remove(&name.to_lowercase());
            }
            Event::PriceApproved { asset, micro_usd, at } => self.prices.approve(asset, micro_usd, at),
            Event::TokenAdded { chain, token, symbol, decimals } => {
                self.tokens.insert((chain, token), TokenRecord { symbol, decimals });
            }
            Event::RulesEnacted { pack, own } => {
                self.rules = RulesRecord { version: self.rules.version + 1, pack, own };
            }
            Event::RollbackNoted { why } => self.rollback = Some(why),
            Event::RollbackAcknowledged => self.rollback = None,
            Event::Time => {}
        }
    }

    /// Where the audit log stands: 0 and zeroes before the first line.
    #[must_use]
    pub fn audit_head(&self) -> AuditHead {
        self.audit.unwrap_or(AuditHead { seq: 0, hash: B256::ZERO })
    }

    /// The contact with this address.
    #[must_use]
    pub fn contact(&self, address: Address) -> Option<&ContactRecord> {
        self.contacts.values().find(|c| c.address == address)
    }
}
