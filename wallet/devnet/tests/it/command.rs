//! The program as a person runs it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use alloy_network::TransactionBuilder;
use alloy_primitives::{B256, U256};
use alloy_provider::{DynProvider, Provider, ProviderBuilder};
use alloy_rpc_types_eth::TransactionRequest;
use parlance_devnet::DevWorld;
use parlance_devnet::addresses::{ALICE, BOB, DEMO};
use serde_json::Value;
use tempfile::TempDir;

use crate::uses::key;

/// A data folder whose world is stopped at the end of the test, whatever happens.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parlance-devnet"));
        command.args(arguments).arg("--data").arg(self.world());
        // The lender has a test of its own, across crates.
        command.args((arguments.first() == Some(&"up")).then_some("--chain-only"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The answer to `arguments --json`, with the exit code.
    fn json(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let out = self.command(arguments).arg("--json").output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        let value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text:?}, {}", String::from_utf8_lossy(&out.stderr)));
        (out.status.code(), value)
    }

    fn up(&self, more: &[&str]) -> Value {
        let port = free_port().to_string();
        let (code, value) = self.json(&[&["up", "--port", port.as_str()], more].concat());
        assert_eq!(code, Some(0), "{value}");
        value
    }

    fn world(&self) -> PathBuf {
        self.0.path().join("world")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.run(&["down"]);
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn provider(status: &Value) -> DynProvider {
    ProviderBuilder::new().disable_recommended_fillers().connect_http(status["rpc_url"].as_str().unwrap().parse().unwrap()).erased()
}

async fn pay_bob(chain: &DynProvider) -> B256 {
    let request = TransactionRequest::default().with_from(DEMO).with_to(BOB).with_value(U256::from(1));
    let hash = *chain.send_transaction(request).await.unwrap().tx_hash();
    for _ in 0..1_000 {
        if chain.get_transaction_receipt(hash).await.unwrap().is_some() {
            return hash;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no block took the payment");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn help_has_examples_and_wrong_usage_is_told_apart() {
    let program = env!("CARGO_BIN_EXE_parlance-devnet");
    for arguments in [vec!["--help"], vec!["up", "--help"], vec!["down", "--help"], vec!["status", "--help"]] {
        let out = Command::new(program).args(&arguments).output().unwrap();
        assert_eq!(out.status.code(), Some(0));
        assert!(text(&out.stdout).contains("Example:\n  parlance dev "), "{arguments:?}");
    }
    for arguments in [vec![], vec!["sideways"], vec!["up", "--port", "0"], vec!["up", "--port", "70000"], vec!["status", "--fresh"]] {
        let out = Command::new(program).args(&arguments).output().unwrap();
        assert_eq!(out.status.code(), Some(2), "{arguments:?}");
    }
}

#[tokio::test]
async fn up_down_and_up_again_go_on_with_the_same_chain() {
    let folder = Folder::new();
    let (code, before) = folder.json(&["status"]);
    assert_eq!((code, &before["running"], &before["saved"]), (Some(1), &false.into(), &false.into()));
    assert!(!folder.world().exists(), "status changes nothing");

    let up = folder.up(&[]);
    let world: DevWorld = serde_json::from_value(up.clone()).unwrap();
    assert_eq!(world, DevWorld::at(up["rpc_url"].as_str().unwrap()));
    let file: DevWorld = serde_json::from_slice(&std::fs::read(folder.world().join("devworld.json")).unwrap()).unwrap();
    assert_eq!(file, world);
    let (code, status) = folder.json(&["status"]);
    assert_eq!((code, &status["running"], &status["pid"]), (Some(0), &true.into(), &up["pid"]));

    // Idempotent: the same process, in words too.
    let (code, again) = folder.json(&["up"]);
    assert_eq!((code, &again["pid"], &again["rpc_url"]), (Some(0), &up["pid"], &up["rpc_url"]));
    let words = folder.run(&["up"]);
    assert!(text(&words.stdout).starts_with("The local world is already running."));
    assert!(text(&words.stdout).contains(&world.rpc_url));

    let chain = provider(&up);
    let before = chain.get_balance(BOB).await.unwrap();
    pay_bob(&chain).await;
    let block = chain.get_block_number().await.unwrap();
    let (code, down) = folder.json(&["down"]);
    assert_eq!((code, &down["stopped"], &down["saved"]), (Some(0), &true.into(), &true.into()));
    assert!(chain.get_chain_id().await.is_err());
    assert!(!folder.world().join("devworld.json").exists());
    let (code, status) = folder.json(&["status"]);
    assert_eq!((code, &status["running"], &status["saved"]), (Some(1), &false.into(), &true.into()));
    let (code, down) = folder.json(&["down"]);
    assert_eq!((code, &down["stopped"]), (Some(0), &false.into()));

    let resumed = folder.up(&[]);
    let chain = provider(&resumed);
    assert_eq!(chain.get_balance(BOB).await.unwrap(), before + U256::from(1));
    assert!(chain.get_block_number().await.unwrap() >= block);
    pay_bob(&chain).await;

    folder.run(&["down"]);
    let fresh = folder.up(&["--fresh"]);
    assert_eq!(provider(&fresh).get_balance(BOB).await.unwrap(), before);
    assert!(folder.world().join("chain/state.json.old").exists());
}

#[test]
fn a_port_that_is_taken_is_refused_or_avoided() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let out = folder.run(&["up", "--port", &port.to_string()]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains(&format!("port {port} of 127.0.0.1 is taken")), "{}", text(&out.stderr));
    assert!(text(&out.stderr).contains("leave `--port` out"));
    let (_, status) = folder.json(&["status"]);
    assert_eq!(status["running"], false);

    // Without --port another is found, whoever has the usual one.
    let _usual = TcpListener::bind("127.0.0.1:8545");
    let (code, up) = folder.json(&["up"]);
    assert_eq!(code, Some(0), "{up}");
    assert_ne!(up["rpc_url"], "http://127.0.0.1:8545");
}

#[test]
fn a_chain_that_was_killed_is_noticed_and_replaced() {
    let folder = Folder::new();
    let up = folder.up(&[]);
    let pid = up["pid"].as_i64().unwrap();
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
    let mut status = folder.json(&["status"]);
    for _ in 0..500 {
        if status.1["running"] == false && status.1["not_answering"].is_null() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
        status = folder.json(&["status"]);
    }
    assert_eq!((status.0, &status.1["lost_pid"]), (Some(1), &pid.into()));
    let again = folder.up(&[]);
    assert_ne!(again["pid"], up["pid"]);
}

#[test]
fn a_stale_process_file_never_gets_a_stranger_killed() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.world().join("chain")).unwrap();
    let file = folder.world().join("chain/process.json");
    // The id of this very test, with the start time of a process that is long gone.
    std::fs::write(&file, format!(r#"{{"pid":{},"started":1,"rpc_url":"http://127.0.0.1:1"}}"#, std::process::id())).unwrap();
    let (code, down) = folder.json(&["down"]);
    assert_eq!((code, &down["stopped"]), (Some(0), &false.into()));
    std::fs::write(&file, r#"{"pid":"#).unwrap();
    let up = folder.up(&[]);
    assert_eq!(up["running"], true);
}

#[test]
fn a_hung_chain_is_reported_and_can_be_stopped() {
    let folder = Folder::new();
    let up = folder.up(&[]);
    let pid = up["pid"].to_string();
    assert!(Command::new("kill").args(["-STOP", &pid]).status().unwrap().success());
    let (code, status) = folder.json(&["status"]);
    assert_eq!((code, &status["not_answering"]), (Some(1), &true.into()));
    let (code, refused) = folder.json(&["up"]);
    assert_eq!(code, Some(1));
    assert!(refused["error"].as_str().unwrap().contains("does not answer"), "{refused}");
    let (code, down) = folder.json(&["down"]);
    assert_eq!((code, &down["stopped"], &down["saved"]), (Some(0), &true.into(), &true.into()));
}

#[test]
fn a_damaged_saved_chain_is_named_and_fresh_gets_past_it() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.world().join("chain")).unwrap();
    std::fs::write(folder.world().join("chain/state.json"), "{ not a chain").unwrap();
    let out = folder.run(&["up"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("--fresh"), "{}", text(&out.stderr));
    assert_eq!(folder.up(&["--fresh"])["running"], true);
}

#[test]
fn a_missing_anvil_is_explained() {
    let folder = Folder::new();
    let out = folder.command(&["up"]).env("PARLANCE_DEVNET_ASSETS", "/nonexistent").output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    let said = text(&out.stderr);
    assert!(said.contains("anvil is not installed") && said.contains("/nonexistent/node_modules") && said.contains("npm ci"), "{said}");
}

#[test]
fn two_ups_at_once_start_one_chain() {
    let folder = Folder::new();
    let start = || folder.command(&["up", "--json"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let (one, two) = (start(), start());
    let pids: Vec<Value> = [one, two]
        .into_iter()
        .map(|child| {
            let out = child.wait_with_output().unwrap();
            assert!(out.status.success());
            serde_json::from_slice::<Value>(&out.stdout).unwrap()["pid"].clone()
        })
        .collect();
    assert!(pids[0].is_i64());
    assert_eq!(pids[0], pids[1]);
}

/// The phrase is public, and shown on purpose; keys derived from it still do not belong in files or output.
#[test]
fn no_private_key_is_written_or_printed() {
    let folder = Folder::new();
    folder.up(&[]);
    let printed = folder.run(&["status"]);
    folder.run(&["down"]);
    let secret = alloy_primitives::hex::encode(key(0).to_bytes());
    assert!(!text(&printed.stdout).contains(&secret));
    let mut files = 0;
    for file in files_below(&folder.world()) {
        let content = std::fs::read(&file).unwrap();
        assert!(!text(&content).contains(&secret), "{}", file.display());
        files += 1;
    }
    assert!(files >= 2, "there was something to look through");
    // The check can fail: the account itself is in the saved chain.
    let state = std::fs::read_to_string(folder.world().join("chain/state.json")).unwrap().to_lowercase();
    assert!(state.contains(&ALICE.to_string().to_lowercase()));
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
}

/// Wallets ask for balances at "safe" and "finalized", and for receipts of long ago.
#[tokio::test]
async fn a_long_chain_keeps_its_receipts_and_its_recent_states() {
    let folder = Folder::new();
    let chain = provider(&folder.up(&[]));
    let payment = pay_bob(&chain).await;
    let _: Value = chain.raw_request("anvil_mine".into(), (U256::from(300), U256::from(1))).await.unwrap();
    let expected = chain.get_balance(BOB).await.unwrap();
    assert_eq!(chain.get_balance(BOB).finalized().await.unwrap(), expected);
    assert!(chain.get_transaction_receipt(payment).await.unwrap().is_some());
    folder.run(&["down"]);
    assert!(!folder.world().join("chain/cache").exists());
    let chain = provider(&folder.up(&[]));
    assert_eq!(chain.get_balance(BOB).await.unwrap(), expected);
    assert!(chain.get_transaction_receipt(payment).await.unwrap().is_some());
}
