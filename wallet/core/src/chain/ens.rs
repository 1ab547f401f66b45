//! ENS (EIP-137, EIP-181, ENSIP-15): names to addresses and back, with what the chain itself knows.
//!
//! Names that need an off-chain lookup (ERC-3668) or a wildcard resolver (ENSIP-10) are refused with that reason: their
//! answer would come from a web server.

use alloy_primitives::{Address, B256, keccak256};
use alloy_sol_types::{SolCall, SolError};
use serde::{Deserialize, Serialize};

use super::abi::Ens;
use super::client::ChainClient;
use super::wire::Call;
use crate::error::{Result, WalletError};

/// A name and what it means now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// Normalised by ENSIP-15.
    pub name: String,
    /// Its address record.
    pub address: Address,
}

/// The address of a name.
///
/// # Errors
///
/// [`WalletError::NoEns`] on chains without a registry, [`WalletError::EnsName`], [`WalletError::EnsUnset`].
pub async fn resolve(client: &ChainClient, name: &str) -> Result<Resolved> {
    let registry = registry(client, name)?;
    let name = normalise(name)?;
    let unset = |why: &str| WalletError::EnsUnset { name: name.clone(), chain: client.chain().name.clone(), why: why.to_owned() };
    let node = namehash(&name);
    let resolver = client.call_sol(registry, Ens::resolverCall { node }).await?;
    if resolver.is_zero() {
        return Err(unset("nobody has registered it, or it has no resolver of its own"));
    }
    let answers = client.call_many(vec![Call::new(Address::ZERO, resolver).data(Ens::addrCall { node }.abi_encode())]).await?;
    let address = match answers.into_iter().next() {
        Some(Ok(bytes)) => Ens::addrCall::abi_decode_returns(&bytes).map_err(|_| unset("its resolver answers with something else"))?,
        Some(Err(revert)) if revert.data.starts_with(&Ens::OffchainLookup::SELECTOR) || revert.reason.contains("556f1830") => {
            return Err(unset("its address is kept on a web server, which this wallet does not ask"));
        }
        Some(Err(revert)) => return Err(unset(&format!("its resolver refuses: {revert}"))),
        None => return Err(unset("its resolver does not answer")),
    };
    if address.is_zero() {
        return Err(unset("its owner has set no address"));
    }
    Ok(Resolved { name, address })
}

/// The primary name of an address, where the name points back to it; `None` otherwise.
pub async fn reverse(client: &ChainClient, address: Address) -> Result<Option<String>> {
    let registry = registry(client, &address.to_string())?;
    let node = namehash(&format!("{}.addr.reverse", alloy_primitives::hex::encode(address)));
    let resolver = client.call_sol(registry, Ens::resolverCall { node }).await?;
    if resolver.is_zero() {
        return Ok(None);
    }
    let claimed = match client.call_sol(resolver, Ens::nameCall { node }).await {
        Ok(name) => name,
        Err(WalletError::Reverted { .. } | WalletError::BadAnswer { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    // Anybody can claim any name: only one that is normalised and resolves to this address counts.
    match normalise(&claimed) {
        Ok(name) if name == claimed => match resolve(client, &name).await {
            Ok(resolved) => Ok((resolved.address == address).then_some(name)),
            Err(WalletError::EnsUnset { .. }) => Ok(None),
            Err(error) => Err(error),
        },
        _ => Ok(None),
    }
}

/// ENSIP-15 normal form; mixed scripts, confusables and hidden characters are refused by it.
pub fn normalise(name: &str) -> Result<String> {
    let bad = |why: String| WalletError::EnsName { name: crate::tokens::clean(name, 80), why };
    let name = name.trim();
    if name.len() > 255 {
        return Err(bad("it is too long".into()));
    }
    if !name.contains('.') || name.split('.').any(str::is_empty) {
        return Err(bad("it has no dot, or an empty part".into()));
    }
    if name.chars().any(crate::tokens::text::is_invisible) {
        return Err(bad("it has hidden characters".into()));
    }
    ens_normalize_rs::normalize(name).map_err(|error| bad(crate::tokens::clean(&error.to_string(), 160)))
}

/// EIP-137, of a normalised name.
pub fn namehash(name: &str) -> B256 {
    if name.is_empty() {
        return B256::ZERO;
    }
    name.rsplit('.').fold(B256::ZERO, |node, label| keccak256([node, keccak256(label)].concat()))
}

fn registry(client: &ChainClient, name: &str) -> Result<Address> {
    let chain = client.chain();
    chain.ens.ok_or_else(|| WalletError::NoEns { chain: chain.title.clone(), name: crate::tokens::clean(name, 80) })
}

#[cfg(test)]
mod tests {
    use alloy_primitives::b256;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn namehash_vectors_of_eip_137() {
        assert_eq!(namehash(""), B256::ZERO);
        assert_eq!(namehash("eth"), b256!("0x93cdeb708b7545dc668eb9280176169d1c33cfd8ed6f04690a0bcc88a93fc4ae"));
        assert_eq!(namehash("foo.eth"), b256!("0xde9b09fd7c5f901e23a3f19fecc54828e9c848539801e86591bd9801b019f84f"));
    }

    #[test]
    fn names_are_normalised_or_refused() {
        assert_eq!(normalise("Alice.ETH").unwrap(), "alice.eth");
        assert_eq!(normalise("faß.eth").unwrap(), "faß.eth");
        for bad in ["alice", ".eth", "a..eth", "аlice.eth", "ali\u{200b}ce.eth", "a b.eth", "vitalik\u{202e}.eth", "__a_.eth"] {
            assert!(matches!(normalise(bad), Err(WalletError::EnsName { .. })), "{bad}: {:?}", normalise(bad));
        }
    }

    proptest! {
        #[test]
        fn normalising_never_panics_and_is_stable(name in "\\PC{0,40}\\.eth") {
            if let Ok(normal) = normalise(&name) {
                prop_assert_eq!(normalise(&normal).unwrap(), normal);
            }
        }
    }
}
