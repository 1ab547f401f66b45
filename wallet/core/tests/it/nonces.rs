use std::collections::BTreeSet;

use parlance_devnet::{DevChain, Mining};
use parlance_wallet_core::chain::{Nonces, Outbox, Route};
use parlance_wallet_core::store::{Store, StoreKey};

use crate::common::{Draft, client, demo, ether, mined, sign, signed};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_at_once_get_sixteen_nonces_also_over_a_restart() {
    let chain = DevChain::spawn_empty().await.unwrap();
    let client = client(&chain);
    let dir = tempfile::tempdir().unwrap();
    let key = StoreKey::new([7; 32]);
    // Two connections to one file, as two processes would have.
    let stores = [Store::open(dir.path(), &key).unwrap(), Store::open(dir.path(), &key).unwrap()];
    let tasks = (0..16).map(|i| {
        let (nonces, client) = (Nonces::new(stores[i % 2].clone()), client.clone());
        tokio::spawn(async move { nonces.reserve(&client, demo().address()).await.unwrap().nonce })
    });
    let mut got = BTreeSet::new();
    for task in tasks.collect::<Vec<_>>() {
        assert!(got.insert(task.await.unwrap()), "a nonce was given twice");
    }
    assert_eq!(got, (0..16).collect());
    drop(stores);

    let nonces = Nonces::new(Store::open(dir.path(), &key).unwrap());
    let next = nonces.reserve(&client, demo().address()).await.unwrap();
    assert_eq!(next.nonce, 16, "reservations outlive the process");
    let state = nonces.state(&client, demo().address()).await.unwrap();
    assert_eq!(state.held, (0..=16).collect::<Vec<_>>());
    assert!(state.gaps.is_empty());

    // What is given back is a gap, and the gap is filled first.
    nonces.release(&parlance_wallet_core::store::Reservation { nonce: 3, ..next }).unwrap();
    assert_eq!(nonces.state(&client, demo().address()).await.unwrap().gaps, [3]);
    assert_eq!(nonces.reserve(&client, demo().address()).await.unwrap().nonce, 3);
    let other = nonces.reserve(&client, chain.world().contacts[0].address).await.unwrap();
    assert_eq!(other.nonce, 0, "each account counts for itself");
}

#[tokio::test]
async fn another_wallet_with_the_same_account_is_respected() {
    let chain = DevChain::spawn_empty().await.unwrap();
    chain.set_mining(Mining::Manual).await.unwrap();
    let client = client(&chain);
    let store = Store::in_memory().unwrap();
    let nonces = Nonces::new(store.clone());
    let draft = Draft::send_ether(&client, chain.world().contacts[0].address, ether(1)).await;

    let account = demo().address();
    let ours = nonces.reserve(&client, account).await.unwrap();
    // The other wallet was faster with the same nonce.
    let (raw, _) = sign(draft.build(&ours));
    let _: alloy_primitives::B256 =
        alloy_provider::Provider::raw_request(chain.provider(), "eth_sendRawTransaction".into(), (raw,)).await.unwrap();
    assert_eq!(nonces.state(&client, account).await.unwrap().pending, 1);
    let second = nonces.reserve(&client, account).await.unwrap();
    assert_eq!(second.nonce, 1);
    nonces.release(&ours).unwrap();
    assert_eq!(nonces.state(&client, account).await.unwrap().foreign, [0]);
    chain.mine(1).await.unwrap();
    nonces.release(&second).unwrap();
    assert_eq!(nonces.reserve(&client, account).await.unwrap().nonce, 1);
}

#[tokio::test]
async fn a_settled_transaction_frees_its_place_and_no_other() {
    let chain = DevChain::spawn_empty().await.unwrap();
    let client = client(&chain);
    let store = Store::in_memory().unwrap();
    let (nonces, outbox) = (Nonces::new(store.clone()), Outbox::new(store.clone()));
    let draft = Draft::send_ether(&client, chain.world().contacts[0].address, ether(1)).await;
    let first = signed(&store, &client, &draft).await;
    let second = signed(&store, &client, &draft).await;
    assert_eq!((first.nonce, second.nonce), (0, 1));
    assert_eq!(nonces.in_flight(31337, demo().address()).unwrap(), [0, 1]);
    outbox.send(&client, first.id, Route::Public).await.unwrap();
    let watcher = parlance_wallet_core::chain::Watcher::new(store.clone(), client.clone());
    assert!(mined(&watcher, first.id).await.is_settled());
    assert_eq!(nonces.state(&client, demo().address()).await.unwrap().held, [1]);
    assert_eq!(nonces.in_flight(31337, demo().address()).unwrap(), [1]);
    assert_eq!(nonces.reserve(&client, demo().address()).await.unwrap().nonce, 2);
}
