//! Links, ENS names, handles, and numbers that name an agent or an automation.

use super::{Scene, token};
use crate::entity::{Derivation, Kind};
use crate::text::Shape;

pub(crate) fn find(scene: &mut Scene<'_>) {
    for i in 0..scene.words.len() {
        let written = scene.written(i..i + 1);
        match scene.shape(i) {
            Some(Shape::Url) => scene.take(i..i + 1, Kind::Url, written, Derivation::Typed),
            Some(Shape::Ens) => {
                let name = written.to_lowercase();
                let how = if name == written { Derivation::Typed } else { Derivation::Canonical };
                scene.take(i..i + 1, Kind::Ens, name, how);
            }
            Some(Shape::Handle) => scene.take(i..i + 1, Kind::Handle, written, Derivation::Typed),
            Some(Shape::Number) => numbered(scene, i),
            _ => {}
        }
    }
}

const AGENT: &[&str] = &["agent", "agente", "agents", "bot"];
const AUTOMATION: &[&str] =
    &["schedule", "automation", "order", "dca", "job", "recurring", "rule", "task", "trigger", "programación", "orden", "auftrag"];

/// `agent 44`, `agent #44`, `agent id 44`, `automation no. 3`.
fn numbered(scene: &mut Scene<'_>, i: usize) {
    let written = scene.written(i..i + 1);
    if !written.chars().all(|c| c.is_ascii_digit()) {
        return;
    }
    let mut k = i;
    let mut marked = false;
    while k > 0 && matches!(scene.word(k - 1), "#" | "id" | "no" | "." | "number" | "nr" | "num" | ":") && i - k < 3 {
        marked |= scene.word(k - 1) != ".";
        k -= 1;
    }
    let Some(noun) = k.checked_sub(1).map(|n| scene.word(n)) else {
        return;
    };
    let kind = if AGENT.contains(&noun) {
        Kind::Agent
    } else if AUTOMATION.contains(&noun) && (marked || matches!(noun, "schedule" | "automation")) {
        Kind::Automation
    } else {
        // `#1234` elsewhere is a number of something, never an amount.
        if scene.before(i) == "#" {
            scene.hide(i..i + 1);
        }
        return;
    };
    // "schedule 90 usdc" is an amount.
    if kind == Kind::Automation
        && !marked
        && (token::known(scene.word(i + 1)).is_some() || matches!(scene.word(i + 1), "bucks" | "dollars" | "%" | "k" | "percent"))
    {
        return;
    }
    scene.take(i..i + 1, kind, written, Derivation::Typed);
}
