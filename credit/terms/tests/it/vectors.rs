//! Digests by ethers: `credit/contracts/vectors/attestations.json`.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolStruct;
use parlance_credit::{Application, Attestation, Offer, domain};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../contracts/vectors/attestations.json")).expect("JSON")
}

fn number(value: &Value) -> u64 {
    value.as_str().expect("decimal text").parse().expect("a number")
}

fn field<T: std::str::FromStr>(value: &Value) -> T
where
    T::Err: std::fmt::Debug,
{
    value.as_str().expect("text").parse().expect("well-formed")
}

#[test]
fn attestations_hash_as_ethers_hashes_them() {
    let file = vectors();
    let all = file["vectors"].as_array().expect("a list");
    assert!(all.len() >= 3);
    assert_eq!(file["encodeType"], Attestation::eip712_encode_type().as_ref());
    for vector in all {
        let m = &vector["message"];
        let attestation = Attestation {
            id: field(&m["id"]),
            statement: field(&m["statement"]),
            borrower: field(&m["borrower"]),
            limit: field::<U256>(&m["limit"]),
            rate: field::<U256>(&m["rate"]),
            cycle: number(&m["cycle"]).try_into().expect("32 bits"),
            scope: field(&m["scope"]),
            nullifier: field(&m["nullifier"]),
            notaries: field(&m["notaries"]),
            template: field(&m["template"]),
            observedAt: number(&m["observedAt"]),
            issuedAt: number(&m["issuedAt"]),
            expiry: number(&m["expiry"]),
            epoch: number(&m["epoch"]).try_into().expect("32 bits"),
        };
        let at = &vector["domain"];
        assert_eq!(attestation.digest(number(&at["chainId"]), field(&at["verifyingContract"])), field::<B256>(&vector["digest"]));
        let ids: Vec<B256> = vector["notaries"].as_array().expect("a list").iter().map(field).collect();
        assert_eq!(Attestation::notaries(&ids), attestation.notaries);
    }
}

#[test]
fn another_pool_or_chain_is_another_digest() {
    let offer = Offer {
        nonce: B256::repeat_byte(1),
        borrower: [2; 20].into(),
        lender: "Maple".into(),
        template: B256::repeat_byte(3),
        atLeast: U256::from(1_000_000),
        currency: "USD".into(),
        scope: [4; 8].into(),
        limit: U256::from(2_000_000_000),
        rate: U256::from(1200),
        cycle: 2_592_000,
        expiry: 1_800_000_000,
        terms: "Repay what you draw.".into(),
    };
    let application = Application { offer: offer.clone(), proof: B256::repeat_byte(5) };
    let digests = [
        offer.digest(1, [6; 20].into()),
        offer.digest(2, [6; 20].into()),
        offer.digest(1, [7; 20].into()),
        Offer { terms: "Repay.".into(), ..offer.clone() }.digest(1, [6; 20].into()),
        application.digest(1, [6; 20].into()),
        Application { proof: B256::ZERO, ..application.clone() }.digest(1, [6; 20].into()),
    ];
    for (i, one) in digests.iter().enumerate() {
        assert!(digests.iter().skip(i + 1).all(|other| other != one), "{i}");
    }
    assert!(Application::eip712_encode_type().starts_with("Application(Offer offer,bytes32 proof)Offer(bytes32 nonce,"));
    assert_eq!(domain(1, [6; 20].into()).name.as_deref(), Some("Parlance Credit"));
}
