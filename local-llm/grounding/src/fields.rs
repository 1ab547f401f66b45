//! The fields of every intent and what each may hold: the one table behind grammar, target language and validation.

use crate::entity::Kind;

/// One intent's fields, in the order in which they are written.
#[derive(Debug)]
pub struct IntentSpec {
    /// As in `"intent": ...`.
    pub name: &'static str,
    /// In order.
    pub fields: &'static [Field],
    /// `schedule` and `when` carry another intent.
    pub nests: bool,
}

/// One field.
#[derive(Debug)]
pub struct Field {
    /// Its key.
    pub key: &'static str,
    /// Whether the intent makes no sense without it.
    pub required: bool,
    /// What it holds.
    pub holds: Holds,
}

/// What a field may hold.
#[derive(Clone, Copy, Debug)]
pub enum Holds {
    /// A slot of one of these kinds.
    Slot(&'static [Kind]),
    /// A slot of one of these kinds, or words of the message.
    Name(&'static [Kind]),
    /// As `Name`, and several of them.
    Names(&'static [Kind]),
    /// One word of a list, or a slot of one of these kinds.
    Word(&'static [&'static str], &'static [Kind]),
    /// Present or not.
    Flag,
}

impl Holds {
    /// The kinds of slots that it takes.
    pub fn kinds(self) -> &'static [Kind] {
        match self {
            Holds::Slot(k) | Holds::Name(k) | Holds::Names(k) | Holds::Word(_, k) => k,
            Holds::Flag => &[],
        }
    }

    /// Whether it takes words of the message.
    pub fn takes_words(self) -> bool {
        matches!(self, Holds::Name(_) | Holds::Names(_))
    }
}

const ASSET: Holds = Holds::Slot(&[Kind::Token, Kind::Address]);
const AMOUNT: Holds = Holds::Slot(&[Kind::Amount]);
const CHAIN: Holds = Holds::Slot(&[Kind::Chain]);
const PARTY: &[Kind] = &[Kind::Contact, Kind::Ens, Kind::Address, Kind::Quote];
const OF: Holds = Holds::Word(&["previous"], &[]);

const fn must(key: &'static str, holds: Holds) -> Field {
    Field { key, required: true, holds }
}

const fn may(key: &'static str, holds: Holds) -> Field {
    Field { key, required: false, holds }
}

const fn spec(name: &'static str, fields: &'static [Field]) -> IntentSpec {
    IntentSpec { name, fields, nests: false }
}

/// The topics of `help`.
pub const TOPICS: [&str; 14] = [
    "send",
    "swap",
    "rules",
    "backup",
    "contacts",
    "fees",
    "networks",
    "x402",
    "agents",
    "proofs",
    "loans",
    "automations",
    "privacy",
    "hardware",
];

/// Every intent but `amend`, `steps` and `unclear`, which have a syntax of their own.
pub const INTENTS: &[IntentSpec] = &[
    spec(
        "send",
        &[
            must("asset", ASSET),
            must("amount", AMOUNT),
            must("to", Holds::Names(PARTY)),
            may("split", Holds::Flag),
            may("chain", CHAIN),
            may("of", OF),
        ],
    ),
    spec(
        "swap",
        &[
            may("from", ASSET),
            may("to", ASSET),
            may("amount", AMOUNT),
            may("side", Holds::Word(&["out"], &[])),
            may("slippage", AMOUNT),
            may("chain", CHAIN),
            may("of", OF),
        ],
    ),
    spec("bridge", &[must("asset", ASSET), must("amount", AMOUNT), may("from_chain", CHAIN), must("to_chain", CHAIN), may("of", OF)]),
    spec("wrap", &[may("amount", AMOUNT), may("chain", CHAIN), may("of", OF)]),
    spec("unwrap", &[may("amount", AMOUNT), may("chain", CHAIN), may("of", OF)]),
    spec("balance", &[may("asset", ASSET), may("chain", CHAIN)]),
    spec("receive", &[may("asset", ASSET), may("chain", CHAIN)]),
    spec(
        "history",
        &[
            may("asset", ASSET),
            may("with", Holds::Name(&[Kind::Contact, Kind::Ens, Kind::Address, Kind::Protocol, Kind::Lender, Kind::Quote])),
            may("period", Holds::Slot(&[Kind::Period])),
            may("kind", Holds::Word(&["in", "out", "swap", "x402", "loan"], &[])),
        ],
    ),
    spec(
        "spending",
        &[
            may("of", Holds::Word(&["gas"], &[Kind::Token, Kind::Address])),
            may("with", Holds::Name(&[Kind::Contact, Kind::Ens, Kind::Address, Kind::Protocol, Kind::Lender, Kind::Quote])),
            may("period", Holds::Slot(&[Kind::Period])),
        ],
    ),
    spec("price", &[must("asset", ASSET)]),
    spec("fees", &[may("chain", CHAIN)]),
    spec("status", &[may("tx", Holds::Slot(&[Kind::Hash]))]),
    spec("speed_up", &[may("tx", Holds::Slot(&[Kind::Hash]))]),
    spec("cancel_tx", &[may("tx", Holds::Slot(&[Kind::Hash]))]),
    spec(
        "approve",
        &[
            must("asset", ASSET),
            must("spender", Holds::Name(&[Kind::Protocol, Kind::Address, Kind::Ens, Kind::Contact, Kind::Quote])),
            must("amount", AMOUNT),
            may("chain", CHAIN),
            may("of", OF),
        ],
    ),
    spec(
        "revoke",
        &[
            may("asset", ASSET),
            may("spender", Holds::Name(&[Kind::Protocol, Kind::Address, Kind::Ens, Kind::Contact, Kind::Quote])),
            may("chain", CHAIN),
        ],
    ),
    spec(
        "contact_add",
        &[
            must("name", Holds::Name(&[Kind::Quote, Kind::Contact, Kind::Lender])),
            must("address", Holds::Slot(&[Kind::Address, Kind::Ens])),
        ],
    ),
    spec("contact_remove", &[must("name", Holds::Name(&[Kind::Contact, Kind::Quote, Kind::Ens]))]),
    spec("contacts", &[]),
    spec(
        "rule",
        &[
            must("effect", Holds::Word(&["allow", "ask", "forbid"], &[])),
            must("action", Holds::Word(&["send", "swap", "approve", "x402", "any"], &[])),
            may("asset", ASSET),
            may("to", Holds::Name(PARTY)),
            may("over", AMOUNT),
            may("per", Holds::Word(&["tx", "day", "week", "month"], &[])),
        ],
    ),
    spec("rules", &[]),
    spec("pay", &[must("url", Holds::Slot(&[Kind::Url])), may("max", AMOUNT)]),
    spec("agent_find", &[must("task", Holds::Name(&[Kind::Quote]))]),
    spec(
        "agent_hire",
        &[
            may("agent", Holds::Name(&[Kind::Agent, Kind::Ens, Kind::Address, Kind::Contact, Kind::Quote])),
            may("task", Holds::Name(&[Kind::Quote])),
            may("max", AMOUNT),
        ],
    ),
    spec("agent_register", &[may("name", Holds::Name(&[Kind::Quote, Kind::Ens, Kind::Contact]))]),
    spec(
        "prove_balance",
        &[
            must("at_least", AMOUNT),
            may("bank", Holds::Name(&[Kind::Quote])),
            may("lender", Holds::Name(&[Kind::Lender, Kind::Contact, Kind::Protocol])),
        ],
    ),
    spec(
        "loan_apply",
        &[must("amount", AMOUNT), may("asset", ASSET), may("lender", Holds::Name(&[Kind::Lender, Kind::Contact, Kind::Protocol]))],
    ),
    spec("loan_draw", &[must("amount", AMOUNT), may("asset", ASSET)]),
    spec("loan_repay", &[must("amount", AMOUNT), may("asset", ASSET)]),
    spec("loan_status", &[]),
    IntentSpec {
        name: "schedule",
        fields: &[must("every", Holds::Slot(&[Kind::Every])), may("at", Holds::Slot(&[Kind::Clock]))],
        nests: true,
    },
    IntentSpec { name: "when", fields: &[must("asset", ASSET), may("below", AMOUNT), may("above", AMOUNT)], nests: true },
    spec("schedules", &[]),
    spec("schedule_cancel", &[may("id", Holds::Name(&[Kind::Automation])), may("asset", ASSET)]),
    spec("chain_switch", &[must("chain", CHAIN)]),
    spec("sign_message", &[must("text", Holds::Name(&[Kind::Quote]))]),
    spec("lock", &[]),
    spec("help", &[may("topic", Holds::Word(&TOPICS, &[]))]),
    spec("confirm", &[]),
    spec("cancel", &[]),
];

/// The intent of that name.
pub fn intent(name: &str) -> Option<&'static IntentSpec> {
    INTENTS.iter().find(|i| i.name == name)
}

impl IntentSpec {
    /// The field of that key.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.key == key)
    }
}

