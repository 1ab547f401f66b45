//! Dates in rules and sentences: ISO 8601, UTC.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

const DATETIME: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// Unix milliseconds as Cedar's `datetime(...)` reads them.
pub(crate) fn iso(ms: i64) -> Result<String, String> {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000);
    at.map_err(|error| error.to_string())?.format(DATETIME).map_err(|error| error.to_string())
}

/// Unix milliseconds as `2026-12-31`, or `2026-12-31 18:00` where it is not midnight.
pub(crate) fn day(ms: i64) -> String {
    const MINUTE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]");
    let format = if ms.rem_euclid(86_400_000) == 0 { DATE } else { MINUTE };
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000);
    at.ok().and_then(|at| at.format(format).ok()).unwrap_or_else(|| format!("{ms} ms"))
}

/// The first moment after the day `2026-12-31`, in Unix milliseconds.
pub(crate) fn end_of(date: &str) -> Option<i64> {
    let next = Date::parse(date, DATE).ok()?.next_day()?;
    next.midnight().assume_utc().unix_timestamp().checked_mul(1000)
}

/// Cedar's own forms: `2026-12-31`, `2026-12-31T18:00:00Z`, with or without milliseconds, `Z` only.
pub(crate) fn parse(text: &str) -> Option<i64> {
    const SECONDS: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    if let Ok(date) = Date::parse(text, DATE) {
        return date.midnight().assume_utc().unix_timestamp().checked_mul(1000);
    }
    let at = time::PrimitiveDateTime::parse(text, SECONDS).or_else(|_| time::PrimitiveDateTime::parse(text, DATETIME));
    i64::try_from(at.ok()?.assume_utc().unix_timestamp_nanos() / 1_000_000).ok()
}
