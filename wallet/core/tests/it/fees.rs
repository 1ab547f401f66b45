use alloy_primitives::U256;
use parlance_devnet::{DevChain, Mining};
use parlance_wallet_core::chain::{ChainClient, Fees, Outbox, Route, Sent, Speed, Watcher};
use parlance_wallet_core::store::{Store, TxState};

use crate::common::{Answer, Draft, Proxy, client, ether, local, mined, signed};

#[tokio::test]
async fn every_speed_is_mined_and_costs_what_was_expected_or_less() {
    let chain = DevChain::spawn().await.unwrap();
    let client = client(&chain);
    let store = Store::in_memory().unwrap();
    let quotes = client.fees().await.unwrap();
    for speed in [Speed::Slow, Speed::Normal, Speed::Fast] {
        let draft = Draft { fees: quotes.at(speed), ..Draft::send_ether(&client, chain.world().contacts[0].address, ether(1)).await };
        let tx = signed(&store, &client, &draft).await;
        assert_eq!(Outbox::new(store.clone()).send(&client, tx.id, Route::Public).await.unwrap(), Sent::Accepted);
        let state = mined(&Watcher::new(store.clone(), client.clone()), tx.id).await;
        assert!(matches!(state, TxState::Final { .. }), "{state}");
        let paid = store.transaction(tx.id).unwrap().fee_paid.unwrap();
        assert!(paid > U256::ZERO && paid <= draft.fees.ceiling(draft.gas));
        assert_eq!(client.receipt(tx.hash.unwrap()).await.unwrap().unwrap().fee, paid);
    }
}

#[tokio::test]
async fn follows_the_base_fee() {
    let chain = DevChain::spawn_empty().await.unwrap();
    chain.set_mining(Mining::Manual).await.unwrap();
    let client = client(&chain);
    chain.set_next_base_fee(50_000_000_000).await.unwrap();
    chain.mine(1).await.unwrap();
    let quotes = client.fees().await.unwrap();
    let base = quotes.base_fee.unwrap();
    assert!((40_000_000_000..=56_250_000_000).contains(&base), "{base}");
    for fees in [quotes.slow, quotes.normal, quotes.fast] {
        assert!(fees.per_gas_ceiling() > base);
    }
    assert!(quotes.expected(Speed::Normal, 21_000) < quotes.normal.ceiling(21_000));
    assert_eq!(client.l1_data_fee(&[1, 2, 3]).await.unwrap(), None);
}

#[tokio::test]
async fn chains_before_eip_1559_get_a_gas_price() {
    let chain = DevChain::spawn_empty().await.unwrap();
    let old = Proxy::before(chain.rpc_url(), |method| match method {
        "eth_feeHistory" => Answer::Error(-32601, "the method eth_feeHistory does not exist"),
        "eth_gasPrice" => Answer::Result("0x64".into()),
        _ => Answer::Forward,
    })
    .await;
    let quotes = ChainClient::new(local(&[&old.url])).unwrap().fees().await.unwrap();
    assert_eq!((quotes.slow, quotes.fast), (Fees::Legacy { gas_price: 100 }, Fees::Legacy { gas_price: 125 }));
    assert_eq!(quotes.base_fee, None);
}

#[tokio::test]
async fn hostile_fee_histories_do_no_harm() {
    let chain = DevChain::spawn_empty().await.unwrap();
    for history in [
        serde_json::json!({}),
        serde_json::json!({ "baseFeePerGas": ["0xffffffffffffffffffffffffffffffff"], "gasUsedRatio": [9e300], "reward": [["0xffffffffffffffffffffffffffffffff"]] }),
        serde_json::json!({ "baseFeePerGas": ["0x1"], "gasUsedRatio": [], "reward": [[], [], []] }),
    ] {
        let proxy = Proxy::before(chain.rpc_url(), move |method| match method {
            "eth_feeHistory" => Answer::Result(history.clone()),
            _ => Answer::Forward,
        })
        .await;
        let quotes = ChainClient::new(local(&[&proxy.url])).unwrap().fees().await.unwrap();
        assert!(quotes.slow.per_gas_ceiling() <= quotes.fast.per_gas_ceiling());
    }
}
