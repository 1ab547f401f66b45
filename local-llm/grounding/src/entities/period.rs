//! Spans of time in the past: `last_week`, `7d`, `2026-03`.

use std::sync::LazyLock;

use super::{Scene, numbers};
use crate::entity::{Derivation, Kind};
use crate::text::{Shape, phrase, phrase_at};

const PHRASES: &[(&str, &str)] = &[
    ("today", "today"),
    ("tonight", "today"),
    ("yesterday", "yesterday"),
    ("this week", "this_week"),
    ("current week", "this_week"),
    ("week to date", "this_week"),
    ("last week", "last_week"),
    ("previous week", "last_week"),
    ("the week before", "last_week"),
    ("this month", "this_month"),
    ("current month", "this_month"),
    ("month to date", "this_month"),
    ("last month", "last_month"),
    ("previous month", "last_month"),
    ("this year", "this_year"),
    ("year to date", "this_year"),
    ("ytd", "this_year"),
    ("current year", "this_year"),
    ("since the start of the month", "this_month"),
    ("since the beginning of the month", "this_month"),
    ("since the start of the week", "this_week"),
    ("since the start of the year", "this_year"),
    ("since the beginning of the year", "this_year"),
    ("past week", "7d"),
    ("past month", "30d"),
    ("hoy", "today"),
    ("ayer", "yesterday"),
    ("esta semana", "this_week"),
    ("la semana pasada", "last_week"),
    ("semana pasada", "last_week"),
    ("este mes", "this_month"),
    ("el mes pasado", "last_month"),
    ("mes pasado", "last_month"),
    ("este año", "this_year"),
    ("heute", "today"),
    ("gestern", "yesterday"),
    ("diese woche", "this_week"),
    ("letzte woche", "last_week"),
    ("diesen monat", "this_month"),
    ("letzten monat", "last_month"),
    ("dieses jahr", "this_year"),
    ("aujourd'hui", "today"),
    ("hier", "yesterday"),
    ("cette semaine", "this_week"),
    ("la semaine dernière", "last_week"),
    ("semaine dernière", "last_week"),
    ("ce mois - ci", "this_month"),
    ("ce mois", "this_month"),
    ("le mois dernier", "last_month"),
    ("mois dernier", "last_month"),
    ("cette année", "this_year"),
    ("hoje", "today"),
    ("ontem", "yesterday"),
    ("semana passada", "last_week"),
    ("este mês", "this_month"),
    ("esse mês", "this_month"),
    ("mês passado", "last_month"),
    ("este ano", "this_year"),
    ("aaj", "today"),
    ("is hafte", "this_week"),
    ("pichle hafte", "last_week"),
    ("is mahine", "this_month"),
    ("pichle mahine", "last_month"),
    ("is saal", "this_year"),
    ("今天", "today"),
    ("昨天", "yesterday"),
    ("本周", "this_week"),
    ("这周", "this_week"),
    ("这个星期", "this_week"),
    ("上周", "last_week"),
    ("上个星期", "last_week"),
    ("本月", "this_month"),
    ("这个月", "this_month"),
    ("上个月", "last_month"),
    ("上月", "last_month"),
    ("今年", "this_year"),
];

static TABLE: LazyLock<Vec<(Vec<String>, &str)>> = LazyLock::new(|| {
    let mut table: Vec<_> = PHRASES.iter().map(|(text, value)| (phrase(text), *value)).collect();
    table.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    table
});

const MONTHS: &[(&str, u8)] = &[
    ("january", 1),
    ("jan", 1),
    ("february", 2),
    ("feb", 2),
    ("march", 3),
    ("mar", 3),
    ("april", 4),
    ("apr", 4),
    ("may", 5),
    ("june", 6),
    ("jun", 6),
    ("july", 7),
    ("jul", 7),
    ("august", 8),
    ("aug", 8),
    ("september", 9),
    ("sep", 9),
    ("sept", 9),
    ("october", 10),
    ("oct", 10),
    ("november", 11),
    ("nov", 11),
    ("december", 12),
    ("dec", 12),
    ("enero", 1),
    ("febrero", 2),
    ("marzo", 3),
    ("abril", 4),
    ("mayo", 5),
    ("junio", 6),
    ("julio", 7),
    ("agosto", 8),
    ("septiembre", 9),
    ("octubre", 10),
    ("noviembre", 11),
    ("diciembre", 12),
    ("januar", 1),
    ("februar", 2),
    ("märz", 3),
    ("mai", 5),
    ("juni", 6),
    ("juli", 7),
    ("oktober", 10),
    ("dezember", 12),
    ("janvier", 1),
    ("février", 2),
    ("mars", 3),
    ("avril", 4),
    ("juin", 6),
    ("juillet", 7),
    ("août", 8),
    ("septembre", 9),
    ("octobre", 10),
    ("novembre", 11),
    ("décembre", 12),
    ("janeiro", 1),
    ("fevereiro", 2),
    ("março", 3),
    ("maio", 5),
    ("junho", 6),
    ("julho", 7),
    ("setembro", 9),
    ("outubro", 10),
    ("novembro", 11),
    ("dezembro", 12),
];

