//! Typed data that moves money later.

use alloy_primitives::{Address, U256, hex};
use parlance_effects::{AllowanceChange, AllowanceVia, DeferredVia, Effect, Effects, Registry, Subject, Warning, decode_typed_data};
use serde_json::{Value, json};

use crate::support::*;

const TOKEN_PERMISSIONS: [[&str; 2]; 2] = [["token", "address"], ["amount", "uint256"]];
const DETAILS: [[&str; 2]; 4] = [["token", "address"], ["amount", "uint160"], ["expiration", "uint48"], ["nonce", "uint48"]];

fn fields(fields: &[[&str; 2]]) -> Value {
    fields.iter().map(|[name, kind]| json!({"name": name, "type": kind})).collect()
}

fn typed(contract: Address, primary: &str, types: Value, message: Value) -> Value {
    json!({
        "types": types,
        "primaryType": primary,
        "domain": {"name": "Any", "chainId": 1, "verifyingContract": contract},
        "message": message,
    })
}

fn decode(typed: &Value) -> Effects {
    decode_typed_data(Registry::builtin_ref(), ACCOUNT, &typed.to_string()).expect("well-formed").effects
}

#[track_caller]
fn unknown(typed: &Value) -> String {
    match decode(typed).items.as_slice() {
        [Effect::UnknownTypedData { reason }] => reason.clone(),
        understood => panic!("expected typed data that is not understood, got {understood:?}"),
    }
}

fn permit(contract: Address, owner: Address, value: U256) -> Value {
    let kind = fields(&[["owner", "address"], ["spender", "address"], ["value", "uint256"], ["nonce", "uint256"], ["deadline", "uint256"]]);
    let message = json!({"owner": owner, "spender": BOB, "value": value.to_string(), "nonce": 0, "deadline": SOON});
    typed(contract, "Permit", json!({"Permit": kind}), message)
}

fn set(token_address: Address, amount: U256, expires: Option<u64>, via: AllowanceVia) -> Effect {
    let (asset, change) = (token(token_address), AllowanceChange::Set(amount));
    Effect::Allowance { asset, spender: BOB, change, expires, via }
}

#[test]
fn eip2612() {
    let effects = decode(&permit(USDC, ACCOUNT, u(50)));
    assert_eq!(effects.items, [set(USDC, u(50), None, AllowanceVia::Eip2612)]);
    assert_eq!((effects.chain, effects.fee, effects.usable_until()), (Some(1), None, Some(SOON)));
    assert_eq!(effects.warnings, []);
    let unlimited = decode(&permit(USDC, ACCOUNT, U256::MAX));
    assert_eq!(unlimited.warnings, [Warning::UnlimitedAllowance { spender: BOB }]);

    let mut endless = permit(USDC, ACCOUNT, u(50));
    endless["message"]["deadline"] = U256::MAX.to_string().into();
    let effects = decode(&endless);
    assert_eq!((effects.usable_until(), &effects.warnings[..]), (None, &[Warning::NoDeadline][..]));
}

#[test]
fn permits_elsewhere_are_not_understood() {
    assert!(unknown(&permit(USDC, ALICE, u(50))).contains("not for the signing account"));
    for contract in [STRANGER, V2_ROUTER, PERMIT2] {
        assert!(unknown(&permit(contract, ACCOUNT, u(50))).contains("no token of the registry"));
    }
    // The token of another chain.
    let mut other = permit(USDC, ACCOUNT, u(50));
    other["domain"]["chainId"] = 8453.into();
    let effects = decode(&other);
    assert!(effects.has_unknown() && effects.chain == Some(8453));
    // No chain, chain zero, no contract, a salt.
    let mut chainless = permit(USDC, ACCOUNT, u(50));
    chainless["domain"].as_object_mut().expect("object").remove("chainId");
    let effects = decode(&chainless);
    assert!(effects.has_unknown() && effects.chain.is_none());
    assert_eq!(effects.warnings, [Warning::DomainChain]);
    let mut zero = permit(USDC, ACCOUNT, u(50));
    zero["domain"]["chainId"] = 0.into();
    assert!(unknown(&zero).contains("no chain"));
    let mut homeless = permit(USDC, ACCOUNT, u(50));
    homeless["domain"].as_object_mut().expect("object").remove("verifyingContract");
    assert!(unknown(&homeless).contains("no contract"));
    let mut salted = permit(USDC, ACCOUNT, u(50));
    salted["domain"]["salt"] = b(1).to_string().into();
    assert!(unknown(&salted).contains("salt"));
    // Another type of the same name.
    let mut renamed = permit(USDC, ACCOUNT, u(50));
    renamed["types"]["Permit"][2]["type"] = "uint128".into();
    assert!(unknown(&renamed).contains("none of the kinds"));
}

