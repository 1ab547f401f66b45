//! Addresses and hashes: what begins with `0x` (EIP-55).

use alloy_primitives::Address;

use super::Scene;
use crate::entity::{Derivation, Kind};
use crate::text::Shape;

/// What a string that begins with `0x` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hex {
    /// 20 bytes, mixed case, and the case is right.
    Checksummed,
    /// 20 bytes in one case: nothing to check.
    OneCase,
    /// 20 bytes, mixed case, and the case is wrong: at least one character was mistyped.
    BadChecksum,
    /// 32 bytes.
    Hash,
    /// Neither length.
    Length,
    /// Holds something other than hexadecimal digits.
    NotHex,
    /// Shortened: `0x12…ab`.
    Shortened,
}

impl Hex {
    /// Reads a word that begins with `0x`.
    pub fn of(text: &str) -> Hex {
        let digits = text.get(2..).unwrap_or("");
        if digits.contains(['\u{2026}', '.', '*']) {
            Hex::Shortened
        } else if !digits.chars().all(|c| c.is_ascii_hexdigit()) {
            Hex::NotHex
        } else if digits.len() == 64 {
            Hex::Hash
        } else if digits.len() != 40 {
            Hex::Length
        } else if !(digits.contains(|c: char| c.is_ascii_uppercase()) && digits.contains(|c: char| c.is_ascii_lowercase())) {
            Hex::OneCase
        } else if Address::parse_checksummed(format!("0x{digits}"), None).is_ok() {
            Hex::Checksummed
        } else {
            Hex::BadChecksum
        }
    }
}

pub(crate) fn find(scene: &mut Scene<'_>) {
    for i in 0..scene.words.len() {
        if scene.shape(i) == Some(Shape::Hex) {
            let written = scene.written(i..i + 1);
            let kind = match Hex::of(written) {
                Hex::Checksummed | Hex::OneCase | Hex::BadChecksum => Kind::Address,
                Hex::Hash => Kind::Hash,
                Hex::Length | Hex::NotHex | Hex::Shortened => Kind::Malformed,
            };
            scene.take(i..i + 1, kind, written, Derivation::Typed);
        }
    }
}
