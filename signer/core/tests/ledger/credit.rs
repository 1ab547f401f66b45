//! Borrowing: what is asked, what is counted, and a wallet process that was taken over.

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_primitives::{Address, U256, address};
use parlance_signer_core::origins::{Capability, Kind};
use parlance_signer_protocol::approver::{Prompt, Verdict};
use parlance_signer_protocol::{Claims, Outcome, Payload, RefusalCode, Request, Response};

use super::world::*;

/// Lends nothing: the registry does not know it.
const FALSE_POOL: Address = address!("0x39dD11C243Ac4Ac250980FA3AEa016f73C509f38");

/// Clicks on everything, and has no password: what malware at the screen can do.
fn clicks(prompt: &Prompt) -> Verdict {
    match prompt {
        Prompt::Approve(approval) if approval.level >= Outcome::Password => Verdict::Unavailable { reason: "no password".into() },
        other => agreeable(other),
    }
}

/// The same transaction to another contract.
fn elsewhere(payload: &Payload, to: Address) -> Payload {
    let Payload::Transaction { account, unsigned } = payload else { panic!("a transaction") };
    let at = unsigned.windows(20).position(|window| window == POOL.as_slice()).expect("the pool");
    let mut bytes = unsigned.to_vec();
    bytes[at..at + 20].copy_from_slice(to.as_slice());
    Payload::Transaction { account: *account, unsigned: bytes.into() }
}

fn gauge(world: &World) -> u64 {
    world.status().limits.iter().find(|limit| limit.label == "borrowed, a day").expect("a gauge").used
}

#[test]
fn each_step_of_credit_is_asked_for_as_the_default_rules_say() {
    let world = World::new(agreeable);
    for (payload, level, begins) in [
        (apply(POOL, DEMO, 2_000), Outcome::Password, "Apply for a credit line of up to 2000 USDC at Maple's pool (0x39dD"),
        (open(0, DEMO, 2_000), Outcome::Password, "Open a credit line of up to 2000 USDC at Maple's pool (0x39dD"),
        (draw(0, 1, DEMO, 50_000), Outcome::Click, "Borrow 500 USDC from Maple's pool (0x39dD"),
        (draw(0, 1, DEMO, 50_001), Outcome::Password, "Borrow 500.01 USDC from"),
        (draw(0, 1, ALICE, 100), Outcome::Password, "Borrow 1 USDC from"),
        (repay(0, 1, 20_000), Outcome::Click, "Pay back up to 200 USDC to Maple's pool (0x39dD"),
    ] {
        let decided = world.decide(payload);
        assert_eq!(decided.outcome, level, "{begins}: {decided:?}");
        assert!(decided.sentences[0].starts_with(begins), "{:?}", decided.sentences);
    }
}

#[test]
fn what_is_approved_names_pool_terms_and_what_could_go_wrong() {
    let world = World::new(agreeable);
    let last = || match world.asked.lock().unwrap().last().cloned() {
        Some(Prompt::Approve(approval)) => approval,
        other => panic!("{other:?}"),
    };
    let signed = world.sign(apply(POOL, DEMO, 2_000)).unwrap();
    assert_eq!(signed.bytes.len(), 65);
    let asked = last();
    assert!(asked.addresses.iter().any(|line| line.role == "pool" && line.known_as == "Maple's pool"), "{:?}", asked.addresses);
    let terms = asked.decision.effects.credit_terms().swap_remove(0);
    assert!(terms.rows.contains(&("Interest", "12 % a year".to_owned())) && terms.quote.as_deref() == Some("Pay back in time."));

    // Nobody has drawn on this line here, so it may be anybody's.
    world.sign(repay(0, 7, 100)).unwrap();
    assert!(last().warnings.iter().any(|w| w.contains("not drawn on credit line 7")), "{:?}", last().warnings);
    world.sign(draw(1, 7, DEMO, 100)).unwrap();
    world.sign(repay(2, 7, 100)).unwrap();
    assert!(!last().warnings.iter().any(|w| w.contains("not drawn")), "{:?}", last().warnings);
    world.sign(draw(3, 7, STRANGER, 100)).unwrap();
    let warnings = last().warnings;
    assert!(warnings.iter().any(|w| w.contains("gets the money, and you owe it")), "{warnings:?}");
    assert!(warnings.iter().any(|w| w.contains("never paid")), "{warnings:?}");
}

#[test]
fn draws_count_by_themselves_and_survive_a_restart() {
    let mut world = World::new(agreeable);
    world.rules(&borrowing(20, 100));
    world.person(stubborn);
    world.sign(draw(0, 1, DEMO, 1_500)).unwrap();
    assert_eq!(gauge(&world), 15_000_000);
    world.restart();
    assert_eq!(gauge(&world), 15_000_000);
    assert_eq!(world.level(draw(1, 1, DEMO, 500)), Outcome::Allow);
    assert_ne!(world.level(draw(1, 1, DEMO, 501)), Outcome::Allow);
    // What comes in is not spent: a draw uses up nothing of what may be sent.
    let spent = |world: &World| world.status().limits.iter().find(|limit| limit.label == "in all, a day").unwrap().used;
    assert!(spent(&world) < 10_000, "fees only");
    world.clock.pass(86_400);
    world.unlock();
    assert_eq!(gauge(&world), 0);
    assert_eq!(world.level(draw(1, 1, DEMO, 2_000)), Outcome::Allow);
}

