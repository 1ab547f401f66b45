//! A lender, its offer, a proof for it and its attestation, all of one piece: tests change one thing and see it refused.

use alloy_primitives::{Address, B256, Bytes, FixedBytes, U256, address};
use parlance_credit::{
    Attestation, Offer,
    api::{Attested, Check, Lender, NotaryInfo, PoolInfo, TemplateInfo, Tier, Verdict},
};
use proptest::prelude::*;

use super::{Asked, bank, check_attested, check_offer, check_verdict};
use crate::{WalletError, store::ProofRecord};

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 86_400;
const BORROWER: Address = address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");

pub(crate) fn maple() -> Lender {
    let demo = bank("demo").expect("the demo bank");
    let tier = |at_least: u64, limit: u64, rate| Tier {
        at_least: at_least * 100,
        currency: "USD".into(),
        limit: U256::from(limit * 1_000_000),
        rate,
        cycle: 30 * 86_400,
    };
    Lender {
        name: "Maple".into(),
        pool: PoolInfo {
            chain: 31337,
            address: Address::repeat_byte(0x11),
            registry: Address::repeat_byte(0x12),
            asset: Address::repeat_byte(0x13),
            symbol: "USDC".into(),
            decimals: 6,
        },
        scope: FixedBytes(*b"maple/01"),
        notaries: vec![NotaryInfo {
            address: "ws://127.0.0.1:1/".into(),
            operator: "Maple".into(),
            key: B256::repeat_byte(0x21),
            from: 0,
            until: u64::MAX,
        }],
        templates: vec![TemplateInfo {
            id: "demo".into(),
            name: "Demo bank".into(),
            domain: demo.template.domain.clone(),
            digest: demo.digest,
        }],
        tiers: vec![tier(5_000, 500, 1500), tier(10_000, 1_500, 1200)],
        max_age: 3600,
        demo: true,
    }
}

pub(crate) fn offer() -> Offer {
    Offer {
        nonce: B256::repeat_byte(0x31),
        borrower: BORROWER,
        lender: "Maple".into(),
        template: maple().templates[0].digest,
        atLeast: U256::from(1_000_000),
        currency: "USD".into(),
        scope: maple().scope,
        limit: U256::from(1_500_000_000),
        rate: U256::from(1200),
        cycle: 30 * 86_400,
        expiry: NOW + DAY,
        terms: "Repay what you draw.\nInterest is simple.".into(),
    }
}

fn asked() -> Asked {
    Asked { borrower: BORROWER, template: maple().templates[0].digest, currency: "USD".into(), at_least: 1_000_000 }
}

pub(crate) fn proof() -> ProofRecord {
    ProofRecord {
        id: 1,
        digest: B256::repeat_byte(0x41),
        lender: "Maple".into(),
        chain: 31337,
        pool: Address::repeat_byte(0x11),
        bank: "demo".into(),
        offer: offer(),
        nullifier: B256::repeat_byte(0x42),
        notaries: Attestation::notaries(&[B256::repeat_byte(0x22)]),
        observed_at: NOW - 60,
        made_at: NOW - 30,
        verdict: None,
        signature: None,
        attested: None,
    }
}

fn verdict() -> Verdict {
    Verdict {
        proof: proof().digest,
        accepted: true,
        statement: Some("A balance of at least 10000.00 USD.".into()),
        visible: vec!["The bank's name.".into()],
        checks: vec![Check { name: "proof".into(), passed: true, sentence: "It verifies.".into() }],
        reasons: vec![],
        offer: offer(),
        expires: NOW + DAY,
    }
}

fn attested() -> Attested {
    Attested {
        attestation: Attestation {
            id: B256::repeat_byte(0x51),
            statement: B256::repeat_byte(0x52),
            borrower: BORROWER,
            limit: offer().limit,
            rate: offer().rate,
            cycle: offer().cycle,
            scope: offer().scope,
            nullifier: proof().nullifier,
            notaries: proof().notaries,
            template: offer().template,
            observedAt: NOW - 60,
            issuedAt: NOW,
            expiry: NOW + 90 * DAY,
            epoch: 1,
        },
        notaries: vec![B256::repeat_byte(0x22)],
        signatures: vec![Bytes::from(vec![7; 65])],
    }
}

fn refused<T>(result: Result<T, WalletError>) -> bool {
    result.is_err_and(|e| e.code() == "lender_answer")
}

/// Something else in one field; which, is the number.
fn otherwise(mut offer: Offer, field: usize, by: u64) -> Offer {
    let by = by.max(1);
    let mut bytes = [0; 32];
    bytes[24..].copy_from_slice(&by.to_be_bytes());
    let (word, amount) = (B256::from(bytes), U256::from(by));
    match field {
        0 => offer.borrower = Address::from_word(Address::repeat_byte(1).into_word() ^ word),
        1 => offer.lender.push(char::from(b'a' + (by % 26) as u8)),
        2 => offer.template ^= word,
        3 => offer.atLeast += amount,
        4 => offer.currency = ["EUR", "usd", "USDC", "", "US"][(by % 5) as usize].into(),
        5 => offer.scope = FixedBytes((u64::from_be_bytes(offer.scope.0) ^ by).to_be_bytes()),
        6 => offer.limit += amount,
        7 => offer.rate += amount,
        8 => offer.cycle = offer.cycle.wrapping_add((by as u32).max(1)),
        9 => offer.expiry = if by.is_multiple_of(2) { NOW.saturating_sub(by) } else { NOW.saturating_add(400 * DAY).saturating_add(by) },
        10 => offer.nonce = if by.is_multiple_of(2) { B256::ZERO } else { offer.nonce ^ word },
        _ => offer.terms = format!("{}\u{202e}", offer.terms),
    }
    offer
}

