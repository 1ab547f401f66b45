//! Periods as intents say them, as spans of Unix time in the person's own time zone.

use time::{Date, Duration, Month, OffsetDateTime, UtcOffset, Weekday};

use crate::error::{Result, WalletError};

/// From (inclusive) and until (exclusive), Unix seconds; `None` for open.
pub type Span = (Option<u64>, Option<u64>);

/// `today`, `yesterday`, `this_week`, `last_week`, `this_month`, `last_month`, `this_year`, `7d`, `2026-03`.
///
/// # Errors
/// [`WalletError::Ask`] with code `period`.
pub fn span(period: &str) -> Result<Span> {
    let now = OffsetDateTime::now_utc();
    let offset = UtcOffset::local_offset_at(now).unwrap_or(UtcOffset::UTC);
    span_at(period, now.to_offset(offset))
}

fn span_at(period: &str, now: OffsetDateTime) -> Result<Span> {
    let unknown = || WalletError::Ask {
        code: "period",
        message: format!("{period:?} is not a period."),
        remedy: "Say for example today, last week, 30 days or 2026-03.".into(),
    };
    let today = now.date();
    let at = |date: Date| u64::try_from(date.midnight().assume_offset(now.offset()).unix_timestamp()).ok();
    let between = |from: Date, until: Date| (at(from), at(until));
    let back = |date: Date, days: i64| date.checked_sub(Duration::days(days)).unwrap_or(Date::MIN);
    let monday = back(today, i64::from(today.weekday().number_days_from_monday()));
    debug_assert_eq!(monday.weekday(), Weekday::Monday);
    let first = today.replace_day(1).unwrap_or(today);
    Ok(match period {
        "today" => (at(today), None),
        "yesterday" => between(back(today, 1), today),
        "this_week" => (at(monday), None),
        "last_week" => between(back(monday, 7), monday),
        "this_month" => (at(first), None),
        "last_month" => between(back(first, 1).replace_day(1).unwrap_or(first), first),
        "this_year" => (at(Date::from_calendar_date(today.year(), Month::January, 1).unwrap_or(today)), None),
        other => {
            if let Some(days) = other.strip_suffix('d') {
                let days: i64 = days.parse().ok().filter(|d| (1..=36_500).contains(d)).ok_or_else(unknown)?;
                return Ok((u64::try_from((now - Duration::days(days)).unix_timestamp()).ok(), None));
            }
            let (year, month) = other.split_once('-').ok_or_else(unknown)?;
            let month: u8 = month.parse().map_err(|_| unknown())?;
            let month = Month::try_from(month).map_err(|_| unknown())?;
            let year: i32 = year.parse().map_err(|_| unknown())?;
            let start = Date::from_calendar_date(year, month, 1).map_err(|_| unknown())?;
            let end =
                Date::from_calendar_date(if month == Month::December { year + 1 } else { year }, month.next(), 1).map_err(|_| unknown())?;
            between(start, end)
        }
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn periods_are_the_persons_own_days() {
        let now = datetime!(2026-03-04 15:00 +2); // a Wednesday
        let unix = |t: OffsetDateTime| Some(u64::try_from(t.unix_timestamp()).unwrap());
        assert_eq!(span_at("today", now).unwrap(), (unix(datetime!(2026-03-04 0:00 +2)), None));
        assert_eq!(span_at("last_week", now).unwrap(), (unix(datetime!(2026-02-23 0:00 +2)), unix(datetime!(2026-03-02 0:00 +2))));
        assert_eq!(span_at("last_month", now).unwrap(), (unix(datetime!(2026-02-01 0:00 +2)), unix(datetime!(2026-03-01 0:00 +2))));
        assert_eq!(span_at("2025-12", now).unwrap(), (unix(datetime!(2025-12-01 0:00 +2)), unix(datetime!(2026-01-01 0:00 +2))));
        assert_eq!(span_at("7d", now).unwrap().0, unix(datetime!(2026-02-25 15:00 +2)));
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in ["", "d", "0d", "-3d", "99999999999d", "2026-13", "2026", "soon"] {
            assert_eq!(span(bad).unwrap_err().code(), "period", "{bad:?}");
        }
    }
}
