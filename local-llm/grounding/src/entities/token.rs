//! Tokens: registry symbols, their everyday names, and tickers that only look like one.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Scene, english};
use crate::entity::{Derivation, Kind};
use crate::text::{Shape, phrase, phrase_at};

/// What is known about a symbol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenFacts {
    /// One unit is one US dollar.
    pub usd: bool,
    /// One unit is one euro.
    pub eur: bool,
    /// One unit is worth a lot, so that "half an X" and "half X" speak of one unit.
    pub coin: bool,
    /// Also an English word.
    pub word: bool,
}

struct Registry {
    symbols: HashMap<String, (String, TokenFacts)>,
    /// Folded words of longer names, longest first.
    names: Vec<(Vec<String>, String)>,
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let mut symbols = HashMap::new();
    let mut names = Vec::new();
    for line in include_str!("../../data/tokens.tsv").lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
        let mut columns = line.split('\t');
        let symbol = columns.next().unwrap_or("").trim().to_owned();
        let flags: Vec<&str> = columns.next().unwrap_or("").split(',').map(str::trim).collect();
        let facts = TokenFacts {
            usd: flags.contains(&"usd"),
            eur: flags.contains(&"eur"),
            coin: flags.contains(&"coin"),
            word: flags.contains(&"word"),
        };
        symbols.insert(symbol.to_lowercase(), (symbol.clone(), facts));
        for alias in columns.next().unwrap_or("").split(',').map(str::trim).filter(|a| !a.is_empty()) {
            names.push((phrase(alias), symbol.clone()));
            symbols.entry(alias.to_lowercase()).or_insert((symbol.clone(), TokenFacts { word: false, ..facts }));
        }
        let cut = phrase(&symbol);
        if cut.len() > 1 {
            names.push((cut, symbol.clone()));
        }
    }
    names.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    Registry { symbols, names }
});

static FOREIGN: LazyLock<Vec<(Vec<String>, String)>> = LazyLock::new(|| {
    let mut names = Vec::new();
    for line in include_str!("../../data/foreign.tsv").lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
        let (symbol, aliases) = line.split_once('\t').unwrap_or((line, ""));
        names.push((phrase(symbol), symbol.to_owned()));
        names.extend(aliases.split(',').map(str::trim).filter(|a| !a.is_empty()).map(|a| (phrase(a), symbol.to_owned())));
    }
    names.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    names
});

/// The registry symbol of a folded one-word name, and what is known about it.
pub(crate) fn known(word: &str) -> Option<(&'static str, TokenFacts)> {
    REGISTRY.symbols.get(word).map(|(symbol, facts)| (symbol.as_str(), *facts))
}

/// What is known about a symbol; nothing about an unknown one.
pub fn facts(symbol: &str) -> TokenFacts {
    REGISTRY.symbols.get(&symbol.to_lowercase()).map(|(_, f)| *f).unwrap_or_default()
}

pub(crate) fn is_coin(word: &str) -> bool {
    known(word).is_some_and(|(_, f)| f.coin)
}

/// Symbols and chains that no field can carry: before the registry, after the chains.
pub(crate) fn find_foreign(scene: &mut Scene<'_>) {
    for i in 0..scene.words.len() {
        for (name, symbol) in FOREIGN.iter() {
            let Some(len) = phrase_at(scene.words, i, name) else {
                continue;
            };
            if !scene.are_free(i..i + len) {
                continue;
            }
            let written = scene.written(i..i + len);
            let upper = written == symbol.as_str();
            // Lower case and short, such as "near", "dot", "hype", "apt": only beside an amount or in capitals.
            let doubtful = matches!(
                symbol.as_str(),
                "NEAR"
                    | "DOT"
                    | "HYPE"
                    | "APT"
                    | "ATOM"
                    | "ICP"
                    | "S"
                    | "MODE"
                    | "BLAST"
                    | "TON"
                    | "ADA"
                    | "ABSTRACT"
                    | "RAY"
                    | "SCR"
                    | "ETC"
                    | "SUI"
                    | "CRO"
                    | "FIL"
                    | "GNOSIS"
                    | "LIGHTNING"
                    | "JUP"
                    | "WIF"
                    | "ZK"
                    | "VET"
                    | "ALGO"
                    | "RONIN"
                    | "SEI"
            ) && name.len() == 1
                && name.first().is_some_and(|n| n.eq_ignore_ascii_case(symbol));
            let cued = scene.before(i) == "$"
                || matches!(scene.shape(i.wrapping_sub(1)), Some(Shape::Number))
                || matches!(scene.before(i), "my" | "on" | "of" | "into" | "buy" | "sell");
            if doubtful && !upper && (!cued || english::is_common(scene.word(i)))
                || symbol == "S" && name.len() == 1
                || symbol == "SOL" && scene.languages.spanish && !upper && name.len() == 1 && !cued
            {
                continue;
            }
            scene.take(i..i + len, Kind::Foreign, symbol.clone(), Derivation::Canonical);
            break;
        }
    }
}

