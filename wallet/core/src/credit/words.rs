//! Terms of loans in words.

use alloy_primitives::U256;
use time::{OffsetDateTime, UtcOffset};

use super::{CreditLine, LineStatus, TIER_SCALE, bank, money};
use crate::{
    store::ProofRecord,
    tokens::{format_amount, format_units},
};

/// `12% a year`, `7.25% a year`, from basis points.
#[must_use]
pub fn rate(basis_points: u32) -> String {
    format!("{}% a year", format_units(U256::from(basis_points), 2))
}

/// `4 March 2026`.
#[must_use]
pub fn day(unix: u64) -> String {
    let at = i64::try_from(unix).ok().and_then(|s| OffsetDateTime::from_unix_timestamp(s).ok());
    at.map_or_else(|| unix.to_string(), |at| format!("{} {} {}", at.day(), at.month(), at.year()))
}

/// `4 March 2026, 14:05`, in the person's own time.
#[must_use]
pub fn moment(unix: u64) -> String {
    let at = i64::try_from(unix).ok().and_then(|s| OffsetDateTime::from_unix_timestamp(s).ok());
    let Some(at) = at else { return unix.to_string() };
    let at = at.to_offset(UtcOffset::local_offset_at(at).unwrap_or(UtcOffset::UTC));
    format!("{} {} {}, {:02}:{:02}", at.day(), at.month(), at.year(), at.hour(), at.minute())
}

/// What a proof is about: `Your balance at Demo bank is at least $10,000.`
#[must_use]
pub fn claim(proof: &ProofRecord) -> String {
    let bank = bank(&proof.bank).map_or_else(|_| proof.bank.clone(), |bank| bank.template.name.clone());
    let at_least = u64::try_from(proof.offer.atLeast).unwrap_or(u64::MAX);
    format!("Your balance at {bank} is at least {}.", money(at_least, &proof.offer.currency, TIER_SCALE))
}

/// A line in a sentence or two.
#[must_use]
pub fn line(line: &CreditLine) -> String {
    let token = line.token();
    let amount = |of: U256| format_amount(of, &token);
    let head = format!("{}: ", line.lender);
    let state = &line.state;
    if state.status == LineStatus::Closed {
        return format!("{head}a line of {} is closed.", amount(state.limit));
    }
    let owed = if line.owed().is_zero() { "nothing is drawn".into() } else { format!("you owe {}", amount(line.owed())) };
    let left = if state.stopped {
        "it is stopped and can only be repaid".into()
    } else if let Some(why) = &state.blocked {
        format!("nothing of {} can be drawn now: {why}", amount(state.limit))
    } else {
        format!("{} of {} can be drawn until {}", amount(state.available), amount(state.limit), day(state.expiry))
    };
    let due = match state.status {
        LineStatus::Current if state.due_at == 0 || state.due.is_zero() => String::new(),
        LineStatus::Current => format!(" {} are due by {}.", amount(state.due), day(state.due_at)),
        LineStatus::Default => format!(" It is in default: {} are owed at once.", amount(state.due)),
        _ => format!(" {} are overdue since {}.", amount(state.due), day(state.due_at)),
    };
    format!("{head}{owed}; {left}, at {}.{due}", rate(state.rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_days_are_said_exactly() {
        assert_eq!(rate(1200), "12% a year");
        assert_eq!(rate(725), "7.25% a year");
        assert_eq!(rate(5), "0.05% a year");
        assert_eq!(day(1_772_582_400), "4 March 2026");
    }
}
