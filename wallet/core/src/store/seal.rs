//! Rows sealed with XChaCha20-Poly1305; table and row id are the associated data, so that no row passes for another.

use alloy_primitives::{Address, B256};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::key::StoreKey;
use crate::error::{Result, WalletError};

const NONCE: usize = 24;

pub(super) struct Seal {
    cipher: XChaCha20Poly1305,
    index: Zeroizing<[u8; 32]>,
}

impl Seal {
    pub(super) fn new(key: &StoreKey) -> Self {
        let rows = Zeroizing::new(blake3::derive_key("parlance wallet store 2026-11 rows", key.bytes()));
        let index = Zeroizing::new(blake3::derive_key("parlance wallet store 2026-11 index", key.bytes()));
        Self { cipher: XChaCha20Poly1305::new(rows.as_ref().into()), index }
    }

    /// `nonce || ciphertext || tag` of the JSON form.
    pub(super) fn seal<T: Serialize>(&self, table: &'static str, id: i64, value: &T) -> Result<Vec<u8>> {
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(WalletError::json(table))?);
        let mut nonce = [0u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| WalletError::Sealed { table, id, why: format!("no entropy: {error}") })?;
        let payload = Payload { msg: &plain, aad: &aad(table, id) };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| WalletError::Sealed {
            table,
            id,
            why: "it is too long".into(),
        })?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub(super) fn open<T: DeserializeOwned>(&self, table: &'static str, id: i64, blob: &[u8]) -> Result<T> {
        let damaged = |why: &str| WalletError::Sealed { table, id, why: why.to_owned() };
        let (nonce, sealed) = blob.split_first_chunk::<NONCE>().ok_or_else(|| damaged("it is cut off"))?;
        let payload = Payload { msg: sealed, aad: &aad(table, id) };
        let plain = self
            .cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| damaged("it does not open with the key of this database"))?;
        serde_json::from_slice(&plain).map_err(WalletError::json(table))
    }

    /// What stands in an index instead of the value itself: equal values have equal tags, and only the key tells which.
    pub(super) fn tag(&self, what: &str, parts: &[&[u8]]) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(&self.index);
        hasher.update(&(what.len() as u64).to_le_bytes());
        hasher.update(what.as_bytes());
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mut tag = [0u8; 16];
        hasher.finalize_xof().fill(&mut tag);
        tag
    }

    pub(super) fn account_tag(&self, chain: u64, account: Address) -> [u8; 16] {
        self.tag("account", &[&chain.to_le_bytes(), account.as_slice()])
    }

    pub(super) fn hash_tag(&self, hash: B256) -> [u8; 16] {
        self.tag("hash", &[hash.as_slice()])
    }
}

fn aad(table: &str, id: i64) -> Vec<u8> {
    let mut aad = b"parlance-wallet/1/".to_vec();
    aad.extend_from_slice(table.as_bytes());
    aad.push(0);
    aad.extend_from_slice(&id.to_le_bytes());
    aad
}
