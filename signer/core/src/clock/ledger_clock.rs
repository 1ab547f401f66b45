//! The clock on which spending windows run.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Clock;

/// Seconds by which wall and ledger clock may drift apart before a person is asked.
const DRIFT: u64 = 600;
/// Seconds that may have passed over a reboot before a person is asked: longer than a night.
const AWAY: u64 = 20 * 3600;

/// A persisted moment: the high-water mark of the ledger's time, and where the boot clock stood then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Ledger time, Unix seconds.
    pub at: u64,
    /// Id of the boot.
    pub boot_id: String,
    /// Milliseconds since that boot.
    pub boot_ms: u64,
}

/// Ledger time: never goes back, and while the machine is up runs exactly as fast as the boot clock.
#[derive(Debug)]
pub struct LedgerClock {
    clock: Arc<dyn Clock>,
    base: u64,
    base_boot_ms: u64,
    /// Wall minus ledger time that a person has accepted.
    accepted: i128,
    /// Set where the start itself was doubtful.
    doubt: Option<String>,
}

impl LedgerClock {
    /// Go on from `mark`.
    ///
    /// - same boot: by the boot clock alone, whatever the wall clock says;
    /// - another boot, wall clock a little ahead: by the wall clock;
    /// - another boot, wall clock behind or far ahead: time stands at the mark until a person accepts the clock.
    #[must_use]
    pub fn start(clock: Arc<dyn Clock>, mark: Option<&Mark>) -> Self {
        let wall = clock.wall();
        let boot_ms = clock.boot_ms();
        let mut doubt = None;
        let base = match mark {
            None => wall,
            Some(m) if !m.boot_id.is_empty() && m.boot_id == clock.boot_id() && boot_ms >= m.boot_ms => {
                m.at.saturating_add((boot_ms - m.boot_ms) / 1000)
            }
            Some(m) if wall.saturating_add(DRIFT) < m.at => {
                doubt = Some(format!("the computer's clock is {} behind the last thing that was signed", span(m.at - wall)));
                m.at
            }
            Some(m) if wall > m.at.saturating_add(AWAY) => {
                doubt = Some(format!("the computer's clock says that {} passed while it was off", span(wall - m.at)));
                m.at
            }
            Some(m) => wall.max(m.at),
        };
        // Where the start is doubtful the drift is known and named already.
        let accepted = if doubt.is_some() { i128::from(wall) - i128::from(base) } else { 0 };
        Self { clock, base, base_boot_ms: boot_ms, accepted, doubt }
    }

    /// Now, Unix seconds.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.base.saturating_add(self.clock.boot_ms().saturating_sub(self.base_boot_ms) / 1000)
    }

    /// Why time is not to be trusted, in a sentence; `None` where it is. Meanwhile nothing is signed without a click.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        if self.doubt.is_some() {
            return self.doubt.clone();
        }
        let off = self.offset() - self.accepted;
        if off.unsigned_abs() > u128::from(DRIFT) {
            let by = span(u64::try_from(off.unsigned_abs()).unwrap_or(u64::MAX));
            let way = if off > 0 { "forward" } else { "back" };
            return Some(format!("the computer's clock jumped {way} by {by}"));
        }
        None
    }

    /// A person has seen the doubt and approved: follow the wall clock where it is ahead, never back.
    pub fn accept(&mut self) {
        let (now, wall) = (self.now(), self.clock.wall());
        self.base = now.max(wall);
        self.base_boot_ms = self.clock.boot_ms();
        self.accepted = self.offset();
        self.doubt = None;
    }

    /// The moment to be persisted with every change.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark { at: self.now(), boot_id: self.clock.boot_id().to_owned(), boot_ms: self.clock.boot_ms() }
    }

    /// The clocks below.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    fn offset(&self) -> i128 {
        i128::from(self.clock.wall()) - i128::from(self.now())
    }
}

fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} seconds"),
        120..=7199 => format!("{} minutes", seconds / 60),
        7200..=172_799 => format!("{} hours", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const T: u64 = 1_800_000_000;

    fn mark(at: u64, boot: &str, boot_ms: u64) -> Mark {
        Mark { at, boot_id: boot.into(), boot_ms }
    }

    #[test]
    fn a_jump_forward_while_running_does_not_hasten_windows() {
        let c = Arc::new(ManualClock::new(T, "a", 1000));
        let mut l = LedgerClock::start(c.clone(), None);
        assert_eq!(l.now(), T);
        c.set_wall(T + 86_400);
        assert_eq!(l.now(), T);
        assert!(l.doubt().is_some());
        c.pass(60);
        assert_eq!(l.now(), T + 60);
        l.accept();
        assert!(l.doubt().is_none());
        assert_eq!(l.now(), T + 86_460);
    }

    #[test]
    fn a_jump_back_never_turns_ledger_time_back() {
        let c = Arc::new(ManualClock::new(T, "a", 1000));
        let mut l = LedgerClock::start(c.clone(), None);
        c.set_wall(T - 86_400);
        c.pass(5);
        assert_eq!(l.now(), T + 5);
        assert!(l.doubt().is_some());
        l.accept();
        assert!(l.doubt().is_none());
        assert_eq!(l.now(), T + 5);
        c.pass(5);
        assert_eq!(l.now(), T + 10);
        assert!(l.doubt().is_none());
    }

    #[test]
    fn a_restart_on_the_same_boot_goes_by_the_boot_clock() {
        let c = Arc::new(ManualClock::new(T + 500_000, "a", 61_000));
        let l = LedgerClock::start(c, Some(&mark(T, "a", 1000)));
        assert_eq!(l.now(), T + 60);
        assert!(l.doubt().is_some());
    }

    #[test]
    fn a_reboot_after_a_night_is_believed_and_after_a_week_asked_about() {
        let c = Arc::new(ManualClock::new(T + 8 * 3600, "b", 10));
        let l = LedgerClock::start(c, Some(&mark(T, "a", 1000)));
        assert_eq!((l.now(), l.doubt()), (T + 8 * 3600, None));

        let c = Arc::new(ManualClock::new(T + 7 * 86_400, "b", 10));
        let mut l = LedgerClock::start(c, Some(&mark(T, "a", 1000)));
        assert_eq!(l.now(), T);
        assert!(l.doubt().is_some());
        l.accept();
        assert_eq!((l.now(), l.doubt()), (T + 7 * 86_400, None));
    }

    #[test]
    fn suspend_counts() {
        let c = Arc::new(ManualClock::new(T, "a", 1000));
        let l = LedgerClock::start(c.clone(), None);
        c.suspend(3600);
        assert_eq!((l.now(), l.doubt()), (T + 3600, None));
    }
}