#[test]
fn a_replaced_draw_counts_the_maximum_of_both() {
    let mut world = World::new(agreeable);
    world.rules(&borrowing(20, 20));
    world.person(stubborn);
    world.sign(draw(0, 1, DEMO, 1_500)).unwrap();
    let again = draw(0, 1, DEMO, 1_600);
    let first = world.sign(again.clone()).unwrap();
    // The same bytes again are the same signature, and count once.
    assert_eq!(world.sign(again).unwrap().bytes, first.bytes);
    // Replaced by something harmless, which may not land.
    world.sign(tx(0, DEMO, U256::ZERO, Default::default())).unwrap();
    assert_eq!(gauge(&world), 16_000_000);
    assert_eq!(world.level(draw(1, 1, DEMO, 400)), Outcome::Allow);
    assert_ne!(world.level(draw(1, 1, DEMO, 401)), Outcome::Allow);
    assert_eq!(world.level(draw(0, 1, DEMO, 2_000)), Outcome::Allow, "the difference only");
    assert_ne!(world.level(draw(0, 1, DEMO, 2_001)), Outcome::Allow);
}

/// What is owed is what was signed: draws less payments on the same line, whatever was replaced or given back.
#[test]
fn what_is_owed_follows_from_what_was_signed() {
    let mut world = World::new(agreeable);
    world.rules(&borrowing(1_000_000, 100));
    world.person(agreeable);
    let most = |world: &World, nonce: u64| {
        // The largest draw that is not refused, in dollars.
        (0..=100).rev().find(|dollars| *dollars == 0 || world.level(draw(nonce, 1, DEMO, dollars * 100)) != Outcome::Refused)
    };
    world.sign(draw(0, 1, DEMO, 6_000)).unwrap();
    assert_eq!(most(&world, 1), Some(40));
    // Paying on another line, or more than is owed, gives no room.
    world.sign(repay(1, 2, 5_000)).unwrap();
    assert_eq!(most(&world, 2), Some(40));
    world.sign(repay(2, 1, 6_500)).unwrap();
    assert_eq!(most(&world, 3), Some(100));
    world.sign(draw(3, 1, DEMO, 7_000)).unwrap();
    assert_eq!(most(&world, 4), Some(30));
    // A payment that may be replaced by nothing is none.
    world.sign(tx(2, DEMO, U256::ZERO, Default::default())).unwrap();
    assert_eq!(most(&world, 4), Some(0), "sixty and seventy dollars are owed now");
    let digest = match world.sign(draw(4, 3, DEMO, 1)) {
        Err(refused) => {
            assert_eq!(refused.code, RefusalCode::Rules, "{refused:?}");
            world.decide(draw(3, 1, DEMO, 7_000)).effects.digest()
        }
        Ok(signed) => panic!("{signed:?}"),
    };
    // It failed on the chain, and the owner says so.
    world.done(Request::ProposeRelease { digest });
    assert_eq!(most(&world, 4), Some(40));
    world.restart();
    assert_eq!(most(&world, 4), Some(40));
}

#[test]
fn a_payment_within_an_approval_counts_once() {
    let mut world = World::new(agreeable);
    world.rules(&daily(100));
    world.person(stubborn);
    world.sign(approve(0, POOL, cents(6_000))).unwrap();
    // Sixty of a hundred dollars are taken by the approval, from which the pool takes its payment.
    world.sign(repay(1, 1, 5_000)).unwrap();
    assert_eq!(world.level(pay(2, ALICE, 3_900)), Outcome::Allow);
    assert_ne!(world.level(pay(2, ALICE, 4_100)), Outcome::Allow);
    // Ten are left of the approval.
    assert_eq!(world.level(repay(2, 1, 4_900)), Outcome::Allow);
    assert_ne!(world.level(repay(2, 1, 5_100)), Outcome::Allow);
}

/// What a client may cost bounds what it may borrow.
#[test]
fn a_narrow_client_borrows_no_more_than_its_capability_says() {
    let mut world = World::new(agreeable);
    world.rules(&borrowing(20, 20));
    world.person(stubborn);
    let mut wanted = Capability::wallet();
    wanted.may = [Kind::Look, Kind::Decide, Kind::Sign].into();
    wanted.usd_each = Some(parlance_policy::Usd::from_micro(2_000_000).unwrap());
    let agent = Capability::wallet().narrowed(&wanted);
    let sign = |payload| match world.ask_as(&agent, Request::Sign { payload, claims: Claims::default() }) {
        Response::Signed(_) => Ok(()),
        Response::Refused(refusal) => Err(refusal.code),
        other => panic!("{other:?}"),
    };
    assert_eq!(sign(draw(0, 1, DEMO, 150)), Ok(()));
    assert_eq!(sign(draw(1, 1, DEMO, 250)), Err(RefusalCode::NotAllowed));
}

