//! How often: `day`, `friday`, `5th`, `6h`. What no field can carry ("every other week") becomes `<R1>`.

use super::{Scene, numbers};
use crate::entity::{Derivation, Kind};
use crate::text::Shape;

const WEEKDAYS: &[(&[&str], &str)] = &[
    (&["monday", "mondays", "mon", "lunes", "montag", "montags", "lundi", "lundis", "segunda", "somvar", "somwar"], "monday"),
    (&["tuesday", "tuesdays", "tue", "tues", "martes", "dienstag", "dienstags", "mardi", "mardis", "terça", "mangalvar"], "tuesday"),
    (
        &[
            "wednesday",
            "wednesdays",
            "wed",
            "weds",
            "miércoles",
            "miercoles",
            "mittwoch",
            "mittwochs",
            "mercredi",
            "mercredis",
            "quarta",
            "budhvar",
        ],
        "wednesday",
    ),
    (
        &["thursday", "thursdays", "thu", "thur", "thurs", "jueves", "donnerstag", "donnerstags", "jeudi", "jeudis", "quinta", "guruvar"],
        "thursday",
    ),
    (&["friday", "fridays", "fri", "viernes", "freitag", "freitags", "vendredi", "vendredis", "sexta", "shukravar", "shukrawar"], "friday"),
    (&["saturday", "saturdays", "sat", "sábado", "sábados", "sabado", "samstag", "samstags", "samedi", "samedis", "shanivar"], "saturday"),
    (&["sunday", "sundays", "sun", "domingo", "domingos", "sonntag", "sonntags", "dimanche", "dimanches", "ravivar"], "sunday"),
];
const UNITS: &[(&[&str], &str)] = &[
    (
        &[
            "day", "morning", "evening", "night", "día", "dia", "días", "dias", "tag", "jour", "jours", "din", "roz", "matin", "noche",
            "morgen", "abend", "noite", "manhã", "mañana",
        ],
        "day",
    ),
    (&["week", "semana", "semanas", "woche", "semaine", "semaines", "hafte", "hafta", "wk"], "week"),
    (&["month", "mes", "meses", "monat", "mois", "mês", "mahine", "mahina"], "month"),
    (&["hour", "hora", "horas", "stunde", "heure", "heures", "ghante", "hr"], "1h"),
];
const SINGLE: &[(&str, &str)] = &[
    ("daily", "day"),
    ("nightly", "day"),
    ("everyday", "day"),
    ("weekly", "week"),
    ("monthly", "month"),
    ("hourly", "1h"),
    ("täglich", "day"),
    ("taeglich", "day"),
    ("wöchentlich", "week"),
    ("monatlich", "month"),
    ("stündlich", "1h"),
    ("diariamente", "day"),
    ("semanalmente", "week"),
    ("mensualmente", "month"),
    ("mensalmente", "month"),
    ("quotidiennement", "day"),
    ("hebdomadairement", "week"),
    ("mensuellement", "month"),
    ("roz", "day"),
];

pub(crate) fn find(scene: &mut Scene<'_>) {
    let mut i = 0;
    while i < scene.words.len() {
        match read(scene, i) {
            Some((Some(value), end)) if scene.are_free(i..end) => {
                scene.take(i..end, Kind::Every, value, Derivation::Canonical);
                i = end;
            }
            Some((None, end)) if scene.are_free(i..end) => {
                let written = scene.written(i..end);
                scene.take(i..end, Kind::Relative, written, Derivation::Typed);
                i = end;
            }
            _ => i += 1,
        }
    }
}

/// A recurrence at `i`: its value where a field can carry it, and the word after it.
fn read(scene: &Scene<'_>, i: usize) -> Option<(Option<String>, usize)> {
    chinese(scene, i)
        .or_else(|| led(scene, i))
        .or_else(|| day_of_month(scene, i, false))
        .or_else(|| plural(scene, i))
        .or_else(|| single(scene, i))
}

fn weekday(word: &str) -> Option<&'static str> {
    WEEKDAYS.iter().find(|(names, _)| names.contains(&word)).map(|(_, id)| *id)
}

fn unit(word: &str) -> Option<&'static str> {
    UNITS.iter().find(|(names, _)| names.contains(&word)).map(|(_, id)| *id)
}

