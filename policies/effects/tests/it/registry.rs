//! The registry and its text.

use parlance_effects::{AssetKind, EffectsError, Registry, Role, TokenAddition};

use crate::support::*;

#[test]
fn builtin_has_the_chains() {
    let registry = Registry::builtin();
    let ids: Vec<_> = registry.chains().map(|chain| chain.id).collect();
    assert_eq!(ids, [1, 10, 137, 8453, 31337, 42161, 11_155_111]);
    for (name, id) in [("ethereum", 1), ("Base", 8453), (" ARBITRUM ", 42161), ("137", 137), ("OP Mainnet", 10)] {
        assert_eq!(registry.chain_named(name).map(|chain| chain.id), Some(id), "{name}");
    }
    assert!(registry.chain_named("solana").is_none());
    let fee_chains: Vec<_> = registry.chains().filter(|chain| chain.data_fee).map(|chain| chain.id).collect();
    assert_eq!(fee_chains, [10, 8453]);
}

#[test]
fn every_chain_has_what_the_decoder_leans_on() {
    let registry = Registry::builtin_ref();
    for chain in registry.chains() {
        let wrapped = registry.wrapped_native(chain.id).expect("a wrapped coin");
        assert_eq!(registry.token(chain.id, wrapped).map(|token| token.decimals), Some(18));
        assert!(registry.with_role(chain.id, &Role::Permit2).is_some(), "{}", chain.key);
        assert!(registry.with_role(chain.id, &Role::UniswapV2Router).is_some(), "{}", chain.key);
        assert!(registry.with_role(chain.id, &Role::UniswapV3Router02).is_some(), "{}", chain.key);
        assert!(registry.price_feed(chain.id, &chain.native.symbol).is_some(), "{}", chain.key);
        let usdc = registry.by_symbol(chain.id, "usdc").and_then(|asset| asset.known).expect("USDC");
        assert_eq!((usdc.symbol.as_str(), usdc.decimals, usdc.usd_stable), ("USDC", 6, true));
        for contract in registry.contracts(chain.id) {
            assert!(contract.role.token().is_none_or(|token| token.decimals <= 18), "{}", contract.label);
            assert!(!contract.added_by_owner);
        }
        let native = registry.by_symbol(chain.id, &chain.native.symbol).expect("the coin");
        assert_eq!(native.kind, AssetKind::Native);
    }
}

#[test]
fn known_entries() {
    let registry = Registry::builtin_ref();
    assert_eq!(registry.label(1, USDC), Some("USDC"));
    assert_eq!(registry.label(1, PERMIT2), Some("Permit2"));
    assert_eq!(registry.label(1, STRANGER), None);
    assert_eq!(registry.wrapped_native(1), Some(WETH));
    // Polygon's coin is POL; its WETH is a token like others.
    let weth = registry.by_symbol(137, "WETH").expect("bridged");
    assert_ne!(Some(weth.kind), registry.wrapped_native(137).map(AssetKind::Token));
    assert!(registry.tokens(1).count() >= 10);
}

fn addition(symbol: &str, decimals: u8) -> TokenAddition {
    TokenAddition { chain: 1, address: STRANGER, symbol: symbol.into(), decimals }
}

