//! Effects in plain words.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use parlance_effects::{Effects, asset_amount, decode_authorization, decode_message};

use crate::support::*;

fn names(address: Address) -> Option<String> {
    match address {
        ALICE => Some("Alice".into()),
        V2_ROUTER => Some("Uniswap V2 router".into()),
        _ => None,
    }
}

fn first(effects: &Effects) -> String {
    effects.sentences(&names).swap_remove(0)
}

#[test]
fn transfers_and_fee() {
    let transfer = Token::transferCall { to: ALICE, value: u(50_000_000) }.abi_encode();
    assert_eq!(
        call(USDC, U256::ZERO, transfer).sentences(&names),
        ["Send 50 USDC to Alice (0x70997970C51812dc3A010C7d01b50e0d17dc79C8) on Ethereum", "Pay a network fee of at most 0.003 ETH",]
    );
    assert_eq!(
        first(&call(BOB, u(1), Bytes::new())),
        "Send 0.000000000000000001 ETH to 0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC on Ethereum"
    );
    let from_other = Token::transferFromCall { from: BOB, to: ACCOUNT, value: u(1_500_000) }.abi_encode();
    let sentences = call(USDC, U256::ZERO, from_other).sentences(&names);
    assert_eq!(
        sentences[..2],
        [
            "Move 1.5 USDC from 0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC to your own account \
             (0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266) on Ethereum",
            "Receive at least 1.5 USDC from 0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC on Ethereum",
        ]
    );
    let base = alloy_consensus::SignableTransaction::encoded_for_signing(&transaction(8453, ALICE, u(1), Bytes::new()));
    let effects =
        parlance_effects::decode_transaction(parlance_effects::Registry::builtin_ref(), ACCOUNT, &base).expect("well-formed").effects;
    let fee = effects.sentences(&names).pop().expect("a fee");
    assert!(fee.starts_with("Pay a network fee of at most 0.003 ETH, and a fee for "), "{fee}");
    assert!(fee.ends_with(" bytes of data that has no ceiling"), "{fee}");
}

#[test]
fn allowances() {
    let approve = |value| call(USDC, U256::ZERO, Token::approveCall { spender: ALICE, value }.abi_encode());
    let alice = "Alice (0x70997970C51812dc3A010C7d01b50e0d17dc79C8)";
    assert_eq!(first(&approve(u(2_500_000))), format!("Let {alice} spend up to 2.5 USDC on Ethereum"));
    assert_eq!(first(&approve(U256::MAX)), format!("Let {alice} spend any amount of USDC on Ethereum"));
    assert_eq!(first(&approve(U256::ZERO)), format!("Stop {alice} from spending USDC on Ethereum"));
    assert_eq!(approve(U256::MAX).warning_sentences(&names), [format!("{alice} could take all of it, now and later")]);
}

#[test]
fn swaps_say_who_gets_it_and_until_when() {
    let swap = |to| {
        let path = vec![USDC, WETH];
        let data = V2::swapExactTokensForETHCall { a: u(50_000_000), b: u(1), path, to, deadline: u(SOON) };
        first(&call(V2_ROUTER, U256::ZERO, data.abi_encode()))
    };
    let tail = "through Uniswap V2 router (0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D) on Ethereum, until 2033-05-18 03:33 UTC";
    assert_eq!(swap(ACCOUNT), format!("Swap at most 50 USDC for at least 0.000000000000000001 ETH, {tail}"));
    assert_eq!(
        swap(ALICE),
        format!(
            "Swap at most 50 USDC for at least 0.000000000000000001 ETH, to be paid to Alice \
             (0x70997970C51812dc3A010C7d01b50e0d17dc79C8), {tail}"
        )
    );
}

