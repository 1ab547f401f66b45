//! Allowances: reserved when granted, consumed by later pulls of the same spender, never refunded.

use alloy_primitives::{Address, B256, U256, U512};
use parlance_effects::AllowanceVia;
use parlance_policy::{AssetId, Spend, SpendKind, Units, Usd};
use serde::{Deserialize, Serialize};

use super::{Entry, Grant, GroupKey};

/// An allowance that was granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiveGrant {
    /// By which account.
    pub account: Address,
    /// Of what.
    pub asset: AssetId,
    /// To whom.
    pub spender: Address,
    /// As granted, in the smallest unit.
    pub amount: U256,
    /// What later pulls may still take without counting again.
    pub remaining: U256,
    /// By which mechanism.
    pub via: AllowanceVia,
    usd: Option<Usd>,
    consumed: U256,
    group: GroupKey,
    digest: B256,
    /// False once revoked or overwritten.
    standing: bool,
}

/// All allowances, in the order in which they were granted.
#[derive(Debug, Default)]
pub(super) struct Grants(Vec<LiveGrant>);

impl Grants {
    pub(super) fn grant(&mut self, group: GroupKey, account: Address, grant: &Grant, digest: B256) {
        if !grant.adds {
            // Setting an allowance ends what was there. Nothing is refunded: the old amount stays counted.
            for old in self.of(account, grant.asset, grant.spender) {
                old.remaining = U256::ZERO;
                old.standing = false;
            }
        }
        if grant.amount.is_zero() {
            return;
        }
        let mut consumed = U256::ZERO;
        for old in self.0.iter_mut().filter(|g| g.group == group && g.asset == grant.asset && g.spender == grant.spender) {
            // The same allowance again at a higher fee: pulls that rest on the old one rest on this one.
            consumed = consumed.max(old.consumed);
            old.consumed = U256::ZERO;
            old.standing = false;
        }
        // What could not be priced was never counted, so nothing may be taken from it.
        let remaining = if grant.usd.is_some() { grant.amount.saturating_sub(consumed) } else { U256::ZERO };
        self.0.push(LiveGrant {
            account,
            asset: grant.asset,
            spender: grant.spender,
            amount: grant.amount,
            remaining,
            via: grant.via,
            usd: grant.usd,
            consumed,
            group,
            digest,
            standing: true,
        });
    }

    /// A new member of `group` is signed: the old members' allowances may never come to be.
    pub(super) fn replaced(&mut self, group: GroupKey, by: &Entry) {
        for old in self.0.iter_mut().filter(|g| g.group == group && g.digest != by.digest) {
            old.remaining = U256::ZERO;
        }
    }

    pub(super) fn pull(&mut self, account: Address, asset: AssetId, spender: Address, mut amount: U256) {
        for grant in self.of(account, asset, spender) {
            let taken = grant.remaining.min(amount);
            grant.remaining -= taken;
            grant.consumed += taken;
            amount -= taken;
        }
    }

    pub(super) fn remaining(&self, account: Address, asset: AssetId, spender: Address) -> U256 {
        let same = |g: &&LiveGrant| g.account == account && g.asset == asset && g.spender == spender;
        self.0.iter().filter(same).fold(U256::ZERO, |sum, g| sum.saturating_add(g.remaining))
    }

    pub(super) fn orphaned(&self, group: GroupKey, by: &Entry) -> Vec<Spend> {
        self.0
            .iter()
            .filter(|g| g.group == group && g.digest != by.digest && !g.consumed.is_zero())
            .filter(|g| !by.grants.iter().any(|n| n.asset == g.asset && n.spender == g.spender && n.amount >= g.consumed))
            .map(|g| {
                let usd = g.usd.map_or(Usd::BOUNDLESS, |usd| share(usd, g.consumed, g.amount));
                // In dollars only: the grant's own units stay counted where it was granted.
                Spend { kind: SpendKind::Allowance, asset: g.asset, recipient: Some(g.spender), units: Units::ZERO, usd, gross: usd }
            })
            .collect()
    }

    /// The signature that granted it never took effect.
    pub(super) fn void(&mut self, digest: B256) {
        for grant in self.0.iter_mut().filter(|g| g.digest == digest) {
            grant.remaining = U256::ZERO;
            grant.standing = false;
        }
    }

    pub(super) fn live(&self) -> impl Iterator<Item = &LiveGrant> {
        self.0.iter().filter(|g| g.standing)
    }

    /// Those that still mean something: that stand, from which something may be taken, or from which something was.
    pub(super) fn kept(&self) -> Vec<LiveGrant> {
        self.0.iter().filter(|g| g.matters()).cloned().collect()
    }

    pub(super) fn restore(kept: Vec<LiveGrant>) -> Self {
        Self(kept)
    }

    /// Has a signature of the group granted one that still means something?
    pub(super) fn concern(&self, group: GroupKey) -> bool {
        self.0.iter().any(|g| g.group == group && g.matters())
    }

    fn of(&mut self, account: Address, asset: AssetId, spender: Address) -> impl Iterator<Item = &mut LiveGrant> {
        self.0.iter_mut().filter(move |g| g.account == account && g.asset == asset && g.spender == spender)
    }
}

impl LiveGrant {
    fn matters(&self) -> bool {
        self.standing || !self.remaining.is_zero() || !self.consumed.is_zero()
    }
}

/// `usd * part / whole`, rounded up.
fn share(usd: Usd, part: U256, whole: U256) -> Usd {
    if whole.is_zero() || part >= whole {
        return usd;
    }
    let whole = U512::from(whole);
    let value = (U512::from(usd.micro()) * U512::from(part) + whole - U512::ONE) / whole;
    u64::try_from(value).ok().and_then(|micro| Usd::from_micro(micro).ok()).unwrap_or(usd)
}
