use alloy_primitives::U256;
use parlance_devnet::{DevChain, Mining};
use parlance_wallet_core::WalletError;
use parlance_wallet_core::chain::{ChainClient, NonceAt, Nonces, Outbox, Route, Sent, Watcher};
use parlance_wallet_core::store::{Reservation, Store, StoreKey, TxFilter, TxState};

use crate::common::{Answer, Draft, Proxy, client, dead_url, demo, ether, local, mined, sign, signed, signed_on};

#[tokio::test]
async fn sending_twice_is_sending_once() {
    let chain = DevChain::spawn_empty().await.unwrap();
    chain.set_mining(Mining::Manual).await.unwrap();
    let (client, store) = (client(&chain), Store::in_memory().unwrap());
    let outbox = Outbox::new(store.clone());
    let alice = chain.world().contacts[0].address;
    let before = chain.balance(alice).await.unwrap();
    let tx = signed(&store, &client, &Draft::send_ether(&client, alice, ether(2)).await).await;
    assert_eq!(outbox.send(&client, tx.id, Route::Public).await.unwrap(), Sent::Accepted);
    assert_eq!(outbox.send(&client, tx.id, Route::Public).await.unwrap(), Sent::AlreadyKnown);
    chain.mine(1).await.unwrap();
    assert_eq!(outbox.send(&client, tx.id, Route::Public).await.unwrap(), Sent::AlreadyKnown, "mined is known as well");
    assert_eq!(chain.balance(alice).await.unwrap() - before, ether(2));
}

#[tokio::test]
async fn what_was_signed_goes_out_after_a_crash_and_only_once() {
    let chain = DevChain::spawn_empty().await.unwrap();
    let client = client(&chain);
    let dir = tempfile::tempdir().unwrap();
    let key = StoreKey::random().unwrap();
    let alice = chain.world().contacts[0].address;
    let before = chain.balance(alice).await.unwrap();
    let draft = Draft::send_ether(&client, alice, ether(3)).await;
    let (tx, prepared) = {
        let store = Store::open(dir.path(), &key).unwrap();
        let tx = signed(&store, &client, &draft).await;
        let reservation = Nonces::new(store.clone()).reserve(&client, demo().address()).await.unwrap();
        let prepared = Outbox::new(store.clone()).record(draft.new_tx(reservation, None)).unwrap();
        Nonces::new(store.clone()).reserve(&client, demo().address()).await.unwrap();
        (tx, prepared)
        // The process dies here: one signed and unsent, one prepared, one bare reservation.
    };
    for _ in 0..2 {
        let store = Store::open(dir.path(), &key).unwrap();
        Outbox::new(store.clone()).resume(&client).await.unwrap();
        let state = mined(&Watcher::new(store.clone(), client.clone()), tx.id).await;
        assert!(matches!(state, TxState::Final { .. }), "{state}");
        assert!(matches!(store.transaction(prepared.id).unwrap().state, TxState::Abandoned { .. }));
        assert!(Nonces::new(store).state(&client, demo().address()).await.unwrap().held.is_empty());
    }
    assert_eq!(chain.balance(alice).await.unwrap() - before, ether(3));
}

#[tokio::test]
async fn a_second_process_cleans_up_nothing() {
    let chain = DevChain::spawn_empty().await.unwrap();
    let client = client(&chain);
    let dir = tempfile::tempdir().unwrap();
    let key = StoreKey::random().unwrap();
    let first = Store::open(dir.path(), &key).unwrap();
    Outbox::new(first.clone()).resume(&client).await.unwrap();
    let draft = Draft::send_ether(&client, chain.world().contacts[0].address, ether(1)).await;
    let reservation = Nonces::new(first.clone()).reserve(&client, demo().address()).await.unwrap();
    let prepared = Outbox::new(first.clone()).record(draft.new_tx(reservation, None)).unwrap();

    let second = Store::open(dir.path(), &key).unwrap();
    assert!(!second.own().unwrap() && first.own().unwrap());
    Outbox::new(second.clone()).resume(&client).await.unwrap();
    assert_eq!(second.transaction(prepared.id).unwrap().state, TxState::Prepared);
    assert_eq!(Nonces::new(second.clone()).reserve(&client, demo().address()).await.unwrap().nonce, 1);
    drop(first);
    Outbox::new(second.clone()).resume(&client).await.unwrap();
    assert!(matches!(second.transaction(prepared.id).unwrap().state, TxState::Abandoned { .. }));
}