/// Symbols and names of the registry.
pub(crate) fn find_known(scene: &mut Scene<'_>) {
    for i in 0..scene.words.len() {
        if !scene.is_free(i) {
            continue;
        }
        if let Some((len, symbol)) = REGISTRY.names.iter().find_map(|(name, symbol)| Some((phrase_at(scene.words, i, name)?, symbol)))
            && scene.are_free(i..i + len)
        {
            scene.take(i..i + len, Kind::Token, symbol.clone(), Derivation::Canonical);
            continue;
        }
        let Some((symbol, facts)) = known(scene.word(i)) else {
            continue;
        };
        let written = scene.written(i..i + 1);
        let how = if written == symbol { Derivation::Typed } else { Derivation::Canonical };
        if !facts.word || written == symbol || spoken_of_as_asset(scene, i) {
            let with_dollar = scene.before(i) == "$" && scene.is_free(i - 1) && scene.glued(i);
            scene.take(if with_dollar { i - 1 } else { i }..i + 1, Kind::Token, symbol, how);
        }
    }
}

/// `$BNKR`, `500 hydx`, `HYDX`, `crvUSD`: tickers of any token. After the amounts.
pub(crate) fn find_tickers(scene: &mut Scene<'_>) {
    let letters: Vec<&str> =
        (0..scene.words.len()).filter(|&i| scene.shape(i) == Some(Shape::Letters)).map(|i| scene.written(i..i + 1)).collect();
    let shouting = letters.iter().filter(|w| w.len() > 3 && is_upper(w)).count() > 3
        && letters.iter().filter(|w| is_upper(w)).count() * 2 > letters.len();
    for i in 0..scene.words.len() {
        if !scene.is_free(i) || scene.shape(i) != Some(Shape::Letters) {
            continue;
        }
        let written = scene.written(i..i + 1);
        // `<A1>` typed by a person is text.
        let plausible = scene.before(i) != "\u{2039}"
            && written.is_ascii()
            && (2..=12).contains(&written.len())
            && written.chars().all(|c| c.is_ascii_alphanumeric());
        if !plausible {
            continue;
        }
        let cash = scene.before(i) == "$" && scene.is_free(i - 1) && scene.glued(i);
        // Who gets something is no ticker: "send 5 usdc to ZED", "let ZED use my dai".
        let party = gives(scene)
            && matches!(
                scene.before(i),
                "to" | "let" | "allow" | "permit" | "give" | "pay" | "from" | "for" | "an" | "para" | "à" | "a" | "ko"
            )
            || matches!(scene.word(i + 1), "'s");
        let capital = !party && !shouting && is_upper(written) && !NO_TICKER.contains(&written) && !english_abbreviation(written);
        let camel = written.chars().filter(char::is_ascii_uppercase).count() >= 2
            && written.chars().any(|c| c.is_ascii_lowercase())
            && written.len() >= 4
            && (written.ends_with("USD")
                || written.ends_with("ETH")
                || written.ends_with("BTC")
                || written.ends_with("LSD")
                || trades(scene) && written.len() <= 8);
        let beside = i > 0 && scene.kind_at(i - 1) == Some(Kind::Amount) && after_amount(scene, i);
        let traded = trades(scene)
            && !party
            && matches!(
                scene.before(i),
                "for" | "into" | "to" | "of" | "my" | "buy" | "sell" | "some" | "with" | "swap" | "dump" | "get" | "ape" | "trade"
            )
            && !english::is_common(scene.word(i))
            && written.len() >= 3
            && !titled(written);
        if cash || capital || camel || beside || traded {
            let symbol = written.to_uppercase();
            let how = if symbol == written { Derivation::Typed } else { Derivation::Canonical };
            scene.take(if cash { i - 1 } else { i }..i + 1, Kind::Token, symbol, how);
        }
    }
}

fn is_upper(word: &str) -> bool {
    word.len() >= 2 && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) && word.chars().any(|c| c.is_ascii_uppercase())
}

fn titled(word: &str) -> bool {
    word.chars().next().is_some_and(|c| c.is_ascii_uppercase()) && word.chars().skip(1).all(|c| c.is_ascii_lowercase())
}

