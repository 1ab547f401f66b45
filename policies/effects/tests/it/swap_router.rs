//! Uniswap V3 `SwapRouter`, and what both V3 routers have in common.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use parlance_effects::{AllowanceChange, AllowanceVia, Effect, Warning};

use crate::support::*;
use crate::swaps::*;

#[test]
fn v3_single_and_path() {
    assert_eq!(items(V3_ROUTER, u(0), v3_in(USDC, DAI, ACCOUNT, 50, 9, 0)), [swap(V3_ROUTER, token(USDC), 50, token(DAI), 9, ACCOUNT)]);
    assert_eq!(items(V3_ROUTER, u(0), v3_out(USDC, DAI, ALICE, 9, 50, 0)), [swap(V3_ROUTER, token(USDC), 50, token(DAI), 9, ALICE)]);
    let p = V3::In { path: path(&[USDC, WETH, DAI]), recipient: ACCOUNT, deadline: u(SOON), amountIn: u(50), least: u(9) };
    assert_eq!(items(V3_ROUTER, u(0), V3::exactInputCall { p }.abi_encode()), [swap(V3_ROUTER, token(USDC), 50, token(DAI), 9, ACCOUNT)]);
    // The path of an exact output starts with what comes out.
    let p = V3::Out { path: path(&[DAI, WETH, USDC]), recipient: ACCOUNT, deadline: u(SOON), amountOut: u(9), most: u(50) };
    assert_eq!(items(V3_ROUTER, u(0), V3::exactOutputCall { p }.abi_encode()), [swap(V3_ROUTER, token(USDC), 50, token(DAI), 9, ACCOUNT)]);
}

#[test]
fn v3_paths_must_be_whole() {
    for length in [0, 19, 20, 42, 44, 65, 67] {
        let p = V3::In { path: vec![1; length].into(), recipient: ACCOUNT, deadline: u(SOON), amountIn: u(50), least: u(9) };
        assert!(not_understood(V3_ROUTER, u(0), V3::exactInputCall { p }.abi_encode()).contains("path"), "{length}");
    }
}

#[test]
fn v3_native_in() {
    // All of the coin is spent.
    assert_eq!(items(V3_ROUTER, u(50), v3_in(WETH, USDC, ACCOUNT, 50, 9, 0)), [swap(V3_ROUTER, eth(), 50, token(USDC), 9, ACCOUNT)]);
    // Without coin it is the wrapped one.
    assert_eq!(items(V3_ROUTER, u(0), v3_in(WETH, USDC, ACCOUNT, 50, 9, 0)), [swap(V3_ROUTER, token(WETH), 50, token(USDC), 9, ACCOUNT)]);
    // Too little: the router would take the wrapped coin, and keep what went along.
    assert!(not_understood(V3_ROUTER, u(49), v3_in(WETH, USDC, ACCOUNT, 50, 9, 0)).contains("wrapped coin"));
    // Too much, or an exact output, or a price limit: the rest stays, unless it is refunded.
    for data in [v3_in(WETH, USDC, ACCOUNT, 50, 9, 0), v3_out(WETH, USDC, ACCOUNT, 9, 51, 0), v3_in(WETH, USDC, ACCOUNT, 51, 9, 77)] {
        assert!(not_understood(V3_ROUTER, u(51), data.clone()).contains("stay in the router"));
        let with_refund = items(V3_ROUTER, u(51), multicall(vec![data.clone(), refund()]));
        assert!(matches!(&with_refund[..], [Effect::Swap { sell, .. }] if *sell == eth()), "{with_refund:?}");
        // A refund before the swap refunds nothing after it.
        let swapped_order = multicall(vec![refund(), data]);
        let effects = items(V3_ROUTER, u(51), swapped_order);
        assert!(matches!(&effects[..], [Effect::Swap { sell, .. }] if *sell == token(WETH)), "{effects:?}");
    }
    // Coin that goes along with another token's swap.
    assert!(not_understood(V3_ROUTER, u(1), v3_in(USDC, DAI, ACCOUNT, 50, 9, 0)).contains("stay in the router"));
    // The router would pay the second pool with the coin instead of the wrapped coin it got from the first.
    let p = V3::In { path: path(&[USDC, WETH, DAI]), recipient: ACCOUNT, deadline: u(SOON), amountIn: u(50), least: u(9) };
    let data = multicall(vec![V3::exactInputCall { p }.abi_encode().into(), refund()]);
    assert!(not_understood(V3_ROUTER, u(1), data).contains("wrapped coin"));
}

#[test]
fn v3_price_limits_weaken_exact_outputs() {
    assert_eq!(items(V3_ROUTER, u(0), v3_out(USDC, DAI, ACCOUNT, 9, 50, 77)), [swap(V3_ROUTER, token(USDC), 50, token(DAI), 0, ACCOUNT)]);
    assert_eq!(items(V3_ROUTER, u(0), v3_in(USDC, DAI, ACCOUNT, 50, 9, 77)), [swap(V3_ROUTER, token(USDC), 50, token(DAI), 9, ACCOUNT)]);
}

