//! ERC-20, EIP-2612, EIP-3009, WETH9 and Permit2 calls.

use alloy_primitives::{Address, Bytes, U256, aliases::U48, aliases::U160};
use alloy_sol_types::SolCall;
use parlance_effects::{AllowanceChange, AllowanceVia, Effect, Warning};

use crate::support::*;

fn out(amount: u64, from: Address, to: Address) -> Effect {
    Effect::TransferOut { asset: token(USDC), amount: u(amount), from, to }
}

fn allowance(change: AllowanceChange) -> Effect {
    Effect::Allowance { asset: token(USDC), spender: BOB, change, expires: None, via: AllowanceVia::Erc20 }
}

#[test]
fn erc20() {
    let zero = U256::ZERO;
    let transfer = Token::transferCall { to: ALICE, value: u(50) }.abi_encode();
    assert_eq!(items(USDC, zero, transfer), [out(50, ACCOUNT, ALICE)]);

    let between_others = Token::transferFromCall { from: BOB, to: ALICE, value: u(50) }.abi_encode();
    assert_eq!(items(USDC, zero, between_others), [out(50, BOB, ALICE)]);
    let to_us = Token::transferFromCall { from: BOB, to: ACCOUNT, value: u(50) }.abi_encode();
    let arrives = Effect::TransferIn { asset: token(USDC), at_least: u(50), from: Some(BOB) };
    assert_eq!(items(USDC, zero, to_us), [out(50, BOB, ACCOUNT), arrives]);

    let approve = Token::approveCall { spender: BOB, value: u(50) }.abi_encode();
    assert_eq!(items(USDC, zero, approve), [allowance(AllowanceChange::Set(u(50)))]);
    let more = Token::increaseAllowanceCall { spender: BOB, value: u(50) }.abi_encode();
    assert_eq!(items(USDC, zero, more), [allowance(AllowanceChange::Increase(u(50)))]);
    let less = Token::decreaseAllowanceCall { spender: BOB, value: u(50) }.abi_encode();
    assert_eq!(items(USDC, zero, less), [allowance(AllowanceChange::Decrease(u(50)))]);
}

#[test]
fn unlimited_approvals_are_named() {
    let warned = |value: U256| call(USDC, U256::ZERO, Token::approveCall { spender: BOB, value }.abi_encode()).warnings;
    let warning = [Warning::UnlimitedAllowance { spender: BOB }];
    assert_eq!(warned(U256::MAX), warning);
    assert_eq!(warned(U256::MAX >> 1), warning);
    assert_eq!(warned(u(1_000_000_000_000) * u(1_000_000)), warning);
    assert_eq!(warned(u(1_000_000_000_000)), []);
    assert_eq!(warned(U256::ZERO), []);
    let more = Token::increaseAllowanceCall { spender: BOB, value: U256::MAX }.abi_encode();
    assert_eq!(call(USDC, U256::ZERO, more).warnings, warning);
}

#[test]
fn permits_that_are_handed_in() {
    let permit = |owner| Token::permitCall { owner, spender: BOB, value: u(9), deadline: u(SOON), v: 27, r: b(1), s: b(2) };
    let given = Effect::Allowance {
        asset: token(USDC),
        spender: BOB,
        change: AllowanceChange::Set(u(9)),
        expires: None,
        via: AllowanceVia::Eip2612,
    };
    assert_eq!(items(USDC, U256::ZERO, permit(ACCOUNT).abi_encode()), [given]);
    assert!(not_understood(USDC, U256::ZERO, permit(ALICE).abi_encode()).contains("not of the signing account"));

    for (allowed, amount) in [(true, U256::MAX), (false, U256::ZERO)] {
        let (v, r, s) = (27, b(1), b(2));
        let dai = Dai::permitCall { holder: ACCOUNT, spender: BOB, nonce: u(0), expiry: u(0), allowed, v, r, s };
        let effects = items(DAI, U256::ZERO, dai.abi_encode());
        assert!(matches!(effects[..], [Effect::Allowance { change: AllowanceChange::Set(set), .. }] if set == amount), "{effects:?}");
    }
}

