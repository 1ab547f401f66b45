//! What is signed, what is asked, what is refused.

use alloy_consensus::TxEnvelope;
use alloy_consensus::transaction::SignerRecoverable;
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, Bytes, U256, address};
use parlance_signer_core::origins::{Capability, Kind};
use parlance_signer_protocol::approver::{Prompt, Verdict};
use parlance_signer_protocol::{Claims, Outcome, Payload, RefusalCode, Request, Response};

use super::world::*;

fn ether(n: u64) -> U256 {
    U256::from(n) * U256::from(10).pow(U256::from(18))
}

#[test]
fn a_click_signs_and_the_signature_is_the_accounts() {
    let world = World::new(agreeable);
    let payload = pay(0, ALICE, 5000);
    let decided = world.decide(payload.clone());
    assert_eq!(decided.outcome, Outcome::Click, "{decided:?}");
    assert!(decided.sentences[0].contains("50 USDC") && decided.sentences[0].contains("Alice"), "{decided:?}");
    let signed = world.sign(payload).unwrap();
    let envelope = TxEnvelope::decode_2718(&mut signed.bytes.as_ref()).unwrap();
    assert_eq!(envelope.recover_signer().unwrap(), DEMO);
    assert_eq!(*envelope.tx_hash(), signed.hash);
    let asked = world.asked.lock().unwrap();
    let Some(Prompt::Approve(approval)) = asked.last() else { panic!("{asked:?}") };
    assert!(approval.addresses.iter().any(|a| a.address == ALICE.to_checksum(None) && a.known_as == "Alice"));
    assert!(approval.play_money);
    assert_eq!(approval.level, Outcome::Click);
}

#[test]
fn level_0_asks_nobody_and_limits_hold() {
    let world = World::new(stubborn);
    let mut world = world;
    world.person(agreeable);
    world.rules(&daily(20));
    world.person(stubborn);
    for nonce in 0..9 {
        // Fees count too, so the tenth pair of dollars does not fit.
        world.sign(pay(nonce, STRANGER, 200)).unwrap();
    }
    assert!(world.asked.lock().unwrap().is_empty());
    let refused = world.sign(pay(9, STRANGER, 200)).unwrap_err();
    assert_eq!(refused.code, RefusalCode::Rejected, "{refused:?}");
    world.clock.pass(86_400);
    world.unlock();
    world.sign(pay(9, STRANGER, 200)).unwrap();
}

#[test]
fn a_replacement_counts_the_maximum_of_both() {
    let mut world = World::new(agreeable);
    world.rules(&daily(20));
    world.person(stubborn);
    world.sign(pay(0, ALICE, 1500)).unwrap();
    // Faster, dearer, elsewhere: still one of them lands.
    world.sign(pay(0, ALICE, 1500)).unwrap();
    world.sign(pay(0, BOB, 1600)).unwrap();
    world.sign(pay(0, STRANGER, 100)).unwrap();
    // 16 dollars are taken.
    assert_eq!(world.level(pay(1, STRANGER, 300)), Outcome::Allow);
    assert_ne!(world.level(pay(1, STRANGER, 401)), Outcome::Allow);
    // Replacing by more counts the difference only.
    assert_eq!(world.level(pay(0, BOB, 1999)), Outcome::Allow);
    assert_ne!(world.level(pay(0, BOB, 2000)), Outcome::Allow);
}

#[test]
fn nonces_leave_no_gap() {
    let mut world = World::new(agreeable);
    world.rules(&daily(100));
    world.person(stubborn);
    world.sign(pay(7, ALICE, 100)).unwrap();
    for nonce in [9, 100, u64::MAX, 6, 0] {
        let refused = world.sign(pay(nonce, ALICE, 100)).unwrap_err();
        assert_eq!(refused.code, RefusalCode::Outstanding, "{nonce}: {refused:?}");
        assert!(refused.decision.is_some());
    }
    world.sign(pay(8, ALICE, 100)).unwrap();
    world.sign(pay(7, ALICE, 100)).unwrap();
    world.person(agreeable);
    world.done(Request::ProposeNonce { account: DEMO, chain: LOCAL, next: 20 });
    world.person(stubborn);
    assert_eq!(world.sign(pay(9, ALICE, 100)).unwrap_err().code, RefusalCode::Outstanding);
    world.sign(pay(20, ALICE, 100)).unwrap();
}