/// The fields that `amend` may set: those of the pending intent; of every intent where that is not known.
pub fn amendable(pending: Option<&str>) -> Vec<&'static Field> {
    let known = pending.and_then(intent).filter(|i| !i.nests && !i.fields.is_empty());
    let all: Vec<&'static Field> = match known {
        Some(spec) => spec.fields.iter().collect(),
        None => INTENTS.iter().filter(|i| moves_or_permits(i.name) || i.nests).flat_map(|i| i.fields).collect(),
    };
    let mut unique: Vec<&'static Field> = Vec::new();
    for field in all {
        if field.key != "of" && !unique.iter().any(|u| u.key == field.key) {
            unique.push(field);
        }
    }
    unique
}

/// Whether an intent of that name moves money, lets others move it, or widens a permission.
pub fn moves_or_permits(name: &str) -> bool {
    matches!(
        name,
        "send"
            | "swap"
            | "bridge"
            | "wrap"
            | "unwrap"
            | "speed_up"
            | "cancel_tx"
            | "approve"
            | "revoke"
            | "contact_add"
            | "contact_remove"
            | "rule"
            | "pay"
            | "agent_hire"
            | "agent_register"
            | "prove_balance"
            | "loan_apply"
            | "loan_draw"
            | "loan_repay"
            | "schedule"
            | "when"
            | "schedule_cancel"
            | "chain_switch"
            | "sign_message"
            | "confirm"
            | "amend"
            | "steps"
    )
}
