//! How much: digits, words, fractions, currencies, multipliers, units.

use super::{Scene, numbers, token};
use crate::decimal;
use crate::entity::{Derivation, Kind};
use crate::text::Shape;

/// Numbers that could be read two ways, as word indices; [`crate::Grounding`] reports them.
pub(crate) type TwoWays = Vec<usize>;

pub(crate) fn find(scene: &mut Scene<'_>) -> TwoWays {
    let mut two_ways = Vec::new();
    let mut i = 0;
    while i < scene.words.len() {
        match read(scene, i) {
            Some(read) => {
                let end = read.end;
                if read.two_ways {
                    two_ways.push(i);
                }
                match read.what {
                    What::Amount(value, how) => scene.take(i..end, Kind::Amount, value, how),
                    What::Of(value, unit) => {
                        scene.take(i..end - 1, Kind::Amount, value, Derivation::Converted);
                        scene.take(end - 1..end, Kind::Token, unit, Derivation::Converted);
                    }
                    What::Relative(value) => scene.take(i..end, Kind::Relative, value, Derivation::Typed),
                    What::Nothing => scene.hide(i..end),
                }
                i = end;
            }
            None => i += 1,
        }
    }
    two_ways
}

struct Read {
    what: What,
    end: usize,
    two_ways: bool,
}

