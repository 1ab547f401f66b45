//! The format of rule tests.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U256};
use parlance_effects::{AllowanceChange, AllowanceVia, DeferredVia, Effect, Effects, FeeCeiling, Subject, TypedDomain, TypedNode, Warning};
use serde::Deserialize;

use super::world::{self, World};
use crate::facts::{Claimed, Clock, Facts, Origin, Tally, Totals, Windows};
use crate::{Outcome, Units, Usd, appraise, dates, propose};

/// A file of rule tests.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Contacts beside alice, bob and carol, by name.
    #[serde(default)]
    pub contacts: BTreeMap<String, ContactCase>,
    /// Dollars for one whole unit, by symbol: `"3000"`; `"none"` takes a price away.
    #[serde(default)]
    pub prices: BTreeMap<String, String>,
    /// The cases.
    pub case: Vec<Case>,
}

/// A contact of the test world.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactCase {
    /// For how long: `30d`, `2h`.
    pub age: String,
    /// How often paid.
    #[serde(default)]
    pub paid: u64,
}

/// One case: what is signed, and what should come of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// What is signed.
    pub r#do: Step,
    /// Further effects of the same signature.
    #[serde(default)]
    pub also: Vec<Step>,
    /// The outcome.
    pub expect: Outcome,
    /// Rules that must be among those that decided.
    #[serde(default)]
    pub rules: Vec<String>,
    /// A part of one of the reasons.
    pub why: Option<String>,
    /// Fee ceiling in ETH; `0.00002` where absent ($0.06 at $3,000). Off-chain signatures have none.
    pub fee: Option<String>,
    /// Spent before, in dollars; `number` counts signatures, `asset_units` units of the asset.
    #[serde(default)]
    pub before: BTreeMap<String, BTreeMap<String, String>>,
    /// Drawn on credit lines before and not paid back, in dollars.
    pub owed: Option<String>,
    /// Who asks.
    pub origin: Option<String>,
    /// UTC; Monday 2026-11-23 12:00 where absent.
    pub at: Option<String>,
    /// What the wallet claims.
    #[serde(default)]
    pub claimed: Claimed,
    /// Prices of this case alone.
    #[serde(default)]
    pub prices: BTreeMap<String, String>,
    /// True where the price book is stale.
    #[serde(default)]
    pub stale: bool,
}

/// An effect in few words.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// Name of the action as in the schema.
    pub action: String,
    /// Symbol of [`world`]; `USDC` where absent.
    pub asset: Option<String>,
    /// In whole units; `unlimited` for allowances.
    pub amount: Option<String>,
    /// `alice`, `bob`, `carol`, a contact of the file, `savings` (own), `router`, `stranger`, `lookalike`; for `borrow` the account
    /// itself where absent.
    pub to: Option<String>,
    /// What a swap gives; `USDC` where absent.
    pub buy: Option<String>,
    /// The least that comes out, in whole units.
    pub least: Option<String>,
    /// How long it counts: `10m`, `1h`, `30d`; for ever where absent.
    pub lasts: Option<String>,
    /// EIP-712 domain name and type, for `sign_typed`.
    pub domain: Option<String>,
    /// EIP-712 primary type.
    pub primary_type: Option<String>,
    /// EIP-712 fields.
    pub fields: BTreeMap<String, String>,
    /// Chain of a delegation: 0 is every chain.
    pub chain: Option<u64>,
    /// For `sign_message`.
    pub text: Option<String>,
    /// Interest of a credit line, basis points a year; 1200 where absent.
    pub rate: Option<u32>,
    /// Its repayment cycle; `30d` where absent.
    pub cycle: Option<String>,
}

