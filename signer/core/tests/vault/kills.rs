//! kill -9 in the midst of writing: the vault stays readable, and nothing that was reported as done is lost.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use parlance_signer_core::clock::SystemClock;
use parlance_signer_core::vault::{DataFolder, Protection, Vault};

use super::{PASSWORD, label, manual_clock, password, secret, vault_in};

const DIR: &str = "PARLANCE_TEST_KILL_DIR";

/// The process that is killed: renames the first account over and over, and says each generation when it is written.
#[test]
#[ignore = "a part of `killed_writers_leave_a_readable_vault`, which starts it"]
fn writer() {
    let Some(path) = std::env::var_os(DIR) else {
        return;
    };
    let folder = Arc::new(DataFolder::open(path).unwrap());
    let mut vault = Vault::open(folder, Arc::new(SystemClock::new()), Some(secret())).unwrap();
    vault.unlock(&password(PASSWORD)).unwrap();
    let first = vault.accounts()[0].address;
    let mut out = std::io::stdout();
    loop {
        let next = vault.generation() + 1;
        vault.rename(first, label(&format!("generation {next}"))).unwrap();
        writeln!(out, "written {}", vault.generation()).unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn killed_writers_leave_a_readable_vault() {
    let rounds: u64 = if std::env::var_os("PARLANCE_SOAK").is_some() { 500 } else { 15 };
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("data");
    drop(vault_in(&path, &manual_clock(), Protection::Keyring(secret())));
    let mut last = 0;
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "vault::kills::writer", "--ignored", "--nocapture"])
            .env(DIR, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut reported = 0;
        // Let it write a few times, then kill it at a moment that differs from round to round.
        for _ in 0..(round % 4 + 1) {
            reported = next_report(&mut lines).expect("the writer ended by itself");
        }
        std::thread::sleep(Duration::from_micros(round * 131 % 3000));
        child.kill().unwrap();
        child.wait().unwrap();
        while let Some(later) = next_report(&mut lines) {
            reported = later;
        }

        let folder = Arc::new(DataFolder::open(&path).unwrap());
        let mut vault = Vault::open(folder, manual_clock(), Some(secret())).unwrap();
        vault.unlock(&password(PASSWORD)).unwrap();
        // The last reported write is there; at most the one that was not reported yet is, too.
        assert!((reported..=reported + 1).contains(&vault.generation()), "{reported}, {}", vault.generation());
        assert!(vault.generation() > last);
        let expected = format!("generation {}", vault.generation());
        assert_eq!(vault.accounts()[0].label.as_str(), expected);
        last = vault.generation();
    }
}

fn next_report(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> Option<u64> {
    lines.find_map(|line| line.unwrap().rsplit_once("written ").and_then(|(_, number)| number.parse().ok()))
}
