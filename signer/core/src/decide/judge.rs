//! The decision on one payload.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, U256, U512};
use parlance_effects::{AllowanceChange, AllowanceVia, Asset, AssetKind, Effect, Effects, Registry, Subject};
use parlance_policy as policy;
use parlance_policy::{AssetId, ContactFact, Facts, Floor, Overflow, Party, RuleSet, Spend, SpendKind, Units, Usd};
use parlance_signer_protocol::approver::AddressLine;
use parlance_signer_protocol::{Claims, Decided, Outcome, RuleRef};

use super::words;
use crate::contacts::{COOL_DOWN, look_alike};
use crate::keys::{Account, AccountSource, Purpose};
use crate::ledger::{Debt, Entry, Grant, MAX_OUTSTANDING, MAX_OUTSTANDING_USD, NonceRefusal, Pull};
use crate::prices;
use crate::state::Book;

/// Seconds for which a payment by signature may be valid if nobody is asked.
const SHORT_LIVED: u64 = 600;
/// Wei per byte that OP-stack chains are taken to charge for data: an estimate, the fee has no ceiling.
const DATA_FEE_PER_BYTE: u64 = 2_000_000_000;

/// All that a decision rests on besides the payload.
#[derive(Debug)]
pub struct Knowledge<'a> {
    /// Contacts, prices, ledger.
    pub book: &'a Book,
    /// Chains and contracts.
    pub registry: &'a Registry,
    /// The rules in force, compiled.
    pub rules: &'a RuleSet,
    /// True where the rules speak of no single account, so that moving money between own accounts escapes nothing.
    pub rules_alike: bool,
    /// The owner's accounts.
    pub accounts: &'a [Account],
    /// Ledger time, Unix seconds.
    pub now: u64,
    /// Local time less UTC, seconds.
    pub utc_offset: i32,
    /// Why time is not to be trusted.
    pub doubt: Option<String>,
    /// Name of the origin that asks.
    pub origin: &'a str,
    /// What it claims.
    pub claims: &'a Claims,
}

/// A decision and what follows from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// For the wallet and the approver.
    pub decided: Decided,
    /// To be reserved before signing; its `level` is that of the outcome.
    pub entry: Entry,
    /// For the approver: who takes part.
    pub addresses: Vec<AddressLine>,
    /// For the approver: what could go wrong.
    pub warnings: Vec<String>,
    /// For the approver: what only the wallet says.
    pub claims: Vec<String>,
    /// What it costs in dollars, fee included, and what it borrows; boundless where unknown.
    pub usd: Usd,
    /// Set where the refusal is about nonces or outstanding signatures, not about rules.
    pub outstanding: Option<String>,
}

/// Decide on a payload. No effects: the same knowledge gives the same judgement.
///
/// # Errors
/// [`Overflow`]: an amount that can't be counted is refused whatever the rules say.
pub fn judge(effects: &Effects, k: &Knowledge<'_>) -> Result<Judgement, Overflow> {
    let prices = Prices::new(k, effects);
    let appraisal = policy::appraise(effects, &prices)?;
    let mut entry = entry_of(effects, k);
    (entry.spends, entry.pulls, entry.grants) = counted(effects, &appraisal, &entry, k)?;
    entry.debts = debts(effects, &appraisal)?;
    entry.spends.extend(k.book.ledger.orphaned(&entry));
    let before = k.book.ledger.before(k.now, &entry)?;
    let parties = parties(effects, k);
    let mut usd = Usd::ZERO;
    for spend in &entry.spends {
        usd = usd.plus(spend.usd)?;
    }
    let draws = entry.spends.iter().filter(|spend| spend.kind == SpendKind::Borrow);
    let with_draws = draws.map(|draw| draw.gross).try_fold(usd, Usd::plus)?;

    let (floors, outstanding) = floors(effects, &entry, &prices, &parties, k);
    let label = words::account_name(effects.account, k.accounts);
    let facts = Facts {
        effects: effects.clone(),
        appraisal,
        before,
        adds: entry.spends.clone(),
        parties,
        account_label: label.unwrap_or_default(),
        origin: policy::Origin { name: k.origin.to_owned() },
        claims: policy::Claimed {
            provenance: k.claims.provenance.clone(),
            host: k.claims.host.clone(),
            quote: k.claims.quote.as_deref().map(crate::contacts::quote),
            via: k.claims.via.clone(),
        },
        clock: policy::Clock { now: i64::try_from(k.now).unwrap_or(i64::MAX), utc_offset: k.utc_offset },
        floors,
    };
    let explained = policy::decide(k.rules, &facts);
    let decided = decided(explained, &facts, usd, k);
    entry.level = match decided.outcome {
        Outcome::Allow => 0,
        Outcome::Click => 1,
        Outcome::Password => 2,
        Outcome::Hardware | Outcome::Refused => 3,
    };
    Ok(Judgement {
        addresses: words::addresses(effects, &facts.parties, k),
        warnings: words::warnings(effects, &facts.parties, k),
        claims: words::claims(k.claims),
        decided,
        entry,
        usd: with_draws,
        outstanding,
    })
}

