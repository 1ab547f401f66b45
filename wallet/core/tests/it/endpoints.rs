use alloy_primitives::{Address, U256};
use alloy_provider::ext::AnvilApi;
use parlance_devnet::DevChain;
use parlance_wallet_core::WalletError;
use parlance_wallet_core::chain::{Call, ChainClient, NonceAt};

use crate::common::{Answer, Proxy, client, dead_url, demo, local, soak};

#[tokio::test]
async fn falls_back_from_a_dead_and_a_wrong_endpoint_to_a_good_one() {
    let (wrong, good) = tokio::try_join!(DevChain::spawn_empty(), DevChain::spawn_empty()).unwrap();
    wrong.provider().anvil_set_chain_id(1).await.unwrap();
    wrong.mine(7).await.unwrap();
    let dead = dead_url();
    let client = ChainClient::new(local(&[&dead, wrong.rpc_url(), good.rpc_url()])).unwrap();
    for _ in 0..3 {
        assert_eq!(client.head().await.unwrap().number, 0, "the wrong chain has 7 blocks");
    }
    let health = client.health().unwrap();
    assert!(health[0].failures >= 1 && health[0].last_error.is_some());
    assert_eq!(health[1].chain, Some(1));
    assert_eq!((health[2].chain, health[2].failures), (Some(31337), 0));
}

#[tokio::test]
async fn a_wrong_chain_is_called_one() {
    let wrong = DevChain::spawn_empty().await.unwrap();
    wrong.provider().anvil_set_chain_id(8453).await.unwrap();
    let error = client(&wrong).balance(demo().address()).await.unwrap_err();
    assert!(matches!(error, WalletError::WrongChain { expected: 31337, got: 8453, .. }), "{error}");
    assert!(error.to_string().contains("8453") && !error.remedy().is_empty());
}

#[tokio::test]
async fn offline_is_said_clearly() {
    let dead = dead_url();
    let client = ChainClient::new(local(&[&dead])).unwrap();
    let error = client.head().await.unwrap_err();
    assert_eq!(error.code(), "offline");
    let host = dead.trim_start_matches("http://");
    assert!(error.to_string().contains(host) && error.to_string().contains("can't be reached"), "{error}");
    assert!(error.remedy().contains("Nothing was sent") && error.is_transient());
    for _ in 0..3 {
        client.head().await.unwrap_err();
    }
    assert!(client.health().unwrap()[0].resting, "it rests after failures in a row");
}

#[tokio::test]
async fn comes_back_when_the_node_does() {
    let mut chain = DevChain::spawn_empty().await.unwrap();
    let other = DevChain::spawn_empty().await.unwrap();
    other.mine(3).await.unwrap();
    let client = ChainClient::new(local(&[chain.rpc_url(), other.rpc_url()])).unwrap();
    assert_eq!(client.head().await.unwrap().number, 0);
    chain.kill();
    assert_eq!(client.head().await.unwrap().number, 3);
}

#[tokio::test]
async fn survives_nodes_that_misbehave() {
    let chain = DevChain::spawn_empty().await.unwrap();
    let url = chain.rpc_url();
    let limited = Proxy::before(url, |_| Answer::Http(429, "slow down")).await;
    let gateway = Proxy::before(url, |_| Answer::Http(502, "<html>Bad gateway</html>")).await;
    let silent = Proxy::before(url, |_| Answer::HangUp).await;
    let busy = Proxy::before(url, |m| if m == "eth_chainId" { Answer::Forward } else { Answer::Error(-32005, "rate limit") }).await;
    let pruned =
        Proxy::before(url, |m| if m == "eth_chainId" { Answer::Forward } else { Answer::Error(-32000, "missing trie node") }).await;
    for bad in [&limited, &gateway, &silent, &busy, &pruned] {
        let client = ChainClient::new(local(&[&bad.url, url])).unwrap();
        assert_eq!(client.nonce(demo().address(), NonceAt::Latest).await.unwrap(), 0);
        assert!(bad.asked() > 0);
    }
    for bad in [&limited, &gateway, &silent] {
        let error = ChainClient::new(local(&[&bad.url])).unwrap().head().await.unwrap_err();
        assert_eq!(error.code(), "offline", "{error}");
    }
    let nonsense = Proxy::before(url, |m| if m == "eth_chainId" { Answer::Forward } else { Answer::Result("0xzz".into()) }).await;
    let error = ChainClient::new(local(&[&nonsense.url])).unwrap().balance(Address::ZERO).await.unwrap_err();
    assert_eq!(error.code(), "bad_answer", "{error}");
    let foreign = Proxy::before(url, |m| if m == "eth_chainId" { Answer::Result("not a number".into()) } else { Answer::Forward }).await;
    assert_eq!(ChainClient::new(local(&[&foreign.url])).unwrap().head().await.unwrap_err().code(), "offline");
}

