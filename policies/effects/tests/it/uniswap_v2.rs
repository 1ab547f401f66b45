//! Uniswap V2 `UniswapV2Router02`.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use parlance_effects::{Asset, Warning};

use crate::support::*;
use crate::swaps::*;

#[test]
fn v2_swaps() {
    let (tokens, from_eth, to_eth) = (vec![USDC, WETH, DAI], vec![WETH, USDC], vec![USDC, WETH]);
    let (to, deadline) = (ACCOUNT, u(SOON));
    let cases: Vec<(Vec<u8>, u64, Asset, u64, Asset, u64)> = vec![
        (
            V2::swapExactTokensForTokensCall { a: u(50), b: u(9), path: tokens.clone(), to, deadline }.abi_encode(),
            0,
            token(USDC),
            50,
            token(DAI),
            9,
        ),
        (
            V2::swapTokensForExactTokensCall { a: u(9), b: u(50), path: tokens.clone(), to, deadline }.abi_encode(),
            0,
            token(USDC),
            50,
            token(DAI),
            9,
        ),
        (V2::swapExactETHForTokensCall { a: u(9), path: from_eth.clone(), to, deadline }.abi_encode(), 50, eth(), 50, token(USDC), 9),
        (
            V2::swapTokensForExactETHCall { a: u(9), b: u(50), path: to_eth.clone(), to, deadline }.abi_encode(),
            0,
            token(USDC),
            50,
            eth(),
            9,
        ),
        (
            V2::swapExactTokensForETHCall { a: u(50), b: u(9), path: to_eth.clone(), to, deadline }.abi_encode(),
            0,
            token(USDC),
            50,
            eth(),
            9,
        ),
        (V2::swapETHForExactTokensCall { a: u(9), path: from_eth.clone(), to, deadline }.abi_encode(), 50, eth(), 50, token(USDC), 9),
        (
            V2::swapExactTokensForTokensSupportingFeeOnTransferTokensCall { a: u(50), b: u(9), path: tokens, to, deadline }.abi_encode(),
            0,
            token(USDC),
            50,
            token(DAI),
            9,
        ),
        (
            V2::swapExactETHForTokensSupportingFeeOnTransferTokensCall { a: u(9), path: from_eth, to, deadline }.abi_encode(),
            50,
            eth(),
            50,
            token(USDC),
            9,
        ),
        (
            V2::swapExactTokensForETHSupportingFeeOnTransferTokensCall { a: u(50), b: u(9), path: to_eth, to, deadline }.abi_encode(),
            0,
            token(USDC),
            50,
            eth(),
            9,
        ),
    ];
    for (data, value, sell, most_in, buy, least_out) in cases {
        let expected = swap(V2_ROUTER, sell, most_in, buy, least_out, ACCOUNT);
        assert_eq!(items(V2_ROUTER, u(value), data), [expected]);
    }
}

#[test]
fn v2_traps() {
    let deadline = u(SOON);
    let exact = |path: Vec<Address>, to| V2::swapExactTokensForTokensCall { a: u(50), b: u(9), path, to, deadline }.abi_encode();
    let whole = vec![USDC, DAI];
    assert!(not_understood(V2_ROUTER, u(1), exact(whole.clone(), ACCOUNT)).contains("takes none"));
    assert!(not_understood(V2_ROUTER, u(0), exact(vec![USDC], ACCOUNT)).contains("at least 2"));
    assert!(not_understood(V2_ROUTER, u(0), exact(vec![], ACCOUNT)).contains("at least 2"));
    assert!(not_understood(V2_ROUTER, u(0), exact(whole.clone(), V2_ROUTER)).contains("stay in the router"));
    let wrong_end = V2::swapExactETHForTokensCall { a: u(9), path: whole.clone(), to: ACCOUNT, deadline };
    assert!(not_understood(V2_ROUTER, u(5), wrong_end.abi_encode()).contains("wrapped coin"));
    let liquidity = V2::addLiquidityETHCall { token: USDC, a: u(1), b: u(1), c: u(1), to: ACCOUNT, deadline };
    assert!(not_understood(V2_ROUTER, u(5), liquidity.abi_encode()).contains("0xf305d719"));
    // Recipients 1 and 2 mean nothing to this router.
    assert_eq!(items(V2_ROUTER, u(0), exact(whole.clone(), SENDER)), [swap(V2_ROUTER, token(USDC), 50, token(DAI), 9, SENDER)]);
    // A foreign recipient is said.
    assert_eq!(items(V2_ROUTER, u(0), exact(whole, ALICE)), [swap(V2_ROUTER, token(USDC), 50, token(DAI), 9, ALICE)]);
}

#[test]
fn swap_warnings() {
    let warned = |least: u64, deadline: U256| {
        let (path, to) = (vec![USDC, DAI], ACCOUNT);
        let data = V2::swapExactTokensForTokensCall { a: u(50), b: u(least), path, to, deadline }.abi_encode();
        call(V2_ROUTER, u(0), data).warnings
    };
    assert_eq!(warned(1, u(SOON)), []);
    assert_eq!(warned(0, u(SOON)), [Warning::NoMinimumOut]);
    assert_eq!(warned(1, U256::MAX), [Warning::NoDeadline]);
    assert_eq!(warned(1, u(u64::MAX)), [Warning::NoDeadline]);
    assert_eq!(warned(1, u(parlance_effects::FAR_DEADLINE)), [Warning::NoDeadline]);
}