fn entry_of(effects: &Effects, k: &Knowledge<'_>) -> Entry {
    let nonce = match effects.subject {
        Subject::Transaction { nonce, .. } => Some(nonce),
        _ => None,
    };
    Entry {
        digest: effects.digest(),
        account: effects.account,
        chain: effects.chain,
        nonce,
        origin: k.origin.to_owned(),
        level: 0,
        at: k.now,
        until: ends(effects, k.now),
        spends: Vec::new(),
        grants: Vec::new(),
        pulls: Vec::new(),
        debts: Vec::new(),
    }
}

/// When a signature can't take effect any more, Unix seconds. A transaction can be sent at any time.
fn ends(effects: &Effects, now: u64) -> Option<u64> {
    match effects.subject {
        Subject::Transaction { .. } | Subject::Authorization { .. } => None,
        Subject::Message { .. } => Some(now),
        Subject::TypedData { .. } => {
            let each = effects.items.iter().map(|item| match item {
                Effect::DeferredTransfer { valid_before, .. } => *valid_before,
                Effect::Allowance { expires, .. } => *expires,
                Effect::CreditApplication { expiry, .. } => Some(*expiry),
                _ => None,
            });
            each.collect::<Option<Vec<u64>>>()?.into_iter().max()
        }
    }
}

type Counted = (Vec<Spend>, Vec<Pull>, Vec<Grant>);

/// The appraised spends, less what an allowance has reserved before, with the allowances themselves.
fn counted(effects: &Effects, appraisal: &policy::Appraisal, entry: &Entry, k: &Knowledge<'_>) -> Result<Counted, Overflow> {
    let mut spends = appraisal.spends.clone();
    let mut pulls: Vec<Pull> = Vec::new();
    let mut grants: Vec<Grant> = Vec::new();
    let mut seen = BTreeMap::new();
    for (item, worth) in effects.items.iter().zip(&appraisal.items) {
        match item {
            Effect::Allowance { asset, spender, change, via, .. } => {
                let (amount, adds) = match change {
                    AllowanceChange::Set(amount) => (*amount, false),
                    AllowanceChange::Increase(amount) => (*amount, true),
                    AllowanceChange::Decrease(_) => continue,
                };
                // Permit2 asks for another signature at each pull, which counts by itself.
                let reserved = *via != AllowanceVia::Permit2 && !worth.usd.is_boundless();
                let usd = reserved.then_some(worth.usd);
                grants.push(Grant { asset: asset.into(), spender: *spender, amount, usd, adds, via: *via });
            }
            // A router and a pool take what they were allowed to take.
            Effect::Swap { sell: asset, most_in: most, router: spender, .. } | Effect::Repay { asset, most, pool: spender, .. } => {
                // One spend for each swap and for each payment to a pool, in the same order.
                let (kind, to) = match item {
                    Effect::Swap { .. } => (SpendKind::Swap, None),
                    _ => (SpendKind::Out, Some(*spender)),
                };
                let nth = seen.entry((kind, to)).or_insert(0usize);
                let mut alike = spends.iter_mut().filter(|s| s.kind == kind && (kind == SpendKind::Swap || s.recipient == to));
                let Some(spend) = alike.nth(*nth) else { continue };
                *nth += 1;
                if asset.kind == AssetKind::Native || spend.usd.is_boundless() {
                    continue;
                }
                let asset = AssetId::from(asset);
                let here = grants.iter().filter(|g| g.asset == asset && g.spender == *spender && g.usd.is_some());
                let here = here.fold(U256::ZERO, |sum, g| sum.saturating_add(g.amount));
                let taken = pulls.iter().filter(|p| p.asset == asset && p.spender == *spender);
                let taken = taken.fold(U256::ZERO, |sum, p| sum.saturating_add(p.amount));
                let reserved = k.book.ledger.reserved_for(entry.group(), effects.account, asset, *spender);
                let covered = reserved.saturating_add(here).saturating_sub(taken).min(*most);
                if covered.is_zero() {
                    continue;
                }
                let part = |of: u64| {
                    let value = U512::from(of) * U512::from(covered) / U512::from(*most);
                    u64::try_from(value).unwrap_or(of)
                };
                spend.usd = spend.usd.minus(Usd::from_micro(part(spend.gross.micro()))?);
                if !spend.units.is_boundless() {
                    spend.units = spend.units.minus(Units::from_micro(part(spend.units.micro()))?);
                }
                match pulls.iter_mut().find(|p| p.asset == asset && p.spender == *spender) {
                    Some(pull) => pull.amount = pull.amount.saturating_add(covered),
                    None => pulls.push(Pull { asset, spender: *spender, amount: covered }),
                }
            }
            _ => {}
        }
    }
    Ok((spends, pulls, grants))
}

