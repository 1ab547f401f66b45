//! Numbers in words: English, Spanish, French, German, Portuguese, Hindi in Latin letters, Chinese.

use super::Scene;
use crate::decimal::shift;

/// What one word contributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Atom {
    Unit(u64),
    Scale(u64),
}

const ENGLISH: &[(&str, u64)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fourty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("dozen", 12),
];

/// Words that are telling in any message.
const OTHERS: &[(&str, u64)] = &[
    // Spanish
    ("cuatro", 4),
    ("cinco", 5),
    ("siete", 7),
    ("ocho", 8),
    ("nueve", 9),
    ("diez", 10),
    ("doce", 12),
    ("trece", 13),
    ("catorce", 14),
    ("quince", 15),
    ("dieciséis", 16),
    ("dieciseis", 16),
    ("diecisiete", 17),
    ("dieciocho", 18),
    ("diecinueve", 19),
    ("veinte", 20),
    ("veintiuno", 21),
    ("veintiún", 21),
    ("veintidós", 22),
    ("veintidos", 22),
    ("veintitrés", 23),
    ("veintitres", 23),
    ("veinticuatro", 24),
    ("veinticinco", 25),
    ("veintiséis", 26),
    ("veintiseis", 26),
    ("veintisiete", 27),
    ("veintiocho", 28),
    ("veintinueve", 29),
    ("treinta", 30),
    ("cuarenta", 40),
    ("cincuenta", 50),
    ("sesenta", 60),
    ("setenta", 70),
    ("ochenta", 80),
    ("noventa", 90),
    ("cien", 100),
    ("ciento", 100),
    ("doscientos", 200),
    ("trescientos", 300),
    ("cuatrocientos", 400),
    ("quinientos", 500),
    ("seiscientos", 600),
    ("setecientos", 700),
    ("ochocientos", 800),
    ("novecientos", 900),
    ("doscientas", 200),
    ("trescientas", 300),
    ("quinientas", 500),
    // French
    ("deux", 2),
    ("trois", 3),
    ("quatre", 4),
    ("cinq", 5),
    ("huit", 8),
    ("neuf", 9),
    ("onze", 11),
    ("douze", 12),
    ("treize", 13),
    ("quatorze", 14),
    ("quinze", 15),
    ("seize", 16),
    ("vingt", 20),
    ("vingts", 20),
    ("trente", 30),
    ("quarante", 40),
    ("cinquante", 50),
    ("soixante", 60),
    ("septante", 70),
    ("huitante", 80),
    ("nonante", 90),
    // Portuguese
    ("quatro", 4),
    ("oito", 8),
    ("dez", 10),
    ("doze", 12),
    ("treze", 13),
    ("dezesseis", 16),
    ("dezasseis", 16),
    ("dezessete", 17),
    ("dezassete", 17),
    ("dezoito", 18),
    ("dezenove", 19),
    ("dezanove", 19),
    ("vinte", 20),
    ("trinta", 30),
    ("quarenta", 40),
    ("cinquenta", 50),
    ("sessenta", 60),
    ("oitenta", 80),
    ("cento", 100),
    ("duzentos", 200),
    ("trezentos", 300),
    ("quatrocentos", 400),
    ("quinhentos", 500),
    ("seiscentos", 600),
    ("setecentos", 700),
    ("oitocentos", 800),
    ("novecentos", 900),
    // Hindi
    ("teen", 3),
    ("paanch", 5),
    ("panch", 5),
    ("chhe", 6),
    ("gyarah", 11),
    ("barah", 12),
    ("pandrah", 15),
    ("pandra", 15),
    ("bees", 20),
    ("pachees", 25),
    ("pachis", 25),
    ("tees", 30),
    ("chalis", 40),
    ("chaalis", 40),
    ("pachas", 50),
    ("pachaas", 50),
    ("saath", 60),
    ("sattar", 70),
    ("assi", 80),
    ("nabbe", 90),
];

/// Words that mean something else in another language: only where the language is heard.
const SPANISH_ONLY: &[(&str, u64)] = &[("dos", 2), ("tres", 3), ("seis", 6), ("once", 11), ("uno", 1)];
const FRENCH_ONLY: &[(&str, u64)] = &[("six", 6), ("sept", 7), ("dix", 10), ("cent", 100), ("cents", 100)];
const PORTUGUESE_ONLY: &[(&str, u64)] = &[
    ("dois", 2),
    ("duas", 2),
    ("três", 3),
    ("tres", 3),
    ("seis", 6),
    ("sete", 7),
    ("nove", 9),
    ("onze", 11),
    ("cem", 100),
    ("setenta", 70),
    ("noventa", 90),
];
const HINGLISH_ONLY: &[(&str, u64)] =
    &[("ek", 1), ("do", 2), ("char", 4), ("chaar", 4), ("che", 6), ("saat", 7), ("aath", 8), ("nau", 9), ("das", 10)];

