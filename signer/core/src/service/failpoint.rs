//! Places where a test kills the process, as a power cut would.

/// With the feature `failpoints` and `PARLANCE_FAILPOINT=NAME:N`, the N-th pass here says so on standard error and goes
/// no further, so that the test can kill -9 the process exactly here (the sandbox does not let it kill itself).
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
    let Some((at, pass)) = PLAN.as_ref() else {
        return;
    };
    if at == name && PASSES.fetch_add(1, Ordering::SeqCst) + 1 == *pass {
        eprintln!("failpoint {name}");
        loop {
            std::thread::park();
        }
    }
}

/// Nothing, in every build that people get.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub(super) fn reach(_name: &str) {}