/// What it changes on credit lines.
fn debts(effects: &Effects, appraisal: &policy::Appraisal) -> Result<Vec<Debt>, Overflow> {
    let mut debts: Vec<Debt> = Vec::new();
    for (item, worth) in effects.items.iter().zip(&appraisal.items) {
        let (pool, line, drawn, repaid) = match item {
            Effect::Borrow { pool, line, .. } => (*pool, *line, worth.usd, Usd::ZERO),
            Effect::Repay { pool, line, .. } => (*pool, *line, Usd::ZERO, worth.usd),
            _ => continue,
        };
        match debts.iter_mut().find(|debt| debt.pool == pool && debt.line == line) {
            Some(debt) => (debt.drawn, debt.repaid) = (debt.drawn.plus(drawn)?, debt.repaid.plus(repaid)?),
            None => debts.push(Debt { pool, line, drawn, repaid }),
        }
    }
    Ok(debts)
}

fn parties(effects: &Effects, k: &Knowledge<'_>) -> BTreeMap<Address, Party> {
    let chain = effects.chain.unwrap_or_default();
    policy::parties_of(effects)
        .into_iter()
        .map(|address| {
            let contact = k.book.contact(address);
            let own = words::account_name(address, k.accounts);
            let registered = k.registry.label(chain, address).map(str::to_owned);
            let known = contact.is_some() || own.is_some() || registered.is_some();
            let lookalike_of = if known { None } else { resembles(address, k, effects) };
            let party = Party {
                contact: contact.map(|c| ContactFact { name: c.name.clone(), added: i64::try_from(c.added).unwrap_or(i64::MAX) }),
                own,
                paid: k.book.ledger.paid(address).count,
                registered,
                lookalike_of,
            };
            (address, party)
        })
        .collect()
}

