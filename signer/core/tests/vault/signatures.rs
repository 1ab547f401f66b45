//! Signatures by published vectors, and what is never signed.

use alloy_primitives::{Address, Bytes, U256, address, hex, keccak256};
use parlance_effects::Registry;
use parlance_signer_core::SignerError;
use parlance_signer_core::keys::{Label, PrivateKey};
use parlance_signer_core::sign::{Signed, Understood, sign};
use parlance_signer_core::vault::Protection;
use serde::Deserialize;

use super::{manual_clock, vault_in};

fn signed(key: &PrivateKey, understood: &Understood) -> String {
    match sign(key, understood).unwrap() {
        Signed::Transaction { raw, hash } => {
            assert_eq!(keccak256(&raw), hash);
            hex::encode_prefixed(raw)
        }
        Signed::Signature(signature) => hex::encode_prefixed(signature.0),
        Signed::Authorization(authorization) => format!("{authorization:?}"),
    }
}

/// The example of EIP-155.
#[test]
fn eip_155() {
    let key = PrivateKey::from_hex(&"46".repeat(32)).unwrap();
    let unsigned = hex!("ec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080018080");
    let understood = Understood::transaction(&Registry::builtin(), key.address(), &unsigned).unwrap();
    assert_eq!(hex::encode(understood.digest()), "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
    assert_eq!(
        signed(&key, &understood),
        "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    name: String,
    key: String,
    address: Address,
    unsigned: Bytes,
    signed: String,
    unsigned_without_chain: Option<Bytes>,
}

#[test]
fn ethers_transactions() {
    let registry = Registry::builtin();
    for (vectors, least) in
        [(include_str!("vectors/ethers-legacy-transactions.json"), 80), (include_str!("vectors/ethers-typed-transactions.json"), 120)]
    {
        let vectors: Vec<Transaction> = serde_json::from_str(vectors).unwrap();
        assert!(vectors.len() >= least);
        for vector in vectors {
            let key = PrivateKey::from_hex(&vector.key).unwrap();
            assert_eq!(key.address(), vector.address);
            let understood = Understood::transaction(&registry, vector.address, &vector.unsigned).unwrap();
            assert_eq!(signed(&key, &understood), vector.signed, "{}", vector.name);
            // Without chain id it would be valid on every chain: never.
            if let Some(bytes) = vector.unsigned_without_chain {
                let error = Understood::transaction(&registry, vector.address, &bytes).unwrap_err();
                assert!(matches!(error, SignerError::NotDecoded(_)), "{}: {error}", vector.name);
            }
        }
    }
}

/// The example of EIP-712, with the signature that it prints.
#[test]
fn eip_712_mail() {
    let key = PrivateKey::from_hex(&hex::encode(keccak256("cow"))).unwrap();
    assert_eq!(key.address(), address!("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"));
    let json = r#"{
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"}, {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"}
            ],
            "Person": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}],
            "Mail": [
                {"name": "from", "type": "Person"}, {"name": "to", "type": "Person"},
                {"name": "contents", "type": "string"}
            ]
        },
        "primaryType": "Mail",
        "domain": {
            "name": "Ether Mail", "version": "1", "chainId": 1,
            "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"
        },
        "message": {
            "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
            "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
            "contents": "Hello, Bob!"
        }
    }"#;
    let understood = Understood::typed_data(&Registry::builtin(), key.address(), json).unwrap();
    assert_eq!(hex::encode(understood.digest()), "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
    assert_eq!(
        signed(&key, &understood),
        "0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c"
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypedData {
    name: String,
    domain: serde_json::Map<String, serde_json::Value>,
    primary_type: String,
    types: serde_json::Map<String, serde_json::Value>,
    data: serde_json::Value,
    digest: String,
    private_key: Option<String>,
    signature: Option<String>,
}

#[test]
fn ethers_typed_data() {
    let vectors: Vec<TypedData> = serde_json::from_str(include_str!("vectors/ethers-eip712.json")).unwrap();
    assert!(vectors.len() >= 60);
    let registry = Registry::builtin();
    let anyone = PrivateKey::from_hex(&"46".repeat(32)).unwrap();
    for vector in vectors {
        let fields =
            [("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"), ("salt", "bytes32")];
        let domain_type: Vec<_> = fields
            .iter()
            .filter(|(name, _)| vector.domain.contains_key(*name))
            .map(|(name, kind)| serde_json::json!({"name": name, "type": kind}))
            .collect();
        let mut types = vector.types.clone();
        types.insert("EIP712Domain".into(), domain_type.into());
        let json = serde_json::json!({
            "types": types, "primaryType": vector.primary_type, "domain": vector.domain, "message": vector.data,
        })
        .to_string();
        let key = vector.private_key.as_deref().map(|text| PrivateKey::from_hex(text).unwrap());
        let key = key.as_ref().unwrap_or(&anyone);
        let understood =
            Understood::typed_data(&registry, key.address(), &json).unwrap_or_else(|error| panic!("{}: {error}\n{json}", vector.name));
        assert_eq!(hex::encode_prefixed(understood.digest()), vector.digest, "{}", vector.name);
        let made = signed(key, &understood);
        if let Some(signature) = vector.signature.filter(|_| vector.private_key.is_some()) {
            assert_eq!(made, signature, "{}", vector.name);
        }
    }
}

/// The example of web3.js' and geth's documentation for `personal_sign`.
#[test]
fn eip_191() {
    let key = PrivateKey::from_hex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318").unwrap();
    let understood = Understood::message(key.address(), b"Some data").unwrap();
    assert_eq!(hex::encode(understood.digest()), "1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655");
    assert_eq!(
        signed(&key, &understood),
        "0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c"
    );
}

#[test]
fn a_message_that_could_be_a_digest_is_never_signed() {
    let key = PrivateKey::from_hex(&"46".repeat(32)).unwrap();
    let digest = keccak256("a transaction that nobody saw");
    for bytes in
        [digest.to_vec(), hex::encode(digest).into_bytes(), hex::encode_prefixed(digest).into_bytes(), format!("  {digest}\n").into_bytes()]
    {
        let understood = Understood::message(key.address(), &bytes).unwrap();
        assert!(matches!(sign(&key, &understood), Err(SignerError::Unsupported { .. })));
    }
}

#[test]
fn a_key_signs_for_its_own_account_only() {
    let (key, other) = (PrivateKey::from_hex(&"46".repeat(32)).unwrap(), PrivateKey::from_hex(&"47".repeat(32)).unwrap());
    let understood = Understood::message(other.address(), b"hello").unwrap();
    assert!(matches!(sign(&key, &understood), Err(SignerError::WrongKey { .. })));
    assert!(sign(&other, &understood).is_ok());
}

#[test]
fn blobs_unknown_types_and_rubbish_are_not_even_decoded() {
    let account = Address::repeat_byte(1);
    let registry = Registry::builtin();
    // A blob transaction (type 3), one of an unknown type, a signed legacy transaction, nothing.
    let signed_legacy = hex!(
        "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
    );
    let mut trailing = hex!("ec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080018080").to_vec();
    trailing.push(0);
    for bytes in [&hex!("03c0")[..], &hex!("7ec0"), &signed_legacy, &[], &trailing, &keccak256("x")[..]] {
        let error = Understood::transaction(&registry, account, bytes).unwrap_err();
        assert!(matches!(error, SignerError::NotDecoded(_)), "{error}");
        assert!(!error.remedy().is_empty());
    }
}

/// A demo wallet's password is on the screen: its keys are worth nothing off the local chains.
#[test]
fn play_money_keys_sign_for_local_chains_only() {
    let parent = tempfile::tempdir().unwrap();
    let mut vault = vault_in(&parent.path().join("data"), &manual_clock(), Protection::PlayMoney);
    assert!(vault.is_play_money());
    let imported = PrivateKey::from_hex(&"46".repeat(32)).unwrap();
    let imported = vault.import_key(imported, Label::new("Imported").unwrap()).unwrap().address;
    let derived = vault.accounts()[0].address;
    let registry = Registry::builtin();
    for account in [derived, imported] {
        let key = vault.key(account).unwrap();
        for (chain, allowed) in [(31_337, true), (1_337, true), (1, false), (8453, false), (11_155_111, false)] {
            let transfer = Understood::transaction(&registry, account, &transfer_on(chain)).unwrap();
            assert_eq!(sign(key, &transfer).is_ok(), allowed, "chain {chain}");
            let delegation = Understood::authorization(account, chain, Address::ZERO, 0).unwrap();
            assert_eq!(sign(key, &delegation).is_ok(), allowed, "chain {chain}");
        }
        // Valid on every chain.
        let delegation = Understood::authorization(account, 0, Address::ZERO, 0).unwrap();
        assert!(matches!(sign(key, &delegation), Err(SignerError::Unsupported { .. })));
        let hello = Understood::message(account, b"hello").unwrap();
        assert!(sign(key, &hello).is_ok());
    }
}

/// An unsigned EIP-1559 transfer of 1 wei.
pub(super) fn transfer_on(chain: u64) -> Vec<u8> {
    use alloy_consensus::{SignableTransaction, TxEip1559};
    let to = Address::repeat_byte(2).into();
    let tx = TxEip1559 { chain_id: chain, gas_limit: 21_000, to, value: U256::from(1), ..Default::default() };
    tx.encoded_for_signing()
}
