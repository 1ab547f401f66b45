//! The words of rules: what each condition is called, as a bound, as a fact, and when it fails.

use crate::units::{Units, Usd, grouped};

/// What a number in the context counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Micro-USD.
    Money,
    /// Micro-units of the asset.
    Asset,
    /// Micro-units of the native coin.
    Coin,
    /// Signatures, effects, times.
    Number,
    /// Seconds.
    Span,
    /// Basis points.
    Share,
    /// Hour or minute of the day, chain id: shown as it is.
    Plain,
}

/// A number of the context in words.
pub(crate) struct Quantity {
    /// Its path below `context`; for windows without the window's name.
    pub path: &'static str,
    pub measure: Measure,
    /// True for `hour`, `day`, `week` and `month` below it.
    pub windows: bool,
    /// With the bound in place of `{}`: "at most {} leaves at once"; a window's name follows for windows.
    pub clause: &'static str,
    /// As a limit: "{} at once"; for windows "{} a day" and this after it: " without asking".
    pub limit: &'static str,
}

macro_rules! quantities {
    ($($path:literal $measure:ident $windows:literal $clause:literal $limit:literal;)*) => {
        &[$(Quantity { path: $path, measure: Measure::$measure, windows: $windows, clause: $clause, limit: $limit },)*]
    };
}

const QUANTITIES: &[Quantity] = quantities! {
    "usd" Money false "it is worth {}" "{} each";
    "amount" Asset false "it is {} of the asset" "{} of the asset each";
    "total" Money false "{} leaves at once, fee included" "{} at once";
    "gross" Money false "{} moves at once, fee included" "{} moved at once";
    "asset_total" Asset false "{} of the asset leaves at once, fee included" "{} of the asset at once";
    "fee" Money false "the fee is {}" "{} for the fee";
    "fee_units" Coin false "the fee is {}" "{} for the fee";
    "slippage" Share false "it can lose {} to slippage" "{} slippage";
    "lasts" Span false "it lasts for {}" "{} until it ends";
    "limit" Money false "the credit line is for {}" "{} for a credit line";
    "rate" Share false "the interest is {} a year" "{} of interest a year";
    "cycle" Span false "a repayment cycle takes {}" "{} for a repayment cycle";
    "borrowed_total" Money false "{} is borrowed and not paid back, by what was signed" "{} borrowed in all";
    "effects" Number false "it does {} things at once" "{} things at once";
    "recipient.age" Span false "the recipient has been a contact for {}" "{} as a contact";
    "recipient.paid" Number false "the recipient was paid {} times before" "{} earlier payments to the recipient";
    "chain" Plain false "the chain id is {}" "chain id {}";
    "hour" Plain false "the hour of the day is {}" "hour {}";
    "minute" Plain false "the minute of the hour is {}" "minute {}";
    "typed.chain" Plain false "the domain's chain id is {}" "domain chain id {}";
    "spent" Money true "{} leaves in {window}" "";
    "without_asking" Money true "{} goes without asking in {window}" " without asking";
    "without_password" Money true "{} goes without your password in {window}" " without your password";
    "asset_spent" Money true "{} of this asset leaves in {window}" " of this asset";
    "asset_units" Asset true "{} of this asset leaves in {window}" " of this asset";
    "recipient_spent" Money true "{} goes to this recipient in {window}" " to this recipient";
    "origin_spent" Money true "{} goes for this client in {window}" " for this client";
    "swapped" Money true "{} is swapped in {window}" " swapped";
    "borrowed" Money true "{} is borrowed in {window}" " borrowed";
    "number" Number true "there are {} signatures in {window}" " in signatures";
    "without_asking_number" Number true "there are {} signatures without asking in {window}" " signatures without asking";
    "without_password_number" Number true "there are {} signatures without your password in {window}" " signatures without your password";
    "asset_number" Number true "there are {} signatures for this asset in {window}" " signatures for this asset";
    "recipient_number" Number true "there are {} signatures for this recipient in {window}" " signatures for this recipient";
    "origin_number" Number true "there are {} signatures for this client in {window}" " signatures for this client";
};

/// The number at a path, and the window's name where it is one of a window.
pub(crate) fn quantity(path: &str) -> Option<(&'static Quantity, Option<&str>)> {
    let path = path.strip_prefix("context.")?;
    if let Some(found) = QUANTITIES.iter().find(|quantity| !quantity.windows && quantity.path == path) {
        return Some((found, None));
    }
    let (name, window) = path.split_once('.')?;
    let found = QUANTITIES.iter().find(|quantity| quantity.windows && quantity.path == name)?;
    Some((found, Some(window)))
}