#[test]
fn swaps_to_the_router_fold_into_what_is_handed_out() {
    for stays in [Address::ZERO, V3_ROUTER] {
        let into_router = |least| v3_in(USDC, WETH, stays, 50, least, 0);
        for (swap_least, unwrap_least, least) in [(9, 0, 9), (0, 9, 9), (9, 10, 10), (10, 9, 10)] {
            let data = multicall(vec![into_router(swap_least), unwrap(unwrap_least, ALICE)]);
            assert_eq!(items(V3_ROUTER, u(0), data), [swap(V3_ROUTER, token(USDC), 50, eth(), least, ALICE)]);
        }
        let swept = multicall(vec![into_router(9), sweep(WETH, 9, ACCOUNT)]);
        assert_eq!(items(V3_ROUTER, u(0), swept), [swap(V3_ROUTER, token(USDC), 50, token(WETH), 9, ACCOUNT)]);
        // Left behind, the wrong token swept, swept too early, handed to the router itself.
        for data in
            [into_router(9), multicall(vec![into_router(9), sweep(DAI, 0, ACCOUNT)]), multicall(vec![unwrap(0, ACCOUNT), into_router(9)])]
        {
            assert!(not_understood(V3_ROUTER, u(0), data).contains("stay in the router"));
        }
        not_understood(V3_ROUTER, u(0), multicall(vec![into_router(9), sweep(WETH, 0, V3_ROUTER)]));
    }
}

#[test]
fn several_swaps_share_one_minimum() {
    let into_router = |from, amount, least| v3_in(from, WETH, Address::ZERO, amount, least, 0);
    // Of the same token: one swap to the reader.
    let data = multicall(vec![into_router(USDC, 50, 4), into_router(USDC, 70, 5), unwrap(20, ACCOUNT)]);
    let effects = call(V3_ROUTER, u(0), data);
    assert_eq!(effects.items, [swap(V3_ROUTER, token(USDC), 120, eth(), 20, ACCOUNT)]);
    assert_eq!(effects.warnings, [Warning::Batch { count: 3 }]);
    // Of different tokens: the minimum is counted once.
    let data = multicall(vec![into_router(USDC, 50, 4), into_router(DAI, 70, 5), unwrap(20, ACCOUNT)]);
    assert_eq!(
        items(V3_ROUTER, u(0), data),
        [swap(V3_ROUTER, token(USDC), 50, eth(), 15, ACCOUNT), swap(V3_ROUTER, token(DAI), 70, eth(), 5, ACCOUNT),]
    );
}

#[test]
fn strangers_weaken_what_lies_in_the_router() {
    // A token that is not in the registry runs code while the output lies there: only the sweep's minimum counts.
    let p = V3::In { path: path(&[USDC, STRANGER, WETH]), recipient: Address::ZERO, deadline: u(SOON), amountIn: u(50), least: u(9) };
    let through_stranger = Bytes::from(V3::exactInputCall { p }.abi_encode());
    for (unwrap_least, least) in [(0, 0), (7, 7)] {
        let data = multicall(vec![through_stranger.clone(), unwrap(unwrap_least, ACCOUNT)]);
        assert_eq!(items(V3_ROUTER, u(0), data), [swap(V3_ROUTER, token(USDC), 50, eth(), least, ACCOUNT)]);
    }
    // Straight to the account nothing lies there.
    assert_eq!(
        items(V3_ROUTER, u(0), v3_in(USDC, STRANGER, ACCOUNT, 50, 9, 0)),
        [swap(V3_ROUTER, token(USDC), 50, token(STRANGER), 9, ACCOUNT)]
    );
    // Coin lies in the router until the callback pays.
    assert!(not_understood(V3_ROUTER, u(50), v3_in(WETH, STRANGER, ACCOUNT, 50, 9, 0)).contains("not in the registry"));
}

#[test]
fn permits_inside_a_multicall() {
    let permit = V3::selfPermitCall { token: USDC, value: u(50), deadline: u(SOON), v: 27, r: b(1), s: b(2) };
    let data = multicall(vec![permit.abi_encode().into(), v3_in(USDC, DAI, ACCOUNT, 50, 9, 0)]);
    let allowance = |asset, amount| Effect::Allowance {
        asset,
        spender: V3_ROUTER,
        change: AllowanceChange::Set(amount),
        expires: None,
        via: AllowanceVia::Eip2612,
    };
    assert_eq!(items(V3_ROUTER, u(0), data), [allowance(token(USDC), u(50)), swap(V3_ROUTER, token(USDC), 50, token(DAI), 9, ACCOUNT)]);
    let all = V3::selfPermitAllowedCall { token: DAI, nonce: u(0), expiry: u(0), v: 27, r: b(1), s: b(2) };
    let effects = call(V3_ROUTER, u(0), multicall(vec![all.abi_encode().into()]));
    assert_eq!(effects.items, [allowance(token(DAI), U256::MAX)]);
    assert_eq!(effects.warnings, [Warning::UnlimitedAllowance { spender: V3_ROUTER }]);
}
