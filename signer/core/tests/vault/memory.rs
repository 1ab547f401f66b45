//! After locking, no secret is left anywhere in the process: heap, stack, or what libraries left behind.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::process::Command;

use alloy_primitives::Address;
use parlance_effects::Registry;
use parlance_signer_core::keys::PrivateKey;
use parlance_signer_core::keys::keystore::ScryptCost;
use parlance_signer_core::sign::{Understood, sign};
use parlance_signer_core::vault::{KdfParameters, Protection, Vault};

use super::{PASSWORD, label, manual_clock, password, phrase, secret, vault_in};

const STAGE: &str = "PARLANCE_TEST_MEMORY";
const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const IMPORTED: &str = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
/// The first key of the words.
const DERIVED: &str = "33fa40f84e854b941c2b0436dd4a256e1df1cb41b9c1c0ccc8446408c19b8bf9";
const MASK: u8 = 0x5a;

/// Something that must not be found. Kept masked, so that the search does not find itself.
struct Needle {
    name: &'static str,
    masked: Vec<u8>,
}

impl Needle {
    fn new(name: &'static str, bytes: &[u8]) -> Self {
        // A part is enough to give a secret away, and shorter needles find more.
        Self { name, masked: bytes.iter().take(20).map(|byte| byte ^ MASK).collect() }
    }

    fn of_hex(name: &'static str, digits: &str) -> Self {
        let byte = |index: usize| u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).unwrap() ^ MASK;
        Self { name, masked: (0..20).map(byte).collect() }
    }

    fn found_in(&self, memory: &[u8]) -> Vec<usize> {
        let first = self.masked[0] ^ MASK;
        memory
            .windows(self.masked.len())
            .enumerate()
            .filter(|(_, window)| window[0] == first && window.iter().zip(&self.masked).all(|(byte, masked)| byte ^ MASK == *masked))
            .map(|(at, _)| at)
            .collect()
    }
}

/// Every private writable mapping, one after the other.
fn search(needles: &[Needle]) -> Vec<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let memory = File::open("/proc/self/mem").unwrap();
    let mut found = Vec::new();
    let mut buffer = Vec::new();
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let (range, rights) = (fields.next().unwrap(), fields.next().unwrap());
        let name = fields.nth(3).unwrap_or("anonymous");
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let (from, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        // Not the buffer that this is read into.
        buffer.clear();
        buffer.resize(usize::try_from(to - from).unwrap(), 0);
        let own = buffer.as_ptr() as u64;
        if (from..to).contains(&own) {
            continue;
        }
        if memory.read_exact_at(&mut buffer, from).is_err() {
            continue;
        }
        for needle in needles {
            for at in needle.found_in(&buffer) {
                found.push(format!("{} at {:x} in {name}", needle.name, from + at as u64));
            }
        }
        buffer.fill(0);
    }
    found
}

/// Everything that touches secrets.
fn use_everything() -> Vault {
    let parent = tempfile::tempdir().unwrap();
    let mut vault = vault_in(&parent.path().join("data"), &manual_clock(), Protection::Keyring(secret()));
    let derived = vault.add_phrase(phrase(WORDS), None, label("Derived")).unwrap().address;
    let imported = vault.import_key(PrivateKey::from_hex(IMPORTED).unwrap(), label("Imported")).unwrap().address;
    for account in [derived, imported] {
        let hello = Understood::message(account, b"hello").unwrap();
        sign(vault.key(account).unwrap(), &hello).unwrap();
        let transfer = Understood::transaction(&Registry::builtin(), account, &super::signatures::transfer_on(1)).unwrap();
        sign(vault.key(account).unwrap(), &transfer).unwrap();
    }
    vault.lock();
    vault.unlock(&password(PASSWORD)).unwrap();
    let own = password("of this backup only");
    let cheap = KdfParameters::cheap_for_tests();
    assert_eq!(vault.export_phrase(&password(PASSWORD), 1).unwrap().words.as_str().len(), WORDS.len());
    assert_eq!(vault.export_key(&password(PASSWORD), derived).unwrap().as_str()[2..], *DERIVED);
    vault.export_keystore(&password(PASSWORD), imported, &own, ScryptCost::cheap_for_tests()).unwrap();
    vault.back_up(&password(PASSWORD), &own, cheap, &[], 0).unwrap();
    assert_ne!(derived, Address::ZERO);
    vault
}

#[test]
#[ignore = "a part of `locking_leaves_no_secret_in_memory`, which starts it"]
fn inside() {
    if std::env::var_os(STAGE).is_none() {
        return;
    }
    let needles = [
        Needle::new("the phrase", WORDS.as_bytes()),
        Needle::new("the password", PASSWORD.as_bytes()),
        Needle::new("the imported key in hex", IMPORTED.as_bytes()),
        Needle::new("the derived key in hex", DERIVED.as_bytes()),
        Needle::of_hex("the imported key", IMPORTED),
        Needle::of_hex("the derived key", DERIVED),
    ];
    let mut vault = use_everything();
    // The search works: while unlocked, both keys are there.
    let open = search(&needles);
    for name in ["the imported key", "the derived key"] {
        assert!(open.iter().any(|found| found.starts_with(&format!("{name} at"))), "{name} was not found: {open:?}");
    }
    vault.lock();
    let left = search(&needles);
    println!("LEFT {left:#?}");
    assert!(left.is_empty(), "{left:#?}");
    println!("nothing is left");
}

#[test]
fn locking_leaves_no_secret_in_memory() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "vault::memory::inside", "--ignored", "--nocapture"])
        .env(STAGE, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("nothing is left"), "{text}");
}
