//! Which nonces may be signed.

use std::collections::HashMap;

use alloy_primitives::Address;
use parlance_effects::ChainId;

/// What signing with a nonce means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceUse {
    /// The first that this signer sees of the account on the chain: a claim of the wallet.
    First,
    /// The next one.
    Next,
    /// Replaces a transaction that was signed before.
    Replaces,
}

/// Why a nonce is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceRefusal {
    /// A transaction above a gap could be kept back and used when nobody thinks of it any more.
    Gap {
        /// Nonce of the transaction.
        got: u64,
        /// The next one.
        expected: u64,
    },
    /// Below what this signer signed, and not one that it could replace.
    Used {
        /// Nonce of the transaction.
        got: u64,
        /// The next one.
        expected: u64,
    },
}

#[derive(Clone, Copy, Debug)]
struct Span {
    next: u64,
}

/// The next nonce of each account on each chain.
#[derive(Debug, Default)]
pub(super) struct Nonces(HashMap<(Address, ChainId), Span>);

impl Nonces {
    pub(super) fn check(
        &self,
        account: Address,
        chain: ChainId,
        nonce: u64,
        signed: impl Fn(u64) -> bool,
    ) -> Result<NonceUse, NonceRefusal> {
        let Some(span) = self.0.get(&(account, chain)) else {
            return Ok(NonceUse::First);
        };
        match nonce {
            n if n == span.next => Ok(NonceUse::Next),
            n if n > span.next => Err(NonceRefusal::Gap { got: n, expected: span.next }),
            n if signed(n) => Ok(NonceUse::Replaces),
            n => Err(NonceRefusal::Used { got: n, expected: span.next }),
        }
    }

    pub(super) fn signed(&mut self, account: Address, chain: ChainId, nonce: u64) {
        let span = self.0.entry((account, chain)).or_insert(Span { next: 0 });
        span.next = span.next.max(nonce.saturating_add(1));
    }

    pub(super) fn set(&mut self, account: Address, chain: ChainId, next: u64) {
        self.0.insert((account, chain), Span { next });
    }

    /// Next nonces, sorted.
    pub(super) fn all(&self) -> Vec<(Address, ChainId, u64)> {
        let mut all: Vec<_> = self.0.iter().map(|((account, chain), span)| (*account, *chain, span.next)).collect();
        all.sort_unstable();
        all
    }

    pub(super) fn next(&self, account: Address, chain: ChainId) -> Option<u64> {
        self.0.get(&(account, chain)).map(|s| s.next)
    }
}
