//! What no rule can loosen: least levels, and what is never signed.

use alloy_primitives::Address;
use parlance_effects::{AllowanceChange, Effect, Subject, Warning};

use crate::facts::{Facts, Floor};
use crate::{Outcome, words};

/// New contacts cool down for this long before level 0. Seconds.
const COOL_DOWN: i64 = 86_400;

/// A deadline further away than this is as good as none. Seconds.
const FOR_EVER: u64 = 366 * 86_400;

/// Every floor under this signature, those of the signer's own included.
pub(crate) fn under(facts: &Facts) -> Vec<Floor> {
    let mut floors = facts.floors.clone();
    let mut at_least = |level: Outcome, reason: String| floors.push(Floor { level, reason });
    let effects = &facts.effects;

    if effects.items.is_empty() {
        at_least(Outcome::Refused, "the signer finds no effect in it".to_owned());
    }
    if facts.appraisal.items.len() != effects.items.len() {
        at_least(Outcome::Refused, "not every effect was appraised".to_owned());
    }
    if facts.appraisal.stale {
        at_least(Outcome::Click, "a price in the book is older than 7 days".to_owned());
    }
    if facts.appraisal.fee.usd.is_boundless() {
        at_least(Outcome::Click, "the fee can't be priced: there is no price for the chain's coin".to_owned());
    }
    for (item, worth) in effects.items.iter().zip(&facts.appraisal.items) {
        if worth.usd.is_boundless() {
            at_least(Outcome::Click, "its value can't be priced".to_owned());
        }
        item_floor(facts, item, worth.units.is_boundless(), &mut at_least);
    }
    for warning in &effects.warnings {
        match warning {
            Warning::UnlimitedAllowance { .. } => at_least(Outcome::Password, "the approval is unlimited".to_owned()),
            Warning::LikelyLost { to } => at_least(Outcome::Click, format!("what is sent to {to} is usually lost")),
            Warning::NoMinimumOut => at_least(Outcome::Click, "the swap names no least output".to_owned()),
            Warning::LooksLikeHash => at_least(Outcome::Refused, HASH.to_owned()),
            Warning::DeceptiveText => at_least(Outcome::Click, "the text has hidden or mixed characters".to_owned()),
            Warning::DomainChain => {
                at_least(Outcome::Click, "the typed data is bound to another chain, or to none".to_owned());
            }
            Warning::NoDeadline
            | Warning::ApproveRace
            | Warning::HighRate { .. }
            | Warning::ShortCycle { .. }
            | Warning::BorrowedFor { .. }
            | Warning::Batch { .. } => {}
        }
    }
    floors
}

const HASH: &str = "a message that could be the digest of something else is never signed";

fn item_floor(facts: &Facts, item: &Effect, boundless: bool, at_least: &mut impl FnMut(Outcome, String)) {
    match item {
        Effect::TransferOut { to, .. } | Effect::Borrow { to, .. } => {
            let contact = facts.parties.get(to).and_then(|party| party.contact.as_ref());
            if let Some(contact) = contact
                && facts.clock.now.saturating_sub(contact.added) < COOL_DOWN
            {
                let name = words::clean(&contact.name);
                at_least(Outcome::Click, format!("{name} has been a contact for less than 24 hours"));
            }
            look_alike(facts, to, at_least);
        }
        Effect::Allowance { change, expires, spender, .. } => {
            let grows = match change {
                AllowanceChange::Set(amount) | AllowanceChange::Increase(amount) => !amount.is_zero(),
                AllowanceChange::Decrease(_) => false,
            };
            let signed = matches!(facts.effects.subject, Subject::TypedData { .. });
            if grows && boundless {
                at_least(Outcome::Password, "the approval is unlimited".to_owned());
            }
            if signed {
                at_least(Outcome::Click, "a permit lets somebody move money later".to_owned());
            }
            // An EIP-2612 allowance lives on after the permit's deadline, as one by transaction does.
            if signed && grows && endless(facts, expires.or_else(|| facts.effects.usable_until())) {
                at_least(Outcome::Password, "the permit does not end".to_owned());
            }
            look_alike(facts, spender, at_least);
        }
        Effect::DeferredTransfer { to, spender, valid_before, .. } => {
            if to.is_none() && spender.is_none() {
                at_least(Outcome::Password, "whoever holds the signature can take the money".to_owned());
            } else if to.is_none() {
                at_least(Outcome::Click, "the signature names no recipient".to_owned());
            }
            if endless(facts, *valid_before) {
                at_least(Outcome::Click, "the signature does not end".to_owned());
            }
            if let Some(to) = to {
                look_alike(facts, to, at_least);
            }
        }
        Effect::Swap { recipient, .. } | Effect::Unwrap { recipient, .. } => look_alike(facts, recipient, at_least),
        Effect::CreditLine { .. } | Effect::CreditApplication { .. } => {
            at_least(Outcome::Click, "it binds you to a lender's terms".to_owned());
        }
        Effect::UnknownCall { .. } => {
            at_least(Outcome::Password, "the signer does not understand the call".to_owned());
        }
        Effect::UnknownTypedData { .. } => {
            at_least(Outcome::Password, "the signer does not understand the typed data".to_owned());
        }
        Effect::Deploy { .. } => at_least(Outcome::Click, "it creates a contract".to_owned()),
        Effect::Delegation { .. } => {
            at_least(Outcome::Password, "the account would run somebody's code (EIP-7702)".to_owned());
        }
        Effect::Message { looks_like_hash: true } => at_least(Outcome::Refused, HASH.to_owned()),
        Effect::Message { .. } => match &facts.effects.subject {
            Subject::Message { text: None, .. } => {
                at_least(Outcome::Password, "the message is no readable text".to_owned());
            }
            _ => at_least(Outcome::Click, "a signed message can bind you elsewhere".to_owned()),
        },
        Effect::Repay { .. } | Effect::CreditClose { .. } | Effect::TransferIn { .. } | Effect::Wrap { .. } | Effect::Nothing => {}
    }
}

fn look_alike(facts: &Facts, address: &Address, at_least: &mut impl FnMut(Outcome, String)) {
    let party = facts.parties.get(address);
    if let Some(other) = party.and_then(|party| party.lookalike_of.as_ref()) {
        at_least(Outcome::Click, format!("{address} looks like {} without being it", words::clean(other)));
    }
}

fn endless(facts: &Facts, until: Option<u64>) -> bool {
    let now = u64::try_from(facts.clock.now).unwrap_or(0);
    until.is_none_or(|until| until.saturating_sub(now) > FOR_EVER)
}