pub(crate) fn find(scene: &mut Scene<'_>) {
    let mut i = 0;
    while i < scene.words.len() {
        let read = month(scene, i).or_else(|| days(scene, i)).or_else(|| spoken(scene, i));
        match read {
            Some((value, end)) if scene.are_free(i..end) => {
                let how = if scene.written(i..end) == value { Derivation::Typed } else { Derivation::Canonical };
                scene.take(i..end, Kind::Period, value, how);
                i = end;
            }
            _ => i += 1,
        }
    }
}

fn spoken(scene: &Scene<'_>, i: usize) -> Option<(String, usize)> {
    TABLE.iter().find_map(|(words, value)| Some(((*value).to_owned(), i + phrase_at(scene.words, i, words)?)))
}

/// `2026-03`, `march 2026`, `03/2026`, `2026年3月`.
fn month(scene: &Scene<'_>, i: usize) -> Option<(String, usize)> {
    let year = |k: usize| scene.word(k).parse::<u16>().ok().filter(|y| scene.word(k).len() == 4 && (2015..=2100).contains(y));
    let two = |k: usize| scene.word(k).parse::<u8>().ok().filter(|m| (1..=12).contains(m) && scene.shape(k) == Some(Shape::Number));
    if let (Some(y), "-" | "/", Some(m)) = (year(i), scene.word(i + 1), two(i + 2)) {
        let whole = scene.glued(i + 1) && scene.glued(i + 2) && !(matches!(scene.word(i + 3), "-" | "/") && scene.glued(i + 3));
        return whole.then(|| (format!("{y}-{m:02}"), i + 3));
    }
    if let (Some(m), "/", Some(y)) = (two(i), scene.word(i + 1), year(i + 2)) {
        let whole = scene.before(i) != "/" && scene.glued(i + 1) && scene.glued(i + 2);
        return whole.then(|| (format!("{y}-{m:02}"), i + 3));
    }
    if let (Some(y), "年", Some(m), "月") = (year(i), scene.word(i + 1), two(i + 2), scene.word(i + 3)) {
        return Some((format!("{y}-{m:02}"), i + 4));
    }
    let m = MONTHS.iter().find(|(name, _)| scene.word(i) == *name)?.1;
    let k = if matches!(scene.word(i + 1), "of" | "de" | "'" | ",") { i + 2 } else { i + 1 };
    // "5 march 2026" is a day, which no period can say.
    (scene.shape(i.wrapping_sub(1)) != Some(Shape::Number)).then_some(())?;
    Some((format!("{}-{m:02}", year(k)?), k + 1))
}

/// `last 7 days`, `past seven days`, `last two weeks`, `los últimos 7 días`.
fn days(scene: &Scene<'_>, i: usize) -> Option<(String, usize)> {
    let led = matches!(
        scene.word(i),
        "last"
            | "past"
            | "previous"
            | "trailing"
            | "recent"
            | "últimos"
            | "ultimos"
            | "últimas"
            | "letzten"
            | "derniers"
            | "dernières"
            | "pichle"
            | "过去"
            | "最近"
    );
    let han = matches!(scene.word(i), "过" | "最") && matches!(scene.word(i + 1), "去" | "近");
    if !led && !han {
        // "7d" alone
        let n: u32 = scene.word(i).parse().ok().filter(|n| (1..=366).contains(n))?;
        return (scene.shape(i) == Some(Shape::Number) && scene.word(i + 1) == "d" && scene.glued(i + 1)).then(|| (format!("{n}d"), i + 2));
    }
    let k = if led { i + 1 } else { i + 2 };
    let (n, k) = match scene.word(k).parse::<u32>() {
        Ok(n) if scene.shape(k) == Some(Shape::Number) => (n, k + 1),
        _ => {
            let (n, end) = numbers::at(scene, k)?;
            (n.parse().ok()?, end)
        }
    };
    let by = match scene.word(k) {
        "day" | "days" | "d" | "días" | "dias" | "tage" | "jours" | "din" | "天" => 1,
        "week" | "weeks" | "w" | "semanas" | "wochen" | "semaines" | "hafte" | "周" => 7,
        "month" | "months" | "meses" | "monate" | "mois" | "mahine" => 30,
        _ => return None,
    };
    let total = n.checked_mul(by).filter(|d| (1..=3660).contains(d))?;
    Some((format!("{total}d"), k + 1))
}
