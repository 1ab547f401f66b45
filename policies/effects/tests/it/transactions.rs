//! EIP-2718 payloads.

use alloy_consensus::{SignableTransaction, Transaction, TxEip1559, TxEip2930, TxEip4844, TxEip7702, TxEnvelope, TxLegacy};
use alloy_eips::eip2718::Decodable2718;
use alloy_eips::eip7702::{Authorization, SignedAuthorization};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256, keccak256};
use k256::ecdsa::SigningKey;
use parlance_effects::{Effect, EffectsError, FeeCeiling, Registry, Subject, TypedTransaction, decode_transaction};
use serde_json::Value;

use crate::support::*;

fn decode(payload: &[u8]) -> Result<parlance_effects::Decoded<TypedTransaction>, EffectsError> {
    decode_transaction(Registry::builtin_ref(), ACCOUNT, payload)
}

fn bytes(value: &Value) -> Bytes {
    value.as_str().expect("hex").parse().expect("hex")
}

/// ethers writes a number, hex, or nothing for zero.
fn number(value: &Value) -> U256 {
    match value {
        Value::Null => U256::ZERO,
        Value::Number(number) => U256::from(number.as_u64().expect("small")),
        Value::String(text) if text == "0x" => U256::ZERO,
        Value::String(text) => text.parse().expect("number"),
        other => panic!("no number: {other}"),
    }
}

#[test]
fn ethers_typed_transactions_decode_to_their_fields() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../vectors/typed-transactions.json")).expect("JSON");
    let (mut understood, mut chainless) = (0, 0);
    for vector in &vectors {
        let (payload, tx) = (bytes(&vector["unsigned"]), &vector["tx"]);
        if number(&tx["chainId"]).is_zero() {
            assert_eq!(decode(&payload).err(), Some(EffectsError::NoChainId), "{}", vector["name"]);
            chainless += 1;
            continue;
        }
        let decoded = decode(&payload).unwrap_or_else(|error| panic!("{}: {error}", vector["name"]));
        let parsed = &decoded.parsed;
        assert_eq!(parsed.chain_id().map(U256::from), Some(number(&tx["chainId"])));
        assert_eq!(U256::from(parsed.nonce()), number(&tx["nonce"]));
        assert_eq!(U256::from(parsed.gas_limit()), number(&tx["gasLimit"]));
        assert_eq!(parsed.value(), number(&tx["value"]));
        let price = if tx["type"] == 2 { &tx["maxFeePerGas"] } else { &tx["gasPrice"] };
        assert_eq!(U256::from(parsed.max_fee_per_gas()), number(price));
        assert_eq!(parsed.to(), tx["to"].as_str().map(|to| to.parse().expect("address")));
        assert_eq!(decoded.digest, keccak256(&payload));

        // The signature by ethers is one over this digest, by the stated key.
        let signed = TxEnvelope::decode_2718_exact(&bytes(&vector["signed"])).expect("signed by ethers");
        let signer = signed.signature().recover_address_from_prehash(&decoded.digest).expect("recovers");
        assert_eq!(signer.to_string().to_lowercase(), vector["address"].as_str().expect("address").to_lowercase());
        assert!(decoded.effects.fee.expect("a transaction").data_bytes >= bytes(&vector["signed"]).len());
        understood += 1;
    }
    assert!(understood > 20 && chainless > 5, "{understood} understood, {chainless} without chain");
}

#[test]
fn ethers_legacy_transactions_need_their_chain() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../vectors/transactions.json")).expect("JSON");
    let mut understood = 0;
    for vector in &vectors {
        let payload = bytes(&vector["unsignedTransactionChainId5"]);
        let fits = number(&vector["nonce"]) <= u(u64::MAX)
            && number(&vector["gasLimit"]) <= u(u64::MAX)
            && number(&vector["gasPrice"]) <= U256::from(u128::MAX);
        if !fits {
            // No chain takes such a nonce, gas limit or price (EIP-2681 for the nonce).
            assert!(matches!(decode(&payload), Err(EffectsError::Rlp { tx_type: 0, .. })), "{}", vector["name"]);
            continue;
        }
        assert_eq!(decode(&bytes(&vector["unsignedTransaction"])).err(), Some(EffectsError::NoChainId), "{}", vector["name"]);
        let decoded = decode(&payload).unwrap_or_else(|error| panic!("{}: {error}", vector["name"]));
        assert_eq!(decoded.effects.chain, Some(5));
        assert_eq!(decoded.parsed.value(), number(&vector["value"]));
        assert_eq!(U256::from(decoded.parsed.gas_limit()), number(&vector["gasLimit"]));
        let signed = bytes(&vector["signedTransactionChainId5"]);
        let envelope = TxEnvelope::decode_2718_exact(&signed).expect("signed by ethers");
        let signer = envelope.signature().recover_address_from_prehash(&decoded.digest).expect("recovers");
        assert_eq!(signer.to_string().to_lowercase(), vector["accountAddress"].as_str().expect("address").to_lowercase());
        // What is signed in the end is what was decoded.
        assert_eq!(*envelope.signature_hash(), *decoded.effects.digest());
        understood += 1;
    }
    assert!(understood > 40, "{understood} understood");
}