#[test]
fn owner_adds_tokens() {
    let registry = Registry::builtin();
    let extended = registry.extended_with([addition("SHIB", 18)]).expect("acceptable");
    let known = extended.token(1, STRANGER).expect("added");
    assert_eq!((known.symbol.as_str(), known.decimals, known.usd_stable), ("SHIB", 18, false));
    assert!(extended.contract(1, STRANGER).is_some_and(|contract| contract.added_by_owner));
    assert!(registry.token(1, STRANGER).is_none(), "the original is as it was");

    for (symbol, decimals) in
        [("USDC", 6), ("usdc", 6), ("ETH", 18), ("", 18), ("US\u{421}D", 6), ("TOO LONG A SYMBOL", 1), ("A B", 1), ("X", 37)]
    {
        let refused = registry.extended_with([addition(symbol, decimals)]);
        assert!(matches!(refused, Err(EffectsError::Registry { .. })), "{symbol}");
    }
    for (chain, address) in [(1, USDC), (1, ROUTER_02), (5, STRANGER), (1, alloy_primitives::Address::ZERO)] {
        let entry = TokenAddition { chain, address, symbol: "NEW".into(), decimals: 18 };
        assert!(registry.extended_with([entry]).is_err(), "{chain} {address}");
    }
    assert!(registry.extended_with([addition("A", 1), addition("B", 1)]).is_err(), "the same address twice");
}

#[test]
fn faulty_texts_are_refused() {
    let chain = "[[chain]]\nid = 1\nkey = \"one\"\nname = \"One\"\nnative = \"ETH\"\n";
    let read = |rest: &str| Registry::from_toml(&format!("{chain}{rest}"));
    let usdc = "address = \"0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48\"";
    assert!(read(&format!("[chain.tokens]\nUSDC = {{ {usdc}, decimals = 6 }}\n")).is_ok());
    for faulty in [
        "[chain.tokens]\nUSDC = { address = \"0xa0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48\", decimals = 6 }\n".to_owned(),
        format!("[chain.tokens]\nUSDC = {{ {usdc}, decimals = 60 }}\n"),
        format!("[chain.tokens]\nUSDC = {{ {usdc}, decimals = 6, price = 1 }}\n"),
        format!("[chain.tokens]\nUSDC = {{ {usdc}, decimals = 6 }}\nusdc = {{ {usdc}, decimals = 6 }}\n"),
        format!("[chain.tokens]\nUSDC = {{ {usdc}, decimals = 6 }}\nUSDX = {{ {usdc}, decimals = 6 }}\n"),
        format!("[chain.tokens]\nETH = {{ {usdc}, decimals = 6 }}\n"),
        format!("[chain.tokens]\nW = {{ {usdc}, decimals = 6, wraps_native = true }}\n"),
        "[chain.contracts]\nuniswap_v9 = \"0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48\"\n".to_owned(),
        chain.into(),
        "nonsense".into(),
    ] {
        assert!(read(&faulty).is_err(), "{faulty}");
    }
}

/// The play chain's addresses follow from its deployer's nonces; they change when the deployment does.
#[test]
fn play_chain_is_where_its_deployment_puts_it() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wallet/devnet/addresses.json");
    let text = std::fs::read_to_string(path).expect("addresses.json of the play chain");
    let deployed: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let chain = deployed["chain_id"].as_u64().expect("a chain id");
    let registry = Registry::builtin_ref();
    for (name, label) in [
        ("weth", "WETH"),
        ("usdc", "USDC"),
        ("dai", "DAI"),
        ("uniswap_v2_router", "Uniswap V2 router"),
        ("uniswap_v2_factory", "Uniswap V2 factory"),
        ("uniswap_v3_router", "Uniswap router 02"),
        ("uniswap_v3_factory", "Uniswap V3 factory"),
        ("uniswap_v3_quoter", "Uniswap V3 quoter"),
        ("permit2", "Permit2"),
        ("multicall3", "Multicall3"),
        ("eth_usd_feed", "ETH/USD price feed"),
        ("usdc_usd_feed", "USDC/USD price feed"),
        ("dai_usd_feed", "DAI/USD price feed"),
    ] {
        let address = deployed["contracts"][name].as_str().expect(name).parse().expect("an address");
        assert_eq!(registry.label(chain, address), Some(label), "{name}");
    }
    for stranger in ["fake_usdc", "spam"] {
        let address = deployed["contracts"][stranger].as_str().expect(stranger).parse().expect("an address");
        assert_eq!(registry.label(chain, address), None, "{stranger}");
    }
}
