//! What the wallet proposes and the owner enacts: rules, contacts, prices, tokens, what the ledger gives back.

use parlance_effects::{Asset, AssetKind, TokenAddition};
use parlance_policy::Usd;
use parlance_signer_protocol::approver::{Prompt, Verdict};
use parlance_signer_protocol::{Outcome, Refusal, RefusalCode, Request, Response};
use serde_json::json;

use super::custody::Custody;
use super::{APPROVAL_SECONDS, Deadline, Service, done, refusal, rules};
use crate::contacts::{check_name, look_alike, quote, visible};
use crate::decide::account_name;
use crate::origins::Capability;
use crate::prices::{DRIFT_PERCENT, native};
use crate::state::Event;
use parlance_policy::AssetId;

/// Most contacts.
const CONTACTS: usize = 2000;
/// Most bytes of the owner's own rules.
const RULES: usize = 64 * 1024;

/// A change that was understood, as it is shown and as it is written.
struct Change {
    title: String,
    old: Vec<String>,
    new: Vec<String>,
    notes: Vec<String>,
    quote: Option<String>,
    level: Outcome,
    events: Vec<Event>,
    done: String,
}

impl Service {
    /// Understand a proposal, ask, understand it again (things may have changed), enact.
    pub(super) fn propose(&self, who: &Capability, request: Request, deadline: Deadline) -> Result<Response, Refusal> {
        let (change, rules_version) = {
            let mut custody = self.lock_custody();
            custody.ready()?;
            custody.not_paused(&who.origin)?;
            (custody.change(&request)?, custody.book.rules.version)
        };
        let prompt = |warning: Option<String>| Prompt::Change {
            title: change.title.clone(),
            old: change.old.clone(),
            new: change.new.clone(),
            notes: warning.into_iter().chain(change.notes.iter().cloned()).collect(),
            quote: change.quote.clone(),
            level: change.level,
        };
        let mut warning = None;
        for _ in 0..3 {
            let verdict = self.ask(prompt(warning.take()), APPROVAL_SECONDS, deadline)?;
            let password = match verdict {
                Verdict::Approved { password } => password,
                Verdict::Rejected => {
                    let mut custody = self.lock_custody();
                    custody.note(json!({"event": "change_rejected", "origin": who.origin, "change": change.title}));
                    custody.answered(&who.origin, false);
                    return Err(refusal::rejected());
                }
                _ => return Err(refusal::confused()),
            };
            let mut custody = self.lock_custody();
            custody.notice_suspend().map_err(refusal::of)?;
            custody.ready()?;
            if change.level >= Outcome::Password
                && let Err(wrong) = custody.check_password(password)
            {
                warning = Some(format!("{wrong}. Type it again."));
                continue;
            }
            let again = custody.change(&request)?;
            if again.old != change.old || again.new != change.new || custody.book.rules.version != rules_version {
                return Err(refusal::refuse(RefusalCode::Expired, "what is so far changed while you were asked", "Ask again."));
            }
            let line = json!({"event": "changed", "origin": who.origin, "change": again.title,
                "old": again.old, "new": again.new, "quote": again.quote});
            custody.record(again.events, Some(line)).map_err(refusal::of)?;
            custody.answered(&who.origin, true);
            custody.compile().map_err(refusal::of)?;
            if let Some(vault) = custody.vault.as_mut() {
                vault.touch();
            }
            return done(again.done);
        }
        Err(refusal::refuse(RefusalCode::Password, "the password was wrong three times", "Ask again when you are sure of it."))
    }
}

