//! What of the books goes into a backup: rules, contacts, prices, tokens. What was signed does not: it would be old.

use serde::{Deserialize, Serialize};

use super::{Book, Event};
use crate::SignerError;

const VERSION: u32 = 1;

/// Rules, contacts, prices and tokens, as the events that make them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    version: u32,
    events: Vec<Event>,
}

impl Kept {
    /// Of a book.
    #[must_use]
    pub fn of(book: &Book) -> Self {
        let rules = Event::RulesEnacted { pack: book.rules.pack.clone(), own: book.rules.own.clone() };
        let contacts = book.contacts.values().map(|c| Event::ContactAdded { name: c.name.clone(), address: c.address, added: c.added });
        let prices = book.prices.all().map(|(asset, p)| Event::PriceApproved { asset, micro_usd: p.micro_usd, at: p.at });
        let tokens = book.tokens.iter().map(|((chain, token), t)| Event::TokenAdded {
            chain: *chain,
            token: *token,
            symbol: t.symbol.clone(),
            decimals: t.decimals,
        });
        Self { version: VERSION, events: std::iter::once(rules).chain(contacts).chain(prices).chain(tokens).collect() }
    }

    /// As it stands in a backup.
    ///
    /// # Errors
    /// [`SignerError::Damaged`], if memory was corrupted.
    pub fn bytes(&self) -> Result<Vec<u8>, SignerError> {
        serde_json::to_vec(self).map_err(|e| SignerError::Damaged { what: "backup", reason: e.to_string() })
    }

    /// Out of a backup.
    ///
    /// # Errors
    /// [`SignerError::NewerFormat`], [`SignerError::Damaged`].
    pub fn read(bytes: &[u8]) -> Result<Self, SignerError> {
        let kept: Self = serde_json::from_slice(bytes).map_err(|e| SignerError::Damaged { what: "backup", reason: e.to_string() })?;
        if kept.version > VERSION {
            return Err(SignerError::NewerFormat { what: "backup", got: kept.version, expected: VERSION });
        }
        Ok(kept)
    }

    /// The events that a new journal begins with: nothing but rules, contacts, prices and tokens.
    #[must_use]
    pub fn events(self) -> Vec<Event> {
        let known = |e: &Event| {
            matches!(e, Event::RulesEnacted { .. } | Event::ContactAdded { .. } | Event::PriceApproved { .. } | Event::TokenAdded { .. })
        };
        self.events.into_iter().filter(known).collect()
    }
}
