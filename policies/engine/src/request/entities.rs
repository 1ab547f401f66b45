//! Entities, windows and times as the context names them.

use alloy_primitives::Address;
use parlance_effects::{Asset, AssetKind, TypedNode};

use super::view::{EntityRef, Known, Value};
use crate::facts::{Tally, Totals, Windows};
use crate::units::{Units, Usd};
use crate::worth::AssetId;

/// Leaves of typed data that rules can see; the rest is left out (a rule that asks for it does not hold).
const MOST_LEAVES: usize = 512;

/// The windows of `totals` by their names in the context. Where an effect has no asset or recipient, the narrower
/// windows are the widest ones: never less than what could be meant.
pub(super) fn spans(totals: &Totals, asset: Option<AssetId>, recipient: Option<Address>) -> Vec<(&'static str, Windows<u64>)> {
    let none = Tally::default();
    let of_asset = asset.map_or(&totals.all, |asset| totals.assets.get(&asset).unwrap_or(&none));
    let of_recipient = recipient.map_or(&totals.all, |address| totals.recipients.get(&address).unwrap_or(&none));
    let units = if asset.is_some() { of_asset.units } else { totals.all.units.map(|_| Units::BOUNDLESS) };
    let usd = |tally: &Tally| tally.usd.map(Usd::micro);
    vec![
        ("spent", usd(&totals.all)),
        ("number", totals.all.number),
        ("without_asking", usd(&totals.without_asking)),
        ("without_asking_number", totals.without_asking.number),
        ("without_password", usd(&totals.without_password)),
        ("without_password_number", totals.without_password.number),
        ("asset_spent", usd(of_asset)),
        ("asset_units", units.map(Units::micro)),
        ("asset_number", of_asset.number),
        ("recipient_spent", usd(of_recipient)),
        ("recipient_number", of_recipient.number),
        ("origin_spent", usd(&totals.origin)),
        ("origin_number", totals.origin.number),
        ("swapped", usd(&totals.swaps)),
        ("borrowed", usd(&totals.borrowed)),
    ]
}

pub(super) fn record_of(windows: Windows<u64>) -> Value {
    let long = |n: u64| Value::Long(i64::try_from(n).unwrap_or(i64::MAX));
    Value::Record(vec![
        ("hour", long(windows.hour)),
        ("day", long(windows.day)),
        ("week", long(windows.week)),
        ("month", long(windows.month)),
    ])
}

const WEEKDAYS: [&str; 7] = ["thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday"];

pub(super) fn time_of(clock: crate::Clock) -> [(&'static str, Value); 4] {
    let local = clock.now.saturating_add(i64::from(clock.utc_offset));
    // 1970-01-01 was a Thursday.
    let weekday = WEEKDAYS.get(local.div_euclid(86_400).rem_euclid(7) as usize).copied().unwrap_or("thursday");
    let second = local.rem_euclid(86_400);
    [
        ("now", Value::Time(clock.now.saturating_mul(1000))),
        ("hour", Value::Long(second / 3_600)),
        ("minute", Value::Long(second % 3_600 / 60)),
        ("weekday", Value::Text(weekday.to_owned())),
    ]
}

pub(super) fn account(address: Address, label: &str) -> Known {
    Known {
        uid: EntityRef { kind: "Account", id: address.to_string() },
        parents: Vec::new(),
        attrs: vec![("label", Value::Text(label.to_owned()))],
        tags: Vec::new(),
    }
}

pub(super) fn asset_entity(asset: &Asset) -> Known {
    let symbol = asset.known.as_ref().map(|known| EntityRef { kind: "Symbol", id: known.symbol.clone() });
    Known {
        uid: EntityRef { kind: "Asset", id: AssetId::from(asset).to_string() },
        parents: symbol.into_iter().collect(),
        attrs: vec![
            ("chain", Value::Long(i64::try_from(asset.chain).unwrap_or(i64::MAX))),
            ("native", Value::Bool(asset.kind == AssetKind::Native)),
            ("stable", Value::Bool(asset.known.as_ref().is_some_and(|known| known.usd_stable))),
            ("registered", Value::Bool(asset.known.is_some())),
        ],
        tags: Vec::new(),
    }
}

pub(super) fn pool_entity(pool: Address, asset: &Asset) -> Known {
    let Known { parents, attrs, .. } = asset_entity(asset);
    let attrs = attrs.into_iter().filter(|(name, _)| ["chain", "stable"].contains(name));
    Known {
        uid: EntityRef { kind: "Pool", id: format!("{}:{pool}", asset.chain) },
        parents,
        // The decoder understands no other.
        attrs: attrs.chain([("registered", Value::Bool(true))]).collect(),
        tags: Vec::new(),
    }
}

pub(super) fn name_of(asset: &Asset) -> String {
    match (&asset.known, asset.kind) {
        (Some(known), _) => known.symbol.clone(),
        (None, AssetKind::Native) => "the native coin".to_owned(),
        (None, AssetKind::Token(address)) => format!("unknown token {address}"),
    }
}

pub(super) fn hierarchy(kind: &'static str, id: &str, parents: Vec<String>, others: &mut Vec<Known>) -> EntityRef {
    let uid = EntityRef { kind, id: id.to_owned() };
    let parents = parents.into_iter().map(|id| EntityRef { kind, id }).collect();
    others.push(Known { uid: uid.clone(), parents, attrs: Vec::new(), tags: Vec::new() });
    uid
}

/// `agent:groceries` is in `agent`.
pub(super) fn parents_of_origin(name: &str) -> Vec<String> {
    name.match_indices(':').filter_map(|(at, _)| name.get(..at)).map(str::to_owned).collect()
}

/// `api.example.com` is in `example.com`; nothing is in a top-level domain.
pub(super) fn parents_of_host(host: &str) -> Vec<String> {
    let suffixes = host.match_indices('.').filter_map(|(at, _)| host.get(at + 1..));
    suffixes.filter(|suffix| suffix.contains('.')).take(8).map(str::to_owned).collect()
}

pub(super) fn leaves(node: &TypedNode, path: &str, out: &mut Vec<(String, String)>) {
    for child in &node.children {
        if out.len() >= MOST_LEAVES {
            return;
        }
        let path = match path {
            "" => child.name.clone(),
            _ if child.name.starts_with('[') => format!("{path}{}", child.name),
            _ => format!("{path}.{}", child.name),
        };
        match &child.value {
            Some(value) => out.push((path, value.clone())),
            None => leaves(child, &path, out),
        }
    }
}
