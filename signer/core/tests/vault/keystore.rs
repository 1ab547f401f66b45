//! Keystore v3 files of other programs.

use alloy_primitives::Address;
use parlance_signer_core::SignerError;
use parlance_signer_core::keys::{PrivateKey, keystore};
use serde::Deserialize;

use super::password;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    name: String,
    address: Option<Address>,
    private_key: String,
    password: String,
    json: String,
}

fn check(vectors: &str, least: usize) {
    let vectors: Vec<Vector> = serde_json::from_str(vectors).unwrap();
    assert!(vectors.len() >= least);
    for vector in vectors {
        let key = keystore::decrypt(&vector.json, &password(&vector.password)).unwrap();
        assert_eq!(key, PrivateKey::from_hex(&vector.private_key).unwrap(), "{}", vector.name);
        if let Some(address) = vector.address {
            assert_eq!(key.address(), address, "{}", vector.name);
        }
        // The costly ones once only.
        if !vector.json.contains("262144") {
            let wrong = keystore::decrypt(&vector.json, &password("not the password")).unwrap_err();
            assert!(matches!(wrong, SignerError::WrongPassword { .. }), "{}: {wrong}", vector.name);
        }
    }
}

#[test]
fn the_definitions_own_vectors() {
    check(include_str!("vectors/web3-secret-storage.json"), 3);
}

#[test]
fn files_of_ethers_geth_and_parity() {
    check(include_str!("vectors/ethers-wallets.json"), 7);
}

#[test]
fn other_files_are_refused_with_a_reason() {
    for (text, part) in [
        ("", "not JSON"),
        ("[]", "keystore"),
        ("{}", "version"),
        (r#"{"version":1,"crypto":{}}"#, "version 1"),
        (r#"{"version":4,"crypto":{}}"#, "version 4"),
        (r#"{"version":3}"#, "crypto"),
        // The crowdsale's own format.
        (r#"{"encseed":"00","ethaddr":"0b88d4b324ec24c8c078551e6e5075547157e5b6"}"#, "version"),
    ] {
        let error = keystore::decrypt(text, &password("x")).unwrap_err();
        assert!(matches!(error, SignerError::Keystore { .. }), "{text}: {error}");
        assert!(error.to_string().contains(part), "{text}: {error}");
    }
}