#[test]
fn native_transfer_with_fee_ceiling() {
    let effects = call(ALICE, u(1_000_000), Bytes::new());
    let transfer = Effect::TransferOut { asset: eth(), amount: u(1_000_000), from: ACCOUNT, to: ALICE };
    assert_eq!(effects.items, [transfer]);
    assert_eq!((effects.chain, effects.account), (Some(1), ACCOUNT));
    assert!(effects.warnings.is_empty());
    let FeeCeiling { execution, gas_limit, max_fee_per_gas, data_bytes, data_fee_unbounded } = effects.fee.expect("a transaction");
    assert_eq!(execution, u(100_000) * u(30_000_000_000));
    assert_eq!((gas_limit, max_fee_per_gas, data_fee_unbounded), (100_000, 30_000_000_000, false));
    assert!((110..130).contains(&data_bytes), "{data_bytes}");
    let Subject::Transaction { tx_type, nonce, to, value, selector, data_len, digest } = effects.subject else { panic!("no transaction") };
    assert_eq!((tx_type, nonce, to, value), (2, 7, Some(ALICE), u(1_000_000)));
    assert_eq!((selector, data_len), (None, 0));
    assert_eq!(digest, keccak256(unsigned(ALICE, u(1_000_000), Bytes::new())));
}

#[test]
fn data_fee_of_op_stack_and_unknown_chains() {
    for (chain, charges) in [(1, false), (10, true), (137, false), (8453, true), (42161, false), (424_242, true)] {
        let payload = transaction(chain, ALICE, u(1), Bytes::new()).encoded_for_signing();
        let effects = decode(&payload).expect("well-formed").effects;
        assert_eq!(effects.fee.expect("a transaction").data_fee_unbounded, charges, "chain {chain}");
    }
}

#[test]
fn coin_of_an_unknown_chain_is_not_known() {
    let payload = transaction(424_242, ALICE, u(1), Bytes::new()).encoded_for_signing();
    let effects = decode(&payload).expect("well-formed").effects;
    let Effect::TransferOut { asset, .. } = &effects.items[0] else { panic!("{:?}", effects.items) };
    assert_eq!((asset.chain, &asset.known), (424_242, &None));
}

#[test]
fn sending_nothing_to_oneself_cancels() {
    assert_eq!(items(ACCOUNT, U256::ZERO, Bytes::new()), [Effect::Nothing]);
    assert!(matches!(items(ACCOUNT, u(1), Bytes::new())[..], [Effect::TransferOut { to: ACCOUNT, .. }]));
    not_understood(ACCOUNT, U256::ZERO, vec![0]);
    // To another it may run code there, but nothing of ours moves.
    assert!(matches!(items(ALICE, U256::ZERO, Bytes::new())[..], [Effect::TransferOut { .. }]));
}

#[test]
fn creation_is_a_deployment() {
    let code = vec![0x60, 0x80];
    let payload = unsigned(TxKind::Create, u(5), code.clone());
    let effects = decode(&payload).expect("well-formed").effects;
    assert_eq!(effects.items, [Effect::Deploy { init_code_hash: keccak256(code), value: u(5) }]);
    assert!(effects.has_unknown());
}

#[test]
fn refused_types() {
    assert_eq!(decode(&[]).err(), Some(EffectsError::Empty { expected: "an unsigned transaction" }));
    for first in [0x00, 0x03, 0x05, 0x19, 0x7e, 0x80, 0xbf] {
        let payload = [first, 0xc0];
        assert_eq!(decode(&payload).err(), Some(EffectsError::TransactionType { got: first }));
    }
    let blob = TxEip4844 { chain_id: 1, to: ALICE, ..Default::default() }.encoded_for_signing();
    assert_eq!(decode(&blob).err(), Some(EffectsError::TransactionType { got: 3 }));
    let too_large = unsigned(ALICE, U256::ZERO, vec![1; 200_000]);
    assert!(matches!(decode(&too_large), Err(EffectsError::TooLarge { .. })));
    // A bare hash has no way in.
    assert!(decode(B256::repeat_byte(0x42).as_slice()).is_err());
}

