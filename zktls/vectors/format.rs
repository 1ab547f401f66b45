//! How the published vectors are written; docs/zktls.md, section 7, says what they mean. Part of the tests that make and read them.

use std::path::PathBuf;

use parlance_zktls_protocol::{NotaryKey, Session, Template};
use parlance_zktls_verify::{CheckName, Expectation, Registry, Trust};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An accepted file, and what a lender brings along. `NAME.json` in this folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// The proof file, in this folder.
    pub file: String,
    pub trust: TrustText,
    pub expected: Expected,
    /// The wallet whose line the account backs already, if any.
    pub holder: Option<String>,
    /// What is proved.
    pub statement: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustText {
    /// DER, hexadecimal.
    pub roots: Vec<String>,
    pub notaries: Vec<NotaryKey>,
    /// TOML.
    pub templates: Vec<String>,
    pub local_banks: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub wallet: String,
    pub chain: u64,
    pub contract: String,
    pub lender_nonce: String,
    pub offer: String,
    pub at_least: u64,
    pub currency: String,
    pub scope: String,
    pub now: u64,
    pub max_age: u64,
}

/// What is changed of a base, and which checks fail then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    pub name: String,
    pub base: String,
    /// JSON pointers into the base, and what stands there instead.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub set: Map<String, Value>,
    /// Changes of the file from front to back; positions are those in the base's file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bytes: Vec<Hunk>,
    /// All checks that fail, in the report's order; "file" alone where it can't be read.
    pub fails: Vec<String>,
}

/// Instead of `remove` bytes from `at` on, these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hunk {
    pub at: usize,
    pub remove: usize,
    pub insert: String,
}

/// A registry in which this wallet holds every account, or nobody any.
pub struct Holder(pub Option<[u8; 20]>);

impl Registry for Holder {
    fn holder(&self, _: &[u8; 8], _: &[u8; 32]) -> Option<[u8; 20]> {
        self.0
    }
}

pub fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors"))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits")).collect()
}

fn array<const N: usize>(text: &str) -> [u8; N] {
    unhex(text).try_into().expect("the right length")
}

impl Expected {
    pub fn of(expected: &Expectation) -> Self {
        let Session { wallet, chain, contract, lender_nonce, offer } = &expected.session;
        Self {
            wallet: hex(wallet),
            chain: *chain,
            contract: hex(contract),
            lender_nonce: hex(lender_nonce),
            offer: hex(offer),
            at_least: expected.at_least,
            currency: String::from_utf8_lossy(&expected.currency).into_owned(),
            scope: hex(&expected.scope),
            now: expected.now,
            max_age: expected.max_age,
        }
    }
}

impl Base {
    pub fn trust(&self) -> Trust {
        Trust {
            roots: self.trust.roots.iter().map(|root| unhex(root).into()).collect(),
            notaries: self.trust.notaries.clone(),
            templates: self.trust.templates.iter().map(|text| Template::from_toml(text).expect("a template")).collect(),
            local_banks: self.trust.local_banks,
        }
    }

    pub fn expected(&self) -> Expectation {
        let Expected { wallet, chain, contract, lender_nonce, offer, at_least, currency, scope, now, max_age } = &self.expected;
        Expectation {
            session: Session {
                wallet: array(wallet),
                chain: *chain,
                contract: array(contract),
                lender_nonce: array(lender_nonce),
                offer: array(offer),
            },
            at_least: *at_least,
            currency: currency.as_bytes().try_into().expect("three letters"),
            scope: array(scope),
            now: *now,
            max_age: *max_age,
        }
    }

    pub fn holder(&self) -> Holder {
        Holder(self.holder.as_deref().map(array))
    }
}

impl Hunk {
    /// From one text to another.
    pub fn between(at: usize, from: &[u8], to: &[u8]) -> Option<Self> {
        let same = |pair: &(&u8, &u8)| pair.0 == pair.1;
        let front = from.iter().zip(to).take_while(same).count();
        let (from, to) = (&from[front..], &to[front..]);
        let back = from.iter().rev().zip(to.iter().rev()).take_while(same).count();
        let (from, to) = (&from[..from.len() - back], &to[..to.len() - back]);
        (!from.is_empty() || !to.is_empty()).then(|| Self { at: at + front, remove: from.len(), insert: hex(to) })
    }

    pub fn apply(hunks: &[Self], base: &[u8]) -> Vec<u8> {
        let mut bytes = base.to_vec();
        for hunk in hunks.iter().rev() {
            bytes.splice(hunk.at..hunk.at + hunk.remove, unhex(&hunk.insert));
        }
        bytes
    }
}

/// As reports write it.
pub fn name(check: CheckName) -> String {
    serde_json::to_value(check).ok().and_then(|name| Some(name.as_str()?.to_owned())).expect("a name")
}
