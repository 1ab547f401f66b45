//! What the pages call, and what they may call.

use std::{collections::BTreeSet, fs};

use parlance_desktop::COMMANDS;

#[test]
fn the_pages_call_every_command_by_its_name_and_no_other() {
    let text = fs::read_to_string("../ui/src/lib/bindings.ts").expect("the pages' bindings");
    let called: BTreeSet<&str> = text.split("invoke<").skip(1).filter_map(|rest| rest.split_once(">('")?.1.split('\'').next()).collect();
    assert_eq!(called, COMMANDS.iter().copied().collect());
}

#[test]
fn the_pages_may_call_every_command_and_nothing_else() {
    let text = fs::read_to_string("capabilities/main.json").expect("the capability file");
    let capability: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let permitted: BTreeSet<String> =
        capability["permissions"].as_array().expect("a list").iter().filter_map(|p| p.as_str().map(str::to_owned)).collect();
    let mut expected: BTreeSet<String> = COMMANDS.iter().map(|name| format!("allow-{}", name.replace('_', "-"))).collect();
    expected.extend(["core:event:allow-listen".to_owned(), "core:event:allow-unlisten".to_owned()]);
    assert_eq!(permitted, expected);
}

#[test]
fn the_policy_forbids_what_is_not_the_programs_own() {
    let text = fs::read_to_string("tauri.conf.json").expect("the configuration");
    let conf: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let csp = conf["app"]["security"]["csp"].as_str().expect("a policy");
    let directive =
        |name: &str| csp.split(';').map(str::trim).find_map(|d| d.strip_prefix(name).map(str::trim)).unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(directive("default-src"), "'self'");
    assert_eq!(directive("script-src"), "'self'");
    assert_eq!(directive("connect-src"), "ipc: http://ipc.localhost");
    assert!(!csp.contains("unsafe-eval") && !csp.contains("https:") && !csp.contains('*'));
    assert_eq!(conf["app"]["withGlobalTauri"], false);
}
