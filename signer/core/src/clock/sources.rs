//! The three clocks of a Linux machine.

use std::fmt::Debug;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

/// What the signer reads of time.
pub trait Clock: Debug + Send + Sync {
    /// Unix seconds, as the computer claims. May jump.
    fn wall(&self) -> u64;
    /// Milliseconds since boot, suspend included. Never jumps while the machine runs.
    fn boot_ms(&self) -> u64;
    /// Milliseconds since boot, suspend left out.
    fn monotonic_ms(&self) -> u64;
    /// Random id of this boot of the machine; empty where the system has none.
    fn boot_id(&self) -> &str;
}

/// The machine's clocks.
#[derive(Debug)]
pub struct SystemClock {
    boot_id: String,
}

impl SystemClock {
    /// Reads the boot id, so make it before the sandbox closes `/proc`.
    #[must_use]
    pub fn new() -> Self {
        let boot_id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|s| s.trim().to_owned()).unwrap_or_default();
        Self { boot_id }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
    }

    fn boot_ms(&self) -> u64 {
        millis(ClockId::Boottime)
    }

    fn monotonic_ms(&self) -> u64 {
        millis(ClockId::Monotonic)
    }

    fn boot_id(&self) -> &str {
        &self.boot_id
    }
}

fn millis(id: ClockId) -> u64 {
    let t = clock_gettime(id);
    let seconds = u64::try_from(t.tv_sec).unwrap_or(0);
    let millis = u64::try_from(t.tv_nsec / 1_000_000).unwrap_or(0);
    seconds.saturating_mul(1000).saturating_add(millis)
}

/// Clocks that a test turns by hand.
#[cfg(any(test, feature = "test-params"))]
#[derive(Debug)]
pub struct ManualClock {
    boot_id: String,
    wall: std::sync::atomic::AtomicU64,
    boot: std::sync::atomic::AtomicU64,
    monotonic: std::sync::atomic::AtomicU64,
}

#[cfg(any(test, feature = "test-params"))]
impl ManualClock {
    /// At this Unix time, on the boot with this id, `boot_ms` after it.
    #[must_use]
    pub fn new(wall: u64, boot_id: &str, boot_ms: u64) -> Self {
        Self { boot_id: boot_id.to_owned(), wall: wall.into(), boot: boot_ms.into(), monotonic: boot_ms.into() }
    }

    /// Time passes: all clocks move.
    pub fn pass(&self, seconds: u64) {
        use std::sync::atomic::Ordering::SeqCst;
        self.wall.fetch_add(seconds, SeqCst);
        self.boot.fetch_add(seconds * 1000, SeqCst);
        self.monotonic.fetch_add(seconds * 1000, SeqCst);
    }

    /// The machine sleeps: the monotonic clock stands still.
    pub fn suspend(&self, seconds: u64) {
        use std::sync::atomic::Ordering::SeqCst;
        self.wall.fetch_add(seconds, SeqCst);
        self.boot.fetch_add(seconds * 1000, SeqCst);
    }

    /// Somebody sets the wall clock.
    pub fn set_wall(&self, wall: u64) {
        self.wall.store(wall, std::sync::atomic::Ordering::SeqCst);
    }
}

#[cfg(any(test, feature = "test-params"))]
impl Clock for ManualClock {
    fn wall(&self) -> u64 {
        self.wall.load(std::sync::atomic::Ordering::SeqCst)
    }

    fn boot_ms(&self) -> u64 {
        self.boot.load(std::sync::atomic::Ordering::SeqCst)
    }

    fn monotonic_ms(&self) -> u64 {
        self.monotonic.load(std::sync::atomic::Ordering::SeqCst)
    }

    fn boot_id(&self) -> &str {
        &self.boot_id
    }
}
