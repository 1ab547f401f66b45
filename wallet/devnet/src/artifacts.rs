//! The contracts' creation code, compiled in from `artifacts/*.json`.

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes};
use serde::Deserialize;

use crate::error::DevnetError;

/// A contract whose creation code is compiled in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Artifact {
    name: &'static str,
    json: &'static str,
}

/// From the compiler's output of `credit/contracts`.
macro_rules! credit {
    ($name:literal) => {
        Artifact { name: $name, json: include_str!(concat!("../../../credit/contracts/out-abi/", $name, ".json")) }
    };
}

pub(crate) const NULLIFIER_REGISTRY: Artifact = credit!("NullifierRegistry");
pub(crate) const CREDIT_POOL: Artifact = credit!("CreditPool");

macro_rules! artifacts {
    ($($constant:ident $name:literal)*) => {
        $(pub(crate) const $constant: Artifact =
            Artifact { name: $name, json: include_str!(concat!("../artifacts/", $name, ".json")) };)*
    };
}

artifacts! {
    SIGNATURE_CHECKER "SignatureChecker"
    FIAT_TOKEN "FiatTokenV2_2"
    FIAT_TOKEN_PROXY "FiatTokenProxy"
    WETH9 "WETH9"
    PLAY_TOKEN "PlayToken"
    PLAY_FEED "PlayFeed"
    UNISWAP_V2_FACTORY "UniswapV2Factory"
    UNISWAP_V2_ROUTER "UniswapV2Router02"
    UNISWAP_V3_FACTORY "UniswapV3Factory"
    UNISWAP_V3_POSITIONS "NonfungiblePositionManager"
    UNISWAP_V3_ROUTER "SwapRouter02"
    UNISWAP_V3_QUOTER "QuoterV2"
    PERMIT2 "Permit2"
    MULTICALL3 "Multicall3"
    ENS_REGISTRY "ENSRegistry"
    ENS_RESOLVER "PublicResolver"
}

/// The part of an artefact that deployment needs.
#[derive(Deserialize)]
struct Parts {
    bytecode: String,
    /// Library name to byte offsets of its address.
    #[serde(default)]
    links: BTreeMap<String, Vec<usize>>,
}

impl Artifact {
    /// Creation code followed by the ABI-encoded constructor arguments.
    pub(crate) fn creation_code(&self, arguments: &[u8]) -> Result<Bytes, DevnetError> {
        self.linked_creation_code(&[], arguments)
    }

    /// The same, with the addresses of libraries filled in (Solidity's link references).
    pub(crate) fn linked_creation_code(&self, libraries: &[(&str, Address)], arguments: &[u8]) -> Result<Bytes, DevnetError> {
        let parts: Parts = serde_json::from_str(self.json).map_err(|e| self.damaged(e))?;
        let mut text = parts.bytecode;
        for (library, offsets) in &parts.links {
            let (_, address) = libraries
                .iter()
                .find(|(name, _)| name == library)
                .ok_or_else(|| self.damaged(format!("the library {library} is not linked")))?;
            for offset in offsets {
                // Two hex digits a byte, after the `0x`.
                let start = 2 + 2 * offset;
                if text.get(start..start + 40).is_none_or(|hole| !hole.starts_with("__")) {
                    return Err(self.damaged(format!("no link placeholder at byte {offset}")));
                }
                text.replace_range(start..start + 40, &hex::encode(address));
            }
        }
        let mut code = hex::decode(text.trim_start_matches("0x")).map_err(|e| self.damaged(e))?;
        code.extend_from_slice(arguments);
        Ok(code.into())
    }

    fn damaged(&self, reason: impl ToString) -> DevnetError {
        DevnetError::Artifact { name: self.name, reason: reason.to_string() }
    }
}
