use std::time::Duration;

use alloy_network::TransactionBuilder;
use alloy_primitives::U256;
use alloy_provider::Provider;
use alloy_rpc_types_eth::TransactionRequest;
use parlance_devnet::addresses::*;
use parlance_devnet::interfaces::IERC20;
use parlance_devnet::{DevChain, DevnetError, Mining};

use crate::uses::{ether, succeeded, usdc};

fn pay_bob() -> TransactionRequest {
    TransactionRequest::default().with_to(BOB).with_value(ether(1))
}

#[tokio::test]
async fn chains_are_separate_and_end_with_their_owner() {
    let (one, two) = tokio::join!(DevChain::spawn(), DevChain::spawn());
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one.rpc_url(), two.rpc_url());
    let sent = one.send_as(DEMO, pay_bob()).await.unwrap();
    assert!(succeeded(&one, sent).await);
    assert_eq!(one.balance(BOB).await.unwrap(), ether(10_001));
    assert_eq!(two.balance(BOB).await.unwrap(), ether(10_000));
    let provider = one.provider().clone();
    drop(one);
    assert!(provider.get_chain_id().await.is_err());
    assert!(two.block_number().await.is_ok());
}

#[tokio::test]
async fn time_and_blocks_go_as_told() {
    let chain = DevChain::spawn().await.unwrap();
    let (block, time) = (chain.block_number().await.unwrap(), chain.block_time().await.unwrap());
    chain.mine(5).await.unwrap();
    assert_eq!(chain.block_number().await.unwrap(), block + 5);
    chain.advance_time(86_400).await.unwrap();
    assert_eq!(chain.block_number().await.unwrap(), block + 6);
    assert!(chain.block_time().await.unwrap() >= time + 86_400);
    let then = time + 1_000_000;
    chain.set_next_block_time(then).await.unwrap();
    chain.mine(1).await.unwrap();
    assert_eq!(chain.block_time().await.unwrap(), then);
}

#[tokio::test]
async fn a_waiting_transaction_can_be_dropped_or_mined() {
    let chain = DevChain::spawn_mining(Mining::Manual).await.unwrap();
    let (lost, kept) = (chain.send_as(DEMO, pay_bob()).await.unwrap(), chain.send_as(ALICE, pay_bob()).await.unwrap());
    assert_eq!(chain.balance(BOB).await.unwrap(), ether(10_000));
    assert!(chain.drop_pending(lost).await.unwrap());
    assert!(!chain.drop_pending(lost).await.unwrap());
    chain.mine(1).await.unwrap();
    assert!(succeeded(&chain, kept).await);
    assert!(chain.provider().get_transaction_receipt(lost).await.unwrap().is_none());
    assert_eq!(chain.balance(BOB).await.unwrap(), ether(10_001));
    chain.send_as(DEMO, pay_bob()).await.unwrap();
    chain.drop_all_pending().await.unwrap();
    chain.set_mining(Mining::Instant).await.unwrap();
    let last = chain.send_as(ALICE, pay_bob()).await.unwrap();
    assert!(succeeded(&chain, last).await);
    assert_eq!(chain.balance(BOB).await.unwrap(), ether(10_002));
}

#[tokio::test]
async fn blocks_come_by_themselves_when_asked_to() {
    let chain = DevChain::spawn_mining(Mining::Every(1)).await.unwrap();
    let sent = chain.send_as(DEMO, pay_bob()).await.unwrap();
    assert!(succeeded(&chain, sent).await);
    assert_eq!(chain.balance(BOB).await.unwrap(), ether(10_001));
}

#[tokio::test]
async fn a_reorganisation_takes_a_receipt_back() {
    let chain = DevChain::spawn().await.unwrap();
    chain.mine(3).await.unwrap();
    let sent = chain.send_as(DEMO, pay_bob()).await.unwrap();
    let receipt = chain.receipt(sent).await.unwrap().unwrap();
    chain.mine(1).await.unwrap();
    let height = chain.block_number().await.unwrap();
    chain.reorg(2).await.unwrap();
    assert_eq!(chain.block_number().await.unwrap(), height);
    assert!(chain.provider().get_transaction_receipt(sent).await.unwrap().is_none());
    assert_eq!(chain.balance(BOB).await.unwrap(), ether(10_000));
    let now = chain.provider().get_block_by_number(receipt.block_number.unwrap().into()).await.unwrap().unwrap();
    assert_ne!(Some(now.header.hash), receipt.block_hash);
}

#[tokio::test]
async fn a_snapshot_is_returned_to_once() {
    let chain = DevChain::spawn().await.unwrap();
    let snapshot = chain.snapshot().await.unwrap();
    let sent = chain.transact_as(DEMO, USDC, IERC20::transferCall { to: BOB, value: usdc(5) }).await.unwrap();
    assert!(succeeded(&chain, sent).await);
    assert_eq!(chain.token_balance(USDC, BOB).await.unwrap(), usdc(5));
    assert!(chain.revert(snapshot).await.unwrap());
    assert_eq!(chain.token_balance(USDC, BOB).await.unwrap(), U256::ZERO);
}

#[tokio::test]
async fn balances_can_be_given() {
    let chain = DevChain::spawn().await.unwrap();
    chain.set_balance(BOB, U256::from(7)).await.unwrap();
    assert_eq!(chain.balance(BOB).await.unwrap(), U256::from(7));
    for token in [USDC, WETH, DAI, FAKE_USDC, SPAM] {
        chain.set_token_balance(token, BOB, U256::from(123_456)).await.unwrap();
        assert_eq!(chain.token_balance(token, BOB).await.unwrap(), U256::from(123_456), "{token}");
    }
    // What was given can be spent.
    chain.set_balance(BOB, ether(1)).await.unwrap();
    let sent = chain.transact_as(BOB, USDC, IERC20::transferCall { to: CAROL, value: U256::from(123_456) }).await.unwrap();
    assert!(succeeded(&chain, sent).await);
}

#[tokio::test]
async fn the_base_fee_can_be_set() {
    let chain = DevChain::spawn().await.unwrap();
    chain.set_next_base_fee(50_000_000_000).await.unwrap();
    chain.mine(1).await.unwrap();
    let block = chain.provider().get_block_by_number(Default::default()).await.unwrap().unwrap();
    assert_eq!(block.header.base_fee_per_gas, Some(50_000_000_000));
}

#[tokio::test]
async fn a_frozen_node_is_silent_until_it_thaws() {
    let chain = DevChain::spawn().await.unwrap();
    chain.freeze().unwrap();
    let silent = tokio::time::timeout(Duration::from_millis(300), chain.block_number()).await;
    assert!(silent.is_err(), "{silent:?}");
    chain.thaw().unwrap();
    assert!(chain.block_number().await.is_ok());
}

#[tokio::test]
async fn a_killed_node_refuses_connections() {
    let mut chain = DevChain::spawn_empty().await.unwrap();
    chain.kill();
    assert!(matches!(chain.block_number().await, Err(DevnetError::Rpc { .. })));
}
