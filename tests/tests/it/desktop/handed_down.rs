//! What the launcher hands down to those that it starts, beside what it means to: nothing.

use std::{fs::File, io::ErrorKind};

use parlance_tests::{
    desktop::{Desktop, Surroundings},
    world::World,
};

#[test]
fn no_process_gets_a_variable_or_a_file_that_the_launcher_does_not_mean_to_hand_down() {
    let world = World::up();
    let folder = tempfile::tempdir().expect("tempdir");
    let stray = folder.path().join("stray");
    let surroundings = Surroundings {
        variables: [("LD_BIND_NOW", "1"), ("GTK_MODULES", "none"), ("PARLANCE_STRAY", "1"), ("MALLOC_CHECK_", "0")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        descriptors: vec![(File::create(&stray).expect("created"), 9)],
    };
    let app = Desktop::start_within("handed-down", &world.data(), surroundings);
    app.unlock();

    // The sockets to signer and launcher are the window's own.
    let sockets: Vec<String> = app
        .process("parlance-desktop")
        .descriptors()
        .expect("readable")
        .into_iter()
        .filter(|(n, _)| (3..=5).contains(n))
        .map(|(_, target)| target)
        .collect();
    assert!(sockets.len() == 3 && sockets.iter().all(|s| s.starts_with("socket:")), "{sockets:?}");
    for name in ["parlance-llm", "WebKitWebProcess", "WebKitNetworkProcess"] {
        let open = app.process(name).descriptors().expect("readable");
        assert!(open.values().all(|target| !sockets.contains(target)), "{name} got one of {sockets:?}: {open:?}");
    }

    let launcher = app.process("parlance");
    assert!(launcher.environment().expect("readable").contains_key("PARLANCE_STRAY"), "the launcher itself has them");
    for (name, meant) in [
        ("parlance-signer", &["TZ"][..]),
        ("parlance-approve", &["TZ", "TERM", "LANG", "LC_ALL", "LC_CTYPE", "DISPLAY", "XDG_RUNTIME_DIR"]),
        ("parlance-desktop", &DESKTOP),
        ("parlance-llm", &[]),
    ] {
        let process = app.process(name);
        let environment = match process.environment() {
            // What closes its memory to others closes this as well.
            Err(e) if e.kind() == ErrorKind::PermissionDenied => continue,
            other => other.expect("it runs"),
        };
        let more: Vec<_> = environment.keys().filter(|n| !meant.contains(&n.as_str())).collect();
        assert!(more.is_empty(), "{name} got {more:?}");
        let open = process.descriptors().expect("as its environment");
        let strays: Vec<_> = open.iter().filter(|(_, target)| target.contains("stray")).collect();
        assert!(strays.is_empty(), "{name} got {strays:?}");
    }
}

/// What a window needs, of what the test or the system has set; the last two are for this very test.
const DESKTOP: [&str; 24] = [
    "TZ",
    "TERM",
    "LANG",
    "DISPLAY",
    "XDG_RUNTIME_DIR",
    "XDG_DATA_HOME",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "HOME",
    "PATH",
    "LC_ALL",
    "LC_CTYPE",
    "USER",
    "LOGNAME",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "RUST_LOG",
    "RUST_BACKTRACE",
    "TAURI_WEBVIEW_AUTOMATION",
    "WEBKIT_INSPECTOR_SERVER",
];
