//! The notary with its clients and banks.

mod common;
mod hostile;
mod relay;
