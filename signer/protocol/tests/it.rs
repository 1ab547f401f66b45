//! Frames from anywhere, and values that must arrive as they were sent.

use std::io::Cursor;

use alloy_primitives::{Address, B256, U256, address};
use parlance_effects::{Effects, FeeCeiling, Subject};
use parlance_signer_protocol::approver::{Approval, Ask, Prompt};
use parlance_signer_protocol::{
    Claims, Decided, Envelope, MAX_FRAME, Outcome, Payload, ProtocolError, Reply, Request, Response, Signed, VERSION, read_frame,
    write_frame,
};
use proptest::prelude::*;

const ALICE: Address = address!("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");

fn decided() -> Decided {
    let subject = Subject::Transaction {
        tx_type: 2,
        nonce: u64::MAX,
        to: Some(ALICE),
        value: U256::MAX,
        selector: Some([1, 2, 3, 4]),
        data_len: 68,
        digest: B256::repeat_byte(7),
    };
    let fee =
        FeeCeiling { execution: U256::MAX, gas_limit: u64::MAX, max_fee_per_gas: u128::MAX, data_bytes: 100, data_fee_unbounded: true };
    let effects = Effects {
        subject,
        chain: Some(1),
        account: ALICE,
        items: vec![parlance_effects::Effect::Nothing],
        fee: Some(fee),
        warnings: Vec::new(),
    };
    Decided { effects, sentences: vec!["Nothing".into()], outcome: Outcome::Click, rules: Vec::new(), why: Vec::new(), usd: Some(1) }
}

#[test]
fn decisions_arrive_as_they_were_sent() {
    let signed = Signed { bytes: vec![1].into(), hash: B256::ZERO, decision: decided(), audit: 3 };
    for response in [Response::Decided(decided()), Response::Signed(signed)] {
        let mut pipe = Vec::new();
        write_frame(&mut pipe, &Reply { id: 9, response: response.clone() }).unwrap();
        let back: Reply = read_frame(&mut Cursor::new(pipe)).unwrap();
        assert_eq!(format!("{:?}", back.response), format!("{response:?}"));
    }
    let approval = Approval {
        decision: decided(),
        level: Outcome::Password,
        addresses: Vec::new(),
        warnings: Vec::new(),
        quote: None,
        claims: Vec::new(),
        origin: "wallet".into(),
        play_money: false,
    };
    let ask = Ask { id: B256::ZERO, seconds: 120, prompt: Prompt::Approve(approval) };
    let mut pipe = Vec::new();
    write_frame(&mut pipe, &ask).unwrap();
    let back: Ask = read_frame(&mut Cursor::new(pipe)).unwrap();
    assert_eq!(format!("{back:?}"), format!("{ask:?}"));
}

#[test]
fn requests_have_no_room_for_more_than_they_say() {
    for text in [
        r#"{"id":1,"deadline_ms":1,"request":{"ask":"status","level":0}}"#,
        r#"{"id":1,"deadline_ms":1,"request":{"ask":"status"},"approved":true}"#,
        r#"{"id":1,"deadline_ms":1,"request":{"ask":"sign","payload":{"payload":"hash","digest":"0x00"}}}"#,
        r#"{"id":1,"deadline_ms":1,"request":{"ask":"enact_rules","source":""}}"#,
    ] {
        assert!(serde_json::from_str::<Envelope>(text).is_err(), "{text}");
    }
}

#[test]
fn lengths_and_versions_are_checked_first() {
    let long = u32::try_from(MAX_FRAME + 1).unwrap().to_le_bytes();
    assert!(matches!(read_frame::<Reply>(&mut &long[..]), Err(ProtocolError::TooLong { .. })));
    let mut other = 3u32.to_le_bytes().to_vec();
    other.extend_from_slice(&(VERSION + 1).to_le_bytes());
    other.push(b'1');
    assert!(matches!(read_frame::<u8>(&mut &other[..]), Err(ProtocolError::Version { .. })));
    assert!(matches!(read_frame::<u8>(&mut &[][..]), Err(ProtocolError::Closed)));
    assert!(matches!(read_frame::<u8>(&mut &[1, 0, 0, 0, 9][..]), Err(ProtocolError::Malformed(_))));
    let huge = "x".repeat(MAX_FRAME);
    let mut pipe = Vec::new();
    assert!(matches!(write_frame(&mut pipe, &huge), Err(ProtocolError::TooLong { .. })));
    assert!(pipe.is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _read = read_frame::<Envelope>(&mut Cursor::new(&bytes));
        let mut framed = u32::try_from(bytes.len() + 2).unwrap().to_le_bytes().to_vec();
        framed.extend_from_slice(&VERSION.to_le_bytes());
        framed.extend_from_slice(&bytes);
        let refused = read_frame::<Envelope>(&mut Cursor::new(framed)).is_err();
        prop_assert!(refused);
    }

    #[test]
    fn requests_arrive_as_they_were_sent(id: u64, deadline_ms: u64, quote in ".{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let claims = Claims { quote: Some(quote), ..Claims::default() };
        let payload = Payload::Transaction { account: ALICE, unsigned: bytes.into() };
        let envelope = Envelope { id, deadline_ms, request: Request::Sign { payload, claims } };
        let mut pipe = Vec::new();
        write_frame(&mut pipe, &envelope).unwrap();
        let back: Envelope = read_frame(&mut Cursor::new(pipe)).unwrap();
        prop_assert_eq!(format!("{:?}", back), format!("{:?}", envelope));
    }
}
