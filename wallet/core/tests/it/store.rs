use std::io::{BufRead, BufReader};
use std::path::Path;

use alloy_primitives::{Address, B256, U256};
use parlance_effects::AssetKind;
use parlance_wallet_core::WalletError;
use parlance_wallet_core::store::{HistoryFilter, Kind, Leg, NewEntry, Role, Store, StoreKey, StoreKeySource};
use parlance_wallet_core::tokens::Usd;
use rusqlite::Connection;
use serde_json::json;

use crate::common::soak;

fn raw(dir: &Path) -> Connection {
    Connection::open(dir.join("wallet.db")).unwrap()
}

#[test]
fn conversations_keep_their_messages_and_their_step() {
    let dir = tempfile::tempdir().unwrap();
    let key = StoreKey::random().unwrap();
    let store = Store::open(dir.path(), &key).unwrap();
    let talk = store.start_conversation("Pay\u{202e} Alice").unwrap();
    assert_eq!(talk.title, "Pay Alice");
    for i in 0..5 {
        store.append(talk.id, Role::Person, &json!({ "text": format!("message {i}") })).unwrap();
    }
    store.put_pending(talk.id, "await_approval", &json!({ "tx": 1 })).unwrap();
    store.put_pending(talk.id, "await_receipt", &json!({ "tx": 2 })).unwrap();
    store.set("spending_asset", &"USDC").unwrap();
    store.set("spending_asset", &"DAI").unwrap();
    drop(store);

    let store = Store::open(dir.path(), &key).unwrap();
    let messages = store.messages(talk.id, 3).unwrap();
    assert_eq!(messages.iter().map(|m| m.body["text"].as_str().unwrap()).collect::<Vec<_>>(), ["message 2", "message 3", "message 4"]);
    let pending = store.pending(talk.id).unwrap().unwrap();
    assert_eq!((pending.step.as_str(), &pending.body["tx"]), ("await_receipt", &json!(2)));
    assert_eq!(store.all_pending().unwrap().len(), 1);
    assert_eq!(store.setting::<String>("spending_asset").unwrap().as_deref(), Some("DAI"));
    assert_eq!(store.setting::<String>("nothing").unwrap(), None);
    store.rename_conversation(talk.id, "Other").unwrap();
    assert_eq!(store.conversations().unwrap()[0].title, "Other");
    store.delete_conversation(talk.id).unwrap();
    assert!(store.messages(talk.id, 9).unwrap().is_empty() && store.all_pending().unwrap().is_empty());
    for gone in [store.append(talk.id, Role::Person, &1).map(drop), store.put_pending(talk.id, "x", &1), store.delete_conversation(talk.id)]
    {
        assert!(matches!(gone, Err(WalletError::NotFound { .. })));
    }
}

#[test]
fn nothing_said_can_be_read_from_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), &StoreKey::random().unwrap()).unwrap();
    let talk = store.start_conversation("zanzibar-title").unwrap();
    store.append(talk.id, Role::Person, &"zanzibar-message").unwrap();
    store.put_pending(talk.id, "zanzibar-step", &"zanzibar-body").unwrap();
    store.set("theme", &"zanzibar-setting").unwrap();
    store.add_history(entry(Kind::Out, 1, "ZANZIBAR", Some("zanzibar-name"))).unwrap();
    drop(store);
    let mut read = 0;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let file = file.unwrap();
        let bytes = std::fs::read(file.path()).unwrap();
        read += bytes.len();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains("zanzibar"), "{:?}", file.path());
        assert!(!text.contains(&format!("{:x}", Address::repeat_byte(0xcd))));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.path());
        }
    }
    assert!(read > 10_000);
}

#[test]
fn another_key_a_newer_schema_and_moved_rows_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let key = StoreKey::random().unwrap();
    let store = Store::open(dir.path(), &key).unwrap();
    let talk = store.start_conversation("one").unwrap();
    store.append(talk.id, Role::Wallet, &"first").unwrap();
    store.append(talk.id, Role::Wallet, &"second").unwrap();
    store.set("a", &1).unwrap();
    store.set("b", &2).unwrap();
    drop(store);
    assert!(matches!(Store::open(dir.path(), &StoreKey::random().unwrap()), Err(WalletError::StoreKey)));

    let db = raw(dir.path());
    db.execute_batch("UPDATE messages SET body = (SELECT body FROM messages WHERE id = 1) WHERE id = 2;").unwrap();
    db.execute_batch("UPDATE settings SET key = 'c' WHERE key = 'a';").unwrap();
    let store = Store::open(dir.path(), &key).unwrap();
    assert!(matches!(store.messages(talk.id, 9), Err(WalletError::Sealed { table: "messages", id: 2, .. })));
    assert!(matches!(store.setting::<u64>("c"), Err(WalletError::Sealed { .. })));
    db.execute_batch("UPDATE messages SET body = zeroblob(3) WHERE id = 2;").unwrap();
    assert!(matches!(store.messages(talk.id, 9), Err(WalletError::Sealed { .. })));
    drop(store);

    db.execute_batch("INSERT INTO schema_version (version, applied) VALUES (99, 0);").unwrap();
    let error = Store::open(dir.path(), &key).unwrap_err();
    assert!(matches!(error, WalletError::NewerSchema { found: 99, .. }) && error.remedy().contains("newest release"));
}

