//! Shares of what one has: everything, half, a third, `1/4 of`.

use super::{Read, What, finish, money};
use crate::decimal;
use crate::entities::{Scene, numbers, token};
use crate::entity::Derivation;
use crate::text::Shape;

const OWN: &[&str] = &[
    "my", "the", "of", "that", "our", "these", "those", "me", "mis", "mi", "mes", "mon", "ma", "meine", "meinen", "mein", "meus", "meu",
    "minhas", "os", "los", "las", "les",
];
const NOT_MONEY: &[&str] = &[
    "rules",
    "rule",
    "limits",
    "limit",
    "contacts",
    "orders",
    "order",
    "schedules",
    "automations",
    "approvals",
    "allowances",
    "permissions",
    "transactions",
    "transfers",
    "txs",
    "txns",
    "dcas",
    "stop",
    "losses",
    "alerts",
    "networks",
    "chains",
    "history",
    "settings",
    "pending",
    "open",
    "active",
    "agents",
    "keys",
    "recurring",
    "saved",
    "people",
    "ppl",
    "spenders",
    "dapps",
    "apps",
    "time",
    "day",
    "week",
    "month",
    "thing",
    "process",
    "swaps",
    "payments",
    "activity",
    "reglas",
    "límites",
    "limites",
    "regeln",
    "règles",
    "regras",
    "scheduled",
    "past",
    "recent",
    "incoming",
    "outgoing",
    "confirmations",
    "checks",
    "warnings",
    "safety",
    "above",
    "previous",
    "loans",
    "fees",
    "gas",
    "best",
    "same",
    "way",
    "safeguards",
    "restrictions",
];
const MOVE: &[&str] = &[
    "sell",
    "swap",
    "send",
    "dump",
    "bridge",
    "move",
    "withdraw",
    "convert",
    "unwrap",
    "wrap",
    "transfer",
    "exchange",
    "trade",
    "liquidate",
    "repay",
    "use",
    "spend",
    "stash",
    "put",
    "flip",
    "turn",
    "change",
    "zap",
    "drain",
    "ape",
    "use",
];

/// `everything`, `all my`, `max`, `the entire`.
pub(super) fn whole(scene: &Scene<'_>, i: usize) -> Option<Read> {
    let (word, next, before) = (scene.word(i), scene.word(i + 1), scene.before(i));
    let amount = |end: usize| Some(Read { what: What::Amount("max".to_owned(), Derivation::Canonical), end, two_ways: false });
    let money_follows = |from: usize| !(from..from + 3).any(|k| NOT_MONEY.contains(&scene.word(k)));
    match word {
        "everything" | "tout" | "alles" | "tudo"
            if !matches!(before, "is" | "that's" | "about" | "forget" | "revoke" | "of" | "pas")
                && !matches!(next, "is" | "ok" | "okay" | "fine" | "works") =>
        {
            amount(i + 1)
        }
        "max" | "maximum" | "máximo"
            if !matches!(
                next,
                "slippage" | "slip" | "of" | "per" | ":" | "to" | "spend" | "fee" | "gas" | "price" | "is" | "a" | "budget" | "=" | "cost"
            ) =>
        {
            let bound = scene.shape(i + 1) == Some(Shape::Number) || matches!(next, "$" | "€" | "£") || numbers::at(scene, i + 1).is_some();
            let after = matches!(before, "at" | "slippage" | "%" | "percent" | "bucks" | "dollars" | "cents" | "to" | "a" | "per")
                || scene.kind_at(i.wrapping_sub(1)).is_some();
            (!bound && !after && i < scene.words.len()).then(|| amount(i + 1)).flatten()
        }
        "all" | "todo" | "todos" | "toda" | "todas" | "tous" | "toute" | "toutes" | "alle" | "sab" | "saara" | "sara" => {
            if !money_follows(i + 1)
                || matches!(before, "at" | "after" | "above" | "that's" | "thats" | "not" | "is" | "s" | "'s" | "for")
                || matches!(next, "right" | "good" | "set" | "day" | "week" | "month" | "at" | "about" | "dia" | "mes" | "as")
                    && !MOVE.contains(&before)
            {
                return None;
            }
            if OWN.contains(&next) {
                let end = if scene.word(i + 2) == "my" || scene.word(i + 2) == "the" { i + 3 } else { i + 2 };
                return amount(end.min(i + 1 + usize::from(matches!(next, "of"))));
            }
            let token_next = token::known(next).is_some();
            let moved = (i.saturating_sub(3)..i).any(|k| MOVE.contains(&scene.word(k)))
                && (token_next || next.is_empty() || matches!(next, "to" | "for" | "into" | "in" | "it" | "on" | "," | "." | "from"));
            (token_next || moved || matches!(word, "sab" | "saara" | "sara") && scene.languages.hinglish).then(|| amount(i + 1)).flatten()
        }
        "entire" | "whole" | "full"
            if money_follows(i + 1)
                && matches!(before, "my" | "the" | "their" | "in" | "our" | "his" | "")
                && (word != "full" || matches!(next, "balance" | "amount" | "stack" | "bag" | "position" | "lot" | "")) =>
        {
            amount(i + 1)
        }
        "full" if before == "in" => amount(i + 1),
        "entirely" => amount(i + 1),
        "lot" if before == "the" && (i.saturating_sub(4)..i).any(|k| MOVE.contains(&scene.word(k))) => amount(i + 1),
        "entera" | "entero" | "completo" | "ganze" | "ganzes" | "ganzen" | "gesamtes" | "gesamten" | "inteiro" => amount(i + 1),
        "全" if next == "部" => amount(i + 2),
        "所" if next == "有" => amount(i + 2),
        _ => None,
    }
}