/// `every friday`, `each month on the 5th`, `cada viernes`, `every 6 hours`.
fn led(scene: &Scene<'_>, i: usize) -> Option<(Option<String>, usize)> {
    let start = match scene.word(i) {
        "every" | "each" | "evry" | "ev" | "cada" | "jeden" | "jede" | "jedes" | "chaque" | "har" => i + 1,
        "tous" if scene.word(i + 1) == "les" => i + 2,
        "toutes" if scene.word(i + 1) == "les" => i + 2,
        "todos" if matches!(scene.word(i + 1), "los" | "os") => i + 2,
        "todas" if matches!(scene.word(i + 1), "las" | "as") => i + 2,
        "todo" | "toda" if weekday(scene.word(i + 1)).is_some() || unit(scene.word(i + 1)).is_some() => i + 1,
        "per" if weekday(scene.word(i + 1)).is_some() => i + 1,
        "once" if matches!(scene.word(i + 1), "a" | "per" | "every" | "each") => i + 2,
        _ => return None,
    };
    let start = if matches!(scene.word(start), "single" | "and" | "damn") { start + 1 } else { start };
    let word = scene.word(start);
    if matches!(
        word,
        "other"
            | "second"
            | "third"
            | "few"
            | "couple"
            | "weekday"
            | "weekdays"
            | "weekend"
            | "weekends"
            | "quarter"
            | "year"
            | "fortnight"
            | "minute"
            | "half"
            | "año"
            | "jahr"
            | "an"
    ) {
        let end = if matches!(word, "other" | "second" | "third" | "few" | "couple" | "half") { start + 2 } else { start + 1 };
        return Some((None, end.min(scene.words.len())));
    }
    if let Some(day) = weekday(word) {
        if scene.word(start + 1) == "and" && weekday(scene.word(start + 2)).is_some() {
            return Some((None, start + 3));
        }
        return Some((Some(day.to_owned()), start + 1));
    }
    if let Some(value) = day_of_month(scene, start, true) {
        return Some(value);
    }
    if let Some(unit) = unit(word) {
        if unit == "month"
            && let Some((Some(day), end)) = month_tail(scene, start + 1)
        {
            return Some((Some(day), end));
        }
        if unit == "week"
            && scene.word(start + 1) == "on"
            && let Some(day) = weekday(scene.word(start + 2))
        {
            return Some((Some(day.to_owned()), start + 3));
        }
        return Some((Some(unit.to_owned()), start + 1));
    }
    // every 6 hours, every 2h, every 3 days
    let (n, k) = match scene.word(start).parse::<u32>() {
        Ok(n) => (n, start + 1),
        Err(_) => {
            let (n, end) = numbers::at(scene, start)?;
            (n.parse().ok()?, end)
        }
    };
    match scene.word(k) {
        "h" | "hr" | "hrs" | "hour" | "hours" | "hourly" | "horas" | "stunden" | "heures" | "ghante" if (1..=168).contains(&n) => {
            Some((Some(format!("{n}h")), k + 1))
        }
        "day" | "days" | "días" | "dias" | "tage" | "jours" if n == 1 => Some((Some("day".to_owned()), k + 1)),
        "day" | "days" | "week" | "weeks" | "month" | "months" | "minutes" | "mins" | "min" | "seconds" | "días" | "dias" | "tage"
        | "jours" | "semanas" | "d" => Some((None, k + 1)),
        _ => None,
    }
}

/// After "every month": `on the 5th`, `ki 5 tareekh`, `am 5.`.
fn month_tail(scene: &Scene<'_>, from: usize) -> Option<(Option<String>, usize)> {
    let mut k = from;
    while matches!(scene.word(k), "on" | "the" | "ki" | "ke" | "am" | "el" | "le" | "día" | "dia" | "no" | ",") && k < from + 3 {
        k += 1;
    }
    let (day, end) = ordinal(scene, k)?;
    Some((Some(day), end))
}

/// `5th`, `first`, `5 tareekh`.
fn ordinal(scene: &Scene<'_>, i: usize) -> Option<(String, usize)> {
    const WORDS: &[(&str, u8)] = &[
        ("first", 1),
        ("second", 2),
        ("third", 3),
        ("fifth", 5),
        ("tenth", 10),
        ("fifteenth", 15),
        ("twentieth", 20),
        ("primero", 1),
        ("premier", 1),
        ("ersten", 1),
        ("1er", 1),
    ];
    if let Some((_, n)) = WORDS.iter().find(|(w, _)| scene.word(i) == *w) {
        return Some((nth(*n), i + 1));
    }
    let n: u8 = scene.word(i).parse().ok().filter(|n| (1..=31).contains(n))?;
    let tail = scene.word(i + 1);
    let marked = scene.glued(i + 1) && matches!(tail, "st" | "nd" | "rd" | "th" | "º" | "." | "er")
        || matches!(tail, "tareekh" | "tarikh" | "taarikh");
    Some((nth(n), if marked { i + 2 } else { i + 1 })).filter(|_| scene.shape(i) == Some(Shape::Number) && marked)
}

fn nth(n: u8) -> String {
    let suffix = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}

