//! The context of one effect, filled in.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use parlance_effects::{Asset, Subject};

use super::Signature;
use super::entities::{
    account, asset_entity, hierarchy, leaves, name_of, parents_of_host, parents_of_origin, pool_entity, record_of, spans, time_of,
};
use super::view::{EntityRef, Known, Value, View};
use crate::facts::Party;
use crate::schema::Action;
use crate::units::Units;
use crate::worth::{AssetId, Worth};

/// What an effect is about.
pub(super) enum Resource<'a> {
    Asset(&'a Asset),
    /// A credit pool and what it lends.
    Pool(Address, &'a Asset),
    Contract(Option<Address>),
    Own,
}

/// Terms of a credit line as rules see them: micro-USD, basis points, seconds.
#[derive(Clone, Copy, Default)]
pub(super) struct Credit {
    pub(super) limit: i64,
    pub(super) rate: i64,
    pub(super) cycle: i64,
}

/// One effect on its way to a [`View`].
pub(super) struct Draft<'a> {
    pub(super) signature: &'a Signature<'a>,
    pub(super) action: Action,
    pub(super) resource: Resource<'a>,
    pub(super) worth: Worth,
    pub(super) recipient: Option<Address>,
    pub(super) buy: Option<&'a Asset>,
    pub(super) slippage: u32,
    pub(super) unlimited: bool,
    pub(super) lasts: i64,
    pub(super) credit: Credit,
    pub(super) decoded: bool,
    pub(super) selector: String,
    pub(super) arguments: Vec<(String, String)>,
}

