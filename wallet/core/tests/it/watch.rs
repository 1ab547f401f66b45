use alloy_primitives::{Bytes, U256};
use alloy_sol_types::SolCall;
use futures::StreamExt;
use parlance_devnet::interfaces::IERC20;
use parlance_devnet::{DevChain, Mining};
use parlance_wallet_core::WalletError;
use parlance_wallet_core::chain::{ChainClient, Fees, Outbox, Route, Watcher};
use parlance_wallet_core::store::{Reservation, Store, Stuck, TxState};

use crate::common::{Draft, client, dead_url, ether, local, mined, signed, signed_on};

/// A client to whom a transaction is final after `confirmations` blocks.
fn patient(chain: &DevChain, confirmations: u64) -> ChainClient {
    let mut entry = local(&[chain.rpc_url()]);
    entry.confirmations = confirmations;
    ChainClient::new(entry).unwrap()
}

#[tokio::test]
async fn the_stream_tells_every_step() {
    let chain = DevChain::spawn_empty().await.unwrap();
    chain.set_mining(Mining::Manual).await.unwrap();
    let (client, store) = (patient(&chain, 3), Store::in_memory().unwrap());
    let tx = signed(&store, &client, &Draft::send_ether(&client, chain.world().contacts[0].address, ether(1)).await).await;
    let mut states = Box::pin(Watcher::new(store.clone(), client.clone()).watch(tx.id));
    assert_eq!(states.next().await.unwrap().unwrap(), TxState::Signed);
    Outbox::new(store.clone()).send(&client, tx.id, Route::Public).await.unwrap();
    assert!(matches!(states.next().await.unwrap().unwrap(), TxState::Pending { stuck: None, .. }));
    chain.mine(1).await.unwrap();
    assert!(matches!(states.next().await.unwrap().unwrap(), TxState::Mined { confirmations: 1, .. }));
    chain.mine(1).await.unwrap();
    assert!(matches!(states.next().await.unwrap().unwrap(), TxState::Mined { confirmations: 2, .. }));
    chain.mine(1).await.unwrap();
    assert!(matches!(states.next().await.unwrap().unwrap(), TxState::Final { .. }));
    assert!(states.next().await.is_none(), "nothing comes after the end");
    assert!(matches!(store.transaction(tx.id).unwrap().state, TxState::Final { .. }));
}

#[tokio::test]
async fn a_reorganised_transaction_is_sent_again() {
    let chain = DevChain::spawn_empty().await.unwrap();
    chain.mine(5).await.unwrap();
    let (client, store) = (patient(&chain, 4), Store::in_memory().unwrap());
    let watcher = Watcher::new(store.clone(), client.clone());
    let alice = chain.world().contacts[0].address;
    let before = chain.balance(alice).await.unwrap();
    let tx = signed(&store, &client, &Draft::send_ether(&client, alice, ether(1)).await).await;
    Outbox::new(store.clone()).send(&client, tx.id, Route::Public).await.unwrap();
    let TxState::Mined { hash: lost, .. } = mined(&watcher, tx.id).await else { panic!("not mined") };

    chain.set_mining(Mining::Manual).await.unwrap();
    chain.reorg(2).await.unwrap();
    assert_eq!(chain.balance(alice).await.unwrap(), before, "the payment is gone");
    let state = watcher.poll(tx.id).await.unwrap();
    assert!(matches!(state, TxState::Pending { .. }), "{state}");
    chain.mine(1).await.unwrap();
    let TxState::Mined { hash, .. } = watcher.poll(tx.id).await.unwrap() else { panic!("not mined again") };
    assert_ne!(hash, lost);
    assert_eq!(chain.balance(alice).await.unwrap() - before, ether(1));
    chain.mine(3).await.unwrap();
    assert!(watcher.poll(tx.id).await.unwrap().is_settled());
}

#[tokio::test]
async fn a_failed_transaction_says_why() {
    let chain = DevChain::spawn().await.unwrap();
    let (client, store) = (client(&chain), Store::in_memory().unwrap());
    let call = IERC20::transferCall { to: chain.world().contacts[0].address, value: U256::MAX };
    let draft = Draft {
        to: chain.addresses().usdc,
        value: U256::ZERO,
        data: Bytes::from(call.abi_encode()),
        gas: 100_000,
        fees: client.fees().await.unwrap().normal,
    };
    let tx = signed(&store, &client, &draft).await;
    Outbox::new(store.clone()).send(&client, tx.id, Route::Public).await.unwrap();
    let state = mined(&Watcher::new(store.clone(), client), tx.id).await;
    let TxState::Reverted { reason: Some(reason), settled: true, .. } = &state else { panic!("{state:?}") };
    assert!(reason.contains("balance is too small"), "{reason}");
    assert!(state.to_string().contains("Only the fee was paid"));
    assert!(store.transaction(tx.id).unwrap().fee_paid.unwrap() > U256::ZERO);
}

