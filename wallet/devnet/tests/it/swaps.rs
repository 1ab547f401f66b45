use alloy_network::TransactionBuilder;
use alloy_primitives::aliases::{U24, U160};
use alloy_primitives::{Address, U256};
use alloy_provider::Provider;
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::SolCall;
use parlance_devnet::addresses::*;
use parlance_devnet::interfaces::*;
use parlance_devnet::{DevChain, ETH_PRICE_USD};

use crate::uses::{ether, succeeded, usdc};

async fn approve(chain: &DevChain, token: Address, spender: Address) {
    let sent = chain.transact_as(DEMO, token, IERC20::approveCall { spender, value: U256::MAX }).await.unwrap();
    assert!(succeeded(chain, sent).await);
}

#[tokio::test]
async fn v2_fills_what_it_quotes() {
    let chain = DevChain::spawn().await.unwrap();
    assert_eq!(chain.call(UNISWAP_V2_FACTORY, IUniswapV2Factory::getPairCall { a: USDC, b: WETH }).await.unwrap(), UNISWAP_V2_USDC_WETH);
    assert_eq!(chain.call(UNISWAP_V2_FACTORY, IUniswapV2Factory::getPairCall { a: WETH, b: DAI }).await.unwrap(), UNISWAP_V2_DAI_WETH);
    for (path, amount_in) in
        [(vec![USDC, WETH], usdc(300)), (vec![WETH, USDC], ether(1)), (vec![DAI, WETH], ether(90)), (vec![USDC, WETH, DAI], usdc(50))]
    {
        let (first, last) = (path[0], *path.last().unwrap());
        approve(&chain, first, UNISWAP_V2_ROUTER).await;
        let quote = chain.call(UNISWAP_V2_ROUTER, IUniswapV2Router02::getAmountsOutCall { amountIn: amount_in, path: path.clone() });
        let quoted = *quote.await.unwrap().last().unwrap();
        let before = chain.token_balance(last, DEMO).await.unwrap();
        let swap = IUniswapV2Router02::swapExactTokensForTokensCall {
            amountIn: amount_in,
            amountOutMin: quoted,
            path,
            to: DEMO,
            deadline: U256::MAX,
        };
        let sent = chain.transact_as(DEMO, UNISWAP_V2_ROUTER, swap).await.unwrap();
        assert!(succeeded(&chain, sent).await);
        assert_eq!(chain.token_balance(last, DEMO).await.unwrap() - before, quoted);
    }
}

#[tokio::test]
async fn v2_refuses_to_fill_below_the_minimum() {
    let chain = DevChain::spawn().await.unwrap();
    let path = vec![WETH, USDC];
    let quoted =
        chain.call(UNISWAP_V2_ROUTER, IUniswapV2Router02::getAmountsOutCall { amountIn: ether(1), path: path.clone() }).await.unwrap()[1];
    let swap = IUniswapV2Router02::swapExactETHForTokensCall { amountOutMin: quoted + U256::from(1), path, to: DEMO, deadline: U256::MAX };
    let request = TransactionRequest::default().with_to(UNISWAP_V2_ROUTER).with_value(ether(1)).with_input(swap.abi_encode());
    let sent = chain.send_as(DEMO, request.clone()).await.unwrap();
    assert!(!succeeded(&chain, sent).await);
    let refused = chain.provider().call(request.with_from(DEMO)).await.unwrap_err().to_string();
    assert!(refused.contains("INSUFFICIENT_OUTPUT_AMOUNT"), "{refused}");
}

fn quote(token_in: Address, token_out: Address, amount: U256) -> IQuoterV2::quoteExactInputSingleCall {
    IQuoterV2::quoteExactInputSingleCall {
        params: IQuoterV2::QuoteExactInputSingleParams {
            tokenIn: token_in,
            tokenOut: token_out,
            amountIn: amount,
            fee: U24::from(500),
            sqrtPriceLimitX96: U160::ZERO,
        },
    }
}

