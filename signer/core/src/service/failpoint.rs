//! Places where a test kills the process, as a power cut would.

/// With the feature `failpoints` and `PARLANCE_FAILPOINT=NAME:N`, the N-th pass here kills the process with SIGKILL.
#[cfg(feature = "failpoints")]
pub(super) fn reach(name: &str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    static PASSES: AtomicU64 = AtomicU64::new(0);
    static PLAN: LazyLock<Option<(String, u64)>> = LazyLock::new(|| {
        let plan = std::env::var("PARLANCE_FAILPOINT").ok()?;
        let (name, pass) = plan.split_once(':')?;
        Some((name.to_owned(), pass.parse().ok()?))
    });
    let Some((at, pass)) = PLAN.as_ref() else { return };
    if at == name && PASSES.fetch_add(1, Ordering::SeqCst) + 1 == *pass {
        let own = rustix::process::getpid();
        // It can't fail for one's own process; and if it did, the test would see a process that goes on.
        let _ = rustix::process::kill_process(own, rustix::process::Signal::KILL);
    }
}

/// Nothing, in every build that people get.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub(super) fn reach(_name: &str) {}