#[tokio::test]
async fn an_answer_of_the_chain_is_no_reason_to_ask_another_node() {
    let chain = DevChain::spawn().await.unwrap();
    let second = Proxy::before(chain.rpc_url(), |_| Answer::Forward).await;
    let client = ChainClient::new(local(&[chain.rpc_url(), &second.url])).unwrap();
    let usdc = chain.addresses().usdc;
    let call =
        Call::new(demo().address(), usdc).data(alloy_sol_types::SolCall::abi_encode(&parlance_devnet::interfaces::IERC20::transferCall {
            to: Address::repeat_byte(1),
            value: U256::MAX,
        }));
    match client.call(&call).await.unwrap_err() {
        WalletError::Reverted { reason } => assert!(reason.contains("balance"), "{reason}"),
        other => panic!("{other}"),
    }
    assert_eq!(second.asked(), 0);
}

#[tokio::test]
async fn reads_are_the_same_with_and_without_multicall() {
    let chain = DevChain::spawn().await.unwrap();
    let with = client(&chain);
    let mut plain = local(&[chain.rpc_url()]);
    plain.multicall = None;
    let without = ChainClient::new(plain).unwrap();
    let mut absent = local(&[chain.rpc_url()]);
    absent.multicall = Some(Address::repeat_byte(0x77));
    let absent = ChainClient::new(absent).unwrap();
    let a = chain.addresses();
    let tokens = [a.usdc, a.dai, a.weth, a.fake_usdc, Address::repeat_byte(0x42)];
    let expected = with.token_balances(&tokens, demo().address()).await.unwrap();
    assert!(expected[0].is_some_and(|b| b > U256::ZERO) && expected[4].is_none(), "{expected:?}");
    assert_eq!(without.token_balances(&tokens, demo().address()).await.unwrap(), expected);
    assert_eq!(absent.token_balances(&tokens, demo().address()).await.unwrap(), expected);
    for (client, token) in [(&with, a.usdc), (&without, a.usdc)] {
        let meta = client.token_meta(token).await.unwrap();
        assert_eq!((meta.symbol.as_str(), meta.decimals), ("USDC", 6));
        assert_eq!(client.token_balance(token, demo().address()).await.unwrap(), expected[0].unwrap());
        assert!(matches!(client.token_meta(demo().address()).await, Err(WalletError::NotAToken { .. })));
    }
    assert!(with.is_contract(a.usdc).await.unwrap() && !with.is_contract(demo().address()).await.unwrap());
}

#[tokio::test]
async fn health_is_remembered_over_restarts() {
    let chain = DevChain::spawn_empty().await.unwrap();
    let dead = dead_url();
    let store = parlance_wallet_core::store::Store::in_memory().unwrap();
    let entry = local(&[&dead, chain.rpc_url()]);
    let first = ChainClient::with_store(entry.clone(), store.clone()).unwrap();
    for _ in 0..3 {
        first.head().await.unwrap();
    }
    let before = first.health().unwrap();
    assert!(before[0].failures > 0);
    let again = ChainClient::with_store(entry, store).unwrap();
    assert!(again.health().unwrap()[0].failures > 0);
}

#[tokio::test]
async fn a_frozen_node_is_left_for_another() {
    if !soak() {
        return;
    }
    let frozen = DevChain::spawn_empty().await.unwrap();
    let good = DevChain::spawn_empty().await.unwrap();
    good.mine(2).await.unwrap();
    frozen.freeze().unwrap();
    let client = ChainClient::new(local(&[frozen.rpc_url(), good.rpc_url()])).unwrap();
    assert_eq!(client.head().await.unwrap().number, 2);
    frozen.thaw().unwrap();
}
