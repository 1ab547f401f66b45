//! Who: contacts, lenders, and known venues by name.

use std::sync::LazyLock;

use super::{Scene, english};
use crate::entity::{Derivation, Kind};
use crate::text::{Shape, phrase, phrase_at};

/// A typed name that fits more than one contact, or only a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// Byte offsets in the message.
    pub span: std::ops::Range<usize>,
    /// The contacts that fit.
    pub contacts: Vec<String>,
}

/// Finds contacts, longest match first; returns the names that don't settle on one.
pub(crate) fn find_contacts(scene: &mut Scene<'_>, contacts: &[String]) -> Vec<Fit> {
    let mut book: Vec<(Vec<String>, &String)> = contacts.iter().map(|c| (phrase(c), c)).filter(|(words, _)| !words.is_empty()).collect();
    book.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    let mut doubts = Vec::new();
    for i in 0..scene.words.len() {
        let fits: Vec<(usize, &String)> = book
            .iter()
            .filter_map(|(words, name)| Some((phrase_at(scene.words, i, words)?, *name)))
            .filter(|(len, _)| scene.are_free(i..i + len))
            .collect();
        let Some(&(len, name)) = fits.first() else {
            continue;
        };
        if len == 1 && !meant_as_person(scene, i, name) {
            continue;
        }
        let same: Vec<&String> = fits.iter().filter(|(l, _)| *l == len).map(|(_, n)| *n).collect();
        let typed = scene.written(i..i + len);
        if let [_, _, ..] = same.as_slice() {
            if let Some(exact) = same.iter().find(|n| n.as_str() == typed) {
                scene.take(i..i + len, Kind::Contact, (*exact).clone(), Derivation::Typed);
                continue;
            }
            doubts.push(Fit { span: span(scene, i, len), contacts: same.into_iter().cloned().collect() });
            continue;
        }
        let how = if typed == name { Derivation::Typed } else { Derivation::AddressBook };
        scene.take(i..i + len, Kind::Contact, name.clone(), how);
    }
    // "alex" where the book has Alex Kim: near, but not what was typed.
    for i in 0..scene.words.len() {
        if !scene.is_free(i) || !matches!(scene.shape(i), Some(Shape::Letters)) || !meant_as_person(scene, i, scene.written(i..i + 1)) {
            continue;
        }
        let near: Vec<String> = book
            .iter()
            .filter(|(words, _)| words.len() > 1 && words.iter().any(|w| *w == scene.word(i)))
            .map(|(_, n)| (*n).clone())
            .collect();
        let named = near.iter().any(|n| scene.found.iter().any(|f| f.kind == Kind::Contact && f.value == *n));
        if !near.is_empty() && !named && !english::is_common(scene.word(i)) {
            doubts.push(Fit { span: span(scene, i, 1), contacts: near });
        }
    }
    doubts
}

fn span(scene: &Scene<'_>, i: usize, len: usize) -> std::ops::Range<usize> {
    let start = scene.words.get(i).map_or(0, |w| w.span.start);
    let end = scene.words.get(i + len - 1).map_or(start, |w| w.span.end);
    start..end
}

/// Words that name people wherever they stand, and words that name an own account where no "my" makes them a description.
const KIN: &[&str] = &[
    "mom",
    "mum",
    "mommy",
    "mama",
    "dad",
    "daddy",
    "papa",
    "mother",
    "father",
    "grandma",
    "grandpa",
    "granny",
    "sister",
    "sis",
    "brother",
    "aunt",
    "auntie",
    "uncle",
    "cousin",
    "wife",
    "husband",
    "hubby",
    "son",
    "daughter",
    "landlord",
    "landlady",
    "roommate",
    "boss",
    "nanny",
    "babysitter",
    "tutor",
    "plumber",
    "dentist",
    "barber",
    "abuela",
    "oma",
    "opa",
    "maman",
    "mamá",
    "papá",
    "mãe",
    "pai",
    "didi",
    "bhaiya",
];
const PURSES: &[&str] = &["savings", "vault", "ledger", "office", "treasury", "payroll", "gym", "bakery", "shop", "studio", "escrow"];

