//! What several tests need.

use alloy_primitives::{B256, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::coins_bip39::English;
use alloy_signer_local::{MnemonicBuilder, PrivateKeySigner};
use parlance_devnet::{DevChain, addresses};

/// The key of the account at this index of the public phrase.
pub fn key(index: u32) -> PrivateKeySigner {
    MnemonicBuilder::<English>::default().phrase(addresses::MNEMONIC).index(index).unwrap().build().unwrap()
}

/// `(v, r, s)` as contracts take them.
pub fn sign(key: &PrivateKeySigner, hash: B256) -> (u8, B256, B256) {
    let signature = key.sign_hash_sync(&hash).unwrap();
    (27 + u8::from(signature.v()), signature.r().into(), signature.s().into())
}

pub fn usdc(units: u64) -> U256 {
    U256::from(units) * U256::from(1_000_000)
}

pub fn ether(units: u64) -> U256 {
    U256::from(units) * U256::from(10).pow(U256::from(18))
}

/// Waits for the receipt and says whether the transaction succeeded.
pub async fn succeeded(chain: &DevChain, transaction: B256) -> bool {
    chain.receipt(transaction).await.unwrap().expect("the transaction is mined").status()
}