impl Custody {
    fn change(&self, request: &Request) -> Result<Change, Refusal> {
        match request {
            Request::ProposeRules { source, quote } => self.change_rules(None, source, quote.as_deref()),
            Request::ProposePack { name } => self.change_rules(Some(name), &self.book.rules.own, None),
            Request::ProposeContact { name, address, quote: said } => {
                let name = check_name(name).map_err(refusal::of)?;
                let old = self.book.contacts.get(&name.to_lowercase());
                if old.is_none() && self.book.contacts.len() >= CONTACTS {
                    return Err(no(format!("there are {CONTACTS} contacts already"), "Remove one first."));
                }
                if let Some(same) = self.book.contact(*address).filter(|c| c.name.to_lowercase() != name.to_lowercase()) {
                    return Err(no(format!("the address is your contact {} already", same.name), "Use that name, or remove it first."));
                }
                let mut notes = vec![
                    "Compare the whole address with what the person told you.".to_owned(),
                    "For 24 hours, payments to a new contact ask at least for a click.".to_owned(),
                ];
                let known = self.book.contacts.values().map(|c| (c.address, c.name.clone()));
                let paid = self.book.ledger.payees().map(|p| (p, p.to_checksum(None)));
                if let Some((_, other)) = look_alike(*address, known.chain(paid)) {
                    notes.insert(0, format!("The address looks like {other} but is another one."));
                }
                let accounts = self.vault.as_ref().map_or(&[][..], |v| v.accounts());
                if let Some(own) = account_name(*address, accounts) {
                    notes.insert(0, format!("This is your own account \"{own}\"."));
                }
                if old.is_some() {
                    notes.insert(0, format!("{name} gets another address: payments to {name} will go there."));
                }
                let show = |name: &str, address: alloy_primitives::Address| format!("{name}: {}", address.to_checksum(None));
                Ok(Change {
                    title: if old.is_some() { "Changed contact" } else { "New contact" }.into(),
                    old: old.map(|c| show(&c.name, c.address)).into_iter().collect(),
                    new: vec![show(&name, *address)],
                    notes,
                    quote: said.as_deref().map(quote),
                    level: Outcome::Click,
                    done: format!("{name} is in your address book."),
                    events: vec![Event::ContactAdded { name, address: *address, added: self.time.now() }],
                })
            }
            Request::ProposeContactRemoval { name } => {
                let contact = self.book.contacts.get(&name.trim().to_lowercase());
                let contact =
                    contact.ok_or_else(|| no(format!("there is no contact {}", quote(name)), "List the contacts and choose one."))?;
                Ok(Change {
                    title: "Remove contact".into(),
                    old: vec![format!("{}: {}", contact.name, contact.address.to_checksum(None))],
                    new: Vec::new(),
                    notes: Vec::new(),
                    quote: None,
                    level: Outcome::Click,
                    done: format!("{} is no contact any more.", contact.name),
                    events: vec![Event::ContactRemoved { name: contact.name.clone() }],
                })
            }
            Request::ProposePrice { chain, token, micro_usd } => self.change_price(*chain, *token, *micro_usd),
            Request::ProposeToken { chain, token, symbol, decimals } => {
                let (chain, address, decimals) = (*chain, *token, *decimals);
                let addition = TokenAddition { chain, address, symbol: symbol.clone(), decimals };
                self.registry.extended_with([addition]).map_err(|e| no(e.to_string(), e.remedy()))?;
                Ok(Change {
                    title: "New token".into(),
                    old: Vec::new(),
                    new: vec![format!("{symbol} with {decimals} decimals at {} on chain {chain}", address.to_checksum(None))],
                    notes: vec![
                        "The wallet says what it is called and how many decimals it has: compare the address with the token's own site."
                            .into(),
                        "A wrong number of decimals makes amounts look a thousand times smaller or larger than they are.".into(),
                    ],
                    quote: None,
                    level: Outcome::Click,
                    done: format!("{symbol} is a known token."),
                    events: vec![Event::TokenAdded { chain, token: address, symbol: symbol.clone(), decimals }],
                })
            }
            Request::ProposeRelease { digest } => {
                let entry = self.book.ledger.find(*digest).next();
                let entry = entry.ok_or_else(|| no("no signature of this digest is reserved".into(), "Nothing is to be given back."))?;
                Ok(Change {
                    title: "Give back what a signature reserved".into(),
                    old: vec![format!("{} reserved {} for {}", digest, entry.usd(), entry.account.to_checksum(None))],
                    new: vec!["It counts against no limit any more.".into()],
                    notes: vec![
                        "Only do this if it certainly never takes effect: the transaction failed, or another one took its place.".into(),
                        "The wallet says so; the signer can't check it.".into(),
                    ],
                    quote: None,
                    level: Outcome::Password,
                    done: "Given back.".into(),
                    events: vec![Event::Released { digest: *digest }],
                })
            }
            Request::ProposeNonce { account, chain, next } => {
                let old = self.book.ledger.next_nonce(*account, *chain);
                Ok(Change {
                    title: "Count of transactions".into(),
                    old: old
                        .map(|n| format!("The next transaction of {} on chain {chain} has number {n}.", account.to_checksum(None)))
                        .into_iter()
                        .collect(),
                    new: vec![format!("It has number {next}.")],
                    notes: vec![
                        "Right if you use this account in another wallet too. The wallet says so; the signer can't check it.".into(),
                    ],
                    quote: None,
                    level: Outcome::Password,
                    done: format!("The next transaction has number {next}."),
                    events: vec![Event::NonceSet { account: *account, chain: *chain, next: *next }],
                })
            }
            Request::AcknowledgeRollback {} => {
                let why = self.book.rollback.clone();
                let why = why.ok_or_else(|| no("no rollback is waiting to be acknowledged".into(), "Nothing is to be done."))?;
                Ok(Change {
                    title: "The ledger can't be relied on".into(),
                    old: vec![format!("Everything asks for your password, because {why}.")],
                    new: vec!["Your rules decide again, with what the ledger knows: what was spent before may be missing from it.".into()],
                    notes: vec![
                        "If you did not put an old copy back yourself, somebody else did: look at the audit log first.".into(),
                        "Check your rules, contacts and prices afterwards.".into(),
                    ],
                    quote: None,
                    level: Outcome::Password,
                    done: "Acknowledged.".into(),
                    events: vec![Event::RollbackAcknowledged],
                })
            }
            _ => Err(refusal::refuse(RefusalCode::NotAllowed, "this is no proposal", "Ask for something else.")),
        }
    }

