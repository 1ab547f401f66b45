//! One effect as rules see it: action, resource and context.

use std::collections::{BTreeMap, HashSet};

use alloy_primitives::{Address, hex};
use cedar_policy::{Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use parlance_effects::{AllowanceChange, Asset, AssetKind, Effect, Subject, TypedNode};

use crate::facts::{Facts, Party, Tally, Totals, Windows};
use crate::schema::Action;
use crate::units::{Overflow, Units, Usd};
use crate::worth::{AssetId, Worth};

/// Leaves of typed data that rules can see; the rest is left out (a rule that asks for it does not hold).
const MOST_LEAVES: usize = 512;

/// A value that rules see.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Long(i64),
    Bool(bool),
    Text(String),
    Entity(EntityRef),
    /// Unix milliseconds.
    Time(i64),
    Record(Vec<(&'static str, Value)>),
}

/// Names an entity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct EntityRef {
    pub kind: &'static str,
    pub id: String,
}

/// An entity with what it is in, its attributes and tags.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub uid: EntityRef,
    pub parents: Vec<EntityRef>,
    pub attrs: Vec<(&'static str, Value)>,
    pub tags: Vec<(String, Value)>,
}

/// One effect as rules see it.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub action: Action,
    pub principal: Known,
    pub resource: Known,
    /// Without `approval`.
    pub context: Vec<(&'static str, Value)>,
    /// Further entities that the context names.
    pub others: Vec<Known>,
    /// The windows before this signature, by the name that they have in the context.
    pub before: Vec<(&'static str, Windows<u64>)>,
    /// Name of the recipient for people.
    pub recipient_name: Option<String>,
    /// Symbol or address of the asset for people.
    pub asset_name: Option<String>,
}

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
        let sum = |worth: fn(&crate::Spend) -> Usd| {
            facts.appraisal.spends.iter().try_fold(Usd::ZERO, |sum, spend| sum.plus(worth(spend)))
        };
        Ok(Self { facts, after, total: sum(|spend| spend.usd)?, gross: sum(|spend| spend.gross)? })
    }

    /// The requests of all effects, in order. A swap or an unwrapping for somebody else is also a transfer.
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
                    AllowanceChange::Set(amount) | AllowanceChange::Increase(amount) if signed => {
                        (Action::Permit, amount)
                    }
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
        *address == self.facts.effects.account
            || self.facts.parties.get(address).is_some_and(|party| party.own.is_some())
    }

    fn lasts(&self, until: Option<u64>) -> i64 {
        until.map_or(i64::MAX, |until| {
            i64::try_from(until).unwrap_or(i64::MAX).saturating_sub(self.facts.clock.now).max(0)
        })
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
            decoded: true,
            selector,
            arguments: Vec::new(),
        }
    }
}

/// Where the appraisal does not cover an item, which it always does: nothing is known of it.
const UNKNOWN: Worth = Worth { units: Units::BOUNDLESS, usd: Usd::BOUNDLESS, slippage: 10_000 };

enum Resource<'a> {
    Asset(&'a Asset),
    Contract(Option<Address>),
    Own,
}

struct Draft<'a> {
    signature: &'a Signature<'a>,
    action: Action,
    resource: Resource<'a>,
    worth: Worth,
    recipient: Option<Address>,
    buy: Option<&'a Asset>,
    slippage: u32,
    unlimited: bool,
    lasts: i64,
    decoded: bool,
    selector: String,
    arguments: Vec<(String, String)>,
}

