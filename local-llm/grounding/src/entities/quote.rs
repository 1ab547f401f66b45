//! Quoted text: one slot, whatever it says, so that what others wrote never reaches the model as words.

use super::Scene;
use crate::entity::{Derivation, Kind};

/// Runs last. A short quotation that is nothing but entities (`"Alice"`) stays transparent.
pub(crate) fn find(scene: &mut Scene<'_>) {
    let mut i = 0;
    while i < scene.words.len() {
        match closing(scene, i) {
            Some(close) => {
                settle(scene, i, close);
                i = close + 1;
            }
            None => i += 1,
        }
    }
}

fn closing(scene: &Scene<'_>, open: usize) -> Option<usize> {
    let mark = scene.word(open);
    let alnum_before = scene.text[..scene.words[open].span.start].chars().next_back().is_some_and(char::is_alphanumeric);
    match mark {
        "\"" => (open + 1..scene.words.len()).find(|&k| scene.word(k) == "\""),
        "'" if !alnum_before && scene.glued(open + 1) => (open + 1..scene.words.len()).find(|&k| {
            scene.word(k) == "'"
                && scene.glued(k)
                && !scene.text[scene.words[k].span.end..].chars().next().is_some_and(char::is_alphanumeric)
        }),
        _ => None,
    }
}

fn settle(scene: &mut Scene<'_>, open: usize, close: usize) {
    let inside = open + 1..close;
    if inside.is_empty() {
        return;
    }
    let transparent = inside.len() <= 4 && inside.clone().all(|k| !scene.is_free(k) && scene.kind_at(k).is_some());
    if transparent {
        scene.hide(open..open + 1);
        scene.hide(close..close + 1);
        return;
    }
    let written = scene.written(inside).to_owned();
    scene.release_inside(open..close + 1);
    scene.take(open..close + 1, Kind::Quote, written, Derivation::Typed);
}