enum What {
    Amount(String, Derivation),
    /// Converted from a unit of this asset; the unit is the last word.
    Of(String, &'static str),
    Relative(String),
    /// Digits that are no amount: a duration, an ordinal, leverage.
    Nothing,
}

fn read(scene: &Scene<'_>, i: usize) -> Option<Read> {
    if !scene.is_free(i) {
        return None;
    }
    signed(scene, i).or_else(|| whole(scene, i)).or_else(|| part(scene, i)).or_else(|| slang(scene, i)).or_else(|| counted(scene, i))
}

/// `-30%`, `+10 %`.
fn signed(scene: &Scene<'_>, i: usize) -> Option<Read> {
    let sign = scene.word(i);
    if !matches!(sign, "-" | "+") || scene.glued(i) || scene.shape(i + 1) != Some(Shape::Number) || !scene.glued(i + 1) {
        return None;
    }
    let percent = percent_word(scene, i + 2);
    let end = i + 2 + percent.unwrap_or(0);
    Some(Read { what: What::Relative(scene.written(i..end).to_owned()), end, two_ways: false })
}

const OWN: &[&str] = &["my", "the", "of", "that", "our", "these", "those", "me", "mis", "mi", "mes", "mon", "ma", "meine", "meinen", "mein", "meus", "meu", "minhas", "os", "los", "las", "les"];
const NOT_MONEY: &[&str] = &[
    "rules", "rule", "limits", "limit", "contacts", "orders", "order", "schedules", "automations", "approvals", "allowances", "permissions", "transactions", "transfers", "txs", "txns", "dcas", "stop", "losses", "alerts", "networks",
    "chains", "history", "settings", "pending", "open", "active", "agents", "keys", "recurring", "saved", "people", "ppl", "spenders", "dapps", "apps", "time", "day", "week", "month", "thing", "process", "swaps", "payments", "activity", "reglas",
    "límites", "limites", "regeln", "règles", "regras", "scheduled", "past", "recent", "incoming", "outgoing", "confirmations", "checks", "warnings", "safety", "above", "previous", "loans", "fees", "gas", "best", "same", "way", "safeguards", "restrictions",
];
const MOVE: &[&str] = &[
    "sell", "swap", "send", "dump", "bridge", "move", "withdraw", "convert", "unwrap", "wrap", "transfer", "exchange", "trade", "liquidate", "repay", "use", "spend", "stash", "put", "flip", "turn", "change", "zap", "drain", "ape", "use",
];

/// `everything`, `all my`, `max`, `the entire`.
fn whole(scene: &Scene<'_>, i: usize) -> Option<Read> {
    let (word, next, before) = (scene.word(i), scene.word(i + 1), scene.before(i));
    let amount = |end: usize| Some(Read { what: What::Amount("max".to_owned(), Derivation::Canonical), end, two_ways: false });
    let money_follows = |from: usize| !(from..from + 3).any(|k| NOT_MONEY.contains(&scene.word(k)));
    match word {
        "everything" | "tout" | "alles" | "tudo" if !matches!(before, "is" | "that's" | "about" | "forget" | "revoke" | "of" | "pas") && !matches!(next, "is" | "ok" | "okay" | "fine" | "works") => amount(i + 1),
        "max" | "maximum" | "máximo" if !matches!(next, "slippage" | "slip" | "of" | "per" | ":" | "to" | "spend" | "fee" | "gas" | "price" | "is" | "a" | "budget" | "=" | "cost") => {
            let bound = scene.shape(i + 1) == Some(Shape::Number) || matches!(next, "$" | "€" | "£") || numbers::at(scene, i + 1).is_some();
            let after = matches!(before, "at" | "slippage" | "%" | "percent" | "bucks" | "dollars" | "cents" | "to" | "a" | "per") || scene.kind_at(i.wrapping_sub(1)).is_some();
            (!bound && !after && i + 1 <= scene.words.len()).then(|| amount(i + 1)).flatten()
        }
        "all" | "todo" | "todos" | "toda" | "todas" | "tous" | "toute" | "toutes" | "alle" | "sab" | "saara" | "sara" => {
            if !money_follows(i + 1) || matches!(before, "at" | "after" | "above" | "that's" | "thats" | "not" | "is" | "s" | "'s" | "for") || matches!(next, "right" | "good" | "set" | "day" | "week" | "month" | "at" | "about" | "dia" | "mes" | "as") && !MOVE.contains(&before) {
                return None;
            }
            if OWN.contains(&next) {
                let end = if scene.word(i + 2) == "my" || scene.word(i + 2) == "the" { i + 3 } else { i + 2 };
                return amount(end.min(i + 1 + usize::from(matches!(next, "of"))));
            }
            let token_next = token::known(next).is_some();
            let moved = (i.saturating_sub(3)..i).any(|k| MOVE.contains(&scene.word(k))) && (token_next || next.is_empty() || matches!(next, "to" | "for" | "into" | "in" | "it" | "on" | "," | "." | "from"));
            (token_next || moved || matches!(word, "sab" | "saara" | "sara") && scene.languages.hinglish).then(|| amount(i + 1)).flatten()
        }
        "entire" | "whole" | "full" if money_follows(i + 1) && matches!(before, "my" | "the" | "their" | "in" | "our" | "his" | "") && !(word == "full" && !matches!(next, "balance" | "amount" | "stack" | "bag" | "position" | "lot" | "")) => amount(i + 1),
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
fn part(scene: &Scene<'_>, i: usize) -> Option<Read> {
    let mut k = i;
    let article = matches!(scene.word(k), "a" | "one" | "an" | "1" | "the" | "un" | "une" | "um" | "uma" | "ein" | "eine" | "einen" | "die" | "la" | "das");
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
        "half" | "½" | "mitad" | "moitié" | "hälfte" | "haelfte" | "metade" | "aadha" | "aadhe" | "adha" | "aadhi" | "halve" | "media" | "medio" | "halb" | "halbe" | "halben" | "demi" => (2, true),
        "third" | "thirds" | "tercio" | "tiers" | "drittel" | "terço" => (3, led),
        "quarter" | "quarters" | "¼" | "cuarto" | "quart" | "viertel" => (4, led || scene.word(k + 1) == "of" || scene.word(k) == "¼"),
        "¾" => (43, true),
        "fifth" | "fifths" => (5, led && scene.word(k + 1) == "of"),
        "tenth" | "tenths" => (10, led && scene.word(k + 1) == "of"),
        "一" if scene.word(k + 1) == "半" => return Some(Read { what: What::Amount("50%".to_owned(), Derivation::Words), end: k + 2, two_ways: false }),
        _ => return ratio(scene, i),
    };
    let (part, over) = if over == 43 { (3, 4) } else { (counted, over) };
    let next = scene.word(k + 1);
    // "the half", "half past nine", "half an hour", "second half", "the third of march".
    if !bare || scene.word(k) == "half" && matches!(next, "past" | "hour" | "-") || matches!(scene.word(i), "the" | "la" | "die" | "das") && !matches!(over, 2) || scene.before(i) == "and" && matches!(scene.shape(i.wrapping_sub(2)), Some(Shape::Number)) {
        return None;
    }
    let article_next = matches!(next, "a" | "an");
    let thing = if article_next { k + 2 } else { k + 1 };
    if article_next && matches!(scene.word(thing), "hour" | "day" | "year" | "percent" | "%" | "minute" | "month") {
        return None;
    }
    let amount = |value: String, end: usize| Some(Read { what: What::Amount(value, Derivation::Words), end, two_ways: false });
    // Half of one: "half an eth", "half a grand", "a quarter bitcoin", "half a million usdc".
    if article_next || (!led || over != 2) && token::known(scene.word(thing)).is_some() && over != 3 && scene.word(k) != "half" || scene.word(k) == "half" && !article_next && token::known(next).is_some() && token::is_coin(next) {
        let unit = decimal::ratio(part, over)?;
        if let Some(power) = numbers::scale(scene, thing) {
            let value = numbers::scaled(&unit, power);
            return if scene.word(thing) == "grand" { Some(money(scene, &value, thing + 1, "$")) } else { Some(finish(scene, &value, thing + 1, Derivation::Words, false)) };
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
    let end = if matches!(next, "of") && !matches!(scene.word(k + 2), "it" | "that" | "them" | "what" | "this") { k + 1 } else { k + 1 };
    amount(decimal::percent(part, over)?, end)
}

/// `1/2 eth`, `1/3 of my dai`.
fn ratio(scene: &Scene<'_>, i: usize) -> Option<Read> {
    let number = |k: usize| (scene.shape(k) == Some(Shape::Number) && scene.is_free(k)).then(|| scene.word(k).parse::<u64>().ok()).flatten();
    let (part, over) = (number(i)?, number(i + 2)?);
    if scene.word(i + 1) != "/" || !scene.glued(i + 1) || !scene.glued(i + 2) || scene.word(i + 3) == "/" {
        return None;
    }
    let value = if matches!(scene.word(i + 3), "of" | "my" | "the") { decimal::percent(part, over)? } else { decimal::ratio(part, over)? };
    Some(Read { what: What::Amount(value, Derivation::Words), end: i + 3, two_ways: false })
}

/// `a fiver`, `a tenner`, `a buck`, `a grand`.
fn slang(scene: &Scene<'_>, i: usize) -> Option<Read> {
    let (k, led) = if matches!(scene.word(i), "a" | "one") { (i + 1, true) } else { (i, false) };
    if !scene.is_free(k) {
        return None;
    }
    let value = match scene.word(k) {
        "fiver" => "5",
        "tenner" => "10",
        "buck" | "dollar" if led => "1",
        "grand" if led => "1000",
        "penny" | "cent" if led => "0.01",
        "nickel" if led => "0.05",
        "dime" if led => "0.1",
        _ => return None,
    };
    Some(money(scene, value, k + 1, "$"))
}

/// A number in digits or words, with what belongs to it.
fn counted(scene: &Scene<'_>, i: usize) -> Option<Read> {
    let mut k = i;
    let mut currency = None;
    if let Some((mark, len)) = currency_prefix(scene, k) {
        currency = Some(mark);
        k += len;
    }
    let (mut number, mut end, words, two_ways) = if scene.shape(k) == Some(Shape::Number) && scene.is_free(k) {
        let written = scene.word(k);
        match exponent(scene, k) {
            Some((number, end)) => (number, end, false, false),
            None => {
                let reading = decimal::parse(written, scene.languages.comma_decimal())?;
                // Nobody writes three decimals of a dollar, or three zeros after a decimal comma.
                let plain = written.contains(',') && (written.ends_with("000") || currency.is_some() || currency_suffix(scene, k + 1).is_some());
                (reading.digits, k + 1, false, reading.two_ways && !plain)
            }
        }
    } else {
        let (number, end) = numbers::at(scene, k)?;
        (number, end, true, false)
    };
    let digits = !words;
    // 1INCH is a token.
    if digits && scene.word(k) == "1" && scene.word(end) == "inch" && scene.glued(end) {
        return None;
    }
    if words && ordinary_one(scene, k, end) {
        return None;
    }
    // "two and a half"
    if scene.word(end) == "and" && scene.word(end + 1) == "a" && scene.word(end + 2) == "half" {
        number = decimal::and_a_half(&number)?;
        end += 3;
    } else if digits && scene.word(end) == "½" {
        number = decimal::and_a_half(&number)?;
        end += 1;
    }
    if digits && currency.is_none() {
        if let Some(len) = no_amount(scene, k, end) {
            return Some(Read { what: What::Nothing, end: end + len, two_ways: false });
        }
    }
    let mut how = if words { Derivation::Words } else { Derivation::Typed };
    let mut grand = false;
    if digits || scene.word(end) == "k" {
        if let Some((power, len)) = multiplier(scene, end) {
            grand = scene.word(end) == "grand";
            number = numbers::scaled(&number, power);
            end += len;
            how = Derivation::Canonical;
        }
    } else {
        grand = (k..end).any(|w| scene.word(w) == "grand");
    }
    if digits && how == Derivation::Typed && scene.written(k..end) != number {
        how = Derivation::Canonical;
    }
    let mut read = match currency.or(grand.then_some("$")) {
        Some(mark) => money(scene, &number, end, mark),
        None => finish(scene, &number, end, how, two_ways),
    };
    read.two_ways = two_ways;
    Some(read)
}

/// What may follow a bare number: `%`, a currency, a unit of an asset.
fn finish(scene: &Scene<'_>, number: &str, end: usize, how: Derivation, two_ways: bool) -> Read {
    if let Some(len) = percent_word(scene, end) {
        return Read { what: What::Amount(format!("{number}%"), how), end: end + len, two_ways };
    }
    let (unit, amount): (Option<&'static str>, Option<String>) = match scene.word(end) {
        "gwei" | "gweis" => (Some("ETH"), Some(decimal::shift(number, -9))),
        "wei" => (Some("ETH"), Some(decimal::shift(number, -18))),
        "sat" | "sats" | "satoshi" | "satoshis" => (Some("BTC"), Some(decimal::shift(number, -8))),
        _ => (None, None),
    };
    if let (Some(unit), Some(amount)) = (unit, amount) {
        return Read { what: What::Of(amount, unit), end: end + 1, two_ways };
    }
    if let Some((mark, len)) = currency_suffix(scene, end) {
        let value = if mark == "c" { format!("${}", decimal::shift(number, -2)) } else { format!("{mark}{number}") };
        return Read { what: What::Amount(value, if mark == "c" { Derivation::Converted } else { how }), end: end + len, two_ways };
    }
    Read { what: What::Amount(number.to_owned(), how), end, two_ways }
}

/// A number whose currency is known already; a currency word after it is the same thing said twice.
fn money(scene: &Scene<'_>, number: &str, end: usize, mark: &str) -> Read {
    let (mark, extra) = match currency_suffix(scene, end) {
        Some((said, len)) if said == mark || mark == "$" && matches!(said, "£" | "€") => (said, len),
        _ => (mark, 0),
    };
    Read { what: What::Amount(format!("{mark}{number}"), Derivation::Canonical), end: end + extra, two_ways: false }
}

fn currency_prefix(scene: &Scene<'_>, i: usize) -> Option<(&'static str, usize)> {
    let mark = match scene.word(i) {
        "$" => "$",
        "€" => "€",
        "£" => "£",
        "₹" => "₹",
        "¥" | "￥" => "¥",
        "us" | "usd" if scene.word(i + 1) == "$" => return Some(("$", 2)),
        "usd" | "eur" | "gbp" | "inr" | "rs" if scene.shape(i + 1) == Some(Shape::Number) => {
            return Some((if scene.word(i) == "usd" { "$" } else if scene.word(i) == "eur" { "€" } else if scene.word(i) == "gbp" { "£" } else { "₹" }, 1));
        }
        _ => return None,
    };
    Some((mark, 1))
}

fn currency_suffix(scene: &Scene<'_>, i: usize) -> Option<(&'static str, usize)> {
    if !scene.is_free(i) {
        return None;
    }
    if scene.word(i) == "usd" && matches!(scene.word(i + 1), "coin" | "coins") {
        return None;
    }
    let mark = match scene.word(i) {
        "$" | "usd" | "dollar" | "dollars" | "buck" | "bucks" | "bux" | "dólares" | "dolares" | "dólar" | "刀" | "smackers" | "greenbacks" => "$",
        "us" if matches!(scene.word(i + 1), "dollars" | "dollar" | "$") => return Some(("$", 2)),
        "美" if matches!(scene.word(i + 1), "元" | "金" | "刀") => return Some(("$", 2)),
        "cent" | "cents" | "¢" | "centavos" | "céntimos" | "pennies" if !(scene.languages.french && scene.word(i) == "cent") => "c",
        "€" | "eur" | "euro" | "euros" => "€",
        "£" | "gbp" | "quid" | "pound" | "pounds" => "£",
        "₹" | "inr" | "rupees" | "rupee" | "rupaye" | "rupay" | "rs" => "₹",
        "¥" | "yen" | "jpy" | "yuan" | "rmb" | "cny" | "块" | "元" => "¥",
        "ars" | "brl" | "reais" | "pesos" | "naira" | "ngn" | "chf" | "francs" | "franken" | "sgd" | "aud" | "cad" => "¤",
        _ => return None,
    };
    Some((mark, 1))
}

fn percent_word(scene: &Scene<'_>, i: usize) -> Option<usize> {
    match scene.word(i) {
        "%" | "percent" | "pct" | "prozent" | "percentage" | "pc" => Some(1),
        "per" if scene.word(i + 1) == "cent" => Some(2),
        "por" if matches!(scene.word(i + 1), "ciento" | "cento") => Some(2),
        "pour" if scene.word(i + 1) == "cent" => Some(2),
        _ => None,
    }
}

/// `k`, `m`, `grand`, `million` after digits.
fn multiplier(scene: &Scene<'_>, i: usize) -> Option<(i32, usize)> {
    if !scene.is_free(i) {
        return None;
    }
    match scene.word(i) {
        "k" => Some((3, 1)),
        "m" | "mm" | "mil" if scene.glued(i) && !matches!(scene.word(i), "mil") => Some((6, 1)),
        "b" | "bn" if scene.glued(i) => Some((9, 1)),
        "kk" if scene.glued(i) => Some((6, 1)),
        _ => numbers::scale(scene, i).map(|p| (p, 1)),
    }
}

/// `1e18`.
fn exponent(scene: &Scene<'_>, i: usize) -> Option<(String, usize)> {
    let tail = scene.word(i + 1).strip_prefix('e')?;
    let power: i32 = tail.parse().ok().filter(|p| (0..=30).contains(p))?;
    scene.glued(i + 1).then(|| (numbers::scaled(&decimal::parse(scene.word(i), false).map(|r| r.digits).unwrap_or_default(), power), i + 2)).filter(|(n, _)| !n.is_empty())
}

const DURATIONS: &[&str] = &[
    "second", "seconds", "sec", "secs", "minute", "minutes", "min", "mins", "hour", "hours", "hr", "hrs", "day", "days", "week", "weeks", "month", "months", "year", "years", "yr", "yrs", "días", "dias", "tage", "tagen", "jours", "semanas",
    "wochen", "meses", "mois", "monate", "horas", "stunden", "heures", "times", "veces", "mal", "fois", "vezes",
];

/// Digits that are no amount: how many more words belong to them.
fn no_amount(scene: &Scene<'_>, i: usize, end: usize) -> Option<usize> {
    let next = scene.word(end);
    if scene.glued(end) && matches!(next, "st" | "nd" | "rd" | "th" | "x" | "h" | "d" | "hr" | "hrs" | "min" | "mins" | "w" | "y" | "am" | "pm" | "º" | "ª") {
        return Some(1);
    }
    if DURATIONS.contains(&next) || matches!(next, "天" | "周" | "月" | "年" | "号" | "点" | "次") {
        return Some(1);
    }
    if next == "-" && DURATIONS.contains(&scene.word(end + 1)) {
        return Some(2);
    }
    // 12:30, 12/05/2026, 2026-02-14
    if matches!(next, ":" | "/" | "-") && scene.glued(end) && scene.glued(end + 1) && scene.shape(end + 1) == Some(Shape::Number) {
        let dated = matches!(scene.word(end + 2), "/" | "-") && scene.glued(end + 2) && scene.shape(end + 3) == Some(Shape::Number);
        if next == ":" {
            return Some(2);
        }
        if dated {
            return Some(4);
        }
    }
    if scene.before(i) == "#" || scene.before(i) == "×" {
        return Some(0);
    }
    None
}

/// "this one", "no one", "one of them": not the number.
fn ordinary_one(scene: &Scene<'_>, i: usize, end: usize) -> bool {
    if end != i + 1 || !matches!(scene.word(i), "one" | "uno") {
        return false;
    }
    let next = scene.word(end);
    let unit = token::known(next).is_some() || percent_word(scene, end).is_some() || currency_suffix(scene, end).is_some() || matches!(next, "gwei" | "wei" | "sat" | "sats" | "whole" | "and");
    !unit
}