#[tokio::test]
async fn only_what_was_recorded_is_accepted_as_signed() {
    let chain = DevChain::spawn_empty().await.unwrap();
    let (client, store) = (client(&chain), Store::in_memory().unwrap());
    let outbox = Outbox::new(store.clone());
    let draft = Draft::send_ether(&client, chain.world().contacts[0].address, ether(1)).await;
    let reservation = Nonces::new(store.clone()).reserve(&client, demo().address()).await.unwrap();
    let record = outbox.record(draft.new_tx(reservation, None)).unwrap();

    let other = Draft { value: ether(9), ..draft.clone() };
    let error = outbox.signed(record.id, sign(other.build(&reservation)).0).unwrap_err();
    assert!(matches!(error, WalletError::SignedDiffers { field: "content", .. }), "{error}");
    assert!(matches!(outbox.signed(record.id, b"junk".to_vec().into()), Err(WalletError::SignedDiffers { field: "form", .. })));
    // Recorded for another account than the key's.
    let foreign = Reservation { account: chain.world().contacts[1].address, ..reservation };
    let foreign = Nonces::new(store.clone()).reserve(&client, foreign.account).await.unwrap();
    let theirs = outbox.record(draft.new_tx(foreign, None)).unwrap();
    let error = outbox.signed(theirs.id, sign(draft.build(&foreign)).0).unwrap_err();
    assert!(matches!(error, WalletError::SignedDiffers { field: "signer", .. }), "{error}");

    assert_eq!(store.transaction(record.id).unwrap().state, TxState::Prepared);
    assert!(matches!(outbox.send(&client, record.id, Route::Public).await, Err(WalletError::TxState { .. })));
    outbox.signed(record.id, sign(draft.build(&reservation)).0).unwrap();
    assert!(matches!(outbox.abandon(record.id, "too late"), Err(WalletError::TxState { .. })), "a signature exists");
}

#[tokio::test]
async fn a_refused_transaction_gives_its_nonce_back() {
    let chain = DevChain::spawn_empty().await.unwrap();
    let (client, store) = (client(&chain), Store::in_memory().unwrap());
    let (nonces, outbox) = (Nonces::new(store.clone()), Outbox::new(store.clone()));
    let draft = Draft::send_ether(&client, chain.world().contacts[0].address, ether(1)).await;
    let reservation = nonces.reserve(&client, demo().address()).await.unwrap();
    let record = outbox.record(draft.new_tx(reservation, None)).unwrap();
    outbox.abandon(record.id, "the rules say no").unwrap();
    assert_eq!(nonces.reserve(&client, demo().address()).await.unwrap().nonce, reservation.nonce);
    assert!(outbox.record(draft.new_tx(Reservation { nonce: 99, ..reservation }, None)).is_err(), "nobody reserved 99");
}