/// `on the 1st of every month`, `5th of the month`, `monthly on the 15th`, `el día 5 de cada mes`.
fn day_of_month(scene: &Scene<'_>, i: usize, after_every: bool) -> Option<(Option<String>, usize)> {
    if scene.word(i) == "monthly" {
        let mut k = i + 1;
        while matches!(scene.word(k), "on" | "the" | ",") && k < i + 4 {
            k += 1;
        }
        let (day, end) = ordinal(scene, k)?;
        return Some((Some(day), end));
    }
    if matches!(scene.word(i), "día" | "dia") {
        let n: u8 = scene.word(i + 1).parse().ok().filter(|n| (1..=31).contains(n))?;
        let tail = scene.word(i + 2) == "de" && matches!(scene.word(i + 3), "cada" | "todo") && matches!(scene.word(i + 4), "mes" | "mês");
        return tail.then(|| (Some(nth(n)), i + 5));
    }
    let (day, end) = ordinal(scene, i)?;
    let mut k = end;
    if matches!(scene.word(k), "day") {
        k += 1;
    }
    if matches!(scene.word(k), "of" | "de" | "du" | "des" | "jeden") {
        let mut m = k + 1;
        while matches!(scene.word(m), "the" | "every" | "each" | "cada" | "chaque" | "a" | "le") {
            m += 1;
        }
        if unit(scene.word(m)) == Some("month") {
            return Some((Some(day), m + 1));
        }
    }
    if matches!(scene.word(k), "monthly") || matches!(scene.word(k), "every" | "each") && scene.word(k + 1) == "month" {
        return Some((Some(day), k + if scene.word(k) == "monthly" { 1 } else { 2 }));
    }
    // "every 15th"
    (after_every && scene.word(i) != "second" && scene.word(i) != "third").then_some((Some(day), end))
}

/// `fridays`, `saturday mornings`.
fn plural(scene: &Scene<'_>, i: usize) -> Option<(Option<String>, usize)> {
    let day = weekday(scene.word(i))?;
    let word = scene.word(i);
    if matches!(
        word,
        "mondays"
            | "tuesdays"
            | "wednesdays"
            | "thursdays"
            | "fridays"
            | "saturdays"
            | "sundays"
            | "montags"
            | "dienstags"
            | "mittwochs"
            | "donnerstags"
            | "freitags"
            | "samstags"
            | "sonntags"
    ) {
        return Some((Some(day.to_owned()), i + 1));
    }
    matches!(scene.word(i + 1), "mornings" | "evenings" | "nights" | "afternoons" | "weekly")
        .then(|| (Some(day.to_owned()), i + if scene.word(i + 1) == "weekly" { 2 } else { 1 }))
}

/// `daily`, but not the daily limit.
fn single(scene: &Scene<'_>, i: usize) -> Option<(Option<String>, usize)> {
    if matches!(scene.word(i), "biweekly" | "fortnightly" | "quarterly" | "yearly" | "annually" | "weekdays" | "weekends" | "bimonthly") {
        return Some((None, i + 1));
    }
    let (_, value) = SINGLE.iter().find(|(word, _)| scene.word(i) == *word)?;
    let about_rules = (i + 1..i + 3).any(|k| {
        matches!(
            scene.word(k),
            "limit"
                | "limits"
                | "cap"
                | "max"
                | "maximum"
                | "spend"
                | "spending"
                | "budget"
                | "total"
                | "report"
                | "summary"
                | "allowance"
                | "ceiling"
                | "chart"
                | "volume"
                | "spendings"
        )
    });
    let name = scene.word(i) == "roz" && !scene.languages.hinglish;
    (!about_rules && !name).then(|| (Some((*value).to_owned()), i + 1))
}

/// `每天`, `每周五`, `每个月5号`, `每小时`.
fn chinese(scene: &Scene<'_>, i: usize) -> Option<(Option<String>, usize)> {
    if scene.word(i) != "每" {
        return None;
    }
    let mut k = i + 1;
    if scene.word(k) == "个" {
        k += 1;
    }
    match (scene.word(k), scene.word(k + 1)) {
        ("天" | "日", _) => Some((Some("day".to_owned()), k + 1)),
        ("小", "时") => Some((Some("1h".to_owned()), k + 2)),
        ("月", _) => {
            let n: Option<u8> = scene.word(k + 1).parse().ok().filter(|n| (1..=31).contains(n) && matches!(scene.word(k + 2), "号" | "日"));
            Some(n.map_or((Some("month".to_owned()), k + 1), |n| (Some(nth(n)), k + 3)))
        }
        ("周" | "星" | "礼", _) => {
            let k = if scene.word(k) == "周" { k + 1 } else { k + 2 };
            let day = ["一", "二", "三", "四", "五", "六", "日"]
                .iter()
                .position(|d| scene.word(k) == *d)
                .or((scene.word(k) == "天").then_some(6));
            Some(match day.and_then(|d| WEEKDAYS.get(d)) {
                Some((_, id)) => (Some((*id).to_owned()), k + 1),
                None => (Some("week".to_owned()), k),
            })
        }
        _ => None,
    }
}