const SCALES: &[(&str, u64)] = &[
    ("hundred", 100),
    ("thousand", 1000),
    ("million", 1_000_000),
    ("billion", 1_000_000_000),
    ("grand", 1000),
    ("mille", 1000),
    ("tausend", 1000),
    ("hundert", 100),
    ("lakh", 100_000),
    ("lakhs", 100_000),
    ("crore", 10_000_000),
    ("hazaar", 1000),
    ("hazar", 1000),
    ("millón", 1_000_000),
    ("millones", 1_000_000),
    ("millionen", 1_000_000),
    ("millions", 1_000_000),
    ("milhões", 1_000_000),
];

/// The multiplier that a word is, after a number in digits: `2 grand`, `1.5 million`.
pub(crate) fn scale(scene: &Scene<'_>, i: usize) -> Option<i32> {
    let word = scene.word(i);
    let exact = SCALES.iter().find(|(w, _)| *w == word).map(|(_, n)| *n).or(match word {
        "mil" if scene.languages.spanish || scene.languages.portuguese => Some(1000),
        "千" => Some(1000),
        "万" => Some(10_000),
        "亿" => Some(100_000_000),
        _ => None,
    })?;
    Some(exact.ilog10() as i32)
}

/// Reads a number in words at `i`: its digits, and the word after it.
pub(crate) fn at(scene: &Scene<'_>, i: usize) -> Option<(String, usize)> {
    let (number, end) = chinese(scene, i).or_else(|| additive(scene, i)).or_else(|| german_at(scene, i))?;
    point(scene, number, end)
}

/// A number as people say it.
pub(crate) struct Spoken {
    pub digits: String,
    /// The word after it.
    pub end: usize,
    /// It could be another number: it is asked about.
    pub two_ways: bool,
}

/// Reads an amount in words at `i`, as it is said and as dictation writes it: `point five`, `a couple hundred`, `two fifty`.
pub(crate) fn spoken(scene: &Scene<'_>, i: usize) -> Option<Spoken> {
    if let Some((digits, end)) = leading_point(scene, i) {
        return Some(Spoken { digits, end, two_ways: false });
    }
    if let Some((digits, end, two_ways)) = some_of_a_scale(scene, i) {
        return Some(Spoken { digits, end, two_ways });
    }
    let (digits, end) = at(scene, i)?;
    // "one oh five" and "two fifty" leave a hundred or a point out; "nineteen ninety nine" too.
    let oh = usize::from(matches!(scene.word(end), "oh" | "o") && scene.is_free(end));
    if let Some((_, further)) = at(scene, end + oh).filter(|_| !scene.glued(end) && !digits.contains('.')) {
        return Some(Spoken { digits, end: further, two_ways: true });
    }
    // A scale alone after a word that sounds like a number: "to thousand" was "two thousand".
    let alone = matches!(atom(scene, i), Some(Atom::Scale(_)));
    let two_ways = alone && matches!(scene.before(i), "to" | "too" | "for" | "ate" | "won");
    Some(Spoken { digits, end, two_ways })
}

/// `point five`, `oh point five`: less than one. Not "at this point five people".
fn leading_point(scene: &Scene<'_>, i: usize) -> Option<(String, usize)> {
    let naught = usize::from(matches!(scene.word(i), "oh" | "o" | "nought" | "naught" | "null"));
    if !scene.are_free(i..i + naught + 1) || !matches!(scene.word(i + naught), "point" | "punto" | "komma" | "virgule") {
        return None;
    }
    if naught == 0
        && matches!(scene.before(i), "this" | "that" | "the" | "a" | "one" | "which" | "what" | "no" | "some" | "every" | "point")
    {
        return None;
    }
    let (number, end) = point(scene, 0, i + naught)?;
    (end > i + naught + 1).then_some((number, end))
}

/// `a couple hundred` is two hundred; `a few hundred` is anybody's guess.
fn some_of_a_scale(scene: &Scene<'_>, i: usize) -> Option<(String, usize, bool)> {
    let led = i + usize::from(scene.word(i) == "a");
    let two_ways = match scene.word(led) {
        "couple" => false,
        "few" | "several" => true,
        _ => return None,
    };
    let k = led + 1 + usize::from(scene.word(led + 1) == "of");
    let Some(Atom::Scale(scale)) = atom(scene, k) else { return None };
    scene.are_free(i..k + 1).then(|| ((2 * scale).to_string(), k + 1, two_ways))
}

