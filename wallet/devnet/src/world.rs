//! What other programs need to know of the local world.

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};

use crate::addresses::{self, Addresses};

/// The endpoints, contracts and people of a local world; `devworld.json` in its folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevWorld {
    /// JSON-RPC over HTTP, on the loopback interface; WebSocket answers on the same port.
    pub rpc_url: String,
    /// EIP-155 chain id: 31337.
    pub chain_id: u64,
    /// Every contract.
    pub addresses: Addresses,
    /// The wallet that holds the play money.
    pub demo: DemoWallet,
    /// People to pay, for the address book.
    pub contacts: Vec<Contact>,
}

impl DevWorld {
    /// The world whose chain answers at `rpc_url`.
    pub fn at(rpc_url: impl Into<String>) -> Self {
        Self {
            rpc_url: rpc_url.into(),
            chain_id: addresses::CHAIN_ID,
            addresses: Addresses::LOCAL,
            demo: DemoWallet { mnemonic: addresses::MNEMONIC.to_owned(), path: addresses::DEMO_PATH.to_owned(), address: addresses::DEMO },
            contacts: addresses::CONTACTS.into_iter().map(|(name, address)| Contact { name: name.to_owned(), address }).collect(),
        }
    }
}

/// The funded demo wallet. Its phrase is public; it is play money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoWallet {
    /// BIP-39 phrase, 12 words, without a passphrase.
    pub mnemonic: String,
    /// BIP-44 path of the account.
    pub path: String,
    /// The account.
    pub address: Address,
}

/// A person with a name and an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// As it would stand in an address book.
    pub name: String,
    /// Where to pay.
    pub address: Address,
}
