//! A form such as "never let more than $200 a day leave", as Cedar text.

use alloy_primitives::Address;

use crate::units::{MICRO, Units, Usd};
use crate::{PolicyError, RuleSet};

/// What a rule is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormEffect {
    /// Sign it without asking.
    Allow,
    /// Ask at least for a click.
    Ask,
    /// Never sign it.
    Forbid,
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormAction {
    /// Transfers; for ask and forbid payments by signature too.
    Send,
    /// Swaps.
    Swap,
    /// Approvals; for ask and forbid permits too.
    Approve,
    /// Payments by signature.
    X402,
    /// Draws on credit lines; where a rule allows, to an own account unless it names another recipient.
    Borrow,
    /// Everything that moves something or lets it be moved.
    Any,
}

/// To whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormTo {
    /// A contact of the signer's own book.
    Contact(String),
    /// An address.
    Address(Address),
}

/// Over how much: the limit itself is still within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormOver {
    /// Dollars.
    Usd(Usd),
    /// Units of the form's asset.
    Units(Units),
}

/// Over which time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormPer {
    /// At once.
    Tx,
    /// The last 60 minutes.
    Hour,
    /// The last 24 hours.
    Day,
    /// The last 7 days.
    Week,
    /// The last 30 days.
    Month,
}

/// An asset of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormAsset {
    /// As the registry spells it.
    pub symbol: String,
    /// One unit is one dollar by design.
    pub usd_stable: bool,
}

/// A rule as a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleForm {
    /// What it does.
    pub effect: FormEffect,
    /// What it is about.
    pub action: FormAction,
    /// Of which asset; every asset where absent.
    pub asset: Option<FormAsset>,
    /// To whom; everybody where absent.
    pub to: Option<FormTo>,
    /// Over how much; always where absent.
    pub over: Option<FormOver>,
    /// Per what.
    pub per: FormPer,
}

/// A rule as text, ready to be added to the owner's own rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// `@id` of the rule.
    pub id: String,
    /// Cedar source of the one rule.
    pub source: String,
    /// The same in a sentence, derived from the source.
    pub sentence: String,
}

impl RuleForm {
    /// From the fields of a `rule` intent. `over` is `$200` in dollars or `0.5` in units of the asset; `to` an address
    /// or a contact's name; `usd_stable` says whether a symbol is a dollar stablecoin of the registry.
    pub fn from_words(
        effect: &str,
        action: &str,
        asset: Option<&str>,
        to: Option<&str>,
        over: Option<&str>,
        per: Option<&str>,
        usd_stable: impl Fn(&str) -> bool,
    ) -> Result<Self, PolicyError> {
        let wrong =
            |field: &str, got: &str, expected: &str| PolicyError::Form(format!("{field} is `{}`, expected {expected}", got.escape_debug()));
        let effect = match effect {
            "allow" => FormEffect::Allow,
            "ask" => FormEffect::Ask,
            "forbid" => FormEffect::Forbid,
            other => return Err(wrong("effect", other, "allow, ask or forbid")),
        };
        let action = match action {
            "send" => FormAction::Send,
            "swap" => FormAction::Swap,
            "approve" => FormAction::Approve,
            "x402" | "pay" => FormAction::X402,
            "borrow" => FormAction::Borrow,
            "any" => FormAction::Any,
            other => return Err(wrong("action", other, "send, swap, approve, x402, borrow or any")),
        };
        let per = match per.unwrap_or("tx") {
            "tx" => FormPer::Tx,
            "hour" => FormPer::Hour,
            "day" => FormPer::Day,
            "week" => FormPer::Week,
            "month" => FormPer::Month,
            other => return Err(wrong("per", other, "tx, hour, day, week or month")),
        };
        let over = match over {
            None => None,
            Some(text) => {
                let expected = "an amount such as $200 or 0.5, with at most 6 decimals";
                let usd = text.strip_prefix('$');
                let micro = micro(usd.unwrap_or(text)).ok_or_else(|| wrong("over", text, expected))?;
                let overflow = |_| wrong("over", text, expected);
                Some(match usd {
                    Some(_) => FormOver::Usd(Usd::from_micro(micro).map_err(overflow)?),
                    None => FormOver::Units(Units::from_micro(micro).map_err(overflow)?),
                })
            }
        };
        let asset = asset.map(|symbol| FormAsset { symbol: symbol.to_owned(), usd_stable: usd_stable(symbol) });
        let to = to.map(|to| to.parse().map_or_else(|_| FormTo::Contact(to.to_owned()), FormTo::Address));
        Ok(Self { effect, action, asset, to, over, per })
    }