fn atom(scene: &Scene<'_>, i: usize) -> Option<Atom> {
    if !scene.is_free(i) {
        return None;
    }
    let word = scene.word(i);
    let look = |list: &[(&str, u64)]| list.iter().find(|(w, _)| *w == word).map(|(_, n)| *n);
    let said = scene.languages;
    let unit = look(ENGLISH)
        .or_else(|| look(OTHERS))
        .or_else(|| (said.spanish && !said.portuguese).then(|| look(SPANISH_ONLY)).flatten())
        .or_else(|| said.french.then(|| look(FRENCH_ONLY)).flatten())
        .or_else(|| said.portuguese.then(|| look(PORTUGUESE_ONLY)).flatten())
        .or_else(|| said.hinglish.then(|| look(HINGLISH_ONLY)).flatten());
    if let Some(n) = unit {
        return Some(if n == 100 { Atom::Scale(100) } else { Atom::Unit(n) });
    }
    look(SCALES)
        .or((matches!(word, "mil") && (said.spanish || said.portuguese)).then_some(1000))
        .or((word == "sau" && said.hinglish).then_some(100))
        .map(Atom::Scale)
}

fn additive(scene: &Scene<'_>, start: usize) -> Option<(u64, usize)> {
    let (mut total, mut current, mut i, mut end) = (0_u64, 0_u64, start, start);
    let mut any = false;
    // Scales fall: "two thousand million" is not how anybody writes an amount.
    let mut last_scale = u64::MAX;
    if matches!(scene.word(i), "a" | "an") && matches!(atom(scene, i + 1), Some(Atom::Scale(_))) && scene.is_free(i)
        || matches!(scene.word(i), "a") && scene.word(i + 1) == "dozen"
    {
        i += 1;
    }
    loop {
        let joint = matches!(scene.word(i), "-" | "and" | "y" | "e" | "et");
        if joint && any {
            let hyphen = scene.word(i) == "-";
            if hyphen && !(scene.glued(i) && scene.glued(i + 1)) || scene.word(i) == "and" && current < 100 && total == 0 {
                break;
            }
            match atom(scene, i + 1) {
                Some(Atom::Unit(n)) if follows(scene, current, n) || quatre_vingt(scene, i + 1, current) => i += 1,
                Some(Atom::Scale(_)) if hyphen => i += 1,
                _ => break,
            }
        }
        match atom(scene, i) {
            Some(Atom::Unit(20)) if quatre_vingt(scene, i, current) => current = 80,
            Some(Atom::Unit(n)) if !any || follows(scene, current, n) => current = current.checked_add(n)?,
            Some(Atom::Scale(100)) if current < 100 => current = current.max(1) * 100,
            Some(Atom::Scale(s)) if s > 100 && s < last_scale => {
                total = total.checked_add(current.max(1).checked_mul(s)?)?;
                current = 0;
                last_scale = s;
            }
            _ => break,
        }
        any = true;
        i += 1;
        end = i;
    }
    any.then_some((total.checked_add(current)?, end))
}

/// `quatre-vingt`: four times twenty.
fn quatre_vingt(scene: &Scene<'_>, i: usize, current: u64) -> bool {
    current == 4 && matches!(scene.word(i), "vingt" | "vingts")
}

/// Whether a unit may follow what was counted so far: `twenty` `five`, not `five` `five`.
fn follows(scene: &Scene<'_>, current: u64, n: u64) -> bool {
    current == 0
        || current.is_multiple_of(100) && n < 100
        || n < 10 && n > 0 && current.is_multiple_of(10) && current % 100 >= 20
        || scene.languages.french && matches!(current % 100, 60 | 80) && n < 20 && n > 0
}

/// `two point five`.
fn point(scene: &Scene<'_>, number: u64, end: usize) -> Option<(String, usize)> {
    let mut digits = String::new();
    let mut i = end;
    if matches!(scene.word(i), "point" | "coma" | "komma" | "virgule" | "vírgula" | "dot") && scene.is_free(i) {
        i += 1;
        while let Some(Atom::Unit(n @ 0..=99)) = atom(scene, i) {
            digits.push_str(&n.to_string());
            i += 1;
        }
    }
    if digits.is_empty() { Some((number.to_string(), end)) } else { Some((format!("{number}.{digits}"), i)) }
}

