//! A hostile wallet process drives the signer: nothing is signed beyond the rules.

use std::{io::Write, os::unix::net::UnixStream};

use alloy_primitives::{Address, Bytes, U256};
use parlance_signer_protocol::{Payload, RefusalCode, Request, Response, VERSION};
use parlance_tests::{
    signer::{Person, Signer, copy, init, is_signed},
    tx::{ALICE, DEMO, LOCAL, STRANGER, USDC, allowance, unsigned, usdc},
};

fn fresh(clients: usize, person: Person) -> (tempfile::TempDir, Signer) {
    let dir = tempfile::tempdir().expect("tempdir");
    let data = dir.path().join("signer");
    init(&data);
    let signer = Signer::start(&data, clients, person);
    (dir, signer)
}

#[test]
fn a_locked_signer_signs_nothing_and_tells_no_rule_or_contact() {
    let dir = tempfile::tempdir().expect("tempdir");
    let data = dir.path().join("signer");
    init(&data);
    let mut signer = Signer::start_locked(&data, 1, Person::TypesPassword);
    let Response::Refused(refusal) = signer.sign(usdc(0, ALICE, 1)) else { panic!("signed while locked") };
    assert_eq!(refusal.code, RefusalCode::Locked);
    assert!(!refusal.remedy.is_empty());
}

#[test]
fn what_malware_can_click_is_capped_a_day() {
    let (_dir, mut signer) = fresh(1, Person::Clicks);
    let mut cents = 0;
    let mut nonce = 0;
    for _ in 0..60 {
        if is_signed(&signer.sign(usdc(nonce, STRANGER, 5_000))) {
            cents += 5_000;
            nonce += 1;
        }
    }
    assert!(cents > 0, "a click lets something pass");
    assert!(cents <= 50_000, "${} left by clicks alone, the cautious pack says $500 a day", cents / 100);
}

#[test]
fn without_anybody_to_click_only_level_0_passes() {
    let (_dir, mut signer) = fresh(1, Person::Refuses);
    for payload in [
        usdc(0, STRANGER, 1),
        usdc(0, ALICE, 100_000),
        unsigned(LOCAL, 0, STRANGER, U256::from(1), Bytes::new()),
        allowance(0, STRANGER, U256::from(1)),
    ] {
        assert!(!is_signed(&signer.sign(payload.clone())), "{payload:?}");
    }
}

#[test]
fn what_is_not_understood_is_never_signed_by_a_click() {
    let (_dir, mut signer) = fresh(1, Person::Clicks);
    let typed = |primary: &str, contract: Address| {
        format!(
            r#"{{"types":{{"EIP712Domain":[{{"name":"name","type":"string"}},{{"name":"chainId","type":"uint256"}},{{"name":"verifyingContract","type":"address"}}],"{primary}":[{{"name":"owner","type":"address"}},{{"name":"spender","type":"address"}},{{"name":"value","type":"uint256"}},{{"name":"nonce","type":"uint256"}},{{"name":"deadline","type":"uint256"}}]}},"primaryType":"{primary}","domain":{{"name":"USD Coin","chainId":31337,"verifyingContract":"{contract}"}},"message":{{"owner":"{DEMO}","spender":"{STRANGER}","value":"{max}","nonce":"0","deadline":"99999999999"}}}}"#,
            max = U256::MAX
        )
    };
    let hostile = [
        ("an unlimited approval", allowance(0, STRANGER, U256::MAX)),
        ("half of everything", allowance(0, STRANGER, U256::MAX >> 1)),
        ("an unknown selector", unsigned(LOCAL, 0, STRANGER, U256::ZERO, Bytes::from(vec![0xde, 0xad, 0xbe, 0xef]))),
        ("an unknown selector on a known token", unsigned(LOCAL, 0, USDC, U256::ZERO, Bytes::from(vec![1, 2, 3, 4, 5]))),
        ("a transfer with something behind it", {
            let Payload::Transaction { .. } = usdc(0, ALICE, 1) else { unreachable!() };
            use alloy_sol_types::SolCall;
            let mut data = parlance_tests::tx::transferCall { to: ALICE, amount: U256::from(1) }.abi_encode();
            data.extend_from_slice(&[0; 32]);
            unsigned(LOCAL, 0, USDC, U256::ZERO, data.into())
        }),
        ("a transfer of more than any 64-bit number holds", {
            use alloy_sol_types::SolCall;
            unsigned(LOCAL, 0, USDC, U256::ZERO, parlance_tests::tx::transferCall { to: ALICE, amount: U256::MAX }.abi_encode().into())
        }),
        ("an unlimited permit", Payload::TypedData { account: DEMO, json: typed("Permit", USDC) }),
        ("typed data that nobody knows", Payload::TypedData { account: DEMO, json: typed("Surprise", STRANGER) }),
        ("an EIP-7702 authorization", Payload::Authorization { account: DEMO, chain: LOCAL, address: STRANGER, nonce: 0 }),
        ("an EIP-7702 authorization for every chain", Payload::Authorization { account: DEMO, chain: 0, address: STRANGER, nonce: 0 }),
        ("a message that is a hash", Payload::Message { account: DEMO, bytes: vec![7u8; 32].into() }),
        (
            "a message that is a hash in hex",
            Payload::Message { account: DEMO, bytes: format!("0x{}", "ab".repeat(32)).into_bytes().into() },
        ),
    ];
    for (what, payload) in hostile {
        let response = signer.sign(payload);
        let Response::Refused(refusal) = response else { panic!("{what} was signed") };
        assert!(!refusal.reason.is_empty() && !refusal.remedy.is_empty(), "{what}: {refusal:?}");
    }
}

