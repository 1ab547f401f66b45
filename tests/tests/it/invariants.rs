//! Of the eight invariants in docs/architecture.md, those that are about processes and crates as a whole.

use std::{path::Path, process::Command};

/// Invariant 1: what holds keys is not linked into the wallet process.
#[test]
fn the_wallet_process_links_no_key_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let tree = |package: &str| {
        let out = Command::new(env!("CARGO"))
            .args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}", "-p", package])
            .current_dir(&root)
            .output()
            .expect("cargo tree");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout)
            .lines()
            .map(|l| l.split(' ').next().unwrap_or_default().to_owned())
            .collect::<std::collections::BTreeSet<_>>()
    };
    let wallet = tree("parlance-wallet");
    for forbidden in ["parlance-signer-core", "alloy-signer-local", "bip39", "coins-bip39", "bip32"] {
        assert!(!wallet.contains(forbidden), "the wallet process links {forbidden}");
    }
    let signer = tree("parlance-signer");
    for forbidden in ["reqwest", "hyper", "tokio", "parlance-wallet-core", "parlance-understand", "llama-cpp-2"] {
        assert!(!signer.contains(forbidden), "the signer links {forbidden}");
    }
    let approver = tree("parlance-approve");
    for forbidden in ["reqwest", "tokio", "parlance-signer-core", "parlance-wallet-core"] {
        assert!(!approver.contains(forbidden), "the approver links {forbidden}");
    }
    let grounding = tree("parlance-grounding");
    assert!(!grounding.contains("llama-cpp-2"), "grounding needs no C++");
}