#[test]
fn approvals_reserve_pulls_consume_and_revoking_refunds_nothing() {
    let mut world = World::new(agreeable);
    world.rules(&daily(100));
    world.person(stubborn);
    world.sign(approve(0, ROUTER, cents(6000))).unwrap();
    assert_ne!(world.level(pay(1, ALICE, 4001)), Outcome::Allow, "60 of 100 dollars are reserved");
    // A swap whose least output is nothing loses all of it, and all of it was reserved. It names no least output, so the
    // engine's floor asks; what counts is what is left afterwards.
    world.person(agreeable);
    world.sign(swap(1, 4000, 1, DEMO)).unwrap();
    world.person(stubborn);
    assert_eq!(world.level(pay(2, ALICE, 3990)), Outcome::Allow, "the swap consumed its reservation");
    // The rest of the reservation is 20 dollars: a swap of 50 counts 30 of its own.
    world.person(agreeable);
    world.sign(swap(2, 5000, 1, DEMO)).unwrap();
    world.person(stubborn);
    assert_ne!(world.level(pay(3, ALICE, 1100)), Outcome::Allow);
    assert_eq!(world.level(pay(3, ALICE, 900)), Outcome::Allow);
    world.person(agreeable);
    world.sign(approve(3, ROUTER, U256::ZERO)).unwrap();
    world.person(stubborn);
    assert_ne!(world.level(pay(4, ALICE, 1100)), Outcome::Allow, "revoking gave something back");
}

#[test]
fn a_replaced_approval_does_not_make_a_later_swap_free() {
    let mut world = World::new(agreeable);
    world.rules(&daily(100));
    world.sign(approve(0, ROUTER, cents(4000))).unwrap();
    world.sign(swap(1, 4000, 1, DEMO)).unwrap();
    // The approval is replaced by a payment of 40: with an older allowance on the chain, both could happen.
    world.person(stubborn);
    world.sign(pay(0, ALICE, 4000)).unwrap();
    assert_eq!(world.level(pay(2, ALICE, 1900)), Outcome::Allow);
    assert_ne!(world.level(pay(2, ALICE, 2100)), Outcome::Allow, "80 of 100 dollars are spent");
}

#[test]
fn a_swap_for_somebody_else_counts_in_full() {
    let mut world = World::new(agreeable);
    world.rules(&daily(100));
    // 40 dollars for at least 0.0199 ether at 2000 dollars: 20 cents are lost at most.
    let fair = 19_900_000_000_000_000;
    let own = world.decide(swap(0, 4000, fair, DEMO));
    assert!(own.usd.unwrap() < 300_000, "{own:?}");
    let foreign = world.decide(swap(0, 4000, fair, STRANGER));
    assert!(foreign.usd.unwrap() >= 40_000_000, "{foreign:?}");
    world.person(stubborn);
    world.sign(swap(0, 4000, fair, DEMO)).unwrap();
    assert_eq!(world.level(pay(1, ALICE, 9900)), Outcome::Allow);
}

