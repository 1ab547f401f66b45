//! EIP-191 messages and EIP-7702 authorizations that are signed on their own.

use alloy_eips::eip7702::Authorization;
use alloy_primitives::{Address, Bytes, U256, eip191_hash_message};

use super::Decoded;
use crate::warnings::{self, is_deceptive, visible};
use crate::{ChainId, Effect, Effects, EffectsError, Subject, Warning};

/// Longer messages are never signed: nobody reads them.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// Decodes an EIP-191 message of version 0x45 (`personal_sign`).
///
/// A message that could be a digest is decoded, marked [`Effect::Message::looks_like_hash`] and warned of; whoever
/// signs is expected to refuse it.
///
/// # Errors
///
/// [`EffectsError::TooLarge`] above [`MAX_MESSAGE_BYTES`].
pub fn decode_message(account: Address, bytes: &[u8]) -> Result<Decoded<Bytes>, EffectsError> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(EffectsError::TooLarge { what: "a message", got: bytes.len(), limit: MAX_MESSAGE_BYTES });
    }
    let digest = eip191_hash_message(bytes);
    let text = std::str::from_utf8(bytes).ok();
    let looks_like_hash = looks_like_hash(bytes);
    let mut warnings = Vec::new();
    if looks_like_hash {
        warnings.push(Warning::LooksLikeHash);
    }
    if text.is_some_and(is_deceptive) {
        warnings.push(Warning::DeceptiveText);
    }
    let parsed = Bytes::copy_from_slice(bytes);
    let subject = Subject::Message { text: text.map(visible), bytes: parsed.clone(), digest };
    let items = vec![Effect::Message { looks_like_hash }];
    let effects = Effects { subject, chain: None, account, items, fee: None, warnings };
    Ok(Decoded { effects, parsed, digest })
}

/// 32 raw bytes, or 64 hex digits with or without prefix and white space around them.
fn looks_like_hash(bytes: &[u8]) -> bool {
    if bytes.len() == 32 {
        return true;
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return bytes.trim_ascii().len() == 32;
    };
    let ignorable = |c: char| c.is_whitespace() || warnings::is_invisible(c);
    let text = text.trim_matches(ignorable);
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Decodes an EIP-7702 authorization: with it, `account` would run the code at `address` (zero clears it) on `chain`
/// (0: on every chain) as soon as anyone hands it in.
pub fn decode_authorization(account: Address, chain: ChainId, address: Address, nonce: u64) -> Decoded<Authorization> {
    let parsed = Authorization { chain_id: U256::from(chain), address, nonce };
    let digest = parsed.signature_hash();
    let items = vec![Effect::Delegation { to: address, chain, nonce, authority: None }];
    let subject = Subject::Authorization { digest };
    let named = Some(chain).filter(|chain| *chain != 0);
    let effects = Effects { subject, chain: named, account, items, fee: None, warnings: Vec::new() };
    Decoded { effects, parsed, digest }
}
