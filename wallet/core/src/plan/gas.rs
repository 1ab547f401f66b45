//! Gas limits.

use crate::{
    chain::{Call, ChainClient},
    error::Result,
};

/// Gas of a plain transfer of the native coin to an account without code.
const TRANSFER: u64 = 21_000;

/// The gas limit for a call: exact for a plain transfer, else the node's estimate and a quarter more, since state moves
/// between estimate and inclusion. What is not used is not paid.
///
/// # Errors
/// [`crate::WalletError::Reverted`] where the call would fail, and what reaching the chain can fail with.
pub async fn estimate(client: &ChainClient, call: &Call) -> Result<u64> {
    let estimate = client.estimate_gas(call).await?;
    Ok(if estimate == TRANSFER { TRANSFER } else { estimate.saturating_add(estimate / 4) })
}