#[tokio::test]
async fn says_why_a_transaction_is_stuck() {
    let chain = DevChain::spawn_empty().await.unwrap();
    chain.set_mining(Mining::Manual).await.unwrap();
    let (client, store) = (client(&chain), Store::in_memory().unwrap());
    let (outbox, watcher) = (Outbox::new(store.clone()), Watcher::new(store.clone(), client.clone()));
    let draft = Draft::send_ether(&client, chain.world().contacts[0].address, ether(1)).await;

    let first = signed(&store, &client, &draft).await;
    let second = signed(&store, &client, &draft).await;
    outbox.send(&client, second.id, Route::Public).await.unwrap();
    let state = watcher.poll(second.id).await.unwrap();
    assert!(matches!(state, TxState::Pending { stuck: Some(Stuck::BlockedBy { nonce: 0 }), .. }), "{state}");

    outbox.send(&client, first.id, Route::Public).await.unwrap();
    let Fees::Eip1559 { max_fee_per_gas, .. } = draft.fees else { panic!() };
    chain.set_next_base_fee(max_fee_per_gas * 3).await.unwrap();
    chain.mine(1).await.unwrap();
    let state = watcher.poll(first.id).await.unwrap();
    let TxState::Pending { stuck: Some(Stuck::Underpriced { offers, needs }), .. } = state else { panic!("{state}") };
    assert!(offers == max_fee_per_gas && needs > offers);
    assert!(state.to_string().contains("speed it up"), "{state}");
}

#[tokio::test]
async fn a_dropped_transaction_is_sent_again_or_called_dropped() {
    let chain = DevChain::spawn_empty().await.unwrap();
    chain.set_mining(Mining::Manual).await.unwrap();
    let (client, store) = (client(&chain), Store::in_memory().unwrap());
    let (outbox, watcher) = (Outbox::new(store.clone()), Watcher::new(store.clone(), client.clone()));
    let alice = chain.world().contacts[0].address;
    let tx = signed(&store, &client, &Draft::send_ether(&client, alice, ether(1)).await).await;
    outbox.send(&client, tx.id, Route::Public).await.unwrap();
    assert!(chain.drop_pending(tx.hash.unwrap()).await.unwrap());
    assert!(matches!(watcher.poll(tx.id).await.unwrap(), TxState::Pending { .. }));
    assert!(client.transaction(tx.hash.unwrap()).await.unwrap().is_some(), "it is back in the pool");

    // Now the account can't pay for it any more.
    assert!(chain.drop_pending(tx.hash.unwrap()).await.unwrap());
    chain.set_balance(tx.account, U256::from(1)).await.unwrap();
    let state = watcher.poll(tx.id).await.unwrap();
    assert!(matches!(&state, TxState::Dropped { why } if why.contains("not enough")), "{state}");
    assert!(!state.is_settled(), "its signature is still out there");
    chain.set_balance(tx.account, ether(100)).await.unwrap();
    assert!(matches!(watcher.poll(tx.id).await.unwrap(), TxState::Pending { .. }));
    chain.mine(1).await.unwrap();
    assert!(matches!(watcher.poll(tx.id).await.unwrap(), TxState::Final { .. }));
}

#[tokio::test]
async fn what_gave_way_to_its_replacement_waits_with_it() {
    let chain = DevChain::spawn_empty().await.unwrap();
    chain.set_mining(Mining::Manual).await.unwrap();
    let (client, store) = (client(&chain), Store::in_memory().unwrap());
    let (outbox, watcher) = (Outbox::new(store.clone()), Watcher::new(store.clone(), client.clone()));
    let mut draft = Draft::send_ether(&client, chain.world().contacts[0].address, ether(1)).await;
    let first = signed(&store, &client, &draft).await;
    outbox.send(&client, first.id, Route::Public).await.unwrap();
    let Fees::Eip1559 { max_fee_per_gas, max_priority_fee_per_gas } = draft.fees else { panic!() };
    draft.fees = Fees::Eip1559 { max_fee_per_gas: max_fee_per_gas * 2, max_priority_fee_per_gas: max_priority_fee_per_gas * 2 };
    let second = signed_on(&store, &draft, Reservation::of(&first), Some(first.id));
    outbox.send(&client, second.id, Route::Public).await.unwrap();
    assert!(client.transaction(first.hash.unwrap()).await.unwrap().is_none(), "the pool keeps one of them");

    let state = watcher.poll(first.id).await.unwrap();
    assert!(matches!(state, TxState::Pending { .. }), "nobody dropped it: {state}");
    chain.mine(1).await.unwrap();
    assert!(matches!(mined(&watcher, second.id).await, TxState::Final { .. }));
    let state = watcher.poll(first.id).await.unwrap();
    assert_eq!(state, TxState::Replaced { by: second.hash });
}

#[tokio::test]
async fn an_error_of_the_node_changes_nothing() {
    let mut chain = DevChain::spawn_empty().await.unwrap();
    chain.set_mining(Mining::Manual).await.unwrap();
    let (client, store) = (client(&chain), Store::in_memory().unwrap());
    let tx = signed(&store, &client, &Draft::send_ether(&client, chain.world().contacts[0].address, ether(1)).await).await;
    Outbox::new(store.clone()).send(&client, tx.id, Route::Public).await.unwrap();
    let before = Watcher::new(store.clone(), client.clone()).poll(tx.id).await.unwrap();
    chain.kill();
    assert!(matches!(Watcher::new(store.clone(), client).poll(tx.id).await, Err(WalletError::Offline { .. })));
    let mut wrong = local(&[&dead_url()]);
    wrong.id = 1;
    assert!(Watcher::new(store.clone(), ChainClient::new(wrong).unwrap()).poll(tx.id).await.is_err());
    assert_eq!(store.transaction(tx.id).unwrap().state, before);
}
