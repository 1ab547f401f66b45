//! Who asks, and what they may ask.
//!
//! Only a client that is connected to the signer itself is an origin: the launcher hands each one its socket and names
//! its [`Capability`]. What happens inside a client (a schedule, an x402 payment) is that client's claim.

use std::collections::BTreeSet;

use alloy_primitives::Address;
use parlance_effects::ChainId;
use parlance_policy::Usd;
use parlance_signer_protocol::{Outcome, Request};
use serde::{Deserialize, Serialize};

/// What a client may ask. A delegate can pass on less, never more: see [`Capability::narrowed`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capability {
    /// Name of the origin, as rules and the audit log see it: `wallet`, `wallet:groceries`.
    pub origin: String,
    /// Kinds of requests.
    pub may: BTreeSet<Kind>,
    /// The highest level of approval that it may cause; above that it is refused without asking anybody.
    pub most: Outcome,
    /// Accounts that it may use; `None` for all.
    pub accounts: Option<BTreeSet<Address>>,
    /// Chains that it may use; `None` for all.
    pub chains: Option<BTreeSet<ChainId>>,
    /// Dollars in one signature, fee included; `None` for what the rules say.
    pub usd_each: Option<Usd>,
    /// Ledger time at which it ends, Unix seconds; `None` for never.
    pub expires: Option<u64>,
}

/// Kinds of requests, as far as capabilities tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Status, rules, contacts; taking back what the same origin asked for.
    Look,
    /// Preview.
    Decide,
    /// Sign.
    Sign,
    /// Lock. Always allowed: it only ever protects.
    Lock,
    /// Unlock and the ceremonies of the approver.
    Ceremony,
    /// Propose changes of rules, contacts, prices, tokens, ledger.
    Propose,
    /// Read the audit log.
    Audit,
}

impl Kind {
    /// Of a request.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        match request {
            Request::Status {} | Request::Rules {} | Request::Contacts {} | Request::Withdraw {} => Self::Look,
            Request::Decide { .. } => Self::Decide,
            Request::Sign { .. } => Self::Sign,
            Request::Lock {} => Self::Lock,
            Request::Unlock {} | Request::Ceremony { .. } => Self::Ceremony,
            Request::ProposeRules { .. }
            | Request::ProposePack { .. }
            | Request::ProposeContact { .. }
            | Request::ProposeContactRemoval { .. }
            | Request::ProposePrice { .. }
            | Request::ProposeToken { .. }
            | Request::ProposeRelease { .. }
            | Request::ProposeNonce { .. }
            | Request::AcknowledgeRollback {} => Self::Propose,
            Request::Audit { .. } | Request::AuditVerify {} => Self::Audit,
        }
    }
}

/// Why a client may not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// The capability has ended.
    #[error("the capability `{origin}` ended at {ended} (Unix time)")]
    Expired {
        /// Whose.
        origin: String,
        /// When.
        ended: u64,
    },
    /// Not this kind of request.
    #[error("`{origin}` may not ask for {kind:?}")]
    Kind {
        /// Who.
        origin: String,
        /// What.
        kind: Kind,
    },
    /// Not this account.
    #[error("`{origin}` may not use the account {account}")]
    Account {
        /// Who.
        origin: String,
        /// Which.
        account: Address,
    },
    /// Not this chain, or none.
    #[error("`{origin}` may not use chain {chain:?}")]
    Chain {
        /// Who.
        origin: String,
        /// Which.
        chain: Option<ChainId>,
    },
    /// Too much.
    #[error("`{origin}` may spend {limit} in one signature, got {got}")]
    Amount {
        /// Who.
        origin: String,
        /// Of the signature.
        got: Usd,
        /// Of the capability.
        limit: Usd,
    },
    /// The rules ask for more than the client may cause.
    #[error("`{origin}` may not ask for an approval of this level")]
    Level {
        /// Who.
        origin: String,
    },
}

impl NotAllowed {
    /// What a person can do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Expired { .. } => "Give the program a new capability, if it should go on.",
            Self::Amount { .. } | Self::Level { .. } => "Do this one yourself, from the wallet.",
            _ => "Ask from the wallet itself, or give the program a wider capability.",
        }
    }
}

impl Capability {
    /// The wallet process: all that the protocol offers. What it may *spend* the rules say.
    #[must_use]
    pub fn wallet() -> Self {
        use Kind::{Audit, Ceremony, Decide, Lock, Look, Propose, Sign};
        Self {
            origin: "wallet".into(),
            may: [Look, Decide, Sign, Lock, Ceremony, Propose, Audit].into(),
            most: Outcome::Hardware,
            accounts: None,
            chains: None,
            usd_each: None,
            expires: None,
        }
    }