/// What an unknown address looks like: a contact, an own account, somebody paid before, a registered contract.
fn resembles(address: Address, k: &Knowledge<'_>, effects: &Effects) -> Option<String> {
    enum Known<'a> {
        Named(&'a str),
        Own(&'a str),
        Paid(Address),
    }
    let contacts = k.book.contacts.values().map(|c| (c.address, Known::Named(&c.name)));
    let own = k.accounts.iter().map(|a| (a.address, Known::Own(a.label.as_str())));
    let contracts = k.registry.contracts(effects.chain.unwrap_or_default()).map(|c| (c.address, Known::Named(&c.label)));
    let paid = k.book.ledger.payees().map(|p| (p, Known::Paid(p)));
    // Words only for the one that it looks like: there may be thousands who were paid.
    look_alike(address, contacts.chain(own).chain(contracts).chain(paid)).map(|(_, known)| match known {
        Known::Named(name) => name.to_owned(),
        Known::Own(label) => format!("your account \"{label}\""),
        Known::Paid(address) => format!("{}, which you paid before", address.to_checksum(None)),
    })
}

/// What the signer itself demands, whatever the rules say.
fn floors(
    effects: &Effects,
    entry: &Entry,
    prices: &Prices<'_>,
    parties: &BTreeMap<Address, Party>,
    k: &Knowledge<'_>,
) -> (Vec<Floor>, Option<String>) {
    use policy::Outcome::{Click, Password, Refused};
    let mut floors = Vec::new();
    let mut floor = |level, reason: String| floors.push(Floor { level, reason });
    if let Some(why) = &k.book.rollback {
        floor(Password, format!("the ledger can't be relied on: {why}"));
    }
    if let Some(doubt) = &k.doubt {
        floor(Click, doubt.clone());
    }
    if let Some(symbol) = prices.drifted.take() {
        let percent = prices::DRIFT_PERCENT;
        floor(Click, format!("the wallet's price of {symbol} is more than {percent} % off the price that you approved"));
    }
    // The engine does this for transfers; a payment by signature reaches a new contact just as well.
    for item in &effects.items {
        let Effect::DeferredTransfer { to: Some(to), .. } = item else {
            continue;
        };
        let contact = parties.get(to).and_then(|p| p.contact.as_ref());
        if let Some(contact) = contact.filter(|c| k.now.saturating_sub(c.added.unsigned_abs()) < COOL_DOWN) {
            floor(Click, format!("{} has been a contact for less than 24 hours", contact.name));
        }
    }
    let moves = |e: &Effect| matches!(e, Effect::DeferredTransfer { .. } | Effect::Allowance { .. });
    let by_signature = matches!(effects.subject, Subject::TypedData { .. }) && effects.items.iter().any(moves);
    if by_signature && entry.until.is_none_or(|until| until > k.now.saturating_add(SHORT_LIVED)) {
        floor(Click, "the signature stays valid for more than 10 minutes".into());
    }
    if k.book.play_money && !matches!(effects.subject, Subject::Message { .. }) && effects.chain != Some(prices::LOCAL_CHAIN) {
        floor(Refused, "this is the play-money wallet, which signs for the local chain 31337 only".into());
    }
    let outstanding = outstanding(entry, k);
    match &outstanding {
        Outstanding::Fine => {}
        Outstanding::Much(why) => floor(Password, why.clone()),
        Outstanding::Refused(why) => floor(Refused, why.clone()),
    }
    let refused = if let Outstanding::Refused(why) = outstanding { Some(why) } else { None };
    (floors, refused)
}

enum Outstanding {
    Fine,
    Much(String),
    Refused(String),
}

fn outstanding(entry: &Entry, k: &Knowledge<'_>) -> Outstanding {
    let ledger = &k.book.ledger;
    if let (Some(chain), Some(nonce)) = (entry.chain, entry.nonce) {
        match ledger.nonce(entry.account, chain, nonce) {
            Ok(_) => {}
            Err(NonceRefusal::Gap { got, expected }) => {
                return Outstanding::Refused(format!("nonce {got} leaves a gap: the next one is {expected}"));
            }
            Err(NonceRefusal::Used { got, expected }) => {
                return Outstanding::Refused(format!("nonce {got} is used up: the next one is {expected}"));
            }
        }
    }
    let (number, usd) = ledger.outstanding(k.now, entry.account, entry.chain, entry.group());
    if number >= MAX_OUTSTANDING {
        return Outstanding::Refused(format!(
            "{number} signatures of the last hour could still take effect, and no more than {MAX_OUTSTANDING} may"
        ));
    }
    let all = usd.plus(entry.usd()).unwrap_or(Usd::BOUNDLESS);
    let asks = entry.usd() != Usd::ZERO && all.micro() > MAX_OUTSTANDING_USD;
    if asks {
        return Outstanding::Much(format!("signatures of the last hour that could still take effect come to {all}"));
    }
    Outstanding::Fine
}

fn decided(explained: policy::Explained, facts: &Facts, usd: Usd, k: &Knowledge<'_>) -> Decided {
    let mut outcome = outcome(explained.outcome);
    let mut why = explained.why;
    // The engine applies the floors; that it did is checked here, since everything rests on it.
    let least = facts.floors.iter().map(|f| self::outcome(f.level)).max().unwrap_or(Outcome::Allow);
    if outcome < least {
        outcome = least;
        why.extend(facts.floors.iter().filter(|f| self::outcome(f.level) == least).map(|f| format!("asked: {}", f.reason)));
    }
    let names = |address| words::known_name(address, &facts.parties);
    Decided {
        effects: facts.effects.clone(),
        sentences: sentences(facts, &names, k),
        outcome,
        rules: explained.rules.into_iter().map(|r| RuleRef { id: r.id, sentence: r.sentence }).collect(),
        why,
        usd: (!usd.is_boundless()).then(|| usd.micro()),
    }
}

fn sentences(facts: &Facts, names: &dyn Fn(Address) -> Option<String>, k: &Knowledge<'_>) -> Vec<String> {
    let mut sentences = facts.effects.sentences(names);
    let unbounded = facts.effects.fee.filter(|f| f.data_fee_unbounded);
    if let (Some(fee), Some(chain)) = (unbounded, facts.effects.chain) {
        let wei = U256::from(DATA_FEE_PER_BYTE).saturating_mul(U256::from(fee.data_bytes));
        let coin = k.registry.native(chain);
        let amount = parlance_effects::asset_amount(&coin, wei);
        sentences.push(format!("The data fee is estimated at {amount}; the chain sets it and it has no ceiling"));
    }
    sentences
}

fn outcome(from: policy::Outcome) -> Outcome {
    match from {
        policy::Outcome::Allow => Outcome::Allow,
        policy::Outcome::Click => Outcome::Click,
        policy::Outcome::Password => Outcome::Password,
        policy::Outcome::Hardware => Outcome::Hardware,
        policy::Outcome::Refused => Outcome::Refused,
    }
}

/// The price book as the engine asks it.
struct Prices<'a> {
    k: &'a Knowledge<'a>,
    own: BTreeSet<Address>,
    /// Assets that come back: a dear claim would make the spend cheaper, so claims don't count for them.
    bought: BTreeSet<AssetId>,
    drifted: Cell<Option<String>>,
}

