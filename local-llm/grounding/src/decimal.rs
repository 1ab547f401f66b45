//! Exact decimal numbers as strings of digits: money never passes through floating point.

/// How a written number was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Plain digits with at most one point: `1250.50`.
    pub digits: String,
    /// Another convention would read another number (`1.000` where commas are decimal points).
    pub two_ways: bool,
}

/// Longest number, in characters: beyond it nothing on chain makes sense.
const MAX_LEN: usize = 60;

/// Reads digits with `.` and `,` as either convention writes them. `comma_decimal`: the message is in a language that writes `0,5`.
pub fn parse(written: &str, comma_decimal: bool) -> Option<Reading> {
    let plain: String = written.chars().filter(|c| !matches!(c, ' ' | '\'' | '_' | '\u{a0}' | '\u{202f}' | '\u{2009}')).collect();
    if plain.is_empty() || plain.len() > MAX_LEN || !plain.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',') {
        return None;
    }
    let dots = plain.matches('.').count();
    let commas = plain.matches(',').count();
    let once = |digits: String| Some(Reading { digits, two_ways: false });
    match (dots, commas) {
        (0, 0) => once(tidy(&plain)),
        (1, 0) => single(&plain, '.', comma_decimal),
        (0, 1) => single(&plain, ',', comma_decimal),
        (_, 0) => once(grouped(&plain, '.')?),
        (0, _) => once(grouped(&plain, ',')?),
        (1, _) if plain.rfind('.') > plain.rfind(',') => fraction(&plain, '.', ',').map(|digits| Reading { digits, two_ways: false }),
        (_, 1) if plain.rfind(',') > plain.rfind('.') => fraction(&plain, ',', '.').map(|digits| Reading { digits, two_ways: false }),
        _ => None,
    }
}

fn single(plain: &str, mark: char, comma_decimal: bool) -> Option<Reading> {
    let (whole, rest) = plain.split_once(mark)?;
    let group = rest.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    let decimal = || tidy(&format!("{whole}.{rest}"));
    Some(match mark {
        ',' if group => Reading { digits: format!("{whole}{rest}"), two_ways: comma_decimal },
        '.' if group => Reading { digits: decimal(), two_ways: comma_decimal },
        _ => Reading { digits: decimal(), two_ways: false },
    })
}

fn fraction(plain: &str, point: char, group: char) -> Option<String> {
    let (whole, rest) = plain.rsplit_once(point)?;
    Some(tidy(&format!("{}.{rest}", grouped(whole, group)?)))
}

/// `1,250,000` and the Indian `12,50,000`.
fn grouped(plain: &str, mark: char) -> Option<String> {
    let parts: Vec<&str> = plain.split(mark).collect();
    let (first, rest) = parts.split_first()?;
    let (last, middle) = rest.split_last()?;
    let western = middle.iter().all(|p| p.len() == 3);
    let indian = middle.iter().all(|p| p.len() == 2) && (1..=2).contains(&first.len());
    (last.len() == 3 && (1..=3).contains(&first.len()) && !first.starts_with('0') && (western || indian && mark == ','))
        .then(|| parts.concat())
}

/// Leading zeros away, a zero before the point.
fn tidy(number: &str) -> String {
    let (whole, rest) = number.split_once('.').map_or((number, None), |(w, r)| (w, Some(r)));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    match rest {
        Some(rest) if !rest.is_empty() => format!("{whole}.{rest}"),
        _ => whole.to_owned(),
    }
}

/// Moves the point: `shift("1.5", 3)` is `1500`, `shift("300000", -9)` is `0.0003`.
pub fn shift(number: &str, by: i32) -> String {
    if by == 0 {
        return number.to_owned();
    }
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    let digits: String = format!("{whole}{rest}");
    let point = i64::try_from(whole.len()).unwrap_or(i64::MAX).saturating_add(i64::from(by));
    let zeros = |n: i64| "0".repeat(usize::try_from(n.clamp(0, 80)).unwrap_or(0));
    let len = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let moved = if point <= 0 {
        format!("0.{}{digits}", zeros(-point))
    } else if point >= len {
        format!("{digits}{}", zeros(point - len))
    } else {
        let cut = usize::try_from(point).unwrap_or(0);
        format!("{}.{}", &digits[..cut], &digits[cut..])
    };
    let trimmed = if moved.contains('.') { moved.trim_end_matches('0').trim_end_matches('.') } else { &moved };
    tidy(trimmed)
}

/// Adds one half: `2` and a half.
pub(crate) fn and_a_half(number: &str) -> Option<String> {
    (!number.contains('.')).then(|| format!("{number}.5"))
}

/// `part / of`, in percent, rounded down to two places; `None` for nothing or more than the whole.
pub(crate) fn percent(part: u64, of: u64) -> Option<String> {
    if part == 0 || of == 0 || part > of || part > 1_000_000 {
        return None;
    }
    let hundredths = part * 10_000 / of;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    Some(if rest == 0 { format!("{whole}%") } else { format!("{}%", format!("{whole}.{rest:02}").trim_end_matches('0')) })
}

/// `part / of` as a decimal where it ends within 18 places.
pub(crate) fn ratio(part: u64, of: u64) -> Option<String> {
    if part == 0 || of == 0 || part > 1_000_000 || of > 1_000_000 {
        return None;
    }
    let mut digits = (part / of).to_string();
    let mut left = part % of;
    if left > 0 {
        digits.push('.');
    }
    for _ in 0..18 {
        if left == 0 {
            return Some(digits);
        }
        left *= 10;
        digits.push_str(&(left / of).to_string());
        left %= of;
    }
    None
}