    /// The rule as Cedar text with its sentence. An error where the form has no limit that it needs, or asks for what
    /// the ledger does not count.
    pub fn propose(&self) -> Result<Proposal, PolicyError> {
        if self.effect == FormEffect::Allow && self.over.is_none() {
            return Err(PolicyError::Form("a rule that allows needs a limit: say up to how much".to_owned()));
        }
        if matches!(self.over, Some(FormOver::Units(_))) && self.asset.is_none() {
            return Err(PolicyError::Form("the limit is a plain number: say of which token, or say it in dollars".to_owned()));
        }
        if self.action == FormAction::Borrow && matches!(self.over, Some(FormOver::Units(_))) {
            return Err(PolicyError::Form("what is borrowed is counted in dollars: say the limit in dollars".to_owned()));
        }
        let id = self.id();
        let source = format!(
            "@id(\"{id}\")\n{}(\n  principal,\n  {},\n  {}\n)\nwhen {{\n  {}\n}};\n",
            if self.effect == FormEffect::Allow { "permit" } else { "forbid" },
            self.actions(),
            self.resource(),
            self.conditions()?.join(" &&\n  "),
        );
        let rules = RuleSet::check("proposal", &source)?;
        let sentence = rules.sentences().into_iter().map(|rule| rule.sentence).collect::<Vec<_>>().join(" ");
        Ok(Proposal { id, source, sentence })
    }

    fn actions(&self) -> String {
        let allow = self.effect == FormEffect::Allow;
        let names: &[&str] = match (self.action, allow) {
            (FormAction::Send, true) => &["send"],
            (FormAction::Send, false) => &["send", "pull", "pay_by_signature"],
            (FormAction::Swap, _) => &["swap"],
            (FormAction::Approve, true) => &["approve"],
            (FormAction::Approve, false) => &["approve", "permit"],
            (FormAction::X402, _) => &["pay_by_signature"],
            (FormAction::Borrow, _) => &["borrow"],
            (FormAction::Any, true) => &["send", "swap", "wrap", "unwrap", "approve", "pay_by_signature"],
            (FormAction::Any, false) => &["spend"],
        };
        match names {
            ["spend"] => "action in Action::\"spend\"".to_owned(),
            [one] => format!("action == Action::\"{one}\""),
            many => {
                let many: Vec<String> = many.iter().map(|name| format!("Action::\"{name}\"")).collect();
                format!("action in [{}]", many.join(", "))
            }
        }
    }

    /// A swap's asset may be on either side: that is a condition.
    fn resource(&self) -> String {
        match &self.asset {
            Some(asset) if !self.either_side() => {
                format!("resource in Symbol::{}", text(&asset.symbol))
            }
            _ => "resource".to_owned(),
        }
    }

    fn either_side(&self) -> bool {
        self.action == FormAction::Swap && self.over.is_none()
    }

    fn conditions(&self) -> Result<Vec<String>, PolicyError> {
        let mut conditions = Vec::new();
        match self.effect {
            FormEffect::Allow => conditions.push("context.approval >= 0".to_owned()),
            FormEffect::Ask => conditions.push("context.approval < 1".to_owned()),
            FormEffect::Forbid => {}
        }
        if let Some(asset) = self.asset.as_ref().filter(|_| self.either_side()) {
            let symbol = text(&asset.symbol);
            conditions.push(format!("(resource in Symbol::{symbol} || (context has buy && context.buy in Symbol::{symbol}))"));
        }
        match &self.to {
            Some(FormTo::Contact(name)) => {
                conditions.push("context has recipient".to_owned());
                conditions.push("context.recipient has contact".to_owned());
                conditions.push(format!("context.recipient.contact == Contact::{}", text(name)));
            }
            Some(FormTo::Address(address)) => {
                conditions.push("context has recipient".to_owned());
                conditions.push(format!("context.recipient.address == \"{address}\""));
            }
            None if self.action == FormAction::Borrow && self.effect == FormEffect::Allow => {
                conditions.push("context has recipient".to_owned());
                conditions.push("context.recipient.own".to_owned());
            }
            None => {}
        }
        if let Some(over) = self.over {
            let (path, bound) = self.limit(over);
            if self.effect == FormEffect::Allow {
                conditions.push(format!("context.{path} <= {bound}"));
                let cap = self.cap(over)?;
                if self.action == FormAction::Borrow && path != "borrowed.day" {
                    conditions.push(format!("context.borrowed.day <= {cap}"));
                }
                if path != "without_asking.day" {
                    conditions.push(format!("context.without_asking.day <= {cap}"));
                }
            } else {
                conditions.push(format!("context.{path} > {bound}"));
            }
        }
        if conditions.is_empty() {
            conditions.push("true".to_owned());
        }
        Ok(conditions)
    }