    /// What `self` passes on when asked for `wanted`: in every respect the narrower of both, under a name that tells
    /// where it comes from.
    #[must_use]
    pub fn narrowed(&self, wanted: &Self) -> Self {
        Self {
            origin: format!("{}:{}", self.origin, crate::contacts::quote(&wanted.origin).replace(':', "-")),
            may: self.may.intersection(&wanted.may).copied().collect(),
            most: self.most.min(wanted.most),
            accounts: both(self.accounts.as_ref(), wanted.accounts.as_ref()),
            chains: both(self.chains.as_ref(), wanted.chains.as_ref()),
            usd_each: least(self.usd_each, wanted.usd_each),
            expires: least(self.expires, wanted.expires),
        }
    }

    /// May it ask this at `now`?
    ///
    /// # Errors
    /// [`NotAllowed::Expired`], [`NotAllowed::Kind`].
    pub fn check(&self, request: &Request, now: u64) -> Result<(), NotAllowed> {
        let kind = Kind::of(request);
        if kind == Kind::Lock {
            return Ok(());
        }
        if let Some(ended) = self.expires.filter(|e| *e <= now) {
            return Err(NotAllowed::Expired { origin: self.origin.clone(), ended });
        }
        if !self.may.contains(&kind) {
            return Err(NotAllowed::Kind { origin: self.origin.clone(), kind });
        }
        Ok(())
    }

    /// May it sign this?
    ///
    /// # Errors
    /// [`NotAllowed::Account`], [`NotAllowed::Chain`], [`NotAllowed::Amount`].
    pub fn check_effects(&self, account: Address, chain: Option<ChainId>, usd: Usd) -> Result<(), NotAllowed> {
        let origin = || self.origin.clone();
        if self.accounts.as_ref().is_some_and(|a| !a.contains(&account)) {
            return Err(NotAllowed::Account { origin: origin(), account });
        }
        if self.chains.as_ref().is_some_and(|c| chain.is_none_or(|chain| !c.contains(&chain))) {
            return Err(NotAllowed::Chain { origin: origin(), chain });
        }
        match self.usd_each {
            Some(limit) if usd > limit => Err(NotAllowed::Amount { origin: origin(), got: usd, limit }),
            _ => Ok(()),
        }
    }
}

fn both<T: Ord + Clone>(a: Option<&BTreeSet<T>>, b: Option<&BTreeSet<T>>) -> Option<BTreeSet<T>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.intersection(b).cloned().collect()),
        (one, other) => one.or(other).cloned(),
    }
}

fn least<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn capability() -> impl Strategy<Value = Capability> {
        let set = proptest::option::of(proptest::collection::btree_set(0u64..4, 0..3));
        let level = prop_oneof![Just(Outcome::Allow), Just(Outcome::Click), Just(Outcome::Hardware)];
        (set.clone(), set, level, proptest::option::of(0u64..100), proptest::option::of(0u64..100), any::<bool>()).prop_map(
            |(accounts, chains, most, usd, expires, sign)| Capability {
                origin: "x".into(),
                may: if sign { [Kind::Sign, Kind::Look].into() } else { [Kind::Look].into() },
                most,
                accounts: accounts.map(|a| a.into_iter().map(|n| Address::with_last_byte(n as u8)).collect()),
                chains,
                usd_each: usd.map(|u| Usd::from_micro(u).unwrap()),
                expires,
            },
        )
    }

    proptest! {
        #[test]
        fn a_delegate_passes_on_less_never_more(a in capability(), b in capability(), account in 0u8..4, chain in 0u64..4,
                                                usd in 0u64..100, now in 0u64..100) {
            let narrow = a.narrowed(&b);
            let (account, usd) = (Address::with_last_byte(account), Usd::from_micro(usd).unwrap());
            if narrow.check_effects(account, Some(chain), usd).is_ok() {
                prop_assert!(a.check_effects(account, Some(chain), usd).is_ok());
            }
            if narrow.check(&Request::Status {}, now).is_ok() {
                let wider = a.check(&Request::Status {}, now);
                prop_assert!(wider.is_ok());
            }
            prop_assert!(narrow.most <= a.most);
            prop_assert!(narrow.may.is_subset(&a.may));
            prop_assert!(narrow.origin.starts_with("x:"));
        }
    }
}