fn exact_input(
    token_in: Address,
    token_out: Address,
    recipient: Address,
    amount: U256,
    minimum: U256,
) -> ISwapRouter02::exactInputSingleCall {
    ISwapRouter02::exactInputSingleCall {
        params: ISwapRouter02::ExactInputSingleParams {
            tokenIn: token_in,
            tokenOut: token_out,
            fee: U24::from(500),
            recipient,
            amountIn: amount,
            amountOutMinimum: minimum,
            sqrtPriceLimitX96: U160::ZERO,
        },
    }
}

#[tokio::test]
async fn v3_fills_what_it_quotes() {
    let chain = DevChain::spawn().await.unwrap();
    let pool = IUniswapV3Factory::getPoolCall { a: USDC, b: WETH, fee: U24::from(500) };
    assert_eq!(chain.call(UNISWAP_V3_FACTORY, pool).await.unwrap(), UNISWAP_V3_USDC_WETH_500);
    for (token_in, token_out, amount) in [(USDC, WETH, usdc(1_500)), (WETH, USDC, ether(1))] {
        approve(&chain, token_in, UNISWAP_V3_ROUTER).await;
        let quoted = chain.call(UNISWAP_V3_QUOTER, quote(token_in, token_out, amount)).await.unwrap().amountOut;
        let before = chain.token_balance(token_out, DEMO).await.unwrap();
        let sent = chain.transact_as(DEMO, UNISWAP_V3_ROUTER, exact_input(token_in, token_out, DEMO, amount, quoted)).await.unwrap();
        assert!(succeeded(&chain, sent).await);
        assert_eq!(chain.token_balance(token_out, DEMO).await.unwrap() - before, quoted);
    }
}

#[tokio::test]
async fn usdc_becomes_ether_through_a_multicall() {
    let chain = DevChain::spawn().await.unwrap();
    approve(&chain, USDC, UNISWAP_V3_ROUTER).await;
    let quoted = chain.call(UNISWAP_V3_QUOTER, quote(USDC, WETH, usdc(300))).await.unwrap().amountOut;
    // Recipient 2 is SwapRouter02's own name for itself.
    let router: Address = Address::with_last_byte(2);
    let swap = exact_input(USDC, WETH, router, usdc(300), quoted);
    let unwrap = ISwapRouter02::unwrapWETH9Call { amountMinimum: quoted, recipient: ERIN };
    let both = ISwapRouter02::multicallCall { deadline: U256::MAX, data: vec![swap.abi_encode().into(), unwrap.abi_encode().into()] };
    let sent = chain.transact_as(DEMO, UNISWAP_V3_ROUTER, both).await.unwrap();
    assert!(succeeded(&chain, sent).await);
    assert_eq!(chain.balance(ERIN).await.unwrap(), ether(10_000) + quoted);
}

/// Every venue opens at the same price, so that a wallet's price checks have nothing to complain about.
#[tokio::test]
async fn pools_and_feeds_agree_on_the_price() {
    let chain = DevChain::spawn().await.unwrap();
    let small = ether(1) / U256::from(100);
    let expected = usdc(ETH_PRICE_USD) / U256::from(100);
    let near = |got: U256| got < expected && got > expected * U256::from(995) / U256::from(1000);
    let v2 =
        chain.call(UNISWAP_V2_ROUTER, IUniswapV2Router02::getAmountsOutCall { amountIn: small, path: vec![WETH, USDC] }).await.unwrap()[1];
    let v3 = chain.call(UNISWAP_V3_QUOTER, quote(WETH, USDC, small)).await.unwrap().amountOut;
    assert!(near(v2), "{v2}");
    assert!(near(v3), "{v3}");
    // V3's fee is a sixth of V2's.
    assert!(v3 > v2);
    let feed = chain.call(ETH_USD_FEED, IAggregatorV3::latestRoundDataCall {}).await.unwrap();
    assert_eq!(feed.answer.to_string(), format!("{ETH_PRICE_USD}00000000"));
}
