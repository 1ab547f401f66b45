//! A long journal in one row: what is left of the rows that it replaces.

use alloy_primitives::Address;
use parlance_effects::ChainId;
use parlance_policy::AssetId;
use serde::{Deserialize, Serialize};

use super::{AuditHead, Book, ContactRecord, RulesRecord, TokenRecord};
use crate::clock::Mark;
use crate::ledger::{Ledger, Remains};
use crate::prices::{Approved, PriceBook};

/// Everything that the signer remembers besides keys, but for signatures that are settled.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    created: bool,
    play_money: bool,
    rules: RulesRecord,
    contacts: Vec<ContactRecord>,
    prices: Vec<(AssetId, Approved)>,
    tokens: Vec<(ChainId, Address, TokenRecord)>,
    ledger: Remains,
    rollback: Option<String>,
    mark: Option<Mark>,
    vault: u64,
    audit: Option<AuditHead>,
}

impl Snapshot {
    /// Of a book at `now`.
    #[must_use]
    pub fn of(book: &Book, now: u64) -> Self {
        Self {
            created: book.created,
            play_money: book.play_money,
            rules: book.rules.clone(),
            contacts: book.contacts.values().cloned().collect(),
            prices: book.prices.all().collect(),
            tokens: book.tokens.iter().map(|((chain, token), record)| (*chain, *token, record.clone())).collect(),
            ledger: book.ledger.remains(now),
            rollback: book.rollback.clone(),
            mark: book.mark.clone(),
            vault: book.vault,
            audit: book.audit,
        }
    }

    /// How many signatures it remembers.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.ledger.entries()
    }

    /// The book that it is of.
    #[must_use]
    pub fn book(self) -> Book {
        let mut prices = PriceBook::default();
        self.prices.into_iter().for_each(|(asset, price)| prices.approve(asset, price.micro_usd, price.at));
        Book {
            created: self.created,
            play_money: self.play_money,
            rules: self.rules,
            contacts: self.contacts.into_iter().map(|contact| (contact.name.to_lowercase(), contact)).collect(),
            prices,
            tokens: self.tokens.into_iter().map(|(chain, token, record)| ((chain, token), record)).collect(),
            ledger: Ledger::restore(self.ledger),
            rollback: self.rollback,
            mark: self.mark,
            vault: self.vault,
            audit: self.audit,
        }
    }
}