#[test]
fn what_was_asked_for_is_taken() {
    assert!(check_offer(&offer(), &asked(), &maple(), NOW).is_ok());
    assert!(check_verdict(verdict(), &proof()).is_ok());
    assert!(check_attested(&attested(), &proof(), NOW).is_ok());
    let none = Offer { limit: U256::ZERO, rate: U256::ZERO, cycle: 0, ..offer() };
    assert!(check_offer(&none, &asked(), &maple(), NOW).is_ok(), "a verdict without a line");
}

proptest! {
    #[test]
    fn an_offer_that_differs_in_any_field_is_refused(field in 0usize..12, by: u64) {
        let other = otherwise(offer(), field, by);
        // Another nonce is another offer, as good as this one; none at all is not.
        if field != 10 || other.nonce.is_zero() {
            prop_assert!(refused(check_offer(&other, &asked(), &maple(), NOW)), "{field}");
        }
        // What comes back after the proof has to be the very offer.
        prop_assert!(refused(check_verdict(Verdict { offer: other, ..verdict() }, &proof())), "{field}");
    }

    #[test]
    fn an_attestation_that_differs_in_any_field_is_refused(field in 0usize..12, by: u64) {
        let by = by.max(1);
        let mut other = attested();
        let mut bytes = [0; 32];
        bytes[24..].copy_from_slice(&by.to_be_bytes());
        let (word, amount) = (B256::from(bytes), U256::from(by));
        let a = &mut other.attestation;
        match field {
            0 => a.borrower = Address::from_word(a.borrower.into_word() ^ word),
            1 => a.limit -= amount.min(a.limit),
            2 => a.rate += amount,
            3 => a.cycle = a.cycle.wrapping_add((by as u32).max(1)),
            4 => a.scope = FixedBytes((u64::from_be_bytes(a.scope.0) ^ by).to_be_bytes()),
            5 => a.nullifier ^= word,
            6 => a.notaries ^= word,
            7 => a.template ^= word,
            8 => a.observedAt = a.observedAt.wrapping_add(601).wrapping_add(by % (u64::MAX / 2)),
            9 => a.expiry = NOW.saturating_sub(by),
            10 => other.notaries.push(word),
            _ => other.signatures[0] = Bytes::from(vec![7; 66 + (by % 9) as usize]),
        }
        prop_assert!(refused(check_attested(&other, &proof(), NOW)), "{field}");
    }
}

#[test]
fn a_dearer_or_larger_offer_than_the_list_says_is_refused() {
    let less = Asked { at_least: 500_000, ..asked() };
    let offer = Offer { atLeast: U256::from(500_000), ..offer() };
    assert!(refused(check_offer(&offer, &less, &maple(), NOW)), "the higher tier's limit for the lower tier's balance");
    let fitting = Offer { limit: U256::from(500_000_000), rate: U256::from(1500), ..offer.clone() };
    assert!(check_offer(&fitting, &less, &maple(), NOW).is_ok());
    let nothing = Asked { at_least: 100, ..asked() };
    let offer = Offer { atLeast: U256::from(100), ..offer };
    assert!(refused(check_offer(&offer, &nothing, &maple(), NOW)), "a line for a balance below all tiers");
}

#[test]
fn words_of_a_verdict_are_cleaned_and_bounded() {
    let nasty = Verdict {
        statement: Some(format!("{}\u{202e}\n", "x".repeat(10_000))),
        reasons: vec!["a\u{0}b".into()],
        checks: vec![Check { name: "n".repeat(500), passed: false, sentence: "s\u{200b}".into() }],
        ..verdict()
    };
    let clean = check_verdict(nasty, &proof()).expect("about this proof");
    assert!(clean.statement.is_some_and(|s| s.chars().count() <= 400 && !s.contains(['\u{202e}', '\n'])));
    assert_eq!(clean.reasons, ["ab"]);
    assert!(clean.checks[0].name.chars().count() <= 40 && clean.checks[0].sentence == "s");
    assert!(refused(check_verdict(Verdict { reasons: vec![String::new(); 65], ..verdict() }, &proof())));
    assert!(refused(check_verdict(Verdict { proof: B256::ZERO, ..verdict() }, &proof())));
}

#[test]
fn the_amount_to_borrow_is_exact() {
    let token = crate::tokens::TokenBook::builtin().resolve(1, "USDC").expect("USDC");
    let read = |text: &str| super::borrowed(text, &token, U256::from(9)).ok();
    assert_eq!(read("500"), Some(U256::from(500_000_000)));
    assert_eq!(read("$0.5"), Some(U256::from(500_000)));
    assert_eq!(read("max"), Some(U256::from(9)));
    for text in ["0", "-1", "50%", "", "1.0000001", "$"] {
        assert_eq!(read(text), None, "{text}");
    }
    let weth = crate::tokens::TokenBook::builtin().resolve(1, "WETH").expect("WETH");
    assert!(super::borrowed("$5", &weth, U256::from(9)).is_err());
}

#[test]
fn a_tier_is_said_as_an_intent_takes_it() {
    let mut info = maple();
    assert_eq!(super::tier_at_least(&info.tiers[1].clone(), &info), "10000");
    info.tiers[0].currency = "EUR".into();
    assert_eq!(super::tier_at_least(&info.tiers[1].clone(), &info), "10000 USD");
}
