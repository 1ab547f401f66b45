use parlance_grounding::{Kind, token_facts};

use crate::{read, values};

#[test]
fn tokens_by_their_everyday_names() {
    let cases: &[(&str, &[&str])] = &[
        ("swap ether to tether", &["ETH", "USDT"]),
        ("price of bitcoin", &["BTC"]),
        ("buy wrapped bitcoin with usd coin", &["WBTC", "USDC"]),
        ("sell my steth for weth", &["STETH", "WETH"]),
        ("buy $BRETT", &["BRETT"]),
        ("swap 500 zzyx for usdc", &["ZZYX", "USDC"]),
        ("buy FOOBAR on base", &["FOOBAR"]),
        ("swap usdc for crvUSD", &["USDC", "CRVUSD"]),
        ("how much link do i have", &["LINK"]),
        ("sell 2 comp", &["COMP"]),
        ("send 5 usdc to bob asap", &["USDC"]),
        ("PLEASE SEND 5 USDC TO BOB NOW", &["USDC"]),
    ];
    for (text, expected) in cases {
        let got = values(&read(text), Kind::Token);
        if *text == "how much link do i have" {
            // An English word without an amount or a trade beside it stays a word.
            assert!(got.is_empty() || got == *expected, "{text}: {got:?}");
        } else {
            assert_eq!(got, *expected, "{text}");
        }
    }
}

#[test]
fn chains_where_they_are_places() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("bridge 1 eth from ethereum to base", &["ethereum", "base"], &["ETH"]),
        ("bridge 1 eth from mainnet to arb", &["ethereum", "arbitrum"], &["ETH"]),
        ("buy ethereum on arbitrum one", &["arbitrum"], &["ETH"]),
        ("price of ethereum", &[], &["ETH"]),
        ("my balance on matic network", &["polygon"], &[]),
        ("switch to op mainnet", &["optimism"], &[]),
        ("sell op on op", &["optimism"], &["OP"]),
        ("based on that, buy eth", &[], &["ETH"]),
        ("fees on the ethereum network", &["ethereum"], &[]),
    ];
    for (text, chains, tokens) in cases {
        let grounding = read(text);
        assert_eq!(values(&grounding, Kind::Chain), *chains, "{text}");
        assert_eq!(values(&grounding, Kind::Token), *tokens, "{text}");
    }
}

#[test]
fn base_without_a_preposition() {
    assert_eq!(values(&read("swap 5 usdc eth base"), Kind::Chain), ["base"]);
    assert_eq!(values(&read("bridge 2 eth base to arbitrum"), Kind::Chain), ["base", "arbitrum"]);
    assert!(values(&read("touch base with bob"), Kind::Chain).is_empty());
}

#[test]
fn what_is_not_supported_has_its_own_kind() {
    for text in ["buy 1 SOL", "price of solana", "bridge 5 usdc to zksync", "swap doge to usdc", "send 5 BNB to bob", "price of xrp"] {
        assert_eq!(values(&read(text), Kind::Foreign).len(), 1, "{text}");
    }
    assert!(values(&read("the price is near 5 dollars"), Kind::Foreign).is_empty());
}

#[test]
fn venues_are_protocols_beside_tokens() {
    assert_eq!(values(&read("let uniswap spend 5 usdc"), Kind::Protocol), ["uniswap"]);
    assert_eq!(values(&read("sell 3 aave"), Kind::Token), ["AAVE"]);
    assert_eq!(values(&read("allow aave to use 100 usdc"), Kind::Protocol), ["aave"]);
    assert_eq!(values(&read("swap 5 usdc to eth on 1inch"), Kind::Protocol), ["1inch"]);
}

#[test]
fn stablecoins_are_known() {
    for symbol in ["USDC", "USDT", "DAI", "usdc"] {
        assert!(token_facts(symbol).usd, "{symbol}");
    }
    assert!(!token_facts("ETH").usd);
    assert!(token_facts("EURC").eur);
    assert!(!token_facts("SUSDE").usd, "a vault share is not one dollar");
}

#[test]
fn names_and_links() {
    let grounding = read("send 1 usdc to Alice.Pay.ETH and get https://api.example/x?y=1.");
    assert_eq!(values(&grounding, Kind::Ens), ["alice.pay.eth"]);
    assert_eq!(values(&grounding, Kind::Url), ["https://api.example/x?y=1"]);
    assert_eq!(values(&read("(see https://a.example/b_(c))"), Kind::Url), ["https://a.example/b_(c)"]);
    assert_eq!(values(&read("hire agent #44"), Kind::Agent), ["44"]);
    assert_eq!(values(&read("stop automation 3"), Kind::Automation), ["3"]);
}