/// A yes-or-no fact in words: when it is so, when it is not.
pub(crate) fn flag(path: &str) -> Option<(&'static str, &'static str)> {
    Some(match path {
        "context.decoded" => ("the signer understands it", "the signer does not understand it"),
        "context.priced" => ("it can be priced", "it can't be priced"),
        "context.unlimited" => ("it is unlimited", "it is not unlimited"),
        "context.recipient.known" => ("the recipient is in your contacts", "the recipient is not in your contacts"),
        "context.recipient.own" => ("the recipient is your own account", "the recipient is not your own account"),
        "context.recipient.first" => ("the recipient was never paid before", "the recipient was paid before"),
        "context.recipient.registered" => {
            ("the recipient is a contract that the signer knows", "the recipient is no contract that the signer knows")
        }
        "context.recipient.lookalike" => {
            ("the recipient looks like a known address without being it", "the recipient looks like no other address")
        }
        "resource.native" => ("it is the chain's own coin", "it is a token"),
        "resource.stable" => ("the asset is a dollar stablecoin", "the asset is no dollar stablecoin"),
        "resource.registered" => ("the signer knows the asset or contract", "the signer does not know the asset or contract"),
        "context.buy.stable" => ("what comes back is a dollar stablecoin", "what comes back is no dollar stablecoin"),
        "context.buy.registered" => ("the signer knows what comes back", "the signer does not know what comes back"),
        _ => return None,
    })
}

/// What a text or an entity in the context is called.
pub(crate) fn noun(path: &str) -> Option<&'static str> {
    Some(match path {
        "resource" => "the asset, pool or contract",
        "principal" => "the account",
        "principal.label" => "the account's name",
        "context.buy" => "what comes back",
        "context.origin" => "the client",
        "context.recipient.contact" => "the recipient",
        "context.recipient.address" => "the recipient's address",
        "context.selector" => "the function called",
        "context.weekday" => "the day",
        "context.typed.name" => "the domain",
        "context.typed.version" => "the domain's version",
        "context.typed.contract" => "the domain's contract",
        "context.typed.primary_type" => "the type of the typed data",
        "context.claimed.host" => "the host that the wallet names",
        "context.claimed.to" => "the recipient's source, as the wallet says,",
        "context.claimed.amount" => "the amount's source, as the wallet says,",
        "context.claimed.asset" => "the asset's source, as the wallet says,",
        "context.claimed.quote" => "the quote of the chat",
        "context.claimed.via" => "the part of the wallet that asks",
        _ => return None,
    })
}

/// `an hour`, `a day`...
pub(crate) fn window(name: &str) -> &'static str {
    match name {
        "hour" => "an hour",
        "day" => "a day",
        "week" => "a week",
        "month" => "a month",
        _ => "a while",
    }
}

/// A number with its unit.
pub(crate) fn amount(measure: Measure, value: i64) -> String {
    let micro = u64::try_from(value).unwrap_or(0);
    let times = |n: u64, unit: &str| {
        if n == 1 { format!("1 {unit}") } else { format!("{} {unit}s", grouped(n)) }
    };
    match measure {
        Measure::Money => Usd::from_micro(micro).unwrap_or(Usd::BOUNDLESS).to_string(),
        Measure::Asset => Units::from_micro(micro).unwrap_or(Units::BOUNDLESS).to_string(),
        Measure::Coin => format!("{} of the chain's coin", Units::from_micro(micro).unwrap_or(Units::BOUNDLESS)),
        Measure::Number | Measure::Plain => grouped(micro),
        Measure::Share => {
            let (whole, rest) = (micro / 100, micro % 100);
            if rest == 0 { format!("{whole} %") } else { format!("{whole}.{rest:02} %").replace("0 %", " %") }
        }
        Measure::Span if value == i64::MAX => "ever".to_owned(),
        Measure::Span => match micro {
            0 => "no time".to_owned(),
            n if n.is_multiple_of(86_400) => times(n / 86_400, "day"),
            n if n.is_multiple_of(3_600) => times(n / 3_600, "hour"),
            n if n.is_multiple_of(60) => times(n / 60, "minute"),
            n => times(n, "second"),
        },
    }
}

/// Seconds in round words, for facts: `23 hours`, `3 days`.
pub(crate) fn about(seconds: i64) -> String {
    let n = u64::try_from(seconds).unwrap_or(0);
    let round = match n {
        0..=119 => n,
        120..=7_199 => n / 60 * 60,
        7_200..=172_799 => n / 3_600 * 3_600,
        _ => n / 86_400 * 86_400,
    };
    if seconds == i64::MAX { "ever".to_owned() } else { amount(Measure::Span, i64::try_from(round).unwrap_or(i64::MAX)) }
}

/// Control, bidirectional and other invisible characters have no place in a sentence.
pub(crate) fn clean(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
    };
    text.chars().filter(|c| !hidden(*c)).take(140).collect()
}