#[test]
fn eip3009_calls() {
    let (after, before, nonce) = (u(0), u(SOON), b(3));
    let transfer =
        Token::transferWithAuthorizationCall { from: ALICE, to: BOB, value: u(50), after, before, nonce, v: 27, r: b(1), s: b(2) };
    assert_eq!(items(USDC, U256::ZERO, transfer.abi_encode()), [out(50, ALICE, BOB)]);
    let receive =
        Token::receiveWithAuthorizationCall { from: ALICE, to: ACCOUNT, value: u(50), after, before, nonce, signature: vec![1; 65].into() };
    let arrives = Effect::TransferIn { asset: token(USDC), at_least: u(50), from: Some(ALICE) };
    assert_eq!(items(USDC, U256::ZERO, receive.abi_encode()), [out(50, ALICE, ACCOUNT), arrives]);
}

#[test]
fn tokens_take_no_value() {
    let transfer = Token::transferCall { to: ALICE, value: u(50) }.abi_encode();
    assert!(not_understood(USDC, u(1), transfer).contains("takes none"));
}

#[test]
fn unregistered_tokens_are_not_understood() {
    let transfer = Token::transferCall { to: ALICE, value: u(50) }.abi_encode();
    assert_eq!(not_understood(STRANGER, U256::ZERO, transfer.clone()), "transfer is called on a contract that is not in the registry");
    // The same address on another chain is another contract.
    let payload = alloy_consensus::SignableTransaction::encoded_for_signing(&transaction(8453, USDC, U256::ZERO, transfer));
    let decoded = parlance_effects::decode_transaction(parlance_effects::Registry::builtin_ref(), ACCOUNT, &payload);
    assert!(decoded.expect("well-formed").effects.has_unknown());
    assert_eq!(not_understood(STRANGER, U256::ZERO, vec![1, 2, 3, 4]), "the contract is not in the registry");
    assert!(not_understood(USDC, U256::ZERO, vec![1, 2, 3, 4]).contains("0x01020304"));
    assert!(not_understood(USDC, U256::ZERO, vec![1, 2, 3]).contains("3 bytes"));
}

#[test]
fn arguments_must_be_canonical() {
    let transfer = Token::transferCall { to: ALICE, value: u(50) }.abi_encode();
    let mut trailing = transfer.clone();
    trailing.push(0);
    let mut word_more = transfer.clone();
    word_more.extend([0; 32]);
    let mut dirty = transfer.clone();
    dirty[4] = 1;
    let short = transfer[..transfer.len() - 1].to_vec();
    for data in [trailing, word_more, dirty, short, transfer[..4].to_vec()] {
        assert!(not_understood(USDC, U256::ZERO, data).contains("canonical"));
    }
}

#[test]
fn lost_tokens_are_named() {
    let to = |to| call(USDC, U256::ZERO, Token::transferCall { to, value: u(1) }.abi_encode()).warnings;
    for lost in [Address::ZERO, USDC, DAI, ROUTER_02, PERMIT2] {
        assert_eq!(to(lost), [Warning::LikelyLost { to: lost }]);
    }
    assert_eq!(to(ALICE), []);
    assert_eq!(call(USDC, u(1), Bytes::new()).warnings, [Warning::LikelyLost { to: USDC }]);
}

#[test]
fn wrapped_coin() {
    let wrap = Effect::Wrap { asset: token(WETH), amount: u(5) };
    assert_eq!(items(WETH, u(5), Token::depositCall {}.abi_encode()), std::slice::from_ref(&wrap));
    assert_eq!(items(WETH, u(5), Bytes::new()), [wrap]);
    let unwrap = Effect::Unwrap { asset: token(WETH), amount: u(5), recipient: ACCOUNT };
    assert_eq!(items(WETH, u(0), Token::withdrawCall { value: u(5) }.abi_encode()), [unwrap]);
    assert!(not_understood(WETH, u(1), Token::withdrawCall { value: u(5) }.abi_encode()).contains("takes none"));
    let mut trailing = Token::depositCall {}.abi_encode();
    trailing.push(1);
    not_understood(WETH, u(5), trailing);
    // It is an ERC-20 token too.
    let transfer = Token::transferCall { to: ALICE, value: u(50) }.abi_encode();
    assert!(matches!(items(WETH, u(0), transfer)[..], [Effect::TransferOut { .. }]));
    // Other tokens have neither function.
    not_understood(USDC, u(0), Token::withdrawCall { value: u(5) }.abi_encode());
    not_understood(USDC, u(5), Token::depositCall {}.abi_encode());
}

fn permit2_allowance(amount: u64, expires: Option<u64>) -> Effect {
    let (asset, change) = (token(USDC), AllowanceChange::Set(u(amount)));
    Effect::Allowance { asset, spender: BOB, change, expires, via: AllowanceVia::Permit2 }
}

