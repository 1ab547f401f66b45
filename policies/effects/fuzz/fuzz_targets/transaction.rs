//! Any bytes as an unsigned transaction: refused, or decoded to what encodes to the same bytes.
#![no_main]

use alloy_consensus::SignableTransaction;
use alloy_primitives::{Address, keccak256};
use libfuzzer_sys::fuzz_target;
use parlance_effects::{Registry, decode_message, decode_transaction};

fuzz_target!(|data: &[u8]| {
    if let Ok(decoded) = decode_transaction(Registry::builtin_ref(), Address::repeat_byte(7), data)
    {
        assert_eq!(decoded.parsed.encoded_for_signing(), data);
        assert_eq!(decoded.digest, keccak256(data));
        assert!(!decoded.effects.items.is_empty());
        assert_eq!(
            decoded.effects.sentences(&|_| None).len(),
            decoded.effects.items.len() + 1
        );
    }
    if let Ok(decoded) = decode_message(Address::repeat_byte(7), data) {
        decoded.effects.sentences(&|_| None);
    }
});