#[tokio::test]
async fn a_replacement_must_pay_enough_and_then_wins() {
    let chain = DevChain::spawn_empty().await.unwrap();
    chain.set_mining(Mining::Manual).await.unwrap();
    let (client, store) = (client(&chain), Store::in_memory().unwrap());
    let (outbox, watcher) = (Outbox::new(store.clone()), Watcher::new(store.clone(), client.clone()));
    let draft = Draft::send_ether(&client, chain.world().contacts[0].address, ether(1)).await;
    let first = signed(&store, &client, &draft).await;
    outbox.send(&client, first.id, Route::Public).await.unwrap();
    assert_eq!(watcher.poll(first.id).await.unwrap().to_string(), "sent, waiting for a block");

    let tried = signed_on(&store, &Draft { value: ether(2), ..draft.clone() }, Reservation::of(&first), Some(first.id));
    let error = outbox.send(&client, tried.id, Route::Public).await.unwrap_err();
    assert!(matches!(error, WalletError::Underpriced { nonce: 0, .. }), "{error}");

    let enough = client.replacement_fees(draft.fees).await.unwrap();
    let cancel = Draft { to: demo().address(), value: U256::ZERO, fees: enough, ..draft };
    let second = signed_on(&store, &cancel, Reservation::of(&first), Some(first.id));
    assert_eq!(outbox.send(&client, second.id, Route::Public).await.unwrap(), Sent::Accepted);
    chain.mine(1).await.unwrap();
    assert!(matches!(watcher.poll(second.id).await.unwrap(), TxState::Final { .. }));
    for loser in [&first, &tried] {
        assert_eq!(store.transaction(loser.id).unwrap().state, TxState::Replaced { by: second.hash });
    }
    let open = store.transactions(&TxFilter { unsettled: true, ..TxFilter::default() }).unwrap();
    assert!(open.is_empty());
    assert!(Nonces::new(store).state(&client, demo().address()).await.unwrap().held.is_empty());
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let chain = DevChain::spawn_empty().await.unwrap();
    let (client, store) = (client(&chain), Store::in_memory().unwrap());
    let outbox = Outbox::new(store.clone());
    let alice = chain.world().contacts[0].address;
    let poor = signed(&store, &client, &Draft::send_ether(&client, alice, ether(1_000_000)).await).await;
    let error = outbox.send(&client, poor.id, Route::Public).await.unwrap_err();
    assert!(matches!(error, WalletError::InsufficientFunds { .. }), "{error}");

    // Another wallet uses the same nonce, and its transaction is mined.
    let draft = Draft::send_ether(&client, alice, ether(1)).await;
    let (raw, _) = sign(draft.build(&Reservation::of(&poor)));
    let _: alloy_primitives::B256 =
        alloy_provider::Provider::raw_request(chain.provider(), "eth_sendRawTransaction".into(), (raw,)).await.unwrap();
    for _ in 0..250 {
        if client.nonce(demo().address(), NonceAt::Latest).await.unwrap() == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let error = outbox.send(&client, poor.id, Route::Public).await.unwrap_err();
    assert!(matches!(error, WalletError::NonceUsed { nonce: 0, next: 1, .. }), "{error}");
    let state = Watcher::new(store, client).poll(poor.id).await.unwrap();
    assert_eq!(state, TxState::Replaced { by: None });
}

#[tokio::test]
async fn offline_leaves_it_signed_and_a_later_try_succeeds() {
    let chain = DevChain::spawn_empty().await.unwrap();
    let (good, store) = (client(&chain), Store::in_memory().unwrap());
    let outbox = Outbox::new(store.clone());
    let tx = signed(&store, &good, &Draft::send_ether(&good, chain.world().contacts[0].address, ether(1)).await).await;
    let cut = ChainClient::new(local(&[&dead_url()])).unwrap();
    assert!(matches!(outbox.send(&cut, tx.id, Route::Public).await, Err(WalletError::Offline { .. })));
    assert_eq!(store.transaction(tx.id).unwrap().state, TxState::Signed);
    assert_eq!(outbox.send(&good, tx.id, Route::Public).await.unwrap(), Sent::Accepted);
}

#[tokio::test]
async fn the_public_way_is_asked_for_when_the_private_one_fails() {
    let chain = DevChain::spawn_empty().await.unwrap();
    chain.set_mining(Mining::Manual).await.unwrap();
    let relay = Proxy::before(chain.rpc_url(), |_| Answer::Error(-32000, "relay is down for maintenance")).await;
    let mut entry = local(&[chain.rpc_url()]);
    entry.private_relay = Some(relay.url.parse().unwrap());
    let (client, store) = (ChainClient::new(entry).unwrap(), Store::in_memory().unwrap());
    let outbox = Outbox::new(store.clone());
    assert_eq!(outbox.default_route(&client), Route::Private);
    let tx = signed(&store, &client, &Draft::send_ether(&client, chain.world().contacts[0].address, ether(1)).await).await;
    match outbox.send(&client, tx.id, Route::Private).await.unwrap() {
        Sent::NeedsPublic { why } => assert!(why.contains("maintenance"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(store.transaction(tx.id).unwrap().state, TxState::Signed);
    assert!(client.transaction(tx.hash.unwrap()).await.unwrap().is_none(), "nothing reached the mempool");
    assert_eq!(outbox.send(&client, tx.id, Route::Public).await.unwrap(), Sent::Accepted);

    // A relay that works: nobody sees it, and it is not taken for dropped.
    let quiet = Proxy::before(chain.rpc_url(), |_| Answer::Result("0x01".into())).await;
    let mut entry = local(&[chain.rpc_url()]);
    entry.private_relay = Some(quiet.url.parse().unwrap());
    let client = ChainClient::new(entry).unwrap();
    let tx = signed(&store, &client, &Draft::send_ether(&client, chain.world().contacts[0].address, ether(1)).await).await;
    assert_eq!(outbox.send(&client, tx.id, Route::Private).await.unwrap(), Sent::Accepted);
    let state = Watcher::new(store, client.clone()).poll(tx.id).await.unwrap();
    assert!(matches!(state, TxState::Pending { stuck: None, .. }), "{state}");
    assert!(client.transaction(tx.hash.unwrap()).await.unwrap().is_none());
}
