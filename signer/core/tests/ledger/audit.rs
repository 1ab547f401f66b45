//! The log's chain, and what breaks it.

use std::io::Write;

use parlance_signer_protocol::{RefusalCode, Request, Response};

use super::world::*;

fn verify(world: &World) -> Result<u64, String> {
    match world.ask(Request::AuditVerify {}) {
        Response::AuditVerified { entries, head } => {
            assert_eq!(head.len(), 64);
            Ok(entries)
        }
        Response::Refused(r) => {
            assert_eq!(r.code, RefusalCode::State);
            Err(r.reason)
        }
        other => panic!("{other:?}"),
    }
}

fn lines(world: &World) -> Vec<serde_json::Value> {
    match world.ask(Request::Audit { from: 1, limit: 500 }) {
        Response::Audit { entries, .. } => entries,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_happened_stands_in_order_with_claims_named() {
    let world = World::new(agreeable);
    let claims = parlance_signer_protocol::Claims { model_hash: Some("ab12".into()), ..Default::default() };
    let signed = world.sign_with(pay(0, ALICE, 5000), claims).unwrap();
    let entries = verify(&world).unwrap();
    let lines = lines(&world);
    assert_eq!(lines.len() as u64, entries);
    let line = &lines[signed.audit as usize - 1];
    assert_eq!(line["seq"], signed.audit);
    assert_eq!(line["entry"]["event"], "signed");
    assert_eq!(line["entry"]["claims"]["model"], "ab12");
    assert_eq!(line["entry"]["digest"], serde_json::json!(signed.decision.effects.digest()));
    for secret in ["test test", "play\""] {
        assert!(!lines.iter().any(|l| l.to_string().contains(secret)), "{secret}");
    }
}

#[test]
fn a_changed_removed_or_invented_line_is_named() {
    let change = |text: &str| text.replacen("50 USDC", "10 USDC", 1);
    let remove = |text: &str| text.lines().enumerate().filter(|(i, _)| *i != 1).map(|(_, l)| format!("{l}\n")).collect();
    let cut = |text: &str| {
        let keep = text.lines().count() - 1;
        text.lines().take(keep).map(|l| format!("{l}\n")).collect()
    };
    let swap = |text: &str| {
        let mut lines: Vec<_> = text.lines().collect();
        lines.swap(0, 1);
        lines.iter().map(|l| format!("{l}\n")).collect()
    };
    let tampers: [&dyn Fn(&str) -> String; 4] = [&change, &remove, &cut, &swap];
    for (i, tamper) in tampers.iter().enumerate() {
        let mut world = World::new(agreeable);
        world.sign(pay(0, ALICE, 5000)).unwrap();
        world.restart();
        world.stop();
        let path = world.path("audit.jsonl");
        let text = std::fs::read_to_string(&path).unwrap();
        let changed = tamper(&text);
        assert_ne!(text, changed, "{i}");
        std::fs::write(&path, changed).unwrap();
        // The outbox may complete a line that was just written; the rest stays noticed.
        world.start().unwrap();
        world.unlock();
        let outcome = verify(&world);
        if i != 2 {
            assert!(outcome.is_err(), "{i}");
        }
    }
}

#[test]
fn a_half_written_line_is_cut_off_and_noted() {
    let mut world = World::new(agreeable);
    world.sign(pay(0, ALICE, 5000)).unwrap();
    let before = verify(&world).unwrap();
    world.stop();
    let mut file = std::fs::OpenOptions::new().append(true).open(world.path("audit.jsonl")).unwrap();
    file.write_all(br#"{"seq":99,"at":1,"pr"#).unwrap();
    drop(file);
    world.start().unwrap();
    world.unlock();
    assert!(verify(&world).unwrap() > before);
    assert!(lines(&world).iter().any(|l| l["entry"]["event"] == "audit_recovered"));
}

#[test]
fn a_line_that_only_the_journal_has_reaches_the_file() {
    let mut world = World::new(agreeable);
    world.sign(pay(0, ALICE, 5000)).unwrap();
    let before = lines(&world);
    world.stop();
    // As after a kill between the journal's commit and the file.
    let text = std::fs::read_to_string(world.path("audit.jsonl")).unwrap();
    let last = text.lines().last().unwrap();
    std::fs::write(world.path("audit.jsonl"), &text[..text.len() - last.len() - 1]).unwrap();
    world.start().unwrap();
    world.unlock();
    verify(&world).unwrap();
    assert_eq!(lines(&world)[..before.len()], before[..]);
}

#[test]
fn a_flood_of_refusals_fills_no_disk() {
    let world = World::new(agreeable);
    let before = lines(&world).len();
    let mut busy = 0;
    for _ in 0..200 {
        let refused = world.sign(tx_on(1, 0, ALICE, alloy_primitives::U256::from(1), Default::default(), 5)).unwrap_err();
        busy += u32::from(refused.code == RefusalCode::Busy);
    }
    assert!(busy >= 140, "{busy}");
    assert!(lines(&world).len() <= before + 60);
}