/// `half`, `a quarter of`, `two thirds`, `1/3 of`, `half an eth`, `half a million`.
pub(super) fn part(scene: &Scene<'_>, i: usize) -> Option<Read> {
    let mut k = i;
    let article = matches!(
        scene.word(k),
        "a" | "one" | "an" | "1" | "the" | "un" | "une" | "um" | "uma" | "ein" | "eine" | "einen" | "die" | "la" | "das"
    );
    let counted = match scene.word(k) {
        "two" => 2,
        "three" => 3,
        _ => 1,
    };
    if (article || counted > 1) && scene.is_free(k + 1) {
        k += 1;
        if scene.word(k) == "-" {
            k += 1;
        }
    }
    let led = k > i;
    let (over, bare) = match scene.word(k) {
        "half" | "½" | "mitad" | "moitié" | "hälfte" | "haelfte" | "metade" | "aadha" | "aadhe" | "adha" | "aadhi" | "halve" | "media"
        | "medio" | "halb" | "halbe" | "halben" | "demi" => (2, true),
        "third" | "thirds" | "tercio" | "tiers" | "drittel" | "terço" => (3, led),
        "quarter" | "quarters" | "¼" | "cuarto" | "quart" | "viertel" => (4, led || scene.word(k + 1) == "of" || scene.word(k) == "¼"),
        "¾" => (43, true),
        "fifth" | "fifths" => (5, led && scene.word(k + 1) == "of"),
        "tenth" | "tenths" => (10, led && scene.word(k + 1) == "of"),
        "一" if scene.word(k + 1) == "半" => {
            return Some(Read { what: What::Amount("50%".to_owned(), Derivation::Words), end: k + 2, two_ways: false });
        }
        _ => return ratio(scene, i),
    };
    let (part, over) = if over == 43 { (3, 4) } else { (counted, over) };
    let next = scene.word(k + 1);
    // "the half", "half past nine", "half an hour", "second half", "the third of march".
    if !bare
        || scene.word(k) == "half" && matches!(next, "past" | "hour" | "-")
        || matches!(scene.word(i), "the" | "la" | "die" | "das") && !matches!(over, 2)
        || scene.before(i) == "and" && matches!(scene.shape(i.wrapping_sub(2)), Some(Shape::Number))
    {
        return None;
    }
    let article_next = matches!(next, "a" | "an");
    let thing = if article_next { k + 2 } else { k + 1 };
    if article_next && matches!(scene.word(thing), "hour" | "day" | "year" | "percent" | "%" | "minute" | "month") {
        return None;
    }
    let amount = |value: String, end: usize| Some(Read { what: What::Amount(value, Derivation::Words), end, two_ways: false });
    // Half of one: "half an eth", "half a grand", "a quarter bitcoin", "half a million usdc".
    if article_next
        || (!led || over != 2) && token::known(scene.word(thing)).is_some() && over != 3 && scene.word(k) != "half"
        || scene.word(k) == "half" && !article_next && token::known(next).is_some() && token::is_coin(next)
    {
        let unit = decimal::ratio(part, over)?;
        if let Some(power) = numbers::scale(scene, thing) {
            let value = numbers::scaled(&unit, power);
            return if scene.word(thing) == "grand" {
                Some(money(scene, &value, thing + 1, "$"))
            } else {
                Some(finish(scene, &value, thing + 1, Derivation::Words, false))
            };
        }
        if matches!(scene.word(thing), "buck" | "dollar") {
            return amount(format!("${}", unit), thing + 1);
        }
        if token::known(scene.word(thing)).is_some() || token::is_coin(scene.word(thing)) {
            return amount(unit, k + 1);
        }
        if article_next {
            return None;
        }
    }
    amount(decimal::percent(part, over)?, k + 1)
}

/// `1/2 eth`, `1/3 of my dai`.
fn ratio(scene: &Scene<'_>, i: usize) -> Option<Read> {
    let number =
        |k: usize| (scene.shape(k) == Some(Shape::Number) && scene.is_free(k)).then(|| scene.word(k).parse::<u64>().ok()).flatten();
    let (part, over) = (number(i)?, number(i + 2)?);
    if scene.word(i + 1) != "/" || !scene.glued(i + 1) || !scene.glued(i + 2) || scene.word(i + 3) == "/" {
        return None;
    }
    let value = if matches!(scene.word(i + 3), "of" | "my" | "the") { decimal::percent(part, over)? } else { decimal::ratio(part, over)? };
    Some(Read { what: What::Amount(value, Derivation::Words), end: i + 3, two_ways: false })
}
