//! Uniswap `SwapRouter02`: sentinel recipients, deadlines outside, Uniswap V2 inside.

use alloy_primitives::aliases::U24;
use alloy_primitives::{Address, Bytes, U160, U256};
use alloy_sol_types::SolCall;
use parlance_effects::{Effect, Warning};

use crate::support::*;
use crate::swaps::*;

fn r02_in(token_in: Address, token_out: Address, recipient: Address, amount: u64, least: u64) -> Bytes {
    R02::exactInputSingleCall {
        p: R02::InSingle {
            tokenIn: token_in,
            tokenOut: token_out,
            fee: U24::from(500),
            recipient,
            amountIn: u(amount),
            least: u(least),
            limit: U160::ZERO,
        },
    }
    .abi_encode()
    .into()
}

#[test]
fn sentinel_recipients() {
    // 1 is the sender, 2 the router, zero nobody.
    let data = timed(vec![r02_in(USDC, DAI, SENDER, 50, 9)]);
    assert_eq!(items(ROUTER_02, u(0), data), [swap(ROUTER_02, token(USDC), 50, token(DAI), 9, ACCOUNT)]);
    for stays in [ROUTER, ROUTER_02] {
        let data = timed(vec![r02_in(USDC, WETH, stays, 50, 9), unwrap(10, ACCOUNT)]);
        assert_eq!(items(ROUTER_02, u(0), data), [swap(ROUTER_02, token(USDC), 50, eth(), 10, ACCOUNT)]);
        let left = timed(vec![r02_in(USDC, WETH, stays, 50, 9)]);
        assert!(not_understood(ROUTER_02, u(0), left).contains("stay in the router"));
    }
    let data = timed(vec![r02_in(USDC, DAI, Address::ZERO, 50, 9)]);
    let effects = call(ROUTER_02, u(0), data);
    assert_eq!(effects.items, [swap(ROUTER_02, token(USDC), 50, token(DAI), 9, Address::ZERO)]);
    assert_eq!(effects.warnings, [Warning::LikelyLost { to: Address::ZERO }]);
    // In unwrapWETH9 and sweepToken they mean themselves.
    let data = timed(vec![r02_in(USDC, WETH, ROUTER, 50, 9), unwrap(10, SENDER)]);
    assert_eq!(items(ROUTER_02, u(0), data), [swap(ROUTER_02, token(USDC), 50, eth(), 10, SENDER)]);
    // The first router knows neither.
    assert_eq!(items(V3_ROUTER, u(0), v3_in(USDC, DAI, SENDER, 50, 9, 0)), [swap(V3_ROUTER, token(USDC), 50, token(DAI), 9, SENDER)]);
}

#[test]
fn payments_to_the_sender() {
    let unwrap = Bytes::from(R02::unwrapWETH9Call { least: u(10) }.abi_encode());
    let data = timed(vec![r02_in(USDC, WETH, ROUTER, 50, 9), unwrap.clone()]);
    assert_eq!(items(ROUTER_02, u(0), data), [swap(ROUTER_02, token(USDC), 50, eth(), 10, ACCOUNT)]);
    let sweep = Bytes::from(R02::sweepTokenCall { token: DAI, least: u(10) }.abi_encode());
    let data = timed(vec![r02_in(USDC, DAI, ROUTER, 50, 9), sweep]);
    assert_eq!(items(ROUTER_02, u(0), data), [swap(ROUTER_02, token(USDC), 50, token(DAI), 10, ACCOUNT)]);
    // The first router has none of these.
    let data = multicall(vec![v3_in(USDC, WETH, Address::ZERO, 50, 9, 0), unwrap]);
    assert!(not_understood(V3_ROUTER, u(0), data).contains("not understood"));
    assert!(not_understood(V3_ROUTER, u(0), timed(vec![v3_in(USDC, DAI, ACCOUNT, 50, 9, 0)])).contains("not understood"));
}

#[test]
fn r02_paths_and_v2() {
    let p = R02::In { path: path(&[USDC, WETH, DAI]), recipient: SENDER, amountIn: u(50), least: u(9) };
    let expected = [swap(ROUTER_02, token(USDC), 50, token(DAI), 9, ACCOUNT)];
    assert_eq!(items(ROUTER_02, u(0), timed(vec![R02::exactInputCall { p }.abi_encode().into()])), expected);
    let p = R02::Out { path: path(&[DAI, WETH, USDC]), recipient: ACCOUNT, amountOut: u(9), most: u(50) };
    assert_eq!(items(ROUTER_02, u(0), timed(vec![R02::exactOutputCall { p }.abi_encode().into()])), expected);
    let p = R02::OutSingle {
        tokenIn: USDC,
        tokenOut: DAI,
        fee: U24::from(500),
        recipient: ACCOUNT,
        amountOut: u(9),
        most: u(50),
        limit: U160::ZERO,
    };
    assert_eq!(items(ROUTER_02, u(0), timed(vec![R02::exactOutputSingleCall { p }.abi_encode().into()])), expected);
    let v2 = R02::swapExactTokensForTokensCall { a: u(50), b: u(9), path: vec![USDC, DAI], to: SENDER };
    assert_eq!(items(ROUTER_02, u(0), timed(vec![v2.abi_encode().into()])), expected);
    let v2 = R02::swapTokensForExactTokensCall { a: u(9), b: u(50), path: vec![USDC, DAI], to: ACCOUNT };
    assert_eq!(items(ROUTER_02, u(0), timed(vec![v2.abi_encode().into()])), expected);
    let v2 = R02::swapExactTokensForTokensCall { a: u(50), b: u(9), path: vec![WETH, DAI], to: SENDER };
    assert_eq!(items(ROUTER_02, u(50), timed(vec![v2.abi_encode().into()])), [swap(ROUTER_02, eth(), 50, token(DAI), 9, ACCOUNT)]);
}

