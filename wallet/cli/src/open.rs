//! The signer and the wallet behind a command.

use std::path::Path;

use parlance_signer_protocol::inherited_socket;
use parlance_wallet_core::{Wallet, signer::Signer, store::Store};

use crate::{args::Place, error::CliError};

/// The socket that the launcher handed down.
pub fn signer(place: &Place) -> Result<Signer, CliError> {
    let fd = place.signer_fd.ok_or(CliError::NoSigner)?;
    Ok(Signer::new(inherited_socket(fd)?))
}

/// The wallet in the data folder, and what has to be said once about its key.
pub fn wallet(place: &Place) -> Result<(Wallet, Option<String>), CliError> {
    let data = folder(place)?;
    let (store, warning) = store(data)?;
    Ok((Wallet::open(data, signer(place)?, store)?, warning))
}

/// The wallet's database alone.
pub fn store(data: &Path) -> Result<(Store, Option<String>), CliError> {
    Ok(Store::of_folder(data)?)
}

/// The data folder.
pub fn folder(place: &Place) -> Result<&Path, CliError> {
    place.data.as_deref().ok_or(CliError::NoSigner)
}