impl<'a> Prices<'a> {
    fn new(k: &'a Knowledge<'a>, effects: &Effects) -> Self {
        // Agents spend from an account of their own to bound what they can lose: filling it is spending.
        let alike = |a: &&Account| k.rules_alike && a.source != AccountSource::WatchOnly && a.purpose != Purpose::Agents;
        let mut own: BTreeSet<Address> = k.accounts.iter().filter(alike).map(|a| a.address).collect();
        own.insert(effects.account);
        let bought = effects.items.iter().filter_map(|item| match item {
            Effect::Swap { buy, .. } => Some(AssetId::from(buy)),
            _ => None,
        });
        Self { k, own, bought: bought.collect(), drifted: Cell::new(None) }
    }
}

impl policy::Book for Prices<'_> {
    fn price(&self, asset: &Asset) -> Option<policy::Price> {
        let known = match asset.kind {
            AssetKind::Native => self.k.registry.native(asset.chain).known,
            AssetKind::Token(_) => asset.known.clone(),
        };
        let symbol = known.as_ref().map(|known| known.symbol.as_str());
        let claimed = symbol.and_then(|symbol| self.k.claims.prices.get(symbol).copied());
        let claimed = claimed.filter(|_| !self.bought.contains(&AssetId::from(asset)));
        let wrapped = match asset.kind {
            AssetKind::Native => false,
            AssetKind::Token(token) => self.k.registry.wrapped_native(asset.chain) == Some(token),
        };
        let asset = Asset { known: known.clone(), ..asset.clone() };
        let price = self.k.book.prices.price(&asset, wrapped, claimed, self.k.now)?;
        if price.drifted {
            self.drifted.set(symbol.map(str::to_owned));
        }
        Some(policy::Price { micro_usd: price.micro_usd, fresh: !price.stale })
    }

    fn is_own(&self, address: &Address) -> bool {
        self.own.contains(address)
    }

    fn data_fee_per_byte(&self, _chain: parlance_effects::ChainId) -> Option<U256> {
        Some(U256::from(DATA_FEE_PER_BYTE))
    }
}
