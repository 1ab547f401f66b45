//! ENS names for the people of the local world: `alice.eth` to an address, and back.

use alloy_primitives::{Address, B256, hex, keccak256};

use crate::addresses::{CONTACTS, DEMO, DEPLOYER, ENS_REGISTRY, ENS_RESOLVER};
use crate::deploy::Deployer;
use crate::error::DevnetError;
use crate::interfaces::{IEnsRegistry, IEnsResolver};

impl Deployer<'_> {
    /// Registers `alice.eth` and so on, and `demo.eth`, with their reverse records; each name then belongs to its person.
    pub(crate) async fn register_names(&mut self) -> Result<(), DevnetError> {
        for (parent, label) in [("", "eth"), ("", "reverse"), ("reverse", "addr")] {
            let own = IEnsRegistry::setSubnodeOwnerCall { node: namehash(parent), label: keccak256(label), owner: DEPLOYER };
            self.call(ENS_REGISTRY, 0, own).await?;
        }
        for (person, address) in CONTACTS.into_iter().chain([("Demo", DEMO)]) {
            let label = person.to_lowercase();
            let name = format!("{label}.eth");
            let node = self.register("eth", &label).await?;
            self.call(ENS_RESOLVER, 0, IEnsResolver::setAddrCall { node, a: address }).await?;
            let reverse = self.register("addr.reverse", &hex::encode(address)).await?;
            self.call(ENS_RESOLVER, 0, IEnsResolver::setNameCall { node: reverse, name }).await?;
            self.give_away(node, address).await?;
            self.give_away(reverse, address).await?;
        }
        Ok(())
    }

    /// Takes a name below `parent` for the deployer, who may then write its records. Returns its node.
    async fn register(&mut self, parent: &str, label: &str) -> Result<B256, DevnetError> {
        let record = IEnsRegistry::setSubnodeRecordCall {
            node: namehash(parent),
            label: keccak256(label),
            owner: DEPLOYER,
            resolver: ENS_RESOLVER,
            ttl: 0,
        };
        self.call(ENS_REGISTRY, 0, record).await?;
        Ok(namehash(&format!("{label}.{parent}")))
    }

    async fn give_away(&mut self, node: B256, owner: Address) -> Result<(), DevnetError> {
        self.call(ENS_REGISTRY, 0, IEnsRegistry::setOwnerCall { node, owner }).await
    }
}

/// EIP-137's `namehash` of a name that is in normal form already.
fn namehash(name: &str) -> B256 {
    name.rsplit('.')
        .filter(|label| !label.is_empty())
        .fold(B256::ZERO, |node, label| keccak256([node.as_slice(), keccak256(label).as_slice()].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of EIP-137.
    #[test]
    fn namehash_is_eip_137s() {
        for (name, hash) in [
            ("", "0x0000000000000000000000000000000000000000000000000000000000000000"),
            ("eth", "0x93cdeb708b7545dc668eb9280176169d1c33cfd8ed6f04690a0bcc88a93fc4ae"),
            ("foo.eth", "0xde9b09fd7c5f901e23a3f19fecc54828e9c848539801e86591bd9801b019f84f"),
        ] {
            assert_eq!(namehash(name), hash.parse::<B256>().unwrap(), "{name}");
        }
    }
}
