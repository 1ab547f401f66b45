//! The vault: one sealed file with phrases, keys and accounts.
//!
//! Read [`Vault`] first. The file's layout and what protects it stand in `format.rs` and `seal.rs`; the data folder,
//! with its permissions, lock and atomic writes, in [`DataFolder`].

mod contents;
mod export;
mod folder;
mod format;
pub(crate) mod random;
mod restore;
pub(crate) mod seal;
mod tries;
mod unlocked;

#[allow(clippy::module_inception, reason = "the module's one main type stands in a file of its own")]
mod vault;

pub(crate) use contents::Contents;
pub use export::ExportedPhrase;
pub use folder::{DataFolder, lock_soon};
pub use format::KeyringUse;
pub(crate) use format::Reader;
pub use seal::KdfParameters;
pub use vault::{Protection, Vault, VaultStatus};