impl Draft<'_> {
    fn argument(&mut self, name: &str, value: impl ToString) {
        self.arguments.push((name.to_owned(), value.to_string()));
    }

    fn finish(mut self) -> View {
        let facts = self.signature.facts;
        let effects = &facts.effects;
        let chain = effects.chain.map_or(0, |chain| i64::try_from(chain).unwrap_or(i64::MAX));
        let mut others = Vec::new();
        let principal = account(effects.account, &facts.account_label);
        let (resource, asset_id, asset_name) = match self.resource {
            Resource::Asset(asset) => (asset_entity(asset), Some(AssetId::from(asset)), Some(name_of(asset))),
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
            attrs: vec![
                ("chain", Value::Long(chain)),
                ("registered", Value::Bool(party.is_some_and(|party| party.registered.is_some()))),
            ],
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

/// The windows of `totals` by their names in the context. Where an effect has no asset or recipient, the narrower
/// windows are the widest ones: never less than what could be meant.
fn spans(totals: &Totals, asset: Option<AssetId>, recipient: Option<Address>) -> Vec<(&'static str, Windows<u64>)> {
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
    ]
}

fn record_of(windows: Windows<u64>) -> Value {
    let long = |n: u64| Value::Long(i64::try_from(n).unwrap_or(i64::MAX));
    Value::Record(vec![
        ("hour", long(windows.hour)),
        ("day", long(windows.day)),
        ("week", long(windows.week)),
        ("month", long(windows.month)),
    ])
}

const WEEKDAYS: [&str; 7] = ["thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday"];

fn time_of(clock: crate::Clock) -> [(&'static str, Value); 4] {
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

fn account(address: Address, label: &str) -> Known {
    Known {
        uid: EntityRef { kind: "Account", id: address.to_string() },
        parents: Vec::new(),
        attrs: vec![("label", Value::Text(label.to_owned()))],
        tags: Vec::new(),
    }
}

fn asset_entity(asset: &Asset) -> Known {
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

fn name_of(asset: &Asset) -> String {
    match (&asset.known, asset.kind) {
        (Some(known), _) => known.symbol.clone(),
        (None, AssetKind::Native) => "the native coin".to_owned(),
        (None, AssetKind::Token(address)) => format!("unknown token {address}"),
    }
}

fn hierarchy(kind: &'static str, id: &str, parents: Vec<String>, others: &mut Vec<Known>) -> EntityRef {
    let uid = EntityRef { kind, id: id.to_owned() };
    let parents = parents.into_iter().map(|id| EntityRef { kind, id }).collect();
    others.push(Known { uid: uid.clone(), parents, attrs: Vec::new(), tags: Vec::new() });
    uid
}

/// `agent:groceries` is in `agent`.
fn parents_of_origin(name: &str) -> Vec<String> {
    name.match_indices(':').filter_map(|(at, _)| name.get(..at)).map(str::to_owned).collect()
}

/// `api.example.com` is in `example.com`; nothing is in a top-level domain.
fn parents_of_host(host: &str) -> Vec<String> {
    let suffixes = host.match_indices('.').filter_map(|(at, _)| host.get(at + 1..));
    suffixes.filter(|suffix| suffix.contains('.')).take(8).map(str::to_owned).collect()
}

fn leaves(node: &TypedNode, path: &str, out: &mut Vec<(String, String)>) {
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

impl View {
    /// The value at a dotted path that starts with `context`, `resource` or `principal`.
    pub fn value(&self, path: &str) -> Option<&Value> {
        let mut steps = path.split('.');
        let mut fields: &[(&'static str, Value)] = match steps.next()? {
            "context" => &self.context,
            "resource" => &self.resource.attrs,
            "principal" => &self.principal.attrs,
            _ => return None,
        };
        let mut found = None;
        for step in steps {
            let value = fields.iter().find(|(name, _)| *name == step).map(|(_, value)| value)?;
            fields = match value {
                Value::Record(inner) => inner,
                Value::Entity(uid) => self.entities().find(|known| known.uid == *uid).map_or(&[], |known| &known.attrs),
                _ => &[],
            };
            found = Some(value);
        }
        found
    }

    /// A window before this signature, where `path` names one: `context.spent.day`.
    pub fn already(&self, path: &str) -> Option<u64> {
        let (name, window) = path.strip_prefix("context.")?.split_once('.')?;
        let windows = self.before.iter().find(|(known, _)| *known == name)?.1;
        match window {
            "hour" => Some(windows.hour),
            "day" => Some(windows.day),
            "week" => Some(windows.week),
            "month" => Some(windows.month),
            _ => None,
        }
    }

    /// Everything that the request names.
    pub fn entities(&self) -> impl Iterator<Item = &Known> {
        [&self.principal, &self.resource].into_iter().chain(&self.others)
    }

    /// What `uid` is in, itself included.
    pub fn lineage(&self, uid: &EntityRef) -> Vec<EntityRef> {
        let mut lineage = vec![uid.clone()];
        lineage.extend(self.entities().filter(|known| known.uid == *uid).flat_map(|known| known.parents.clone()));
        lineage
    }
}

impl EntityRef {
    pub fn cedar(&self) -> Result<EntityUid, String> {
        let kind: EntityTypeName = self.kind.parse().map_err(|error| format!("{}: {error}", self.kind))?;
        Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(&self.id)))
    }
}

impl Value {
    pub fn cedar(&self) -> Result<RestrictedExpression, String> {
        Ok(match self {
            Self::Long(n) => RestrictedExpression::new_long(*n),
            Self::Bool(b) => RestrictedExpression::new_bool(*b),
            Self::Text(text) => RestrictedExpression::new_string(text.clone()),
            Self::Entity(uid) => RestrictedExpression::new_entity_uid(uid.cedar()?),
            Self::Time(ms) => RestrictedExpression::new_datetime(crate::dates::iso(*ms)?),
            Self::Record(fields) => {
                let fields = fields.iter().map(|(name, value)| Ok(((*name).to_owned(), value.cedar()?)));
                let fields: Vec<_> = fields.collect::<Result<_, String>>()?;
                RestrictedExpression::new_record(fields).map_err(|error| error.to_string())?
            }
        })
    }
}

impl Known {
    pub fn cedar(&self) -> Result<Entity, String> {
        let attrs = self.attrs.iter().map(|(name, value)| Ok(((*name).to_owned(), value.cedar()?)));
        let tags = self.tags.iter().map(|(name, value)| Ok((name.clone(), value.cedar()?)));
        let parents = self.parents.iter().map(EntityRef::cedar).collect::<Result<HashSet<_>, _>>()?;
        let attrs = attrs.collect::<Result<Vec<_>, String>>()?;
        let tags = tags.collect::<Result<Vec<_>, String>>()?;
        Entity::new_with_tags(self.uid.cedar()?, attrs, parents, tags).map_err(|error| error.to_string())
    }
}