/// Capital letters that are no ticker.
const NO_TICKER: &[&str] = &[
    "OK", "USD", "EUR", "GBP", "INR", "NFT", "NFTS", "DCA", "TP", "SL", "TWAP", "PIN", "URL", "API", "AI", "LLM", "UI", "UX", "QR", "ID",
    "TX", "TXS", "TXN", "DEX", "CEX", "DAO", "DEFI", "APY", "APR", "APYS", "LP", "ROI", "PNL", "ATH", "ATL", "AM", "PM", "US", "UK", "EU",
    "IMO", "LOL", "PLS", "PLZ", "ASAP", "FYI", "ETA", "FAQ", "CSV", "PDF", "JSON", "HTTP", "HTTPS", "X402", "ERC", "EIP", "EOA", "RPC",
    "EVM", "L1", "L2", "PLEASE", "THE", "MY", "ALL", "NOW", "NOT", "AND", "TO", "FROM", "FOR", "SEND", "SWAP", "BUY", "SELL", "STOP",
    "CONFIRM", "YES", "NO", "IN", "ON", "OF", "IT", "IS", "IF", "ME", "BRIDGE", "MAX", "SYSTEM", "USER", "ADMIN", "NOTE", "MEMO", "TODO",
    "DEV", "BTW", "THX", "WTF", "OMG", "TLDR", "MEV", "TVL", "FDV", "RSI", "MACD", "EMA", "OTC", "KYC", "AML", "IRS", "CEO", "ICO", "IDO",
    "AMM", "IOU", "DM", "PM", "SMS", "VPN", "ATM", "ACH", "IBAN", "SEPA", "JP", "HSBC", "ING", "N26", "TD", "BBVA", "DKB", "SBI", "HDFC",
    "ICICI", "OCR", "SEO", "SQL", "HTML", "CSS", "PHP", "OPENAI", "GPT", "ASCII", "UTF", "EN", "FR", "DE", "ES", "PT", "ZH", "WILL", "DO",
    "ANY", "WITHOUT", "IGNORE", "RULES", "ONLY", "ALWAYS", "NEVER", "EVERY", "MORE", "THAN", "LESS", "AT", "BY", "AS", "OR", "BE", "WE",
    "UP", "OFF", "OUT", "CLAIM", "REWARD", "AIRDROP", "APPROVE", "TRANSFER", "URGENT", "GAS", "WALLET", "BALANCE", "PRICE", "HELP", "LOCK",
    "WHEN", "WHAT", "WHY", "HOW", "WHO", "THIS", "THAT", "ONE", "TWO", "MOM", "DAD", "INTO", "WITH", "PAY", "GET", "CAN", "ARE", "HAS",
    "HAVE", "WAS", "CARL", "CANCEL", "REVOKE", "ETF", "CPI", "FOMC", "FED", "NYC", "LA", "TV", "PS", "TBH", "IDK", "IIRC", "ISO", "HODL",
    "FOMO", "FUD", "GM", "GN", "WAGMI", "NGMI", "RUG",
];

fn english_abbreviation(word: &str) -> bool {
    word.len() > 5 && english::is_common(&word.to_lowercase())
}

/// Nouns that are counted and are no asset.
fn after_amount(scene: &Scene<'_>, i: usize) -> bool {
    let word = scene.word(i);
    let number =
        scene.found.iter().any(|f| f.kind == Kind::Amount && f.words.end == i && f.value.chars().all(|c| c.is_ascii_digit() || c == '.'));
    number
        && !english::is_common(word)
        && word.len() >= 2
        && !titled(scene.written(i..i + 1))
        && !(scene.languages.comma_decimal() || scene.languages.hinglish)
        || scene.glued(i) && word.len() >= 3 && !english::is_common(word)
}

fn trades(scene: &Scene<'_>) -> bool {
    scene.says(&[
        "swap", "buy", "sell", "trade", "convert", "exchange", "price", "dump", "ape", "swapping", "buying", "selling", "purchase",
        "worth", "balance", "dca",
    ])
}

fn gives(scene: &Scene<'_>) -> bool {
    !trades(scene)
        || scene.says(&["send", "pay", "transfer", "give", "wire", "approve", "allow", "let", "allowance", "revoke", "sending", "paying"])
            && !scene.says(&["swap", "trade", "convert", "exchange"])
}

/// Whether an English word is meant as an asset here: `2 link`, `my link`, `sell link`, `link balance`.
fn spoken_of_as_asset(scene: &Scene<'_>, i: usize) -> bool {
    let before = scene.before(i);
    let next = scene.word(i + 1);
    let amount = i > 0 && (matches!(scene.kind_at(i - 1), Some(Kind::Amount)) || matches!(scene.shape(i - 1), Some(Shape::Number)));
    let bought = scene.says(&[
        "buy",
        "sell",
        "swap",
        "trade",
        "convert",
        "exchange",
        "price",
        "dump",
        "send",
        "dca",
        "bridge",
        "below",
        "under",
        "above",
        "drop",
        "drops",
        "hits",
        "worth",
        "approve",
        "allowance",
        "balance",
        "becomes",
        "$",
    ]);
    amount
        || scene.languages.other()
        || scene.words.len() <= 3
        || matches!(before, "is") && scene.says(&["much", "price", "worth"])
        || before == "a" && i > 1 && scene.word(i - 2) == "is" && scene.says(&["much"])
        || matches!(before, "my" | "sell" | "buy" | "dump" | "swap") && !matches!(next, "to" | "wallet" | "address" | "a")
        || bought
            && (matches!(
                before,
                "of" | "into" | "in" | "for" | "to" | "becomes" | "with" | "some" | "all" | "spend" | "" | "when" | "if" | ":"
            ) || matches!(
                next,
                "balance" | "price" | "tokens" | "token" | "coins" | "below" | "under" | "above" | "drop" | "drops" | "hits" | "/"
            ))
        || matches!(next, "balance" | "price" | "tokens" | "token")
        || scene.word(i) == "dai" && !scene.languages.portuguese
}