#[test]
fn the_key_comes_from_a_descriptor_or_a_file_and_opens_the_same_store() {
    let dir = tempfile::tempdir().unwrap();
    let (key, warning) = StoreKey::open(dir.path(), StoreKeySource::File).unwrap();
    assert!(warning.is_some());
    Store::open(dir.path(), &key).unwrap().set("x", &1).unwrap();
    let file = std::fs::File::open(dir.path().join("store.key")).unwrap();
    let fd = std::os::fd::AsRawFd::as_raw_fd(&file);
    let (key, warning) = StoreKey::open(dir.path(), StoreKeySource::Fd(fd)).unwrap();
    assert!(warning.is_none());
    assert_eq!(Store::open(dir.path(), &key).unwrap().setting::<u8>("x").unwrap(), Some(1));
}

fn leg(symbol: &str, amount: u64, usd: Option<u128>) -> Leg {
    let asset = if symbol == "ETH" { AssetKind::Native } else { AssetKind::Token(Address::repeat_byte(symbol.len() as u8)) };
    Leg { asset, symbol: symbol.into(), decimals: 6, amount: U256::from(amount), usd: usd.map(Usd::from_micro) }
}

fn entry(kind: Kind, at: u64, symbol: &str, name: Option<&str>) -> NewEntry {
    NewEntry {
        at,
        kind,
        chain: 31337,
        account: Address::repeat_byte(0xcd),
        gave: Some(leg(symbol, 1_500_000, Some(1_500_000))),
        got: None,
        fee: Some(leg("ETH", 10, None)),
        with: Some(Address::repeat_byte(0xab)),
        with_name: name.map(str::to_owned),
        tx: Some(B256::repeat_byte(u8::try_from(at).unwrap())),
        note: None,
    }
}

