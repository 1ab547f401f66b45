//! Uniswap V2 `UniswapV2Router02`: all nine swaps. Adding and removing liquidity is not understood.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;

use super::abi::V2Router;
use super::call::{Call, NotUnderstood, Outcome, strict, unknown_function};
use super::unix_seconds;
use crate::{Asset, Effect};

/// What one of the swaps says.
struct Terms {
    most_in: U256,
    least_out: U256,
    path: Vec<Address>,
    to: Address,
    deadline: U256,
    sell: Side,
    buy: Side,
}

/// Whether an end of the path is the token itself, or the native coin by way of its wrapped token.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Token,
    Native,
}

pub(super) fn decode(call: &Call<'_>, selector: [u8; 4]) -> Result<Outcome, NotUnderstood> {
    use Side::{Native, Token};
    let value = call.value;

    // One line a function: name => (most that goes in, field of the least that comes out, sides).
    macro_rules! terms {
        ($name:ident, in $most_in:ident, out $least_out:ident, $sell:expr => $buy:expr) => {{
            let V2Router::$name { $most_in: most_in, $least_out: least_out, path, to, deadline } = strict(call.data)?;
            Terms { most_in, least_out, path, to, deadline, sell: $sell, buy: $buy }
        }};
        ($name:ident, in value, out $least_out:ident, $sell:expr => $buy:expr, payable) => {{
            let V2Router::$name { $least_out: least_out, path, to, deadline } = strict(call.data)?;
            Terms { most_in: value, least_out, path, to, deadline, sell: $sell, buy: $buy }
        }};
    }
    let terms = match selector {
        V2Router::swapExactTokensForTokensCall::SELECTOR => {
            terms!(swapExactTokensForTokensCall, in amountIn, out amountOutMin, Token => Token)
        }
        V2Router::swapTokensForExactTokensCall::SELECTOR => {
            terms!(swapTokensForExactTokensCall, in amountInMax, out amountOut, Token => Token)
        }
        V2Router::swapExactETHForTokensCall::SELECTOR => {
            terms!(swapExactETHForTokensCall, in value, out amountOutMin, Native => Token, payable)
        }
        V2Router::swapTokensForExactETHCall::SELECTOR => {
            terms!(swapTokensForExactETHCall, in amountInMax, out amountOut, Token => Native)
        }
        V2Router::swapExactTokensForETHCall::SELECTOR => {
            terms!(swapExactTokensForETHCall, in amountIn, out amountOutMin, Token => Native)
        }
        V2Router::swapETHForExactTokensCall::SELECTOR => {
            terms!(swapETHForExactTokensCall, in value, out amountOut, Native => Token, payable)
        }
        V2Router::swapExactTokensForTokensSupportingFeeOnTransferTokensCall::SELECTOR => terms!(
            swapExactTokensForTokensSupportingFeeOnTransferTokensCall, in amountIn, out amountOutMin, Token => Token),
        V2Router::swapExactETHForTokensSupportingFeeOnTransferTokensCall::SELECTOR => terms!(
            swapExactETHForTokensSupportingFeeOnTransferTokensCall, in value, out amountOutMin, Native => Token, payable),
        V2Router::swapExactTokensForETHSupportingFeeOnTransferTokensCall::SELECTOR => terms!(
            swapExactTokensForETHSupportingFeeOnTransferTokensCall, in amountIn, out amountOutMin, Token => Native),
        _ => return Err(unknown_function("the Uniswap V2 router", selector)),
    };
    swap(call, terms)
}

fn swap(call: &Call<'_>, terms: Terms) -> Result<Outcome, NotUnderstood> {
    if terms.sell == Side::Token {
        call.without_value()?;
    }
    let (first, last) = ends(&terms.path)?;
    if terms.to == call.to {
        return Err("the output would stay in the router, where anyone can take it".into());
    }
    Ok(Outcome::of(Effect::Swap {
        sell: side(call, terms.sell, first)?,
        most_in: terms.most_in,
        buy: side(call, terms.buy, last)?,
        least_out: terms.least_out,
        recipient: terms.to,
        router: call.to,
        deadline: unix_seconds(terms.deadline),
    }))
}

fn side(call: &Call<'_>, side: Side, token: Address) -> Result<Asset, NotUnderstood> {
    match side {
        Side::Token => Ok(call.place.token(token)),
        Side::Native if call.place.registry.wrapped_native(call.place.chain) == Some(token) => Ok(call.place.native()),
        Side::Native => Err("the path does not end in the chain's wrapped coin where it must".into()),
    }
}

/// First and last token of a V2 path.
pub(super) fn ends(path: &[Address]) -> Result<(Address, Address), NotUnderstood> {
    match path {
        [first, .., last] => Ok((*first, *last)),
        _ => Err(format!("got a path of {} tokens, expected at least 2", path.len())),
    }
}
