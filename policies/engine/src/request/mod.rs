//! One effect as rules see it: action, resource and context.

mod draft;
mod entities;
mod view;

use alloy_primitives::{Address, hex};
use parlance_effects::{AllowanceChange, Asset, Effect, Subject};

use self::draft::{Credit, Draft, Resource};
pub(crate) use self::view::{EntityRef, Value, View};
use crate::facts::{Facts, Totals};
use crate::schema::Action;
use crate::units::{Overflow, Units, Usd};
use crate::worth::{AssetId, SpendKind, Worth};

/// Everything about a signature that its effects share.
pub(crate) struct Signature<'a> {
    facts: &'a Facts,
    after: Totals,
    total: Usd,
    gross: Usd,
}

impl<'a> Signature<'a> {
    /// Sums that do not fit are an error: the signature is to be refused.
    pub fn new(facts: &'a Facts) -> Result<Self, Overflow> {
        let after = facts.before.plus(&facts.adds)?;
        // What is borrowed comes in: it is no part of what moves from here.
        let spends = || facts.appraisal.spends.iter().filter(|spend| spend.kind != SpendKind::Borrow);
        let sum = |worth: fn(&crate::Spend) -> Usd| spends().try_fold(Usd::ZERO, |sum, spend| sum.plus(worth(spend)));
        Ok(Self { facts, after, total: sum(|spend| spend.usd)?, gross: sum(|spend| spend.gross)? })
    }

    /// The requests of all effects, in order. A swap, an unwrapping or a draw for somebody else is also a transfer.
    pub fn views(&self) -> Vec<View> {
        let mut views = Vec::with_capacity(self.facts.effects.items.len());
        for (i, item) in self.facts.effects.items.iter().enumerate() {
            let worth = self.facts.appraisal.items.get(i).copied().unwrap_or(UNKNOWN);
            self.effect(item, worth, &mut views);
        }
        views
    }

    fn effect(&self, item: &Effect, worth: Worth, views: &mut Vec<View>) {
        let signed = matches!(self.facts.effects.subject, Subject::TypedData { .. });
        match item {
            Effect::TransferOut { asset, from, to, amount } => {
                let action = if *from == self.facts.effects.account { Action::Send } else { Action::Pull };
                let mut draft = self.draft(action, Resource::Asset(asset), worth);
                draft.recipient = Some(*to);
                draft.argument("to", to);
                draft.argument("from", from);
                draft.argument("amount", amount);
                views.push(draft.finish());
            }
            Effect::TransferIn { asset, from, at_least } => {
                let mut draft = self.draft(Action::Receive, Resource::Asset(asset), worth);
                draft.recipient = *from;
                draft.argument("amount", at_least);
                views.push(draft.finish());
            }
            Effect::Allowance { asset, spender, change, expires, .. } => {
                let (action, amount) = match change {
                    AllowanceChange::Set(amount) if amount.is_zero() => (Action::Revoke, amount),
                    AllowanceChange::Decrease(amount) => (Action::Revoke, amount),
                    AllowanceChange::Set(amount) | AllowanceChange::Increase(amount) if signed => (Action::Permit, amount),
                    AllowanceChange::Set(amount) | AllowanceChange::Increase(amount) => (Action::Approve, amount),
                };
                let mut draft = self.draft(action, Resource::Asset(asset), worth);
                draft.recipient = Some(*spender);
                draft.unlimited = action != Action::Revoke && worth.units.is_boundless();
                let permit = signed.then(|| self.facts.effects.usable_until()).flatten();
                draft.lasts = self.lasts(expires.or(permit));
                draft.argument("spender", spender);
                draft.argument("amount", amount);
                views.push(draft.finish());
            }
            Effect::Swap { sell, most_in, buy, least_out, recipient, router, deadline } => {
                for action in self.also_sends(Action::Swap, recipient) {
                    let mut draft = self.draft(action, Resource::Asset(sell), worth);
                    draft.recipient = Some(*recipient);
                    draft.buy = Some(buy);
                    draft.slippage = worth.slippage;
                    draft.lasts = self.lasts(*deadline);
                    draft.argument("router", router);
                    draft.argument("recipient", recipient);
                    draft.argument("most_in", most_in);
                    draft.argument("least_out", least_out);
                    views.push(draft.finish());
                }
            }
            Effect::Wrap { asset, amount } => {
                let mut draft = self.draft(Action::Wrap, Resource::Asset(asset), worth);
                draft.argument("amount", amount);
                views.push(draft.finish());
            }
            Effect::Unwrap { asset, amount, recipient } => {
                for action in self.also_sends(Action::Unwrap, recipient) {
                    let mut draft = self.draft(action, Resource::Asset(asset), worth);
                    draft.recipient = Some(*recipient);
                    draft.argument("amount", amount);
                    views.push(draft.finish());
                }
            }
            Effect::DeferredTransfer { asset, amount, to, spender, valid_before, .. } => {
                let mut draft = self.draft(Action::PayBySignature, Resource::Asset(asset), worth);
                draft.recipient = *to;
                draft.lasts = self.lasts(*valid_before);
                draft.argument("amount", amount);
                if let Some(spender) = spender {
                    draft.argument("spender", spender);
                }
                views.push(draft.finish());
            }
            Effect::CreditLine { pool, asset, limit, rate, cycle, expiry, renews, .. } => {
                let mut draft = self.credit_line(Action::OpenCredit, *pool, asset, worth, (*rate, *cycle, *expiry));
                draft.argument("limit", limit);
                if let Some(line) = renews {
                    draft.argument("line", line);
                }
                views.push(draft.finish());
            }
            Effect::CreditApplication { pool, asset, rate, cycle, expiry, .. } => {
                // Its arguments are the fields of the typed data.
                views.push(self.credit_line(Action::ApplyCredit, *pool, asset, worth, (*rate, *cycle, *expiry)).finish());
            }
            Effect::Borrow { pool, asset, amount, to, line } => {
                let mut both = vec![self.draft(Action::Borrow, Resource::Pool(*pool, asset), worth)];
                // On which terms the line stands, only the chain knows.
                both.iter_mut().for_each(|draft| draft.credit = Credit { limit: i64::MAX, rate: i64::MAX, cycle: 0 });
                if *to != self.facts.effects.account {
                    both.push(self.draft(Action::Send, Resource::Asset(asset), worth));
                }
                for mut draft in both {
                    draft.recipient = Some(*to);
                    draft.argument("line", line);
                    draft.argument("to", to);
                    draft.argument("amount", amount);
                    views.push(draft.finish());
                }
            }
            Effect::Repay { pool, asset, most, line } => {
                let mut draft = self.draft(Action::Repay, Resource::Pool(*pool, asset), worth);
                draft.recipient = Some(*pool);
                draft.argument("line", line);
                draft.argument("amount", most);
                views.push(draft.finish());
            }
            Effect::CreditClose { pool, asset, line } => {
                let mut draft = self.draft(Action::CloseCredit, Resource::Pool(*pool, asset), worth);
                draft.argument("line", line);
                views.push(draft.finish());
            }
            Effect::UnknownCall { to, selector, value, .. } => {
                let mut draft = self.draft(Action::Call, Resource::Contract(Some(*to)), worth);
                draft.recipient = Some(*to);
                draft.selector = selector.map(hex::encode_prefixed).unwrap_or_default();
                draft.decoded = false;
                draft.argument("value", value);
                views.push(draft.finish());
            }
            Effect::UnknownTypedData { .. } => {
                let contract = match &self.facts.effects.subject {
                    Subject::TypedData { domain, .. } => domain.verifying_contract,
                    _ => None,
                };
                let mut draft = self.draft(Action::SignTyped, Resource::Contract(contract), worth);
                draft.decoded = false;
                views.push(draft.finish());
            }
            Effect::Deploy { init_code_hash, value } => {
                let mut draft = self.draft(Action::Deploy, Resource::Contract(None), worth);
                draft.argument("init_code_hash", init_code_hash);
                draft.argument("value", value);
                views.push(draft.finish());
            }
            Effect::Delegation { to, chain, .. } => {
                let mut draft = self.draft(Action::Delegate, Resource::Contract(Some(*to)), worth);
                draft.recipient = Some(*to);
                draft.lasts = i64::MAX;
                draft.argument("chain", chain);
                views.push(draft.finish());
            }
            Effect::Message { .. } => views.push(self.draft(Action::SignMessage, Resource::Own, worth).finish()),
            Effect::Nothing => views.push(self.draft(Action::Cancel, Resource::Own, worth).finish()),
        }
    }

