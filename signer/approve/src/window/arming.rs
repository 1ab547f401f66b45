//! When a "yes" counts. Pure: the clock is passed in.
//!
//! A window that comes up under somebody's fingers must not be answered by what they were doing. So a "yes" counts only
//! after the question has been in sight, in a window with the keyboard focus, for a while without a break. A "no" counts at once.

use std::time::{Duration, Instant};

/// Time to look at what is signed or changed.
pub const LOOK: Duration = Duration::from_millis(1500);
/// Time to let go of the keys, where a wrong answer costs nothing.
pub const SETTLE: Duration = Duration::from_millis(500);
/// Time in which nobody has written down twelve words.
pub const WRITE: Duration = Duration::from_secs(5);

/// Counts how long a question has been looked at.
#[derive(Clone, Copy, Debug)]
pub struct Arming {
    delay: Duration,
    since: Option<Instant>,
}

impl Arming {
    /// Not in sight yet.
    pub fn new(delay: Duration) -> Self {
        Self { delay, since: None }
    }

    /// Once a frame: is the question on the screen in full, in a window with the focus?
    pub fn look(&mut self, in_sight: bool, now: Instant) {
        match (in_sight, self.since) {
            (true, None) => self.since = Some(now),
            (true, Some(_)) => {}
            (false, _) => self.since = None,
        }
    }

    /// It was out of sight in between.
    pub fn interrupt(&mut self) {
        self.since = None;
    }

    /// What is missing; nothing where a "yes" counts.
    pub fn left(&self, now: Instant) -> Duration {
        match self.since {
            None => self.delay,
            Some(since) => self.delay.saturating_sub(now.saturating_duration_since(since)),
        }
    }

    /// Does a "yes" count?
    pub fn armed(&self, now: Instant) -> bool {
        self.since.is_some() && self.left(now).is_zero()
    }

    /// In words, for a button that can't be pressed yet: `Look first: 1 s`.
    pub fn words(&self, first: &str, now: Instant) -> Option<String> {
        if self.armed(now) {
            return None;
        }
        let seconds = self.left(now).as_millis().div_ceil(1000).max(1);
        Some(format!("{first}: {seconds} s"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_arms_after_the_delay_and_starts_again_when_the_focus_was_lost() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut arming = Arming::new(LOOK);
        assert!(!arming.armed(at(10_000)), "never shown, never armed");
        arming.look(true, at(0));
        assert_eq!(arming.words("Look first", at(0)).unwrap(), "Look first: 2 s");
        assert_eq!(arming.words("Look first", at(600)).unwrap(), "Look first: 1 s");
        assert!(!arming.armed(at(1499)));
        assert!(arming.armed(at(1500)));
        assert_eq!(arming.words("Look first", at(1500)), None);
        arming.look(false, at(2000));
        assert!(!arming.armed(at(9000)));
        arming.look(true, at(9000));
        assert!(!arming.armed(at(10_499)));
        assert!(arming.armed(at(10_500)));
    }

    proptest! {
        /// Whatever happens, a "yes" counts only after so long in sight without a break.
        #[test]
        fn it_is_never_armed_early(steps in proptest::collection::vec((any::<bool>(), 0u64..800), 1..60)) {
            let mut now = Instant::now();
            let mut arming = Arming::new(LOOK);
            let mut in_sight_for = None;
            for (in_sight, ms) in steps {
                arming.look(in_sight, now);
                in_sight_for = match (in_sight, in_sight_for) {
                    (true, None) => Some(Duration::ZERO),
                    (true, some) => some,
                    (false, _) => None,
                };
                now += Duration::from_millis(ms);
                in_sight_for = in_sight_for.map(|d: Duration| d + Duration::from_millis(ms));
                prop_assert_eq!(arming.armed(now), in_sight_for.is_some_and(|d| d >= LOOK));
                prop_assert_eq!(arming.words("", now).is_none(), arming.armed(now));
            }
        }
    }
}
