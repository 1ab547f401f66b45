//! kill -9 while the signer signs: limits hold, and what left the process was counted before.

use std::time::Duration;

use parlance_signer_protocol::{Client, Request, Response};
use parlance_tests::{
    signer::{Person, Signer, init, is_signed},
    tx::{STRANGER, usdc},
};

/// 50 here, 2,000 with `PARLANCE_SOAK=1`.
fn kills() -> u64 {
    if std::env::var_os("PARLANCE_SOAK").is_some() { 2_000 } else { 50 }
}

#[test]
fn what_left_the_signer_was_counted_before() {
    let mut total_kills = 0;
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    // A vault carries at most $500 of clicks a day: a new one for every ten kills.
    while total_kills < kills() {
        let dir = tempfile::tempdir().expect("tempdir");
        let data = dir.path().join("signer");
        init(&data);
        let mut got_cents = 0u64;
        let mut nonce = 0u64;
        for _ in 0..10 {
            let mut signer = Signer::start(&data, 1, Person::Clicks);
            let used = used_by_clicks(&mut signer);
            assert!(used >= got_cents * 10_000, "the ledger says {used} micro-dollars, {got_cents} cents were signed");
            let mut client: Client = signer.take_clients().remove(0);
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let wait = Duration::from_micros(seed % 25_000);
            let killer = std::thread::spawn(move || {
                std::thread::sleep(wait);
                signer.kill();
            });
            // Sign until the process is gone. A nonce whose answer was lost is used again: the signer sees a replacement.
            while let Ok(response) = client.call(Request::Sign { payload: usdc(nonce, STRANGER, 100), claims: Default::default() }, 10_000)
            {
                if !is_signed(&response) {
                    break;
                }
                got_cents += 100;
                nonce += 1;
            }
            killer.join().expect("no panic");
            total_kills += 1;
        }
        let mut signer = Signer::start(&data, 1, Person::Clicks);
        let used = used_by_clicks(&mut signer);
        assert!(used >= got_cents * 10_000, "the ledger says {used} micro-dollars, {got_cents} cents were signed");
        assert!(got_cents <= 50_000, "{got_cents} cents passed by clicks");
        assert!(matches!(signer.ask(Request::AuditVerify {}), Response::AuditVerified { .. }), "the audit log's chain holds after kills");
    }
}

/// What the gauge with the largest use says: every signature here counts in it.
fn used_by_clicks(signer: &mut Signer) -> u64 {
    signer.status().limits.iter().map(|l| l.used).max().unwrap_or(0)
}
