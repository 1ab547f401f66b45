use alloy_primitives::{Address, I256, U256, aliases::U48, aliases::U160};
use alloy_sol_types::sol;
use parlance_devnet::DevChain;
use parlance_devnet::addresses::DEPLOYER;
use parlance_devnet::interfaces::IERC20;
use parlance_effects::{AllowanceVia, AssetKind};
use parlance_wallet_core::WalletError;
use parlance_wallet_core::chain::{ChainClient, PriceSource, Prices, ScanLimits, allowances, portfolio};
use parlance_wallet_core::tokens::{Token, TokenBook, Trust, Usd};

use crate::common::{client, demo, local, transact};

sol! {
    interface IPermit2 {
        function approve(address token, address spender, uint160 amount, uint48 expiration) external;
    }
}

#[tokio::test]
async fn prices_come_from_feeds_with_their_age() {
    let chain = DevChain::spawn().await.unwrap();
    let (client, book, at) = (client(&chain), TokenBook::builtin(), chain.addresses());
    let eth = book.native(31337).unwrap();
    let price = Prices::new().of(&client, &eth).await.unwrap();
    assert_eq!(price.usd, Usd::from_micro(u128::from(parlance_devnet::ETH_PRICE_USD) * 1_000_000));
    assert_eq!((&price.source, price.stale, price.caveat()), (&PriceSource::Feed { feed: at.eth_usd_feed }, false, None));
    let weth = Prices::new().of(&client, &book.wrapped_native(31337).unwrap()).await.unwrap();
    assert_eq!(weth.usd, price.usd);

    chain.set_price(at.eth_usd_feed, I256::try_from(123_456_789_012i64).unwrap()).await.unwrap();
    assert_eq!(Prices::new().of(&client, &eth).await.unwrap().usd.to_string(), "$1,234.56");
    let prices = Prices::new();
    prices.of(&client, &eth).await.unwrap();
    chain.set_price(at.eth_usd_feed, I256::try_from(1).unwrap()).await.unwrap();
    assert_eq!(prices.of(&client, &eth).await.unwrap().usd.to_string(), "$1,234.56", "kept for some seconds");

    let now = chain.block_time().await.unwrap();
    chain.freeze_price(at.eth_usd_feed, now - 3 * 86_400).await.unwrap();
    chain.set_price(at.eth_usd_feed, I256::try_from(200_000_000_000i64).unwrap()).await.unwrap();
    let stale = Prices::new().of(&client, &eth).await.unwrap();
    assert!(stale.stale && stale.caveat().unwrap().contains("minutes old"));

    for bad in [I256::ZERO, -I256::ONE, I256::MAX, I256::ONE] {
        chain.set_price(at.eth_usd_feed, bad).await.unwrap();
        let price = Prices::new().of(&client, &eth).await;
        assert!(matches!(price, Err(WalletError::NoPrice { .. })), "{bad}: {price:?}");
    }
}

#[tokio::test]
async fn a_wrong_feed_is_no_price_and_a_missing_one_an_assumption() {
    let chain = DevChain::spawn().await.unwrap();
    let at = chain.addresses();
    let book = TokenBook::builtin();
    let mut entry = local(&[chain.rpc_url()]);
    entry.feeds.iter_mut().find(|f| f.base == "ETH").unwrap().address = at.usdc_usd_feed;
    entry.feeds.retain(|f| f.base != "DAI");
    let client = ChainClient::new(entry).unwrap();
    let prices = Prices::new();
    match prices.of(&client, &book.native(31337).unwrap()).await.unwrap_err() {
        WalletError::NoPrice { why, .. } => assert!(why.contains("USDC / USD"), "{why}"),
        other => panic!("{other}"),
    }
    let dai = prices.of(&client, &book.resolve(31337, "DAI").unwrap()).await.unwrap();
    assert_eq!((dai.source.clone(), dai.usd), (PriceSource::AssumedStable, Usd::from_micro(1_000_000)));
    assert!(dai.caveat().unwrap().contains("one dollar"));
    // A token of a stranger never gets the price of the symbol that it claims.
    let fake = Token::unknown(31337, &client.token_meta(at.fake_usdc).await.unwrap());
    assert_eq!(fake.symbol, "USDC");
    assert!(matches!(prices.of(&client, &fake).await, Err(WalletError::NoPrice { .. })));
}

#[tokio::test]
async fn a_portfolio_folds_fakes_and_spam_away() {
    let chain = DevChain::spawn().await.unwrap();
    let (client, book, at) = (client(&chain), TokenBook::builtin(), chain.addresses());
    let me = demo().address();
    for token in [at.fake_usdc, at.spam] {
        let value = U256::from(1_000);
        transact(&chain, DEPLOYER, token, IERC20::transferCall { to: me, value }).await;
    }
    let read = portfolio::read(&client, &book, &Prices::new(), me, ScanLimits::whole_chain()).await.unwrap();
    assert!(read.complete);
    let symbols: Vec<_> = read.holdings.iter().map(|h| h.token.symbol.as_str()).collect();
    assert!(symbols.contains(&"ETH") && symbols.iter().filter(|s| **s == "USDC").count() == 1, "{symbols:?}");
    assert!(read.holdings.iter().all(|h| h.token.trust == Trust::Registry && h.usd.is_some()));
    assert_eq!(read.total, read.holdings.iter().filter_map(|h| h.usd).sum());
    assert!(read.holdings.windows(2).all(|pair| pair[0].usd >= pair[1].usd));

    let hidden = |address| read.hidden.iter().find(|h| h.token.kind == AssetKind::Token(address)).unwrap();
    let fake = hidden(at.fake_usdc);
    assert_eq!(fake.judgement.looks_like.as_ref().unwrap().kind, AssetKind::Token(at.usdc));
    assert!(fake.remark().unwrap().contains("is not the USDC"), "{:?}", fake.remark());
    assert!(fake.usd.is_none());
    let spam = hidden(at.spam);
    assert!(spam.unsolicited && spam.judgement.spam.is_some(), "{spam:?}");

    let near = ScanLimits { blocks: 1, ..ScanLimits::default() };
    assert!(!portfolio::read(&client, &book, &Prices::new(), me, near).await.unwrap().complete, "it says what it did not look at");
}

