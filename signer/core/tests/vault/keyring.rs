//! A real GNOME Keyring on a D-Bus of its own, started and stopped here.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output};

use parlance_signer_core::SignerError;
use parlance_signer_core::keyring::{Backend, KeyringStore, survey};

const STAGE: &str = "PARLANCE_TEST_KEYRING_STAGE";
const SERVICE: &str = "parlance-test";
const ACCOUNT: &str = "vault 1";

/// Starts a session bus and an unlocked keyring on it, runs the command given, stops both.
const SESSION: &str = r#"
set -u
mkdir -p "$XDG_DATA_HOME" "$XDG_RUNTIME_DIR" && chmod 700 "$XDG_RUNTIME_DIR"
if [ "$PARLANCE_TEST_KEYRING_STAGE" = locked ]; then unlock=; else unlock=--unlock; fi
printf 'keyring password' | gnome-keyring-daemon --foreground $unlock --components=secrets >/dev/null 2>&1 &
daemon=$!
for _ in $(seq 200); do
  dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
    string:org.freedesktop.secrets 2>/dev/null | grep -q 'boolean true' && break
  sleep 0.05
done
"$@"
status=$?
kill "$daemon" 2>/dev/null; wait "$daemon" 2>/dev/null
exit $status
"#;

fn installed(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

fn in_session(home: &Path, stage: &str) -> Output {
    let args: [OsString; 5] = ["--".into(), "bash".into(), "-c".into(), SESSION.into(), "session".into()];
    Command::new("dbus-run-session")
        .args(args)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "vault::keyring::inside_the_session", "--ignored", "--nocapture"])
        .env(STAGE, stage)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_RUNTIME_DIR", home.join("run"))
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .output()
        .unwrap()
}

#[test]
fn the_secret_outlives_the_keyring_daemon() {
    let missing: Vec<&str> =
        ["dbus-run-session", "gnome-keyring-daemon", "dbus-send", "bash"].into_iter().filter(|program| !installed(program)).collect();
    if !missing.is_empty() {
        assert!(std::env::var_os("CI").is_none(), "not installed: {missing:?} (apt: gnome-keyring dbus-x11)");
        eprintln!("SKIPPED the keyring test; not installed: {missing:?} (apt: gnome-keyring dbus-x11)");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    for stage in ["first", "again", "locked"] {
        let output = in_session(home.path(), stage);
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stage}: {text}");
        assert!(text.contains(&format!("stage {stage} done")), "{stage} did not run: {text}");
    }
}

/// Runs in the session, with a new daemon each time.
#[test]
#[ignore = "a part of `the_secret_outlives_the_keyring_daemon`, which starts it"]
fn inside_the_session() {
    let Ok(stage) = std::env::var(STAGE) else {
        return;
    };
    let store = KeyringStore::open(Backend::SecretService).unwrap();
    if stage == "locked" {
        // Nobody there to unlock it: an error, neither a new secret nor an endless wait.
        let error = store.load_or_create(SERVICE, ACCOUNT).unwrap_err();
        assert!(matches!(error, SignerError::Keyring { .. }), "{error}");
        println!("stage {stage} done: {error}");
        return;
    }
    assert!(store.backend().survives_reboot());
    assert!(survey().iter().any(|report| report.backend == Backend::SecretService && report.usable.is_ok()));
    if stage == "first" {
        assert!(store.load(SERVICE, ACCOUNT).unwrap().is_none());
        assert_eq!(store.load_generation(SERVICE, ACCOUNT).unwrap(), 0);
        let made = store.load_or_create(SERVICE, ACCOUNT).unwrap();
        assert_eq!(store.load_or_create(SERVICE, ACCOUNT).unwrap(), made);
        assert_eq!(KeyringStore::open(Backend::SecretService).unwrap().load(SERVICE, ACCOUNT).unwrap().unwrap(), made);
        // Another vault has another secret.
        assert_ne!(store.load_or_create(SERVICE, "vault 2").unwrap(), made);
        store.store_generation(SERVICE, ACCOUNT, 41).unwrap();
        store.store_generation(SERVICE, ACCOUNT, 40).unwrap();
        assert_eq!(store.load_generation(SERVICE, ACCOUNT).unwrap(), 41);
    } else {
        let kept = store.load(SERVICE, ACCOUNT).unwrap().expect("the secret is gone");
        assert_eq!(store.load_or_create(SERVICE, ACCOUNT).unwrap(), kept);
        assert_eq!(store.load_generation(SERVICE, ACCOUNT).unwrap(), 41);
        store.forget(SERVICE, ACCOUNT).unwrap();
        assert!(store.load(SERVICE, ACCOUNT).unwrap().is_none());
        assert_eq!(store.load_generation(SERVICE, ACCOUNT).unwrap(), 0);
        assert_ne!(store.load_or_create(SERVICE, ACCOUNT).unwrap(), kept);
    }
    println!("stage {stage} done");
}

#[test]
fn without_a_session_bus_it_says_so() {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "vault::keyring::outside_of_any_session", "--ignored", "--nocapture"])
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", home.path().join("nothing").display()))
        .env("XDG_RUNTIME_DIR", home.path())
        .env(STAGE, "outside")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("said so"), "{text}");
}

#[test]
#[ignore = "a part of `without_a_session_bus_it_says_so`, which starts it"]
fn outside_of_any_session() {
    if std::env::var_os(STAGE).is_none() {
        return;
    }
    let error = KeyringStore::open(Backend::SecretService).unwrap_err();
    assert!(matches!(error, SignerError::Keyring { .. }), "{error}");
    assert!(!error.remedy().is_empty());
    println!("said so: {error}");
}
