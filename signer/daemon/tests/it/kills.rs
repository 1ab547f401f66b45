//! kill -9 at every durable step: limits hold, and whatever left the process stands in the ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;

use alloy_primitives::B256;
use parlance_signer_core::clock::SystemClock;
use parlance_signer_core::service::{Custody, Opening};
use parlance_signer_core::vault::DataFolder;
use parlance_signer_protocol::{ProtocolError, RefusalCode, Request, Response};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::process::*;

/// In the order in which a signature passes them; then those of making a long journal short.
const STEPS: [&str; 10] = [
    "before-journal",
    "after-journal",
    "after-seal",
    "after-keyring",
    "after-audit",
    "after-signature",
    "after-approval",
    "before-compaction",
    "in-compaction",
    "after-compaction",
];
const LIMIT_DOLLARS: u64 = 5;
/// Kills after which a fresh wallet is taken: by then its limit is used up.
const ROUND: u32 = 25;

/// What was seen to leave the signer.
#[derive(Default)]
struct Seen {
    /// Highest amount for each nonce, in cents.
    cents: BTreeMap<u64, u64>,
    /// The same for draws.
    drawn: BTreeMap<u64, u64>,
    digests: BTreeSet<B256>,
    next: u64,
}

#[test]
fn no_kill_exceeds_a_limit() {
    let kills: u32 = if std::env::var_os("PARLANCE_SOAK").is_some() { 2000 } else { 50 };
    let seed = rand::random::<u64>();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut by_step = BTreeMap::<&str, u32>::new();
    let mut done = 0;
    while done < kills {
        let home = Home::new();
        let mut signer = home.start(1, None, true);
        signer.done(Request::Unlock {});
        signer.done(daily(LIMIT_DOLLARS, 25));
        drop(signer);
        let mut seen = Seen::default();
        for _ in 0..ROUND.min(kills - done) {
            let step = STEPS.choose(&mut random).unwrap();
            // The first pass of a durable step is the unlocking itself.
            let pass = random.random_range(1..6);
            let failpoint = format!("{step}:{pass}");
            if one_life(&home, &failpoint, &mut seen, &mut random) {
                done += 1;
                *by_step.entry(step).or_default() += 1;
            } else {
                // It was never reached, as when nothing had to be approved: a plain kill then.
                done += 1;
                *by_step.entry("idle").or_default() += 1;
            }
        }
        whatever_left_stands_in_the_ledger(&home, &seen);
    }
    println!("{by_step:?}");
    assert!(by_step.len() > 4, "{by_step:?}");
}

/// Start, sign until the process is dead or enough was asked. True where the failpoint killed it.
fn one_life(home: &Home, failpoint: &str, seen: &mut Seen, random: &mut StdRng) -> bool {
    let mut signer = home.start(1, Some(failpoint), true);
    let mut alive = || -> Result<(), ProtocolError> {
        signer.clients[0].call(Request::Unlock {}, 60_000)?;
        match signer.clients[0].call(Request::Status {}, 60_000)? {
            Response::Status(status) => {
                assert_eq!(status.rollback, None, "an honest kill is no rollback")
            }
            other => panic!("{other:?}"),
        }
        for _ in 0..8 {
            let replace = seen.next > 0 && random.random_bool(0.3);
            let nonce = if replace { random.random_range(0..seen.next) } else { seen.next };
            let cents = random.random_range(1..40);
            let draws = random.random_bool(0.4);
            let request = if draws { draw(nonce, cents) } else { pay(nonce, ALICE, cents) };
            match signer.clients[0].call(request, 60_000)? {
                Response::Signed(signed) => {
                    let most = if draws { seen.drawn.entry(nonce) } else { seen.cents.entry(nonce) }.or_default();
                    *most = cents.max(*most);
                    seen.digests.insert(signed.decision.effects.digest());
                    seen.next = seen.next.max(nonce + 1);
                }
                Response::Refused(refusal) => match refusal.code {
                    // The signature of this nonce was made and lost on the way: go on after it.
                    RefusalCode::Outstanding => seen.next = next_of(&refusal.reason),
                    RefusalCode::Rules => {}
                    _ => panic!("{refusal:?}"),
                },
                other => panic!("{other:?}"),
            }
            let total: u64 = seen.cents.values().sum();
            assert!(total <= LIMIT_DOLLARS * 100, "{total} cents left the signer");
            let total: u64 = seen.drawn.values().sum();
            assert!(total <= LIMIT_DOLLARS * 100, "{total} cents were borrowed");
        }
        Ok(())
    };
    if alive().is_ok() {
        // Still there: a kill at no particular place.
        return false;
    }
    let status = signer.wait();
    assert_eq!(status.signal(), Some(9), "{failpoint}: {status:?}");
    true
}

fn next_of(reason: &str) -> u64 {
    let number = reason.rsplit(' ').next().unwrap_or_default();
    number.parse().unwrap_or_else(|_| panic!("no nonce in: {reason}"))
}

fn whatever_left_stands_in_the_ledger(home: &Home, seen: &Seen) {
    let custody = Custody::open(Opening {
        folder: Arc::new(DataFolder::open(home.data()).unwrap()),
        clock: Arc::new(SystemClock::new()),
        keyring: None,
        generation: 0,
        sink: None,
        sandbox: Vec::new(),
        utc_offset: 0,
    })
    .unwrap();
    let ledger = &custody.book().ledger;
    for digest in &seen.digests {
        assert!(ledger.find(*digest).next().is_some(), "{digest} left the signer and is not in its ledger");
    }
    drop(custody);
    let mut signer = home.start(1, None, true);
    signer.done(Request::Unlock {});
    let drawn: u64 = seen.drawn.values().sum();
    let counted = signer.status().limits.iter().find(|limit| limit.label == "borrowed, a day").map_or(0, |limit| limit.used);
    assert!(counted >= drawn * 10_000, "{drawn} cents were borrowed and {counted} micro-dollars counted");
    match signer.ask(Request::AuditVerify {}).unwrap() {
        Response::AuditVerified { entries, .. } => assert!(entries > 0),
        other => panic!("{other:?}"),
    }
}
