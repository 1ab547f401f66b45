//! One signature in the ledger.

use alloy_primitives::{Address, B256, U256};
use parlance_effects::{AllowanceVia, ChainId};
use parlance_policy::{AssetId, Spend, SpendKind, Usd};
use serde::{Deserialize, Serialize};

/// One signature and all that it may cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What was signed.
    pub digest: B256,
    /// By which account.
    pub account: Address,
    /// Where it is valid; `None` for messages.
    pub chain: Option<ChainId>,
    /// Account nonce, for transactions.
    pub nonce: Option<u64>,
    /// Which origin asked.
    pub origin: String,
    /// Approval level under which it was signed, 0 to 3.
    pub level: u8,
    /// Ledger time, Unix seconds.
    pub at: u64,
    /// Unix seconds after which it can't take effect; `None` for never.
    pub until: Option<u64>,
    /// What leaves, or may leave.
    pub spends: Vec<Spend>,
    /// Allowances that it grants (their amounts are among `spends` too).
    pub grants: Vec<Grant>,
    /// What it takes from allowances that count already.
    pub pulls: Vec<Pull>,
    /// What it changes on credit lines, each line once. (What is drawn is among `spends` too.)
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub debts: Vec<Debt>,
}

/// An allowance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Of what.
    pub asset: AssetId,
    /// To whom.
    pub spender: Address,
    /// In the smallest unit; zero revokes.
    pub amount: U256,
    /// What it reserved in dollars; `None` where it could not be priced (such as unlimited ones).
    pub usd: Option<Usd>,
    /// True for `increaseAllowance`: adds to what is there.
    pub adds: bool,
    /// By which mechanism.
    pub via: AllowanceVia,
}

/// What a signature takes from an allowance that was counted when it was granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// Of what.
    pub asset: AssetId,
    /// Who pulls.
    pub spender: Address,
    /// In the smallest unit.
    pub amount: U256,
}

/// What a signature changes on a credit line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debt {
    /// The pool that lends.
    pub pool: Address,
    /// Number of the line.
    pub line: U256,
    /// Drawn, at the price of the time; boundless where there was none.
    pub drawn: Usd,
    /// Paid back, at the price of the time; boundless where there was none.
    pub repaid: Usd,
}

/// Entries of which at most one takes effect, or counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum GroupKey {
    /// The same signature again.
    Digest {
        /// Signing account.
        account: Address,
        /// What is signed.
        digest: B256,
    },
    /// Transactions that replace each other.
    Nonce {
        /// Signing account.
        account: Address,
        /// EIP-155 chain id.
        chain: ChainId,
        /// Account nonce.
        nonce: u64,
    },
}

impl GroupKey {
    /// Can a member be of this account, on this chain?
    pub(super) fn may_be_of(&self, by: Address, on: Option<ChainId>) -> bool {
        match self {
            Self::Digest { account, .. } => *account == by,
            Self::Nonce { account, chain, .. } => *account == by && Some(*chain) == on,
        }
    }
}

impl Entry {
    /// With which others it excludes itself.
    #[must_use]
    pub fn group(&self) -> GroupKey {
        match (self.chain, self.nonce) {
            (Some(chain), Some(nonce)) => GroupKey::Nonce { account: self.account, chain, nonce },
            _ => GroupKey::Digest { account: self.account, digest: self.digest },
        }
    }

    /// Dollars in all, of what could be priced; at most the largest number that counts.
    #[must_use]
    pub fn usd(&self) -> Usd {
        let priced = self.spends.iter().map(|s| s.usd).filter(|usd| !usd.is_boundless());
        priced.fold(Usd::ZERO, |sum, usd| sum.plus(usd).unwrap_or(Usd::BOUNDLESS))
    }

    /// Who is paid: nobody by what could not take effect any more when it was signed.
    pub fn payees(&self) -> impl Iterator<Item = Address> + '_ {
        let in_time = self.until.is_none_or(|until| until > self.at);
        let pays = move |s: &&Spend| in_time && matches!(s.kind, SpendKind::Out | SpendKind::Deferred);
        self.spends.iter().filter(pays).filter_map(|s| s.recipient)
    }
}

impl Entry {
    /// An entry that spends nothing: for looking at what others spent.
    #[must_use]
    pub fn empty(now: u64) -> Self {
        Self {
            digest: B256::ZERO,
            account: Address::ZERO,
            chain: None,
            nonce: None,
            origin: String::new(),
            level: 0,
            at: now,
            until: None,
            spends: Vec::new(),
            grants: Vec::new(),
            pulls: Vec::new(),
            debts: Vec::new(),
        }
    }
}
