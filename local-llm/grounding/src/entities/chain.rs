//! Chains by their everyday names, where they are meant as chains.

use super::Scene;
use crate::entity::{Derivation, Kind};
use crate::text::phrase_at;

/// Names that are always the chain.
const ALWAYS: &[(&[&str], &str)] = &[
    (&["ethereum", "mainnet"], "ethereum"),
    (&["eth", "mainnet"], "ethereum"),
    (&["ethereum", "main", "net"], "ethereum"),
    (&["mainnet"], "ethereum"),
    (&["layer", "1"], "ethereum"),
    (&["l1"], "ethereum"),
    (&["以", "太", "坊", "主", "网"], "ethereum"),
    (&["arbitrum", "one"], "arbitrum"),
    (&["arbitrum"], "arbitrum"),
    (&["arbi"], "arbitrum"),
    (&["op", "mainnet"], "optimism"),
    (&["optimism"], "optimism"),
    (&["polygon", "pos"], "polygon"),
    (&["polygon"], "polygon"),
    (&["base", "mainnet"], "base"),
    (&["sepolia"], "sepolia"),
];

/// Names that are also an asset or a word: only where they are used as a place.
const SOMETIMES: &[(&str, &str)] = &[
    ("ethereum", "ethereum"),
    ("eth", "ethereum"),
    ("ether", "ethereum"),
    ("bitcoin", "bitcoin"),
    ("btc", "bitcoin"),
    ("op", "optimism"),
    ("arb", "arbitrum"),
    ("matic", "polygon"),
    ("pol", "polygon"),
    ("base", "base"),
];

const ON: &[&str] =
    &["on", "over", "via", "onto", "en", "auf", "sur", "na", "no", "em", "在", "@", "through", "pe", "par", "using", "across"];
const TO: &[&str] = &[
    "to", "from", "into", "a", "nach", "von", "vers", "de", "para", "desde", "到", "从", "off", "and", "->", "›", "toward", "towards",
    "out", "between", "depuis", "=", "at",
];
const PLACE: &[&str] = &["network", "chain", "l2", "netz", "netzwerk", "red", "rede", "réseau", "blockchain", "side", "链", "net"];
const CARRY: &[&str] = &[
    "bridge", "bridging", "teleport", "puentea", "puentear", "brücke", "cross", "migrate", "port", "ponte", "跨", "桥", "move", "hop",
    "shift", "transfer", "bring", "get", "take", "push", "relocate", "beam",
];

/// `asked`: the pending intent is about a place, so that a bare "ethereum" answers it.
pub(crate) fn find(scene: &mut Scene<'_>, asked: bool) {
    for i in 0..scene.words.len() {
        for (name, id) in ALWAYS {
            let name: Vec<String> = name.iter().map(|w| (*w).to_owned()).collect();
            if let Some(len) = phrase_at(scene.words, i, &name)
                && scene.are_free(i..i + len)
            {
                let end = swallow(scene, i + len);
                take(scene, i, end, id);
                break;
            }
        }
    }
    let carried = scene.says(CARRY);
    // Twice: "from ethereum to base" is settled once one end is.
    for _ in 0..2 {
        for i in 0..scene.words.len() {
            let Some((name, id)) = SOMETIMES.iter().find(|(name, _)| scene.word(i) == *name).copied() else {
                continue;
            };
            if !scene.is_free(i) || scene.before(i) == "$" {
                continue;
            }
            let (before, next) = (scene.before(i), scene.word(i + 1));
            let other = scene.found.iter().any(|f| f.kind == Kind::Chain);
            let asset_like = matches!(name, "eth" | "ether" | "btc" | "op" | "arb" | "matic" | "pol");
            let placed = PLACE.contains(&next) || before == "chain" || before == "network";
            let spoken = match name {
                "base" => {
                    ends_a_trade(scene, i)
                        || scene.languages.other()
                        || before == "my" && scene.says(&["balance", "address", "wallet"])
                        || matches!(next, "address" | "adresse" | "wallet" | "side" | "please")
                        || matches!(before, "rede" | "red" | "netz" | "réseau")
                        || ON.contains(&before)
                        || TO.contains(&before)
                        || before == "the" && PLACE.contains(&next)
                        || matches!(before, "/" | "(" | ":" | ",") && scene.words.len() > 3
                        || matches!(before, ":")
                        || next == ":"
                        || before == "use"
                        || before == "switch"
                }
                "bitcoin" | "btc" => matches!(before, "on" | "over") && !matches!(next, "price"),
                _ if asset_like => {
                    asset_elsewhere(scene, i)
                        && matches!(before, "on" | "via" | "over")
                        && !scene.says(&["spend", "put", "blow", "bet"])
                        && !matches!(next, "balance" | "price" | "at" | "worth")
                        || other
                            && carried
                            && !converts(scene, i)
                            && matches!(before, "from" | "to")
                            && (matches!(scene.word(i + 1), "to" | "from" | "" | "." | "," | "please" | "pls") || scene.before(i) == "from")
                }
                _ => {
                    asked
                        || matches!(before, "on" | "over" | "via" | "por" | "über" | "sur" | "auf" | "en" | "na" | "em" | "在")
                        || next == "pe"
                        || other && matches!(before, "from" | "to" | "›" | "into" | "nach" | "von" | "a" | "desde" | "para" | "off")
                        || carried && before == "to"
                        || matches!(before, "use" | "switch")
                }
            };
            if placed || spoken {
                let end = swallow(scene, i + 1);
                take(scene, i, end, id);
            }
        }
    }
}

/// Something else than word `i` is the asset, or none is needed.
fn asset_elsewhere(scene: &Scene<'_>, i: usize) -> bool {
    (0..scene.words.len()).any(|k| k != i && super::token::known(scene.word(k)).is_some())
        || scene.says(&[
            "gas",
            "fee",
            "fees",
            "balance",
            "wallet",
            "address",
            "tokens",
            "holdings",
            "funds",
            "portfolio",
            "assets",
            "approvals",
            "history",
        ])
}

/// "swap 5 usdc eth base", "bridge 1 eth base to arbitrum": a place without a preposition.
fn ends_a_trade(scene: &Scene<'_>, i: usize) -> bool {
    let free = !matches!(scene.before(i), "the" | "a" | "my" | "your" | "our");
    let asset = (0..i).any(|k| super::token::known(scene.word(k)).is_some());
    free && asset && matches!(scene.word(i + 1), "" | "to" | "," | "." | "please" | "pls")
}

/// "convert it to matic" names an asset, whatever the rest of the message carries where.
fn converts(scene: &Scene<'_>, i: usize) -> bool {
    (i.saturating_sub(4)..i).any(|k| matches!(scene.word(k), "convert" | "swap" | "turn" | "exchange" | "change" | "trade"))
}

fn swallow(scene: &Scene<'_>, end: usize) -> usize {
    if matches!(scene.word(end), "network" | "chain" | "l2" | "mainnet" | "blockchain") && scene.is_free(end) { end + 1 } else { end }
}

fn take(scene: &mut Scene<'_>, start: usize, end: usize, id: &str) {
    let how = if scene.written(start..end) == id { Derivation::Typed } else { Derivation::Canonical };
    scene.take(start..end, Kind::Chain, id, how);
}
