use alloy_primitives::Address;
use parlance_devnet::addresses::{self, Addresses};
use parlance_devnet::{DevChain, missing_contracts};
use serde_json::Value;

use crate::uses::key;

fn file() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/addresses.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_constants_are_those_of_addresses_json() {
    let file = file();
    assert_eq!(file["chain_id"], addresses::CHAIN_ID);
    let listed = file["contracts"].as_object().unwrap();
    let compiled: Vec<_> = Addresses::LOCAL.iter().collect();
    assert_eq!(listed.len(), compiled.len());
    for (name, address) in compiled {
        let listed: Address = listed[name].as_str().unwrap().parse().unwrap();
        assert_eq!(listed, address, "{name}");
    }
    assert_eq!(serde_json::to_value(Addresses::LOCAL).unwrap().as_object().unwrap().len(), listed.len());
}

#[test]
fn the_people_are_accounts_of_the_public_phrase() {
    let accounts = &file()["accounts"];
    let people = [("demo", addresses::DEMO), ("usdc_proxy_admin", addresses::USDC_PROXY_ADMIN), ("deployer", addresses::DEPLOYER)]
        .into_iter()
        .chain([("attester", addresses::ATTESTER), ("maple", addresses::MAPLE)])
        .chain(addresses::CONTACTS);
    let indices = [0, 8, 9, 6, 7, 1, 2, 3, 4, 5];
    assert_eq!(accounts.as_object().unwrap().len(), indices.len());
    for ((name, address), index) in people.zip(indices) {
        assert_eq!(key(index).address(), address, "{name}");
        assert_eq!(accounts[name.to_lowercase()].as_str().unwrap().parse::<Address>().unwrap(), address, "{name}");
    }
}

#[test]
fn the_deployers_nonces_give_the_addresses() {
    let in_order = [
        addresses::SIGNATURE_CHECKER,
        addresses::USDC_IMPLEMENTATION,
        addresses::USDC,
        addresses::WETH,
        addresses::DAI,
        addresses::FAKE_USDC,
        addresses::SPAM,
        addresses::UNISWAP_V2_FACTORY,
        addresses::UNISWAP_V2_ROUTER,
        addresses::UNISWAP_V3_FACTORY,
        addresses::UNISWAP_V3_POSITIONS,
        addresses::UNISWAP_V3_ROUTER,
        addresses::UNISWAP_V3_QUOTER,
        addresses::ETH_USD_FEED,
        addresses::USDC_USD_FEED,
        addresses::DAI_USD_FEED,
        addresses::ENS_REGISTRY,
        addresses::ENS_RESOLVER,
    ];
    for (nonce, address) in in_order.into_iter().enumerate() {
        assert_eq!(addresses::DEPLOYER.create(nonce as u64), address, "nonce {nonce}");
    }
    assert_eq!(addresses::MAPLE.create(0), addresses::CREDIT_REGISTRY);
    assert_eq!(addresses::MAPLE.create(1), addresses::CREDIT_POOL);
}

#[tokio::test]
async fn a_chain_has_every_contract_and_an_empty_one_has_none_of_ours() {
    let chain = DevChain::spawn().await.unwrap();
    assert_eq!(missing_contracts(chain.provider()).await.unwrap(), []);
    let empty = DevChain::spawn_empty().await.unwrap();
    assert_eq!(missing_contracts(empty.provider()).await.unwrap().len(), Addresses::LOCAL.iter().count());
}
