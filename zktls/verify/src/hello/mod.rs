//! The hellos: allow-lists of what a provable session may negotiate.
//!
//! TLS 1.3 alone, a fresh key exchange, no resumption, no early data, and no extension that changes the record layer, the
//! certificate's form or who authenticates. What is not listed is refused, since it could change what the bytes mean.

mod client;
mod server;

pub use client::{Client, ClientHello};
pub use server::{Agreed, agree};

use crate::VerifyError;
use crate::wire::Reader;

pub(crate) const SERVER_NAME: u16 = 0;
pub(crate) const STATUS_REQUEST: u16 = 5;
pub(crate) const SUPPORTED_GROUPS: u16 = 10;
pub(crate) const EC_POINT_FORMATS: u16 = 11;
pub(crate) const SIGNATURE_ALGORITHMS: u16 = 13;
pub(crate) const ALPN: u16 = 16;
pub(crate) const EXTENDED_MASTER_SECRET: u16 = 23;
pub(crate) const SUPPORTED_VERSIONS: u16 = 43;
pub(crate) const COOKIE: u16 = 44;
pub(crate) const PSK_KEY_EXCHANGE_MODES: u16 = 45;
pub(crate) const KEY_SHARE: u16 = 51;

/// ALPN's list with http/1.1 alone.
pub(crate) const HTTP_1_1: &[u8] = b"\x00\x09\x08http/1.1";

/// Type and content of each extension, in their order.
pub(crate) type Extensions<'a> = Vec<(u16, &'a [u8])>;

/// Reads extensions; refuses those that are not allowed and those that stand twice.
pub(crate) fn extensions<'a>(message: &'static str, bytes: &'a [u8], allowed: &[u16]) -> Result<Extensions<'a>, VerifyError> {
    let mut reader = Reader::new(message, bytes);
    let mut extensions: Extensions<'a> = Vec::new();
    while !reader.is_empty() {
        let (kind, content) = (reader.u16()?, reader.vector(2)?);
        if !allowed.contains(&kind) {
            return Err(VerifyError::message(message, format!("extension {kind}{}", name(kind)), "only extensions of a plain session"));
        }
        if extensions.iter().any(|(other, _)| *other == kind) {
            return Err(VerifyError::message(message, format!("extension {kind} twice"), "each extension once"));
        }
        extensions.push((kind, content));
    }
    Ok(extensions)
}

/// Names of extensions that are refused for a reason of their own.
fn name(kind: u16) -> &'static str {
    match kind {
        1 => " (max_fragment_length)",
        19 | 20 => " (raw public keys)",
        27 => " (compress_certificate)",
        28 => " (record_size_limit)",
        34 => " (delegated_credential)",
        35 => " (session_ticket)",
        41 => " (pre_shared_key)",
        42 => " (early_data)",
        44 => " (cookie)",
        49 => " (post_handshake_auth)",
        0xfe0d => " (encrypted_client_hello)",
        _ => "",
    }
}

pub(crate) fn find<'a>(extensions: &Extensions<'a>, kind: u16) -> Option<&'a [u8]> {
    extensions.iter().find(|(other, _)| *other == kind).map(|(_, content)| *content)
}