#[test]
fn permit2_allowances() {
    let approve = |expiration| P2::approveCall { token: USDC, spender: BOB, amount: U160::from(9), expiration: U48::from(expiration) };
    for (expiration, expires) in [(SOON, Some(SOON)), (0, Some(0)), ((1 << 48) - 1, None)] {
        assert_eq!(items(PERMIT2, u(0), approve(expiration).abi_encode()), [permit2_allowance(9, expires)]);
    }
    let unlimited = P2::approveCall { token: USDC, spender: BOB, amount: U160::MAX, expiration: U48::from(SOON) };
    let warned = call(PERMIT2, u(0), unlimited.abi_encode()).warnings;
    assert_eq!(warned, [Warning::UnlimitedAllowance { spender: BOB }]);

    let details = P2::Details { token: USDC, amount: U160::from(9), expiration: U48::from(SOON), nonce: U48::ZERO };
    let one = P2::Single { details: details.clone(), spender: BOB, deadline: u(SOON) };
    let permit = |owner| P2::permitCall { owner, one: one.clone(), signature: vec![1; 65].into() };
    assert_eq!(items(PERMIT2, u(0), permit(ACCOUNT).abi_encode()), [permit2_allowance(9, Some(SOON))]);
    not_understood(PERMIT2, u(0), permit(ALICE).abi_encode());
    let batch = |details| {
        let many = P2::Batch { details, spender: BOB, deadline: u(SOON) };
        P2Batch::permitCall { owner: ACCOUNT, many, signature: vec![1; 65].into() }.abi_encode()
    };
    let effects = call(PERMIT2, u(0), batch(vec![details.clone(), details]));
    assert_eq!(effects.items, [permit2_allowance(9, Some(SOON)), permit2_allowance(9, Some(SOON))]);
    assert_eq!(effects.warnings, [Warning::Batch { count: 2 }]);
    not_understood(PERMIT2, u(0), batch(Vec::new()));

    let lockdown = P2::lockdownCall { pairs: vec![P2::Pair { token: USDC, spender: BOB }] };
    assert_eq!(items(PERMIT2, u(0), lockdown.abi_encode()), [permit2_allowance(0, None)]);
}

#[test]
fn permit2_transfers() {
    let one = P2::transferFromCall { from: ACCOUNT, to: ALICE, amount: U160::from(9), token: USDC };
    assert_eq!(items(PERMIT2, u(0), one.abi_encode()), [out(9, ACCOUNT, ALICE)]);
    let moves = vec![
        P2::Move { from: ACCOUNT, to: ALICE, amount: U160::from(1), token: USDC },
        P2::Move { from: ACCOUNT, to: BOB, amount: U160::from(2), token: USDC },
    ];
    let many = P2Batch::transferFromCall { moves };
    assert_eq!(items(PERMIT2, u(0), many.abi_encode()), [out(1, ACCOUNT, ALICE), out(2, ACCOUNT, BOB)]);

    let permitted = P2::Permissions { token: USDC, amount: u(100) };
    let permit = P2::Permit { permitted: permitted.clone(), nonce: u(0), deadline: u(SOON) };
    let transfer = P2::Transfer { to: ACCOUNT, amount: u(40) };
    let signature = Bytes::from(vec![1; 65]);
    let arrives = Effect::TransferIn { asset: token(USDC), at_least: u(40), from: Some(ALICE) };
    let signed =
        P2::permitTransferFromCall { permit: permit.clone(), transfer: transfer.clone(), owner: ALICE, signature: signature.clone() };
    assert_eq!(items(PERMIT2, u(0), signed.abi_encode()), [out(40, ALICE, ACCOUNT), arrives.clone()]);
    let witness = P2::permitWitnessTransferFromCall {
        permit,
        transfer: transfer.clone(),
        owner: ALICE,
        witness: b(1),
        kind: "W w)".into(),
        signature: signature.clone(),
    };
    assert_eq!(items(PERMIT2, u(0), witness.abi_encode()), [out(40, ALICE, ACCOUNT), arrives]);

    let permit = P2::Permits { permitted: vec![permitted], nonce: u(0), deadline: u(SOON) };
    let uneven = P2Batch::permitTransferFromCall { permit, transfers: vec![transfer.clone(), transfer], owner: ALICE, signature };
    not_understood(PERMIT2, u(0), uneven.abi_encode());
    not_understood(PERMIT2, u(0), vec![1, 2, 3, 4]);
}