#[test]
fn deadlines() {
    let without = Effect::Swap {
        sell: token(USDC),
        most_in: u(50),
        buy: token(DAI),
        least_out: u(9),
        recipient: ACCOUNT,
        router: ROUTER_02,
        deadline: None,
    };
    // A bare call has none, a multicall its own, nested ones the earliest.
    let bare = r02_in(USDC, DAI, SENDER, 50, 9);
    let effects = call(ROUTER_02, u(0), bare.clone());
    assert_eq!((&effects.items[..], &effects.warnings[..]), (&[without.clone()][..], &[Warning::NoDeadline][..]));
    assert_eq!(effects.usable_until(), None);
    let nested: Bytes = R02::multicallCall { deadline: u(SOON + 5), data: vec![timed(vec![bare.clone()])] }.abi_encode().into();
    let effects = call(ROUTER_02, u(0), nested);
    assert_eq!(effects.items, [swap(ROUTER_02, token(USDC), 50, token(DAI), 9, ACCOUNT)]);
    assert_eq!(effects.usable_until(), Some(SOON));
    // One that is bound to the next block needs none.
    let bound = R02Block::multicallCall { previous: b(1), data: vec![bare] }.abi_encode();
    let effects = call(ROUTER_02, u(0), bound);
    assert_eq!((&effects.items[..], &effects.warnings[..]), (&[without][..], &[][..]));
}

#[test]
fn what_the_routers_do_beside_swaps_is_not_understood() {
    for data in [R02::wrapETHCall { value: u(5) }.abi_encode(), R02::pullCall { token: USDC, value: u(5) }.abi_encode(), vec![1, 2, 3, 4]] {
        assert!(not_understood(ROUTER_02, u(0), timed(vec![data.clone().into()])).contains("not understood"));
        not_understood(ROUTER_02, u(0), data);
    }
    // An amount of zero stands for the router's balance.
    assert!(not_understood(ROUTER_02, u(0), r02_in(USDC, DAI, SENDER, 0, 9)).contains("zero"));
    // Nothing that moves, an empty call, an empty multicall.
    assert!(not_understood(ROUTER_02, u(5), multicall(vec![refund()])).contains("moves anything"));
    assert!(not_understood(ROUTER_02, u(0), multicall(vec![])).contains("moves anything"));
    assert!(not_understood(ROUTER_02, u(0), multicall(vec![Bytes::new()])).contains("no function"));
    // One call that is not understood spoils the rest.
    let data = timed(vec![r02_in(USDC, DAI, SENDER, 50, 9), vec![1, 2, 3, 4].into()]);
    not_understood(ROUTER_02, u(0), data);
}

#[test]
fn nesting_is_bounded() {
    let inner = v3_in(USDC, DAI, ACCOUNT, 50, 9, 0);
    let nested = |levels| (0..levels).fold(inner.clone(), |data, _| multicall(vec![data]));
    assert!(!call(V3_ROUTER, u(0), nested(4)).has_unknown());
    assert!(not_understood(V3_ROUTER, u(0), nested(5)).contains("nested"));
    assert!(not_understood(V3_ROUTER, u(0), nested(60)).contains("nested"));

    assert!(!call(V3_ROUTER, u(0), multicall(vec![inner.clone(); 64])).has_unknown());
    assert!(not_understood(V3_ROUTER, u(0), multicall(vec![inner.clone(); 65])).contains("more than 64"));
    // 9 x 8 calls on two levels.
    let wide = multicall(vec![multicall(vec![inner; 8]); 9]);
    assert!(not_understood(V3_ROUTER, u(0), wide).contains("more than 64"));
    assert!(not_understood(V3_ROUTER, u(0), multicall(vec![multicall(vec![]); 65])).contains("more than 64"));
}

#[test]
fn arrays_that_share_their_tails_are_refused_without_blowing_up() {
    // 1,500 elements of `bytes[]` that all point at the same 60 kB.
    let (count, size) = (1_500usize, 60_000usize);
    let mut data = V3::multicallCall::SELECTOR.to_vec();
    let word = |value: usize| U256::from(value).to_be_bytes::<32>();
    data.extend(word(32));
    data.extend(word(count));
    (0..count).for_each(|_| data.extend(word(count * 32)));
    data.extend(word(size));
    data.extend(vec![0; size.next_multiple_of(32)]);
    assert!(not_understood(V3_ROUTER, u(0), data).contains("canonical"));
}
