//! Time, as the limits see it.
//!
//! A program of the same user can't set the computer's clock, but a person, a bad time server or a flat battery can.
//! So rolling windows run on the *boot clock* (which counts suspend) while the signer runs, and on a persisted
//! high-water mark across restarts. The wall clock is believed only where it can't make a window run out early.

mod ledger_clock;
mod sources;

pub use ledger_clock::{LedgerClock, Mark};
#[cfg(any(test, feature = "test-params"))]
pub use sources::ManualClock;
pub use sources::{Clock, SystemClock};
