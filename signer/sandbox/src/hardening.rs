//! Memory that other programs of the same user can't read.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

use crate::Hold;

/// `PR_SET_DUMPABLE` 0 (no ptrace, no `/proc/PID/mem` for the same user) and no core files.
pub(crate) fn close_memory() -> Hold {
    let mut gaps = Vec::new();
    if let Err(e) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        gaps.push(format!("PR_SET_DUMPABLE: {e}"));
    }
    if let Err(e) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        gaps.push(format!("RLIMIT_CORE: {e}"));
    }
    if rustix::process::getuid().is_root() {
        gaps.push("running as root, which may read all memory".into());
    }
    if gaps.is_empty() { Hold::Full } else { Hold::Partly(gaps.join("; ")) }
}
