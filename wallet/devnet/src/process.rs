//! Processes that outlive the command that started them: who they are, whether they still run, how to stop them.

use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde::{Deserialize, Serialize};

use crate::error::DevnetError;

/// A process, told apart from a later one that got the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProcessMark {
    pub(crate) pid: i32,
    /// Start time in clock ticks since boot (field 22 of `/proc/PID/stat`); `None` where there is no `/proc`.
    started: Option<u64>,
}

/// How a process was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// It ended on SIGTERM.
    Gently,
    /// It had to be killed; what it had not written is lost.
    Killed,
    /// It did not run any more.
    AlreadyGone,
}

impl ProcessMark {
    /// The process that has this id now.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        let pid = i32::try_from(pid).ok()?;
        Some(Self { pid, started: stat(pid).map(|s| s.started) })
    }

    /// Whether that very process still runs. A zombie does not.
    pub(crate) fn runs(&self) -> bool {
        match (stat(self.pid), self.started) {
            (Some(now), Some(started)) => now.started == started && !matches!(now.state, 'Z' | 'X'),
            (None, Some(_)) => false,
            // No /proc on this system: the id is all there is to go by.
            (_, None) => Pid::from_raw(self.pid).is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH)),
        }
    }

    /// SIGTERM, then SIGKILL when it still runs after `patience`.
    pub(crate) fn stop(&self, patience: Duration) -> Result<Stopped, DevnetError> {
        if !self.signal(Signal::TERM)? {
            return Ok(Stopped::AlreadyGone);
        }
        // A stopped process (Ctrl-Z, SIGSTOP) would not see the first signal.
        self.signal(Signal::CONT)?;
        if self.ended_within(patience) {
            return Ok(Stopped::Gently);
        }
        self.signal(Signal::KILL)?;
        self.ended_within(Duration::from_secs(5));
        Ok(Stopped::Killed)
    }

    /// SIGSTOP, and waits until every thread has stopped: the signal takes effect a moment after it is sent.
    pub(crate) fn freeze(&self) -> Result<(), DevnetError> {
        if self.signal(Signal::STOP)? {
            let start = Instant::now();
            while any_thread_moves(self.pid) && start.elapsed() < Duration::from_secs(5) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        Ok(())
    }

    /// Sends a signal, if that very process still runs, and says whether it does.
    pub(crate) fn signal(&self, signal: Signal) -> Result<bool, DevnetError> {
        let Some(pid) = Pid::from_raw(self.pid).filter(|_| self.runs()) else {
            return Ok(false);
        };
        match kill_process(pid, signal) {
            Ok(()) => Ok(true),
            Err(Errno::SRCH) => Ok(false),
            Err(e) => Err(DevnetError::Signal { pid: self.pid, source: e.into() }),
        }
    }

    fn ended_within(&self, patience: Duration) -> bool {
        let start = Instant::now();
        while self.runs() {
            if start.elapsed() > patience {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        true
    }
}

struct Stat {
    state: char,
    started: u64,
}

/// From `/proc/PID/stat`, see proc_pid_stat(5). The command name in parentheses may itself contain anything, so that
/// fields are counted from the last `)`.
fn stat(pid: i32) -> Option<Stat> {
    parse_stat(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// False also where there is no `/proc`.
fn any_thread_moves(pid: i32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return false;
    };
    let states = threads.flatten().filter_map(|t| parse_stat(&std::fs::read_to_string(t.path().join("stat")).ok()?));
    states.into_iter().any(|s| s.state != 'T')
}

fn parse_stat(text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    // State is field 3 and start time is field 22.
    let started = fields.nth(18)?.parse().ok()?;
    Some(Stat { state, started })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_again_and_its_successor_is_not() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let mark = ProcessMark::of(child.id()).unwrap();
        assert!(mark.runs());
        let other = ProcessMark { started: mark.started.map(|t| t + 1), ..mark };
        assert_eq!(other.runs(), cfg!(not(target_os = "linux")));
        assert_eq!(mark.stop(Duration::from_secs(5)).unwrap(), Stopped::Gently);
        // It is now a zombie of ours, which counts as gone.
        assert!(!mark.runs());
        assert_eq!(mark.stop(Duration::from_secs(5)).unwrap(), Stopped::AlreadyGone);
        child.wait().unwrap();
        assert!(!mark.runs());
    }
}
