//! The one integration-test binary of the signer's core.

#[path = "../ledger/mod.rs"]
mod ledger;
#[path = "../vault/mod.rs"]
mod vault;