#[test]
fn history_filters_sums_and_exports() {
    let store = Store::in_memory().unwrap();
    store.add_history(entry(Kind::Out, 10, "USDC", Some("Alice"))).unwrap();
    let again = store.add_history(entry(Kind::Out, 10, "USDC", Some("Alice"))).unwrap();
    store.add_history(entry(Kind::X402, 20, "USDC", Some("=HYPERLINK(\"http://evil\")"))).unwrap();
    store.add_history(NewEntry { got: Some(leg("ETH", 7, None)), ..entry(Kind::Swap, 30, "USDC", None) }).unwrap();
    store.add_history(NewEntry { gave: Some(leg("DAI", 5, None)), ..entry(Kind::Out, 40, "DAI", Some("Bob")) }).unwrap();

    let all = store.history(&HistoryFilter::default()).unwrap();
    assert_eq!(all.iter().map(|e| e.what.at).collect::<Vec<_>>(), [40, 30, 20, 10], "the same event is there once");
    assert_eq!(again.id, all[3].id);
    let with = |with: &str| store.history(&HistoryFilter { with: Some(with.into()), ..HistoryFilter::default() }).unwrap().len();
    assert_eq!((with("alice"), with("carol")), (1, 0));
    assert_eq!(with(&Address::repeat_byte(0xab).to_string()), 4);
    let span = HistoryFilter { from: Some(20), until: Some(40), ..HistoryFilter::default() };
    assert_eq!(store.history(&span).unwrap().len(), 2);
    let kinds = HistoryFilter { kinds: vec![Kind::Out], limit: Some(1), asset: Some("usdc".into()), ..HistoryFilter::default() };
    assert_eq!(store.history(&kinds).unwrap()[0].what.at, 10);

    let spending = store.spending(&HistoryFilter::default()).unwrap();
    let usdc = spending.paid.iter().find(|s| s.symbol == "USDC").unwrap();
    assert_eq!((usdc.amount.as_str(), usdc.times, usdc.usd.micro()), ("3", 2, 3_000_000), "a swap spends nothing");
    assert_eq!(spending.paid_usd.micro(), 3_000_000);
    assert_eq!((spending.fees[0].times, spending.fees_usd, spending.unpriced), (4, Usd::ZERO, 5));

    let mut csv = Vec::new();
    assert_eq!(store.export_csv(&HistoryFilter::default(), &mut csv).unwrap(), 9);
    let text = String::from_utf8(csv.clone()).unwrap();
    assert!(text.starts_with("time,kind,direction,asset,amount,usd,"));
    assert!(text.contains("1970-01-01T00:00:10Z,out,out,USDC,1.5,1.5,Alice"), "{text}");
    for record in csv::Reader::from_reader(csv.as_slice()).records() {
        for cell in record.unwrap().iter() {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
}

/// Not a test of its own: what the crash test kills. Says each number once it is stored.
#[test]
fn crash_child() {
    let Some(dir) = std::env::var_os("PARLANCE_TEST_CRASH_DIR") else {
        return;
    };
    let store = Store::open(Path::new(&dir), &StoreKey::new([3; 32])).unwrap();
    let talk = store.start_conversation("crash").unwrap().id;
    for n in 0u64.. {
        store.put_pending(talk, "count", &n).unwrap();
        store.append(talk, Role::Event, &n).unwrap();
        store.set("last", &n).unwrap();
        store.add_history(NewEntry { tx: Some(B256::from(U256::from(n))), ..entry(Kind::Out, 1, "USDC", None) }).unwrap();
        println!("stored {talk} {n}");
    }
}

#[test]
fn a_killed_process_leaves_a_whole_store_with_everything_that_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..if soak() { 100 } else { 4 } {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::crash_child", "--nocapture"])
            .env("PARLANCE_TEST_CRASH_DIR", dir.path())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut acknowledged = None;
        // Killed in the middle of whatever it does after so many.
        while acknowledged.is_none_or(|(_, n)| n < 5 + round * 7 % 23) {
            let line = lines.next().unwrap().unwrap();
            if let Some((talk, n)) = line.strip_prefix("stored ").and_then(|rest| rest.split_once(' ')) {
                acknowledged = Some((talk.parse::<i64>().unwrap(), n.parse::<u64>().unwrap()));
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said after the last line that was read counts too.
        for line in lines.map_while(Result::ok) {
            if let Some(n) = line.strip_prefix("stored ").and_then(|rest| rest.split_once(' ')).and_then(|(_, n)| n.parse().ok()) {
                acknowledged = acknowledged.map(|(talk, _)| (talk, n));
            }
        }
        let (talk, n) = acknowledged.unwrap();

        let check: String = raw(dir.path()).query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
        let store = Store::open(dir.path(), &StoreKey::new([3; 32])).unwrap();
        let pending = store.pending(talk).unwrap().unwrap().body.as_u64().unwrap();
        let last = store.setting::<u64>("last").unwrap().unwrap();
        let messages = store.messages(talk, 1_000_000).unwrap();
        let said = messages.last().unwrap().body.as_u64().unwrap();
        assert!(messages.iter().enumerate().all(|(i, m)| m.body == json!(i)), "no hole");
        // In the order of writing: pending first, then message, then setting, at most one ahead of what was acknowledged.
        assert!(n <= last && last <= said && said <= pending && pending <= n + 1, "{n} {last} {said} {pending}");
        store.history(&HistoryFilter::default()).unwrap();
    }
}

/// Not a test of its own: runs inside a session bus with a fresh keyring.
#[test]
fn keyring_child() {
    let Some(dir) = std::env::var_os("PARLANCE_TEST_KEYRING_DIR") else { return };
    let dir = Path::new(&dir);
    let (key, warning) = StoreKey::open(dir, StoreKeySource::Auto).unwrap();
    assert!(warning.is_none() && !dir.join("store.key").exists());
    assert_eq!(std::fs::read_to_string(dir.join("store.source")).unwrap(), "keyring");
    Store::open(dir, &key).unwrap().set("kept", &1).unwrap();
    let (again, _) = StoreKey::open(dir, StoreKeySource::Keyring).unwrap();
    assert_eq!(Store::open(dir, &again).unwrap().setting::<u8>("kept").unwrap(), Some(1));
    println!("the keyring kept it");
}

#[test]
fn the_key_lives_in_the_keyring_where_there_is_one_and_its_absence_is_noticed() {
    let have = |program: &str| std::process::Command::new(program).arg("--version").output().is_ok();
    if !have("dbus-run-session") || !have("gnome-keyring-daemon") {
        eprintln!("skipped: needs dbus-run-session and gnome-keyring-daemon");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let script = "printf 'pw\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec \"$0\" --exact store::keyring_child --nocapture";
    let output = std::process::Command::new("dbus-run-session")
        .args(["--", "bash", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .env("PARLANCE_TEST_KEYRING_DIR", &data)
        .env("XDG_DATA_HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("the keyring kept it"), "{said}{}", String::from_utf8_lossy(&output.stderr));
    // Now without that session: the key is not silently replaced by a file.
    let script = "exec \"$0\" --exact store::keyring_gone_child --nocapture";
    let output = std::process::Command::new("bash")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .env("PARLANCE_TEST_KEYRING_DIR", &data)
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("XDG_RUNTIME_DIR")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(!data.join("store.key").exists());
}

/// Not a test of its own: the folder of `keyring_child` without its keyring.
#[test]
fn keyring_gone_child() {
    let Some(dir) = std::env::var_os("PARLANCE_TEST_KEYRING_DIR") else { return };
    if std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some() {
        return;
    }
    let error = StoreKey::open(Path::new(&dir), StoreKeySource::Auto).unwrap_err();
    assert!(matches!(error, WalletError::KeySource { .. }), "{error}");
}
