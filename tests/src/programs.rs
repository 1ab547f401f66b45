//! Where the programs under test are.

use std::path::PathBuf;

/// A program of this workspace, as built beside the running test.
///
/// # Panics
/// Where it was not built: `cargo test` builds the programs of the crate under test only, so the others are built
/// first (`make build`).
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let mut folder = std::env::current_exe().expect("a test knows its own path");
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let path = folder.join(name);
    assert!(path.exists(), "{} is not built; run `make build` first", path.display());
    path
}

/// Resident memory of a process in kB, by `/proc`; 0 where it is gone.
#[must_use]
pub fn resident_kb(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().find_map(|l| l.strip_prefix("VmRSS:")).and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