#[test]
fn dai() {
    let kind = fields(&[["holder", "address"], ["spender", "address"], ["nonce", "uint256"], ["expiry", "uint256"], ["allowed", "bool"]]);
    let dai = |holder: Address, expiry: u64, allowed: bool| {
        let message = json!({"holder": holder, "spender": BOB, "nonce": 1, "expiry": expiry, "allowed": allowed});
        typed(DAI, "Permit", json!({"Permit": kind}), message)
    };
    let effects = decode(&dai(ACCOUNT, SOON, true));
    assert_eq!(effects.items, [set(DAI, U256::MAX, None, AllowanceVia::Eip2612)]);
    assert_eq!(effects.warnings, [Warning::UnlimitedAllowance { spender: BOB }]);
    assert_eq!(effects.usable_until(), Some(SOON));
    let endless = decode(&dai(ACCOUNT, 0, false));
    assert_eq!(endless.items, [set(DAI, U256::ZERO, None, AllowanceVia::Eip2612)]);
    assert_eq!((endless.usable_until(), &endless.warnings[..]), (None, &[Warning::NoDeadline][..]));
    unknown(&dai(ALICE, SOON, true));
}

#[test]
fn eip3009() {
    let kind = fields(&[
        ["from", "address"],
        ["to", "address"],
        ["value", "uint256"],
        ["validAfter", "uint256"],
        ["validBefore", "uint256"],
        ["nonce", "bytes32"],
    ]);
    for (primary, via, spender) in [
        ("TransferWithAuthorization", DeferredVia::Eip3009Transfer, None),
        ("ReceiveWithAuthorization", DeferredVia::Eip3009Receive, Some(ALICE)),
    ] {
        let authorization = |from: Address| {
            let message = json!({
                "from": from, "to": ALICE, "value": "10000", "validAfter": "0", "validBefore": SOON.to_string(),
                "nonce": b(9),
            });
            typed(USDC, primary, json!({primary: kind}), message)
        };
        let effects = decode(&authorization(ACCOUNT));
        let expected = Effect::DeferredTransfer {
            asset: token(USDC),
            amount: u(10_000),
            to: Some(ALICE),
            spender,
            valid_after: Some(0),
            valid_before: Some(SOON),
            via,
        };
        assert_eq!(effects.items, [expected]);
        assert_eq!((effects.usable_until(), &effects.warnings[..]), (Some(SOON), &[][..]));
        unknown(&authorization(BOB));
    }
}

fn permit2(primary: &str, types: Value, message: Value) -> Value {
    typed(PERMIT2, primary, types, message)
}

#[test]
fn permit2_allowances() {
    let detail = json!({"token": USDC, "amount": 50, "expiration": SOON, "nonce": 0});
    let single_kind = fields(&[["details", "PermitDetails"], ["spender", "address"], ["sigDeadline", "uint256"]]);
    let single = permit2(
        "PermitSingle",
        json!({"PermitSingle": single_kind, "PermitDetails": fields(&DETAILS)}),
        json!({"details": detail, "spender": BOB, "sigDeadline": SOON + 1}),
    );
    let effects = decode(&single);
    assert_eq!(effects.items, [set(USDC, u(50), Some(SOON), AllowanceVia::Permit2)]);
    assert_eq!(effects.usable_until(), Some(SOON + 1));

    let batch_kind = fields(&[["details", "PermitDetails[]"], ["spender", "address"], ["sigDeadline", "uint256"]]);
    let batch = |details: Value| {
        permit2(
            "PermitBatch",
            json!({"PermitBatch": batch_kind, "PermitDetails": fields(&DETAILS)}),
            json!({"details": details, "spender": BOB, "sigDeadline": SOON}),
        )
    };
    let most: U256 = (U256::from(1) << 160usize) - u(1);
    let unlimited = json!({"token": STRANGER, "amount": most.to_string(), "expiration": (1u64 << 48) - 1, "nonce": 0});
    let effects = decode(&batch(json!([detail, unlimited])));
    assert_eq!(effects.items, [set(USDC, u(50), Some(SOON), AllowanceVia::Permit2), set(STRANGER, most, None, AllowanceVia::Permit2),]);
    assert_eq!(effects.warnings, [Warning::UnlimitedAllowance { spender: BOB }, Warning::Batch { count: 2 }]);
    assert!(unknown(&batch(json!([]))).contains("empty"));

    let mut elsewhere = single;
    elsewhere["domain"]["verifyingContract"] = USDC.to_string().into();
    assert!(unknown(&elsewhere).contains("not Permit2"));
}

