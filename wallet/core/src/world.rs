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
