//! Against a small registry and resolver of our own, in EVM code.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_provider::ext::AnvilApi;
use parlance_devnet::DevChain;
use parlance_wallet_core::WalletError;
use parlance_wallet_core::chain::{ChainClient, ens};

use crate::common::{client, demo, local};

const REGISTRY: Address = Address::repeat_byte(0xe5);

/// `resolver(node)`: itself where storage[node] is set, else zero. `addr(node)`: storage[node]. `name(node)`: the text of
/// storage[node + 1] bytes in storage[node]... as `string`. Anything else reverts.
fn code() -> Bytes {
    let mut code = Vec::new();
    // selector
    code.extend([0x60, 0x00, 0x35, 0x60, 0xe0, 0x1c]);
    let mut jumps = Vec::new();
    for selector in [[0x01u8, 0x78, 0xb8, 0xbf], [0x3b, 0x3b, 0x57, 0xde], [0x69, 0x1f, 0x34, 0x31]] {
        code.extend([0x80, 0x63]);
        code.extend(selector);
        code.extend([0x14, 0x60, 0x00, 0x57]);
        jumps.push(code.len() - 2);
    }
    code.extend([0x60, 0x00, 0x80, 0xfd]);
    let bodies: [&[u8]; 3] = [
        // SLOAD(calldata[4]) ISZERO ISZERO ADDRESS MUL, return word
        &[0x5b, 0x60, 0x04, 0x35, 0x54, 0x15, 0x15, 0x30, 0x02, 0x60, 0x00, 0x52, 0x60, 0x20, 0x60, 0x00, 0xf3],
        // SLOAD(calldata[4]), return word
        &[0x5b, 0x60, 0x04, 0x35, 0x54, 0x60, 0x00, 0x52, 0x60, 0x20, 0x60, 0x00, 0xf3],
        // mem[0] = 32; mem[32] = SLOAD(node + 1); mem[64] = SLOAD(node); return 96 bytes
        &[
            0x5b, 0x60, 0x20, 0x60, 0x00, 0x52, 0x60, 0x04, 0x35, 0x60, 0x01, 0x01, 0x54, 0x60, 0x20, 0x52, 0x60, 0x04, 0x35, 0x54, 0x60,
            0x40, 0x52, 0x60, 0x60, 0x60, 0x00, 0xf3,
        ],
    ];
    for (jump, body) in jumps.into_iter().zip(bodies) {
        code[jump] = u8::try_from(code.len()).unwrap();
        code.extend(body);
    }
    code.into()
}

async fn set_address(chain: &DevChain, name: &str, address: Address) {
    chain.provider().anvil_set_storage_at(REGISTRY, ens::namehash(name).into(), B256::left_padding_from(address.as_slice())).await.unwrap();
}

async fn set_reverse(chain: &DevChain, address: Address, name: &str) {
    let node = ens::namehash(&format!("{}.addr.reverse", alloy_primitives::hex::encode(address)));
    let slot: U256 = node.into();
    chain.provider().anvil_set_storage_at(REGISTRY, slot, B256::right_padding_from(name.as_bytes())).await.unwrap();
    chain.provider().anvil_set_storage_at(REGISTRY, slot + U256::from(1), U256::from(name.len()).into()).await.unwrap();
}

#[tokio::test]
async fn names_resolve_forth_and_back() {
    let chain = DevChain::spawn_empty().await.unwrap();
    chain.provider().anvil_set_code(REGISTRY, code()).await.unwrap();
    let mut entry = local(&[chain.rpc_url()]);
    entry.ens = Some(REGISTRY);
    let client = ChainClient::new(entry).unwrap();
    let alice = chain.world().contacts[0].address;
    set_address(&chain, "alice.eth", alice).await;

    let resolved = ens::resolve(&client, " Alice.eth ").await.unwrap();
    assert_eq!((resolved.name.as_str(), resolved.address), ("alice.eth", alice));
    assert!(matches!(ens::resolve(&client, "nobody.eth").await, Err(WalletError::EnsUnset { .. })));
    assert!(matches!(ens::resolve(&client, "аlice.eth").await, Err(WalletError::EnsName { .. })), "a Cyrillic a");

    assert_eq!(ens::reverse(&client, alice).await.unwrap(), None);
    set_reverse(&chain, alice, "alice.eth").await;
    assert_eq!(ens::reverse(&client, alice).await.unwrap().as_deref(), Some("alice.eth"));
    // Claiming somebody else's name does not help.
    set_reverse(&chain, demo().address(), "alice.eth").await;
    assert_eq!(ens::reverse(&client, demo().address()).await.unwrap(), None);
    set_reverse(&chain, alice, "ALICE.eth").await;
    assert_eq!(ens::reverse(&client, alice).await.unwrap(), None, "not normalised");
}

#[tokio::test]
async fn chains_without_ens_say_so() {
    let chain = DevChain::spawn_empty().await.unwrap();
    let error = ens::resolve(&client(&chain), "alice.eth").await.unwrap_err();
    assert!(matches!(&error, WalletError::NoEns { chain, .. } if chain == "Local play chain"), "{error}");
    assert!(error.remedy().contains("Ethereum"));
    let mut entry = local(&[chain.rpc_url()]);
    entry.ens = Some(REGISTRY);
    let nothing_there = ens::resolve(&ChainClient::new(entry).unwrap(), "alice.eth").await;
    assert!(matches!(nothing_there, Err(WalletError::BadAnswer { .. })), "{nothing_there:?}");
}
