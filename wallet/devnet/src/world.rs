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
    /// A lender and a bank, where their programs run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<Credit>,
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
            credit: None,
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

/// Whoever lends play money, and the bank account to prove it with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Who lends.
    pub lender: Lender,
    /// The owner's account.
    pub bank: BankLogin,
}

/// A lender's service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lender {
    /// As it calls itself.
    pub name: String,
    /// API and pages, on the loopback interface.
    pub url: String,
}

/// The demo wallet's account at the demo bank: invented money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankLogin {
    /// Id of the bank's template.
    pub template: String,
    /// The account's id.
    pub account: String,
    /// The access token.
    pub token: String,
    /// PEM of the root certificate that the bank's leads to.
    pub root: String,
}