#[test]
fn what_is_not_understood_says_why() {
    let transfer = Token::transferCall { to: ALICE, value: u(1) }.abi_encode();
    assert_eq!(
        first(&call(STRANGER, u(1_000_000_000_000_000_000), transfer)),
        "Call 0x00000000000000000000000000000000DeaDBeef (function 0xa9059cbb) on Ethereum, sending 1 ETH along: \
         not understood, because transfer is called on a contract that is not in the registry"
    );
}

#[test]
fn wrapping() {
    let wei = u(1_500_000_000_000_000_000);
    assert_eq!(first(&call(WETH, wei, Bytes::new())), "Wrap 1.5 ETH into WETH on Ethereum");
    let unwrap = Token::withdrawCall { value: wei }.abi_encode();
    assert_eq!(first(&call(WETH, U256::ZERO, unwrap)), "Unwrap 1.5 WETH into ETH on Ethereum");
    assert_eq!(
        first(&call(ACCOUNT, U256::ZERO, Bytes::new())),
        "Do nothing on Ethereum but use up a nonce, which cancels a pending transaction"
    );
}

#[test]
fn signatures_that_move_money_later() {
    let authorization = r#"{"types":{"TransferWithAuthorization":[{"name":"from","type":"address"},{"name":"to","type":"address"},
        {"name":"value","type":"uint256"},{"name":"validAfter","type":"uint256"},{"name":"validBefore","type":"uint256"},
        {"name":"nonce","type":"bytes32"}]},"primaryType":"TransferWithAuthorization",
        "domain":{"name":"USD Coin","version":"2","chainId":1,"verifyingContract":"0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"},
        "message":{"from":"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266","to":"0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        "value":"10000","validAfter":"0","validBefore":"2000000000",
        "nonce":"0x0909090909090909090909090909090909090909090909090909090909090909"}}"#;
    let decode = |json: &str| {
        let registry = parlance_effects::Registry::builtin_ref();
        parlance_effects::decode_typed_data(registry, ACCOUNT, json).expect("well-formed").effects
    };
    assert_eq!(
        decode(authorization).sentences(&names),
        ["Let whoever holds the signature move 0.01 USDC of yours to Alice \
          (0x70997970C51812dc3A010C7d01b50e0d17dc79C8) on Ethereum, once, until 2033-05-18 03:33 UTC"]
    );
    let other = authorization.replace("USD Coin", "Shop").replace("TransferWithAuthorization", "Order");
    assert_eq!(
        decode(&other).sentences(&names),
        ["Sign data “Order” for 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48 on Ethereum: not understood, because it is \
          none of the kinds that the signer knows"]
    );
}

#[test]
fn messages_and_authorizations() {
    let message = decode_message(ACCOUNT, b"Log in").expect("short").effects;
    assert_eq!(first(&message), "Sign the message “Log in”, which moves nothing by itself");
    let long = decode_message(ACCOUNT, "x".repeat(141).as_bytes()).expect("short").effects;
    assert!(first(&long).contains(&format!("“{}…”", "x".repeat(140))));
    let hash = decode_message(ACCOUNT, &[7; 32]).expect("short").effects;
    assert_eq!(first(&hash), "Sign 32 bytes that could be the digest of anything");

    let code = decode_authorization(ACCOUNT, 0, ALICE, 4).effects;
    assert_eq!(
        first(&code),
        "Let the code at Alice (0x70997970C51812dc3A010C7d01b50e0d17dc79C8) act as your own account \
         (0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266), with all it owns, on every chain (nonce 4)"
    );
    let cleared = decode_authorization(ACCOUNT, 8453, Address::ZERO, 4).effects;
    assert!(first(&cleared).starts_with("Take back the code that your own account"));
    assert!(first(&cleared).ends_with("on Base (nonce 4)"));
}

#[test]
fn amounts_of_unknown_tokens_are_in_smallest_units() {
    assert_eq!(asset_amount(&token(USDC), u(1)), "0.000001 USDC");
    assert_eq!(asset_amount(&token(STRANGER), u(5)), "5 smallest units of the unknown token 0x00000000000000000000000000000000DeaDBeef");
}