#[test]
fn claims_make_dearer_and_never_cheaper() {
    let world = World::new(agreeable);
    let payload = tx(0, ALICE, ether(1), Bytes::new());
    let usd = |price: Option<u64>| {
        let prices = price.map(|p| ("ETH".to_owned(), p)).into_iter().collect();
        let claims = Claims { prices, ..Claims::default() };
        match world.ask(Request::Decide { payload: payload.clone(), claims }) {
            Response::Decided(d) => d.usd.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    let book = usd(None);
    assert!((2_000_000_000..2_001_000_000).contains(&book), "{book}");
    assert_eq!(usd(Some(1)), book);
    assert!(usd(Some(3_000_000_000)) > 2_999_000_000);
    // A dear claim for what comes back would make a swap look harmless.
    let swap_usd = |price: u64| {
        let prices = [("WETH".to_owned(), price)].into_iter().collect();
        let claims = Claims { prices, ..Claims::default() };
        match world.ask(Request::Decide { payload: swap(0, 4000, 1_000_000_000_000_000, DEMO), claims }) {
            Response::Decided(d) => d.usd.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(swap_usd(2_000_000_000), swap_usd(u64::MAX / 4));
}

#[test]
fn signatures_of_level_0_live_for_minutes() {
    let mut world = World::new(agreeable);
    world.rules(&daily(20));
    world.person(stubborn);
    assert_eq!(world.level(x402(STRANGER, 1, T0 + 300, 1)), Outcome::Allow);
    assert_eq!(world.level(x402(STRANGER, 1, T0 + 3600, 2)), Outcome::Click);
    let signed = world.sign(x402(STRANGER, 1, T0 + 300, 1)).unwrap();
    assert_eq!(signed.bytes.len(), 65);
    // The same again is the same signature, and counts once.
    assert_eq!(world.sign(x402(STRANGER, 1, T0 + 300, 1)).unwrap().bytes, signed.bytes);
}

#[test]
fn play_money_signs_for_the_local_chain_only() {
    let world = World::new(agreeable);
    for chain in [1, 8453, 1337] {
        let refused = world.sign(tx_on(chain, 0, ALICE, U256::from(1), Bytes::new(), 5)).unwrap_err();
        assert_eq!(refused.code, RefusalCode::Rules, "{refused:?}");
    }
}

#[test]
fn hashes_unknown_accounts_and_broken_bytes_are_refused() {
    let world = World::new(agreeable);
    let hash = Payload::Message { account: DEMO, bytes: Bytes::from(vec![7u8; 32]) };
    assert_eq!(world.sign(hash).unwrap_err().code, RefusalCode::Rules);
    let text = Payload::Message { account: DEMO, bytes: Bytes::from_static(b"I agree") };
    assert_eq!(world.sign(text).unwrap().bytes.len(), 65);
    let Payload::Transaction { unsigned, .. } = pay(0, ALICE, 1) else { unreachable!() };
    let other = Payload::Transaction { account: STRANGER, unsigned: unsigned.clone() };
    assert_eq!(world.sign(other).unwrap_err().code, RefusalCode::Account);
    let mut longer = unsigned.to_vec();
    longer.push(0);
    let broken = Payload::Transaction { account: DEMO, unsigned: longer.into() };
    assert_eq!(world.sign(broken).unwrap_err().code, RefusalCode::Payload);
}

#[test]
fn level_2_takes_the_right_password() {
    let mut wrong = 1;
    let mut world = World::new(agreeable);
    world.person(move |prompt| match prompt {
        Prompt::Approve(a) if wrong > 0 => {
            assert_eq!(a.level, Outcome::Password);
            wrong -= 1;
            Verdict::Approved { password: Some("pray".into()) }
        }
        other => agreeable(other),
    });
    // 800 dollars need the password. The delay after a wrong one is a second of the (standing) clock.
    let refused = world.sign(pay(0, ALICE, 80_000)).unwrap_err();
    assert_eq!(refused.code, RefusalCode::Password, "{refused:?}");
    world.clock.pass(5);
    world.sign(pay(0, ALICE, 80_000)).unwrap();
    world.person(|prompt| match prompt {
        Prompt::Approve(_) => Verdict::Approved { password: None },
        other => agreeable(other),
    });
    assert_eq!(world.sign(pay(1, ALICE, 80_000)).unwrap_err().code, RefusalCode::Password);
}

#[test]
fn three_rejections_pause_the_origin() {
    let world = World::new(stubborn);
    for _ in 0..3 {
        assert_eq!(world.sign(pay(0, ALICE, 5000)).unwrap_err().code, RefusalCode::Rejected);
    }
    assert_eq!(world.sign(pay(0, ALICE, 5000)).unwrap_err().code, RefusalCode::Busy);
    world.clock.pass(14 * 60);
    assert_eq!(world.sign(pay(0, ALICE, 5000)).unwrap_err().code, RefusalCode::Busy);
    world.clock.pass(61);
    world.unlock();
    assert_eq!(world.sign(pay(0, ALICE, 5000)).unwrap_err().code, RefusalCode::Rejected);
}

#[test]
fn quotes_are_cleaned_and_claims_are_named_as_such() {
    let mut world = World::new(agreeable);
    world.person(agreeable);
    let claims = Claims {
        quote: Some(format!("pay\u{202e} alice\n{}", "x".repeat(500))),
        names: [(ALICE, "аlice.eth".to_owned())].into_iter().collect(),
        host: Some("shop.example".into()),
        notes: vec!["the balance is $3".into()],
        ..Claims::default()
    };
    world.sign_with(pay(0, ALICE, 5000), claims).unwrap();
    let asked = world.asked.lock().unwrap();
    let Some(Prompt::Approve(approval)) = asked.last() else { panic!("{asked:?}") };
    let quote = approval.quote.as_deref().unwrap();
    assert!(quote.starts_with("pay alice xxx") && quote.chars().count() == 140, "{quote}");
    assert!(approval.claims.len() == 3 && approval.claims.iter().all(|c| c.starts_with("The wallet says")));
    assert!(approval.warnings.iter().any(|w| w.contains("several scripts")), "{:?}", approval.warnings);
}

#[test]
fn look_alikes_and_new_contacts_are_asked_about() {
    let world = World::new(agreeable);
    world.rules(&daily(100));
    let forged: Address = address!("0x70990000000000000000000000000000000079c8");
    let decided = world.decide(pay(0, forged, 100));
    assert_eq!(decided.outcome, Outcome::Password, "{decided:?}");
    assert!(decided.rules.iter().any(|r| r.id == "look-alikes"), "{decided:?}");
    world.sign(pay(0, forged, 100)).unwrap();
    {
        let asked = world.asked.lock().unwrap();
        let Some(Prompt::Approve(approval)) = asked.last() else { panic!("{asked:?}") };
        assert!(approval.warnings.iter().any(|w| w.contains("looks like Alice")), "{:?}", approval.warnings);
        assert!(approval.addresses.iter().any(|a| a.address == forged.to_checksum(None)));
    }
    world.done(Request::ProposeContact { name: "Zoe".into(), address: STRANGER, quote: Some("add zoe".into()) });
    assert_eq!(world.level(pay(1, STRANGER, 100)), Outcome::Click);
    world.clock.pass(86_401);
    world.unlock();
    assert_eq!(world.level(pay(1, STRANGER, 100)), Outcome::Allow);
}

#[test]
fn a_narrow_client_gets_no_further_than_its_capability() {
    let mut world = World::new(agreeable);
    world.rules(&daily(100));
    world.person(agreeable);
    let mut wanted = Capability::wallet();
    wanted.origin = "groceries".into();
    wanted.may = [Kind::Look, Kind::Decide, Kind::Sign].into();
    wanted.most = Outcome::Allow;
    wanted.usd_each = Some(parlance_policy::Usd::from_micro(2_000_000).unwrap());
    wanted.expires = Some(T0 + 1000);
    let agent = Capability::wallet().narrowed(&wanted);
    let sign = |payload| match world.ask_as(&agent, Request::Sign { payload, claims: Claims::default() }) {
        Response::Signed(_) => Ok(()),
        Response::Refused(refusal) => Err(refusal.code),
        other => panic!("{other:?}"),
    };
    assert_eq!(sign(pay(0, ALICE, 150)), Ok(()));
    assert_eq!(sign(pay(1, ALICE, 250)), Err(RefusalCode::NotAllowed));
    for request in [Request::Unlock {}, Request::ProposePack { name: "everyday".into() }, Request::Audit { from: 0, limit: 1 }] {
        assert!(matches!(world.ask_as(&agent, request), Response::Refused(r) if r.code == RefusalCode::NotAllowed));
    }
    assert!(world.asked.lock().unwrap().is_empty());
    world.clock.pass(1001);
    world.unlock();
    assert_eq!(sign(pay(1, ALICE, 150)), Err(RefusalCode::NotAllowed));
}

#[test]
fn locked_means_locked_and_idle_or_sleeping_locks() {
    let world = World::new(agreeable);
    world.done(Request::Lock {});
    assert_eq!(world.sign(pay(0, ALICE, 100)).unwrap_err().code, RefusalCode::Locked);
    assert!(world.status().locked);
    world.unlock();
    world.clock.suspend(60);
    assert_eq!(world.sign(pay(0, ALICE, 100)).unwrap_err().code, RefusalCode::Locked);
    world.unlock();
    world.clock.pass(15 * 60 + 1);
    assert_eq!(world.sign(pay(0, ALICE, 100)).unwrap_err().code, RefusalCode::Locked);
}

#[test]
fn rules_that_changed_while_somebody_was_asked_are_looked_at_again() {
    // A limit that another signature uses up while the question is open: the second answer is not enough.
    let world = std::sync::Arc::new(World::new(agreeable));
    world.rules(
        r#"@id("no-more") @says("test")
        forbid (principal, action in Action::"spend", resource) when { context.approval < 2 && context.spent.day > 100000000 };"#,
    );
    let threads: Vec<_> = (0..2)
        .map(|i| {
            let world = world.clone();
            std::thread::spawn(move || world.sign(pay(0, if i == 0 { ALICE } else { BOB }, 9000)).is_ok())
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    // Both have nonce 0: one group, 90 dollars. The next 20 need the password.
    assert_eq!(world.level(pay(1, ALICE, 2000)), Outcome::Password);
}
