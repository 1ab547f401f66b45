//! EIP-191 messages and EIP-7702 authorizations.

use alloy_primitives::{Address, B256, hex, keccak256};
use parlance_effects::{Effect, EffectsError, MAX_MESSAGE_BYTES, Subject, Warning, decode_authorization, decode_message};

use crate::support::*;

fn looks_like_hash(message: &[u8]) -> bool {
    let effects = decode_message(ACCOUNT, message).expect("short").effects;
    let [Effect::Message { looks_like_hash }] = effects.items[..] else { panic!("{:?}", effects.items) };
    assert_eq!(effects.warnings.contains(&Warning::LooksLikeHash), looks_like_hash);
    looks_like_hash
}

#[test]
fn digest_is_that_of_eip191() {
    // From the ethers documentation of hashMessage("Hello World").
    let decoded = decode_message(ACCOUNT, b"Hello World").expect("short");
    let expected = hex!("a1de988600a42c4b4ab089b619297c17d53cffae5d5120d82d8a92d0bb3b78f2");
    assert_eq!(decoded.digest, B256::from(expected));
    assert_eq!(decoded.effects.digest(), decoded.digest);
    assert_eq!(&decoded.parsed[..], b"Hello World");
    assert_eq!((decoded.effects.chain, decoded.effects.fee), (None, None));
}

#[test]
fn what_could_be_a_digest() {
    let digest = keccak256(b"transaction");
    let text = hex::encode(digest);
    assert!(looks_like_hash(digest.as_slice()));
    for message in [
        text.clone(),
        format!("0x{text}"),
        format!("0X{}", text.to_uppercase()),
        format!("  \n\t0x{text}\r\n "),
        format!("\u{200b}{text}\u{feff}"),
    ] {
        assert!(looks_like_hash(message.as_bytes()), "{message:?}");
    }
    for message in [String::new(), "hello".into(), text[1..].into(), format!("{text}0"), format!("sign {text}")] {
        assert!(!looks_like_hash(message.as_bytes()), "{message:?}");
    }
}

#[test]
fn hidden_text_is_made_visible() {
    let decoded = decode_message(ACCOUNT, "pay \u{202e}bob\u{200b}\r\nnow".as_bytes()).expect("short");
    let Subject::Message { text, .. } = &decoded.effects.subject else { panic!("no message") };
    assert_eq!(text.as_deref(), Some("pay \\u{202e}bob\\u{200b}\\u{d}\nnow"));
    assert_eq!(decoded.effects.warnings, [Warning::DeceptiveText]);

    let decoded = decode_message(ACCOUNT, &[0xff, 0xfe]).expect("short");
    let Subject::Message { text, bytes, .. } = &decoded.effects.subject else { panic!("no message") };
    assert_eq!((text, &bytes[..]), (&None, &[0xff, 0xfe][..]));
}

#[test]
fn long_messages_are_refused() {
    assert!(decode_message(ACCOUNT, &vec![b'a'; MAX_MESSAGE_BYTES]).is_ok());
    let long = decode_message(ACCOUNT, &vec![b'a'; MAX_MESSAGE_BYTES + 1]);
    assert!(matches!(long, Err(EffectsError::TooLarge { .. })));
}

#[test]
fn authorizations() {
    let decoded = decode_authorization(ACCOUNT, 1, STRANGER, 4);
    assert_eq!(decoded.effects.items, [Effect::Delegation { to: STRANGER, chain: 1, nonce: 4, authority: None }]);
    assert_eq!(decoded.effects.chain, Some(1));
    // keccak256(0x05 || rlp([chain, address, nonce])), written out.
    let preimage = [&[0x05, 0xd7, 0x01, 0x94][..], STRANGER.as_slice(), &[0x04]].concat();
    assert_eq!(decoded.digest, keccak256(preimage));
    let everywhere = decode_authorization(ACCOUNT, 0, Address::ZERO, 4);
    assert_eq!(everywhere.effects.chain, None);
    assert_ne!(everywhere.digest, decoded.digest);
}
