//! Byte for byte the same signatures as viem: see `../interop/README.md`.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use alloy_primitives::{Address, B256, Bytes, U256};
use parlance_effects::Registry;
use parlance_signer_core::keys::PrivateKey;
use parlance_signer_core::keys::keystore::{self, ScryptCost};
use parlance_signer_core::sign::{Signed, Understood, sign};
use parlance_signer_core::vault::Protection;
use serde::Deserialize;

use super::{label, manual_clock, password, vault_in};

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Case {
    Transaction { name: String, key: String, address: Address, unsigned: Bytes, signed: Bytes, hash: B256 },
    TypedData { key: String, address: Address, json: String, digest: B256, signature: Bytes },
    Message { key: String, address: Address, bytes: Bytes, signature: Bytes },
    Authorization(Authorization),
    Account { name: String, address: Address },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authorization {
    key: String,
    #[serde(rename = "address")]
    authorized: Address,
    chain_id: u64,
    nonce: u64,
    r: U256,
    s: U256,
    y_parity: u8,
}

/// What a script prints; `None`, said so, where node or its modules are missing.
fn node(args: &[&str], input: &str) -> Option<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/interop");
    let child = folder
        .join("node_modules/viem")
        .is_dir()
        .then(|| {
            let mut command = Command::new("node");
            command.args(args).current_dir(&folder).stdin(Stdio::piped()).stdout(Stdio::piped());
            command.stderr(Stdio::piped()).spawn().ok()
        })
        .flatten();
    let Some(mut child) = child else {
        assert!(std::env::var_os("CI").is_none(), "node or its modules are missing: npm ci in {}", folder.display());
        eprintln!("SKIPPED the comparison with viem; node or its modules are missing: npm ci in {}", folder.display());
        return None;
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

fn cases() -> Option<Vec<Case>> {
    let rounds = if std::env::var_os("PARLANCE_SOAK").is_some() { "300" } else { "12" };
    node(&["viem.mjs", "2026", rounds], "").map(|text| serde_json::from_slice(&text).unwrap())
}

/// A keystore file that we write opens with Node's own cryptography.
#[test]
fn others_can_open_our_keystore_files() {
    let key = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
    let own = password("p\u{e4}ssword of this file");
    let cost = if std::env::var_os("PARLANCE_SOAK").is_some() { ScryptCost::STANDARD } else { ScryptCost::cheap_for_tests() };
    let file = keystore::encrypt(&PrivateKey::from_hex(key).unwrap(), &own, cost).unwrap();
    let Some(opened) = node(&["keystore.mjs", "p\u{e4}ssword of this file"], &file) else {
        return;
    };
    assert_eq!(String::from_utf8(opened).unwrap(), key);
}

#[test]
fn every_signature_is_the_one_that_viem_makes() {
    let Some(cases) = cases() else { return };
    let registry = Registry::builtin();
    let mut seen = std::collections::BTreeMap::new();
    let parent = tempfile::tempdir().unwrap();
    let mut vault = vault_in(&parent.path().join("data"), &manual_clock(), Protection::PasswordOnly);
    vault.add_next_account(0, label("Second")).unwrap();
    vault.add_agents_account(0, label("Agents")).unwrap();
    for case in cases {
        let kind = match case {
            Case::Transaction { name, key, address, unsigned, signed, hash } => {
                let key = PrivateKey::from_hex(&key).unwrap();
                assert_eq!(key.address(), address);
                let understood = Understood::transaction(&registry, address, &unsigned).unwrap();
                assert_eq!(sign(&key, &understood).unwrap(), Signed::Transaction { raw: signed, hash }, "{name}");
                name
            }
            Case::TypedData { key, address, json, digest, signature } => {
                let key = PrivateKey::from_hex(&key).unwrap();
                let understood = Understood::typed_data(&registry, address, &json).unwrap();
                assert_eq!(understood.digest(), digest, "{json}");
                assert_eq!(signature_of(&key, &understood), signature, "{json}");
                "typed data".into()
            }
            Case::Message { key, address, bytes, signature } => {
                let key = PrivateKey::from_hex(&key).unwrap();
                let understood = Understood::message(address, &bytes).unwrap();
                assert_eq!(signature_of(&key, &understood), signature, "{bytes}");
                "message".into()
            }
            Case::Authorization(case) => {
                let key = PrivateKey::from_hex(&case.key).unwrap();
                let understood = Understood::authorization(key.address(), case.chain_id, case.authorized, case.nonce).unwrap();
                let Signed::Authorization(signed) = sign(&key, &understood).unwrap() else { panic!("no authorization") };
                assert_eq!((signed.r(), signed.s(), signed.y_parity()), (case.r, case.s, case.y_parity));
                assert_eq!(signed.recover_authority().unwrap(), key.address());
                "authorization".into()
            }
            Case::Account { name, address } => {
                assert!(vault.accounts().iter().any(|account| account.address == address), "{name} {address}");
                "account".into()
            }
        };
        *seen.entry(kind).or_insert(0) += 1;
    }
    for kind in ["legacy", "eip2930", "eip1559", "eip7702", "typed data", "message", "authorization"] {
        assert!(seen.get(kind).is_some_and(|count| *count >= 12), "{kind}: {seen:?}");
    }
    assert_eq!(seen.get("account"), Some(&3));
}

fn signature_of(key: &PrivateKey, understood: &Understood) -> Bytes {
    match sign(key, understood).unwrap() {
        Signed::Signature(signature) => Bytes::copy_from_slice(&signature.0),
        other => panic!("{other:?}"),
    }
}
