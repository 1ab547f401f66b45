//! The time that is left, in words. Pure.

use std::time::{Duration, Instant};

/// How long an answer counts.
#[derive(Clone, Copy, Debug)]
pub struct Remaining {
    until: Instant,
    whole: Duration,
}

impl Remaining {
    pub fn new(seconds: u32, now: Instant) -> Self {
        let whole = Duration::from_secs(seconds.into());
        Self { until: now + whole, whole }
    }

    pub fn over(&self, now: Instant) -> bool {
        now >= self.until
    }

    fn left(&self, now: Instant) -> Duration {
        self.until.saturating_duration_since(now)
    }

    /// Seconds as a person counts them: the last one lasts until the end.
    fn seconds(&self, now: Instant) -> u64 {
        self.left(now).as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
    }

    /// From 1 to 0, in whole seconds.
    pub fn share(&self, now: Instant) -> f32 {
        if self.whole.is_zero() {
            return 0.0;
        }
        (self.seconds(now) as f32 / self.whole.as_secs_f32()).clamp(0.0, 1.0)
    }

    pub fn words(&self, now: Instant) -> String {
        let plural = |n: u64, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
        match self.seconds(now) {
            s if s >= 300 => format!("{} left", plural(s / 60, "minute")),
            s => format!("{} left", plural(s, "second")),
        }
    }

    /// When the words change next.
    pub fn next_change(&self, now: Instant) -> Duration {
        let left = self.left(now);
        let part = left.subsec_nanos();
        if part == 0 { Duration::from_secs(1).min(left) } else { Duration::from_nanos(part.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn time_is_told_in_words() {
        let now = Instant::now();
        for (seconds, words) in [
            (1800, "30 minutes left"),
            (301, "5 minutes left"),
            (120, "120 seconds left"),
            (59, "59 seconds left"),
            (1, "1 second left"),
            (0, "0 seconds left"),
        ] {
            assert_eq!(Remaining::new(seconds, now).words(now), words);
        }
        assert!(Remaining::new(0, now).over(now));
    }

    proptest! {
        #[test]
        fn it_counts_down_by_ones_and_ends_when_it_is_over(seconds in 1u32..2000, ms in 0u64..3_000_000) {
            let start = Instant::now();
            let remaining = Remaining::new(seconds, start);
            let now = start + Duration::from_millis(ms);
            prop_assert_eq!(remaining.over(now), remaining.seconds(now) == 0);
            let next = now + remaining.next_change(now);
            prop_assert!(remaining.seconds(next) + 1 >= remaining.seconds(now));
            prop_assert!(remaining.share(next) <= remaining.share(now));
            prop_assert!((0.0..=1.0).contains(&remaining.share(now)));
        }
    }
}
