use parlance_grounding::{Hex, Kind};
use proptest::prelude::*;

use crate::{read, values};

/// EIP-55's own vectors.
const EIP55: [&str; 8] = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
];

#[test]
fn the_standards_addresses_are_good() {
    for address in EIP55 {
        assert!(matches!(Hex::of(address), Hex::Checksummed | Hex::OneCase), "{address}");
        let grounding = read(&format!("send 1 usdc to {address}."));
        assert_eq!(values(&grounding, Kind::Address), [address]);
        assert!(grounding.findings.bad_checksums.is_empty());
    }
}

#[test]
fn what_is_not_an_address_says_why() {
    let cases = [
        ("0x52908400098527886E0F7030069857D2E4169EE", Hex::Length),
        ("0x52908400098527886E0F7030069857D2E4169EE77", Hex::Length),
        ("0x5290840OO98527886E0F7030069857D2E4169EE7", Hex::NotHex),
        ("0x52908400098527886g0F7030069857D2E4169EE7", Hex::NotHex),
        ("0x5290…9EE7", Hex::Shortened),
        ("0x5290...9EE7", Hex::Shortened),
        ("0x1", Hex::Length),
    ];
    for (text, expected) in cases {
        assert_eq!(Hex::of(text), expected, "{text}");
        let grounding = read(&format!("send 1 usdc to {text} please"));
        assert_eq!(values(&grounding, Kind::Malformed), [text]);
        assert!(values(&grounding, Kind::Address).is_empty(), "{text}");
    }
}

#[test]
fn a_hash_is_no_address() {
    let hash = format!("0x{}", "ab".repeat(32));
    let grounding = read(&format!("where is {hash}?"));
    assert_eq!(values(&grounding, Kind::Hash), [hash]);
}

proptest! {
    #[test]
    fn one_flipped_letter_breaks_the_checksum(bytes in prop::array::uniform20(any::<u8>()), pick in any::<prop::sample::Index>()) {
        let address = alloy_primitives::Address::from(bytes).to_checksum(None);
        prop_assert!(matches!(Hex::of(&address), Hex::Checksummed | Hex::OneCase));
        let letters: Vec<usize> = address.char_indices().skip(2).filter(|(_, c)| c.is_ascii_alphabetic()).map(|(i, _)| i).collect();
        prop_assume!(letters.len() > 4);
        let at = letters[pick.index(letters.len())];
        let mut flipped: Vec<char> = address.chars().collect();
        flipped[at] = if flipped[at].is_ascii_uppercase() { flipped[at].to_ascii_lowercase() } else { flipped[at].to_ascii_uppercase() };
        let flipped: String = flipped.into_iter().collect();
        prop_assert!(matches!(Hex::of(&flipped), Hex::BadChecksum | Hex::OneCase), "{}", flipped);
        prop_assert!(matches!(Hex::of(&address.to_lowercase()), Hex::OneCase));
    }

    #[test]
    fn addresses_are_kept_as_typed(bytes in prop::array::uniform20(any::<u8>())) {
        let address = alloy_primitives::Address::from(bytes).to_checksum(None);
        let grounding = read(&format!("swap 5 usdc to {address}, thanks"));
        prop_assert_eq!(values(&grounding, Kind::Address), vec![address]);
    }
}
