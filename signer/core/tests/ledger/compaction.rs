//! A long journal becomes short, and nothing that a rule can see is lost.

use alloy_primitives::{Bytes, U256};
use parlance_signer_core::ledger::{DAY, MONTH};
use parlance_signer_protocol::{Outcome, RefusalCode, Request, Response};

use super::world::*;

fn database(world: &World) -> rusqlite::Connection {
    rusqlite::Connection::open(world.path("ledger.db")).unwrap()
}

fn rows(world: &World) -> u64 {
    database(world).query_row("SELECT count(*) FROM journal", [], |r| r.get::<_, i64>(0)).unwrap().unsigned_abs()
}

fn has_snapshot(world: &World) -> bool {
    database(world).query_row("SELECT count(*) FROM snapshot", [], |r| r.get::<_, i64>(0)).unwrap() == 1
}

fn events(world: &World) -> Vec<String> {
    match world.ask(Request::Audit { from: 1, limit: 500 }) {
        Response::Audit { entries, .. } => entries.iter().map(|e| e["entry"]["event"].as_str().unwrap().to_owned()).collect(),
        other => panic!("{other:?}"),
    }
}

/// Twenty dollars a day; eleven spent long ago, nine today, and so many rows that the next unlocking makes them one.
fn long() -> World {
    let mut world = World::new(agreeable);
    world.rules(&daily(20));
    world.person(stubborn);
    for nonce in 0..11 {
        world.sign(pay(nonce, ALICE, 100)).unwrap();
    }
    world.clock.pass(4 * MONTH);
    world.unlock();
    for nonce in 11..20 {
        world.sign(pay(nonce, BOB, 100)).unwrap();
    }
    many_rows(&world);
    world.stop();
    assert!(rows(&world) > 60 && !has_snapshot(&world));
    world
}

/// Many signatures that cost nothing but a fee: the same nonce to oneself.
fn many_rows(world: &World) {
    for _ in 0..80 {
        world.sign(tx(20, DEMO, U256::ZERO, Bytes::new())).unwrap();
    }
}

fn looks_as_before(world: &World) {
    assert_eq!(world.status().rollback, None);
    assert_eq!(world.level(pay(21, ALICE, 1000)), Outcome::Allow);
    assert_eq!(world.level(pay(21, ALICE, 1200)), Outcome::Click, "nine of twenty dollars were spent today");
    let Response::Contacts { contacts } = world.ask(Request::Contacts {}) else { panic!() };
    let paid = |name: &str| contacts.iter().find(|c| c.name == name).unwrap().paid;
    assert_eq!((paid("Alice"), paid("Bob")), (11, 9), "how often somebody was paid is never forgotten");
    let Response::Rules(rules) = world.ask(Request::Rules {}) else { panic!() };
    assert_eq!((rules.version, rules.own_source.contains("test-daily")), (2, true));
    assert!(matches!(world.ask(Request::AuditVerify {}), Response::AuditVerified { .. }));
    // A replacement of today counts the maximum of both, as ever.
    assert_eq!(world.level(pay(19, ALICE, 1100)), Outcome::Allow);
    // One of long ago is over: its nonce is used up.
    let refused = world.sign(pay(3, ALICE, 100)).unwrap_err();
    assert_eq!(refused.code, RefusalCode::Outstanding, "{refused:?}");
    assert_eq!(world.sign(pay(23, ALICE, 100)).unwrap_err().code, RefusalCode::Outstanding, "a gap");
}

#[test]
fn a_long_journal_becomes_short_and_says_the_same() {
    let mut world = long();
    world.start().unwrap();
    world.unlock();
    assert!(events(&world).contains(&"compacted".to_owned()));
    looks_as_before(&world);
    world.stop();
    assert!(has_snapshot(&world));
    let after = rows(&world);
    assert!(after < 10, "{after} rows");
    // From the snapshot.
    world.restart();
    looks_as_before(&world);
    world.sign(pay(21, ALICE, 1000)).unwrap();
    world.restart();
    assert_eq!(world.level(pay(22, ALICE, 150)), Outcome::Click);
    world.clock.pass(DAY);
    world.unlock();
    assert_eq!(world.level(pay(22, ALICE, 1500)), Outcome::Allow);
}

#[test]
fn it_happens_again_when_it_is_long_again() {
    let mut world = long();
    for _ in 0..3 {
        world.start().unwrap();
        world.unlock();
        many_rows(&world);
        many_rows(&world);
        world.stop();
    }
    world.start().unwrap();
    world.unlock();
    assert!(events(&world).iter().filter(|e| *e == "compacted").count() >= 2);
    looks_as_before(&world);
}

#[test]
fn an_edited_missing_or_older_snapshot_is_noticed() {
    for edit in [
        "UPDATE snapshot SET body = CAST(replace(CAST(body AS TEXT), '1000000', '0000000') AS BLOB)",
        "UPDATE snapshot SET body = x'7b'",
        "UPDATE snapshot SET seq = seq + 1",
        "UPDATE snapshot SET chain = zeroblob(32)",
        "UPDATE snapshot SET mac = zeroblob(32)",
        "DELETE FROM snapshot",
        "DELETE FROM journal WHERE seq = (SELECT min(seq) FROM journal)",
        "UPDATE journal SET mac = zeroblob(32) WHERE seq = (SELECT min(seq) FROM journal)",
    ] {
        let mut world = long();
        world.start().unwrap();
        world.unlock();
        world.restart();
        world.stop();
        assert!(has_snapshot(&world) && rows(&world) > 1);
        assert_eq!(database(&world).execute(edit, []).unwrap(), 1, "{edit}");
        world.start().unwrap();
        world.unlock();
        assert!(world.status().rollback.is_some(), "{edit}");
        assert_eq!(world.level(pay(21, ALICE, 1)), Outcome::Password, "{edit}");
    }
}

#[test]
fn a_journal_that_was_rolled_back_is_not_made_short() {
    let mut world = long();
    let old = std::fs::read(world.path("ledger.db")).unwrap();
    world.start().unwrap();
    world.unlock();
    world.stop();
    for name in ["ledger.db-wal", "ledger.db-shm"] {
        drop(std::fs::remove_file(world.path(name)));
    }
    std::fs::write(world.path("ledger.db"), old).unwrap();
    world.start().unwrap();
    world.unlock();
    assert!(world.status().rollback.is_some(), "the snapshot's row was sealed");
    assert!(!events(&world).iter().skip_while(|e| *e != "rollback").any(|e| e == "compacted"));
    world.stop();
    assert!(!has_snapshot(&world), "what somebody may want to look into stays");
}
