//! Official vectors of BIP-32 and BIP-39, and ethers' of BIP-44 and others. Their origin stands in
//! `tests/vault/vectors/README.md`.

use bip32::{ExtendedKey, Prefix, XPrv, XPub};
use serde::Deserialize;

use super::{AccountPath, Password, Phrase, PrivateKey, Root, SecretText};

#[derive(Deserialize)]
struct Bip39 {
    entropy: String,
    mnemonic: String,
    seed: String,
    xprv: String,
}

/// All English vectors of the reference implementation; the passphrase is "TREZOR".
#[test]
fn bip39() {
    let vectors: Vec<Bip39> = serde_json::from_str(include_str!("../../tests/vault/vectors/bip39-english.json")).unwrap();
    assert_eq!(vectors.len(), 24);
    let passphrase = Password::new("TREZOR".into()).unwrap();
    for vector in vectors {
        let phrase = Phrase::from_entropy(&hex::decode(&vector.entropy).unwrap()).unwrap();
        assert_eq!(phrase.words().unwrap().as_str(), vector.mnemonic);
        let imported = Phrase::import(&SecretText::new(vector.mnemonic)).unwrap();
        assert_eq!(hex::encode(imported.entropy()), vector.entropy);
        let seed = imported.seed(Some(&passphrase)).unwrap();
        assert_eq!(hex::encode(seed.as_slice()), vector.seed);
        assert_eq!(XPrv::new(seed.as_slice()).unwrap().to_string(Prefix::XPRV).as_str(), vector.xprv);
    }
}

#[derive(Deserialize)]
struct Bip32 {
    valid: Vec<Bip32Seed>,
    invalid: Vec<String>,
}

#[derive(Deserialize)]
struct Bip32Seed {
    name: String,
    seed: String,
    chain: Vec<Bip32Link>,
}

#[derive(Deserialize)]
struct Bip32Link {
    path: String,
    xprv: String,
    xpub: String,
}

/// Vectors 1 to 4: every link, private and public, hardened and not, with leading zeros (3, 4).
#[test]
fn bip32_chains() {
    let vectors: Bip32 = serde_json::from_str(include_str!("../../tests/vault/vectors/bip32.json")).unwrap();
    assert_eq!(vectors.valid.len(), 4);
    for vector in vectors.valid {
        let seed = hex::decode(&vector.seed).unwrap();
        for link in vector.chain {
            let key = XPrv::derive_from_path(&seed, &link.path.parse().unwrap()).unwrap();
            assert_eq!(key.to_string(Prefix::XPRV).as_str(), link.xprv, "{} {}", vector.name, link.path);
            assert_eq!(key.public_key().to_string(Prefix::XPUB), link.xpub, "{} {}", vector.name, link.path);
        }
    }
}

/// Vector 5: extended keys that must be refused. Nothing here reads extended keys from outside; the library is held
/// to it all the same, where it checks (it does not look at depth 0 with an index or a parent).
#[test]
fn bip32_invalid_keys() {
    let vectors: Bip32 = serde_json::from_str(include_str!("../../tests/vault/vectors/bip32.json")).unwrap();
    assert!(vectors.invalid.len() >= 16);
    let accepted: Vec<&str> = vectors
        .invalid
        .iter()
        .filter(|text| {
            text.parse::<ExtendedKey>()
                .is_ok_and(|key| if key.prefix.is_private() { XPrv::try_from(key).is_ok() } else { XPub::try_from(key).is_ok() })
        })
        .map(String::as_str)
        .collect();
    assert!(accepted.len() <= 4, "{accepted:#?}");
    for text in accepted {
        // xprv or xpub with depth 0: "9s2" and "661" are what follows when parent or index are not zero either.
        assert!(text.starts_with("xprv9s2") || text.starts_with("xpub661"), "{text}");
    }
}

#[derive(Deserialize)]
struct Hd {
    name: String,
    mnemonic: String,
    password: Option<String>,
    seed: String,
    hdnodes: Vec<HdNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HdNode {
    path: String,
    address: alloy_primitives::Address,
    private_key: String,
}

/// ethers' phrases, passphrases, paths and addresses.
#[test]
fn ethers_hdnodes() {
    let vectors: Vec<Hd> = serde_json::from_str(include_str!("../../tests/vault/vectors/ethers-hdnode.json")).unwrap();
    assert!(vectors.len() >= 60);
    for vector in vectors {
        let phrase = Phrase::import(&SecretText::new(vector.mnemonic)).unwrap();
        let passphrase = vector.password.map(|text| Password::new(text).unwrap());
        let seed = phrase.seed(passphrase.as_ref()).unwrap();
        assert_eq!(format!("0x{}", hex::encode(seed.as_slice())), vector.seed, "{}", vector.name);
        for node in vector.hdnodes {
            let derived = XPrv::derive_from_path(seed.as_slice(), &node.path.parse().unwrap()).unwrap();
            let key = PrivateKey::from_bytes(&derived.to_bytes()).unwrap();
            assert_eq!(key.to_hex().as_str(), node.private_key, "{} {}", vector.name, node.path);
            assert_eq!(key.address(), node.address, "{} {}", vector.name, node.path);
        }
    }
}

/// The accounts that every development chain starts with, and their agents' account as viem derives it.
#[test]
fn bip44_accounts_of_the_test_phrase() {
    let words = "test test test test test test test test test test test junk";
    let phrase = Phrase::import(&SecretText::new(words.into())).unwrap();
    let root = Root::of(&phrase, None).unwrap();
    for (path, text, address) in [
        (AccountPath::everyday(0).unwrap(), "m/44'/60'/0'/0/0", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
        (AccountPath::everyday(1).unwrap(), "m/44'/60'/0'/0/1", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
        (AccountPath::everyday(2).unwrap(), "m/44'/60'/0'/0/2", "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"),
        (AccountPath::everyday(9).unwrap(), "m/44'/60'/0'/0/9", "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720"),
        (AccountPath::AGENTS, "m/44'/60'/1'/0/0", "0x8C8d35429F74ec245F8Ef2f4Fd1e551cFF97d650"),
    ] {
        assert_eq!(path.to_string(), text);
        assert_eq!(root.key(path).unwrap().address().to_checksum(None), address, "{path}");
    }
    assert!(AccountPath::everyday(1 << 31).is_err());
}