/// Names that are words too ("will", "max", "link") need a capital letter or a place where a person stands.
fn meant_as_person(scene: &Scene<'_>, i: usize, name: &str) -> bool {
    let word = scene.word(i);
    if KIN.contains(&word) || PURSES.contains(&word) && !matches!(scene.before(i), "my" | "the" | "our" | "a") {
        return true;
    }
    let doubtful =
        english::is_common(word) || super::token::known(word).is_some() || matches!(word, "max" | "base" | "half" | "may" | "all");
    if !doubtful {
        return true;
    }
    let typed = scene.written(i..i + 1);
    let placed = matches!(
        scene.before(i),
        "to" | "for"
            | "my"
            | "give"
            | "pay"
            | "send"
            | "with"
            | "and"
            | ","
            | "a"
            | "para"
            | "an"
            | "à"
            | "ko"
            | "给"
            | "tell"
            | "from"
            | "forget"
            | "remove"
            | "delete"
            | "wire"
            | "tip"
            | "shoot"
            | "bung"
            | "owe"
            | "lend"
            | "contact"
            | "transfer"
            | "2"
    );
    if super::token::known(word).is_some() || matches!(word, "max" | "base" | "half" | "all") {
        let given = scene.before(i) == "to"
            && (i.saturating_sub(6)..i).any(|k| matches!(scene.word(k), "send" | "give" | "pay" | "transfer" | "forward" | "wire"));
        return given
            || matches!(scene.before(i), "to" | "pay" | "tip" | "give" | "for" | "ko" | "给")
                && !scene.says(&["swap", "buy", "sell", "bridge", "convert", "trade", "exchange"]);
    }
    placed || typed == name && typed.chars().next().is_some_and(char::is_uppercase) && i > 0
}

/// Lenders of the list, where they are not contacts.
pub(crate) fn find_lenders(scene: &mut Scene<'_>, lenders: &[String]) {
    let mut list: Vec<(Vec<String>, &String)> = lenders.iter().map(|c| (phrase(c), c)).filter(|(words, _)| !words.is_empty()).collect();
    list.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    for i in 0..scene.words.len() {
        for (words, name) in &list {
            if let Some(len) = phrase_at(scene.words, i, words)
                && scene.are_free(i..i + len)
            {
                let how = if scene.written(i..i + len) == name.as_str() { Derivation::Typed } else { Derivation::AddressBook };
                scene.take(i..i + len, Kind::Lender, (*name).clone(), how);
                break;
            }
        }
    }
}

static PROTOCOLS: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let mut names: Vec<Vec<String>> =
        include_str!("../../data/protocols.txt").lines().filter(|l| !l.trim().is_empty()).map(phrase).collect();
    names.sort_by_key(|words| std::cmp::Reverse(words.len()));
    names
});

/// Venues that are a token too, and venues that are words.
const TOKEN_TOO: &[&str] = &["aave", "gmx", "pendle", "1inch", "morpho", "blur"];
const WORD_TOO: &[&str] = &[
    "compound", "spark", "across", "hop", "relay", "socket", "maker", "matcha", "jumper", "safe", "curve", "balancer", "dodo", "convex",
    "blur",
];

pub(crate) fn find_protocols(scene: &mut Scene<'_>) {
    let spending = scene.says(&[
        "approve",
        "allow",
        "allowance",
        "revoke",
        "approval",
        "permit",
        "spend",
        "spender",
        "let",
        "stop",
        "touching",
        "touch",
        "access",
        "permission",
        "unlimited",
        "authorize",
        "authorise",
        "limit",
    ]);
    for i in 0..scene.words.len() {
        for name in PROTOCOLS.iter() {
            let Some(len) = phrase_at(scene.words, i, name) else {
                continue;
            };
            if !scene.are_free(i..i + len) {
                continue;
            }
            let word = scene.word(i);
            let placed = matches!(
                scene.before(i),
                "on" | "via"
                    | "through"
                    | "using"
                    | "with"
                    | "at"
                    | "let"
                    | "allow"
                    | "approve"
                    | "stop"
                    | "from"
                    | "by"
                    | "use"
                    | "for"
                    | "revoke"
                    | "en"
                    | "auf"
                    | "sur"
                    | "permit"
                    | "to"
            );
            let plain = scene.before(i) != "my" && !matches!(scene.shape(i.wrapping_sub(1)), Some(Shape::Number));
            let word = if word == "1" { "1inch" } else { word };
            if TOKEN_TOO.contains(&word) && !(placed && spending && plain) && !matches!(scene.before(i), "on" | "via" | "through" | "using")
            {
                continue;
            }
            // "take profit on aave" trades it.
            if TOKEN_TOO.contains(&word) && scene.says(&["profit", "loss"]) {
                continue;
            }
            if len == 1 && WORD_TOO.contains(&word) && !(placed || spending) {
                continue;
            }
            scene.take(i..i + len, Kind::Protocol, scene.written(i..i + len), Derivation::Typed);
            break;
        }
    }
}
