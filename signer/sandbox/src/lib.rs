//! Shuts a process in: Landlock for files, a seccomp allow-list for system calls, and a few switches that keep
//! its memory to itself. What the kernel refuses to give is said in the [`Report`], never passed over.
//!
//! Call one of [`enter_signer`] and [`enter_worker`] once, at the start, before any thread is started: Landlock binds
//! the calling thread and those it starts later.

mod error;
mod files;
mod hardening;
mod syscalls;

use std::path::Path;

pub use error::SandboxError;
use serde::{Deserialize, Serialize};

/// What holds on this kernel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Files outside the given folders are out of reach.
    pub files: Hold,
    /// System calls outside the list fail with `ENOSYS`.
    pub syscalls: Hold,
    /// Other programs of the same user can't read the memory; no core dumps.
    pub memory: Hold,
}

/// How far one protection holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// As designed.
    Full,
    /// With a gap, in words.
    Partly(String),
    /// Not at all, and why.
    Not(String),
}

impl Report {
    /// One plain sentence for each protection.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let say = |what: &str, hold: &Hold| match hold {
            Hold::Full => format!("{what}: holds."),
            Hold::Partly(gap) => format!("{what}: holds in part ({gap})."),
            Hold::Not(why) => format!("{what}: does not hold here ({why})."),
        };
        vec![
            say("Files outside its own folder are out of reach", &self.files),
            say("No network, no other programs (system-call list)", &self.syscalls),
            say("Its memory is closed to other programs of the same user", &self.memory),
        ]
    }

    /// True where nothing is missing.
    #[must_use]
    pub fn complete(&self) -> bool {
        [&self.files, &self.syscalls, &self.memory].into_iter().all(|h| *h == Hold::Full)
    }
}

/// For the signer: read and write `folder`, nothing else; threads but no processes; no sockets but those inherited.
///
/// # Errors
/// [`SandboxError`] where `folder` can't be opened. A kernel that gives less is not an error; see [`Report`].
pub fn enter_signer(folder: &Path) -> Result<Report, SandboxError> {
    enter(&[], &[folder])
}

/// For the model worker: read `files`, write nothing; threads but no processes; no sockets.
///
/// # Errors
/// [`SandboxError`] where one of `files` can't be opened. A kernel that gives less is not an error; see [`Report`].
pub fn enter_worker(files: &[&Path]) -> Result<Report, SandboxError> {
    enter(files, &[])
}

/// Only the last of the three: for processes that need files and other system calls, such as the approver.
#[must_use]
pub fn close_memory() -> Hold {
    hardening::close_memory()
}

fn enter(read: &[&Path], write: &[&Path]) -> Result<Report, SandboxError> {
    let memory = hardening::close_memory();
    let files = files::restrict(read, write)?;
    let syscalls = syscalls::restrict();
    Ok(Report { files, syscalls, memory })
}
