//! The desktop app as a person uses it: real windows, the real signer, a real chain. One story a test, since each start costs.

mod first_run;
mod handed_down;
mod losses;
mod screens;
mod story;
mod stuck;

use std::panic::{AssertUnwindSafe, catch_unwind};

use parlance_tests::{desktop::Desktop, world::World};

#[test]
fn what_a_test_starts_ends_with_it_also_where_it_fails() {
    let mut started = Vec::new();
    let failed = catch_unwind(AssertUnwindSafe(|| {
        let world = World::up();
        let app = Desktop::start("failing", &world.data());
        app.unlock();
        started = app.everything();
        panic!("on purpose");
    }));
    assert!(failed.is_err());
    for name in
        ["Xvfb", "openbox", "dbus-daemon", "at-spi-bus-launcher", "WebKitWebDriver", "parlance", "parlance-signer", "WebKitWebProcess"]
    {
        assert!(started.iter().any(|p| p.name == name), "{name} is not among {started:?}");
    }
    let left: Vec<_> = started.iter().filter(|p| p.runs()).collect();
    assert!(left.is_empty(), "{left:?}");
}