    /// What is counted. Where the ledger counts no closer, it counts more, never less, and the sentence says so.
    fn limit(&self, over: FormOver) -> (String, u64) {
        let window = match self.per {
            FormPer::Tx => None,
            FormPer::Hour => Some("hour"),
            FormPer::Day => Some("day"),
            FormPer::Week => Some("week"),
            FormPer::Month => Some("month"),
        };
        let swap = self.action == FormAction::Swap;
        match (over, window) {
            (FormOver::Usd(usd), None) if swap => ("gross".to_owned(), usd.micro()),
            (FormOver::Usd(usd), None) if self.action == FormAction::Borrow => ("usd".to_owned(), usd.micro()),
            (FormOver::Usd(usd), None) => ("total".to_owned(), usd.micro()),
            (FormOver::Usd(usd), Some(window)) => {
                let name = match (swap, &self.to, &self.asset) {
                    (true, _, _) => "swapped",
                    _ if self.action == FormAction::Borrow => "borrowed",
                    (_, Some(_), _) => "recipient_spent",
                    (_, None, Some(_)) => "asset_spent",
                    (_, None, None) => "spent",
                };
                (format!("{name}.{window}"), usd.micro())
            }
            (FormOver::Units(units), None) => ("asset_total".to_owned(), units.micro()),
            (FormOver::Units(units), Some(window)) => (format!("asset_units.{window}"), units.micro()),
        }
    }

    /// A rule that allows is capped a day, in dollars, at its own limit.
    fn cap(&self, over: FormOver) -> Result<u64, PolicyError> {
        match over {
            FormOver::Usd(usd) => Ok(usd.micro()),
            FormOver::Units(units) if self.asset.as_ref().is_some_and(|asset| asset.usd_stable) => Ok(units.micro()),
            FormOver::Units(_) => {
                Err(PolicyError::Form("a rule that allows needs a limit in dollars, since the token's price moves".to_owned()))
            }
        }
    }

    /// The same form has the same name.
    fn id(&self) -> String {
        let mut parts = vec![
            match self.effect {
                FormEffect::Allow => "allow",
                FormEffect::Ask => "ask",
                FormEffect::Forbid => "forbid",
            }
            .to_owned(),
            match self.action {
                FormAction::Send => "send",
                FormAction::Swap => "swap",
                FormAction::Approve => "approve",
                FormAction::X402 => "x402",
                FormAction::Borrow => "borrow",
                FormAction::Any => "any",
            }
            .to_owned(),
        ];
        parts.extend(self.asset.as_ref().map(|asset| slug(&asset.symbol)));
        parts.extend(self.to.as_ref().map(|to| match to {
            FormTo::Contact(name) => format!("to-{}", slug(name)),
            FormTo::Address(address) => format!("to-{}", slug(&address.to_string())),
        }));
        if let Some(over) = self.over {
            parts.push(match over {
                FormOver::Usd(usd) => format!("usd{}", usd.micro()),
                FormOver::Units(units) => format!("u{}", units.micro()),
            });
            parts.push(
                match self.per {
                    FormPer::Tx => "tx",
                    FormPer::Hour => "hour",
                    FormPer::Day => "day",
                    FormPer::Week => "week",
                    FormPer::Month => "month",
                }
                .to_owned(),
            );
        }
        let id = parts.join("-");
        if id.len() <= 64 { id } else { format!("{}-{}", id.get(..55).unwrap_or_default().trim_end_matches('-'), digest(&id)) }
    }
}

/// The owner's own rules with a proposal added. Where a rule of that name is there already, nothing changes: the same
/// form always makes the same rule.
pub fn add(own_source: &str, proposal: &Proposal) -> String {
    if own_source.contains(&format!("@id(\"{}\")", proposal.id)) {
        return own_source.to_owned();
    }
    let own = own_source.trim_end();
    if own.is_empty() { proposal.source.clone() } else { format!("{own}\n\n{}", proposal.source) }
}

/// A Cedar string literal.
fn text(value: &str) -> String {
    format!("\"{}\"", value.escape_debug())
}

/// Lower-case letters and digits; what has others keeps its difference in eight hex digits.
fn slug(text: &str) -> String {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    if plain == text.to_ascii_lowercase() && !plain.is_empty() {
        plain
    } else {
        format!("{plain}-{}", digest(text)).trim_start_matches('-').to_owned()
    }
}

fn digest(text: &str) -> String {
    let hash = alloy_primitives::keccak256(text);
    alloy_primitives::hex::encode(hash.get(..4).unwrap_or_default())
}

/// A plain decimal in millionths; `None` for anything else and for more than six decimals.
pub(crate) fn micro(text: &str) -> Option<u64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(rest) || rest.len() > 6 || (text.contains('.') && rest.is_empty()) {
        return None;
    }
    let fraction: u64 = format!("{rest:0<6}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(MICRO)?.checked_add(fraction)
}
