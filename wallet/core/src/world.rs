//! The local world that `parlance dev up` describes in `devworld.json`.

use std::path::Path;

use parlance_effects::ChainId;
use serde::Deserialize;
use url::Url;

use crate::error::{Result, WalletError};

/// Name of the description in the data folder.
const FILE: &str = "devworld.json";

/// What the wallet needs of a local world; the rest of the file is not its business.
#[derive(Clone, Debug, Deserialize)]
pub struct World {
    /// JSON-RPC endpoint.
    pub rpc_url: Url,
    /// EIP-155 chain id.
    pub chain_id: ChainId,
    /// Its lender and its bank, where it has them.
    #[serde(default)]
    pub credit: Option<WorldCredit>,
}

/// A lender and a bank of play money.
#[derive(Clone, Debug, Deserialize)]
pub struct WorldCredit {
    /// The lender.
    pub lender: WorldLender,
    /// The bank, with a login for the demo wallet.
    pub bank: WorldBank,
}

/// The local world's lender.
#[derive(Clone, Debug, Deserialize)]
pub struct WorldLender {
    /// As it calls itself.
    pub name: String,
    /// Where its interface is.
    pub url: Url,
}

/// The local world's bank and a login there. The token is play money like all of it, and still not for logs.
#[derive(Clone, Deserialize)]
pub struct WorldBank {
    /// Id of its template.
    pub template: String,
    /// Account id.
    pub account: String,
    /// The login's token.
    pub token: String,
    /// Root certificate (PEM) that its certificate leads to.
    pub root: String,
}

impl std::fmt::Debug for WorldBank {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorldBank").field("template", &self.template).finish_non_exhaustive()
    }
}

impl World {
    /// The world that `data` belongs to, where it belongs to one.
    ///
    /// # Errors
    /// [`WalletError::Config`] where the file can't be read.
    pub fn find(data: &Path) -> Result<Option<Self>> {
        let path = data.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(WalletError::io(&path)(e)),
        };
        let world: Self = serde_json::from_str(&text).map_err(|e| WalletError::Config { file: FILE.into(), why: e.to_string() })?;
        Ok(Some(world))
    }
}