#[test]
fn a_hash_is_refused_even_with_the_password() {
    let (_dir, mut signer) = fresh(1, Person::TypesPassword);
    assert!(!is_signed(&signer.sign(Payload::Message { account: DEMO, bytes: vec![7u8; 32].into() })));
    assert!(is_signed(&signer.sign(Payload::Message { account: DEMO, bytes: b"hello".to_vec().into() })), "words can be signed");
}

#[test]
fn play_money_never_signs_for_a_real_chain() {
    let (_dir, mut signer) = fresh(1, Person::TypesPassword);
    for chain in [1, 10, 137, 8453, 42161, 11_155_111] {
        assert!(!is_signed(&signer.sign(unsigned(chain, 0, ALICE, U256::from(1), Bytes::new()))), "chain {chain}");
    }
}

#[test]
fn nonces_leave_no_gap() {
    let (_dir, mut signer) = fresh(1, Person::Clicks);
    assert!(is_signed(&signer.sign(usdc(3, ALICE, 100))), "the first nonce is the wallet's word");
    assert!(!is_signed(&signer.sign(usdc(5, ALICE, 100))), "a gap");
    assert!(!is_signed(&signer.sign(usdc(u64::MAX, ALICE, 100))), "the last nonce there is");
    assert!(is_signed(&signer.sign(usdc(4, ALICE, 100))), "the next one");
}

#[test]
fn malformed_transactions_are_refused_with_a_reason() {
    let (_dir, mut signer) = fresh(1, Person::TypesPassword);
    let Payload::Transaction { unsigned: good, .. } = usdc(0, ALICE, 100) else { unreachable!() };
    let mut bad: Vec<Vec<u8>> = vec![Vec::new(), vec![0x02], vec![0x03, 0xc0], vec![0x05, 0xc0], vec![0xc0], vec![0xff; 64]];
    for cut in [1, 2, good.len() / 2, good.len() - 1] {
        bad.push(good[..cut].to_vec());
    }
    bad.push([good.as_ref(), &[0]].concat());
    for bytes in bad {
        let response = signer.sign(Payload::Transaction { account: DEMO, unsigned: bytes.clone().into() });
        let Response::Refused(refusal) = response else { panic!("{bytes:02x?} was signed") };
        assert_eq!(refusal.code, RefusalCode::Payload, "{bytes:02x?}: {refusal:?}");
    }
    assert!(!is_signed(&signer.sign(Payload::Transaction { account: STRANGER, unsigned: good })), "another account");
}

#[test]
fn sixteen_threads_do_not_get_more_than_one() {
    let (_dir, mut signer) = fresh(16, Person::Clicks);
    // Alice is paid once by click, so that small payments to her are level 0; then nobody clicks any more.
    assert!(is_signed(&signer.sign(usdc(0, ALICE, 100))));
    signer.becomes(Person::Refuses);
    let threads: Vec<_> = signer
        .take_clients()
        .into_iter()
        .map(|mut client| {
            std::thread::spawn(move || {
                let mut signed = std::collections::BTreeMap::<u64, u64>::new();
                for nonce in 1..12 {
                    let request = Request::Sign { payload: usdc(nonce, ALICE, 1_000), claims: Default::default() };
                    if client.call(request, 60_000).is_ok_and(|r| is_signed(&r)) {
                        signed.insert(nonce, 1_000);
                    }
                }
                signed
            })
        })
        .collect();
    let mut by_nonce = std::collections::BTreeMap::new();
    for thread in threads {
        by_nonce.extend(thread.join().expect("no panic"));
    }
    let cents: u64 = by_nonce.values().sum();
    assert!(cents > 0, "level 0 lets something pass");
    assert!(cents <= 5_000, "{cents} cents passed without asking; the cautious pack says $50 a day");
}

