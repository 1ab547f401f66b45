//! Times of day, as `HH:MM` of 24 hours.

use super::{Scene, numbers};
use crate::entity::{Derivation, Kind};
use crate::text::Shape;

pub(crate) fn find(scene: &mut Scene<'_>) {
    let recurs = scene.found.iter().any(|f| f.kind == Kind::Every);
    let late = scene.says(&[
        "evening",
        "evenings",
        "night",
        "nights",
        "afternoon",
        "afternoons",
        "noche",
        "tarde",
        "abend",
        "abends",
        "soir",
        "noite",
        "shaam",
    ]);
    let mut i = 0;
    while i < scene.words.len() {
        match read(scene, i, recurs, late) {
            Some((value, end)) if scene.are_free(i..end) => {
                let how = if scene.written(i..end) == value { Derivation::Typed } else { Derivation::Canonical };
                scene.take(i..end, Kind::Clock, value, how);
                i = end;
            }
            _ => i += 1,
        }
    }
}

fn read(scene: &Scene<'_>, i: usize, recurs: bool, late: bool) -> Option<(String, usize)> {
    let fixed = |hour: u32, minute: u32, end: usize| (hour < 24 && minute < 60).then(|| (format!("{hour:02}:{minute:02}"), end));
    match scene.word(i) {
        "noon" | "midday" | "mediodía" | "mediodia" | "mittags" | "midi" | "meio-dia" => {
            return fixed(12, 0, i + 1);
        }
        "midnight" | "medianoche" | "mitternacht" | "minuit" => return fixed(0, 0, i + 1),
        "正" | "中" if scene.word(i + 1) == "午" => return fixed(12, 0, i + 2),
        _ => {}
    }
    let led = matches!(scene.before(i), "at" | "@" | "um" | "à" | "às" | "las" | "vers" | "gegen" | "around" | "by" | "baje");
    let (hour, mut k) = match scene.word(i).parse::<u32>() {
        Ok(h) if scene.shape(i) == Some(Shape::Number) && scene.word(i).len() <= 2 => (h, i + 1),
        _ if led && recurs => {
            let (h, end) = numbers::at(scene, i)?;
            (h.parse().ok()?, end)
        }
        _ => return None,
    };
    let mut minute = 0;
    let mut certain = false;
    if matches!(scene.word(k), ":" | "h" | ".") && scene.glued(k) && scene.glued(k + 1) && scene.word(k + 1).len() == 2 {
        if let Ok(m) = scene.word(k + 1).parse::<u32>()
            && m < 60
        {
            minute = m;
            certain = scene.word(k) != ".";
            k += 2;
        }
    } else if scene.word(k) == "h" && scene.glued(k) && matches!(scene.before(i), "à" | "às" | "a" | "vers") {
        certain = true;
        k += 1;
    }
    let half = |h: u32, pm: bool| {
        if pm {
            if h == 12 { 12 } else { h + 12 }
        } else if h == 12 {
            0
        } else {
            h
        }
    };
    match scene.word(k) {
        "am" if hour <= 12 => return fixed(half(hour, false), minute, k + 1),
        "pm" if hour <= 12 => return fixed(half(hour, true), minute, k + 1),
        "a" | "p" if scene.word(k + 1) == "." && scene.word(k + 2) == "m" && hour <= 12 => {
            let end = if scene.word(k + 3) == "." { k + 4 } else { k + 3 };
            return fixed(half(hour, scene.word(k) == "p"), minute, end);
        }
        "o'clock" | "uhr" | "oclock" | "baje" | "heures" | "horas" => {
            certain = true;
            k += 1;
        }
        "点" => {
            certain = true;
            k += 1;
        }
        _ => {}
    }
    // "at 9" is a time only where something recurs, and "at 400" or "at 3 usdc" never is.
    let followed = super::token::known(scene.word(k)).is_some()
        || matches!(scene.word(k), "%" | "percent" | "$" | "bucks" | "dollars" | "cents" | "k" | "usd" | "each" | "h" | "x");
    if !(certain || led && recurs && !followed) || scene.before(i) == "$" {
        return None;
    }
    let hour = if late && (1..12).contains(&hour) { hour + 12 } else { hour };
    fixed(hour, minute, k)
}
