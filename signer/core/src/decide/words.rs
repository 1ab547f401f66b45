//! What the approver is told beside the decision.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use parlance_effects::{AssetKind, Effect, Effects, Subject};
use parlance_policy::{Party, Usd};
use parlance_signer_protocol::Claims;
use parlance_signer_protocol::approver::AddressLine;

use super::Knowledge;
use crate::contacts::{mixed_scripts, quote};
use crate::keys::{Account, AccountSource};

/// Most claims that are shown.
const CLAIMS: usize = 12;

/// The owner's name for one of their accounts. An account that is only watched is anybody's.
#[must_use]
pub fn account_name(address: Address, accounts: &[Account]) -> Option<String> {
    let own = |a: &&Account| a.address == address && a.source != AccountSource::WatchOnly;
    accounts.iter().find(own).map(|a| a.label.as_str().to_owned())
}

/// The owner's name for an account that is only watched.
fn watched_name(address: Address, accounts: &[Account]) -> Option<String> {
    let watched = |a: &&Account| a.address == address && a.source == AccountSource::WatchOnly;
    accounts.iter().find(watched).map(|a| format!("\"{}\", an account that you watch", a.label.as_str()))
}

/// `$1.50`, or that it is not known.
#[must_use]
pub fn usd_words(usd: Option<u64>) -> String {
    usd.and_then(|micro| Usd::from_micro(micro).ok()).unwrap_or(Usd::BOUNDLESS).to_string()
}

/// A contact's name, an own account's label, or the registry's name.
pub(super) fn known_name(address: Address, parties: &BTreeMap<Address, Party>) -> Option<String> {
    let party = parties.get(&address)?;
    let contact = party.contact.as_ref().map(|c| c.name.clone());
    contact.or_else(|| party.own.as_ref().map(|o| format!("your account \"{o}\""))).or_else(|| party.registered.clone())
}

/// Every address that takes part, with its role, each once.
pub(super) fn addresses(effects: &Effects, parties: &BTreeMap<Address, Party>, k: &Knowledge<'_>) -> Vec<AddressLine> {
    let mut roles: Vec<(Address, &'static str)> = vec![(effects.account, "from")];
    for item in &effects.items {
        let token = |kind: AssetKind| match kind {
            AssetKind::Token(token) => Some((token, "token")),
            AssetKind::Native => None,
        };
        match item {
            Effect::TransferOut { asset, from, to, .. } => {
                roles.push((*to, "to"));
                roles.push((*from, "from"));
                roles.extend(token(asset.kind));
            }
            Effect::Allowance { asset, spender, .. } => {
                roles.push((*spender, "spender"));
                roles.extend(token(asset.kind));
            }
            Effect::Swap { sell, buy, recipient, router, .. } => {
                roles.push((*recipient, "to"));
                roles.push((*router, "router"));
                roles.extend(token(sell.kind));
                roles.extend(token(buy.kind));
            }
            Effect::Wrap { asset, .. } => roles.extend(token(asset.kind)),
            Effect::Unwrap { asset, recipient, .. } => {
                roles.push((*recipient, "to"));
                roles.extend(token(asset.kind));
            }
            Effect::DeferredTransfer { asset, to, spender, .. } => {
                roles.extend(to.map(|to| (to, "to")));
                roles.extend(spender.map(|spender| (spender, "spender")));
                roles.extend(token(asset.kind));
            }
            Effect::Borrow { pool, asset, to, .. } => {
                roles.push((*to, "to"));
                roles.push((*pool, "pool"));
                roles.extend(token(asset.kind));
            }
            Effect::CreditLine { pool, asset, .. }
            | Effect::Repay { pool, asset, .. }
            | Effect::CreditClose { pool, asset, .. }
            | Effect::CreditApplication { pool, asset, .. } => {
                roles.push((*pool, "pool"));
                roles.extend(token(asset.kind));
            }
            Effect::UnknownCall { to, .. } => roles.push((*to, "contract")),
            Effect::Delegation { to, authority, .. } => {
                roles.push((*to, "code"));
                roles.extend(authority.map(|a| (a, "account")));
            }
            Effect::TransferIn { from, .. } => roles.extend(from.map(|from| (from, "payer"))),
            Effect::UnknownTypedData { .. } | Effect::Deploy { .. } | Effect::Message { .. } | Effect::Nothing => {}
        }
    }
    if let Subject::TypedData { domain, .. } = &effects.subject {
        roles.extend(domain.verifying_contract.map(|c| (c, "contract")));
    }
    let mut lines: Vec<AddressLine> = Vec::new();
    for (address, role) in roles {
        let text = address.to_checksum(None);
        if lines.iter().any(|l| l.address == text) {
            continue;
        }
        let known_as = known_name(address, parties)
            .or_else(|| account_name(address, k.accounts).map(|n| format!("your account \"{n}\"")))
            .or_else(|| watched_name(address, k.accounts))
            .or_else(|| k.registry.label(effects.chain.unwrap_or_default(), address).map(str::to_owned))
            .unwrap_or_else(|| "unknown to you".into());
        lines.push(AddressLine { address: text, role: role.into(), known_as });
    }
    lines
}

/// What could go wrong, in sentences.
pub(super) fn warnings(effects: &Effects, parties: &BTreeMap<Address, Party>, k: &Knowledge<'_>) -> Vec<String> {
    let names = |address| known_name(address, parties);
    let mut warnings = effects.warning_sentences(&names);
    for (address, party) in parties {
        let text = address.to_checksum(None);
        if let Some(other) = &party.lookalike_of {
            warnings.push(format!("{text} looks like {other}, but it is another address. Compare all of it."));
        }
        let pays = effects.items.iter().any(|item| match item {
            Effect::TransferOut { to, .. } | Effect::Borrow { to, .. } => to == address,
            Effect::DeferredTransfer { to, .. } => *to == Some(*address),
            _ => false,
        });
        if pays && party.paid == 0 && party.own.is_none() {
            warnings.push(format!("You have never paid {} before.", names(*address).unwrap_or(text)));
        }
    }
    for item in &effects.items {
        if let Effect::Repay { pool, line, .. } = item
            && !k.book.ledger.has_drawn(effects.account, effects.chain, *pool, *line)
        {
            warnings.push(format!("You have not drawn on credit line {line} with this wallet. Paying on somebody else's is a gift."));
        }
    }
    for name in k.claims.names.values().filter(|n| mixed_scripts(n)) {
        warnings.push(format!("The name {} mixes letters of several scripts.", quote(name)));
    }
    if let Some(host) = k.claims.host.as_deref().filter(|h| mixed_scripts(h) || h.contains("xn--")) {
        warnings.push(format!("The host name {} is written with letters that can deceive.", quote(host)));
    }
    warnings
}

/// What only the wallet says, each as a sentence that begins with that.
pub(super) fn claims(claims: &Claims) -> Vec<String> {
    let mut lines = Vec::new();
    for (address, name) in &claims.names {
        lines.push(format!("The wallet says {} is {}.", address.to_checksum(None), quote(name)));
    }
    if let Some(host) = &claims.host {
        lines.push(format!("The wallet says {} asks for it.", quote(host)));
    }
    if let Some(via) = &claims.via {
        lines.push(format!("The wallet says it comes from {}.", quote(via)));
    }
    for (argument, from) in &claims.provenance {
        lines.push(format!("The wallet says {} came from: {}.", quote(argument), quote(from)));
    }
    for note in &claims.notes {
        lines.push(format!("The wallet says: {}", quote(note)));
    }
    lines.truncate(CLAIMS);
    lines
}