#[test]
fn rules_contacts_and_prices_do_not_change_without_the_owner() {
    let (_dir, mut signer) = fresh(1, Person::Refuses);
    let Response::Rules(before) = signer.ask(Request::Rules {}) else { panic!("rules") };
    let everything = "@id(\"all\") permit(principal, action, resource) when { context.approval >= 0 };";
    for request in [
        Request::ProposeRules { source: everything.into(), quote: None },
        Request::ProposePack { name: "everyday".into() },
        Request::ProposeContact { name: "Mallory".into(), address: STRANGER, quote: None },
        Request::ProposeContactRemoval { name: "Alice".into() },
        Request::ProposePrice { chain: LOCAL, token: None, micro_usd: 1 },
        Request::AcknowledgeRollback {},
    ] {
        let response = signer.ask(request.clone());
        assert!(matches!(response, Response::Refused(_)), "{request:?} gave {response:?}");
    }
    let Response::Rules(after) = signer.ask(Request::Rules {}) else { panic!("rules") };
    assert_eq!(before, after);
    let Response::Contacts { contacts } = signer.ask(Request::Contacts {}) else { panic!("contacts") };
    assert!(contacts.iter().any(|c| c.name == "Alice") && contacts.iter().all(|c| c.name != "Mallory"));
}

#[test]
fn an_older_or_missing_ledger_does_not_mean_that_nothing_was_spent() {
    for missing in [false, true] {
        let dir = tempfile::tempdir().expect("tempdir");
        let data = dir.path().join("signer");
        init(&data);
        let old = dir.path().join("old");
        copy(&data, &old);
        spend(Signer::start(&data, 1, Person::Clicks));
        // The ledger of yesterday, or none at all, under the seal of today.
        for file in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
            let (from, to) = (old.join(file), data.join(file));
            if from.exists() && !missing {
                std::fs::copy(from, to).expect("restored");
            } else if to.exists() {
                std::fs::remove_file(to).expect("removed");
            }
        }
        let mut signer = Signer::start_locked(&data, 1, Person::Clicks);
        let unlocked = matches!(signer.ask(Request::Unlock {}), Response::Done { .. });
        assert!(!is_signed(&signer.sign(usdc(9, STRANGER, 5_000))), "a click is not enough after a rollback (missing: {missing})");
        assert!(!unlocked || signer.status().rollback.is_some(), "the rollback is told (missing: {missing})");
    }
}

#[test]
fn with_a_keyring_restoring_the_whole_folder_is_noticed() {
    let dir = tempfile::tempdir().expect("tempdir");
    let data = dir.path().join("signer");
    init(&data);
    let old = dir.path().join("old");
    copy(&data, &old);
    let generation = std::sync::Arc::default();
    spend(Signer::start_with_keyring(&data, Person::Clicks, &generation));
    std::fs::remove_dir_all(&data).expect("removed");
    copy(&old, &data);
    let mut signer = Signer::start_with_keyring(&data, Person::Clicks, &generation);
    assert!(signer.status().rollback.is_some(), "the rollback is told");
    assert!(!is_signed(&signer.sign(usdc(0, STRANGER, 5_000))), "a click is not enough after a rollback");
    signer.becomes(Person::TypesPassword);
    assert!(is_signed(&signer.sign(usdc(0, STRANGER, 5_000))), "the password is");
    assert!(matches!(signer.ask(Request::AcknowledgeRollback {}), Response::Done { .. }));
    assert!(signer.status().rollback.is_none(), "the owner has acknowledged it");
}

/// $450 of the $500 that clicks may spend in a day.
fn spend(mut signer: Signer) {
    for nonce in 0..9 {
        assert!(is_signed(&signer.sign(usdc(nonce, STRANGER, 5_000))), "within $500 a day");
    }
    signer.stop();
}

#[test]
fn garbage_on_the_wire_is_survived_or_ends_that_connection_only() {
    let frame = |version: u16, body: &[u8]| {
        let mut bytes = u32::try_from(body.len() + 2).expect("short").to_le_bytes().to_vec();
        bytes.extend_from_slice(&version.to_le_bytes());
        bytes.extend_from_slice(body);
        bytes
    };
    let hostile: Vec<Vec<u8>> = vec![
        frame(VERSION, b"not json"),
        frame(VERSION, br#"{"id":1}"#),
        frame(VERSION, br#"{"id":1,"deadline_ms":1000,"request":{"ask":"drain"}}"#),
        frame(VERSION, br#"{"id":1,"deadline_ms":1000,"request":{"ask":"status","extra":1}}"#),
        frame(VERSION, format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)).as_bytes()),
        frame(9, b"{}"),
        vec![0xff; 8],
        vec![0, 0, 0, 0],
        vec![1, 0, 0, 0, 7],
    ];
    let dir = tempfile::tempdir().expect("tempdir");
    let data = dir.path().join("signer");
    init(&data);
    let (mut signer, mut raw) = Signer::start_with_raw(&data, hostile.len(), Person::Clicks);
    for (bytes, socket) in hostile.iter().zip(&mut raw) {
        let socket: &mut UnixStream = socket;
        // The signer may have hung up on the garbage already.
        let _ = socket.write_all(bytes);
        let _ = socket.shutdown(std::net::Shutdown::Write);
    }
    assert!(matches!(signer.ask(Request::Unlock {}), Response::Done { .. }));
    assert!(is_signed(&signer.sign(usdc(0, ALICE, 100))), "honest clients are served all the same");
}