    fn change_rules(&self, pack: Option<&str>, own: &str, said: Option<&str>) -> Result<Change, Refusal> {
        if own.len() > RULES {
            return Err(no(format!("rules of {} bytes, expected at most {RULES}", own.len()), "Propose fewer or shorter rules."));
        }
        let record = &self.book.rules;
        let pack = pack.unwrap_or(&record.pack);
        let set = rules::load(pack, own).map_err(|e| no(e.to_string(), &e.remedy()))?;
        let words = |set: &parlance_policy::RuleSet| set.sentences().into_iter().map(|r| r.sentence).collect::<Vec<_>>();
        let (before, after) = (words(&self.rules), words(&set));
        let mut notes: Vec<String> = set.warnings().iter().map(ToString::to_string).collect();
        let changes_pack = pack != record.pack;
        if changes_pack {
            notes.insert(0, format!("The pack \"{pack}\" replaces \"{}\".", record.pack));
        }
        let gone = before.iter().filter(|s| !after.contains(s)).cloned();
        let fresh = after.iter().filter(|s| !before.contains(s)).cloned();
        let (old, mut new): (Vec<_>, Vec<_>) = (gone.collect(), fresh.collect());
        if old.is_empty() && new.is_empty() && own == record.own && !changes_pack {
            return Err(no("these rules are in force already".into(), "Nothing is to be done."));
        }
        // What is written is shown too: the sentences are made from it, and the owner may read it.
        if own != record.own {
            new.push("Source of your own rules:".into());
            new.extend(visible(if own.trim().is_empty() { "(none)" } else { own.trim() }));
        }
        Ok(Change {
            title: if changes_pack { "Another rule pack".into() } else { "New rules".into() },
            old,
            new,
            notes,
            quote: said.map(quote),
            level: Outcome::Password,
            done: "The rules are in force.".into(),
            events: vec![Event::RulesEnacted { pack: pack.to_owned(), own: own.to_owned() }],
        })
    }

    fn change_price(&self, chain: u64, token: Option<alloy_primitives::Address>, micro_usd: u64) -> Result<Change, Refusal> {
        let asset: Asset = match token {
            None => self.registry.native(chain),
            Some(token) => self.registry.token_asset(chain, token),
        };
        let Some(known) = &asset.known else {
            return Err(no("the asset is not in the registry".into(), "Propose the token first."));
        };
        if known.usd_stable {
            return Err(no(format!("{} counts as one dollar always", known.symbol), "Nothing is to be done."));
        }
        let price = Usd::from_micro(micro_usd).map_err(|e| refusal::overflow(&e))?;
        if price == Usd::ZERO {
            return Err(no("a price of nothing would let it leave uncounted".into(), "Propose the market's price."));
        }
        let key = match asset.kind {
            AssetKind::Native => native(chain),
            AssetKind::Token(_) => AssetId::from(&asset),
        };
        let old = self.book.prices.approved(key);
        let mut notes = vec!["The wallet says so. Compare it with a source that you trust: limits in dollars rest on it.".to_owned()];
        let mut level = Outcome::Click;
        if let Some(old) = old {
            let off = u128::from(old.micro_usd.abs_diff(micro_usd)) * 100;
            if micro_usd < old.micro_usd && off > u128::from(old.micro_usd) * u128::from(DRIFT_PERCENT) {
                notes.insert(0, format!("This is more than {DRIFT_PERCENT} % lower: each dollar of your limits would let more leave."));
                level = Outcome::Password;
            }
        }
        let show = |usd: u64| format!("1 {} on chain {chain} = {}", known.symbol, Usd::from_micro(usd).unwrap_or(Usd::BOUNDLESS));
        Ok(Change {
            title: "Price".into(),
            old: old.map(|o| show(o.micro_usd)).into_iter().collect(),
            new: vec![show(micro_usd)],
            notes,
            quote: None,
            level,
            done: show(micro_usd),
            events: vec![Event::PriceApproved { asset: key, micro_usd, at: self.time.now() }],
        })
    }
}

fn no(reason: String, remedy: &str) -> Refusal {
    refusal::refuse(RefusalCode::Rejected, reason, remedy)
}
