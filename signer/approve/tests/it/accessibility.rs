//! What a screen reader hears, over a real accessibility bus.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use parlance_signer_protocol::Outcome;
use parlance_signer_protocol::approver::{Prompt, Verdict};
use parlance_tests::screen::{Screen, until};
use serde_json::Value;

use super::approver::Approver;
use super::signer::{application, payment};

/// A session bus of its own, with the accessibility bus on it.
struct Bus {
    daemon: Child,
    session: String,
}

impl Bus {
    fn start(screen: &Screen, runtime: &std::path::Path) -> Self {
        let mut command = screen.command("dbus-daemon");
        command.args(["--session", "--nofork", "--print-address=1"]).env("XDG_RUNTIME_DIR", runtime);
        let mut daemon = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("dbus-daemon is installed");
        let mut session = String::new();
        BufReader::new(daemon.stdout.take().expect("piped")).read_line(&mut session).expect("an address");
        let bus = Self { daemon, session: session.trim().to_owned() };
        for property in ["IsEnabled", "ScreenReaderEnabled"] {
            let set = ["set-property", "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Status", property, "b", "true"];
            until("the accessibility bus", || busctl(&bus.session, &set).is_some());
        }
        bus
    }

    fn accessibility(&self) -> String {
        let address = ["call", "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress"];
        let address = busctl(&self.session, &address).expect("it is there");
        address["data"][0].as_str().expect("an address").to_owned()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}

fn busctl(address: &str, args: &[&str]) -> Option<Value> {
    let output = Command::new("busctl").arg(format!("--address={address}")).arg("--json=short").args(args).output();
    let output = output.expect("busctl is installed");
    if !output.status.success() {
        return None;
    }
    if output.stdout.is_empty() { Some(Value::Null) } else { serde_json::from_slice(&output.stdout).ok() }
}

/// Role and name of everything below an object.
fn tree(bus: &str, service: &str, path: &str, into: &mut Vec<(String, String, String)>) {
    const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
    let text =
        |value: Option<Value>| value.and_then(|v| v["data"].as_str().or(v["data"][0].as_str()).map(str::to_owned)).unwrap_or_default();
    let role = busctl(bus, &["call", service, path, ACCESSIBLE, "GetRole"]).and_then(|v| v["data"][0].as_u64());
    // As AT-SPI numbers them.
    let role = match role {
        Some(29 | 116) => "label".to_owned(),
        Some(40) => "password text".to_owned(),
        Some(43) => "button".to_owned(),
        Some(83) => "heading".to_owned(),
        other => format!("{other:?}"),
    };
    let name = text(busctl(bus, &["get-property", service, path, ACCESSIBLE, "Name"]));
    into.push((role, name, path.to_owned()));
    let children = busctl(bus, &["call", service, path, ACCESSIBLE, "GetChildren"]);
    for child in children.iter().flat_map(|c| c["data"][0].as_array()).flatten() {
        if let (Some(service), Some(path)) = (child[0].as_str(), child[1].as_str()) {
            tree(bus, service, path, into);
        }
    }
}

fn heard(bus: &str) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    tree(bus, "org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root", &mut all);
    all
}

#[test]
fn a_screen_reader_hears_what_is_asked_and_names_every_control() {
    let screen = Screen::start();
    let runtime = tempfile::tempdir().expect("tempdir");
    let bus = Bus::start(&screen, runtime.path());
    let env = [("DBUS_SESSION_BUS_ADDRESS", bus.session.as_str())];
    let mut a = Approver::start_on(screen, &[], &env);
    let address = bus.accessibility();

    let id = a.signer.ask(payment(Outcome::Password), 120);
    a.screen.wait_for_window();
    let has = |all: &[(String, String, String)], role: &str, name: &str| all.iter().any(|(r, n, _)| r == role && n.contains(name));
    until("the tree", || has(&heard(&address), "button", "Reject"));
    a.look();
    let all = heard(&address);
    for (role, name) in [
        ("label", "Send 50 USDC to Alice"),
        ("label", "Worth about $52.00"),
        ("label", "0x7099 7970 C518 12dc 3A01 0C7d 01b5 0e0d 17dc 79C8"),
        ("heading", "Careful"),
        ("label", "first payment to Alice"),
        ("button", "Copy the address of Alice"),
        ("password text", "Your password"),
        ("button", "Show: Your password"),
        ("button", "Reject"),
    ] {
        assert!(has(&all, role, name), "no {role} {name:?} in {all:#?}");
    }
    let nameless: Vec<_> = all.iter().filter(|(role, name, _)| role == "button" && name.is_empty()).collect();
    assert!(nameless.is_empty(), "{nameless:?}");

    // Typed secrets are not told.
    a.screen.press(&["alt+p"]);
    a.screen.type_text("hunter2");
    let all = heard(&address);
    assert!(!format!("{all:?}").contains("hunter2"));
    a.screen.press(&["Return"]);
    assert!(matches!(a.signer.answer(id), Verdict::Approved { password: Some(_) }));

    // Nor are shown ones, unless the owner asks for it.
    let words = ["abandon", "ability"].map(str::to_owned).into();
    let id = a.signer.ask(Prompt::ShowSecret { title: "Your recovery phrase".into(), words, notes: Vec::new() }, 120);
    until("the words", || has(&heard(&address), "heading", "Your recovery phrase"));
    assert!(!format!("{:?}", heard(&address)).contains("ability"));
    a.screen.press(&["Tab", "Tab", "space"]);
    until("the spoken words", || has(&heard(&address), "label", "2 ability"));
    a.screen.press(&["Escape"]);
    assert!(matches!(a.signer.answer(id), Verdict::Rejected));
}

#[test]
fn a_screen_reader_hears_the_terms_of_credit() {
    let screen = Screen::start();
    let runtime = tempfile::tempdir().expect("tempdir");
    let bus = Bus::start(&screen, runtime.path());
    let mut a = Approver::start_on(screen, &[], &[("DBUS_SESSION_BUS_ADDRESS", bus.session.as_str())]);
    let address = bus.accessibility();

    let id = a.signer.ask(application(), 120);
    a.screen.wait_for_window();
    let has = |all: &[(String, String, String)], role: &str, name: &str| all.iter().any(|(r, n, _)| r == role && n.contains(name));
    until("the tree", || has(&heard(&address), "button", "Reject"));
    a.screen.shot("credit");
    let all = heard(&address);
    for (role, name) in [
        ("label", "Apply for a credit line of up to 2000 USDC"),
        ("label", "What is borrowed has to be paid back"),
        ("heading", "Terms"),
        ("label", "“Maple'. Approved by the signer: 'yes”, as it calls itself"),
        ("label", "Interest"),
        ("label", "12 % a year"),
        ("label", "every 30 days"),
        ("label", "a balance of at least 10000 USD"),
        ("heading", "The lender says"),
        ("label", "A tenth is due each cycle.”"),
    ] {
        assert!(has(&all, role, name), "no {role} {name:?} in {all:#?}");
    }
    a.screen.press(&["Escape"]);
    assert!(matches!(a.signer.answer(id), Verdict::Rejected));
}