impl Draft<'_> {
    pub(super) fn argument(&mut self, name: &str, value: impl ToString) {
        self.arguments.push((name.to_owned(), value.to_string()));
    }

    pub(super) fn finish(mut self) -> View {
        let facts = self.signature.facts;
        let effects = &facts.effects;
        let chain = effects.chain.map_or(0, |chain| i64::try_from(chain).unwrap_or(i64::MAX));
        let mut others = Vec::new();
        let principal = account(effects.account, &facts.account_label);
        let (resource, asset_id, asset_name) = match self.resource {
            Resource::Asset(asset) => (asset_entity(asset), Some(AssetId::from(asset)), Some(name_of(asset))),
            Resource::Pool(pool, asset) => (pool_entity(pool, asset), Some(AssetId::from(asset)), Some(name_of(asset))),
            Resource::Contract(address) => (self.contract(address, chain), None, None),
            Resource::Own => (principal.clone(), None, None),
        };

        let mut typed = None;
        if let Subject::TypedData { domain, primary_type, tree, .. } = &effects.subject {
            let text = |field: &Option<String>| Value::Text(field.clone().unwrap_or_default());
            typed = Some(Value::Record(vec![
                ("name", text(&domain.name)),
                ("version", text(&domain.version)),
                ("chain", Value::Long(domain.chain_id.map_or(0, |id| i64::try_from(id).unwrap_or(i64::MAX)))),
                ("contract", Value::Text(domain.verifying_contract.map(|a| a.to_string()).unwrap_or_default())),
                ("primary_type", Value::Text(primary_type.clone())),
            ]));
            leaves(tree, "", &mut self.arguments);
        }
        let numbers = self.arguments.iter().filter_map(|(name, value)| Some((name.clone(), value.parse().ok()?)));
        let numbers: BTreeMap<String, i64> = numbers.collect();
        let arguments: BTreeMap<String, String> = std::mem::take(&mut self.arguments).into_iter().collect();
        let arguments = Known {
            uid: EntityRef { kind: "Arguments", id: self.action.name().to_owned() },
            parents: Vec::new(),
            attrs: Vec::new(),
            tags: arguments.into_iter().map(|(name, value)| (name, Value::Text(value))).collect(),
        };
        let numbers = Known {
            uid: EntityRef { kind: "Numbers", id: self.action.name().to_owned() },
            parents: Vec::new(),
            attrs: Vec::new(),
            tags: numbers.into_iter().map(|(name, value)| (name, Value::Long(value))).collect(),
        };

        let origin = hierarchy("Origin", &facts.origin.name, parents_of_origin(&facts.origin.name), &mut others);
        let priced = !self.worth.usd.is_boundless() && !facts.appraisal.fee.usd.is_boundless();
        let mut context = vec![
            ("amount", Value::Long(self.worth.units.cedar())),
            ("usd", Value::Long(self.worth.usd.cedar())),
            ("decoded", Value::Bool(self.decoded)),
            ("priced", Value::Bool(priced)),
            ("slippage", Value::Long(i64::from(self.slippage))),
            ("unlimited", Value::Bool(self.unlimited)),
            ("lasts", Value::Long(self.lasts)),
            ("limit", Value::Long(self.credit.limit)),
            ("rate", Value::Long(self.credit.rate)),
            ("cycle", Value::Long(self.credit.cycle)),
            ("borrowed_total", Value::Long(self.signature.after.owed.cedar())),
            ("selector", Value::Text(self.selector.clone())),
            ("arguments", Value::Entity(arguments.uid.clone())),
            ("numbers", Value::Entity(numbers.uid.clone())),
            ("total", Value::Long(self.signature.total.cedar())),
            ("gross", Value::Long(self.signature.gross.cedar())),
            ("asset_total", Value::Long(asset_id.map_or(Units::BOUNDLESS, |id| self.signature.leaving(id)).cedar())),
            ("effects", Value::Long(i64::try_from(effects.items.len()).unwrap_or(i64::MAX))),
            ("chain", Value::Long(chain)),
            ("fee", Value::Long(facts.appraisal.fee.usd.cedar())),
            ("fee_units", Value::Long(facts.appraisal.fee.units.cedar())),
            ("origin", Value::Entity(origin)),
            ("claimed", self.claimed(&mut others)),
        ];
        others.extend([arguments, numbers]);
        context.extend(time_of(facts.clock));
        context.extend(typed.map(|typed| ("typed", typed)));
        if let Some(buy) = self.buy {
            let buy = asset_entity(buy);
            context.push(("buy", Value::Entity(buy.uid.clone())));
            if buy.uid != resource.uid {
                others.push(buy);
            }
        }
        let mut recipient_name = None;
        if let Some(address) = self.recipient {
            let (record, name) = self.recipient(address, &mut others);
            context.push(("recipient", record));
            recipient_name = Some(name);
        }

        let after = spans(&self.signature.after, asset_id, self.recipient);
        context.extend(after.into_iter().map(|(name, windows)| (name, record_of(windows))));
        View {
            action: self.action,
            principal,
            resource,
            context,
            others,
            before: spans(&facts.before, asset_id, self.recipient),
            recipient_name,
            asset_name,
        }
    }

    fn contract(&self, address: Option<Address>, chain: i64) -> Known {
        let party = address.and_then(|address| self.signature.facts.parties.get(&address));
        let id = match (address, self.action) {
            (Some(address), _) => format!("{chain}:{address}"),
            (None, Action::Deploy) => format!("{chain}:new"),
            (None, _) => "none".to_owned(),
        };
        Known {
            uid: EntityRef { kind: "Contract", id },
            parents: Vec::new(),
            attrs: vec![("chain", Value::Long(chain)), ("registered", Value::Bool(party.is_some_and(|party| party.registered.is_some())))],
            tags: Vec::new(),
        }
    }

    fn recipient(&self, address: Address, others: &mut Vec<Known>) -> (Value, String) {
        let facts = self.signature.facts;
        let unknown = Party::default();
        let party = facts.parties.get(&address).unwrap_or(&unknown);
        let own = self.signature.is_own(&address);
        let age = party.contact.as_ref().map_or(0, |contact| facts.clock.now.saturating_sub(contact.added).max(0));
        let mut record = vec![
            ("address", Value::Text(address.to_string())),
            ("known", Value::Bool(party.contact.is_some())),
            ("own", Value::Bool(own)),
            ("first", Value::Bool(party.paid == 0 && !own)),
            ("age", Value::Long(age)),
            ("paid", Value::Long(i64::try_from(party.paid).unwrap_or(i64::MAX))),
            ("registered", Value::Bool(party.registered.is_some())),
            ("lookalike", Value::Bool(party.lookalike_of.is_some())),
        ];
        let mut name = party.own.clone().or_else(|| party.registered.clone()).unwrap_or_else(|| address.to_string());
        if let Some(contact) = &party.contact {
            name.clone_from(&contact.name);
            let uid = EntityRef { kind: "Contact", id: contact.name.clone() };
            record.push(("contact", Value::Entity(uid.clone())));
            let attrs = vec![("address", Value::Text(address.to_string()))];
            others.push(Known { uid, parents: Vec::new(), attrs, tags: Vec::new() });
        }
        (Value::Record(record), name)
    }

    fn claimed(&self, others: &mut Vec<Known>) -> Value {
        let claims = &self.signature.facts.claims;
        let from = |field: &str| Value::Text(claims.provenance.get(field).cloned().unwrap_or_default());
        let text = |field: &Option<String>| Value::Text(field.clone().unwrap_or_default());
        let mut record = vec![
            ("to", from("to")),
            ("amount", from("amount")),
            ("asset", from("asset")),
            ("quote", text(&claims.quote)),
            ("via", text(&claims.via)),
        ];
        if let Some(host) = &claims.host {
            let host = host.to_ascii_lowercase();
            record.push(("host", Value::Entity(hierarchy("Host", &host, parents_of_host(&host), others))));
        }
        Value::Record(record)
    }
}
