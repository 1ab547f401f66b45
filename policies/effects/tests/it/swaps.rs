//! Calls to the routers, for the tests of each.

use alloy_primitives::aliases::U24;
use alloy_primitives::{Address, Bytes, U160};
use alloy_sol_types::SolCall;
use parlance_effects::{Asset, Effect};

use crate::support::*;

/// To `SwapRouter02`: whoever calls.
pub const SENDER: Address = Address::with_last_byte(1);
/// To `SwapRouter02`: itself.
pub const ROUTER: Address = Address::with_last_byte(2);

pub fn swap(router: Address, sell: Asset, most_in: u64, buy: Asset, least_out: u64, recipient: Address) -> Effect {
    let deadline = Some(SOON);
    Effect::Swap { sell, most_in: u(most_in), buy, least_out: u(least_out), recipient, router, deadline }
}

pub fn path(tokens: &[Address]) -> Bytes {
    let mut path = Vec::new();
    for token in tokens {
        if !path.is_empty() {
            path.extend([0, 1, 0xf4]);
        }
        path.extend(token.as_slice());
    }
    path.into()
}

pub fn v3_in(token_in: Address, token_out: Address, recipient: Address, amount: u64, least: u64, limit: u64) -> Bytes {
    V3::exactInputSingleCall {
        p: V3::InSingle {
            tokenIn: token_in,
            tokenOut: token_out,
            fee: U24::from(500),
            recipient,
            deadline: u(SOON),
            amountIn: u(amount),
            least: u(least),
            limit: U160::from(limit),
        },
    }
    .abi_encode()
    .into()
}

pub fn v3_out(token_in: Address, token_out: Address, recipient: Address, out: u64, most: u64, limit: u64) -> Bytes {
    V3::exactOutputSingleCall {
        p: V3::OutSingle {
            tokenIn: token_in,
            tokenOut: token_out,
            fee: U24::from(500),
            recipient,
            deadline: u(SOON),
            amountOut: u(out),
            most: u(most),
            limit: U160::from(limit),
        },
    }
    .abi_encode()
    .into()
}

pub fn unwrap(least: u64, to: Address) -> Bytes {
    V3::unwrapWETH9Call { least: u(least), to }.abi_encode().into()
}

pub fn sweep(token: Address, least: u64, to: Address) -> Bytes {
    V3::sweepTokenCall { token, least: u(least), to }.abi_encode().into()
}

pub fn refund() -> Bytes {
    V3::refundETHCall {}.abi_encode().into()
}

pub fn multicall(data: Vec<Bytes>) -> Bytes {
    V3::multicallCall { data }.abi_encode().into()
}

pub fn timed(data: Vec<Bytes>) -> Bytes {
    R02::multicallCall { deadline: u(SOON), data }.abi_encode().into()
}