#[tokio::test]
async fn finds_every_open_allowance_and_no_closed_one() {
    let chain = DevChain::spawn().await.unwrap();
    let (client, book, at) = (client(&chain), TokenBook::builtin(), chain.addresses());
    let me = demo().address();
    let (alice, bob) = (chain.world().contacts[0].address, chain.world().contacts[1].address);
    let approve = |token, spender, value| transact(&chain, me, token, IERC20::approveCall { spender, value });
    approve(at.usdc, alice, U256::from(500)).await;
    approve(at.usdc, bob, U256::from(5)).await;
    approve(at.usdc, bob, U256::ZERO).await;
    approve(at.dai, at.uniswap_v2_router, U256::MAX).await;
    approve(at.fake_usdc, alice, U256::from(1)).await;
    let later = U48::from(chain.block_time().await.unwrap() + 86_400);
    let permit = |spender, amount, expiration| IPermit2::approveCall { token: at.usdc, spender, amount: U160::from(amount), expiration };
    transact(&chain, me, at.permit2, permit(bob, 9u64, later)).await;
    transact(&chain, me, at.permit2, permit(alice, 9, U48::from(1u64))).await;

    let scan = allowances::open(&client, &book, me, ScanLimits::whole_chain()).await.unwrap();
    assert!(scan.complete);
    let mut found: Vec<_> = scan.open.iter().map(|a| (a.token.address().unwrap(), a.spender, a.amount, a.via)).collect();
    found.sort_by_key(|a| (a.0, a.1));
    let mut expected = vec![
        (at.usdc, alice, U256::from(500), AllowanceVia::Erc20),
        (at.dai, at.uniswap_v2_router, U256::MAX, AllowanceVia::Erc20),
        (at.fake_usdc, alice, U256::from(1), AllowanceVia::Erc20),
        (at.usdc, bob, U256::from(9), AllowanceVia::Permit2),
    ];
    expected.sort_by_key(|a| (a.0, a.1));
    assert_eq!(found, expected);
    let dai = scan.open.iter().find(|a| a.token.symbol == "DAI").unwrap();
    assert!(dai.unlimited && dai.spender_label.is_some());
    assert!(scan.open.iter().find(|a| a.via == AllowanceVia::Permit2).unwrap().expires.is_some());
    assert_eq!(scan.open.iter().find(|a| a.token.address() == Some(at.fake_usdc)).unwrap().token.trust, Trust::Unknown);

    // Old approvals to well-known contracts are found without their logs.
    chain.mine(50).await.unwrap();
    let near = allowances::open(&client, &book, me, ScanLimits { blocks: 10, ..ScanLimits::default() }).await.unwrap();
    assert!(!near.complete && near.from_block > 0);
    assert!(near.open.iter().any(|a| a.token.symbol == "DAI" && a.unlimited));
    assert!(!near.open.iter().any(|a| a.spender == alice));
}

#[tokio::test]
async fn scans_shrink_where_a_node_refuses_long_ranges() {
    use crate::common::{Answer, Proxy};
    let chain = DevChain::spawn().await.unwrap();
    chain.mine(40).await.unwrap();
    let refusals = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(2));
    let left = refusals.clone();
    let proxy = Proxy::before(chain.rpc_url(), move |method| {
        let refuse = method == "eth_getLogs"
            && left.fetch_update(std::sync::atomic::Ordering::Relaxed, std::sync::atomic::Ordering::Relaxed, |n| n.checked_sub(1)).is_ok();
        if refuse { Answer::Error(-32602, "query exceeds max block range") } else { Answer::Forward }
    })
    .await;
    let client = ChainClient::new(local(&[&proxy.url])).unwrap();
    let scan = client.scan([None, None, None], ScanLimits { chunk: 64, ..ScanLimits::whole_chain() }).await.unwrap();
    let whole = self::client(&chain).scan([None, None, None], ScanLimits::whole_chain()).await.unwrap();
    assert_eq!(refusals.load(std::sync::atomic::Ordering::Relaxed), 0);
    assert!(scan.complete && whole.complete && !whole.logs.is_empty());
    let mut hashes = [scan.logs, whole.logs].map(|logs| logs.iter().map(|l| (l.block_number, l.log_index)).collect::<Vec<_>>());
    hashes.iter_mut().for_each(|h| h.sort_unstable());
    assert_eq!(hashes[0], hashes[1]);
}

#[tokio::test]
async fn hostile_metadata_is_cleaned_or_refused() {
    let chain = DevChain::spawn().await.unwrap();
    let spam = client(&chain).token_meta(chain.addresses().spam).await.unwrap();
    assert!(!spam.symbol.is_empty() && spam.name.chars().count() <= 48);
    assert!(TokenBook::builtin().judge(31337, &spam).spam.is_some(), "{spam:?}");
    let error = client(&chain).token_meta(Address::repeat_byte(0x99)).await.unwrap_err();
    assert_eq!(error.code(), "not_a_token");
}
