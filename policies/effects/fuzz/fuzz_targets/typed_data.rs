//! Any text as typed data: refused, or decoded with the digest of what is shown.
#![no_main]

use alloy_primitives::Address;
use libfuzzer_sys::fuzz_target;
use parlance_effects::{Registry, decode_typed_data};

fuzz_target!(|text: &str| {
    if let Ok(decoded) = decode_typed_data(Registry::builtin_ref(), Address::repeat_byte(7), text) {
        assert_eq!(
            decoded.parsed.eip712_signing_hash().as_ref(),
            Ok(&decoded.digest)
        );
        assert!(!decoded.effects.items.is_empty());
        decoded.effects.sentences(&|_| None);
    }
});
