//! Old and edited state is noticed and never means "nothing spent".

use std::path::Path;

use parlance_signer_protocol::{Outcome, RefusalCode, Request};

use super::world::*;

fn copy(world: &World, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(world.path("")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn put_back(world: &World, from: &Path, names: &[&str]) {
    for name in names {
        let (from, to) = (from.join(name), world.path(name));
        if from.exists() {
            std::fs::copy(from, to).unwrap();
        } else if to.exists() {
            std::fs::remove_file(to).unwrap();
        }
    }
}

const DATABASE: [&str; 3] = ["ledger.db", "ledger.db-wal", "ledger.db-shm"];

/// Limited to 20 dollars a day, 15 spent; a copy from before is at `old`.
fn spent() -> (World, std::path::PathBuf) {
    let mut world = World::new(agreeable);
    world.rules(&daily(20));
    world.restart();
    world.stop();
    let old = world.dir.path().join("old");
    copy(&world, &old);
    world.start().unwrap();
    world.unlock();
    world.sign(pay(0, ALICE, 1500)).unwrap();
    assert_eq!(world.level(pay(1, ALICE, 1000)), Outcome::Click);
    world.stop();
    (world, old)
}

fn everything_takes_the_password_until_acknowledged(world: &mut World) {
    world.start().unwrap();
    world.unlock();
    assert!(world.status().rollback.is_some());
    let decided = world.decide(pay(0, ALICE, 1));
    assert_eq!(decided.outcome, Outcome::Password);
    assert!(decided.why.iter().any(|w| w.contains("ledger")), "{decided:?}");
    // It is remembered, whatever is restarted.
    world.restart();
    assert_eq!(world.level(pay(0, ALICE, 1)), Outcome::Password);
    world.done(Request::AcknowledgeRollback {});
    assert_eq!(world.status().rollback, None);
    world.restart();
    assert_eq!(world.status().rollback, None);
    // The rules decide again. (Where the book is gone, so are its prices, and the rules may well ask for the password.)
    let decided = world.decide(pay(0, ALICE, 1));
    assert!(!decided.why.iter().any(|w| w.contains("ledger")), "{decided:?}");
}

#[test]
fn an_old_database_is_noticed_by_the_seal_beside_it() {
    let (mut world, old) = spent();
    *world.keyring.lock().unwrap() = 0;
    put_back(&world, &old, &DATABASE);
    everything_takes_the_password_until_acknowledged(&mut world);
}

#[test]
fn an_old_folder_is_noticed_by_the_keyring() {
    let (mut world, old) = spent();
    put_back(&world, &old, &DATABASE);
    put_back(&world, &old, &["ledger.seal", "audit.jsonl"]);
    everything_takes_the_password_until_acknowledged(&mut world);
}

#[test]
fn a_missing_database_is_no_fresh_start() {
    let (mut world, _) = spent();
    for name in DATABASE {
        if world.path(name).exists() {
            std::fs::remove_file(world.path(name)).unwrap();
        }
    }
    std::fs::remove_file(world.path("ledger.seal")).unwrap();
    *world.keyring.lock().unwrap() = 0;
    everything_takes_the_password_until_acknowledged(&mut world);
}

#[test]
fn a_database_that_is_none_is_put_aside_and_no_fresh_start() {
    let (mut world, _) = spent();
    std::fs::write(world.path("ledger.db"), b"this is no database, whatever its name says, and is long enough").unwrap();
    for name in ["ledger.db-wal", "ledger.db-shm"] {
        if world.path(name).exists() {
            std::fs::remove_file(world.path(name)).unwrap();
        }
    }
    everything_takes_the_password_until_acknowledged(&mut world);
}

#[test]
fn an_edited_row_is_noticed() {
    for edit in [
        "UPDATE journal SET body = CAST(replace(CAST(body AS TEXT), '15000000', '00000000') AS BLOB) WHERE seq = (SELECT max(seq) FROM journal)",
        "DELETE FROM journal WHERE seq = (SELECT max(seq) - 1 FROM journal)",
        "UPDATE journal SET mac = zeroblob(32) WHERE seq = 2",
        "UPDATE journal SET body = x'7b' WHERE seq = 2",
        "INSERT INTO journal SELECT seq + 100, body, mac FROM journal WHERE seq = 2",
        "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)",
    ] {
        let (mut world, _) = spent();
        let db = rusqlite::Connection::open(world.path("ledger.db")).unwrap();
        assert_eq!(db.execute(edit, []).unwrap(), 1, "{edit}");
        drop(db);
        everything_takes_the_password_until_acknowledged(&mut world);
    }
}

#[test]
fn a_newer_database_is_refused() {
    let (mut world, _) = spent();
    let db = rusqlite::Connection::open(world.path("ledger.db")).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let error = world.start().unwrap_err();
    assert!(error.to_string().contains("99"), "{error}");
}

#[test]
fn what_is_given_back_takes_the_password() {
    let (mut world, _) = spent();
    world.start().unwrap();
    world.unlock();
    let signed = world.sign(pay(1, ALICE, 300)).unwrap();
    assert_eq!(world.level(pay(2, ALICE, 300)), Outcome::Click);
    let digest = signed.decision.effects.digest();
    world.person(|prompt| match prompt {
        parlance_signer_protocol::approver::Prompt::Change { level, .. } => {
            assert_eq!(*level, Outcome::Password);
            agreeable(prompt)
        }
        other => agreeable(other),
    });
    world.done(Request::ProposeRelease { digest });
    assert_eq!(world.level(pay(2, ALICE, 300)), Outcome::Allow);
    let again = world.ask(Request::ProposeRelease { digest });
    assert!(matches!(again, parlance_signer_protocol::Response::Refused(r) if r.code == RefusalCode::Rejected));
}