/// Everything that a hostile wallet process can think of, from sixteen threads, with a program that clicks for it.
#[test]
fn a_wallet_that_was_taken_over_borrows_no_more_than_clicks_allow() {
    let mut world = World::new(agreeable);
    world.person(clicks);
    let world = Arc::new(world);
    let threads: Vec<_> = (0..16u64)
        .map(|thread| {
            let world = world.clone();
            std::thread::spawn(move || {
                let mut drawn = Vec::new();
                for nonce in 0..12u64 {
                    for payload in hostile(nonce, thread) {
                        let refused = world.sign(payload.clone());
                        assert!(refused.is_err(), "{payload:?}");
                    }
                    let cents = 6_000 + 100 * thread;
                    let payload = draw(nonce, 1, DEMO, cents);
                    // Asked for twice: the second time is a replay.
                    for _ in 0..2 {
                        match world.sign(payload.clone()) {
                            Ok(_) => drawn.push((nonce, cents)),
                            Err(r) => assert!(
                                matches!(
                                    r.code,
                                    RefusalCode::NoApprover | RefusalCode::Busy | RefusalCode::Outstanding | RefusalCode::Expired
                                ),
                                "{r:?}"
                            ),
                        }
                    }
                }
                drawn
            })
        })
        .collect();
    let mut most = BTreeMap::new();
    for (nonce, cents) in threads.into_iter().flat_map(|t| t.join().unwrap()) {
        let entry = most.entry(nonce).or_insert(0);
        *entry = cents.max(*entry);
    }
    let cents: u64 = most.values().sum();
    assert!(cents > 25_000, "clicks let something pass: {most:?}");
    assert!(cents <= 50_000, "{most:?}");
    assert!(gauge(&world) >= cents * 10_000 && gauge(&world) <= 500_000_000);
}

/// What clicks must not sign, whoever asks.
fn hostile(nonce: u64, thread: u64) -> Vec<Payload> {
    let small = draw(nonce, 1, DEMO, 1);
    vec![
        draw(nonce, 1, STRANGER, 100),
        draw(nonce, 1, ALICE, 100),
        draw(nonce, 1, POOL, 100),
        draw(nonce, 1 + thread, Address::ZERO, 1),
        draw(nonce, 1, DEMO, 60_000),
        draw(nonce, 1, DEMO, u64::MAX),
        elsewhere(&small, FALSE_POOL),
        elsewhere(&small, USDC),
        open(nonce, DEMO, 1),
        open(nonce, DEMO, 1_000_000_000_000),
        open(nonce, STRANGER, 1_000),
        apply(POOL, DEMO, 1),
        apply(POOL, DEMO, 1_000_000_000_000),
        apply(POOL, STRANGER, 1_000),
        apply(FALSE_POOL, DEMO, 1_000),
        repay(nonce, 1, 60_000),
        tx_on(1, nonce, POOL, U256::ZERO, Default::default(), 5),
    ]
}

/// Not even with the password: what can't be counted, and what is for another chain.
#[test]
fn the_password_does_not_sign_what_can_not_be_counted() {
    let world = World::new(agreeable);
    for payload in [
        draw(0, 1, DEMO, u64::MAX),
        open(0, DEMO, u64::MAX / 100),
        apply(POOL, DEMO, u64::MAX / 100),
        tx_on(1, 0, POOL, U256::ZERO, Default::default(), 5),
        // Above what a day's password lets be borrowed: a hardware key, and there is none.
        draw(0, 1, DEMO, 1_000_001),
    ] {
        let refused = world.sign(payload.clone()).unwrap_err();
        assert!(matches!(refused.code, RefusalCode::Rules | RefusalCode::Payload), "{payload:?}: {refused:?}");
    }
    assert_eq!(gauge(&world), 0);
}

/// Sixteen threads without anybody to ask: the owner's rules let twenty dollars a day be drawn, and fifteen be owed.
#[test]
fn races_at_level_0_stay_within_the_owners_rule() {
    let mut world = World::new(agreeable);
    world.rules(&borrowing(20, 15));
    world.person(stubborn);
    let world = Arc::new(world);
    let threads: Vec<_> = (0..16u64)
        .map(|thread| {
            let world = world.clone();
            std::thread::spawn(move || {
                let signed = |nonce: &u64| world.sign(draw(*nonce, 1, DEMO, 100 + 10 * thread)).is_ok();
                (0..20).filter(signed).map(|nonce| (nonce, 100 + 10 * thread)).collect::<Vec<_>>()
            })
        })
        .collect();
    let mut most = BTreeMap::new();
    for (nonce, cents) in threads.into_iter().flat_map(|t| t.join().unwrap()) {
        let entry = most.entry(nonce).or_insert(0);
        *entry = cents.max(*entry);
    }
    let cents: u64 = most.values().sum();
    assert!(cents > 500 && cents <= 1_500, "{most:?}");
    assert_eq!(gauge(&world), cents * 10_000, "each nonce counts its greatest draw, and nothing else counts");
}