fn german_at(scene: &Scene<'_>, i: usize) -> Option<(u64, usize)> {
    if !scene.is_free(i) {
        return None;
    }
    let word = scene.word(i);
    // "ein" and "acht" alone, "elf" in English: only where German is heard.
    if word.len() < 4 && !scene.languages.german {
        return None;
    }
    let n = german(word)?;
    (n > 1).then_some((n, i + 1))
}

/// One German compound: `fünfundzwanzig`, `zweitausenddreihundert`.
fn german(word: &str) -> Option<u64> {
    if let Some((thousands, rest)) = word.split_once("tausend") {
        let thousands = if thousands.is_empty() { 1 } else { german_hundreds(thousands)? };
        return Some(thousands * 1000 + if rest.is_empty() { 0 } else { german_hundreds(rest)? });
    }
    german_hundreds(word)
}

fn german_hundreds(word: &str) -> Option<u64> {
    if let Some((hundreds, rest)) = word.split_once("hundert") {
        let hundreds = if hundreds.is_empty() { 1 } else { german_small(hundreds)? };
        let rest = rest.strip_prefix("und").unwrap_or(rest);
        let rest = if rest.is_empty() { 0 } else { german_small(rest)? };
        return (hundreds < 10).then_some(hundreds * 100 + rest);
    }
    german_small(word)
}

const GERMAN_ONES: [(&str, u64); 20] = [
    ("eins", 1),
    ("ein", 1),
    ("zwei", 2),
    ("drei", 3),
    ("vier", 4),
    ("fünf", 5),
    ("sechs", 6),
    ("sieben", 7),
    ("acht", 8),
    ("neun", 9),
    ("zehn", 10),
    ("elf", 11),
    ("zwölf", 12),
    ("dreizehn", 13),
    ("vierzehn", 14),
    ("fünfzehn", 15),
    ("sechzehn", 16),
    ("siebzehn", 17),
    ("achtzehn", 18),
    ("neunzehn", 19),
];
const GERMAN_TENS: [(&str, u64); 8] = [
    ("zwanzig", 20),
    ("dreißig", 30),
    ("dreissig", 30),
    ("vierzig", 40),
    ("fünfzig", 50),
    ("sechzig", 60),
    ("siebzig", 70),
    ("achtzig", 80),
];

fn german_small(word: &str) -> Option<u64> {
    let ones = |w: &str| GERMAN_ONES.iter().find(|(name, _)| *name == w).map(|(_, n)| *n);
    let tens = |w: &str| GERMAN_TENS.iter().find(|(name, _)| *name == w).map(|(_, n)| *n).or((w == "neunzig").then_some(90));
    ones(word).or_else(|| tens(word)).or_else(|| {
        let (one, ten) = word.split_once("und")?;
        Some(ones(one).filter(|n| *n < 10)? + tens(ten)?)
    })
}

/// A run of Chinese numerals: `三百五十`, `两千`, `一万二`.
fn chinese(scene: &Scene<'_>, start: usize) -> Option<(u64, usize)> {
    let digit = |w: &str| "零一二三四五六七八九".chars().position(|c| w.chars().eq([c])).or((w == "两").then_some(2)).map(|n| n as u64);
    let unit = |w: &str| match w {
        "十" => Some(10),
        "百" => Some(100),
        "千" => Some(1000),
        _ => None,
    };
    let (mut total, mut section, mut pending, mut i) = (0_u64, 0_u64, None::<u64>, start);
    while scene.is_free(i) {
        let word = scene.word(i);
        if let Some(n) = digit(word) {
            if pending.is_some_and(|p| p != 0) {
                return None;
            }
            pending = Some(n);
        } else if let Some(u) = unit(word) {
            section = section.checked_add(pending.take().unwrap_or(1).checked_mul(u)?)?;
        } else if matches!(word, "万" | "亿") && i > start {
            let by = if word == "万" { 10_000 } else { 100_000_000 };
            total = total.checked_add(section.checked_add(pending.take().unwrap_or(0))?.checked_mul(by)?)?;
            section = 0;
        } else {
            break;
        }
        i += 1;
    }
    let number = total.checked_add(section)?.checked_add(pending.unwrap_or(0))?;
    // One character alone is mostly grammar ("一下"), unless a unit follows.
    let counted = i > start + 1
        || matches!(scene.word(i), "个" | "枚" | "块" | "刀" | "美")
        || scene.shape(i).is_some_and(|s| s != crate::text::Shape::Han);
    (i > start && number > 0 && counted).then_some((number, i))
}

/// Multiplies by a power of ten: `2.5` and `million`.
pub(crate) fn scaled(number: &str, power: i32) -> String {
    shift(number, power)
}
