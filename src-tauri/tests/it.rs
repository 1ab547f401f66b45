//! The pages' bindings, and what they may call.

use std::{collections::BTreeSet, fs, path::Path};

use parlance_desktop::{COMMANDS, api};
use specta_typescript::Typescript;

const GENERATED: &str = "../ui/src/lib/generated.ts";

#[test]
fn the_generated_types_are_those_of_the_commands() {
    let before = fs::read_to_string(GENERATED).unwrap_or_default();
    let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated.ts");
    let language = Typescript::default().header(
        "// Commands, events and types of the desktop shell. Written by `cargo test --release -p parlance-desktop`; not by hand.\n",
    );
    api::builder().export(language, &fresh).expect("every type can be written as TypeScript");
    let now = fs::read_to_string(&fresh).expect("just written");
    if now != before {
        fs::write(GENERATED, &now).expect("ui/src/lib can be written");
    }
    assert!(now == before, "{GENERATED} was not up to date; it is now: look at it and commit it");
}

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
