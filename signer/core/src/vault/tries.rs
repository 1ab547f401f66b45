//! The delay after wrong passwords, which grows, survives restarts and does not look at the wall clock.
//!
//! It slows down who guesses through the approver's window. Who can write the data folder can delete the counter, but
//! could as well copy the vault and guess elsewhere: against that stand Argon2id and the keyring's secret.

use serde::{Deserialize, Serialize};

use super::DataFolder;
use crate::SignerError;
use crate::clock::Clock;

const FILE: &str = "tries.json";
const LIMIT: usize = 4096;
/// The longest wait, in milliseconds: one hour.
const LONGEST_MS: u64 = 3_600_000;

/// Wrong passwords since the last right one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counter {
    failures: u32,
    /// Id of the boot in which the last try was made, and when it was, in milliseconds since that boot.
    boot_id: String,
    boot_ms: u64,
}

/// The counter with its file.
#[derive(Debug)]
pub(crate) struct Tries {
    counter: Counter,
}

impl Tries {
    pub(crate) fn load(folder: &DataFolder, clock: &dyn Clock) -> Result<Self, SignerError> {
        let counter = match folder.read(FILE, "counter of tries", LIMIT)? {
            None => Counter::default(),
            // A damaged counter is no fresh start: it counts as five wrong passwords, the last one just now.
            Some(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|_| Counter {
                failures: 5,
                boot_id: clock.boot_id().to_owned(),
                boot_ms: clock.boot_ms(),
            }),
        };
        let mut tries = Self { counter };
        // After a reboot nothing says how long the machine was off: the whole delay starts now.
        if tries.counter.failures > 0 && !tries.same_boot(clock) {
            tries.counter.boot_id = clock.boot_id().to_owned();
            tries.counter.boot_ms = clock.boot_ms();
        }
        Ok(tries)
    }

    /// Wrong passwords since the last right one.
    pub(crate) fn failures(&self) -> u32 {
        self.counter.failures
    }

    /// Milliseconds until the next try is allowed.
    pub(crate) fn wait_ms(&self, clock: &dyn Clock) -> u64 {
        let passed = if self.same_boot(clock) { clock.boot_ms().saturating_sub(self.counter.boot_ms) } else { 0 };
        delay_ms(self.counter.failures).saturating_sub(passed)
    }

    /// Counts a try as failed, durably, *before* it is made: killing the process in between gains nothing.
    pub(crate) fn begin(&mut self, folder: &DataFolder, clock: &dyn Clock) -> Result<(), SignerError> {
        let wait = self.wait_ms(clock);
        if wait > 0 {
            return Err(SignerError::TooSoon { seconds: wait.div_ceil(1000), failures: self.counter.failures });
        }
        self.counter =
            Counter { failures: self.counter.failures.saturating_add(1), boot_id: clock.boot_id().to_owned(), boot_ms: clock.boot_ms() };
        self.store(folder)
    }

    /// The password was right.
    pub(crate) fn succeeded(&mut self, folder: &DataFolder) -> Result<(), SignerError> {
        self.counter = Counter::default();
        self.store(folder)
    }

    fn same_boot(&self, clock: &dyn Clock) -> bool {
        !self.counter.boot_id.is_empty() && self.counter.boot_id == clock.boot_id() && clock.boot_ms() >= self.counter.boot_ms
    }

    fn store(&self, folder: &DataFolder) -> Result<(), SignerError> {
        let text = serde_json::to_vec(&self.counter)
            .map_err(|error| SignerError::Damaged { what: "counter of tries", reason: error.to_string() })?;
        folder.replace(FILE, &text)
    }
}

/// 1 s after the first wrong password, then doubled each time, at most an hour.
fn delay_ms(failures: u32) -> u64 {
    match failures {
        0 => 0,
        n => 1000u64.checked_shl(n - 1).filter(|ms| n <= 12 && *ms < LONGEST_MS).unwrap_or(LONGEST_MS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn the_delay_doubles_up_to_an_hour() {
        let delays: Vec<u64> = (0..14).map(delay_ms).collect();
        assert_eq!(delays[..5], [0, 1000, 2000, 4000, 8000]);
        assert_eq!(delays[12], 2_048_000);
        assert_eq!(delays[13], LONGEST_MS);
        assert_eq!(delay_ms(64), LONGEST_MS);
        assert_eq!(delay_ms(u32::MAX), LONGEST_MS);
    }

    #[test]
    fn neither_a_restart_nor_the_wall_clock_shortens_the_wait() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(parent.path().join("data")).unwrap();
        let clock = ManualClock::new(1_800_000_000, "boot a", 50_000);
        let mut tries = Tries::load(&folder, &clock).unwrap();
        for wait in [1, 2, 4] {
            tries.begin(&folder, &clock).unwrap();
            assert_eq!(tries.wait_ms(&clock), wait * 1000);
            assert!(matches!(tries.begin(&folder, &clock), Err(SignerError::TooSoon { .. })));
            clock.pass(wait);
        }
        tries.begin(&folder, &clock).unwrap();

        clock.set_wall(2_000_000_000);
        let restarted = Tries::load(&folder, &clock).unwrap();
        assert_eq!((restarted.failures(), restarted.wait_ms(&clock)), (4, 8000));
        clock.pass(3);
        assert_eq!(restarted.wait_ms(&clock), 5000);

        // Another boot: the whole wait again, from the moment of the start.
        let rebooted = ManualClock::new(2_000_000_000, "boot b", 10);
        let mut after = Tries::load(&folder, &rebooted).unwrap();
        assert_eq!(after.wait_ms(&rebooted), 8000);
        rebooted.pass(8);
        assert_eq!(after.wait_ms(&rebooted), 0);
        after.begin(&folder, &rebooted).unwrap();
        after.succeeded(&folder).unwrap();
        assert_eq!(Tries::load(&folder, &rebooted).unwrap().failures(), 0);
    }

    #[test]
    fn a_damaged_counter_is_no_fresh_start() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(parent.path().join("data")).unwrap();
        folder.replace(FILE, b"{").unwrap();
        let clock = ManualClock::new(1_800_000_000, "boot a", 50_000);
        assert_eq!(Tries::load(&folder, &clock).unwrap().wait_ms(&clock), 16_000);
    }
}