#[test]
fn refused_encodings() {
    let payload = unsigned(ALICE, u(1), Bytes::new());
    let with = |extra: &[u8]| [payload.as_slice(), extra].concat();
    assert!(matches!(decode(&with(&[0])), Err(EffectsError::NotCanonical { .. })), "trailing byte");
    assert!(decode(&payload[..payload.len() - 1]).is_err(), "cut off");
    assert!(matches!(decode(&payload[1..]), Err(EffectsError::Rlp { .. }) | Err(EffectsError::NotCanonical { .. })));

    // EIP-155 wants zeros for r and s, and a chain.
    let legacy = TxLegacy { chain_id: Some(1), to: TxKind::Call(ALICE), ..Default::default() };
    let mut payload = legacy.encoded_for_signing();
    assert!(decode(&payload).is_ok());
    *payload.last_mut().expect("not empty") = 1;
    assert!(matches!(decode(&payload), Err(EffectsError::NotCanonical { .. })));
    for chain_id in [None, Some(0)] {
        let payload = TxLegacy { chain_id, ..legacy.clone() }.encoded_for_signing();
        assert_eq!(decode(&payload).err(), Some(EffectsError::NoChainId), "{chain_id:?}");
    }
    let payload = TxEip2930 { chain_id: 0, ..Default::default() }.encoded_for_signing();
    assert_eq!(decode(&payload).err(), Some(EffectsError::NoChainId));

    // An integer with a leading zero, and a longer length form than needed.
    let nonce_zero_padded = hex::decode("cb820001808080808001 8080".replace(' ', "")).expect("hex");
    assert!(decode(&nonce_zero_padded).is_err());
    let long_length = hex::decode("f80980808080808001 8080".replace(' ', "")).expect("hex");
    assert!(decode(&long_length).is_err());
}

/// A signed transaction is no signing payload: its v would be read as the chain.
#[test]
fn signed_bytes_are_refused() {
    let transaction = TxLegacy { chain_id: Some(1), to: TxKind::Call(ALICE), value: u(9), ..Default::default() };
    let signed = TxEnvelope::from(transaction.into_signed(Signature::test_signature()));
    let encoded = alloy_eips::eip2718::Encodable2718::encoded_2718(&signed);
    assert!(decode(&encoded).is_err());
    let transaction = TxEip1559 { chain_id: 1, to: TxKind::Call(ALICE), ..Default::default() };
    let signed = TxEnvelope::from(transaction.into_signed(Signature::test_signature()));
    assert!(decode(&alloy_eips::eip2718::Encodable2718::encoded_2718(&signed)).is_err());
}

fn authorization(key: &SigningKey, chain: U256, code: Address) -> SignedAuthorization {
    let authorization = Authorization { chain_id: chain, address: code, nonce: 3 };
    let (signature, recovery) = key.sign_prehash_recoverable(authorization.signature_hash().as_slice()).expect("signs");
    authorization.into_signed(Signature::from((signature, recovery)))
}

#[test]
fn eip7702_delegations_come_first() {
    let key = SigningKey::from_slice(&[7; 32]).expect("a key");
    let authority = Address::from_public_key(key.verifying_key());
    let transaction = TxEip7702 {
        chain_id: 1,
        to: ALICE,
        value: u(5),
        authorization_list: vec![
            authorization(&key, u(1), STRANGER),
            authorization(&key, U256::ZERO, Address::ZERO),
            // No valid signature: the authority is unknown, so it might be ours.
            SignedAuthorization::new_unchecked(Authorization { chain_id: u(1), address: BOB, nonce: 0 }, 9, U256::ZERO, U256::ZERO),
        ],
        ..Default::default()
    };
    let decoded = decode(&transaction.encoded_for_signing()).expect("well-formed");
    assert_eq!(
        decoded.effects.items,
        [
            Effect::Delegation { to: STRANGER, chain: 1, nonce: 3, authority: Some(authority) },
            Effect::Delegation { to: Address::ZERO, chain: 0, nonce: 3, authority: Some(authority) },
            Effect::Delegation { to: BOB, chain: 1, nonce: 0, authority: None },
            Effect::TransferOut { asset: eth(), amount: u(5), from: ACCOUNT, to: ALICE },
        ]
    );

    let none = TxEip7702 { authorization_list: Vec::new(), ..transaction.clone() };
    assert_eq!(decode(&none.encoded_for_signing()).err(), Some(EffectsError::NoAuthorizations));
    let wide = TxEip7702 { authorization_list: vec![authorization(&key, U256::MAX, BOB)], ..transaction };
    assert!(matches!(decode(&wide.encoded_for_signing()), Err(EffectsError::ChainIdRange { .. })));
}

#[test]
fn every_error_has_a_remedy() {
    for error in [
        decode(&[]).expect_err("empty"),
        decode(&[3]).expect_err("blob"),
        decode(&[0xc0]).expect_err("no fields"),
        decode(&hex::decode("c6808080808080").expect("hex")).expect_err("no chain"),
    ] {
        assert!(error.remedy().ends_with('.') && error.remedy().len() > 20, "{error}");
        assert!(error.to_string().starts_with("got "), "{error}");
    }
}