impl Suite {
    /// Reads a file of rule tests.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// The facts of a case.
    pub fn facts(&self, case: &Case) -> Result<Facts, String> {
        let now = match &case.at {
            None => world::NOW,
            Some(at) => dates::parse(at).ok_or_else(|| format!("`at` is `{at}`, expected 2026-11-23T12:00:00Z"))? / 1000,
        };
        let mut world = World::new(now, case.stale);
        for (name, contact) in &self.contacts {
            world.contact(name, seconds(&contact.age)?, contact.paid);
        }
        for (symbol, price) in self.prices.iter().chain(&case.prices) {
            let price = (price != "none").then(|| propose::micro(price).ok_or_else(|| format!("price `{price}`")));
            world.set_price(symbol, price.transpose()?);
        }

        let steps = std::iter::once(&case.r#do).chain(&case.also);
        let mut effects = Effects {
            subject: subject(&case.r#do),
            chain: Some(world::CHAIN),
            account: world::account(),
            items: Vec::new(),
            fee: None,
            warnings: Vec::new(),
        };
        for step in steps {
            step.effect(&world, &mut effects)?;
        }
        if matches!(effects.subject, Subject::Transaction { .. }) {
            let execution = world::amount("ETH", case.fee.as_deref().unwrap_or("0.00002"))?;
            effects.fee = Some(FeeCeiling { execution, gas_limit: 21_000, max_fee_per_gas: 1, data_bytes: 110, data_fee_unbounded: false });
        }
        let appraisal = appraise(&effects, &world).map_err(|overflow| overflow.to_string())?;
        let adds = appraisal.spends.clone();
        let mut before = before(case, &appraisal.spends)?;
        if let Some(owed) = &case.owed {
            let micro = propose::micro(owed).ok_or_else(|| format!("`owed` is `{owed}`, expected dollars"))?;
            before.owed = Usd::from_micro(micro).map_err(|overflow| overflow.to_string())?;
        }
        Ok(Facts {
            effects,
            appraisal,
            before,
            adds,
            parties: world.parties.clone(),
            account_label: "main".to_owned(),
            origin: Origin { name: case.origin.clone().unwrap_or_else(|| "wallet".to_owned()) },
            claims: case.claimed.clone(),
            clock: Clock { now, utc_offset: 0 },
            floors: Vec::new(),
        })
    }
}

/// What was spent before, the same for the asset and the recipient of this signature.
fn before(case: &Case, spends: &[crate::Spend]) -> Result<Totals, String> {
    let mut totals = Totals::default();
    for (respect, windows) in &case.before {
        let mut found = Windows { hour: 0, day: 0, week: 0, month: 0 };
        for (window, text) in windows {
            let counted = respect.ends_with("number");
            let value = if counted { text.parse().ok() } else { propose::micro(text) };
            let value: u64 = value.ok_or_else(|| format!("before.{respect}.{window} is `{text}`, expected a number"))?;
            match window.as_str() {
                "hour" => found.hour = value,
                "day" => found.day = value,
                "week" => found.week = value,
                "month" => found.month = value,
                other => {
                    return Err(format!("before.{respect} has `{other}`, expected hour, day, week or month"));
                }
            }
        }
        let usd = |tally: &mut Tally| {
            tally.usd = found.map(|micro| Usd::from_micro(micro).unwrap_or(Usd::BOUNDLESS));
        };
        match respect.as_str() {
            "spent" => usd(&mut totals.all),
            "number" => totals.all.number = found,
            "without_asking" => usd(&mut totals.without_asking),
            "without_asking_number" => totals.without_asking.number = found,
            "without_password" => usd(&mut totals.without_password),
            "without_password_number" => totals.without_password.number = found,
            "origin_spent" => usd(&mut totals.origin),
            "origin_number" => totals.origin.number = found,
            "swapped" => usd(&mut totals.swaps),
            "borrowed" => usd(&mut totals.borrowed),
            "asset_spent" => spends.iter().for_each(|spend| usd(totals.assets.entry(spend.asset).or_default())),
            "asset_units" => spends.iter().for_each(|spend| {
                let units = found.map(|micro| Units::from_micro(micro).unwrap_or(Units::BOUNDLESS));
                totals.assets.entry(spend.asset).or_default().units = units;
            }),
            "recipient_spent" => {
                let recipients = spends.iter().filter_map(|spend| spend.recipient);
                recipients.for_each(|address| usd(totals.recipients.entry(address).or_default()));
            }
            other => return Err(format!("`before.{other}`, expected a window of the schema")),
        }
    }
    Ok(totals)
}

fn subject(step: &Step) -> Subject {
    let digest = B256::ZERO;
    match step.action.as_str() {
        "permit" | "pay_by_signature" | "sign_typed" | "apply_credit" => Subject::TypedData {
            domain: TypedDomain {
                name: step.domain.clone().or_else(|| Some("USD Coin".to_owned())),
                version: Some("2".to_owned()),
                chain_id: Some(U256::from(world::CHAIN)),
                verifying_contract: Some(world::address("contract")),
                salt: None,
            },
            primary_type: step.primary_type.clone().unwrap_or_else(|| "Permit".to_owned()),
            tree: TypedNode {
                name: step.primary_type.clone().unwrap_or_default(),
                r#type: step.primary_type.clone().unwrap_or_default(),
                value: None,
                children: step.fields.iter().map(leaf).collect(),
            },
            digest,
        },
        "sign_message" => {
            let text = step.text.clone().unwrap_or_else(|| "Sign in to example.com".to_owned());
            Subject::Message { bytes: Bytes::from(text.clone().into_bytes()), text: Some(text), digest }
        }
        _ => Subject::Transaction {
            tx_type: 2,
            nonce: 7,
            to: Some(world::address("contract")),
            value: U256::ZERO,
            selector: Some([0xa9, 0x05, 0x9c, 0xbb]),
            data_len: 68,
            digest,
        },
    }
}

fn leaf((name, value): (&String, &String)) -> TypedNode {
    TypedNode { name: name.clone(), r#type: "string".to_owned(), value: Some(value.clone()), children: Vec::new() }
}

impl Step {
    fn effect(&self, world: &World, effects: &mut Effects) -> Result<(), String> {
        let symbol = self.asset.as_deref().unwrap_or("USDC");
        let asset = world::asset(symbol)?;
        let amount = || world::amount(symbol, self.amount.as_deref().ok_or("`amount` is missing")?);
        let to = || -> Result<Address, String> { world.named(self.to.as_deref().ok_or("`to` is missing")?) };
        let until = match &self.lasts {
            None => None,
            Some(lasts) => Some(u64::try_from(world.now + seconds(lasts)?).map_err(|error| error.to_string())?),
        };
        let item = match self.action.as_str() {
            "send" => Effect::TransferOut { asset, amount: amount()?, from: effects.account, to: to()? },
            "pull" => Effect::TransferOut { asset, amount: amount()?, from: world::address("stranger"), to: to()? },
            "receive" => Effect::TransferIn { asset, at_least: amount()?, from: None },
            "approve" | "permit" | "revoke" => {
                let unlimited = self.amount.as_deref() == Some("unlimited");
                let amount = match self.action.as_str() {
                    "revoke" => U256::ZERO,
                    _ if unlimited => U256::MAX,
                    _ => amount()?,
                };
                let spender = to()?;
                if unlimited {
                    effects.warnings.push(Warning::UnlimitedAllowance { spender });
                }
                let via = if self.action == "permit" { AllowanceVia::Eip2612 } else { AllowanceVia::Erc20 };
                Effect::Allowance { asset, spender, change: AllowanceChange::Set(amount), expires: until, via }
            }
            "swap" => {
                let bought = self.buy.as_deref().unwrap_or("USDC");
                let least_out = world::amount(bought, self.least.as_deref().unwrap_or("0"))?;
                if least_out.is_zero() {
                    effects.warnings.push(Warning::NoMinimumOut);
                }
                Effect::Swap {
                    sell: asset,
                    most_in: amount()?,
                    buy: world::asset(bought)?,
                    least_out,
                    recipient: self.to.as_deref().map_or(Ok(effects.account), |to| world.named(to))?,
                    router: world::address("router"),
                    deadline: until,
                }
            }
            "wrap" => Effect::Wrap { asset: world::asset("WETH")?, amount: world::amount("WETH", self.amount.as_deref().unwrap_or("1"))? },
            "unwrap" => Effect::Unwrap {
                asset: world::asset("WETH")?,
                amount: world::amount("WETH", self.amount.as_deref().unwrap_or("1"))?,
                recipient: self.to.as_deref().map_or(Ok(effects.account), |to| world.named(to))?,
            },
            "pay_by_signature" => Effect::DeferredTransfer {
                asset,
                amount: amount()?,
                to: Some(to()?),
                spender: None,
                valid_after: None,
                valid_before: until,
                via: DeferredVia::Eip3009Transfer,
            },
            "apply_credit" | "open_credit" => {
                let cycle = u32::try_from(seconds(self.cycle.as_deref().unwrap_or("30d"))?).map_err(|error| error.to_string())?;
                let (pool, limit, rate) = (world::address("pool"), amount()?, self.rate.unwrap_or(1_200));
                let expiry = until.unwrap_or(u64::MAX);
                if self.action == "open_credit" {
                    Effect::CreditLine { pool, asset, limit, rate, cycle, expiry, borrower: effects.account, renews: None }
                } else {
                    let (lender, currency, terms) = ("Maple".to_owned(), "USD".to_owned(), String::new());
                    Effect::CreditApplication { pool, asset, lender, limit, rate, cycle, at_least: limit, currency, expiry, terms }
                }
            }
            "borrow" => {
                let to = self.to.as_deref().map_or(Ok(effects.account), |to| world.named(to))?;
                Effect::Borrow { pool: world::address("pool"), asset, amount: amount()?, to, line: U256::ONE }
            }
            "repay" => Effect::Repay { pool: world::address("pool"), asset, most: amount()?, line: U256::ONE },
            "close_credit" => Effect::CreditClose { pool: world::address("pool"), asset, line: U256::ONE },
            "call" => Effect::UnknownCall {
                to: to()?,
                selector: Some([0xde, 0xad, 0xbe, 0xef]),
                value: world::amount("ETH", self.amount.as_deref().unwrap_or("0"))?,
                reason: "the selector is not known".to_owned(),
            },
            "sign_typed" => Effect::UnknownTypedData { reason: "the type is not known".to_owned() },
            "deploy" => Effect::Deploy { init_code_hash: B256::ZERO, value: U256::ZERO },
            "delegate" => Effect::Delegation { to: to()?, chain: self.chain.unwrap_or(world::CHAIN), nonce: 8, authority: None },
            "sign_message" => {
                let hash = self.text.as_deref().is_some_and(|text| text.strip_prefix("0x").is_some_and(|hex| hex.len() == 64));
                Effect::Message { looks_like_hash: hash }
            }
            "cancel" => Effect::Nothing,
            other => return Err(format!("`action` is `{other}`, expected one of the schema")),
        };
        effects.items.push(item);
        Ok(())
    }
}

/// `90s`, `10m`, `2h`, `30d`.
fn seconds(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}`, expected a span such as 10m, 2h or 30d");
    let (n, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    n.parse::<i64>().ok().and_then(|n| n.checked_mul(unit)).ok_or_else(wrong)
}