fn signature_transfer(batch: bool, witness: Option<(&str, &str)>) -> Value {
    let (mut primary, kind) = if batch { ("PermitBatch".to_owned(), "TokenPermissions[]") } else { ("Permit".into(), "TokenPermissions") };
    let permitted = json!({"token": USDC, "amount": "10000"});
    let mut own = vec![["permitted", kind], ["spender", "address"], ["nonce", "uint256"], ["deadline", "uint256"]];
    let mut message = json!({
        "permitted": if batch { json!([permitted, permitted]) } else { permitted },
        "spender": BOB, "nonce": "7", "deadline": SOON.to_string(),
    });
    let mut types = json!({"TokenPermissions": fields(&TOKEN_PERMISSIONS)});
    if let Some((name, kind)) = witness {
        primary.push_str("Witness");
        own.push([name, kind]);
        message[name] = json!({"to": ALICE, "validAfter": "0"});
        types[kind] = fields(&[["to", "address"], ["validAfter", "uint256"]]);
    }
    primary.push_str("TransferFrom");
    types[primary.as_str()] = fields(&own);
    permit2(&primary, types, message)
}

#[test]
fn permit2_signature_transfers() {
    let expected = Effect::DeferredTransfer {
        asset: token(USDC),
        amount: u(10_000),
        to: None,
        spender: Some(BOB),
        valid_after: None,
        valid_before: Some(SOON),
        via: DeferredVia::Permit2Transfer,
    };
    for witness in [None, Some(("witness", "Witness"))] {
        let effects = decode(&signature_transfer(false, witness));
        assert_eq!(effects.items, std::slice::from_ref(&expected));
        assert_eq!((effects.usable_until(), &effects.warnings[..]), (Some(SOON), &[][..]));
        let effects = decode(&signature_transfer(true, witness));
        assert_eq!(effects.items, [expected.clone(), expected.clone()]);
        assert_eq!(effects.warnings, [Warning::Batch { count: 2 }]);
    }
    // The witness is in the tree.
    let effects = decode(&signature_transfer(false, Some(("witness", "Witness"))));
    let Subject::TypedData { tree, primary_type, .. } = &effects.subject else { panic!("no typed data") };
    assert_eq!(primary_type, "PermitWitnessTransferFrom");
    let witness = tree.children.last().expect("fields");
    assert_eq!((witness.name.as_str(), witness.r#type.as_str()), ("witness", "Witness"));
    assert_eq!(witness.children[0].value.as_deref(), Some(ALICE.to_string().as_str()));
}

/// A witness type may be named so that TokenPermissions is not what it should be.
#[test]
fn witnesses_can_not_hide_another_amount() {
    let mut trick = signature_transfer(false, Some(("witness", "Witness")));
    trick["types"]["TokenPermissions"][1]["name"] = "value".into();
    trick["message"]["permitted"] = json!({"token": USDC, "value": "1"});
    assert!(unknown(&trick).contains("none of the kinds"));
    let mut two = signature_transfer(false, Some(("witness", "Witness")));
    two["types"]["PermitWitnessTransferFrom"].as_array_mut().expect("list").push(json!({"name": "more", "type": "uint256"}));
    two["message"]["more"] = 1.into();
    assert!(unknown(&two).contains("more than one witness"));
}

/// The type hashes that Permit2, Circle's token and DAI have in their code.
#[test]
fn type_hashes_are_those_of_the_contracts() {
    let hash = |typed: &Value| {
        let decoded = decode_typed_data(Registry::builtin_ref(), ACCOUNT, &typed.to_string()).expect("well-formed");
        decoded.parsed.type_hash().expect("a type")
    };
    assert_eq!(hash(&permit(USDC, ACCOUNT, u(1))), hex!("6e71edae12b1b97f4d1f60370fef10105fa2faae0126114a169c64845d6126c9"));
    assert_eq!(
        hash(&signature_transfer(false, None)),
        alloy_primitives::keccak256(
            "PermitTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline)TokenPermissions(address token,uint256 amount)"
        )
    );
}