    /// What leaves of an asset with this signature, fee included; boundless where the sum does not fit, which the
    /// totals have already refused.
    fn leaving(&self, asset: AssetId) -> Units {
        let spends = self.facts.appraisal.spends.iter().filter(|spend| spend.asset == asset);
        spends.into_iter().try_fold(Units::ZERO, |sum, spend| sum.plus(spend.units)).unwrap_or(Units::BOUNDLESS)
    }

    fn also_sends(&self, action: Action, recipient: &Address) -> Vec<Action> {
        if self.is_own(recipient) { vec![action] } else { vec![action, Action::Send] }
    }

    fn is_own(&self, address: &Address) -> bool {
        *address == self.facts.effects.account || self.facts.parties.get(address).is_some_and(|party| party.own.is_some())
    }

    fn lasts(&self, until: Option<u64>) -> i64 {
        until.map_or(i64::MAX, |until| i64::try_from(until).unwrap_or(i64::MAX).saturating_sub(self.facts.clock.now).max(0))
    }

    fn credit_line<'s>(
        &'s self,
        action: Action,
        pool: Address,
        asset: &'s Asset,
        worth: Worth,
        (rate, cycle, expiry): (u32, u32, u64),
    ) -> Draft<'s> {
        let mut draft = self.draft(action, Resource::Pool(pool, asset), worth);
        draft.credit = Credit { limit: worth.usd.cedar(), rate: rate.into(), cycle: cycle.into() };
        draft.lasts = self.lasts(Some(expiry));
        draft
    }

    fn draft<'s>(&'s self, action: Action, resource: Resource<'s>, worth: Worth) -> Draft<'s> {
        let selector = match &self.facts.effects.subject {
            Subject::Transaction { selector: Some(selector), .. } => hex::encode_prefixed(selector),
            _ => String::new(),
        };
        Draft {
            signature: self,
            action,
            resource,
            worth,
            recipient: None,
            buy: None,
            slippage: 0,
            unlimited: false,
            lasts: 0,
            credit: Credit::default(),
            decoded: true,
            selector,
            arguments: Vec::new(),
        }
    }
}

/// Where the appraisal does not cover an item, which it always does: nothing is known of it.
const UNKNOWN: Worth = Worth { units: Units::BOUNDLESS, usd: Usd::BOUNDLESS, slippage: 10_000 };
